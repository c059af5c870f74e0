"""The categories of personal data: names of the W3C Data Privacy Vocabulary (DPV), extension PD.

Source: https://w3id.org/dpv/pd, version 2.3. The list is ``data/pd.txt``, with its licence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Term:
    """A category: its name, the broader ones it falls under, and whether GDPR Article 9 protects it."""

    name: str
    broader: tuple[str, ...]
    special: bool


@cache
def personal_data_terms() -> Mapping[str, Term]:
    """All categories by name."""
    text = files("troth.core").joinpath("data", "pd.txt").read_text("utf-8")
    lines = (line.split() for line in text.splitlines() if line and not line.startswith("#"))
    return {name.rstrip("*"): Term(name.rstrip("*"), tuple(broader), name.endswith("*")) for name, *broader in lines}


def falls_under(name: str, wider: str) -> bool:
    """Whether a category is another one or narrower than it: ``City`` falls under ``PhysicalAddress``'s kin
    only where the vocabulary says so. Unknown names fall under themselves only."""
    terms, todo, seen = personal_data_terms(), [name], set[str]()
    while todo:
        current = todo.pop()
        if current == wider:
            return True
        if current not in seen:
            seen.add(current)
            todo.extend(terms[current].broader if current in terms else ())
    return False
