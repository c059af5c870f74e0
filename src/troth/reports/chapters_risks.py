"""What would hurt if it got out, and what hangs in the air."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.survey.model import OrphanLine, SecretLine, SharedLine
from troth.core.survey.secrets import PASSWORDS
from troth.package import labels
from troth.package.html_cells import escape
from troth.reports.markup import Column, Voice
from troth.reports.texts_findings import KINDS


def secrets(voice: Voice) -> Iterator[str]:
    """Passwords by kind, cards, bank accounts, official numbers, tokens."""
    lines = voice.survey.secrets
    yield voice.heading("secrets")
    if not lines:
        yield voice.paragraph("secrets_none")
        return
    columns = [Column(voice.say("verdict")), Column(voice.say("kind")), Column(voice.say("where")),
               Column(voice.say("values"))]  # fmt: skip
    yield from voice.table("secrets_caption", columns, [_secret(line, voice) for line in lines])
    if all(line.kind != "card" for line in lines):
        yield voice.paragraph("secrets_cards_none")


def _secret(line: SecretLine, voice: Voice) -> list[str]:
    kind = voice.speaker.kind(line.kind)
    if line.kind in PASSWORDS:
        kind = escape(KINDS["password"][voice.language]).format(kind=kind)
    return [voice.weight(line.weight), kind, voice.speaker.place(line.place), voice.figure(line.values)]


def links(voice: Voice) -> Iterator[str]:
    """Values that lead nowhere, and identifiers of several rows."""
    survey = voice.survey
    yield voice.heading("links")
    yield (
        voice.paragraph("links_lead", n=survey.links_asked) if survey.links_asked else voice.paragraph("links_unasked")
    )
    if survey.orphans:
        columns = [Column(voice.say("link")), Column(voice.say("leads_to")), Column(voice.say("missing"))]
        yield from voice.table("orphans_caption", columns, [_orphan(line, voice) for line in survey.orphans])
    elif survey.links_asked:
        yield voice.paragraph("links_none")
    if survey.shared:
        columns = [Column(voice.say("identifier")), Column(voice.say("where")), Column(voice.say("repeated"))]
        yield from voice.table("shared_caption", columns, [_shared(line, voice) for line in survey.shared])
    elif survey.people_tables:
        yield voice.paragraph("shared_none")


def _orphan(line: OrphanLine, voice: Voice) -> list[str]:
    speaker = voice.speaker
    how = voice.say("declared" if line.declared else "guessed")
    percent = max(1, round(100 * line.missing / line.asked))
    missing = voice.say("share", percent=speaker.whole(percent), of=speaker.whole(line.asked))
    return [f'{speaker.place(line.place)} <span class="basis">({how})</span>', speaker.name(line.parent), missing]


def _shared(line: SharedLine, voice: Voice) -> list[str]:
    kind = escape(labels.word(line.identifier, voice.language))
    return [kind, voice.speaker.place(line.place), voice.figure(line.repeated)]
