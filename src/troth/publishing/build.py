"""Policy to page: the publisher's own chapters and clauses first, then what the file says in tables."""

from __future__ import annotations

from datetime import date

from troth.core.policy.model import Policy
from troth.core.policy.sections.publishing import Clause
from troth.publishing import details, people
from troth.publishing.model import Block, Cell, Chapter, Link, Page, Paragraph
from troth.publishing.speaker import Speaker
from troth.publishing.words import LANGUAGE_NAMES, pair, row_of

_DETAILS = (
    details.purposes, details.recipients, details.stores, details.trackers, people.rights, people.children,
    people.breach, people.complaint, details.browser, people.legal,
)  # fmt: skip


def policy_page(policy: Policy, language: str, as_of: date) -> Page:
    """The policy in one of its languages. Raises KeyError for a language in which it is not published."""
    if language not in policy.languages:
        raise KeyError(language)
    voice = Speaker(policy, language, as_of)
    info = policy.document.policy
    own = language == policy.authoritative
    made = [*_chapters(voice), *(chapter for make in _DETAILS if (chapter := make(voice)) is not None)]
    return Page(
        language=language,
        languages=policy.languages,
        authoritative=policy.authoritative,
        title=voice.text(info.title),
        version=policy.version,
        publisher=policy.publisher,
        notice="" if own else voice.say("notice", language=pair(LANGUAGE_NAMES, policy.authoritative, voice.own)),
        introduction=voice.text(info.introduction),
        changes=voice.text(info.changes),
        summary=_summary(voice),
        chapters=tuple(made),
    )


def _chapters(voice: Speaker) -> list[Chapter]:
    """The publisher's chapters with their clauses; clauses without a chapter come first, those of the past last."""
    document = voice.policy.document
    made = []
    for name, chapter in document.chapters.items():
        blocks: list[Block] = [Paragraph((voice.text(chapter.text),))] if chapter.text else []
        blocks += [_clause(voice, key, c) for key, c in document.clauses.items() if c.chapter == name]
        if blocks:
            made.append(Chapter(f"chapter-{name}", voice.text(chapter.title), tuple(blocks)))
    loose = [_clause(voice, key, c) for key, c in document.clauses.items() if c.chapter is None]
    if loose:
        made.insert(0, Chapter("chapter", voice.text(document.policy.title), tuple(loose)))
    return made


def _clause(voice: Speaker, key: str, clause: Clause) -> Paragraph:
    past = clause.history or clause.kind == "history"
    note = ""
    if past:
        until = clause.until
        when, why = voice.day(until) if until else "", voice.text(clause.because)
        name = f"{'l_was' if until else 'l_once'}{'_since' if why else ''}"
        note = voice.say(name, until=when, because=why)
    kind = "history" if past else clause.kind
    return Paragraph((voice.said(clause.text),), f"clause-{key}", voice.text(clause.title), kind, note)


def _summary(voice: Speaker) -> tuple[Cell, ...]:
    """The page in six lines at most, each leading to the chapter that says more."""
    document, policy = voice.policy.document, voice.policy
    point = document.publisher.privacy_contact
    contact = (point.email or point.phone or point.name or "") if point else (document.publisher.email or "")
    lines: list[tuple[str, str]] = [
        (voice.say("sum_who", publisher=policy.publisher, contact=contact or policy.publisher), "#detail-legal"),
    ]
    if policy.purposes:
        name = "sum_purpose" if len(policy.purposes) == 1 else "sum_purposes"
        lines.append((voice.say(name, n=str(len(policy.purposes))), "#detail-purposes"))
    if document.stores:
        places = dict.fromkeys(voice.country(store.location) for store in document.stores.values())
        lines.append((voice.say("sum_places", places=row_of(list(places), voice.own)), "#detail-stores"))
    if document.recipients:
        lines.append((voice.say("sum_recipients", n=str(len(document.recipients))), "#detail-recipients"))
    else:
        lines.append((voice.say("sum_nobody"), ""))
    lines += _promises(voice)
    return tuple((Link(text, anchor),) if anchor else (text,) for text, anchor in lines)


def _promises(voice: Speaker) -> list[tuple[str, str]]:
    document = voice.policy.document
    lines = []
    consent = document.consent
    if consent is not None and consent.silence == "refuse" and consent.required_for == "all_trackers":
        text = voice.say("sum_consent")
        if consent.advertising == "none":
            text = f"{text} {voice.say('sum_adverts')}"
        lines.append((text, "#detail-trackers" if document.cookies or document.services else ""))
    if document.rights is not None:
        period = voice.period(document.rights.answer_within)
        lines.append((voice.say("sum_rights", period=period), "#detail-rights"))
    return lines
