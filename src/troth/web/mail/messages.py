"""A mail as people read it: plain text and the same as calm HTML, without pictures and without anything that tells
the sender that it was opened."""

from __future__ import annotations

import secrets
import textwrap
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.charset import QP, Charset
from email.utils import format_datetime, formataddr

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.template.loader import render_to_string

from troth.web.mail.addresses import one_line, spelt
from troth.web.mail.backend import settings_in_force
from troth.web.mail.errors import MailRefused
from troth.web.mail.server import Settings
from troth.web.pages.published import kept
from troth.web.wording import Words

_WIDTH = 72
_ACCENT, _ACCENT_DARK = "#0b5a6b", "#86cfdf"
"""Colours of the button where the publisher has none: those of site.css."""


def compose(
    to: str, subject: str, paragraphs: Sequence[str], *, language: str, button: tuple[str, str] | None = None,
    code: str | None = None, footer: Sequence[str] = (), reply_to: str | None = None,
) -> EmailMultiAlternatives:  # fmt: skip
    """A mail to one person in their language: ``button`` is a label and an address, ``code`` something to type.

    Nothing of it can become a header of its own. Raises MailRefused where no mail is set up or ``to`` is no address.
    """
    settings = settings_in_force()
    words = Words("mail", language)
    in_force = kept.get()
    publisher, look = in_force.policy.publisher, in_force.look
    subject = one_line(subject)
    said = words.say("code", code="{}").partition("{}")[0] if code else ""
    foot = [*footer, words.say("sent_by", publisher=publisher)]
    text = "\n\n".join(_lines(paragraphs, said + code if code else "", button, foot))
    html = render_to_string(
        "mail/message.html",
        {"language": language, "subject": subject, "publisher": publisher, "paragraphs": paragraphs, "code": code,
         "code_before": said, "button": button, "footer": foot, "t": words,
         "accent": look.accent or _ACCENT, "accent_dark": look.accent_dark or _ACCENT_DARK},
    )  # fmt: skip
    message = EmailMultiAlternatives(subject, text + "\n", **envelope(settings, publisher, to, reply_to))
    message.extra_headers["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is to answer it
    message.attach_alternative(html, "text/html")
    in_plain_letters(message)
    return message


def envelope(settings: Settings, publisher: str, to: str, reply_to: str | None = None) -> dict[str, object]:
    """Sender, recipient and headers of a mail of ours. Raises MailRefused when ``to`` is no address."""
    recipient = spelt(to)
    if not recipient:
        raise MailRefused("recipient")
    answers = spelt(reply_to or settings.reply_to)
    return {
        "from_email": formataddr((one_line(publisher), settings.sender)),
        "to": [recipient],
        "reply_to": [answers] if answers else [],
        "headers": {
            "Date": format_datetime(datetime.now(UTC)),
            "Message-ID": f"<{secrets.token_hex(16)}@{settings.domain}>",
        },
    }


def in_plain_letters(message: EmailMessage) -> None:
    """Write it so that every server takes it: seven bits and short lines (RFC 2045, quoted-printable)."""
    charset = Charset("utf-8")
    charset.body_encoding = QP
    message.encoding = charset


def the_same(message: EmailMessage, name: str) -> EmailMessage:
    """Give it a Message-ID made of a name: sent again after a crash, it is the same letter to whoever received it, and
    most mail servers and readers show it once. ``name`` tells nothing about anybody."""
    domain = message.extra_headers["Message-ID"].rpartition("@")[2]
    message.extra_headers["Message-ID"] = f"<{name}@{domain}"
    return message


def send(message: EmailMessage) -> None:
    """Hand it over now. Raises MailRefused, which says why without naming anybody."""
    message.send()


def _lines(paragraphs: Iterable[str], code: str, button: tuple[str, str] | None, foot: Iterable[str]) -> list[str]:
    found = [_wrapped(paragraph) for paragraph in paragraphs]
    if code:
        found.append(code)
    if button:
        found.append(f"{_wrapped(button[0])}\n{button[1]}")
    return [*found, "-- \n" + "\n".join(_wrapped(line) for line in foot)]


def _wrapped(paragraph: str) -> str:
    """Short lines; an address stays whole."""
    lines = paragraph.splitlines()
    return "\n".join(textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines)
