"""The labelled schemas of tests/fixtures/schemas as Python has them, and how their files are read.

The notation is told in tests/fixtures/schemas/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

FOLDER = Path(__file__).resolve().parent / "fixtures" / "schemas"
CROWD = 300
"""How many people a product's own table of people holds."""

# --- what a schema says -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reference:
    """A column's values are those of ``parent.column``. ``belongs``: the row belongs to that row."""

    parent: str
    column: str
    belongs: bool
    when: tuple[str, str] | None = None
    declared: bool = False
    one_to_one: bool = False
    together: str = ""
    """Columns with the same mark are one composite reference."""


@dataclass(frozen=True)
class LabelledColumn:
    """A column, what fills it, and what is true of it."""

    name: str
    type: str
    content: str = ""
    references: tuple[Reference, ...] = ()
    others: tuple[tuple[str, tuple[str, str]], ...] = ()
    """Contents that hold only where another column has a value."""
    null: int = 0
    blank: int = 0
    personal: str = ""
    either: bool = False
    clock: str = ""


@dataclass(frozen=True)
class Keyed:
    """Key/value rows: ``by`` holds the key, ``into`` the value; the keys as columns of their own."""

    by: str
    into: str
    keys: Mapping[str, LabelledColumn]


@dataclass(frozen=True)
class LabelledTable:
    """A table and its labels. ``people`` names a group when each row is a person."""

    name: str
    columns: tuple[LabelledColumn, ...]
    key: tuple[str, ...]
    uniques: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    rows: int = 100
    people: str = ""
    keyed: Keyed | None = None

    def column(self, name: str) -> LabelledColumn:
        """Raises KeyError when there is none."""
        return {c.name: c for c in self.columns}[name]


@dataclass(frozen=True)
class Labelled:
    """One product."""

    name: str
    product: str
    tables: tuple[LabelledTable, ...]
    shapes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, LabelledTable]:
        return {table.name: table for table in self.tables}

    @cached_property
    def kin(self) -> Mapping[tuple[str, str], frozenset[tuple[str, str]]]:
        """Columns that hold the same keys because their tables are one to one."""
        groups: dict[tuple[str, str], set[tuple[str, str]]] = {}
        for table in self.tables:
            for column in table.columns:
                for to in (r for r in column.references if r.one_to_one):
                    here, there = (table.name, column.name), (to.parent, to.column)
                    merged = groups.get(here, {here}) | groups.get(there, {there})
                    groups.update(dict.fromkeys(merged, merged))
        return {place: frozenset(group) for place, group in groups.items()}

    def same(self, one: tuple[str, str], other: tuple[str, str]) -> bool:
        """Whether two columns hold the same keys."""
        return one == other or other in self.kin.get(one, ())


# --- reading ----------------------------------------------------------------------------------------

_FLAG = re.compile(
    r"(null|blank|personal|link|refers|serial_link|serial_refers|when|together|content|clock)=(.*)", re.DOTALL
)


def load(name: str) -> Labelled:
    """The schema of that name, development, invented or hold-out. Raises FileNotFoundError, ValueError for what is not
    understood (naming the place)."""
    places = (FOLDER / f"{name}.yaml", FOLDER / "invented" / f"{name}.yaml")
    path = next((place for place in places if place.exists()), FOLDER / "holdout" / f"{name}.yaml")
    document = YAML(typ="safe").load(path)
    prefix, mixins = document.get("prefix", ""), document.get("mixins", {})
    tables = tuple(
        _table(f"{name}: {table}", f"{prefix}{table}", body, mixins, prefix, document["people"] == table)
        for table, body in document["tables"].items()
    )
    schema = Labelled(name, document["product"], tables, document.get("shapes", {}))
    _check(schema)
    return schema


def _table(
    place: str, name: str, body: Mapping[str, Any], mixins: Mapping[str, Any], prefix: str, crowd: bool
) -> LabelledTable:
    lines = dict(body["columns"])
    for mixin in body.get("use", ()):
        lines |= {column: line for column, line in mixins[mixin].items() if column not in lines}
    columns = tuple(_column(f"{place}.{column}", column, line, prefix) for column, line in lines.items())
    given = body.get("key", columns[0].name)
    key = () if given == "none" else (given,) if isinstance(given, str) else tuple(given)
    keyed = body.get("keyed")
    keys = {k: _column(f"{place}.{k}", k, f"text {line}", prefix) for k, line in keyed["keys"].items()} if keyed else {}
    return LabelledTable(
        name, columns, key, _groups(body.get("unique", ())), _groups(body.get("index", ())),
        body.get("rows", CROWD if crowd else 100), body.get("people", "people" if crowd else ""),
        Keyed(keyed["by"], keyed["into"], keys) if keyed else None,
    )  # fmt: skip


def _groups(given: Any) -> tuple[tuple[str, ...], ...]:
    return tuple((one,) if isinstance(one, str) else tuple(one) for one in given)


def _words(line: str) -> Iterator[str]:
    """The words of a line; a space within brackets does not part them."""
    depth, word = 0, ""
    for letter in line:
        depth += (letter == "(") - (letter == ")")
        if letter == " " and depth == 0:
            if word:
                yield word
            word = ""
        else:
            word += letter
    if word:
        yield word


def _column(place: str, name: str, line: str, prefix: str) -> LabelledColumn:
    kind, *words = _words(line)
    column = LabelledColumn(name, kind)
    for word in words:
        flag = _FLAG.fullmatch(word)
        if word == "either":
            column = replace(column, either=True)
        elif word == "declared":
            last = replace(column.references[-1], declared=True)
            column = replace(column, references=(*column.references[:-1], last))
        elif flag is not None:
            column = _flagged(column, flag[1], flag[2], prefix)
        elif column.content:
            raise ValueError(f"{place}: {word} is not understood")
        else:
            column = replace(column, content=word)
    return column


def _flagged(column: LabelledColumn, flag: str, value: str, prefix: str) -> LabelledColumn:
    changed: dict[str, Any] = {flag: int(value) if flag in ("null", "blank") else value}
    if flag in ("null", "blank", "personal", "clock"):
        return replace(column, **changed)
    if flag == "content":
        return replace(column, others=(*column.others, (value, ("", ""))))
    if flag == "when":
        by, _, wanted = value.partition(":")
        if column.others and column.others[-1][1] == ("", ""):
            return replace(column, others=(*column.others[:-1], (column.others[-1][0], (by, wanted))))
        last = replace(column.references[-1], when=(by, wanted))
        return replace(column, references=(*column.references[:-1], last))
    if flag == "together":
        last = replace(column.references[-1], together=value)
        return replace(column, references=(*column.references[:-1], last))
    parent, _, target = value.partition(".")
    reference = Reference(prefix + parent, target, flag.endswith("link"), one_to_one=flag.startswith("serial_"))
    return replace(column, references=(*column.references, reference))


def _check(schema: Labelled) -> None:
    """Every reference leads somewhere, every key and condition names a column."""
    for table in schema.tables:
        names = {c.name for c in table.columns}
        wanted = {*table.key, *(n for group in (*table.uniques, *table.indexes) for n in group)}
        wanted |= {r.when[0] for c in table.columns for r in c.references if r.when}
        wanted |= {table.keyed.by, table.keyed.into} if table.keyed else set()
        if wanted - names:
            raise ValueError(f"{schema.name}: {table.name} has no {sorted(wanted - names)}")
        for column in table.columns:
            for to in column.references:
                if to.parent not in schema.by_name or to.column not in {
                    c.name for c in schema.by_name[to.parent].columns
                }:
                    raise ValueError(f"{schema.name}: {table.name}.{column.name} leads to nothing")
