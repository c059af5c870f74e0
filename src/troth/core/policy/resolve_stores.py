"""The stores of a document as the engine knows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from troth.core.policy.environment import beside
from troth.core.policy.mapping import ALL, entries_of, field_names, inner_fields
from troth.core.policy.model import (
    Clock,
    Collection,
    Condition,
    Field,
    Flag,
    Hold,
    Hook,
    Identifier,
    Limits,
    Link,
    LocalText,
    Mode,
    Money,
    Other,
    Scalar,
    Store,
    Within,
)
from troth.core.policy.sections import stores as written
from troth.core.policy.tree import MapNode, Path, locate
from troth.core.policy.values import parse_duration

_COMPARISONS: tuple[Literal["lt", "le", "gt", "ge"], ...] = ("lt", "le", "gt", "ge")


def conditions(where: Mapping[str, written.ColumnTest]) -> tuple[Condition, ...]:
    """The tests of a ``where:`` or a state, one for each comparison."""
    return tuple(c for column, test in where.items() for c in _tests(column, test))


def _tests(column: str, test: written.ColumnTest) -> Iterator[Condition]:
    if test.in_:
        yield Condition(column, "null") if test.in_ == (None,) else Condition(column, "in", test.in_)
    if test.not_:
        yield Condition(column, "not_null") if test.not_ == (None,) else Condition(column, "not_in", test.not_)
    for name in _COMPARISONS:
        if name in test.model_fields_set:
            yield Condition(column, name, (getattr(test, name),))


@dataclass(frozen=True)
class StoreResolver:
    """Builds stores. ``folder`` is where relative SQLite addresses count from; ``speak`` chooses a language."""

    tree: MapNode
    folder: str
    speak: Callable[[LocalText], str]

    def store(self, name: str, store: written.Store) -> Store:
        """A store with its collections; key/value rows become one collection for each group of keys."""
        limits = store.limits
        return Store(
            name=name,
            url=beside(store.url, self.folder),
            location=store.location,
            recipient=store.recipient,
            mode=Mode(store.mode),
            collections={c.name: c for n in store.collections for c in self._collections(name, store, n)},
            limits=Limits(
                rows=limits.rows,
                share=limits.share,
                small=limits.small,
                transaction_rows=limits.transaction_rows,
                rows_per_second=limits.rows_per_second,
            ),
            accept_untransactional=store.accept_untransactional,
            statement_timeout=store.timeouts.statement,
            lock_timeout=store.timeouts.lock,
            remains=tuple(self.speak(text) for text in store.remains),
            remains_in=store.remains,
            hooks=tuple(
                Hook(key, tuple(hook.run), frozenset(hook.after), tuple(hook.collections), hook.timeout)
                for key, hook in store.hooks.items()
            ),
            at=locate(self.tree, ("stores", name), key=True),
        )

    def _collections(self, store_name: str, store: written.Store, name: str) -> Iterator[Collection]:
        source = store.collections[name]
        path: Path = ("stores", store_name, "collections", name)
        fields = tuple(self._fields(source, path))
        base = Collection(
            store=store_name,
            name=name,
            table=source.table or name,
            schema=source.schema_,
            key=source.key,
            where=conditions(source.where),
            # A row stays while any of its fields must: so its purposes are also those of its fields.
            purposes=frozenset(source.for_).union(*(f.purposes for f in fields)),
            identifiers=tuple(Identifier(k, c.column, c.verified) for k, c in source.subject.items()),
            fields=fields,
            links=tuple(_link(link) for link in source.belongs_to),
            events={event: _clock(clock) for event, clock in source.events.items()},
            states={state: conditions(where) for state, where in source.states.items()},
            holds=tuple(self._hold(n, h, name, store, path) for n, h in source.holds.items()),
            on_erase=source.on_erase,
            cascades=source.cascades,
            restricted=_restricted(source.restricted) if source.restricted else None,
            refused={purpose: tuple(map(_refused, flags)) for purpose, flags in source.refused.items()},
            others={name: Other(said.title, said.values) for name, said in source.other_columns.items()},
            title=source.title,
            at=locate(self.tree, path, key=True),
        )
        if source.rows is None:
            yield base
        else:
            yield from _by_groups_of_keys(base, source.rows)

    # --- fields -----------------------------------------------------------------------------------

    def _fields(self, source: written.Collection, path: Path) -> Iterator[Field]:
        base = (*path, "rows", "fields") if source.rows else (*path, "fields")
        for column, entry in entries_of(source).items():
            place = (*base, column)
            if entry.is_ is not None:
                yield self._field(column, column, None, entry.is_, entry, source, place)
            for within, text, inner in inner_fields(entry):
                there = (*place, within.format, text)
                yield self._field(f"{column}.{text}", column, within, inner.is_, inner, source, there)

    def _field(
        self,
        name: str,
        column: str,
        within: Within | None,
        category: str,
        entry: written.FieldEntry | written.InnerField,
        source: written.Collection,
        place: Path,
    ) -> Field:
        neutral: Scalar = entry.neutral
        return Field(
            name=name,
            column=column,
            category=category,
            purposes=frozenset(entry.for_ or source.for_),
            given=entry.given,
            within=within,
            neutral=neutral,
            has_neutral="neutral" in entry.model_fields_set,
            export=entry.export,
            title=entry.title,
            money=Money(entry.money.currency, entry.money.unit == "hundredths") if entry.money else None,
            values=entry.values,
            at=locate(self.tree, place, key=True),
        )

    # --- holds ------------------------------------------------------------------------------------

    def _hold(self, name: str, hold: written.Hold, here: str, store: written.Store, path: Path) -> Hold:
        source = store.collections[here]
        return Hold(
            name=name,
            because=self.speak(hold.because),
            fields=() if hold.fields == ALL else _held(hold.fields, source),
            parents={parent: _held(fields, store.collections[parent]) for parent, fields in hold.parents.items()},
            period=parse_duration(hold.period) if hold.period is not None else None,
            after=hold.after,
            while_state=hold.while_,
            per=hold.per,
            source=hold.source,
            at=locate(self.tree, (*path, "holds", name), key=True),
            because_in=hold.because,
            if_state=hold.if_,
        )


def _held(names: tuple[str, ...], collection: written.Collection) -> tuple[str, ...]:
    """The fields behind the names of a hold; ``all`` of a parent are all it declares."""
    known = field_names(collection)
    chosen = [known[name] for name in (known if names == ALL else names)]
    return tuple(dict.fromkeys(name for group in chosen for name in group))


def _clock(clock: written.Clock) -> Clock:
    if clock.floor is None:
        return Clock(clock.of, clock.is_, clock.format)
    return Clock(clock.of, clock.is_, clock.format, clock.floor)


def _restricted(said: written.Restricted) -> Flag:
    return Flag(said.flag, said.value, otherwise=said.otherwise)


def _refused(said: written.Refused) -> Flag:
    return Flag(said.flag, said.value, Clock(said.flag, said.is_, said.format) if said.is_ else None)


def _link(link: written.Link) -> Link:
    return Link(link.to, tuple(link.by.items()), link.text, conditions(link.where))


def _by_groups_of_keys(base: Collection, rows: written.KeyValueRows) -> Iterator[Collection]:
    """One collection for each group of keys that are alike in everything the engine asks about."""
    groups: dict[Any, list[str]] = {}
    for key in rows.fields:
        fields = [f for f in base.fields if f.column == key]
        alike = tuple(_alike(f) for f in fields)
        holds = tuple(h.name for h in base.holds if _concerns(h, fields))
        groups.setdefault((alike, holds), []).append(key)
    for keys in groups.values():
        yield _group(base, rows, keys)
    named = tuple(key for keys in groups.values() for key in keys)
    yield replace(
        base,
        name=f"{base.name}[*]",
        where=(*base.where, Condition(rows.key, "not_in", named)),
        purposes=frozenset(),
        fields=(),
        holds=(),
        events={},
        states={},
        undescribed=True,
    )


def _alike(field: Field) -> tuple[object, ...]:
    """Everything about a field but its name and place."""
    title = tuple(sorted(field.title.items())) if field.title else ()
    neutral = (field.has_neutral, type(field.neutral), field.neutral)
    return (field.category, field.purposes, field.given, field.within, neutral, field.export, title)


def _concerns(hold: Hold, fields: list[Field]) -> bool:
    return not hold.fields or any(f.name in hold.fields for f in fields)


def _group(base: Collection, rows: written.KeyValueRows, keys: list[str]) -> Collection:
    first = [f for f in base.fields if f.column == keys[0]]
    fields = tuple(replace(f, column=rows.value, name=rows.value + f.name.removeprefix(f.column)) for f in first)
    names = dict(zip((f.name for f in first), (f.name for f in fields), strict=True))
    return replace(
        base,
        name=f"{base.name}[{','.join(keys)}]",
        where=(*base.where, Condition(rows.key, "in", tuple(keys))),
        purposes=frozenset().union(*(f.purposes for f in fields)),
        fields=fields,
        holds=tuple(
            replace(h, fields=tuple(names[n] for n in h.fields if n in names))
            for h in base.holds
            if _concerns(h, first)
        ),
        # A row whose whole value is one field goes with it; a structure only loses what is declared within.
        on_erase="clear" if any(f.within for f in fields) else "delete",
    )
