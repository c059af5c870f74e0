"""Each file in ``bad/`` has one fault; the loader tells it, with its place, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.policy.files import Bad, bad_files, examined, good_files
from troth.core.policy.texts import MESSAGES

BAD = bad_files()


@pytest.mark.parametrize("bad", BAD, ids=lambda b: b.path.stem)
def test_it_tells_the_fault_and_its_place(bad: Bad) -> None:
    found = [p for p in examined(bad.path.read_bytes(), bad.path.name).problems if p.severity == "error"]
    assert sorted(p.code for p in found) == sorted(c for c in (bad.code, bad.also) if c)
    assert all(p.file == bad.path.name for p in found)
    if bad.place:
        assert bad.place in [(p.line, p.column) for p in found]


@pytest.mark.parametrize("bad", BAD, ids=lambda b: b.path.stem)
def test_it_shows_the_line_and_speaks_both_languages(bad: Bad) -> None:
    lines = bad.path.read_text("utf-8").splitlines()
    for problem in examined(bad.path.read_bytes(), bad.path.name).problems:
        if "hunter2" not in lines[problem.line - 1]:
            assert problem.excerpt == lines[problem.line - 1]
        assert problem.in_language("fr").message != problem.message
        assert "{" not in problem.message.replace("${", "").replace("{ }", "").replace("{}", "").replace("'{", "")


@pytest.mark.parametrize("path", good_files(), ids=lambda p: p.stem)
def test_it_accepts_the_good_ones(path: Path) -> None:
    found = examined(path.read_bytes(), path.name)
    assert found.problems == ()
    assert found.policy is not None


def test_every_kind_of_problem_has_its_file() -> None:
    """Those that no text file can show are tested in test_yaml_source and test_include."""
    elsewhere = {
        "too_large", "not_utf8", "include_too_many", "defined_twice", "category_not_told", "missing_language",
        "syntax", "syntax_key",
    }  # fmt: skip
    assert set(MESSAGES) - {b.code for b in BAD} - {b.also for b in BAD} <= elsewhere


def test_every_message_is_in_both_languages() -> None:
    for code, (english, french) in MESSAGES.items():
        assert english, code
        assert french, code
        assert english != french, code
