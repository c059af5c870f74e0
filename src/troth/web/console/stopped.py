"""What visitors' browsers stopped, and what it means: sums, in which nobody can be found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.package import locale
from troth.web.console.drawing import draw, language_of
from troth.web.console.gate import Member, staff_only
from troth.web.csp.summing import DAYS, OTHERS, meaning, sums
from troth.web.pages.published import kept
from troth.web.wording import Words

SHOWN_DAYS = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One host, for reading."""

    blocked: str
    directive: str
    page: str
    count: str
    last: str
    means: str


@staff_only()
@require_safe
def stopped(request: HttpRequest, me: Member) -> HttpResponse:
    """The sums of the last weeks, the most frequent first."""
    language = language_of(request)
    words = Words("csp", language)
    since = datetime.now(UTC).date() - timedelta(days=SHOWN_DAYS)
    lines = [
        Line(
            "…" if one.blocked == OTHERS else one.blocked, one.directive, one.page, locale.whole(one.count, language),
            locale.day(one.last, language), words.say(meaning(one), service=one.service),
        )
        for one in sums(kept.get().policy, since)
    ]  # fmt: skip
    return draw(
        request, me, "stopped", room="stopped", w=words, lines=lines,
        since=words.say("since", day=locale.day(since, language)), kept_for=words.say("kept_for", days=DAYS),
    )  # fmt: skip
