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
from troth.core.policy.model import Basis
from troth.core.requests.model import Request
from troth.core.rights.plan import PASSIVE, Step
from troth.desk import byhand
from troth.desk.asked import narrowed
from troth.package import labels
from troth.package.locale import day as spelt_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from troth.core.policy.model import Collection, Hold, Policy
    from troth.desk.house import House
    from troth.web.wording import Words

Kept = tuple[str, str, str, str, str, tuple[str, ...]]
"""(store, collection, kind, until, why, categories). ``kind`` is the engine's word (``hold``, ``manual``, ``purpose``);
``until`` is ``end_of``; ``why`` names the hold with its collection, or the purpose, or is one of the codes below."""

FROZEN, CLAIM, LEADS, BELOW = "frozen", "claim", "leads", "below"
"""The person's data is frozen; somebody of staff holds it for a legal claim; what stays for other uses is found by it;
what hangs on it stays."""
_CODES = (FROZEN, CLAIM, LEADS, BELOW)
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


def kept_of(policy: Policy, scope: frozenset[str], steps: Iterable[Step]) -> tuple[Kept, ...]:
    """What the answer is to tell of these steps: names of the policy and codes, nobody's data."""
    found = asked_for(policy, scope, steps)
    return tuple(sorted({
        (
            one.store, one.collection, one.detail, end_of(one), why_of(policy, one), _categories(policy, one),
        )
        for one in found
    }))  # fmt: skip


def of_ledger(policy: Policy, scope: frozenset[str], lines: Iterable[Sequence[Any]]) -> tuple[Kept, ...]:
    """The same of what the ledger remembers, ``[store, collection, kind, until]``: which hold it was is told where only
    one can have been."""
    steps = []
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
        steps.append(step)
    return kept_of(policy, scope, steps)


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


def _categories(policy: Policy, step: Step) -> tuple[str, ...]:
    collection = policy.stores[step.store].collections.get(step.collection) if step.store in policy.stores else None
    fields = [collection.field_named(name) for name in step.fields] if collection is not None else []
    return tuple(dict.fromkeys(one.category for one in fields if one is not None))


# --- the answer in words


def answered(
    policy: Policy, words: Words, request: Request, result: Mapping[str, Any], language: str, whose: str
) -> list[tuple[str, list[str]]]:  # fmt: skip
    """What an erasure has done, as paragraphs, each with its list. ``whose``: empty for the reader's own data, else
    the end of the words for somebody else's."""
    uses, kept = narrowed(policy, request, language), result.get("kept", [])
    if result.get("rows", 1) or byhand.found_something(request.ref):
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
    stopped = [_text(policy.purposes[name].title, language) for name in result.get("stopped", ()) if name in
               policy.purposes]  # fmt: skip
    return [*told, (words["stopped"], stopped)] if stopped else told


def kept_lines(policy: Policy, words: Words, kept: Iterable[Sequence[Any]], language: str) -> list[str]:
    """What was kept, each place once: what of it, why, and until when. Results of older versions tell neither what nor
    why."""
    places: dict[str, list[Sequence[Any]]] = {}
    for one in kept:
        places.setdefault(_place(policy, one[0], one[1], language), []).append(one)
    return [words.say("kept_line", place=place, whys=_whys(policy, words, found, language)) for place, found in
            places.items()]  # fmt: skip


def _whys(policy: Policy, words: Words, kept: list[Sequence[Any]], language: str) -> str:
    """A row that only stays for what hangs on it is no reason of its own where there is another."""
    named = [one for one in kept if one[2] or _tells(one)] or kept
    found: dict[tuple[str, str], list[str]] = {}
    for store, _, _, until, *more in named:
        why, categories = more if len(more) == 2 else ("", ())
        end = "" if why in (FROZEN, LEADS, BELOW) else words["kept_open"]
        end = words.say("kept_until", day=ending(words, until, language)) if until else end
        own = {name: section.title for name, section in policy.document.categories.items()}
        what = ", ".join(labels.category(one, "fr" if language == "fr" else "en", own) for one in categories)
        found.setdefault((what, end), []).append(said(policy, words, store, why, language))
    parts = []
    for (what, end), whys in found.items():
        why = ", ".join(dict.fromkeys(whys)) + end
        parts.append(words.say("kept_what", what=what, why=why) if what else why)
    return ("\u00a0; " if language == "fr" else "; ").join(parts)


def _tells(one: Sequence[Any]) -> bool:
    """Whether it names fields by which other rows are found."""
    return len(one) == 6 and one[4] == LEADS and bool(one[5])


def said(policy: Policy, words: Words, store: str, why: str, language: str) -> str:
    """``Kept.why`` in words, with what asks for it."""
    if why in _CODES:
        return words[f"stays_{why}"]
    if why in policy.purposes:
        title = _text(policy.purposes[why].title, language) or words["stays_reason"]
        return f"{title} ({words['stays_duty']})" if policy.purposes[why].basis in _BINDING else title
    hold = named_hold(policy, store, why)
    return by_law(hold, language) if hold is not None else words["stays_reason"]


def named_hold(policy: Policy, store: str, why: str) -> Hold | None:
    """The hold that ``Kept.why`` names, if it names one."""
    where, _, name = why.rpartition("/")
    collection = policy.stores[store].collections.get(where) if store in policy.stores else None
    return next((one for one in collection.holds if one.name == name), None) if collection is not None else None


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
