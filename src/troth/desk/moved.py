"""A correction that gave somebody another e-mail address: the address before and the new one both hear of it, so that
nobody is locked out of their own data unnoticed."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from troth.core.evidence.pseudonym import normalise
from troth.core.requests.model import Request, Right
from troth.core.rights.formats import new_addresses
from troth.web.mail.errors import MailRefused
from troth.web.wording import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from troth.desk.house import House
    from troth.desk.particulars import Particulars

_ONE_ALONE = ("recipient", "content", "later")
"""Causes that may lie with one mailbox: an address that is gone is often why it is corrected."""


def tell(at: House, request: Request, who: Particulars, result: Mapping[str, Any]) -> int:
    """Write to each of these addresses; how many were written to. Nothing unless rows were changed. Raises MailRefused
    when no mail leaves at all."""
    told = 0
    for address in _addresses(at, request, who, result):
        try:
            _write(at, request, who, address)
        except MailRefused as error:
            if error.cause not in _ONE_ALONE:
                raise
        else:
            told += 1
    return told


def _addresses(at: House, request: Request, who: Particulars, result: Mapping[str, Any]) -> list[str]:
    if request.right != Right.RECTIFICATION or not result.get("rows"):
        return []
    before, new = new_addresses(at.policy, who.wanted)
    if not new:
        return []
    by_mail = [value for kind, value in who.identifiers if kind == "email"]
    return list(
        {normalise("email", one): one for one in (*by_mail, *(str(one) for one in before if one), *new)}.values()
    )


def _write(at: House, request: Request, who: Particulars, to: str) -> None:
    from troth.web.mail.messages import compose, send, the_same

    own = who.language or at.policy.authoritative
    language = own if own in ("fr", "en") else "en"
    words = Words("portal", language)
    message = compose(
        to, words.say("moved_subject"), [words.say("moved_told"), words.say("moved_not_you")],
        language=language, footer=[words.say("reference", ref=request.ref)],
    )  # fmt: skip
    send(the_same(message, f"{request.ref}.moved.{sha256(to.encode()).hexdigest()[:12]}"))
