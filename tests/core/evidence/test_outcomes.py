from __future__ import annotations

from troth.core.evidence.outcomes import Outcomes
from troth.core.evidence.report import Check


def found(*events):
    outcomes, check = Outcomes(), Check(9)
    for position, (kind, body) in enumerate(events):
        outcomes.take(position, kind, body)
    outcomes.finish(check)
    return [(finding.code, finding.values["position"]) for finding in check.findings]


R1, R2 = {"request": "R-1", "store": "shop"}, {"request": "R-2", "store": "shop"}


def test_an_intention_and_its_outcome_are_a_pair():
    for outcome in ("done", "failed", "kept", "deferred", "cancelled"):
        assert found(("erasure.intended", R1), (f"erasure.{outcome}", R1)) == []


def test_an_intention_without_outcome_is_found():
    assert found(("erasure.intended", R1), ("erasure.done", R2), ("erasure.intended", R2))[0] == (
        "outcome_unannounced",
        1,
    )
    assert found(("erasure.intended", R1)) == [("outcome_missing", 0)]


def test_an_outcome_before_its_intention_is_found():
    assert ("outcome_unannounced", 0) in found(("erasure.done", R1), ("erasure.intended", R1))


def test_another_store_or_step_or_action_is_not_the_counterpart():
    assert found(("erasure.intended", R1), ("erasure.done", {**R1, "store": "crm"}))
    assert found(("erasure.intended", R1), ("erasure.done", {**R1, "step": "2"}))
    assert found(("erasure.intended", R1), ("sweep.done", R1))


def test_an_intention_repeated_after_a_crash_needs_one_outcome():
    assert found(("erasure.intended", R1), ("erasure.intended", R1), ("erasure.done", R1)) == []


def test_a_failure_tried_again_needs_its_own_outcome():
    events = [("erasure.intended", R1), ("erasure.failed", R1), ("erasure.intended", R1)]
    assert found(*events) == [("outcome_missing", 2)]


def test_a_deleted_body_excuses_one_counterpart_of_its_action():
    assert found(("erasure.intended", None), ("erasure.done", R1)) == []
    assert found(("erasure.intended", R1), ("erasure.done", None)) == []
    assert found(("sweep.intended", None), ("erasure.done", R1)) == [("outcome_unannounced", 1)]
    assert len(found(("erasure.intended", None), ("erasure.done", R1), ("erasure.done", R2))) == 1


def test_other_events_have_no_counterpart():
    assert found(("key.created", {}), ("note", R1), ("policy.published", R1)) == []
