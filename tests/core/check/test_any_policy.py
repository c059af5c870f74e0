"""Rules judge whatever loads: parts left out, values swapped, days far away. None of them ever stumbles."""

from __future__ import annotations

import copy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.check.world import BASE, TODAY, examined
from databases import CHECKOUT
from troth.core.check.look import length, longer
from troth.core.check.registry import RULES
from troth.core.check.rule import Case
from troth.core.check.run import all_problems, law_problems
from troth.core.policy.loader import Examined, examine
from troth.core.policy.values import Duration

EXAMPLES = CHECKOUT / "examples"
OPTIONAL = sorted(set(BASE) - {"format", "policy", "publisher"})
COUNTRIES = ["FR", "DE", "IS", "MQ", "GB", "US", "CA", "IN", "AQ", "KP"]
PERIODS = ["1 minute", "72 hours", "30 days", "1 month", "13 months", "2 years", "99999 years", "0 days"]
DAYS = ["0001-01-01", "1969-12-31", "2026-11-22", "9999-12-31"]
SWAPS = {
    "country": COUNTRIES, "location": COUNTRIES, "keep": PERIODS, "for": PERIODS, "every": PERIODS, "after": ["collected"],
    "basis": ["consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest"],
    "version": ["v1", *DAYS], "restore_tried": DAYS, "done": DAYS, "agreement": DAYS, "signed": DAYS, "until": DAYS,
    "answer_within": PERIODS, "trackers_live": PERIODS, "ask_again_after": PERIODS, "proof_kept": PERIODS,
    "exempt": ["security", "audience_measurement_exempt", "consent_choice"], "kind": ["promise", "history", "advertising"],
    "is": ["Name", "Health", "Passport", "PaymentCardNumber", "Password", "CriminalCharge"],
    "joint_consent_under": [0, 13, 18], "silence": ["accept"], "button": ["none"], "stored": [True],
    "restore_tried_every": PERIODS, "incidents_told_within": PERIODS, "direct_marketing": [True, False],
}  # fmt: skip
"""Other values that a key may have; where they do not fit, the policy does not load and is passed over."""


def keys_below(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a policy."""
    found: list[tuple[str | int, ...]] = []
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in entries:
        found += [(*path, key), *keys_below(child, (*path, key))]
    return found


PLACES = keys_below(BASE)


@st.composite
def policies(draw: st.DrawFn) -> dict[str, Any]:
    """The clean policy with sections and keys left out and values swapped."""
    policy = copy.deepcopy(BASE)
    for section in draw(st.sets(st.sampled_from(OPTIONAL), max_size=8)):
        del policy[section]
    for path in draw(st.lists(st.sampled_from(PLACES), max_size=12)):
        node: Any = policy
        try:
            for step in path[:-1]:
                node = node[step]
            if path[-1] in SWAPS and draw(st.booleans()):
                node[path[-1]] = draw(st.sampled_from(SWAPS[str(path[-1])]))
            elif len(path) > 2:
                del node[path[-1]]
        except (KeyError, IndexError, TypeError):
            continue
    return policy


def every_rule_judges(found: Examined, as_of: date) -> None:
    assert found.document is not None
    for rule in RULES.values():
        # Even those that do not apply to the country.
        for place in rule.find(Case(found.document, found.policy, as_of)):
            told = rule.told(place)
            assert all(told[language].message and told[language].advice for language in ("en", "fr"))
    problems = all_problems(found, as_of)
    assert [p for p in problems if p.line < 1 or p.column < 1] == []


@pytest.mark.slow
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(policies(), st.sampled_from([TODAY, date(1990, 1, 1), date(2040, 2, 29), date(9999, 12, 31), date(1, 1, 1)]))
def test_no_rule_stumbles_over_a_policy_that_loads(policy: dict[str, Any], as_of: date) -> None:
    found = examined(policy)
    assume(found.document is not None)
    every_rule_judges(found, as_of)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.sets(st.sampled_from(OPTIONAL)))
def test_any_section_may_be_missing(left_out: set[str]) -> None:
    found = examined({key: value for key, value in BASE.items() if key not in left_out})
    assert found.document is not None
    every_rule_judges(found, TODAY)


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*troth*.yaml")), ids=lambda p: f"{p.parent.name}-{p.stem}")
@pytest.mark.parametrize("as_of", [TODAY, date(1999, 1, 1), date(2100, 1, 1)])
def test_the_examples_are_judged_on_any_day(path: Path, as_of: date) -> None:
    found = examine(
        path.read_bytes(), name=path.name, read=lambda part: (path.parent / part).read_bytes(),
        env={"CHINOOK_URL": "sqlite:///x"}, folder=".",
    )  # fmt: skip
    every_rule_judges(found, as_of)


def test_the_same_policy_on_the_same_day_is_judged_the_same() -> None:
    changed = {**BASE, "rights": {"answer_within": "30 days"}}
    assert law_problems(examined(changed), TODAY) == law_problems(examined(changed), TODAY)


amounts = st.integers(min_value=0, max_value=200)
durations = st.builds(Duration, months=amounts, days=amounts, minutes=st.integers(0, 3000))


@given(durations, durations)
def test_of_two_periods_at_most_one_is_longer(one: Duration, other: Duration) -> None:
    assert not (longer(one, other) and longer(other, one))
    assert not longer(one, one)


@given(durations, st.integers(min_value=1, max_value=100))
def test_a_month_more_is_longer(one: Duration, months: int) -> None:
    assert longer(Duration(one.months + months, one.days, one.minutes), one)


def test_days_and_months_are_weighed_with_leeway() -> None:
    assert not longer(length("365 days"), length("12 months"))
    assert not longer(length("366 days"), length("1 year"))
    assert longer(length("13 months"), length("12 months"))
    assert longer(length("400 days"), length("13 months"))
    assert longer(length("73 hours"), length("72 hours"))
    assert not longer(length("3 days"), length("72 hours"))
