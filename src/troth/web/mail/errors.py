"""Why a mail did not leave, in words without addresses."""

from __future__ import annotations

from typing import Literal

from troth.core.errors import TrothError

Cause = Literal[
    "not_set_up", "unreachable", "encryption", "login", "sender", "recipient", "content", "later", "timeout",
    "broken_off",
]  # fmt: skip

_SAID: dict[Cause, tuple[str, str]] = {
    "not_set_up": ("no mail server is set up", "write `mail:` in the policy, or set TROTH_MAIL_URL"),
    "unreachable": ("the mail server cannot be reached", "check name and port in the address of the mail server"),
    "encryption": (
        "the mail server does not offer encryption that can be trusted",
        "check its certificate, or name the authority that signed it with ?ca=FILE",
    ),
    "login": ("the mail server refused our login", "check user and password in the address of the mail server"),
    "sender": ("the mail server refused our sender", "check `mail.sender` in the policy, and what this user may send"),
    "recipient": ("the mail server refused the recipient", "check the recipient's address"),
    "content": ("the mail server refused the message", "ask who runs the mail server why; the number says more"),
    "later": ("the mail server asks to come back later", "try again in a few minutes"),
    "timeout": ("the mail server did not answer in time", "try again; a longer time can be set with ?timeout=SECONDS"),
    "broken_off": ("the mail server broke the connection off", "try again in a few minutes"),
}


class MailRefused(TrothError):
    """A mail did not leave, or nobody can tell whether it did. The message holds no address and nothing of the mail.

    ``cause`` says why in a word that does not change; ``code`` is the server's three-digit answer (RFC 5321,
    section 4.2) or 0. ``uncertain``: the whole mail had been handed over and no answer came, so it may have left.
    """

    def __init__(self, cause: Cause, *, code: int = 0, uncertain: bool = False) -> None:
        said, remedy = _SAID[cause]
        super().__init__(f"{said} ({code})" if code else said, remedy=remedy)
        self.cause: Cause = cause
        self.code = code
        self.uncertain = uncertain
