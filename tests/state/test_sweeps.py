from __future__ import annotations

from datetime import timedelta

import pytest

from troth.core.errors import UsageError
from troth.state.sweeps import Sweeps


@pytest.fixture
def sweeps(database):
    return Sweeps(database)


def test_a_run_that_was_stopped_goes_on_from_there(sweeps, at):
    run = sweeps.start("S-1", "digest", at=at)
    assert (run.id, run.cursor, run.counts, run.ended_at) == ("S-1", None, {}, None)
    sweeps.advance("S-1", cursor={"customer": [12000]}, counts={"customer": 9000})
    taken_up = sweeps.start("S-2", "digest", at=at + timedelta(hours=1))
    assert (taken_up.id, taken_up.started_at) == ("S-1", at)
    assert (taken_up.cursor, taken_up.counts) == ({"customer": [12000]}, {"customer": 9000})
    assert sweeps.unfinished() == [taken_up]


def test_a_run_ends_once(sweeps, at):
    sweeps.start("S-1", "digest", at=at)
    assert sweeps.end("S-1", at=at, counts={"customer": 3})
    assert not sweeps.end("S-1", at=at, counts={"customer": 4})
    assert (sweeps.get("S-1").ended_at, sweeps.get("S-1").counts) == (at, {"customer": 3})
    assert sweeps.unfinished() == []
    with pytest.raises(UsageError):
        sweeps.advance("S-1", cursor=None, counts={})


def test_the_same_plan_runs_again_under_a_new_id_only(sweeps, at):
    sweeps.start("S-1", "digest", at=at)
    sweeps.end("S-1", at=at, counts={})
    with pytest.raises(UsageError):
        sweeps.start("S-1", "digest", at=at)
    assert sweeps.start("S-2", "digest", at=at).id == "S-2"


def test_two_plans_run_beside_each_other(sweeps, at):
    sweeps.start("S-1", "one", at=at)
    assert sweeps.start("S-2", "two", at=at + timedelta(seconds=1)).id == "S-2"
    assert [run.id for run in sweeps.unfinished()] == ["S-1", "S-2"]
    assert [run.id for run in sweeps.last(1)] == ["S-2"]
    assert sweeps.get("S-3") is None
