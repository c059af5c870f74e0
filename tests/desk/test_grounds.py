"""For every kind of reason for keeping something: the words that the person reads and the code on record agree."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import CHECKOUT
from troth.core.law.bases import REFUSAL_REASONS
from troth.core.policy.model import Policy
from troth.core.requests.model import Act, By, Channel, Happened, Request, Right
from troth.desk.grounds import CODES, grounds_of
from troth.desk.kept import answered, said
from troth.web.wording import Words

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ASKED = Request("req-1", Right.ERASURE, "s", NOW, Channel.PORTAL)
SOURCES = (None, "RGPD art. 17(3)(e)", "RGPD art. 17(3)(d)", "RGPD art. 6(1)(b)", "RGPD art. 6(1)(c)",
           "RGPD art. 17(1)(a)", "C. com. art. L123-22")  # fmt: skip


@cache
def policy() -> Policy:
    """The example's, whose invoices have one hold of each source more."""
    from troth.bootstrap import load_policy

    found = load_policy(CHECKOUT / "examples/maison/troth.yaml", {})
    store = found.stores["shop"]
    below, first = next((one, one.holds[0]) for one in store.collections.values() if one.holds)
    holds = tuple(replace(first, name=f"h{n}", source=source) for n, source in enumerate(SOURCES))
    collections = {**store.collections, below.name: replace(below, holds=(*below.holds, *holds))}
    return replace(found, stores={**found.stores, "shop": replace(store, collections=collections)})


@cache
def kinds() -> tuple[tuple[str, str], ...]:
    """Every (kind, why) that an answer can hold."""
    holds = [
        ("hold", f"{one.name}/{hold.name}")
        for one in policy().stores["shop"].collections.values()
        for hold in one.holds
    ]
    coded = [("manual" if code in ("frozen", "claim") else "", code) for code in CODES]
    return (*holds, *(("purpose", name) for name in policy().purposes), *coded, ("manual", ""), ("hold", ""), ("", ""))


def kept(*of: tuple[str, str]) -> list[tuple[Any, ...]]:
    """Each in a place of its own."""
    return [("shop", name, kind, "", why, ()) for (kind, why), name in
            zip(of, policy().stores["shop"].collections, strict=False)]  # fmt: skip


@given(st.data(), st.sampled_from(["en", "fr"]))
def test_an_answer_ends_with_the_texts_of_the_codes_on_record_and_no_others(data: st.DataObject, language: str) -> None:
    of = data.draw(st.lists(st.sampled_from(kinds()), min_size=1, max_size=4))
    codes = grounds_of(policy(), kept(*of))
    assert codes
    for history in ((), (Happened(Act.PARTLY_REFUSED, NOW, By.TROTH, codes),)):
        told = answered(policy(), Words("portal", language), replace(ASKED, history=history),
                        {"rows": 1, "kept": kept(*of)}, language, "")  # fmt: skip
        assert [line.partition(" (")[0] for line in told[-1][1]] == [
            REFUSAL_REASONS[code].text[language].partition(" (")[0] for code in codes
        ]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_line_never_names_another_law_than_the_code_and_nobody_is_told_that_no_case_is_met(language: str) -> None:
    for one in kinds():
        (code,) = grounds_of(policy(), kept(one))
        line = said(policy(), Words("portal", language), "shop", one[1], language)
        article = re.search(r"\b17\(3\)\([a-e]\)", line)
        assert code != "no_ground"
        assert article is None or REFUSAL_REASONS[code].article == article[0], line
        if "6(1)(b)" in line or "17(1)(a)" in line or line == Words("portal", language)["stays_reason"]:
            assert code == "still_needed", line


def test_an_order_under_way_is_still_needed_and_frozen_data_is_frozen() -> None:
    under_way = [f"{one.name}/{hold.name}" for one in policy().stores["shop"].collections.values() for hold in one.holds
                 if "6(1)(b)" in (hold.source or "")]  # fmt: skip
    assert len(under_way) > 1, "the example has an order under way"
    assert {grounds_of(policy(), kept(("hold", why))) for why in under_way} == {("still_needed",)}
    assert grounds_of(policy(), kept(("manual", "frozen"))) == ("restricted",)
    assert grounds_of(policy(), kept(("", "leads"), ("manual", "claim"))) == ("legal_claims", "still_needed")
    assert grounds_of(policy(), kept(("", "below"), ("manual", "claim"))) == ("legal_claims",)
