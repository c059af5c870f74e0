"""The policy in the words of the W3C vocabulary, read back by somebody who knows only the vocabulary."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from databases import CHECKOUT
from troth.core.policy.model import Policy
from troth.publishing.dpv import privacy_json

VOCABULARY = CHECKOUT.parent / "shared" / "data" / "dpv-2.3"
FILES = {"dpv": ("dpv.csv",), "pd": ("pd.csv",), "eu-gdpr": ("legal_basis.csv", "rights.csv")}


def names(value: Any) -> Iterator[str]:
    """Every prefixed name in the document, keys and references."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "@context":
                continue
            yield key
            yield from names(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from names(inner)
    elif isinstance(value, str) and value.split(":")[0] in FILES:
        yield value


def terms(path: Path) -> set[str]:
    with path.open(encoding="utf-8") as file:
        return {row["term"] for row in csv.DictReader(file)}


@pytest.mark.skipif(not VOCABULARY.is_dir(), reason="the W3C vocabulary does not lie beside this checkout")
def test_every_term_exists_in_the_vocabulary(policy: Policy) -> None:
    known = {prefix: set().union(*(terms(VOCABULARY / file) for file in files)) for prefix, files in FILES.items()}
    for name in names(privacy_json(policy)):
        prefix, _, term = name.partition(":")
        if prefix in known:
            assert term in known[prefix], name


def test_purposes_with_basis_data_and_recipients_can_be_read_back(policy: Policy) -> None:
    data = json.loads(json.dumps(privacy_json(policy), ensure_ascii=False))
    known = {recipient["@id"] for recipient in data["dpv:hasRecipient"]}
    found = {process["@id"].removeprefix("#purpose-"): process for process in data["dpv:hasProcess"]}
    assert set(found) == set(policy.purposes)
    letters = {"consent": "a", "contract": "b", "legal_obligation": "c", "legitimate_interest": "f"}
    for name, purpose in policy.purposes.items():
        assert found[name]["dpv:hasLegalBasis"] == {"@id": f"eu-gdpr:A6-1-{letters[purpose.basis.value]}"}
        assert len(found[name]["dpv:hasPersonalData"]) == len(purpose.categories)
        assert {r["@id"] for r in found[name]["dpv:hasRecipient"]} <= known
        assert {t["@language"] for t in found[name]["dpv:hasStorageCondition"]["dct:description"]} == {"en", "fr"}


def test_nothing_has_to_be_fetched_to_understand_it(policy: Policy) -> None:
    context = privacy_json(policy)["@context"]
    assert isinstance(context, dict)
    used = {name.split(":")[0] for name in names(privacy_json(policy)) if ":" in name}
    assert used <= set(context)
