"""``troth jobs list`` as a person reads it: no kind, state or trouble of the journal without words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import troth
from troth.cli.jobs_words import said, trouble
from troth.core import errors
from troth.jobs.standing import JobStands, StepStands
from troth.web.wording import Words

PUT_OFF = re.compile(r"(?:Later|Hopeless)\(.*?\"(\w+)\"")


def step(**changed: object) -> StepStands:
    usual: dict[str, object] = {
        "number": 5, "kind": "request.carry_out-1", "store": "", "reference": "erase-abc", "state": "ready",
        "waits_for": "", "tries": 0, "not_before": None, "claimed_by": "", "trouble": "",
    }  # fmt: skip
    return StepStands(**usual | changed)  # type: ignore[arg-type]


def job(*steps: StepStands, state: str = "underway", ended: str | None = None, stuck: bool = False) -> JobStands:
    begun = "2026-11-22T08:30:15+00:00"
    return JobStands("job-abc", "request", "erase-abc", 1, state, begun, ended, 7, stuck, list(steps))


def test_a_job_is_said_in_words_with_the_code_behind_them() -> None:
    trying = step(tries=2, not_before="2026-11-22T09:05:00+00:00", trouble="StoreUnreachable[2003] at desk/way.py:9")
    assert list(said(job(trying, step(number=6, state="waiting")), "en")) == [
        "○ Request erase-abc (job-abc): begun 22 November 2026, 08:30 UTC, 2 of 7 steps are still to be done",
        "    step 5, carrying it out in the stores – not before 22 November 2026, 09:05 UTC; "
        "tried 2 times; a store does not answer [StoreUnreachable[2003] at desk/way.py:9]",
    ]
    stuck = job(step(state="failed", tries=12, trouble="worker_died"), stuck=True)
    first, second = said(stuck, "fr")
    assert first.startswith(
        "▲ Demande erase-abc (job-abc)\xa0: commencé le 22 novembre 2026 à 08:30 UTC, une étape sur 7"
    )
    assert "troth jobs retry job-abc" in first
    assert "chaque exécutant qui l’a essayé en est mort" in second
    assert list(said(job(state="done", ended="2026-11-22T09:00:00+00:00"), "en")) == [
        "● Request erase-abc (job-abc): done 22 November 2026, 09:00 UTC"
    ]


def test_what_a_step_waits_for_is_what_the_console_says() -> None:
    for waits in ("identity", "approval", "staff", "shared", "refused_plan", "cooling", "fetching"):
        line = list(said(job(step(kind="request.approval-1", state="waiting_for", waits_for=waits)), "en"))[1]
        assert Words("console", "en")[f"waits_{waits}"] in line
        assert "_" not in line


def test_every_kind_of_job_and_step_that_a_worker_knows_has_its_words() -> None:
    from troth.jobs import registry, schedule

    words = Words("console", "fr")
    steps = [name for name in registry.known() if registry.kind_named(name).run.__module__.startswith("troth.")]
    assert "request.answer-1" in steps
    assert [one for one in steps if not words.has(f"step_{one.rpartition('-')[0]}")] == []
    daily = [one.name for one in schedule._SCHEDULES.values() if one.latest.__module__.startswith("troth.")]
    kinds = {"request", "restriction", "webhook", "webhook.tell", "policy.notify", *daily}
    assert [one for one in sorted(kinds) if not words.has(f"job_{one}")] == []


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_trouble_of_our_own_has_its_words(language: str) -> None:
    words = Words("console", language)
    sources = [path.read_text(encoding="utf-8") for path in Path(troth.__file__).parent.rglob("*.py")]
    codes = {code for source in sources for code in PUT_OFF.findall(source)}
    classes = {
        name for name, one in vars(errors).items() if isinstance(one, type) and name.startswith(("Store", "Ledger"))
    }
    assert {"worker_died", "resting"} <= codes
    told = {code: code for code in codes} | {name: f"{name} at x.py:1" for name in classes}
    unsaid = [name for name, kept in told.items() if trouble(kept, words) == words["trouble_else"]]
    assert unsaid == []
    assert trouble("webhook_503", words) == words["trouble_webhook"]
    assert trouble("ZeroDivisionError at x.py:1", words) == words["trouble_else"]
