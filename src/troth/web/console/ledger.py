"""Looking through the ledger, and checking one event of it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from troth.core.evidence import browse
from troth.core.evidence.browse import Shown, Wanted
from troth.core.evidence.note import b64, parse_vkey
from troth.desk.house import House, house
from troth.package import locale
from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.events import Telling
from troth.web.console.gate import Member, staff_only
from troth.web.console.staffing import people
from troth.web.wording import Words

FAMILIES = (
    "access", "allowing", "answer", "archive", "backup", "directives", "disclosure", "epoch", "erasure", "hold",
    "identity", "key", "ledger", "lifting", "objection", "policy", "portability", "recipients", "rectification",
    "request", "requests", "restriction", "staff", "sweep", "token",
)  # fmt: skip
"""First words of kinds: each has its words ``event_NAME``. Others are shown by their code."""
_WORD = re.compile(r"[a-z_.]{1,60}")
_REF = re.compile(r"[A-Za-z0-9._:-]{1,80}")


@staff_only("audit")
@require_safe
def ledger(request: HttpRequest, me: Member) -> HttpResponse:
    """A page of events, newest first."""
    wanted, before = wanted_of(request)
    language, words = language_of(request), words_for(request)
    with house() as at:
        state = at.records.state
        zone = ZoneInfo(at.policy.timezone)
        found = browse.page(state.ledger, wanted, zone, before)
        telling = Telling(at.policy, words, language, people())
        entries = [telling.row(one) for one in found.entries]
        facts: dict[str, Any] = {
            "size": locale.whole(state.ledger.size, language), "origin": state.origin, "key": str(state.verify_key),
            "checkpoint": state.ledger.last_checkpoint() or "",
        }  # fmt: skip
    said = _said(request, wanted)
    place = reverse("console_ledger")
    older = f"{place}?{urlencode({**said, 'before': found.older})}" if found.older is not None else ""
    newest = f"{place}?{urlencode(said)}" if before is not None else ""
    return draw(
        request, me, "ledger", room="ledger", entries=entries, older=older, newest=newest,
        kinds=[(name, words[f"event_{name}"]) for name in FAMILIES], kind=wanted.kind, wanted=wanted.request,
        day=wanted.day.isoformat() if wanted.day else "", filtered=wanted != Wanted(), **facts,
    )  # fmt: skip


def wanted_of(request: HttpRequest) -> tuple[Wanted, int | None]:
    """The choice in the address; what cannot be one is not heard."""
    kind, ref = request.GET.get("kind", ""), request.GET.get("request", "").strip()
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    before = request.GET.get("before", "")
    wanted = Wanted(kind if _WORD.fullmatch(kind) else "", day, ref if _REF.fullmatch(ref) else "")
    return wanted, int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None


def _said(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    day = wanted.day.isoformat() if wanted.day else ""
    said = {"kind": wanted.kind, "day": day, "request": wanted.request, "lang": request.GET.get("lang", "")[:12]}
    return {name: value for name, value in said.items() if value}


@staff_only("audit")
@require_safe
def event(request: HttpRequest, me: Member, position: int) -> HttpResponse:
    """One event with what proves it, recalculated now."""
    language, words = language_of(request), words_for(request)
    with house() as at:
        log = at.records.state.ledger
        try:
            one = browse.entry(log, position)
        except IndexError:
            raise Http404 from None
        proof = browse.shown(log, position, _keys(at))
        row = Telling(at.policy, words, language, people()).row(one)
    shown: dict[str, Any] = {}
    if proof is not None:
        shown = {
            "leaf": proof.leaf.decode(), "hashes": [b64(one) for one in proof.proof],
            "checks": checks(proof, position, words),
        }  # fmt: skip
    ref = str((one.body or {}).get("request", ""))
    return draw(
        request, me, "event", room="ledger", title=words.say("event_title", n=position), one=row, proof=proof,
        ref=ref if _REF.fullmatch(ref) else "", **shown,
    )  # fmt: skip


def _keys(at: House) -> tuple[Any, ...]:
    return tuple(parse_vkey(key) for _, key in at.records.state.ledger.signers())


def checks(proof: Shown, position: int, words: Words) -> list[tuple[bool, str]]:
    """What was recalculated, each with its outcome."""
    size = proof.checkpoint.size
    found = [
        (
            proof.included,
            words.say("proof_included" if proof.included else "proof_not_included", n=position, size=size),
        ),
        (proof.signed, words["proof_signed" if proof.signed else "proof_not_signed"]),
    ]
    if proof.opened is None:
        return [*found, (True, words["proof_deleted"])]
    return [*found, (proof.opened, words["proof_opened" if proof.opened else "proof_not_opened"])]
