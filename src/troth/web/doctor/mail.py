"""The way of a mail: from the name of its server to what the world believes about our sender."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from troth.core.errors import UsageError
from troth.web.doctor.clock import MOST_APART
from troth.web.doctor.findings import Case, Finding, fine, note, problem, skipped
from troth.web.doctor.resolver import Unanswered, texts
from troth.web.mail.server import Server, Settings, settings_of

SOON = timedelta(days=14)
"""A certificate that ends within this is told."""
_WAIT = 10.0


def set_up(case: Case) -> Iterator[Finding]:
    """The policy says how mail leaves, and the address of the server can be read."""
    if case.policy is None:
        return
    needed = case.policy.document.contact is not None or case.policy.document.accounts is not None
    try:
        settings = settings_of(case.policy.document.mail)
    except UsageError as error:
        yield problem("told", said=error.message, remedy=error.remedy)
        return
    if settings is not None:
        yield fine("mail_set_up", host=settings.server.host, port=settings.server.port)
    elif needed:
        yield problem("mail_missing")
    else:
        yield skipped("mail_not_needed")


def _settings(case: Case) -> Settings | None:
    with contextlib.suppress(UsageError):
        return settings_of(case.policy.document.mail) if case.policy else None
    return None


def server(case: Case) -> Iterator[Finding]:
    """The server is found, answers, encrypts with a certificate that holds, and lets us in."""
    settings = _settings(case)
    if settings is None:
        return
    there, place = settings.server, {"host": settings.server.host, "port": settings.server.port}
    try:
        socket.getaddrinfo(there.host, there.port, type=socket.SOCK_STREAM)
    except OSError:
        yield problem("mail_unknown", **place)
        return
    try:
        with contextlib.closing(socket.create_connection((there.host, there.port), _WAIT)):
            pass
    except OSError:
        yield problem("mail_closed", **place)
        return
    yield from _conversation(settings)


def _conversation(settings: Settings) -> Iterator[Finding]:
    there, place = settings.server, {"host": settings.server.host, "port": settings.server.port}
    try:
        with _line(there, settings.domain) as line:
            yield from _encrypted(line, there)
            yield from _let_in(line, settings)
    except ssl.SSLCertVerificationError as error:
        yield problem("mail_certificate", why=error.verify_message or "?", **place)
    except ssl.SSLError:
        yield problem("mail_no_tls", **place)
    except smtplib.SMTPNotSupportedError as error:
        yield problem("mail_no_login" if "AUTH" in str(error) else "mail_no_starttls", **place)
    except smtplib.SMTPAuthenticationError as error:
        yield problem("mail_login", code=error.smtp_code, **place)
    except (OSError, smtplib.SMTPException):
        yield problem("mail_silent", **place)


@contextlib.contextmanager
def _line(there: Server, name: str) -> Iterator[smtplib.SMTP]:
    context = ssl.create_default_context(cafile=there.ca or None)
    line: smtplib.SMTP
    if there.security == "tls":
        line = smtplib.SMTP_SSL(there.host, there.port, name, timeout=_WAIT, context=context)
    else:
        line = smtplib.SMTP(there.host, there.port, name, timeout=_WAIT)
    try:
        if there.security == "starttls":
            line.starttls(context=context)
        yield line
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            line.quit()
        line.close()


def _encrypted(line: smtplib.SMTP, there: Server) -> Iterator[Finding]:
    if there.security == "none":
        yield fine("mail_here") if there.host in ("localhost", "127.0.0.1", "::1") else problem("mail_clear")
        return
    found = line.sock.getpeercert() if isinstance(line.sock, ssl.SSLSocket) else None
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(str((found or {}).get("notAfter"))), UTC)
    if ends - datetime.now(UTC) < SOON:
        yield problem("mail_certificate_ends", date=f"{ends:%Y-%m-%d}")
    else:
        yield fine("mail_encrypted", date=f"{ends:%Y-%m-%d}")


def _let_in(line: smtplib.SMTP, settings: Settings) -> Iterator[Finding]:
    if settings.server.user:
        line.login(settings.server.user, settings.server.password)
        yield fine("mail_logged_in")
    else:
        line.ehlo_or_helo_if_needed()
    code, _ = line.mail(settings.sender)
    with contextlib.suppress(OSError, smtplib.SMTPException):
        line.rset()
    yield fine("mail_sender_taken") if code == 250 else problem("mail_sender_refused", code=code)


def sender_domain(case: Case) -> Iterator[Finding]:
    """The domain of the sender says who may send for it (SPF, RFC 7208; DMARC, RFC 7489)."""
    settings = _settings(case)
    if settings is None:
        return
    try:
        spf = [one for one in texts(settings.domain) if one.lower().startswith("v=spf1")]
        dmarc = [one for one in texts(f"_dmarc.{settings.domain}") if one.lower().startswith("v=dmarc1")]
    except Unanswered:
        yield skipped("domain_skipped", domain=settings.domain)
        return
    if len(spf) == 1:
        yield fine("spf_fine", domain=settings.domain)
    else:
        yield problem("spf_many" if spf else "spf_missing", domain=settings.domain)
    yield fine("dmarc_fine", domain=settings.domain) if dmarc else note("dmarc_missing", domain=settings.domain)


def delivered(case: Case) -> Iterator[Finding]:
    """A test mail leaves, when one was asked for."""
    if not case.send_to:
        return
    from troth.web.mail.errors import MailRefused
    from troth.web.mail.messages import compose, send
    from troth.web.wording import Words

    language = case.policy.authoritative if case.policy else "en"
    words = Words("doctor", language)
    try:
        send(compose(case.send_to, words["test_subject"], [words["test_text"]], language=language))
        yield fine("mail_sent")
    except MailRefused as error:
        yield problem("told", said=error.message, remedy=error.remedy)


def seconds_apart(date: str) -> float | None:
    """How far the clock of another machine, by its Date header, is from ours; None when it cannot be read."""
    try:
        there = parsedate_to_datetime(date)
    except ValueError:
        return None
    apart = there.timestamp() - time.time()
    return apart if abs(apart) > MOST_APART.total_seconds() else 0.0
