"""What data.json and metadata.json say about columns, and about what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from troth.core.policy.model import Policy
from troth.core.rights.access import Column, LeftOut, Reading
from troth.core.rights.information import Information, as_json
from troth.core.vocabulary import personal_data_terms
from troth.package.html_names import Namer
from troth.package.reasons import REASONS
from troth.package.values import Plain

_DPV = "https://w3id.org/dpv/pd#"

CSV_DIALECT: dict[str, Plain] = {
    "rules": "RFC 4180",
    "encoding": "UTF-8 with a byte order mark",
    "null": "nothing between the commas",
    "empty_text": '""',
    "guard": "texts that begin like a formula have one apostrophe before them; data.json has them without",
}
"""How to read the CSV files, for machines' masters."""


def describe_columns(
    policy: Policy,
    readings: Iterable[Reading],
    csv_names: Mapping[tuple[str, str], str],
    counts: Mapping[tuple[str, str], int],
) -> list[Plain]:
    """Every collection that was read: its file, how many rows, and what each column means."""
    return [
        {
            "store": reading.collection.store,
            "collection": reading.collection.name,
            "title": cast(Plain, dict(reading.collection.title or {})),
            "rows": counts[reading.place],
            "csv": csv_names[reading.place],
            "columns": [_column(policy, reading, column) for column in reading.columns],
        }
        for reading in readings
        if reading.place in csv_names
    ]


def _column(policy: Policy, reading: Reading, column: Column) -> Plain:
    label = {language: Namer(policy, language).column_label(reading, column) for language in ("en", "fr")}
    described: dict[str, Plain] = {"name": column.name, "role": column.role, "type": column.family, "label": {**label}}
    field = column.field
    if field is None:
        return described if not column.detail else {**described, "of": column.detail}
    category = field.category
    iri = f"{_DPV}{category}" if category in personal_data_terms() else None
    purposes: list[Plain] = [
        {"name": name, "basis": policy.purposes[name].basis.value} for name in sorted(field.purposes)
    ]
    return {**described, "category": category, "iri": iri, "origin": field.given, "purposes": purposes}


def describe_left_out(entries: Sequence[LeftOut]) -> list[Plain]:
    """What is not in the package, each with its reason as a code and in words."""
    return [
        {
            "store": entry.store,
            "collection": entry.collection,
            "what": list(entry.what),
            "rows": entry.rows or None,
            "identifier": entry.kind or None,
            "reason": entry.reason,
            "because": {**REASONS[entry.reason]},
        }
        for entry in entries
    ]


def information_json(information: Information, collections: list[Plain], left_out: list[Plain]) -> Plain:
    """The Article 15 information as JSON."""
    assembled = cast(dict[str, Plain], as_json(information))
    return {**assembled, "collections": collections, "left_out": left_out}
