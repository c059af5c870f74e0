"""What is held and how old it is."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.survey.model import AgeLine, CategoryLine, Usual
from troth.core.survey.usual import mark_words
from troth.package.html_cells import escape
from troth.reports.markup import Column, Voice

_COLON = {"en": ": ", "fr": "\u00a0: "}
_SEMICOLON = {"en": "; ", "fr": "\u202f; "}


def kinds(voice: Voice) -> Iterator[str]:
    """The categories of data."""
    yield voice.heading("kinds")
    yield voice.paragraph("kinds_lead")
    columns = [Column(voice.say("category")), Column(voice.say("columns"), number=True), Column(voice.say("where"))]
    yield from voice.table("kinds_caption", columns, [_category(line, voice) for line in voice.survey.categories])


def _category(line: CategoryLine, voice: Voice) -> list[str]:
    name = f"<strong>{voice.speaker.title(line.category)}</strong>"
    if line.special:
        name += f'<br><span class="warn"><span aria-hidden="true">▲</span> {voice.say("special")}</span>'
    if line.identifiers:
        name += f' <span class="tag">{voice.say("finds")}</span>'
    return [name, escape(voice.speaker.whole(len(line.places))), voice.places(line.places, 8)]


def ages(voice: Voice) -> Iterator[str]:
    """The oldest entry of each table against its period, with a bar."""
    survey = voice.survey
    yield voice.heading("ages")
    if not survey.ages:
        yield voice.paragraph("ages_none")
        return
    promised = any(line.usual and line.usual.of_policy for line in survey.ages)
    yield voice.paragraph("ages_lead_policy" if promised else "ages_lead_law")
    columns = [
        Column(voice.say("table")), Column(voice.say("oldest")), Column(voice.say("age"), draw=True),
        Column(voice.say("period")), Column(voice.say("beyond")),
    ]  # fmt: skip
    longest = max(max(a.months, a.usual.period.months if a.usual else 0) for a in survey.ages) or 1
    yield from voice.table("ages_caption", columns, [_age(line, longest, voice) for line in survey.ages])
    yield from _marks(voice)


def _age(line: AgeLine, longest: int, voice: Voice) -> list[str]:
    speaker = voice.speaker
    by = f'<br><span class="basis">{voice.say("by", column=line.column)} ({voice.say(line.basis)})</span>'
    oldest = f'<time datetime="{line.oldest.isoformat()}">{escape(speaker.day(line.oldest))}</time>{by}'
    return [
        speaker.name(line.table),
        oldest,
        f"{escape(speaker.span(line.months))}{_bar(line, longest, voice)}",
        _period(line, voice),
        _beyond(line, voice),
    ]


def _bar(line: AgeLine, longest: int, voice: Voice) -> str:
    """The age as a bar; what is past the period in another colour and behind a mark. The words stand beside it."""
    age = round(100 * line.months / longest, 1)
    limit = round(100 * line.usual.period.months / longest, 1) if line.usual else age
    end = min(age, limit) if line.over else age
    parts = ['<rect class="base" x="0" y="9" width="100" height="2"/>']
    parts.append(f'<rect class="in" x="0" y="4" width="{end:g}" height="12"/>')
    if age > end:
        parts.append(f'<rect class="out" x="{limit:g}" y="6" width="{age - limit:g}" height="8"/>')
    if line.usual:
        parts.append(f'<line class="limit" x1="{limit:g}" y1="0" x2="{limit:g}" y2="20"/>')
    return f'<svg class="bar" aria-hidden="true" viewBox="0 0 100 20" preserveAspectRatio="none">{"".join(parts)}</svg>'


def _period(line: AgeLine, voice: Voice) -> str:
    if line.usual is None:
        return f'<span class="none">{voice.say("no_period")}</span>'
    usual = line.usual
    shown = f"<strong>{escape(voice.speaker.duration(usual.period))}</strong>"
    if usual.of_policy:
        told = f"{voice.say('of_policy')}{_COLON[voice.language]}{escape(_label(usual, voice.language))}"
    else:
        told = f"{escape(usual.source[voice.language])} [{escape(usual.mark)}]"
    return f'{shown}<br><span class="soft">{told}</span>'


def _label(usual: Usual, language: str) -> str:
    return usual.label.get(language) or next(iter(usual.label.values()), "")


def _beyond(line: AgeLine, voice: Voice) -> str:
    if line.usual is None:
        return ""
    if line.usual.elsewhere:
        return f'<span class="none">{voice.say("elsewhere")}</span>'
    if not line.over:
        return f'<span class="good"><span aria-hidden="true">●</span> {voice.say("within")}</span>'
    shown = f'<span class="act"><span aria-hidden="true">▲</span> {voice.say("over")}</span>'
    if line.beyond is None:
        return f'{shown}<br><span class="basis">{voice.say("not_counted")}</span>'
    rows = voice.say("rows", n=line.beyond)
    return f'{shown}<br>{rows} <span class="basis">({voice.say(line.beyond.basis)})</span>'


def _marks(voice: Voice) -> Iterator[str]:
    """What each period is about, once, and how far its source was read."""
    law = {a.usual.source[voice.language]: a.usual for a in voice.survey.ages if a.usual and not a.usual.of_policy}
    if not law:
        return
    yield f"<p>{voice.say('periods')}</p>\n<ul>\n"
    for source, usual in law.items():
        period = escape(voice.speaker.duration(usual.period))
        yield f"<li>{escape(_label(usual, voice.language))}{_COLON[voice.language]}{period} ({escape(source)})</li>\n"
    told = _SEMICOLON[voice.language].join(
        f"[{m}] {mark_words(m, voice.language)}" for m in sorted({u.mark for u in law.values()})
    )
    yield f'</ul>\n<p class="soft">{voice.say("marks", marks=told)}</p>\n'
