"""The report for machines: everything the page says and all that it cuts, codes beside sentences."""

from __future__ import annotations

from datetime import date
from typing import Any

from troth.core.policy.values import Duration
from troth.core.survey.model import AgeLine, FieldLine, Figure, Note, Param, Place, Survey, TableLine
from troth.package import labels
from troth.reports.opening import advice, sentence
from troth.reports.speech import Speaker
from troth.reports.texts_findings import BLOCKS


def survey_json(survey: Survey, language: str) -> dict[str, Any]:
    """The document; sentences in one language."""
    speaker = Speaker(language, markup=False)
    return {
        "store": survey.store,
        "engine": survey.engine,
        "as_of": survey.as_of.isoformat(),
        "sample": survey.sample,
        "headline": _headline(survey),
        "findings": [_note(note, speaker) for note in survey.notes],
        "tables": [_table(line) for line in survey.tables],
        "categories": [
            {"category": c.category, "title": labels.category(c.category, language, {}), "special": c.special,
             "tables": c.tables, "places": [_place(p) for p in c.places], "identifiers": list(c.identifiers)}
            for c in survey.categories
        ],
        "ages": [_age(line, language) for line in survey.ages],
        "secrets": [
            {**_place(s.place), "kind": s.kind, "weight": s.weight, "values": _figure(s.values)} for s in survey.secrets
        ],
        "orphans": [
            {**_place(o.place), "parent": o.parent, "missing": o.missing, "asked": o.asked, "declared": o.declared}
            for o in survey.orphans
        ],
        "shared": [
            {**_place(s.place), "identifier": s.identifier, "repeated": _figure(s.repeated)} for s in survey.shared
        ],
        "blocks": [
            {"code": b.code, "weight": b.weight, "table": b.table, "columns": list(b.columns),
             "other": b.other or None, "message": speaker.say(b.code, BLOCKS, other=b.other)}
            for b in survey.blocks or ()
        ],
        "inspected": not survey.blocks_unknown,
        "gaps": None if survey.gaps is None else [
            {"code": g.code, "table": g.table, "columns": list(g.columns), "categories": list(g.categories)}
            for g in survey.gaps
        ],
        "not_seen": [
            {"code": u.code, "table": u.table or None, "column": u.column or None, "message": u.message}
            for u in survey.unseen
        ],
    }  # fmt: skip


def _headline(survey: Survey) -> dict[str, Any]:
    return {
        "tables": survey.tables_in_all,
        "tables_with_people": len(survey.personal),
        "people": _figure(survey.people),
        "people_tables": list(survey.people_tables),
        "columns": survey.columns,
        "oldest": survey.oldest.isoformat() if survey.oldest else None,
    }


def _figure(figure: Figure) -> dict[str, Any]:
    return {"value": figure.value, "basis": figure.basis, "of": figure.of}


def _place(place: Place) -> dict[str, Any]:
    return {"table": place.table, "column": place.column, "path": place.path}


def _note(note: Note, speaker: Speaker) -> dict[str, Any]:
    figures = {name: _param(value) for name, value in note.params.items()}
    return {
        "code": note.code, "weight": note.weight, "message": sentence(note, speaker), "advice": advice(note, speaker),
        "figures": figures,
    }  # fmt: skip


def _param(value: Param) -> Any:
    if isinstance(value, Figure):
        return _figure(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Duration):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def _table(line: TableLine) -> dict[str, Any]:
    return {
        "table": line.name, "role": line.role, "kind": line.kind, "rows": _figure(line.rows), "columns": line.columns,
        "belongs_to": list(line.parents), "purpose": line.purpose, "fields": [_field(f) for f in line.fields],
    }  # fmt: skip


def _field(field: FieldLine) -> dict[str, Any]:
    return {
        "column": field.place.column, "path": field.place.path, "category": field.category, "special": field.special,
        "confidence": round(field.confidence, 2), "identifier": field.identifier, "secret": field.secret,
        "free_text": field.free_text,
    }  # fmt: skip


def _age(line: AgeLine, language: str) -> dict[str, Any]:
    usual = line.usual
    return {
        "table": line.table, "column": line.column, "event": line.event, "oldest": line.oldest.isoformat(),
        "newest": line.newest.isoformat() if line.newest else None, "basis": line.basis, "months": line.months,
        "over": line.over, "beyond": _figure(line.beyond) if line.beyond else None,
        "period": None if usual is None else {
            "period": str(usual.period), "of_policy": usual.of_policy, "elsewhere": usual.elsewhere,
            "mark": usual.mark or None, "label": usual.label.get(language) or None,
            "source": usual.source.get(language) or None,
        },
    }  # fmt: skip
