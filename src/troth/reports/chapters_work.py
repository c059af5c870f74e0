"""What is in the way of an erasure, what the policy misses, what is not known, what to do."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.survey.model import BlockLine, Place, Unseen
from troth.package.html_cells import escape
from troth.reports.markup import Column, Voice
from troth.reports.speech import Speaker
from troth.reports.texts_findings import BLOCKS, TROUBLES

_LIMITS = ("limit_guess", "limit_sample", "limit_people", "limit_texts", "limit_elsewhere", "limit_law")


def erasure(voice: Voice) -> Iterator[str]:
    """The hindrances, those of one kind together."""
    survey = voice.survey
    yield voice.heading("erasure")
    if survey.blocks_unknown:
        yield voice.paragraph("erasure_schema", why=_plain(voice, survey.blocks_unknown))
    else:
        yield voice.paragraph("erasure_lead")
    if not survey.blocks:
        yield voice.paragraph("erasure_none")
        return
    gathered: dict[tuple[str, str], list[BlockLine]] = {}
    for line in survey.blocks:
        gathered.setdefault((line.code, line.other), []).append(line)
    columns = [Column(voice.say("verdict")), Column(voice.say("what")), Column(voice.say("where"))]
    yield from voice.table("erasure_caption", columns, [_block(lines, voice) for lines in gathered.values()])


def _plain(voice: Voice, name: str) -> str:
    return Speaker(voice.language, markup=False).say(name)


def _block(lines: list[BlockLine], voice: Voice) -> list[str]:
    first = lines[0]
    what = voice.speaker.say(first.code, BLOCKS, other=first.other)
    places: list[Place | str] = [
        Place(line.table, ", ".join(line.columns)) if line.columns else line.table for line in lines
    ]
    return [voice.weight(first.weight), what, voice.places(places)]


def policy(voice: Voice) -> Iterator[str]:
    """The differences between a policy and the database."""
    found = voice.survey.gaps
    yield voice.heading("policy")
    if found is None:
        yield voice.paragraph("policy_unknown")
        return
    if not found:
        yield voice.paragraph("policy_none")
        return
    columns = [Column(voice.say("what")), Column(voice.say("table")), Column(voice.say("columns"))]
    rows = []
    for gap in found:
        named = [voice.speaker.name(c) for c in gap.columns]
        if gap.categories:
            named = [voice.speaker.category(c) for c in gap.categories]
        rows.append([voice.say(gap.code), voice.speaker.name(gap.table), voice.speaker.several(named, 12)])
    yield from voice.table("policy_caption", columns, rows)


def limits(voice: Voice) -> Iterator[str]:
    """What could not be looked at, and what no look at a database tells."""
    yield voice.heading("limits")
    unseen = voice.survey.unseen
    if unseen:
        yield voice.paragraph("limits_seen")
        yield "<ul>\n"
        gathered: dict[str, list[Unseen]] = {}
        for one in unseen:
            gathered.setdefault(one.code, []).append(one)
        for code, several in gathered.items():
            yield f"<li>{_trouble(code, several, voice)}</li>\n"
        yield "</ul>\n"
    else:
        yield voice.paragraph("limits_all_seen")
    yield "<ul>\n" + "".join(f"<li>{voice.say(name)}</li>\n" for name in _LIMITS) + "</ul>\n"


def _trouble(code: str, several: list[Unseen], voice: Voice) -> str:
    why = voice.speaker.say(code, TROUBLES) if code in TROUBLES else escape(several[0].message)
    places: list[Place | str] = [
        Place(one.table, one.column) if one.column else one.table for one in several if one.table
    ]
    return f"{voice.places(places)} — {why}" if places else why


def following(voice: Voice) -> Iterator[str]:
    """The next commands. The address is a variable: no password stands in a report."""
    name = voice.survey.store
    steps = [
        ("next_discover", f"troth discover --url-from DATABASE_URL --as {_word(name)} -o troth.yaml"),
        ("next_check", "troth check"),
        ("next_erase", "troth erase --dry-run email=nobody@example.org"),
        ("next_again", "troth survey --url-from DATABASE_URL --policy troth.yaml"),
    ]
    yield voice.heading("next")
    yield '<div class="steps">\n'
    for words, command in steps:
        yield f'<p>{voice.say(words)}</p>\n<pre class="run">{escape(command)}</pre>\n'
    yield "</div>\n"


def _word(name: str) -> str:
    """The store's name where a shell reads it: names are words of letters, figures and hyphens."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "_" for c in name) or "store"
