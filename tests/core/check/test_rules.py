"""Every rule finds what it is for, and nothing beside it."""

from __future__ import annotations

import functools
import re
import string
from datetime import date
from typing import Any

import pytest

from core.check.cases_house import HOUSE
from core.check.cases_site import SITE
from core.check.world import BASE, TODAY, Change, codes, examined, judged
from troth.core.check.registry import ROOMS, RULES, room_of
from troth.core.check.rule import Rule
from troth.core.policy.problems import Problem

CASES = {**SITE, **HOUSE}


def day(change: Change) -> tuple[Change, date]:
    """A case may bring its own day."""
    own = dict(change)
    return own, date.fromisoformat(own.pop("as_of", TODAY.isoformat()))


@functools.cache
def broken(code: str) -> tuple[Problem, ...]:
    """What is found in the policy that breaks a rule."""
    change, as_of = day(CASES[code][0])
    return tuple(judged(change, as_of=as_of))


def test_nothing_is_found_in_the_clean_policy() -> None:
    assert examined(BASE).problems == ()
    assert judged() == []


def test_every_rule_has_a_policy_that_breaks_it_and_one_that_does_not() -> None:
    assert set(CASES) == set(RULES)
    assert not set(SITE) & set(HOUSE)
    assert len(RULES) >= 40


@pytest.mark.parametrize("code", CASES)
def test_a_rule_finds_what_it_is_for(code: str) -> None:
    found = [problem for problem in broken(code) if problem.code == code]
    assert found
    for problem in found:
        assert problem.severity == RULES[code].severity
        assert problem.source
        assert problem.path
        assert problem.line > 1
        assert problem.excerpt.strip()


@pytest.mark.slow
@pytest.mark.parametrize("code", CASES)
def test_a_rule_leaves_its_neighbour_alone(code: str) -> None:
    change, as_of = day(CASES[code][1])
    assert code not in codes(change, as_of=as_of)


@pytest.mark.parametrize("code", CASES)
def test_a_find_is_told_in_both_languages_without_gaps(code: str) -> None:
    for problem in broken(code):
        for language in ("en", "fr"):
            told = problem.in_language(language)
            for text in (told.message, told.advice, told.source):
                assert text, problem.code
                assert not re.search(r"\{\w+\}|\{\{|None|\(\)", text), text
        assert problem.in_language("fr").message != problem.in_language("en").message


def test_codes_belong_to_one_room_each() -> None:
    listed = [rule.code for room in ROOMS.values() for rule in vars(room).values() if isinstance(rule, Rule)]
    assert len(listed) == len(set(listed))
    assert all(re.fullmatch("[a-z]+(_[a-z]+)+", code) for code in listed)
    assert room_of("silence_as_consent") == "consent"


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_both_languages_say_the_same_and_name_their_law(rule: Rule) -> None:
    english, french = rule.words["en"], rule.words["fr"]
    assert _places(" ".join(english)) == _places(" ".join(french))
    assert rule.sources
    assert set(rule.words) == {"en", "fr"}
    for text in (*english, *french):
        assert not text.endswith(".")
    for text in french:
        assert "'" not in text
        assert not re.search(r" [;:!?»]|« ", text), "a space that may break"


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.code)
def test_no_rule_holds_a_period_of_its_own(rule: Rule) -> None:
    units = r"\b\d+ (years?|months?|days?|hours?|ans?|mois|jours?|heures?|bits)\b"
    for text in (*rule.words["en"], *rule.words["fr"]):
        assert not re.search(units, text), "the number belongs into core.law"


def test_an_error_is_law_and_a_recommendation_is_no_error() -> None:
    only_cnil = {
        code for code, rule in RULES.items() if all(source.source.startswith("CNIL") for source in rule.sources)
    }
    assert len(only_cnil) > 5
    assert {RULES[code].severity for code in only_cnil} <= {"warning", "note"}


def test_rules_of_france_are_silent_elsewhere_and_that_is_said() -> None:
    change: dict[str, Any] = {"logs/web/keep": "5 years", "purposes/security/keep/for": "5 years"}
    assert "logs_too_long" in codes(change)
    elsewhere = codes({**change, "publisher/country": "ES"})
    assert "logs_too_long" not in elsewhere
    assert "national_law_not_known" in elsewhere


def test_data_that_stays_in_the_publishers_own_country_is_not_transferred() -> None:
    there = {"publisher/country": "IN", "data_location": ..., "stores/shop/location": "IN"}
    assert "transfer_without_ground" not in codes(there)
    assert "transfer_without_ground" in codes({**there, "stores/shop/location": "KP"})


@pytest.mark.parametrize("place", ["stores/shop/location", "backups/nightly/location", "logs/web/location"])
def test_every_place_of_data_is_looked_at(place: str) -> None:
    assert codes({place: "IN", "data_location": ...}) == {"transfer_without_ground"}
    assert "location_promise_broken" in codes({place: "CH"})


def test_the_day_of_the_check_decides_about_adequacy() -> None:
    relied = {"data_location": ..., "recipients/mailing/country": "BR"}
    relied["recipients/mailing/transfer"] = {"basis": "adequacy", "source": "decision"}
    assert codes(relied) == set()
    assert "adequacy_absent" in codes(relied, as_of=date(2025, 12, 1))


def test_a_territory_is_judged_as_its_country() -> None:
    assert codes({"publisher/country": "RE", "logs/web/keep": "13 months"}) >= {"logs_too_long"}


def test_rules_that_need_no_names_run_where_names_lead_nowhere() -> None:
    from core.check.world import changed
    from troth.core.check.run import law_problems

    found = examined(changed({"purposes/orders/recipients": ["nobody"], "consent/silence": "accept"}))
    assert found.policy is None
    assert found.document is not None
    assert [p.code for p in law_problems(found, TODAY)] == ["silence_as_consent"]


def test_nothing_is_judged_in_a_file_whose_structure_is_not_sound() -> None:
    from core.check.world import changed
    from troth.core.check.run import all_problems, law_problems

    found = examined(changed({"consent/silence": "accept", "consent/buton": "none"}))
    assert found.document is None
    assert law_problems(found, TODAY) == ()
    assert [p.code for p in all_problems(found, TODAY)] == [p.code for p in found.problems]


def test_the_place_of_what_is_missing_is_the_nearest_that_is_written() -> None:
    [problem] = judged({"purposes/security/balance": ...})
    assert problem.code == "interest_without_balance"
    assert '"basis": "legitimate_interest"' in problem.excerpt
    [problem] = judged({"accounts/inactive": ...})
    assert problem.excerpt.strip().startswith('"accounts"')
