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


BASE = "https://privacy.example.org/.well-known/privacy.json"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DPV = "https://w3id.org/dpv#"
Triple = tuple[str, str, str]


def triples(document: dict[str, Any]) -> set[Triple]:
    """The document as statements, by the rules of JSON-LD 1.1 for what it uses of them: prefixes, @id, @type, values
    with a language, lists of nodes. Anything else of the language fails."""
    prefixes = document["@context"]
    found: set[Triple] = set()
    count = iter(range(10_000))

    def iri(name: str) -> str:
        prefix, colon, rest = name.partition(":")
        assert colon or name.startswith("#"), name
        return f"{prefixes[prefix]}{rest}" if colon else f"{BASE}{name}"

    def node(data: dict[str, Any]) -> str:
        assert not {k for k in data if k.startswith("@")} - {"@id", "@type", "@context"}
        subject = iri(data["@id"]) if "@id" in data else f"_:{next(count)}"
        if "@type" in data:
            found.add((subject, TYPE, iri(data["@type"])))
        for key, value in data.items():
            if not key.startswith("@"):
                for one in value if isinstance(value, list) else [value]:
                    found.add((subject, iri(key), value_of(one)))
        return subject

    def value_of(one: Any) -> str:
        if isinstance(one, str):
            return json.dumps(one)
        if "@value" in one:
            assert set(one) == {"@value", "@language"}
            return f"{json.dumps(one['@value'])}@{one['@language']}"
        return node(one)

    node(document)
    return found


def kinds() -> dict[str, str]:
    """Class or property, by the address of each term of the vocabulary."""
    found = {}
    for path in VOCABULARY.glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            found |= {row["iri"]: row["type"] for row in csv.DictReader(file) if "iri" in row}
    return found


@pytest.mark.skipif(not VOCABULARY.is_dir(), reason="the W3C vocabulary does not lie beside this checkout")
def test_as_statements_it_uses_classes_as_classes_and_properties_as_properties(policy: Policy) -> None:
    known, found = kinds(), triples(privacy_json(policy))
    assert len(found) > 200
    for _, predicate, thing in found:
        if predicate.startswith("https://w3id.org/dpv"):
            assert known[predicate] == "property", predicate
        if predicate == TYPE:
            assert known[thing] == "class", thing


def test_every_thing_that_it_names_in_the_document_is_described_there(policy: Policy) -> None:
    found = triples(privacy_json(policy))
    described = {subject for subject, _, _ in found}
    named = {thing for _, _, thing in found if thing.startswith(f"{BASE}#")}
    assert named <= described


def test_somebody_who_reads_only_the_statements_learns_the_policy(policy: Policy) -> None:
    found = triples(privacy_json(policy))

    def of(subject: str, predicate: str) -> set[str]:
        return {o for s, p, o in found if s == subject and p == f"{DPV}{predicate}"}

    notice = f"{BASE}#policy"
    assert (notice, TYPE, f"{DPV}PrivacyNotice") in found
    assert {p.removeprefix(f"{BASE}#purpose-") for p in of(notice, "hasProcess")} == set(policy.purposes)
    (controller,) = of(notice, "hasDataController")
    assert of(controller, "hasName") == {json.dumps(policy.publisher)}
    for name, purpose in policy.purposes.items():
        process = f"{BASE}#purpose-{name}"
        assert of(process, "hasRecipient") == {f"{BASE}#recipient-{r}" for r in purpose.recipients}
        assert of(process, "hasDataSubject") == {f"{BASE}#people-{g}" for g in purpose.people}
        data = {d.rpartition("#")[2].removeprefix("category-") for d in of(process, "hasPersonalData")}
        assert data == set(purpose.categories)
