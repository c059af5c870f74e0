"""Faults within the map of the stores: links, fields, paths, holds, and what would make a map mean nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from troth.core.policy.document import PolicyDocument
from troth.core.policy.events import BUILT_IN_EVENTS
from troth.core.policy.model import Within
from troth.core.policy.problems import Problem, nearest, problem, warning
from troth.core.policy.sections.stores import Collection, FieldEntry, InnerField, Store
from troth.core.policy.tree import MapNode, Path, locate, names_at
from troth.core.vocabulary import falls_under, personal_data_terms

ALL = ("all",)
"""How a hold says every field."""


def steps_of(path: str) -> tuple[str, ...]:
    """The steps of a path such as ``address.city`` or ``tags.*``; ``\\.`` is a dot within a step."""
    return tuple(step.replace("\0", ".") for step in path.replace("\\.", "\0").split("."))


def inner_fields(entry: FieldEntry) -> Iterator[tuple[Within, str, InnerField]]:
    """The values within a structured column: where, the path as written, and what the file says."""
    if entry.json_ is not None:
        yield from ((Within("json", steps_of(path)), path, inner) for path, inner in entry.json_.items())
    if entry.php is not None:
        yield from ((Within("php", steps_of(path)), path, inner) for path, inner in entry.php.items())


def field_names(collection: Collection) -> dict[str, tuple[str, ...]]:
    """What a hold may name, and the fields that each name stands for. A column with values within stands for
    all of them; other columns stand for themselves. Of key/value rows only keys can be held."""
    names: dict[str, tuple[str, ...]] = {}
    for column, entry in entries_of(collection).items():
        inner = [f"{column}.{path}" for _, path, _ in inner_fields(entry)]
        names[column] = tuple(inner) or (column,)
        names.update({name: (name,) for name in inner})
    if collection.rows is None:
        names.update({column: (column,) for column in collection.other_columns if column not in names})
    return names


def entries_of(collection: Collection) -> Mapping[str, FieldEntry]:
    """The declared columns, or keys of key/value rows."""
    return collection.rows.fields if collection.rows else collection.fields


def map_problems(document: PolicyDocument, tree: MapNode) -> list[Problem]:
    """All faults of the map but those of reach."""
    return list(_Map(document, tree).problems())


@dataclass(frozen=True, slots=True)
class _Said:
    """What one flag of a collection writes; without ``purpose`` it is the flag of a restriction."""

    place: Path
    collection: str
    declared: Collection
    purpose: str
    column: str
    written: tuple[object, ...]

    def title(self, whole: bool) -> str:
        """Its name in a message; ``whole``: with its collection."""
        own = f"refused: {self.purpose}" if self.purpose else "restricted"
        return f"{self.collection}: {own}" if whole else own


def _said(name: str, collection: Collection, path: Path) -> Iterator[_Said]:
    if (one := collection.restricted) is not None:
        yield _Said((*path, "restricted"), name, collection, "", one.flag, (one.value, None, None))
    for purpose, flags in collection.refused.items():
        for flag in flags:
            written = (flag.value, flag.is_, flag.format)
            yield _Said((*path, "refused", purpose), name, collection, purpose, flag.flag, written)


def _same_rows(one: _Said, other: _Said) -> bool:
    """Whether two maps of one table may speak of the same rows: filters that differ are taken for two parts of it."""
    wheres = (one.declared.where, other.declared.where)
    return wheres[0] == wheres[1] or not all(wheres)


@dataclass(frozen=True)
class _Map:
    document: PolicyDocument
    tree: MapNode

    def problems(self) -> Iterator[Problem]:
        yield from self._built_in_events()
        for store_name, store in self.document.stores.items():
            yield from self._hooks(store_name, store)
            here: Path = ("stores", store_name, "collections")
            yield from self._flags(store.collections, here)
            for name, collection in store.collections.items():
                path = (*here, name)
                yield from self._something(name, collection, path)
                yield from self._links(store.collections, store_name, collection, path)
                yield from self._fields(collection, path)
                yield from self._holds(store.collections, name, collection, path)
        yield from self._states()

    def _hooks(self, store_name: str, store: Store) -> Iterator[Problem]:
        for name, hook in store.hooks.items():
            for number, wanted in enumerate(hook.collections):
                if wanted not in store.collections:
                    at = locate(self.tree, ("stores", store_name, "hooks", name, "collections", number))
                    yield problem("unknown_collection", at, value=wanted, nearest=nearest(wanted, store.collections))

    def _flags(self, collections: Mapping[str, Collection], here: Path) -> Iterator[Problem]:
        """One column cannot say two different things at once, nor a restriction the same as a consent."""
        told: dict[tuple[str | None, str, str], list[_Said]] = {}
        for collection, declared in collections.items():
            for said in _said(collection, declared, (*here, collection)):
                others = told.setdefault((declared.schema_, declared.table or collection, said.column), [])
                yield from self._beside(said, [one for one in others if _same_rows(one, said)])
                others.append(said)

    def _beside(self, said: _Said, others: list[_Said]) -> Iterator[Problem]:
        at = locate(self.tree, said.place, key=True)
        if other := next((one for one in others if one.written != said.written), None):
            first, second = (one.title(other.collection != said.collection) for one in (other, said))
            yield problem("flag_twice", at, column=said.column, first=first, second=second)
            return
        both = [[one, said] for one in others if not (one.purpose and said.purpose) and (one.purpose or said.purpose)]
        for pair in both:
            purpose = "".join(one.purpose for one in pair)
            declared = self.document.purposes.get(purpose)
            if declared is not None and declared.basis == "consent":
                yield problem("flag_of_consent", at, column=said.column, purpose=purpose)
                return

    def _built_in_events(self) -> Iterator[Problem]:
        for name, event in self.document.events.items():
            given = {key: getattr(event, key) for key in ("per", "computed") if key in event.model_fields_set}
            built_in = BUILT_IN_EVENTS.get(name)
            if built_in and any(getattr(built_in, key) != value for key, value in given.items()):
                yield problem("built_in_event", locate(self.tree, ("events", name), key=True), value=name)

    def _something(self, name: str, collection: Collection, path: Path) -> Iterator[Problem]:
        says = (collection.fields, collection.rows, collection.subject, collection.states, collection.events)
        if not any(says) and not collection.for_:
            yield problem("nothing_declared", locate(self.tree, path, key=True), collection=name)

    # --- links ------------------------------------------------------------------------------------

    def _links(
        self, siblings: Mapping[str, Collection], store: str, collection: Collection, path: Path
    ) -> Iterator[Problem]:
        known = names_at(self.tree, "stores", store, "collections")
        for index, link in enumerate(collection.belongs_to):
            place = (*path, "belongs_to", index)
            written = locate(self.tree, (*place, "to"))
            at = written if _is_list(self.tree, path) else locate(self.tree, place, key=True)
            if link.to not in known:
                yield problem("unknown_collection", at, value=link.to, nearest=nearest(link.to, known))
            elif link.to in siblings and siblings[link.to].rows is not None:
                yield problem("rows_as_parent", at, value=link.to)
            if len({bool(theirs) for theirs in link.by.values()}) > 1:
                yield problem("link_mixed", at)

    # --- fields -----------------------------------------------------------------------------------

    def _fields(self, collection: Collection, path: Path) -> Iterator[Problem]:
        base = (*path, "rows", "fields") if collection.rows else (*path, "fields")
        for column, entry in entries_of(collection).items():
            place = (*base, column)
            if entry.is_ is not None:
                yield from self._purpose(collection, column, entry.is_, entry.for_, place)
            for within, written, inner in inner_fields(entry):
                inner_place = (*place, within.format, written)
                if not all(within.path):
                    at = locate(self.tree, inner_place, key=True)
                    yield problem("path_empty_step", at, value=written[:60])
                yield from self._purpose(collection, f"{column}.{written}", inner.is_, inner.for_, inner_place)

    def _purpose(
        self, collection: Collection, name: str, category: str, own: tuple[str, ...], place: Path
    ) -> Iterator[Problem]:
        purposes = own or collection.for_
        if not purposes:
            yield problem("no_purpose", locate(self.tree, place, key=True), field=name)
        for purpose in purposes:
            told = self.document.purposes.get(purpose)
            if told and not any(self._falls_under(category, wider) for wider in told.categories):
                at = locate(self.tree, place, key=True)
                yield warning("category_not_told", at, category=category, purpose=purpose)

    def _falls_under(self, category: str, wider: str) -> bool:
        if category not in personal_data_terms() and category not in names_at(self.tree, "categories"):
            return True  # unknown: told elsewhere
        own = self.document.categories.get(category)
        if own is not None and category != wider:
            return own.broader is not None and falls_under(own.broader, wider)
        return falls_under(category, wider)

    # --- holds and states -------------------------------------------------------------------------

    def _holds(
        self, siblings: Mapping[str, Collection], name: str, collection: Collection, path: Path
    ) -> Iterator[Problem]:
        for hold_name, hold in collection.holds.items():
            place = (*path, "holds", hold_name)
            yield from self._held(hold.fields, name, collection, path, (*place, "fields"))
            for parent, fields in hold.parents.items():
                if parent in siblings:
                    there = (*path[:-1], parent)
                    yield from self._held(fields, parent, siblings[parent], there, (*place, "parents", parent))

    def _held(
        self, fields: tuple[str, ...], name: str, collection: Collection, there: Path, place: Path
    ) -> Iterator[Problem]:
        if fields == ALL:
            return
        # Read off the tree as well: a field with a fault of its own is still known by its name.
        steps = [str(step) for step in there]
        known = {*field_names(collection), *names_at(self.tree, *steps, "fields")}
        known |= set(names_at(self.tree, *steps, "rows", "fields"))
        for index, column in enumerate(fields):
            if column not in known:
                at = locate(self.tree, (*place, index))
                near = nearest(column, known)
                yield problem("unknown_field", at, value=column[:60], collection=name, nearest=near)

    def _states(self) -> Iterator[Problem]:
        known = {
            state
            for store in names_at(self.tree, "stores")
            for name in names_at(self.tree, "stores", store, "collections")
            for state in names_at(self.tree, "stores", store, "collections", name, "states")
        }
        for name, purpose in self.document.purposes.items():
            state = purpose.keep.while_
            # Without any store the policy is only published; nothing needs the state then.
            if state and state not in known and self.document.stores:
                at = locate(self.tree, ("purposes", name, "keep", "while"))
                yield problem("unknown_state", at, value=state, nearest=nearest(state, known))


def _is_list(tree: MapNode, path: Path) -> bool:
    node = tree
    for step in (*path, "belongs_to"):
        child = node.get(str(step))
        if not isinstance(child, MapNode):
            return child is not None
        node = child
    return False
