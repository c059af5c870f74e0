"""The versions of the policy on record, and what ``troth check`` finds in the file as it is now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.bootstrap import examine_policy
from troth.core.check.run import all_problems
from troth.core.errors import TrothError
from troth.core.policy.problems import Problem
from troth.core.requests.route import terms_of
from troth.package import locale
from troth.publishing.speaker import spelt_version
from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.saying import said
from troth.web.pages.published import kept
from troth.web.pages.published import versions as on_record
from troth.web.wording import Words

_MARKS = {"error": "▲", "warning": "△", "note": "·"}
_SEVERITIES = ("error", "warning", "note")


@staff_only("publish")
@require_safe
def versions(request: HttpRequest, me: Member) -> HttpResponse:
    """What was published when, and what is wrong with the file."""
    language, words = language_of(request), words_for(request)
    rows = _versions(language)
    problems, unreadable, digest = _examined(language, words)
    other = bool(rows) and bool(digest) and digest != rows[0]["digest"]
    return draw(
        request, me, "versions", room="versions", versions=rows, problems=problems, unreadable=unreadable,
        sum=_sum(problems, words), other=other, may_audit=me.can("audit"),
    )  # fmt: skip


def _versions(language: str) -> list[dict[str, Any]]:
    policy, found = kept.get().policy, on_record()
    today = terms_of(policy).day(datetime.now(UTC)).isoformat()
    holds = next((one.version for one in found if one.version[:10] <= today), "")
    rows: list[dict[str, Any]] = []
    for place, one in enumerate(found):
        before = found[place + 1].version if place + 1 < len(found) else ""
        published = one.published_at.astimezone(ZoneInfo(policy.timezone))
        rows.append({
            "version": one.version, "said": spelt_version(one.version, language), "digest": one.policy,
            "published": locale.minute(published, language), "position": one.position, "before": before,
            "before_said": spelt_version(before, language) if before else "", "in_force": one.version == holds,
            "not_yet": one.version[:10] > today,
        })  # fmt: skip
    return rows


def _examined(language: str, words: Words) -> tuple[list[dict[str, str]], str, str]:
    """What ``troth check`` says of the file today; why it cannot be read, if it cannot; its digest, if it is sound."""
    day = terms_of(kept.get().policy).day(datetime.now(UTC))
    try:
        examined = examine_policy(settings.POLICY)
    except TrothError as error:
        return [], said(error.message, "", language).message, ""
    problems = [_told(one.in_language(language), words) for one in _worst_first(all_problems(examined, day))]
    return problems, "", examined.policy.digest if examined.policy is not None else ""


def _worst_first(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda one: _SEVERITIES.index(one.severity))


def _told(one: Problem, words: Words) -> dict[str, str]:
    return {
        "severity": words[f"check_{one.severity}"], "kind": one.severity, "mark": _MARKS[one.severity],
        "code": one.code, "message": one.message, "advice": one.advice, "source": one.source,
        "place": f"{Path(one.file).name}:{one.line}:{one.column}",
    }  # fmt: skip


def _sum(problems: list[dict[str, str]], words: Words) -> str:
    counts = {kind: sum(one["kind"] == kind for one in problems) for kind in _SEVERITIES}
    return words.say("check_sum", errors=counts["error"], warnings=counts["warning"], notes=counts["note"])
