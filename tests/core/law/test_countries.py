"""Ages, transfers and authorities: what depends on the country, and on the day."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

import pytest

from troth.core.law.ages import DIGITAL_AGES, digital_age, joint_consent
from troth.core.law.authorities import AUTHORITIES, authority
from troth.core.law.transfers import ADEQUACY, EEA, EFTA_EEA, EU, adequacy, in_eea, in_eu
from troth.core.policy.countries import COUNTRIES

TODAY = date(2026, 11, 22)
THIRTY = (*EU, *EFTA_EEA)


def age(country: str, as_of: date = TODAY) -> int | None:
    fact = digital_age(country, as_of)
    return fact.value if fact else None


def scope(country: str, as_of: date = TODAY) -> str | None:
    fact = adequacy(country, as_of)
    return fact.value.scope if fact else None


# --- the EEA ------------------------------------------------------------------------------------------


def test_the_union_has_27_members_and_the_area_30() -> None:
    assert (len(set(EU)), len(set(THIRTY))) == (27, 30)
    assert {c for c in COUNTRIES if in_eea(c, TODAY)} == set(THIRTY) | {"GF", "GP", "MF", "MQ", "RE", "YT", "AX"}


@pytest.mark.parametrize("country", ["CH", "GB", "US", "NC", "PF", "GL", "FO", "GI", "XX", ""])
def test_what_is_near_or_belongs_to_a_member_is_not_always_within(country: str) -> None:
    assert not in_eea(country, TODAY)


def test_the_united_kingdom_left_with_the_end_of_the_transition() -> None:
    assert in_eea("GB", date(2020, 12, 31))
    assert not in_eea("GB", date(2021, 1, 1))


def test_croatia_was_outside_before_it_joined() -> None:
    assert not in_eea("HR", date(2013, 6, 30))
    assert in_eea("HR", date(2013, 7, 1))


def test_the_area_is_wider_than_the_union() -> None:
    assert in_eea("NO", TODAY)
    assert not in_eu("NO")
    assert in_eu("RE")
    assert set(EEA) == {*THIRTY, "GB"}


# --- adequacy -----------------------------------------------------------------------------------------


def test_the_countries_with_a_decision_today() -> None:
    full = {c for c in COUNTRIES if scope(c) == "full"}
    assert full == {"AD", "AR", "BR", "CH", "FO", "GB", "GG", "IL", "IM", "JE", "KR", "NZ", "UY"}
    assert {c for c in COUNTRIES if scope(c) == "partial"} == {"CA", "JP"}
    assert {c for c in COUNTRIES if scope(c) == "list"} == {"US"}


def test_what_is_not_full_says_its_condition_in_both_languages() -> None:
    for series in ADEQUACY.values():
        for fact in series:
            assert bool(fact.value.condition) == (fact.value.scope != "full")
            assert set(fact.value.condition) in (set(), {"en", "fr"})


def test_the_united_kingdoms_decision_ends() -> None:
    fact = adequacy("GB", TODAY)
    assert fact is not None
    assert fact.valid_to == date(2031, 12, 27)
    assert scope("GB", date(2031, 12, 27)) == "full"
    assert scope("GB", date(2031, 12, 28)) is None


def test_decisions_begin_and_end_on_their_days() -> None:
    assert scope("BR", date(2026, 1, 26)) is None
    assert scope("BR", date(2026, 1, 27)) == "full"
    assert scope("US", date(2020, 7, 16)) == "list"
    assert scope("US", date(2022, 1, 1)) is None
    assert scope("US", date(2023, 7, 10)) == "list"


def test_the_area_itself_has_no_decision() -> None:
    assert not [c for c in THIRTY if adequacy(c, TODAY)]


# --- ages ---------------------------------------------------------------------------------------------

AGES = {
    13: "BE EE FI LV MT PT SE NO IS GB", 14: "AT BG CY IT LT ES", 15: "CZ FR GR DK SI", 16: "HR DE HU IE LU NL PL RO SK LI",
}  # fmt: skip


@pytest.mark.parametrize("years", AGES)
def test_the_age_of_digital_consent(years: int) -> None:
    assert {c for c in DIGITAL_AGES if age(c) == years} == set(AGES[years].split())


def test_every_country_of_the_area_has_an_age() -> None:
    assert [c for c in THIRTY if age(c) is None] == []
    assert age("US") is None


def test_denmark_raised_it_in_2024() -> None:
    assert (age("DK", date(2023, 12, 31)), age("DK", date(2024, 1, 1))) == (13, 15)


def test_only_in_france_both_consent() -> None:
    assert [c for c in COUNTRIES if joint_consent(c)] == ["FR", "GF", "GP", "MF", "MQ", "RE", "YT"]
    assert age("RE") == age("FR") == 15


# --- authorities --------------------------------------------------------------------------------------


@pytest.mark.parametrize("country", THIRTY)
def test_every_country_of_the_area_has_an_authority(country: str) -> None:
    found = authority(country)
    assert found is not None
    assert found.country == country
    assert all((found.name, found.english, found.address))
    for page in (found.website, found.complaint):
        assert urlsplit(page).scheme == "https"
        assert urlsplit(page).hostname
    assert found.address_mark in "CST"
    assert found.address_mark != "T" or set(found.note) == {"en", "fr"}


def test_authorities_are_where_they_are_said_to_be() -> None:
    assert set(AUTHORITIES) == set(THIRTY)
    assert authority("US") is None
    assert authority("MQ") is authority("FR")
    cnil = authority("FR")
    assert cnil is not None
    assert "75334 Paris Cedex 07" in cnil.address
    assert cnil.complaint == "https://www.cnil.fr/fr/plaintes"


def test_a_german_publisher_is_told_of_its_land() -> None:
    found = authority("DE")
    assert found is not None
    assert "Land" in found.note["en"]
