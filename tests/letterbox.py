"""A mail server on this machine that keeps what it gets, or misbehaves as told."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import email
import email.policy
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from machine import free_port

Mode = Literal["accept", "refuse_recipient", "refuse_content", "later", "stall", "stall_after", "drip", "drop"]
"""What the server does with a mail: takes it; answers 550 to RCPT; 554 after the text; 451 after it; says nothing
after the text; takes the mail and says nothing; answers drop by drop; breaks off after the text."""

USER, PASSWORD = "postier", "mot/de:passe@1"


@dataclass
class Received:
    """One mail as it came."""

    sender: str
    recipients: list[str]
    content: bytes
    encrypted: bool
    user: str
    line: object = None
    """The same for mails that came over the same connection."""

    @property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.content, policy=email.policy.default)

    def text(self, kind: str = "plain") -> str:
        """The text of the mail, as its reader sees it."""
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content())


@dataclass
class Mailbox:
    """The server. Set ``mode`` at any time; ``received`` holds the mails."""

    certificate: Path | None = None
    """Offers STARTTLS with it (key and certificate in one file)."""
    wrapped: bool = False
    """Encrypted from the start instead."""
    login: bool = False
    """Mail is taken from USER with PASSWORD only."""
    mode: Mode = "accept"
    per_line: int = 0
    """Mails after which a connection is ended; 0: never."""
    received: list[Received] = field(default_factory=list)
    texts: int = 0
    """How often the text of a mail was handed over, whatever became of it."""
    waiting: threading.Event = field(default_factory=threading.Event)
    """Set when a mail has come whose sender is kept waiting."""
    port: int = field(default_factory=free_port)
    released: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"{'smtps' if self.wrapped else 'smtp'}://localhost:{self.port}"

    def the_only(self) -> Received:
        assert len(self.received) == 1, f"{len(self.received)} mails"
        return self.received[0]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.per_line and sum(mail.line == session.peer for mail in self.received) >= self.per_line:
            server.transport.write(b"421 4.7.0 enough for one connection\r\n")
            server.transport.close()
            return "421 4.7.0"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.login and not session.authenticated:
            return "530 5.7.0 who are you?"
        if self.mode == "refuse_recipient":
            return f"550 5.1.1 <{address}>: nobody of that name here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.texts += 1
        if self.mode == "refuse_content":
            return f"554 5.7.1 refused, {envelope.mail_from} and all"
        if self.mode == "later":
            return "451 4.3.0 come back later"
        if self.mode == "drop":
            server.transport.abort()
            return "421 gone"
        if self.mode in ("stall", "drip"):
            self.waiting.set()
            await self._hold(server)
            return "421 gone"
        self.received.append(self._kept(session, envelope))
        if self.mode == "stall_after":
            self.waiting.set()
            await self._hold(server)
        return "250 OK"

    async def _hold(self, server: SMTP) -> None:
        for _ in range(6000):
            if self.released.is_set() or server.transport.is_closing():
                return
            if self.mode == "drip":
                server.transport.write(b"2")
            await asyncio.sleep(0.05)

    def _kept(self, session: Session, envelope: Envelope) -> Received:
        user = session.auth_data.login.decode() if isinstance(session.auth_data, LoginPassword) else ""
        return Received(
            envelope.mail_from or "", list(envelope.rcpt_tos), bytes(envelope.original_content or b""),
            session.ssl is not None or self.wrapped, user, session.peer,
        )  # fmt: skip

    def _let_in(self, server: Any, session: Session, envelope: Envelope, kind: str, data: Any) -> AuthResult:
        known = isinstance(data, LoginPassword) and data == LoginPassword(USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=False, auth_data=data)


@contextlib.contextmanager
def mailbox(**more: Any) -> Iterator[Mailbox]:
    """A server for the length of a test: ``with mailbox(login=True) as box:``."""
    box = Mailbox(**more)
    context = None
    if box.certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(box.certificate)
    options: dict[str, Any] = {"ssl_context": context} if box.wrapped else {"tls_context": context}
    if box.login:
        # A mail server on this machine may take a password in clear.
        options |= {"auth_require_tls": False, "authenticator": box._let_in}
    controller = Controller(box, hostname="127.0.0.1", port=box.port, timeout=60, **options)
    controller.start()
    try:
        yield box
    finally:
        box.released.set()
        controller.stop()


def certificate(folder: Path, *names: str, expired: bool = False) -> Path:
    """A certificate of its own for ``names`` (default: localhost and 127.0.0.1), with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a mail server")])
    now = datetime.datetime.now(datetime.UTC)
    ends = now + datetime.timedelta(days=-1 if expired else 1)
    told: list[x509.GeneralName] = [x509.DNSName(one) for one in names or ("localhost",)]
    if not names:
        told.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(ends).add_extension(x509.SubjectAlternativeName(told), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    path = folder / f"mail-{'-'.join(names) or 'localhost'}{'-expired' if expired else ''}.pem"
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return path
