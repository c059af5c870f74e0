"""What an erasure leaves, and why: of the plan, for the person who asked; and the answer in their words.

Who asks for some uses only asks for what serves those and no other. What other uses need is not kept back from them,
and it is not promised that it goes one day.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, cast

from troth.core.law import citations
from troth.core.law.bases import REFUSAL_REASONS
from troth.core.policy.model import Basis
from troth.core.requests.model import Act, Request
from troth.core.rights.plan import PASSIVE, Step
from troth.desk import byhand
from troth.desk.asked import kinds as named_kinds
from troth.desk.asked import narrowed
from troth.desk.grounds import BELOW, CLAIM, CODES, FROZEN, LEADS, grounds_of, named_hold
from troth.package import labels
from troth.package.html_names import Namer
from troth.package.locale import day as spelt_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from troth.core.policy.model import Collection, Hold, Policy
    from troth.desk.house import House
    from troth.web.wording import Words

Kept = tuple[str, str, str, str, str, tuple[str, ...]]
"""(store, collection, kind, until, why, fields). ``kind`` is the engine's word (``hold``, ``manual``, ``purpose``);
``until`` is ``end_of``; ``why`` names the hold with its collection, or the purpose, or is one of ``grounds.CODES``."""

_TO = ".."
_OF_PEOPLE = ("hold", "manual", "purpose", "leads")
_BINDING = (Basis.LEGAL_OBLIGATION, Basis.PUBLIC_TASK)


# --- what stays of what was asked for


def asked_for(policy: Policy, scope: frozenset[str], steps: Iterable[Step]) -> list[Step]:
    """The steps that keep something of what was asked for, each with those of its fields that serve no other use."""
    if not scope:
        return list(steps)
    found = [one for step in steps for one in _asked_for(policy, scope, step)]
    return found if any(one.detail in _OF_PEOPLE for one in found) else []


def _asked_for(policy: Policy, scope: frozenset[str], step: Step) -> Iterator[Step]:
    collection = policy.stores[step.store].collections.get(step.collection)
    if collection is None or (step.detail == "purpose" and step.reason not in scope):
        return
    if step.detail not in _OF_PEOPLE or not step.fields:
        if _uses(collection) and _uses(collection) <= scope:
            yield step
        return
    fields = [collection.field_named(name) for name in step.fields]
    mine = tuple(one.name for one in fields if one is not None and one.purposes and one.purposes <= scope)
    if mine:
        yield replace(step, fields=mine)


def _uses(collection: Collection) -> frozenset[str]:
    return collection.purposes.union(*(one.purposes for one in collection.fields))


def kept_of(policy: Policy, request: Request, steps: Iterable[Step]) -> tuple[Kept, ...]:
    """What the answer to a request is to tell of these steps: names of the policy and codes, nobody's data."""
    found = asked_for(policy, request.scope, steps)
    return tuple(sorted({
        (
            one.store, one.collection, one.detail, end_of(one), why_of(policy, one), _fields(policy, one),
        )
        for one in found
    }))  # fmt: skip


def of_ledger(policy: Policy, request: Request, lines: Iterable[Sequence[Any]]) -> tuple[Kept, ...]:
    """The same of what the ledger remembers, ``[store, collection, kind, until]``: which hold it was is told where only
    one can have been."""
    steps, scope = list[Step](), request.scope
    for store, name, kind, until in lines:
        known = policy.stores[store].collections.get(name) if store in policy.stores else None
        end = date.fromisoformat(until) if until else None
        step = Step(0, store, name, "keep", (), 1, "", end, detail=kind)  # the first day is not on record
        if known is None:
            steps += [] if scope else [step]
            continue
        every = tuple(one.name for one in known.fields)
        if kind == "hold":
            holds = [(hold, fields) for _, hold, fields in _holds(policy, known)]
            kept = tuple(dict.fromkeys(field for _, fields in holds for field in fields))
            step = replace(step, fields=kept, reason=holds[0][0].because if len(holds) == 1 else "")
        elif kind in ("manual", "leads"):
            step = replace(step, fields=every if kind == "manual" else _found_by(known))
        elif kind == "purpose":
            uses = sorted(p for p in _uses(known) & set(policy.purposes) if policy.purposes[p].basis in _BINDING)
            asked = [use for use in uses if not scope or use in scope]
            step = replace(step, fields=every, reason=asked[0] if len(asked) == 1 or (scope and asked) else "")
        steps.append(_of_kinds(known, request.categories, step))
    return kept_of(policy, request, steps)


def _of_kinds(collection: Collection, categories: frozenset[str], step: Step) -> Step:
    """Of a request for some kinds of data, only their fields."""
    if not categories:
        return step
    fields = (collection.field_named(name) for name in step.fields)
    return replace(step, fields=tuple(one.name for one in fields if one is not None and one.category in categories))


def _found_by(collection: Collection) -> tuple[str, ...]:
    columns = {one.column for one in collection.identifiers}
    return tuple(one.name for one in collection.fields if one.column in columns)


def rows_of(house: House, request: Request) -> int:
    """Rows that an erasure meant to change, as the ledger heard before the first write: a try that a crash cut short
    may have changed them."""
    bodies = [body for kind, body in house.records.state.events_of(request.ref) if kind == "erasure.intended" and body]
    found = [cast("list[list[Any]]", body.get("steps", [])) for body in bodies]
    return max((sum(int(s[3]) for s in steps if s[2] not in PASSIVE) for steps in found), default=0)


def _holds(policy: Policy, collection: Collection) -> Iterator[tuple[str, Hold, tuple[str, ...]]]:
    """The holds that may keep rows of a collection, each with where it is written and the fields that it keeps here."""
    every = tuple(one.name for one in collection.fields)
    for below in policy.stores[collection.store].collections.values():
        for hold in below.holds:
            if below.name == collection.name:
                yield below.name, hold, hold.fields or every
            elif collection.name in hold.parents:
                fields = hold.parents[collection.name]
                yield below.name, hold, every if fields == ("*",) else fields


def hold_of(policy: Policy, step: Step) -> tuple[str, Hold] | None:
    """The hold that keeps this, with the collection where it is written."""
    collection = policy.stores[step.store].collections.get(step.collection)
    if collection is None or step.detail != "hold" or not step.reason:
        return None
    return next(((where, hold) for where, hold, _ in _holds(policy, collection) if hold.because == step.reason), None)


def why_of(policy: Policy, step: Step) -> str:
    """Why it is kept, as ``Kept`` tells it."""
    if step.detail == "hold":
        found = hold_of(policy, step)
        return f"{found[0]}/{found[1].name}" if found is not None else ""
    if step.detail == "manual":
        return FROZEN if step.reason.startswith("restriction:") else CLAIM if step.reason else ""
    if step.detail == "purpose":
        return step.reason
    return {"leads": LEADS, "needed_by_kept": BELOW}.get(step.detail, "")


def end_of(step: Step) -> str:
    """The last day as ISO 8601 has it, empty where none is known; with the first before it (``2029-12-31..2036-12-31``)
    where not all rows end on the same day."""
    if step.until is None:
        return ""
    first = step.first_until if step.first_until != step.until else None
    return f"{first.isoformat()}{_TO}{step.until.isoformat()}" if first else step.until.isoformat()


def last_day(end: str) -> date | None:
    """The last day of ``end_of``."""
    return date.fromisoformat(end.rpartition(_TO)[2]) if end else None


def ending(words: Words, end: str, language: str) -> str:
    """``end_of`` in words."""
    last, first = last_day(end), end.rpartition(_TO)[0]
    if last is None:
        return ""
    day = spelt_day(last, language)
    return words.say("kept_range", first=spelt_day(date.fromisoformat(first), language), last=day) if first else day


def _fields(policy: Policy, step: Step) -> tuple[str, ...]:
    collection = policy.stores[step.store].collections.get(step.collection) if step.store in policy.stores else None
    return tuple(one for one in step.fields if collection is not None and collection.field_named(one) is not None)


# --- the answer in words


def answered(
    policy: Policy, words: Words, request: Request, result: Mapping[str, Any], language: str, whose: str
) -> list[tuple[str, list[str]]]:  # fmt: skip
    """What an erasure has done, as paragraphs, each with its list. ``whose``: empty for the reader's own data, else
    the end of the words for somebody else's."""
    uses, kept = narrowed(policy, request, language), result.get("kept", [])
    kinds = named_kinds(policy, request, language)
    if kinds:
        told = _of_some_kinds(words, result, kinds, uses, whose)
    elif result.get("rows", 1) or byhand.found_something(request.ref):
        said = f"done{whose}_erasure"
        told = [(words["done_behalf_erasure_uses" if whose else "done_erasure_uses"], uses) if uses else
                (words[said if words.has(said) else "done_behalf_erasure"], [])]  # fmt: skip
    elif uses:
        told = [(words["none_of_uses"], uses)]
        told += [] if kept or whose else [(words["none_of_uses_then"], [])]
    else:
        told = [(words["none_yet" if kept else "none_left"], [])]
    if kept:
        told.append((words["kept"], kept_lines(policy, words, kept, language)))
        told.append((words["kept_by_law"], in_law(policy, request, kept, language)))
    stopped = [_text(policy.purposes[name].title, language) for name in result.get("stopped", ()) if name in
               policy.purposes]  # fmt: skip
    return [*told, (words["stopped"], stopped)] if stopped else told


def _of_some_kinds(
    words: Words, result: Mapping[str, Any], kinds: list[str], uses: list[str], whose: str
) -> list[tuple[str, list[str]]]:  # fmt: skip
    if not result.get("rows", 1):
        return [(words["none_of_kinds"], kinds)]
    told = [(words["done_behalf_erasure_kinds" if whose else "done_erasure_kinds"], kinds)]
    return [*told, (words["done_kinds_uses"], uses)] if uses else told


def in_law(policy: Policy, request: Request, kept: Sequence[Sequence[Any]], language: str) -> list[str]:
    """The grounds on which part of an erasure is refused, in words: those on record; before it has ended, those that
    will be."""
    said = [one.reasons for one in request.history if one.act == Act.PARTLY_REFUSED]
    reasons = [REFUSAL_REASONS[code] for code in (said[-1] if said else grounds_of(policy, kept))]
    return [f"{one.text[language]} ({citations.spelt(f'GDPR art. {one.article}', language)})" for one in reasons]


def kept_lines(policy: Policy, words: Words, kept: Iterable[Sequence[Any]], language: str) -> list[str]:
    """What was kept, each place once: what of it, why, and until when. Results of older versions tell neither what nor
    why."""
    places: dict[str, list[Sequence[Any]]] = {}
    every = list(kept)
    for one in every:
        places.setdefault(_place(policy, one[0], one[1], language), []).append(one)
    return [words.say("kept_line", place=place, whys=_whys(policy, words, found, every, language)) for place, found in
            places.items()]  # fmt: skip


def _whys(
    policy: Policy, words: Words, kept: list[Sequence[Any]], every: Sequence[Sequence[Any]], language: str
) -> str:  # fmt: skip
    """A row that only stays for what hangs on it is no reason of its own where there is another. ``every``: all that
    was kept, wherever it stands."""
    told = [one for one in kept if one[2] or _tells(one)] or kept
    found: dict[tuple[str, str], list[str]] = {}
    for store, name, _, until, *more in told:
        why, fields = more if len(more) == 2 else ("", ())
        if why == BELOW:
            below, last = hanging(policy, (store, name), [(one[0], one[1], one[3], *one[4:5]) for one in every])
            named = below_in_words(policy, words, below, language)
            found.setdefault(("", _until(words, last, language)), []).append(named)
            continue
        end = "" if why in (FROZEN, LEADS, BELOW) else words["kept_open"]
        end = _until(words, until, language) or end
        what = ", ".join(dict.fromkeys(_label(policy, store, name, one, language) for one in fields))
        found.setdefault((what, end), []).append(said(policy, words, store, why, language))
    parts = []
    for (what, end), whys in found.items():
        why = ", ".join(dict.fromkeys(whys)) + end
        parts.append(words.say("kept_what", what=what, why=why) if what else why)
    return ("\u00a0; " if language == "fr" else "; ").join(parts)


def _until(words: Words, end: str, language: str) -> str:
    return words.say("kept_until", day=ending(words, end, language)) if end else ""


def hanging(
    policy: Policy, place: tuple[str, str], kept: Iterable[Sequence[str]]
) -> tuple[list[tuple[str, str]], str]:  # fmt: skip
    """What of ``kept``, as (store, collection, until, why), hangs on rows of this place and stays, for a reason of its
    own if any does; and until when all of that stays (``end_of``), empty where that is not known. Nothing where it is
    not among them: it serves another use, or is somebody else's too."""
    store, name = place
    collections = policy.stores[store].collections if store in policy.stores else {}
    below = {name}
    while more := {
        one.name for one in collections.values() if one.name not in below and any(k.parent in below for k in one.links)
    }:
        below |= more
    there = [one for one in kept if one[0] == store and one[1] in below - {name}]
    found = [one for one in there if "".join(one[3:4]) != BELOW] or there
    days = [last_day(one[2]) for one in found]
    last = "" if None in days else max((day.isoformat() for day in days if day), default="")
    return list(dict.fromkeys((one[0], one[1]) for one in found)), last


def below_in_words(policy: Policy, words: Words, below: Sequence[tuple[str, str]], language: str) -> str:
    """What hangs on it and stays."""
    what = ", ".join(dict.fromkeys(_place(policy, *one, language) for one in below))
    return words.say("stays_below_named", what=what) if what else words["stays_below"]


def _label(policy: Policy, store: str, collection: str, field: str, language: str) -> str:
    """What a field holds, as the personal space says it; results of older versions name its category."""
    known = policy.stores[store].collections.get(collection) if store in policy.stores else None
    found = known.field_named(field) if known is not None else None
    namer = Namer(policy, "fr" if language == "fr" else "en")
    return namer.field_label(found) if found is not None else labels.category(field, namer.language, {})


def _tells(one: Sequence[Any]) -> bool:
    """Whether it names fields by which other rows are found."""
    return len(one) == 6 and one[4] == LEADS and bool(one[5])


def said(policy: Policy, words: Words, store: str, why: str, language: str) -> str:
    """``Kept.why`` in words, with what asks for it."""
    if why in CODES:
        return words[f"stays_{why}"]
    if why in policy.purposes:
        title = _text(policy.purposes[why].title, language) or words["stays_reason"]
        return f"{title} ({words['stays_duty']})" if policy.purposes[why].basis in _BINDING else title
    hold = named_hold(policy, store, why)
    return by_law(hold, language) if hold is not None else words["stays_reason"]


def by_law(hold: Hold, language: str) -> str:
    """Why the policy keeps it, and what asks for that."""
    said = _text(hold.because_in, language) or hold.because
    return f"{said} ({citations.spelt(hold.source, language)})" if hold.source else said


def _place(policy: Policy, store: str, name: str, language: str) -> str:
    """What the policy calls the collection; its own name where it has no title."""
    found = policy.stores[store].collections.get(name) if store in policy.stores else None
    return (_text(found.title, language) if found is not None and found.title else "") or name


def _text(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")
