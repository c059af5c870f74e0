"""``troth worker`` and ``troth jobs``, as somebody types them."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

import nursery
from databases import CHECKOUT
from jobs.scene import Journal
from troth.jobs.models import Step
from troth.state.state import init_state


def typed(journal: Journal, folder: Path, *words: str) -> tuple[int, str]:
    """Exit code, and all that was printed."""
    env = {
        "PATH": os.environ["PATH"], "TROTH_STATE": str(folder), "LC_ALL": "C.UTF-8",
        "TROTH_POLICY": str(CHECKOUT / "examples" / "maison" / "troth.yaml"), **journal.environment,
    }  # fmt: skip
    done = nursery.run(words, cwd=folder, env=env)
    return done.returncode, done.stdout + done.stderr


def described() -> set[str]:
    """The fields that the reference tells of."""
    page = (CHECKOUT / "docs" / "reference" / "json.md").read_text(encoding="utf-8")
    return set(re.findall(r"`(\w+)`", page.partition("## worker, jobs")[2].partition("\n## ")[0]))


@pytest.mark.slow
def test_the_verbs_show_and_move_what_is_stuck(sqlite_journal: Journal, tmp_path: Path) -> None:
    journal = sqlite_journal
    init_state(tmp_path, origin="verdier.test/troth", at=datetime.now(UTC)).close()
    code, said = typed(journal, tmp_path, "worker", "--until-idle", "--format", "json")
    assert code == 0, said
    ref = journal.plan("nobody.knows", "nobody.knows")
    code, said = typed(journal, tmp_path, "worker", "--until-idle")
    assert (code, said) == (0, "○ nothing to do\n")
    code, said = typed(journal, tmp_path, "jobs", "list", "--format", "json")
    assert code == 1, said
    [job] = json.loads(said)["jobs"]
    assert (job["ref"], job["stuck"], job["open"][0]["trouble"]) == (ref, True, "unknown_kind")
    assert {*job, *job["open"][0]} - described() == set()
    code, said = typed(journal, tmp_path, "jobs", "list")
    assert "unknown_kind" in said
    Step.objects.filter(number=1).update(state="failed", free_at=None, error="StoreBusy at x.py:1")
    code, said = typed(journal, tmp_path, "jobs", "list")
    assert (code, "StoreBusy at x.py:1" in said) == (1, True)
    assert typed(journal, tmp_path, "jobs", "retry", ref)[0] == 0
    assert journal.states() == ["ready", "waiting"]
    assert typed(journal, tmp_path, "jobs", "cancel", ref)[0] == 0
    assert journal.states() == ["cancelled", "cancelled"]
    code, said = typed(journal, tmp_path, "jobs", "cancel", ref)
    assert (code, "ended already" in said) == (2, True)
    code, said = typed(journal, tmp_path, "jobs", "retry", "job-0")
    assert (code, "no job job-0" in said) == (2, True)
    assert typed(journal, tmp_path, "jobs", "list")[1] == "● nothing waits\n"
