"""The headline: three to seven findings, the worst first, and something good where there is."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.survey.model import Figure, Note, Param, Place, Survey
from troth.core.survey.secrets import PASSWORDS

MOST = 7
LEAST = 3
_ORDER = {"act": 0, "check": 1, "good": 2}
_ESTABLISHED = ("act", "check")


def notes(survey: Survey) -> tuple[Note, ...]:
    """The findings of the first page."""
    if not survey.tables_in_all:
        unread = any(not unseen.table for unseen in survey.unseen)
        return (Note("schema_unread", "act") if unread else Note("no_tables", "check"),)
    found = list(_all(survey))
    serious = sorted((n for n in found if n.weight in _ESTABLISHED), key=lambda n: _ORDER[n.weight])
    good = [n for n in found if n.weight == "good"]
    room = MOST - min(len(good), 1)
    kept = serious[:room]
    return (*kept, *good[: max(LEAST - len(kept), 1)])[:MOST]


CODES = (
    "no_tables", "schema_unread", "nothing_personal", "cards", "passwords_weak", "passwords_doubtful",
    "passwords_good", "special", "past_time", "old_unknown", "not_in_policy", "tables_not_in_policy",
    "columns_not_in_policy", "gone", "erasure_stops", "erasure_slow", "erasure_free", "loose",
    "orphans", "links_whole", "tokens", "official", "accounts", "shared", "unseen",
    "unseen_time", "no_cards", "policy_complete",
)  # fmt: skip
"""Every finding that may stand there."""


def _all(survey: Survey) -> Iterator[Note]:
    if not survey.personal:
        yield Note("nothing_personal", "check" if survey.unseen else "good")
        yield from _sight(survey)
        return
    yield from _risks(survey)
    yield from _special(survey)
    yield from _time(survey)
    yield from _policy(survey)
    yield from _erasure(survey)
    yield from _loose(survey)
    yield from _links(survey)
    yield from _sight(survey)


def _places(places: list[Place]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{p.table}.{p.column}" for p in places))


def _risks(survey: Survey) -> Iterator[Note]:
    by_kind: dict[str, list[Place]] = {}
    for line in survey.secrets:
        by_kind.setdefault(line.kind, []).append(line.place)
    cards = _places(by_kind.get("card", []))
    if cards:
        yield Note("cards", "act", {"columns": len(cards), "places": cards})
    weak = [s for s in survey.secrets if s.kind in PASSWORDS and s.weight == "act"]
    doubtful = [s for s in survey.secrets if s.kind in PASSWORDS and s.weight == "check"]
    good = [s for s in survey.secrets if s.kind in PASSWORDS and s.weight == "good"]
    for code, weight, lines in (("passwords_weak", "act", weak), ("passwords_doubtful", "check", doubtful)):
        if lines:
            kinds = tuple(dict.fromkeys(line.kind for line in lines))
            places = _places([line.place for line in lines])
            yield Note(code, "act" if weight == "act" else "check", {"kinds": kinds, "places": places})
    if good and not weak and not doubtful:
        yield Note("passwords_good", "good", {"kinds": tuple(dict.fromkeys(line.kind for line in good))})
    for kind, code in (("token", "tokens"), ("national_id", "official"), ("iban", "accounts")):
        places = _places(by_kind.get(kind, []))
        if places:
            yield Note(code, "check", {"columns": len(places), "places": places})
    if survey.sample and not cards:
        yield Note("no_cards", "good")


def _special(survey: Survey) -> Iterator[Note]:
    special = [c for c in survey.categories if c.special]
    if special:
        places = _places([p for c in special for p in c.places])
        yield Note("special", "act", {"categories": tuple(c.category for c in special), "places": places})


def _time(survey: Survey) -> Iterator[Note]:
    over = [a for a in survey.ages if a.over and a.usual is not None]
    if over:
        worst = max(over, key=lambda a: a.months - (a.usual.period.months if a.usual else 0))
        params: dict[str, Param] = {"tables": len(over), "table": worst.table, "months": worst.months}
        usual: Param = worst.usual.period if worst.usual else ""
        told = "counted" if worst.usual and worst.usual.of_policy else "usual"
        yield Note("past_time", "act", {**params, "period": usual, "told": told})
    elif survey.ages and survey.oldest is not None:
        oldest = min(survey.ages, key=lambda a: a.oldest)
        yield Note("old_unknown", "check", {"table": oldest.table, "months": oldest.months, "day": oldest.oldest})


def _policy(survey: Survey) -> Iterator[Note]:
    if survey.gaps is None:
        return
    tables = tuple(g.table for g in survey.gaps if g.code == "table_unmapped")
    columns = tuple(f"{g.table}.{c}" for g in survey.gaps if g.code == "column_unmapped" for c in g.columns)
    gone = tuple(g.table for g in survey.gaps if g.code in ("table_gone", "column_gone"))
    if tables or columns:
        params: dict[str, Param] = {"tables": len(tables), "columns": len(columns), "places": (*tables, *columns)}
        code = "not_in_policy" if tables and columns else "tables_not_in_policy" if tables else "columns_not_in_policy"
        yield Note(code, "act" if tables else "check", params)
    else:
        yield Note("policy_complete", "good")
    if gone:
        yield Note("gone", "act", {"tables": len(gone), "places": gone})


def _erasure(survey: Survey) -> Iterator[Note]:
    if survey.blocks is None:
        return
    stop = [b for b in survey.blocks if b.weight == "act"]
    slow = [b for b in survey.blocks if b.weight == "check"]
    if stop:
        tables = tuple(dict.fromkeys(b.table for b in stop))
        yield Note("erasure_stops", "act", {"things": len(stop), "places": tables})
    elif slow:
        tables = tuple(dict.fromkeys(b.table for b in slow))
        yield Note("erasure_slow", "check", {"things": len(slow), "places": tables})
    elif not survey.blocks_unknown:
        yield Note("erasure_free", "good")


def _loose(survey: Survey) -> Iterator[Note]:
    loose = tuple(t.name for t in survey.tables if t.role == "loose")
    if loose:
        yield Note("loose", "check", {"tables": len(loose), "places": loose})


def _links(survey: Survey) -> Iterator[Note]:
    if survey.orphans:
        worst = survey.orphans[0]
        asked = Figure(worst.missing, "sampled", worst.asked)
        params: dict[str, Param] = {"links": len(survey.orphans), "table": worst.place.table, "parent": worst.parent}
        params["missing"] = asked
        yield Note("orphans", "check", params)
    elif survey.links_asked:
        yield Note("links_whole", "good", {"links": survey.links_asked})
    if survey.shared:
        worst_shared = survey.shared[0]
        places = _places([s.place for s in survey.shared])
        yield Note("shared", "check", {"places": places, "values": worst_shared.repeated})


def _sight(survey: Survey) -> Iterator[Note]:
    tables = tuple(dict.fromkeys(u.table for u in survey.unseen if u.table))
    if tables:
        yield Note("unseen", "check", {"things": len(survey.unseen), "places": tables})
    elif survey.unseen:
        yield Note("unseen_time", "check")
