"""What people are told where they write (GDPR Article 13), drawn from the purpose that the form names."""

from __future__ import annotations

from datetime import UTC, datetime

from troth.core.rights.information_words import BASES, keep_words
from troth.publishing.speaker import Speaker
from troth.web.contact.fields import asked
from troth.web.pages.published import InForce
from troth.web.wording import Words


def speaker(in_force: InForce, language: str) -> Speaker:
    """The policy's voice in one language, today."""
    return Speaker(in_force.policy, language, datetime.now(UTC).date())


def notice(in_force: InForce, language: str) -> list[tuple[str, str]]:
    """Who, why, on what ground, for whom, how long, and what to do: labels and texts."""
    voice, words = speaker(in_force, language), Words("contact", language)
    policy, document = in_force.policy, in_force.policy.document
    contact = document.contact
    if contact is None:
        return []
    rows = [("n_who", _who(voice))]
    purpose, section = policy.purposes.get(contact.purpose), document.purposes.get(contact.purpose)
    if purpose is not None and section is not None:
        titles = {name: event.title for name, event in document.events.items() if event.title is not None}
        receivers = [_receiver(voice, name) for name in purpose.recipients]
        rows += [
            ("n_why", voice.text(purpose.title)),
            ("n_ground", BASES[purpose.basis][voice.own]),
            ("n_interest", voice.text(section.balance.interest) if section.balance else ""),
            ("n_receivers", "\n".join(receivers) if receivers else words["n_nobody"]),
            ("n_kept", keep_words(purpose.keep, policy.events, titles)[voice.own]),
        ]
    rows += [("n_here", words["n_here_text"]), ("n_needed", _needed(voice, words)), ("n_rights", _reach(voice))]
    return [(words[label], text) for label, text in rows if text]


def label(voice: Speaker, name: str) -> str:
    """What a field is called."""
    contact = voice.policy.document.contact
    field = asked(contact)[name] if contact is not None else None
    return "" if field is None else voice.text(field.title) or voice.category(field.is_).capitalize()


def _who(voice: Speaker) -> str:
    publisher = voice.policy.document.publisher
    return ", ".join(part for part in (publisher.name, publisher.address) if part)


def _receiver(voice: Speaker, name: str) -> str:
    recipient = voice.policy.document.recipients[name]
    return f"{recipient.name} ({recipient.role}, {voice.country(recipient.country)})"


def _needed(voice: Speaker, words: Words) -> str:
    contact = voice.policy.document.contact
    needed = [label(voice, n) for n, field in asked(contact).items() if field.required] if contact is not None else []
    return words.say("n_needed_text", fields=", ".join(needed)) if needed else words["n_needed_none"]


def _reach(voice: Speaker) -> str:
    publisher = voice.policy.document.publisher
    point = publisher.privacy_contact
    parts = [part for part in (point.name, point.email, point.phone) if part] if point else [publisher.email or ""]
    return ", ".join(filter(None, parts))
