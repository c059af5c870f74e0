"""The mail that a message becomes. What its writer typed stands below everything else, so that it cannot pass for a
line of ours."""

from __future__ import annotations

from collections.abc import Iterator

from django.core.mail import EmailMessage

from troth.core.policy.sections.site import Contact
from troth.publishing.speaker import spelt_version
from troth.publishing.words import LANGUAGE_NAMES, pair
from troth.web.contact.drawing import Visit, about
from troth.web.contact.fields import MANY_LINES, Filled, asked, kind_of
from troth.web.contact.notice import label, speaker
from troth.web.mail.addresses import one_line
from troth.web.mail.backend import settings_in_force
from troth.web.mail.messages import envelope, in_plain_letters
from troth.web.pages.published import InForce
from troth.web.pages.site import own
from troth.web.wording import Words

HEADER = "X-Policy-Acknowledged"
"""Holds the version that was acknowledged, for programs."""


def mail(visit: Visit, filled: Filled) -> EmailMessage:
    """The mail to the publisher, in the language that prevails. Raises MailRefused where no mail is set up."""
    in_force, contact = visit.in_force, visit.contact
    words = Words("contact", in_force.authoritative)
    right = about(visit, in_force.authoritative)
    publisher = in_force.policy.publisher
    writer = _writer(contact, filled)
    settings = envelope(settings_in_force(), publisher, contact.deliver_to, writer or None)
    if not writer:
        settings["reply_to"] = []
    body = "\n\n".join(_parts(visit, filled, right)) + "\n"
    subject = words.say("m_subject_about", right=right) if right else words["m_subject"]
    message = EmailMessage(subject, body, **settings)
    if contact.acknowledgement is not None:
        message.extra_headers[HEADER] = one_line(in_force.version)
    in_plain_letters(message)
    return message


def _writer(contact: Contact, filled: Filled) -> str:
    """The address to answer to, if one was given."""
    names = (name for name, field in asked(contact).items() if kind_of(field) == "email")
    return next((filled.values[name] for name in names if filled.values[name]), "")


def _parts(visit: Visit, filled: Filled, right: str) -> Iterator[str]:
    in_force, contact = visit.in_force, visit.contact
    voice = speaker(in_force, in_force.authoritative)
    words = Words("contact", in_force.authoritative)
    read_in = pair(LANGUAGE_NAMES, visit.language, own(in_force.authoritative))
    yield words.say("m_intro", publisher=in_force.policy.publisher, language=read_in)
    if right:
        yield words.say("m_about", right=right)
    if contact.acknowledgement is not None:
        version = spelt_version(in_force.version, own(in_force.authoritative))
        number = f" ({in_force.version})" if version != in_force.version else ""
        yield words.say("m_read", version=version + number)
    yield "\n".join(_short(in_force, contact, filled))
    for name, field in asked(contact).items():
        if kind_of(field) in MANY_LINES and filled.values[name]:
            yield f"{label(voice, name)}\n{'-' * 40}\n{filled.values[name]}"


def _short(in_force: InForce, contact: Contact, filled: Filled) -> Iterator[str]:
    voice = speaker(in_force, in_force.authoritative)
    colon = "\u00a0:" if own(in_force.authoritative) == "fr" else ":"
    for name, field in asked(contact).items():
        value = filled.values[name]
        if value and kind_of(field) not in MANY_LINES:
            said = voice.text(field.choices[int(value)]) if kind_of(field) == "choice" else value
            yield f"{label(voice, name)}{colon} {said}"
