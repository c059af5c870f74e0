"""Hooks: programs of the publisher that run after rows have changed (caches, search indexes, files beside a row).

A hook is a step like the others: it stands in the plan, the ledger hears of it, and it ends done or failed. It
runs after its store's transaction, never inside it, and must do no harm when it runs twice: an erasure whose hook
failed, or that was cut short, is taken up again with its hooks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from troth.core.policy.model import Hook, HookVerb, Store
from troth.core.query import Key
from troth.core.rights.plan import PASSIVE, Step, StorePlan

if TYPE_CHECKING:
    from troth.core.rights.erase import Outcome

FORMAT = 1
"""The format of what a hook reads."""
PART = "part"
"""The reason of a hook's step after an erasure of a part of what is held."""


class RunHook(Protocol):
    """Runs a publisher's program; the core itself starts nothing."""

    def __call__(self, hook: Hook, told: bytes) -> str:
        """Run it with this on its standard input. Returns why it failed, without a word of what it printed, or ''
        when it ended well."""


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Stands in where nothing may be started, and says why."""

    why: str = "no program may be started here"

    def __call__(self, hook: Hook, told: bytes) -> str:
        return self.why


def with_hooks(
    plan: StorePlan, store: Store, verb: HookVerb, *, resumed: bool = False, part: bool = False
) -> StorePlan:  # fmt: skip
    """The plan with the hooks of its store that its changes call for. ``resumed``: an earlier run may have changed
    rows and not come to its hooks, so all of them are called for. ``part``: somebody goes on being known, of whom only
    some uses, collections or kinds of data are erased."""
    changed = {_written(s.collection) for s in plan.steps if s.action not in PASSIVE}
    called = [
        Step(0, store.name, hook.name, "hook", (), 0, PART if part else "", detail=verb)
        for hook in store.hooks
        if verb in hook.after and (resumed or (changed & set(hook.collections) if hook.collections else changed))
    ]
    return replace(plan, steps=(*plan.steps, *called)) if called else plan


def run_hooks(
    store: Store, steps: Iterable[Step], done: Sequence[Outcome], keys: Mapping[str, tuple[Key, ...]], ref: str,
    run: RunHook,
) -> list[Outcome]:  # fmt: skip
    """Run the hooks among the steps, each told what was done and the keys of the person's own rows.

    Where a step of the store failed they do not run: their time comes when the whole has succeeded.
    """
    from troth.core.rights.erase import Outcome

    by_name = {hook.name: hook for hook in store.hooks}
    waiting = any(o.status == "failed" and o.step.action != "flag" for o in done)
    outcomes = []
    for step in steps:
        if step.action != "hook":
            continue
        hook = by_name[step.collection]
        why = "it waits until the store's other steps have succeeded" if waiting else run(
            hook, told(hook, step.detail, ref, done, keys, part=step.reason == PART)
        )  # fmt: skip
        outcomes.append(Outcome(step, "failed" if why else "done", 0, why))
    return outcomes


def told(
    hook: Hook, verb: str, ref: str, done: Sequence[Outcome], keys: Mapping[str, tuple[Key, ...]], *, part: bool = False
) -> bytes:  # fmt: skip
    """What a hook reads: one line of JSON with no data of the person but the keys of their rows."""
    wanted = set(hook.collections)
    changes = [
        {"collection": o.step.collection, "action": o.step.action, "rows": o.rows}
        for o in done
        if o.status == "done" and (not wanted or _written(o.step.collection) in wanted)
    ]
    rows = {
        name: [list(key) for key in found] for name, found in keys.items() if not wanted or _written(name) in wanted
    }
    body = {
        "format": FORMAT, "hook": hook.name, "action": verb, "request": ref, "changes": changes, "keys": rows,
    } | ({"part": True} if part else {})  # fmt: skip
    return json.dumps(body, ensure_ascii=False, default=str).encode() + b"\n"


def _written(collection: str) -> str:
    """The collection's name in the policy: key/value rows are several collections, as in ``meta[phone]``."""
    return collection.partition("[")[0]
