"""The report as one page without script or anything from elsewhere, in one language or in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from troth.core.survey.model import Survey
from troth.package.html_cells import escape
from troth.reports import chapters_data, chapters_risks, chapters_work, picture
from troth.reports.markup import Voice
from troth.reports.opening import CHAPTERS, opening
from troth.reports.speech import Speaker, plain_name
from troth.reports.style import CONTENT_SECURITY_POLICY, STYLE

_NAMES = {"en": "English", "fr": "Français"}

_CHAPTERS: dict[str, Callable[[Voice], Iterator[str]]] = {
    "map": picture.chapter, "kinds": chapters_data.kinds, "ages": chapters_data.ages,
    "secrets": chapters_risks.secrets, "links": chapters_risks.links, "erasure": chapters_work.erasure,
    "policy": chapters_work.policy, "limits": chapters_work.limits, "next": chapters_work.following,
}  # fmt: skip


def survey_page(survey: Survey, languages: Sequence[str], *, against_policy: bool = False) -> Iterator[str]:
    """The page in pieces; the first language is the one that is shown first. Nothing in it was written by the
    database but names of tables and columns, which are escaped."""
    yield from _head(survey, languages)
    for place, language in zip(("first", "second"), languages, strict=False):
        voice = Voice(survey, Speaker(language))
        yield f'<section class="{place}" id="{language}" lang="{language}">\n'
        yield from _part(voice, against_policy)
        yield "</section>\n"
    yield "</main>\n</body>\n</html>\n"


def _part(voice: Voice, against_policy: bool) -> Iterator[str]:
    survey = voice.survey
    wanted = CHAPTERS if survey.personal else ("limits", "next")
    chapters = tuple(name for name in wanted if name != "policy" or against_policy)
    yield from opening(voice, chapters)
    for name in chapters:
        yield from _CHAPTERS[name](voice)
    yield f"<footer><p>Troth · {escape(voice.speaker.day(survey.as_of))}</p></footer>\n"


def _head(survey: Survey, languages: Sequence[str]) -> Iterator[str]:
    first = languages[0]
    title = Speaker(first, markup=False).say("document", store=plain_name(survey.store))
    yield f'<!DOCTYPE html>\n<html lang="{first}">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{CONTENT_SECURITY_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield '<meta name="referrer" content="no-referrer">\n<meta name="robots" content="noindex">\n'
    yield f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    if len(languages) > 1:
        label = " / ".join(Speaker(language).say("languages") for language in languages)
        yield f'<nav class="languages" aria-label="{label}">'
        for language in languages:
            yield f'<a href="#{language}" lang="{language}" hreflang="{language}">{_NAMES[language]}</a>'
        yield "</nav>\n"
    yield "<main>\n"
