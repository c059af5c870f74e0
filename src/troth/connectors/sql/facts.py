"""Names, columns and the digest: what the probes of all engines share when they state facts."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Literal, TypeVar

from troth.core.ports import ColumnFacts, Family, Finding, ForeignKeyFacts, TableFacts

T = TypeVar("T")

OnDelete = Literal["no action", "restrict", "cascade", "set null", "set default"]
Event = Literal["insert", "update", "delete"]

_PLAIN = re.compile(r'[^."]+')
_PART = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')


def qualified(schema: str | None, name: str) -> str:
    """``schema.name``, or ``name`` alone (SQLite). A part with a dot or quote in it is put in double quotes,
    so that ``split`` can take the result apart again."""
    parts = [part for part in (schema, name) if part is not None]
    return ".".join(p if _PLAIN.fullmatch(p) else '"' + p.replace('"', '""') + '"' for p in parts)


def split(table: str) -> tuple[str | None, str]:
    """The schema (None on SQLite) and the name in a qualified name made by ``qualified``."""
    parts = [m[2] if m[2] is not None else m[1].replace('""', '"') for m in _PART.finditer(table)]
    return (None, parts[0]) if len(parts) == 1 else (parts[0], parts[1])


def resolve(name: str, known: Iterable[str]) -> str | None:
    """The known name that ``name`` means: the same, or the only one that differs in case alone."""
    names = list(dict.fromkeys(known))
    if name in names:
        return name
    alike = [k for k in names if k.casefold() == name.casefold()]
    return alike[0] if len(alike) == 1 else None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like a mistyped one, if any comes near."""
    folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


class Columns(Mapping[str, ColumnFacts]):
    """Columns by their real names, in the table's order; found also when the case differs.

    A policy may write ``Email`` where PostgreSQL has ``email``: ``columns["Email"].name`` is ``email``.
    """

    __slots__ = ("_by_name",)

    def __init__(self, columns: Iterable[ColumnFacts] = ()) -> None:
        self._by_name = {column.name: column for column in columns}

    def __getitem__(self, name: str) -> ColumnFacts:
        real = resolve(name, self._by_name)
        if real is None:
            raise KeyError(name)
        return self._by_name[real]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def __repr__(self) -> str:
        return f"Columns({list(self._by_name.values())!r})"


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or its like as an engine lists it, before its details are probed."""

    name: str
    schema: str | None = None
    kind: str = "table"
    oid: int = 0
    bare: bool = True
    """Whether the name alone, without a schema, can mean it."""

    @property
    def table(self) -> str:
        """The qualified name."""
        return qualified(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Edge:
    """A foreign key between two tables, without its columns."""

    source: tuple[str | None, str]
    target: tuple[str | None, str]
    action: OnDelete


@dataclass(frozen=True, slots=True)
class References:
    """Every foreign key that this account can see, read once: where that is slow, it is slow for any question.

    ``keys`` and ``rules`` are rows that only MariaDB's probe needs again.
    """

    edges: tuple[Edge, ...]
    keys: tuple[Any, ...] = ()
    rules: tuple[Any, ...] = ()


@dataclass(slots=True)
class Catalogue:
    """What one engine's probe found, still without the policy's view of it.

    ``remarks`` are findings by qualified table name, to be told for every collection on that table.
    """

    engine: Literal["sqlite", "postgresql", "mariadb", "mysql"]
    version: str
    tables: dict[str, TableFacts] = field(default_factory=dict)
    remarks: dict[str, list[Finding]] = field(default_factory=dict)
    not_visible: list[str] = field(default_factory=list)
    unreadable: dict[str, frozenset[str]] = field(default_factory=dict)
    """Columns that this account may not read, by table."""
    unwritable: dict[str, frozenset[str]] = field(default_factory=dict)
    """Columns that this account may not update, by table."""

    def remark(self, table: str, found: Finding) -> None:
        """Note a finding about a table."""
        self.remarks.setdefault(table, []).append(found)


def grouped(rows: Iterable[T], by: str) -> dict[Any, list[T]]:
    """Rows of a query by the value of one of their columns, in order."""
    result: dict[Any, list[T]] = {}
    for row in rows:
        result.setdefault(getattr(row, by), []).append(row)
    return result


def usable_key(columns: Mapping[str, ColumnFacts], uniques: Sequence[Any]) -> tuple[str, ...]:
    """The columns of the first unique index that can stand in for a primary key: all NOT NULL, no doubt."""
    for unique in sorted(uniques, key=lambda u: (len(u.columns), u.name)):
        if unique.columns and not unique.opaque and all(not columns[c].nullable for c in unique.columns):
            return tuple(unique.columns)
    return ()


def incoming_of(keys: Iterable[ForeignKeyFacts], table: str) -> tuple[ForeignKeyFacts, ...]:
    """The foreign keys that refer to ``table``, in a stable order."""
    return tuple(sorted((k for k in keys if k.target == table), key=lambda k: (k.table, k.name, k.columns)))


def digest_of(*parts: object) -> str:
    """SHA-256 (hex) over facts in a canonical form: sorted keys, no row estimates."""
    text = json.dumps([_plain(part) for part in parts], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        skip = {"rows"} if isinstance(value, TableFacts) else set()
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.name not in skip}
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(str(v) for v in value)
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


FAMILIES: Mapping[str, Family] = {
    "char": "text", "bpchar": "text", "varchar": "text", "text": "text", "citext": "text", "name": "text",
    "tinytext": "text", "mediumtext": "text", "longtext": "text", "xml": "text",
    "tinyint": "integer", "smallint": "integer", "mediumint": "integer", "int": "integer", "bigint": "integer",
    "int2": "integer", "int4": "integer", "int8": "integer", "year": "integer",
    "decimal": "number", "numeric": "number", "float": "number", "double": "number", "float4": "number",
    "float8": "number", "real": "number", "money": "number",
    "bool": "boolean", "boolean": "boolean",
    "date": "date", "datetime": "datetime", "timestamp": "datetime", "timestamptz": "datetime",
    "time": "time", "timetz": "time",
    "json": "json", "jsonb": "json",
    "bytea": "binary", "binary": "binary", "varbinary": "binary", "blob": "binary", "tinyblob": "binary",
    "mediumblob": "binary", "longblob": "binary",
    "enum": "enum", "uuid": "uuid",
}  # fmt: skip
"""Families of the type names of PostgreSQL and MariaDB; anything else is ``other``."""
