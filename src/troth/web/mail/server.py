"""Which server takes the mail, and how it is spoken to: from the policy's ``mail:`` or from the environment."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote

from troth.core.errors import UsageError
from troth.core.policy.environment import VariableUnset, expand
from troth.core.policy.secrets import is_variable
from troth.core.policy.sections.site import Mail
from troth.state.environment import Environment, secret

Security = Literal["tls", "starttls", "none"]

TIMEOUT = 20.0
"""Seconds for a whole conversation with the server, unless the address says otherwise."""
_OPTIONS = ("starttls", "timeout", "ca")
_ADDRESS = re.compile(r"(smtps?)://(?:([^/]*)@)?(\[[^\]@/?#]+\]|[^:@/?#\[\]]+)(?::(\d{1,5}))?/?(?:\?([^#]*))?")


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server. ``timeout`` in seconds; ``ca`` is a file of certificates trusted instead of the system's."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    ca: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """How mail leaves: from whom, where answers go (empty: to the sender), through which server."""

    sender: str
    reply_to: str
    server: Server

    @property
    def domain(self) -> str:
        """What stands behind the @ of the sender."""
        return self.sender.rpartition("@")[2]


def settings_of(mail: Mail | None) -> Settings | None:
    """The settings in force, or None where the policy has no ``mail:``.

    The server comes from TROTH_MAIL_URL, from the file that TROTH_MAIL_URL_FILE names, or from the policy, in this
    order. Raises UsageError, without any part of the address that could be a secret.
    """
    if mail is None:
        return None
    given = secret("TROTH_MAIL_URL").strip()
    server = server_at(given) if given else server_at(mail.url, Environment(), place="mail.url")
    return Settings(mail.sender, mail.reply_to or "", server)


def server_at(url: str, env: Mapping[str, str] | None = None, place: str = "TROTH_MAIL_URL") -> Server:
    """Read ``smtp://`` (port 587, or 25 in clear) or ``smtps://`` (port 465) addresses.

    With ``env``, ``${NAME}`` is put in; a user or password that is a variable is taken as it is, otherwise it is
    percent-decoded. Raises UsageError naming ``place``.
    """
    if is_variable(url.strip()):
        url, env = _filled(url, env, place), None
    match = _ADDRESS.fullmatch(url.strip())
    if match is None:
        raise _unreadable(place, "it has to look like smtps://USER:PASSWORD@HOST")
    scheme, account, host, port, query = match.groups(default="")
    host = _filled(host, env, place).strip("[]").lower()
    user, _, password = (_secret(part, env, place) for part in account.partition(":"))
    options = _options(query, env, place)
    security = _security(scheme, host, options.get("starttls", ""), place)
    if security == "none" and password and not is_loopback(host):
        raise _unreadable(place, "a password is not sent in clear: take smtps://, or leave ?starttls=none out")
    usual = {"tls": 465, "starttls": 587, "none": 25}[security]
    if port and not 0 < int(port) < 65536:
        raise _unreadable(place, "its port has to lie between 1 and 65535")
    return Server(
        host, int(port) if port else usual, security, user, password, _timeout(options, place), options.get("ca", "")
    )


def is_loopback(host: str) -> bool:
    """Whether a name or number is this machine's own."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _security(scheme: str, host: str, asked: str, place: str) -> Security:
    if asked not in ("", "required", "none"):
        raise _unreadable(place, "?starttls= is required or none")
    if scheme == "smtps":
        if asked:
            raise _unreadable(place, "smtps:// is encrypted from the start: leave ?starttls= out")
        return "tls"
    if asked:
        return "starttls" if asked == "required" else "none"
    return "none" if is_loopback(host) else "starttls"


def _options(query: str, env: Mapping[str, str] | None, place: str) -> dict[str, str]:
    options = dict(parse_qsl(_filled(query, env, place)))
    for name in options:
        if name not in _OPTIONS:
            raise _unreadable(place, f"its options are {', '.join(_OPTIONS)}")
    return options


def _timeout(options: Mapping[str, str], place: str) -> float:
    try:
        seconds = float(options.get("timeout", TIMEOUT))
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 120:
        raise _unreadable(place, "?timeout= is a number of seconds between 1 and 120")
    return seconds


def _secret(part: str, env: Mapping[str, str] | None, place: str) -> str:
    return _filled(part, env, place) if env is not None and "${" in part else unquote(part)


def _filled(text: str, env: Mapping[str, str] | None, place: str) -> str:
    if env is None:
        return text
    try:
        return expand(text, env)
    except VariableUnset as error:
        if not error.name:
            raise _unreadable(place, "it has '${' without a name and '}'") from None
        raise UsageError(
            f"{place}: the environment variable {error.name} is not set", remedy="set it, or set TROTH_MAIL_URL"
        ) from None


def _unreadable(place: str, remedy: str) -> UsageError:
    return UsageError(f"{place} is not the address of a mail server", remedy=remedy)
