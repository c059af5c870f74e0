"""Looking through the ledger, and checking one event of it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from troth.core.evidence import browse
from troth.core.evidence.browse import Entry, Shown, Wanted
from troth.core.evidence.canonical import JSON
from troth.core.evidence.note import b64, parse_vkey
from troth.desk.house import House, house
from troth.package import locale
from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.staffing import people
from troth.web.wording import Words

FAMILIES = (
    "access", "account", "answer", "archive", "disclosure", "epoch", "erasure", "hold", "identity", "incident", "key",
    "ledger", "objection", "policy", "portability", "recipients", "rectification", "request", "requests", "restriction",
    "staff", "sweep", "token",
)  # fmt: skip
"""First words of kinds: each has its words ``event_NAME``. Others are shown by their code."""
WHO = ("who", "by", "to", "from")
"""Where the body of an event has the name that stands for somebody of staff."""
FIRST = ("request", "who")
"""What of a body a line of the list shows at once."""
_CODES: Mapping[str, tuple[str, ...]] = {
    "right": ("kind_",), "channel": ("channel_",), "by": ("by_",), "what": ("trace_what_",),
    "ground": ("trace_ground_", "ground_", "kind_"), "kind": ("dis_",), "reference": ("proof_",),
}  # fmt: skip
"""By their names in a body: codes, and with what their words begin."""
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
        known = people()
        entries = [_row(one, zone, language, words, known) for one in found.entries]
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


def _row(one: Entry, zone: ZoneInfo, language: str, words: Words, known: Mapping[str, str]) -> dict[str, Any]:
    """``known``: who of staff stands behind which name; whoever reads this page may know it."""
    body = None if one.body is None else [
        (words[f"key_{name}"] if words.has(f"key_{name}") else "", name,
         f"{known[str(value)]} · {value}" if name in WHO and str(value) in known else _said_of(name, value, words))
        for name, value in sorted(one.body.items())
    ]  # fmt: skip
    # A line says whose story it belongs to; the rest opens.
    first = [line for line in body or () if line[1] in FIRST]
    return {
        "position": one.position, "kind": one.kind, "family": family(one.kind, words), "body": body,
        "first": first, "rest": [line for line in body or () if line not in first],
        "when": locale.moment(one.at.astimezone(zone).replace(microsecond=0), language),
    }  # fmt: skip


def family(kind: str, words: Words) -> str:
    """What a kind of event is about, in words."""
    name = f"event_{kind.partition('.')[0]}"
    return words[name] if words.has(name) else kind


def _said_of(name: str, value: JSON, words: Words) -> str:
    """A value: one of our own codes in words, with the code; all others as they are."""
    found = next((f"{before}{value}" for before in _CODES.get(name, ()) if words.has(f"{before}{value}")), "")
    return f"{words[found]} · {value}" if found else _value(value)


def _value(value: JSON) -> str:
    """A value of a body as an auditor reads it: text as it is, lists one under the other, the rest as JSON."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, list):
        return " · ".join(_value(one) for one in value)
    return json.dumps(value, ensure_ascii=False)


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
        row = _row(one, ZoneInfo(at.policy.timezone), language, words, people())
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
