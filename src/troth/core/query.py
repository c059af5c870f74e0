"""Which rows: a small language of conditions that every connector compiles for its own engine.

A condition is always about one row of one collection. ``Related`` steps along a link to rows of another
collection. Planning composes these; only connectors know SQL.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from troth.core.policy.model import Clock, Condition, Scalar

Key = tuple[Scalar, ...]


@dataclass(frozen=True, slots=True)
class Everything:
    """Every row."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No row."""


@dataclass(frozen=True, slots=True)
class Where:
    """A fixed test of one column (from the policy)."""

    condition: Condition


@dataclass(frozen=True, slots=True)
class Given(Where):
    """A test of one column with somebody's own value, which nothing may remember."""


@dataclass(frozen=True, slots=True)
class KeyIn:
    """The row's ``columns`` (its key, or the columns of a link) are one of ``keys``."""

    columns: tuple[str, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class KeySpan:
    """The row's single-column key lies in ``low <= key < high``; None is open."""

    column: str
    low: Scalar
    high: Scalar


@dataclass(frozen=True, slots=True)
class Identified:
    """The identifier column holds ``value``: found with the index, then confirmed on exact bytes after
    Troth's own normalisation of ``kind`` (collations equate different people)."""

    kind: str
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class Before:
    """The clock is readable, not before its floor, and before midnight at the start of ``cutoff``."""

    clock: Clock
    cutoff: date


@dataclass(frozen=True, slots=True)
class Readable:
    """The clock has a value that can be read and is not before its floor. With ``cutoff``: and is on or
    after the start of that day (so ``Readable`` and not ``Before``)."""

    clock: Clock
    from_: date | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """The clock has a value, but one that cannot be read, is infinite or lies before its floor."""

    clock: Clock


@dataclass(frozen=True, slots=True)
class NotClear:
    """At least one of these fields (names of the collection's fields) still holds a value that is neither
    empty, nor its neutral value, nor a tombstone."""

    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Differs:
    """Something stands at the place within a structured value that this field names, and it is not this value
    (compared as text)."""

    field: str
    value: Scalar


@dataclass(frozen=True, slots=True)
class Hop:
    """One step from a row of ``source`` to rows of ``target`` where the paired columns are equal.

    ``columns`` pairs the source's with the target's. With ``template`` one side is the text in which the
    other side's value stands: ``template_side`` tells which side holds the finished text. ``where`` filters
    the target's rows. ``target`` is a collection's name, or ``table:SCHEMA.NAME`` for an unmapped table.
    """

    source: str
    target: str
    columns: tuple[tuple[str, str], ...]
    where: tuple[Condition, ...] = ()
    source_where: tuple[Condition, ...] = ()
    template: str | None = None
    template_side: Literal["source", "target"] = "source"
    to_children: bool = False
    """The source's columns are its key: each target row has exactly this one source row."""


@dataclass(frozen=True, slots=True)
class Related:
    """At least one row reached by ``hops`` (in order) meets ``inner``. The row filters of the collections
    stepped on apply by themselves."""

    hops: tuple[Hop, ...]
    inner: Expr


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this one (NULL-safe: a test that is neither true nor false counts as not true)."""

    part: Expr


Expr = (
    Everything | Nothing | Where | KeyIn | KeySpan | Identified | Before | Readable | Unreadable | NotClear
    | Differs | Related | And | Or | Not
)  # fmt: skip


def all_of(*parts: Expr) -> Expr:
    """``And`` with the trivial cases folded."""
    flat: list[Expr] = []
    for part in parts:
        if isinstance(part, Nothing):
            return Nothing()
        if isinstance(part, And):
            flat.extend(part.parts)
        elif not isinstance(part, Everything):
            flat.append(part)
    unique = dict.fromkeys(flat)
    if any(isinstance(part, Not) and part.part in unique for part in unique):
        return Nothing()
    if not unique:
        return Everything()
    return flat[0] if len(unique) == 1 else And(tuple(unique))


def any_of(*parts: Expr) -> Expr:
    """``Or`` with the trivial cases folded."""
    flat: list[Expr] = []
    for part in parts:
        if isinstance(part, Everything):
            return Everything()
        if isinstance(part, Or):
            flat.extend(part.parts)
        elif not isinstance(part, Nothing):
            flat.append(part)
    unique = dict.fromkeys(flat)
    if any(isinstance(part, Not) and part.part in unique for part in unique):
        return Everything()
    if not unique:
        return Nothing()
    return flat[0] if len(unique) == 1 else Or(tuple(unique))


def none_of(part: Expr) -> Expr:
    """``Not`` with the trivial cases folded."""
    if isinstance(part, Everything):
        return Nothing()
    if isinstance(part, Nothing):
        return Everything()
    if isinstance(part, Not):
        return part.part
    return Not(part)


def related(hops: tuple[Hop, ...], inner: Expr) -> Expr:
    """``Related`` with the trivial cases folded, alternatives told apart and nested steps joined.

    A step down to a child followed by the step back up to its one parent leads nowhere and is left out: the
    parent counts even if it has no such child. Where that matters it decides for keeping.
    """
    if not hops or isinstance(inner, Nothing):
        return inner
    if isinstance(inner, Or):
        return any_of(*(related(hops, part) for part in inner.parts))
    if isinstance(inner, Related):
        joined = _straightened(hops + inner.hops)
        return Related(joined, inner.inner) if joined else inner.inner
    straight = _straightened(hops)
    return Related(straight, inner) if straight else inner


def _straightened(hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    out: list[Hop] = []
    for hop in hops:
        if out and _undoes(out[-1], hop):
            out.pop()
        else:
            out.append(hop)
    return tuple(out)


def _undoes(down: Hop, up: Hop) -> bool:
    """Whether ``up`` leads from the child that ``down`` reached back to the very row it came from."""
    return (
        down.to_children
        and down.source == up.target
        and down.target == up.source
        and tuple((b, a) for a, b in down.columns) == up.columns
        and down.where == up.source_where
        and down.template == up.template
    )
