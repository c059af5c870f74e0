"""The publisher's stores and how they are: as a job has last found them, and what the last sweep did there."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.connectors.sql.remains import in_language
from troth.core.policy.model import Mode, Policy, Store
from troth.desk.house import House, house
from troth.package import labels, locale
from troth.package.html_names import Namer
from troth.state.sweeps import SweepRun
from troth.web.console import outlook
from troth.web.console.drawing import draw, language_of, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.saying import each
from troth.web.console.saying import said as told
from troth.web.wording import Words

_ENGINES = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "mariadb": "MariaDB", "mysql": "MySQL", "memory": "memory"}
_FEW = 2
"""Findings of one kind that are shown at once."""
_MARKS = {"refuse": "▲", "warn": "△", "note": "·"}


@staff_only()
@require_safe
def shown(request: HttpRequest, me: Member) -> HttpResponse:
    """Every store of the policy."""
    found = outlook.found(outlook.STORES)
    language, words = language_of(request), words_for(request)
    with house() as at:
        telling = _Telling(at.policy, language, words)
        runs = at.records.state.sweeps.last()
        seen: dict[str, Any] = found[1]["stores"] if found is not None else {}
        told = [
            telling.store(store, seen.get(name), _swept(at, runs, name)) for name, store in at.policy.stores.items()
        ]
    made = telling.moment(found[0]) if found is not None else ""
    return draw(request, me, "stores", room="stores", stores=told, made=made, counting=outlook.underway())


def _swept(at: House, runs: list[SweepRun], store: str) -> tuple[SweepRun, str] | None:
    """The newest sweep that concerned a store, and how it went: ``done``, ``failed``, ``cancelled``, or ``open``."""
    for run in runs:
        if store in run.plan.rpartition(":")[2].split(","):
            kinds = [kind for kind, _ in at.records.state.events_of(run.id)]
            ends = [kind.removeprefix("sweep.") for kind in kinds if kind in _ENDS]
            return run, ends[-1] if ends else "open"
    return None


_ENDS = frozenset({"sweep.done", "sweep.failed", "sweep.cancelled"})


def _left_behind(sentence: str, store: Store, language: str) -> tuple[str, str]:
    """Where values may remain, and the language of the sentence, empty where it is not known."""
    own = dict(zip(store.remains, store.remains_in, strict=True)).get(sentence)
    if own is not None:
        return (own[language], language) if language in own else (sentence, "")
    there = in_language(sentence, language)
    known = there != sentence or in_language(sentence, "fr") != sentence
    return there, language if known else ""


class _Telling:
    """One language."""

    def __init__(self, policy: Policy, language: str, words: Words) -> None:
        self._policy, self._language, self._words = policy, language, words
        self._namer = Namer(policy, language)

    def moment(self, when: datetime) -> str:
        """By the clocks where the publisher is."""
        return locale.minute(when.astimezone(ZoneInfo(self._policy.timezone)), self._language)

    def store(self, store: Store, seen: dict[str, Any] | None, swept: tuple[SweepRun, str] | None) -> dict[str, Any]:
        """Everything about one store."""
        recipient = self._policy.document.recipients.get(store.recipient or "")
        told = {
            "name": store.name, "title": self._namer.store(store.name),
            "mode": self._words["mode_enforce" if store.mode == Mode.ENFORCE else "mode_observe"],
            "location": labels.country(store.location, self._language) if store.location else "–",
            "recipient": recipient.name if recipient is not None else "", "swept": self._swept(store.name, swept),
            **self._seen(seen, store),
        }  # fmt: skip
        return told

    def _seen(self, seen: dict[str, Any] | None, store: Store) -> dict[str, Any]:
        if seen is None:
            return {"mark": "○", "state": self._words["store_unknown"], "away": ""}
        if seen["away"]:
            return {"mark": "▲", "state": self._words["store_away"], "away": told(seen["away"], "", self._language)}
        serious = any(one["severity"] == "refuse" for one in seen["findings"])
        count = len(seen["findings"])
        said = "store_collection" if seen["collections"] == 1 else "store_collections"
        return {
            "mark": "△" if serious else "●", "state": self._words["store_answers"], "away": "", "serious": serious,
            "engine": _ENGINES.get(seen["engine"], seen["engine"]), "version": seen["version"],
            "collections": self._words.say(said, n=seen["collections"]),
            "found": self._words.say("store_finding" if count == 1 else "store_findings", n=count),
            "findings": self._grouped(store.name, seen["findings"]),
            "not_visible": each(seen["not_visible"], self._language),
            "remains": [_left_behind(one, store, self._language) for one in seen["remains"]],
        }  # fmt: skip

    def _grouped(self, store: str, found: list[dict[str, str]]) -> list[dict[str, Any]]:
        """The findings of each kind together, the gravest kind first: some are shown, the others open."""
        same: dict[tuple[str, str, str, str], list[dict[str, str]]] = {}
        for one in found:
            same.setdefault((one["severity"], one["code"], one["message"], one["remedy"]), []).append(one)
        kinds: dict[tuple[str, str], list[dict[str, str]]] = {}
        for (severity, code, *_), alike in same.items():
            kinds.setdefault((severity, code), []).append(self._finding(store, alike))
        order = sorted(kinds.items(), key=lambda kind: [*_MARKS].index(kind[0][0]))
        few = [(_FEW if len(said) > _FEW + 1 else len(said), said) for _, said in order]
        return [
            {"first": said[:n], "rest": said[n:], "more": self._words.say("store_same", n=len(said) - n)}
            for n, said in few
        ]

    def _finding(self, store: str, alike: list[dict[str, str]]) -> dict[str, str]:
        """A finding, said once of all the places where it is the same."""
        one, names = alike[0], [found["collection"] for found in alike if found["collection"]]
        found = told(one["message"], one["remedy"], self._language)
        return {
            **one,
            "place": ", ".join(dict.fromkeys(self._namer.collection(store, name) for name in names)),
            "collection": ", ".join(names),
            "times": self._words.say("store_times", n=len(alike)) if len(alike) > 1 else "",
            "message": found.message,
            "remedy": found.remedy,
            "language": found.language,
            "mark": _MARKS[one["severity"]],
            "severity": self._words[f"severity_{one['severity']}"],
        }

    def _swept(self, store: str, swept: tuple[SweepRun, str] | None) -> str:
        if swept is None:
            return self._words["swept_never"]
        run, end = swept
        rows = sum(count for place, count in run.counts.items() if place.startswith(f"{store}."))
        when = self.moment((run.ended_at or run.started_at).astimezone(UTC))
        return self._words.say(f"swept_{end}", when=when, n=locale.whole(rows, self._language))
