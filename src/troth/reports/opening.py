"""The first page: what was looked at, four figures, three to seven findings, what follows."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.survey.model import Note
from troth.package.html_cells import escape
from troth.reports.markup import Voice
from troth.reports.speech import Speaker
from troth.reports.texts_findings import KINDS, NOTES

CHAPTERS = ("map", "kinds", "ages", "secrets", "links", "erasure", "policy", "limits", "next")


def opening(voice: Voice, chapters: tuple[str, ...]) -> Iterator[str]:
    """Everything above the first chapter."""
    survey = voice.survey
    yield f"<h1>{voice.say('title', store=survey.store)}</h1>\n"
    yield f'<p class="lead">{voice.say("lead")}</p>\n'
    engine = KINDS[survey.engine][voice.language] if survey.engine in KINDS else survey.engine
    made = voice.say("made", day=survey.as_of, engine=engine, sample=survey.sample)
    yield f'<p class="soft">{made}</p>\n'
    yield from _figures(voice)
    yield voice.heading("findings")
    yield '<ul class="notes">\n'
    for note in survey.notes:
        yield f"<li>{voice.weight(note.weight)}<div><p>{sentence(note, voice.speaker)}</p>"
        yield f"<p>{advice(note, voice.speaker)}</p></div></li>\n"
    yield "</ul>\n"
    title = f"{voice.language}-contents"
    yield f'<nav class="contents" aria-labelledby="{title}"><h2 id="{title}">{voice.say("contents")}</h2>\n<ul>\n'
    for name in chapters:
        yield f'<li><a href="#{voice.language}-{name}">{voice.say(name)}</a></li>\n'
    yield "</ul></nav>\n"


def sentence(note: Note, speaker: Speaker) -> str:
    """What a finding says."""
    return speaker.say(_code(note), NOTES, **note.params)


def advice(note: Note, speaker: Speaker) -> str:
    """Why it matters, or what to do."""
    return speaker.say(f"{_code(note)}_do", NOTES, **note.params)


def _code(note: Note) -> str:
    return f"{note.code}_{note.params['told']}" if note.code == "past_time" else note.code


def _figures(voice: Voice) -> Iterator[str]:
    survey, say, whole = voice.survey, voice.say, voice.speaker.whole
    people, all_tables = survey.people, say("figure_tables_note", n=survey.tables_in_all)
    basis = f' <span class="basis">({say(people.basis)})</span>'
    about = say("figure_people_note", places=survey.people_tables) + basis if survey.people_tables else ""
    oldest = next((a for a in survey.ages if a.oldest == survey.oldest), None)
    day = escape(voice.speaker.day(oldest.oldest)) if oldest else "–"
    shown = "–" if people.value is None or not survey.people_tables else escape(voice.speaker.figure(people))
    cells = [
        ("figure_tables", "big", escape(whole(len(survey.personal))), all_tables),
        ("figure_people", "big", shown, about or say("figure_people_none")),
        ("figure_columns", "big", escape(whole(survey.columns)),
         say("figure_columns_note", categories=len(survey.categories))),
        ("figure_oldest", "big day", day,
         say("figure_oldest_note", table=oldest.table) if oldest else say("figure_oldest_none")),
    ]  # fmt: skip
    yield '<dl class="figures">\n'
    for name, kind, value, note in cells:
        yield f'<div><dt>{say(name)}</dt><dd class="{kind}">{value}</dd><dd class="soft">{note}</dd></div>\n'
    yield "</dl>\n"
