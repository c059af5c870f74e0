"""The exempt trackers are those that the policy file can name, each with its reason."""

from __future__ import annotations

from typing import get_args

from troth.core.law.exempt import AUDIENCE_CONDITIONS, EXEMPT_KINDS
from troth.core.policy.sections.site import Exempt, SelfAssessment


def test_every_kind_that_a_policy_can_name_has_its_reason() -> None:
    assert set(EXEMPT_KINDS) == set(get_args(Exempt))


def test_the_conditions_are_those_that_a_self_assessment_answers() -> None:
    asked = set(SelfAssessment.model_fields) - {"date"}
    assert [c.key for c in AUDIENCE_CONDITIONS.value] == [k for k in SelfAssessment.model_fields if k in asked]
    assert all(set(c.text) == {"en", "fr"} for c in AUDIENCE_CONDITIONS.value)


def test_only_what_was_read_on_a_primary_text_says_so() -> None:
    assert {kind for kind, fact in EXEMPT_KINDS.items() if fact.mark == "C"} == {"audience_measurement_exempt"}
