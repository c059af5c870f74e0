"""A draft as plain data, for programs: what was seen and what is thought of it, without any value."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from troth.core.discover.draft_words import reason_text
from troth.core.discover.model import ClockGuess, Draft, FieldGuess, LinkGuess, Reason, TableGuess


def draft_json(draft: Draft, language: str = "en") -> dict[str, Any]:
    """The shape of ``troth discover --format json``."""
    return {
        "store": draft.store,
        "engine": draft.catalogue.engine,
        "tables": [_table(guess, language) for guess in draft.tables],
        "troubles": [
            {"code": t.code, "table": t.table or None, "column": t.column or None, "message": t.message}
            for t in draft.troubles
        ],
    }


def _table(guess: TableGuess, language: str) -> dict[str, Any]:
    table = guess.table
    return {
        "table": table.qualified,
        "kind": table.kind,
        "rows": table.rows,
        "rows_exact": table.rows_exact,
        "readable": table.readable,
        "role": guess.role,
        "purpose": guess.purpose,
        "reasons": _reasons(guess.reasons, language),
        "key": list(table.key),
        "columns": [
            {"column": c.name, "type": c.declared, "family": c.family, "nullable": c.nullable} for c in table.columns
        ],
        "fields": [_field(f, language) for f in guess.fields],
        "links": [_link(g, language) for g in guess.links],
        "clocks": [_clock(c, language) for c in guess.clocks],
        "key_value": {
            "key": guess.key_value.key,
            "value": guess.key_value.value,
            "fields": [_field(f, language) for f in guess.key_value.fields],
        }
        if guess.key_value
        else None,
        "soft_delete": guess.soft_delete,
    }


def _field(guess: FieldGuess, language: str) -> dict[str, Any]:
    return {
        "column": guess.column,
        "path": guess.path,
        "format": guess.inner_format,
        "category": guess.category,
        "confidence": guess.confidence,
        "identifier": guess.identifier,
        "secret": guess.secret,
        "free_text": guess.free_text,
        "given": guess.given,
        "reasons": _reasons(guess.reasons, language),
    }


def _link(guess: LinkGuess, language: str) -> dict[str, Any]:
    return {
        "to": guess.parent,
        "by": dict(guess.columns),
        "where": {guess.where[0]: guess.where[1]} if guess.where else None,
        "text": guess.text,
        "declared": guess.declared,
        "confidence": guess.confidence,
        "reasons": _reasons(guess.reasons, language),
    }


def _clock(guess: ClockGuess, language: str) -> dict[str, Any]:
    return {
        "column": guess.column,
        "event": guess.event,
        "is": guess.kind,
        "format": guess.format,
        "confidence": guess.confidence,
        "earliest": guess.earliest.isoformat() if guess.earliest else None,
        "latest": guess.latest.isoformat() if guess.latest else None,
        "reasons": _reasons(guess.reasons, language),
    }


def _reasons(reasons: Iterable[Reason], language: str) -> list[dict[str, str]]:
    return [{"code": r.code, "text": reason_text(r, language)} for r in reasons]
