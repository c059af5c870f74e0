"""Django's way out for mail: by SMTP (RFC 5321), encrypted unless the server is this machine."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings as django_settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from troth.core.errors import UsageError
from troth.jobs import shift
from troth.web import logs
from troth.web.mail.addresses import bare
from troth.web.mail.errors import Cause, MailRefused
from troth.web.mail.server import Server, Settings, settings_of
from troth.web.pages.published import kept

_LATER = range(400, 500)
_TOO_LARGE = 552
_WELL, _CLOSING = 250, 421
_GOOD_BYE = 2.0
"""Seconds to wait for the answer to QUIT."""


def settings_in_force() -> Settings:
    """How mail leaves now. Raises MailRefused where nothing usable is set up."""
    found = None
    with contextlib.suppress(UsageError):
        found = settings_of(kept.get().policy.document.mail)
    if found is None:
        raise MailRefused("not_set_up")
    return found


class Backend(BaseEmailBackend):
    """Hands each message over and waits for the answer. Raises MailRefused, and nothing that names anybody."""

    def __init__(self, fail_silently: bool = False, settings: Settings | None = None, **_: Any) -> None:
        super().__init__(fail_silently=fail_silently)
        self._settings = settings

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """How many left. One that did not is told unless silence was asked for."""
        sent = 0
        for message in email_messages:
            try:
                deliver(message, self._settings or settings_in_force())
                logs.mail("mail", "sent")
                sent += 1
            except MailRefused as refused:
                logs.mail("mail", refused.cause)
                if not self.fail_silently:
                    raise
        return sent


def deliver(message: EmailMessage, settings: Settings) -> None:
    """Hand one message over, within the server's time. Raises MailRefused."""
    if message.from_email == django_settings.DEFAULT_FROM_EMAIL:
        message.from_email = settings.sender
    recipients = [bare(address) for address in message.recipients()]
    if not recipients or "" in recipients:
        raise MailRefused("recipient")
    content = None
    with contextlib.suppress(ValueError):  # a line break in a header; Django's words would repeat it
        content = message.message().as_bytes(linesep="\r\n")
    if content is None:
        raise MailRefused("content")
    refused = _handed_over(settings, recipients, content)
    # Raised here, outside every handler: no earlier error, which names addresses, hangs behind this one.
    if refused is not None:
        raise refused


def _handed_over(settings: Settings, recipients: list[str], content: bytes) -> MailRefused | None:
    if not shift.on():
        line = _Line(settings)
        try:
            return line.hand_over(recipients, content)
        finally:
            line.close()
    # A worker has more to send: it keeps its line for as long as it has work.
    line = shift.keep("mail", settings, lambda: _Line(settings), _Line.close)
    refused = line.hand_over(recipients, content)
    if refused is not None:
        shift.drop("mail")
    return refused


class _Smtp(smtplib.SMTP):
    """Knows when a mail has begun to be handed over, and keeps a second hold of its connection."""

    handing_over = False
    hold: socket.socket | None = None

    def _get_socket(self, host: Any, port: Any, timeout: Any) -> Any:
        made = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        self.hold = made.dup()
        return made

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.handing_over = True
        return super().data(msg)

    def break_off(self) -> None:
        """End the connection, from whatever thread, also in the middle of a word."""
        if self.hold is not None:
            with contextlib.suppress(OSError):
                self.hold.shutdown(socket.SHUT_RDWR)


class _SmtpTls(smtplib.SMTP_SSL, _Smtp):
    """The same, encrypted from the start."""


def _speaker(server: Server, name: str) -> _Smtp:
    smtp = _Smtp(local_hostname=name, timeout=server.timeout)
    if server.security == "tls":
        smtp = _SmtpTls(local_hostname=name, timeout=server.timeout, context=_trust(server))
    smtp._host = server.host  # type: ignore[attr-defined]  # what certificates are checked against; smtplib knows it only when it connects at once
    return smtp


class _Line:
    """A line to the server, for one mail after the other."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._server = settings.server
        self._ends = 0.0
        self._used = False
        self.smtp = _speaker(self._server, settings.domain)

    def hand_over(self, recipients: list[str], content: bytes) -> MailRefused | None:
        """One mail; what the server, or the way to it, said against it."""
        with self._in_time():
            try:
                self._open()
                if self._sent(recipients, content):
                    return MailRefused("recipient")
            except (OSError, smtplib.SMTPException, UnicodeError) as error:
                return self._told(error)
        return None

    def _sent(self, recipients: list[str], content: bytes) -> Any:
        """A server may take only so many mails on one line: then the next one begins anew, once, unless the mail may
        have been taken already."""
        self.smtp.handing_over = False
        try:
            return self.smtp.sendmail(self._settings.sender, recipients, content)
        except (OSError, smtplib.SMTPException) as error:
            told = isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected)
            gone = not told or _code(error) == _CLOSING
            if not (self._used and gone) or self.smtp.handing_over or self._late():
                raise
            self._open(anew=True)
            return self.smtp.sendmail(self._settings.sender, recipients, content)
        finally:
            self._used = True

    @contextlib.contextmanager
    def _in_time(self) -> Iterator[None]:
        """The whole conversation about a mail, not each of its words, has to end in time: a server may answer drop by
        drop."""
        self._ends = time.monotonic() + self._server.timeout
        watch = threading.Timer(self._server.timeout, self._break_off)
        watch.daemon = True
        watch.start()
        try:
            yield
        finally:
            watch.cancel()

    def _break_off(self) -> None:
        self.smtp.break_off()

    def _late(self) -> bool:
        return time.monotonic() >= self._ends - 0.01

    def _open(self, *, anew: bool = False) -> None:
        """Connect, encrypt, log in, unless the line is open and the server still there."""
        if self._used:
            if not anew and self._there():
                return
            self._hang_up()
            self._used, self.smtp = False, _speaker(self._server, self._settings.domain)
        server = self._server
        self.smtp.connect(server.host, server.port)
        if self._late():
            raise TimeoutError
        if server.security == "starttls":
            self.smtp.starttls(context=_trust(server))
        if server.user:
            self.smtp.login(server.user, server.password)

    def _there(self) -> bool:
        with contextlib.suppress(OSError, smtplib.SMTPException):
            return self.smtp.sock is not None and self.smtp.noop()[0] == _WELL
        return False

    def close(self) -> None:
        """Say good-bye. What was accepted is accepted, whatever comes now."""
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if self.smtp.sock is not None:
                self.smtp.sock.settimeout(_GOOD_BYE)
                self.smtp.quit()
        self._hang_up()

    def _hang_up(self) -> None:
        self.smtp.close()
        if self.smtp.hold is not None:
            self.smtp.hold.close()

    def _told(self, error: Exception) -> MailRefused:
        """The error in our words, without what it repeats."""
        cause, code = _cause(error)
        if self._late():
            cause, code = "timeout", 0
        uncertain = self.smtp.handing_over and cause in ("timeout", "broken_off")
        return MailRefused(cause, code=code, uncertain=uncertain)


def _trust(server: Server) -> ssl.SSLContext:
    """Certificates are checked, names too; nothing older than TLS 1.2."""
    context = ssl.create_default_context(cafile=server.ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _cause(error: Exception) -> tuple[Cause, int]:
    code = _code(error)
    match error:
        case smtplib.SMTPAuthenticationError():
            return ("later" if code in _LATER and code != 454 else "login"), code
        case _ if code in _LATER:
            return "later", code
        case smtplib.SMTPSenderRefused():
            return ("content" if code == _TOO_LARGE else "sender"), code
        case smtplib.SMTPRecipientsRefused() | UnicodeError():
            return "recipient", code
        case smtplib.SMTPDataError():
            return "content", code
        case smtplib.SMTPNotSupportedError():
            return ("login" if "AUTH" in str(error) else "encryption"), code
        case ssl.SSLError():
            return "encryption", code
        case TimeoutError():
            return "timeout", code
        case smtplib.SMTPServerDisconnected() | ConnectionError() if not isinstance(error, ConnectionRefusedError):
            return "broken_off", code
        case smtplib.SMTPException():
            return "content" if code else "broken_off", code
    return "unreachable", code


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return max(codes, default=0)
    code = getattr(error, "smtp_code", 0)
    return code if isinstance(code, int) and 200 <= code < 600 else 0
