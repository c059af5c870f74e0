"""What an event of the ledger says to whoever reads it: a sentence for its kind, and its contents in words. Codes and
digests stand beside them, small, for whoever checks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, cast
from zoneinfo import ZoneInfo

from troth.core.evidence.browse import Entry
from troth.core.evidence.canonical import JSON
from troth.core.law.bases import DELAY_REASONS, REFUSAL_REASONS
from troth.core.policy.model import Policy
from troth.package import locale
from troth.package.html_names import Namer
from troth.package.reasons import REASONS
from troth.web.console.member import role_title
from troth.web.wording import Words

WHO = ("who", "by", "to", "from")
"""Where the body of an event has the name that stands for somebody of staff."""
FIRST = ("request", "who")
"""What of a body a line of the list shows at once, beside what happened to rows."""
_ROWS = ("outcomes", "steps", "collections", "left_out")
_LAST = ("plan", "policy", "text", "pages", "person", "root", "act", "key")
"""For whoever checks: after everything else."""
_CODES: Mapping[str, tuple[str, ...]] = {
    "right": ("kind_",), "channel": ("channel_",), "by": ("by_",), "who": ("by_",), "to": ("by_",), "from": ("by_",),
    "what": ("trace_what_",), "ground": ("trace_ground_", "ground_", "kind_"), "kind": ("dis_",),
    "reference": ("proof_",), "because": ("because_", "ground_"), "behalf": ("behalf_",), "form": ("form_",),
}  # fmt: skip
"""By their names in a body: codes, and with what their words begin."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_CHANGES = ("delete", "destroy")
"""Of these the rows of several steps are others each time; all else may meet the same row twice."""


class Telling:
    """One language, and who of staff stands behind which name: whoever reads this may know it."""

    def __init__(self, policy: Policy, words: Words, language: str, known: Mapping[str, str]) -> None:
        self._policy, self._words, self._language, self._known = policy, words, language, known
        self._namer = Namer(policy, language)

    def row(self, one: Entry) -> dict[str, Any]:
        """An event for the templates. Values are finished markup or plain text; lists are lists of them."""
        body = None if one.body is None else self._body(one.body)
        first = [line for line in body or () if line["name"] in FIRST]
        return {
            "position": one.position, "kind": one.kind, "what": self.what(one.kind), "body": body,
            "first": first, "rest": [line for line in body or () if line not in first],
            "sum": self._sum(one.body or {}),
            "when": locale.moment(
                one.at.astimezone(ZoneInfo(self._policy.timezone)).replace(microsecond=0), self._language
            ),
        }  # fmt: skip

    def what(self, kind: str) -> str:
        """What happened, as a sentence; else what it is about, else its code."""
        names = (f"what_{kind}", f"event_{kind.partition('.')[0]}")
        return next((self._words[name] for name in names if self._words.has(name)), kind)

    def _body(self, body: Mapping[str, JSON]) -> list[dict[str, Any]]:
        named = sorted(body, key=lambda name: (name in _LAST, name in _ROWS, name))
        return [self._line(name, body[name]) for name in named]

    def _line(self, name: str, value: JSON) -> dict[str, Any]:
        label = self._words[f"key_{name}"] if self._words.has(f"key_{name}") else ""
        if rows := _rows(name, value):
            return {"label": label, "name": name, "lines": self._grouped(name, rows)}
        said, code = self._said(name, value)
        return {"label": label, "name": name, "value": said, "code": code}

    # --- values -------------------------------------------------------------------------------------

    def _said(self, name: str, value: JSON) -> tuple[str, str]:
        """A value in words, and the code that it stands as in the ledger where that is another one."""
        if isinstance(value, str):
            if name in WHO and value in self._known:
                return self._known[value], value
            if _DAY.fullmatch(value):
                return locale.day(date.fromisoformat(value), self._language), ""
            found = next((f"{one}{value}" for one in _CODES.get(name, ()) if self._words.has(f"{one}{value}")), "")
            return (self._words[found], value) if found else (value, "")
        if name == "scope" and isinstance(value, dict):
            return self._scope(value), ""
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            titles = [self._title(name, str(one)) for one in value]
            codes = ", ".join(map(str, value))
            empty = self._words["ledger_everything"] if name == "scope" else "–"
            said = ", ".join(titles)
            return (said, codes if codes != said else "") if value else (empty, "")
        return _plain(value), ""

    def _title(self, name: str, code: str) -> str:
        """What a code in a list is called."""
        if name in ("purposes", "serving", "scope") and code in self._policy.purposes:
            title = self._policy.purposes[code].title
            return title.get(self._language) or next(iter(title.values()), code)
        if name == "roles":
            return role_title(self._policy, code, self._language)
        if name in ("told", "not_told") and code in self._policy.document.recipients:
            return str(self._policy.document.recipients[code].name)
        if name == "reasons":
            reason = REFUSAL_REASONS.get(code) or DELAY_REASONS.get(code)
            return str(reason.text[self._language]) if reason is not None else code
        return code

    def _scope(self, scope: Mapping[str, JSON]) -> str:
        """What a plan was limited to."""
        parts = []
        for name, value in scope.items():
            if isinstance(value, list) and value:
                said, _ = self._said(name, value)
                label = self._words[f"key_{name}"] if self._words.has(f"key_{name}") else name
                parts.append(f"{label}{self._words['colon']} {said}")
        return " · ".join(parts) or self._words["ledger_everything"]

    # --- rows ---------------------------------------------------------------------------------------

    def _grouped(self, name: str, lines: Iterable[Sequence[Any]]) -> list[str]:
        """A sentence for each kind of rows and what is done with them, the same one said once; finished markup."""
        found: dict[tuple[str, str], int] = {}
        for (place, act), rows in _by_place(name, lines).items():
            found[self._place(place), act] = found.get((self._place(place), act), 0) + rows
        if name == "left_out":
            whys = dict.fromkeys(act for _, act in found)
            return [f"{escape(self._act(why, 0))} – {', '.join(p for p, act in found if act == why)}" for why in whys]
        return [f"{place}{self._words['colon']} {escape(self._act(act, rows))}" for (place, act), rows in found.items()]

    def _sum(self, body: Mapping[str, JSON]) -> list[str]:
        """What happened to rows altogether."""
        name = next((one for one in _ROWS[:3] if _rows(one, body.get(one))), "")
        each: dict[tuple[tuple[str, str], str], int] = {}
        for (place, act), rows in _by_place(name, _rows(name, body.get(name))).items():
            how = (place, act.partition(" ")[0])
            each[how] = max(each.get(how, 0), rows)  # what is kept for two reasons is there once
        sums: dict[str, int] = {}
        for (_, act), rows in each.items():
            sums[act] = sums.get(act, 0) + rows
        before = f"{self._words['key_steps_planned']}{self._words['colon']} " if name == "steps" else ""
        return [before + self._act(how, rows) for how, rows in sums.items() if rows]

    def _place(self, place: tuple[str, str]) -> str:
        return self._namer.table(*place) if place[1] != "*" else self._namer.store(place[0])

    def _act(self, act: str, rows: int) -> str:
        how, _, why = act.partition(" ")
        if how == "left":
            reason = REASONS.get(cast("Any", why))
            return self._words.say("rows_left", why=reason[self._language] if reason else why)
        failed = how.startswith("failed/")
        how = how.removeprefix("failed/")
        name = f"rows_{how}_one" if rows == 1 and self._words.has(f"rows_{how}_one") else f"rows_{how}"
        number = locale.whole(rows, self._language)
        said = self._words.say(name, n=number) if self._words.has(name) else f"{how} ({number})"
        if why:
            until = self._words.say("why_until", day=self._said("until", why)[0]) if _DAY.fullmatch(why) else ""
            said += f" ({until or (self._words[f'why_{why}'] if self._words.has(f'why_{why}') else why)})"
        return self._words.say("rows_failed", what=said) if failed else said


def _rows(name: str, value: JSON) -> list[Sequence[Any]]:
    """The lines of a body that tell of rows: lists that begin with a store and a collection."""
    lines = value if name in _ROWS and isinstance(value, list) else []
    return [line for line in lines if isinstance(line, list) and len(line) > (2 if name == "collections" else 3)]


def _by_place(name: str, lines: Iterable[Sequence[Any]]) -> dict[tuple[tuple[str, str], str], int]:
    """(place, act) → rows: what goes is added up, of all else it is the most that one step has met. An act is its
    action, with why something is kept or left out behind it."""
    found: dict[tuple[tuple[str, str], str], int] = {}
    for line in lines:
        store, collection, *more = line
        rows, act = int(more[0] if name == "collections" else more[1] or 0), _act_of(name, more)
        key = ((str(store), str(collection)), act)
        adds = act.partition(" ")[0].removeprefix("failed/") in _CHANGES
        found[key] = found.get(key, 0) + rows if adds else max(found.get(key, 0), rows)
    return found


def _act_of(name: str, more: Sequence[Any]) -> str:
    if name == "collections":
        return "given"
    if name == "left_out":
        return f"left {more[0]}"
    if name == "outcomes" and more[2] == "failed":
        return f"failed/{more[0]}"
    kept = name == "outcomes" and more[2] == "kept"
    return f"keep {more[3]}" if kept and len(more) > 3 and more[3] else "keep" if kept else str(more[0])


def _plain(value: JSON) -> str:
    """A value of a body as an auditor reads it: lists one behind the other, the rest as JSON."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, list):
        return " · ".join(_plain(one) for one in value)
    return json.dumps(value, ensure_ascii=False)
