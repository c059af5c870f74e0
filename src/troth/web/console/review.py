"""A review by a human: which of the person's refused requests it is about, and what follows where it changes one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from troth.core.errors import UsageError
from troth.core.requests.model import Request
from troth.core.requests.route import terms_of
from troth.desk import reviewed
from troth.desk.files import request_of
from troth.desk.house import House, house
from troth.desk.models import File
from troth.package import locale
from troth.web.console.drawing import to
from troth.web.console.gate import Member, staff_only
from troth.web.console.models import Look
from troth.web.wording import Words

_DECIDED = ("request.refuse", "request.approve")


def choices(at: House, me: Member, found: Request, language: str) -> dict[str, Any]:
    """For the page where the result is written down: what was refused, and whether they refused it themselves."""
    words, before = Words("console", language), reviewed.refused_before(found)
    mine = _decided_by(me.public_id, before)
    return {
        "refusals": [(one.ref, _line(at, one, words, language), one.ref in mine) for one in before],
        "own_refusal": bool(mine),
    }  # fmt: skip


def followed(at: House, found: Request, words: Words, language: str) -> dict[str, Any]:
    """For the page of a request: what its review was about and what can follow; of a refused one, its reviews."""
    said = reviewed.after(found)
    values: dict[str, Any] = {"reviews": reviewed.reviews_of(found.ref)}
    if said is None or not (said.about or said.anew):
        return values
    about = said.about
    return values | {
        "followed": {
            "about": (about.ref, _line(at, about, words, language)) if about is not None else None,
            "anew": said.anew, "open": said.open, "right": words[f"kind_{about.right}"] if about is not None else "",
            "own": about is not None and bool(_decided_by(said.who, [about])),
        }
    }  # fmt: skip


@staff_only("answer_requests")
@require_POST
def anew(request: HttpRequest, me: Member, ref: str) -> HttpResponse:
    """Open the request that carries out what the review has changed."""
    from troth.web.console.enter import entered

    row = File.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    with house() as at:
        try:
            with transaction.atomic():
                opened = entered(at, me, reviewed.again(at, request_of(row), datetime.now(UTC)))
                reviewed.carried_on(ref, opened.request.ref)
        except UsageError:
            return to(request, "console_request", ref, said="anew_not")
    return to(request, "console_request", opened.request.ref, said="joined" if opened.joined else "anew_done")


def _decided_by(who: str, refused: list[Request]) -> set[str]:
    """Of these, what this member of staff has decided at the console, as far as the trace of it is kept."""
    rows = Look.objects.filter(
        staff__public_id=who, kind="changed", what__in=_DECIDED, ref__in=[one.ref for one in refused]
    )
    return set(rows.values_list("ref", flat=True))


def _line(at: House, one: Request, words: Words, language: str) -> str:
    day = locale.day(terms_of(at.policy).day(one.ended_at or one.received), language)
    return f"{words[f'kind_{one.right}']} · {words[f'state_{one.state}']} · {day}"
