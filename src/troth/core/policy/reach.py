"""What can be reached and seen from each collection: its people, its events, its states.

A period that counts from an event nobody declares would never end, and a state nobody declares would end at
once; both are faults of the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from troth.core.policy.document import PolicyDocument
from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy.mapping import ALL
from troth.core.policy.problems import Problem, nearest, problem
from troth.core.policy.sections.stores import Collection, Hold, Store
from troth.core.policy.tree import MapNode, Path, locate


@dataclass(frozen=True)
class StoreReach:
    """One store's collections and the links between them. Links that lead nowhere are passed over."""

    store: Store

    def parents(self, name: str) -> list[str]:
        """The collections that this one's rows belong to, itself left out."""
        links = self.store.collections[name].belongs_to
        return [link.to for link in links if link.to != name and link.to in self.store.collections]

    def above(self, name: str) -> list[str]:
        """The collection and everything it belongs to, near ones first."""
        found, todo = [name], [name]
        while todo:
            for parent in self.parents(todo.pop(0)):
                if parent not in found:
                    found.append(parent)
                    todo.append(parent)
        return found

    def declaring(self, name: str, state: str) -> list[str]:
        """The collections whose rows tell whether a row is in a state: its own, else the nearest above, each way up."""
        found, todo, seen = list[str](), [name], {name}
        while todo:
            here = todo.pop(0)
            if state in self.store.collections[here].states:
                found.append(here)
                continue
            todo += [parent for parent in self.parents(here) if parent not in seen]
            seen.update(todo)
        return found

    @cached_property
    def anchored(self) -> frozenset[str]:
        """Collections from whose rows a person is found."""
        return frozenset(
            name
            for name in self.store.collections
            if any(self.store.collections[above].subject for above in self.above(name))
        )

    def events(self, name: str) -> set[str]:
        """Events that a row sees: its own, and those of the rows it belongs to."""
        return {event for above in self.above(name) for event in self.store.collections[above].events}

    @cached_property
    def person_states(self) -> frozenset[str]:
        """States of all collections from whose rows a person is found."""
        return frozenset(state for name in self.anchored for state in self.store.collections[name].states)

    def states(self, name: str) -> set[str]:
        """States that a row sees: its own and those above; with a person, all of theirs in this store."""
        seen = {state for above in self.above(name) for state in self.store.collections[above].states}
        return seen | self.person_states if name in self.anchored else seen


def reach_problems(document: PolicyDocument, tree: MapNode) -> list[Problem]:
    """Collections nobody is found from, and rules that wait for what cannot be seen."""
    return list(_Reach(document, tree).problems())


def purposes_of(collection: Collection) -> set[str]:
    """The purposes of its rows and of its fields."""
    fields = [*collection.fields.values(), *(collection.rows.fields.values() if collection.rows else ())]
    inner = [i for f in fields for group in (f.json_, f.php) if group for i in group.values()]
    return {p for thing in (collection, *fields, *inner) for p in thing.for_}


def _kept_above(hold: Hold, name: str, above: Collection) -> set[str]:
    """The fields of a collection above that stay as long as a hold does: by the hold itself, or by one there that ends
    with it."""
    alike = (
        other.fields for other in above.holds.values()
        if other.if_ in (None, hold.if_) and (other.per == "person" or hold.per == "row")
        and (other.period, other.after, other.while_) == (hold.period, hold.after, hold.while_)
    )  # fmt: skip
    return _named(above, hold.parents.get(name, ()), *alike)


def _named(collection: Collection, *groups: tuple[str, ...]) -> set[str]:
    return set(collection.fields) if ALL in groups else {field for group in groups for field in group}


@dataclass(frozen=True)
class _Reach:
    document: PolicyDocument
    tree: MapNode

    @cached_property
    def person_events(self) -> set[str]:
        """Events of the person that some collection of some store tells."""
        stores = [StoreReach(store) for store in self.document.stores.values()]
        return {e for s in stores for name in s.anchored for e in s.store.collections[name].events}

    def problems(self) -> Iterator[Problem]:
        for store_name, store in self.document.stores.items():
            reach = StoreReach(store)
            for name, collection in store.collections.items():
                path = ("stores", store_name, "collections", name)
                yield from self._person(reach, name, collection, path)
                yield from self._purposes(reach, name, collection, path)
                yield from self._holds(reach, name, collection, path)

    # --- people -----------------------------------------------------------------------------------

    def _person(self, reach: StoreReach, name: str, collection: Collection, path: Path) -> Iterator[Problem]:
        if collection.unidentified or name in reach.anchored:
            return
        if not (collection.fields or collection.rows or collection.for_):
            return
        at = locate(self.tree, path, key=True)
        ring = [other for other in reach.above(name) if name in reach.above(other) and other != name]
        if ring:
            # Told once, at the first of them.
            if name != min((name, *ring), key=list(reach.store.collections).index):
                return
            yield problem("links_in_a_ring", at, ring=", ".join([name, *ring]))
        else:
            yield problem("unreachable", at, collection=name)

    # --- purposes ---------------------------------------------------------------------------------

    def _purposes(self, reach: StoreReach, name: str, collection: Collection, path: Path) -> Iterator[Problem]:
        for purpose in sorted(purposes_of(collection) & set(self.document.purposes)):
            keep = self.document.purposes[purpose].keep
            events = [e for e in (keep.after, keep.archive.after if keep.archive else None) if e]
            for event in dict.fromkeys(events):
                yield from self._event(reach, name, purpose, event, path)
            if keep.while_ and keep.while_ not in reach.states(name):
                at = locate(self.tree, path, key=True)
                yield problem("state_unseen", at, purpose=purpose, state=keep.while_, collection=name)

    def _event(self, reach: StoreReach, name: str, purpose: str, event: str, path: Path) -> Iterator[Problem]:
        if event in reach.events(name):
            return
        personal = self._per(event) == "person" and name in reach.anchored
        if personal and event in self.person_events:
            return
        code = "event_unseen_person" if personal else "event_unseen"
        at = locate(self.tree, path, key=True)
        yield problem(code, at, purpose=purpose, event=event, collection=name)

    def _per(self, event: str) -> str:
        if event in BUILT_IN_EVENTS:
            return BUILT_IN_EVENTS[event].per
        declared = self.document.events.get(event)
        return declared.per if declared else "row"

    # --- holds ------------------------------------------------------------------------------------

    def _hold_if(
        self, reach: StoreReach, hold: Hold, params: Mapping[str, str], place: Path
    ) -> Iterator[Problem]:  # fmt: skip
        """What tells whether a row is in the state must stay with it: emptied, it would end the hold."""
        at, state, name = locate(self.tree, place), hold.if_ or "", params["collection"]
        telling = reach.declaring(name, state)
        if not telling:
            yield problem("hold_if_unseen", at, state=state, **params)
        for other in telling:
            there = reach.store.collections[other]
            kept = _named(there, hold.fields) if other == name else _kept_above(hold, other, there)
            lost = sorted((set(there.states[state]) & set(there.fields)) - kept)
            if lost and other == name:
                yield problem("hold_if_not_held", at, state=state, value=lost[0], **params)
            elif lost:
                yield problem("hold_if_not_held_above", at, state=state, value=lost[0], above=other, **params)

    def _holds(self, reach: StoreReach, name: str, collection: Collection, path: Path) -> Iterator[Problem]:
        above = reach.above(name)
        for hold_name, hold in collection.holds.items():
            place = (*path, "holds", hold_name)
            params = {"hold": hold_name, "collection": name}
            if hold.after and not self._hold_sees(reach, name, hold.after):
                at = locate(self.tree, (*place, "after"))
                yield problem("hold_event_unseen", at, event=hold.after, **params)
            states = {s for other in above for s in reach.store.collections[other].states}
            if hold.while_ and hold.while_ not in states:
                at = locate(self.tree, (*place, "while"))
                yield problem("hold_state_unseen", at, state=hold.while_, **params)
            if hold.if_:
                yield from self._hold_if(reach, hold, params, (*place, "if"))
            for parent in hold.parents:
                if parent not in above[1:]:
                    at = locate(self.tree, (*place, "parents", parent), key=True)
                    near = nearest(parent, above[1:])
                    yield problem("hold_parent_unreachable", at, value=parent, collection=name, nearest=near)

    def _hold_sees(self, reach: StoreReach, name: str, event: str) -> bool:
        if event in reach.events(name):
            return True
        return self._per(event) == "person" and name in reach.anchored and event in self.person_events
