"""Periods are those of the rules, and a citation finds the one it supports."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.law import periods
from troth.core.law.citations import cited
from troth.core.law.periods import for_source
from troth.core.policy.values import Duration, add, parse_duration

SAID = {
    "CHOICE_REMEMBERED": "6 months", "TRACKER": "13 months", "AUDIENCE_DATA": "25 months", "PROSPECT": "3 years",
    "CUSTOMER_MARKETING": "3 years", "ACCOUNT_INACTIVE": "2 years", "ACCOUNTING": "10 years", "TAX": "6 years",
    "CIVIL_LIMITATION": "5 years", "CONSUMER_CLAIM": "2 years", "ELECTRONIC_CONTRACT": "10 years",
    "CARD_CLAIMS": "13 months", "CARD_CLAIMS_DEFERRED": "15 months", "CARD_CODE": "0 days", "LOGS_LEAST": "6 months",
    "LOGS_MOST": "12 months", "LOGS_JUSTIFIED": "3 years", "CANDIDATE_REFUSED": "3 months", "CANDIDATE_POOL": "2 years",
    "PAYROLL": "5 years", "REQUEST_FILE": "5 years", "IDENTITY_COPY_MOST": "1 year", "OBJECTION_LIST": "3 years",
    "BREACH_REGISTER": "5 years", "CONSENT_PROOF": "5 years", "BREACH_AUTHORITY": "72 hours", "ANSWER": "1 month",
    "ANSWER_EXTENDED": "3 months",
}  # fmt: skip


@pytest.mark.parametrize("name", SAID)
def test_a_period_is_the_one_of_its_rule(name: str) -> None:
    assert getattr(periods, name).value == parse_duration(SAID[name])


def test_every_period_is_in_one_list_under_its_name() -> None:
    listed = {**periods.EUROPEAN, **periods.FRENCH}
    assert {name.upper() for name in listed} == set(SAID)
    assert all(getattr(periods, name.upper()) is fact for name, fact in listed.items())


SPELLINGS = [
    ("C. com. L123-22", "10 years"), ("C. com. art. L123-22", "10 years"), ("Code de commerce, art. L. 123-22", "10 years"),
    ("article L. 123‑22 du code de commerce", "10 years"), ("French Commercial Code, article L123-22", "10 years"),
    ("L123-22", "10 years"), ("LPF L102 B", "6 years"), ("LPF art. L. 102 B", "6 years"),
    ("article L.102 B du livre des procédures fiscales", "6 years"), ("C. civ. 2224", "5 years"),
    ("art. 2224 du code civil", "5 years"), ("French Civil Code, art. 2224", "5 years"),
    ("prescription civile (C. civ. 2224)", "5 years"), ("C. conso. L218-2", "2 years"),
    ("article L. 218-2 du code de la consommation", "2 years"), ("C. conso. L213-1, D213-1, D213-2", "10 years"),
    ("CNIL, délibération n° 2021-122", "3 years"), ("délibération 2018-303", "15 months"), ("CNIL 2021-131", "3 years"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "period"), SPELLINGS)
def test_a_citation_is_understood_however_it_is_spelt(text: str, period: str) -> None:
    fact = for_source(text, "FR")
    assert fact is not None
    assert fact.value == parse_duration(period)


@pytest.mark.parametrize("text", [spelling for spelling, _ in SPELLINGS])
def test_capitals_and_accents_make_no_difference(text: str) -> None:
    assert for_source(text.upper(), "FR") == for_source(text.lower().replace("é", "e"), "FR") == for_source(text, "FR")


@pytest.mark.parametrize(
    "text",
    [
        "", "2224", "accounting", "C. com. L123-2", "C. com. L123-221", "C. civ. 12224", "C. civ. 22245",
        "C. civ. L123-22", "C. trav. L218-2 du code civil", "C. conso. L213-15", "C. com. 2224", "10 years",
    ],
)  # fmt: skip
def test_what_is_not_known_supports_nothing(text: str) -> None:
    assert for_source(text, "FR") is None


def test_of_several_rules_the_longest_counts() -> None:
    for text in ("C. civ. 2224 ; C. com. L123-22", "C. com. L123-22 et C. civ. 2224"):
        assert for_source(text, "FR") is periods.ACCOUNTING
    assert cited("C. civ. 2224 ; C. com. L123-22") == ("com L123-22", "civ 2224")


def test_french_rules_support_nothing_elsewhere() -> None:
    assert for_source("C. com. L123-22", "DE") is None
    assert for_source("C. com. L123-22", "RE") is periods.ACCOUNTING


@given(st.text(max_size=60))
def test_no_text_is_too_strange(text: str) -> None:
    found = for_source(text, "FR")
    assert found is None or add(date(2026, 1, 1), found.value) > add(date(2026, 1, 1), Duration(months=14))
