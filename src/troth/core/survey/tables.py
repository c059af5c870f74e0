"""The tables, the kinds of data in them, and how many people they are about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from troth.core.discover.model import Draft, FieldGuess, TableGuess
from troth.core.survey.measure import SURE, sure
from troth.core.survey.model import CategoryLine, FieldLine, Figure, Place, TableLine
from troth.core.vocabulary import personal_data_terms

_ORDER = {"person": 0, "belongs": 1, "loose": 2, "none": 3}


def is_special(category: str) -> bool:
    """Whether GDPR Article 9 protects the category, itself or as a kind of one that it protects."""
    terms, todo, seen = personal_data_terms(), [category], set[str]()
    while todo:
        name = todo.pop()
        if name in seen or name not in terms:
            continue
        if terms[name].special:
            return True
        seen.add(name)
        todo.extend(terms[name].broader)
    return False


def table_lines(draft: Draft, rows: Mapping[str, Figure]) -> tuple[TableLine, ...]:
    """Every table: those about people first, the largest first among equals."""
    lines = [_line(guess, rows) for guess in draft.tables]
    return tuple(sorted(lines, key=lambda t: (_ORDER[t.role], -(t.rows.value or 0), t.name)))


def _line(guess: TableGuess, rows: Mapping[str, Figure]) -> TableLine:
    table = guess.table
    known = rows.get(table.qualified) or Figure(table.rows, "counted" if table.rows_exact else "estimated")
    return TableLine(
        name=table.qualified, role=guess.role, kind=table.kind, rows=known, columns=len(table.columns),
        fields=tuple(_fields(guess)), parents=tuple(dict.fromkeys(link.parent for link in sure(guess))),
        purpose=guess.purpose,
    )  # fmt: skip


def _fields(guess: TableGuess) -> Iterable[FieldLine]:
    for field in guess.fields:
        if field.confidence >= SURE:
            yield _field(guess, field, field.path)
    pairs = guess.key_value
    for field in (f for f in pairs.fields if f.confidence >= SURE) if pairs else ():
        yield _field(guess, field, field.path or field.column, pairs.value if pairs else None)


def _field(guess: TableGuess, field: FieldGuess, path: str | None, column: str | None = None) -> FieldLine:
    return FieldLine(
        Place(guess.table.qualified, column or field.column, path), field.category, is_special(field.category),
        field.confidence, field.identifier, field.secret, field.free_text,
    )  # fmt: skip


def categories(tables: Iterable[TableLine]) -> tuple[CategoryLine, ...]:
    """The categories: specially protected ones first, then those that lie in most places."""
    found: dict[str, list[FieldLine]] = {}
    for table in tables:
        for field in table.fields if table.role != "none" else ():
            found.setdefault(field.category, []).append(field)
    lines = [_category(name, fields) for name, fields in found.items()]
    return tuple(sorted(lines, key=lambda c: (not c.special, -len(c.places), c.category)))


def _category(name: str, fields: list[FieldLine]) -> CategoryLine:
    places = tuple(f.place for f in fields)
    identifiers = tuple(dict.fromkeys(f.identifier for f in fields if f.identifier))
    return CategoryLine(name, is_special(name), places, len({p.table for p in places}), identifiers)


def people(tables: Iterable[TableLine]) -> tuple[Figure, tuple[str, ...]]:
    """How many rows the tables about people hold together, and which tables those are. Somebody who stands in
    two of them counts twice: only the person's own request can tell."""
    persons = [t for t in tables if t.role == "person"]
    values = [t.rows.value for t in persons]
    if any(v is None for v in values):
        return Figure(None, "estimated"), tuple(t.name for t in persons)
    exact = all(t.rows.basis == "counted" for t in persons)
    return Figure(sum(v or 0 for v in values), "counted" if exact else "estimated"), tuple(t.name for t in persons)
