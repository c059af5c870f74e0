"""The headline in plain text, for a terminal."""

from __future__ import annotations

import textwrap

from troth.core.survey.model import Survey
from troth.reports.markup import SHAPES
from troth.reports.opening import sentence
from troth.reports.speech import Speaker, plain_name

_WIDTH = 100
_COLON = {"en": ": ", "fr": "\u00a0: "}


def headline(survey: Survey, language: str, file: str) -> str:
    """The figures in a line, each finding with its shape and word, and where the report lies. Its spaces are plain
    ones, since terminals know no others."""
    speaker = Speaker(language, markup=False)
    lines = [plain_name(survey.store) + _COLON[language] + _figures(survey, speaker), ""]
    for note in survey.notes:
        head = f"{SHAPES[note.weight]} {speaker.say(note.weight)}{_COLON[language]}"
        lines.append(textwrap.fill(head + sentence(note, speaker), _WIDTH, subsequent_indent="  "))
    lines += ["", speaker.say("saved", n=file)]
    return "\n".join(lines).replace("\u00a0", " ").replace("\u202f", " ")


def _figures(survey: Survey, speaker: Speaker) -> str:
    in_all = speaker.say("figure_tables_note", n=survey.tables_in_all)
    parts = [f"{speaker.say('head_tables', n=len(survey.personal))} ({in_all})"]
    if survey.people_tables and survey.people.value is not None:
        parts.append(speaker.say("head_people", n=survey.people))
    parts.append(speaker.say("head_columns", n=survey.columns))
    if survey.oldest:
        parts.append(f"{speaker.say('figure_oldest')}{_COLON[speaker.language]}{speaker.day(survey.oldest)}")
    return ", ".join(parts)
