"""A mail server that delivers to nobody: what is sent to it stays in this process's memory, for the mail view."""

from __future__ import annotations

import asyncio
import html
import re
import socket
import threading
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any

from troth.core.errors import UsageError

MOST_MESSAGES = 200
"""The oldest go when there are more."""

MOST_BYTES = 2_000_000
"""Larger messages are refused (SMTP's SIZE, RFC 1870)."""

_TAG = re.compile(r"<(style|title)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Message:
    """One message as it arrived."""

    number: int
    received: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    attachments: tuple[tuple[str, int], ...]
    """Name and size in bytes."""
    contents: tuple[bytes, ...] = ()
    """What the attachments hold, in their order."""

    @property
    def preview(self) -> str:
        """How its text begins, on one line."""
        said = self.text if self.text is not None else html.unescape(_TAG.sub(" ", self.html or ""))
        return " ".join(said.split())[:160]


class Mailbox:
    """The messages, newest first. Any thread may use it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=MOST_MESSAGES)
        self._received = 0

    def add(self, content: bytes, recipients: list[str]) -> Message:
        """Take in what a mail program sent."""
        parsed = message_from_bytes(content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)  # noqa: S101 - the policy makes it one
        with self._lock:
            self._received += 1
            message = _read(parsed, self._received, tuple(recipients))
            self._messages.appendleft(message)
        return message

    def all(self) -> list[Message]:
        """Newest first."""
        with self._lock:
            return list(self._messages)

    def get(self, number: int) -> Message | None:
        """The message that arrived as the ``number``-th, unless it was deleted."""
        return next((message for message in self.all() if message.number == number), None)

    def drop(self, number: int) -> None:
        """Delete one, where it is there."""
        with self._lock:
            kept = [message for message in self._messages if message.number != number]
            self._messages.clear()
            self._messages.extend(kept)

    def clear(self) -> None:
        """Delete all; their numbers are not used again."""
        with self._lock:
            self._messages.clear()


def _read(parsed: EmailMessage, number: int, recipients: tuple[str, ...]) -> Message:
    headers = tuple((name, str(value)) for name, value in parsed.items())
    values = {name.lower(): value for name, value in reversed(headers)}
    attached = _attachments(parsed)
    return Message(
        number, datetime.now(UTC).astimezone(), values.get("from", ""), recipients, values.get("subject", "").strip(),
        headers, _part(parsed, "plain"), _part(parsed, "html"),
        tuple((name, len(content)) for name, content in attached), tuple(content for _, content in attached),
    )  # fmt: skip


def _part(parsed: EmailMessage, kind: str) -> str | None:
    body = parsed.get_body((kind,))
    if body is None:
        return None
    try:
        return str(body.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError, ValueError):  # a character set that nobody knows, a broken encoding
        payload = body.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else str(payload)


def _attachments(parsed: EmailMessage) -> list[tuple[str, bytes]]:
    found = []
    for part in parsed.iter_attachments() if parsed.is_multipart() else ():
        payload = part.get_payload(decode=True)
        found.append((part.get_filename() or part.get_content_type(), payload if isinstance(payload, bytes) else b""))
    return found


# --- the server -----------------------------------------------------------------------------------


class Catcher:
    """Speaks SMTP, in a thread of its own, and puts everything into the mailbox."""

    def __init__(self, mailbox: Mailbox, listening: socket.socket) -> None:
        """Raises UsageError when a library is missing."""
        try:
            import aiosmtpd.smtp
        except ImportError:
            raise UsageError(
                "the demonstration catches its mail with aiosmtpd, which is not installed",
                remedy="pip install 'troth[demo]', or run `make demo` in a checkout",
            ) from None
        self.port: int = listening.getsockname()[1]
        # Addresses beyond ASCII are taken as they are (RFC 6531).
        self._protocol = partial(
            aiosmtpd.smtp.SMTP, _Handler(mailbox), data_size_limit=MOST_BYTES, enable_SMTPUTF8=True,
            hostname="localhost", ident="Troth demo",
        )  # fmt: skip
        self._socket = listening
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Answer."""
        self._thread.start()
        self._ready.wait(10)

    def stop(self) -> None:
        """Answer no more. Harmless when it never did."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._end.set)
            self._thread.join()
            self._loop = None
        self._socket.close()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        server = await self._loop.create_server(lambda: self._protocol(loop=self._loop), sock=self._socket)
        self._ready.set()
        try:
            await self._end.wait()
        finally:
            server.close()


class _Handler:
    """What aiosmtpd calls."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """A message has arrived."""
        content = envelope.original_content or b""
        message = self._mailbox.add(content, list(envelope.rcpt_tos))
        return f"250 OK: kept in memory as number {message.number}"
