"""A million distinct keys in JSON values: every verb that looks comes to its end, and says what it left out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from databases import EngineCase
from troth.cli.main import run

ROWS, KEYS = 2_000, 500


def values() -> list[str]:
    """One object a row; no key stands twice in the whole table."""
    return [
        json.dumps({f"k{row * KEYS + i}": f"person{row}@example.org" if i == 0 else i for i in range(KEYS)})
        for row in range(ROWS)
    ]


def fill(case: EngineCase) -> None:
    case.execute_script(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL, first_name VARCHAR(60),"
        " extra TEXT);"
    )
    lines = [f"({i}, 'person{i}@example.org', 'Ana', '{value}')" for i, value in enumerate(values())]
    for start in range(0, ROWS, 200):
        case.execute_script(f"INSERT INTO customers VALUES {', '.join(lines[start : start + 200])};")


def ended(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as end:
        run(list(arguments))
    told = capsys.readouterr()
    said = told.out + told.err
    assert "Traceback" not in said
    assert "fault in Troth" not in said
    return int(end.value.code or 0), said


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_million_json_keys_stop_no_verb(
    engine_case: EngineCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(engine_case)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("SHOP", engine_case.url)
    asked = ("--url-from", "SHOP", "--as", "shop", "--seconds", "60")
    assert ended(capsys, "discover", *asked, "-o", "troth.yaml")[0] == 0
    policy = tmp_path / "troth.yaml"
    told = "name: Sorbier Books\n  privacy_contact: {name: Desk, email: privacy@sorbier.example}"
    policy.write_text(policy.read_text("utf-8").replace("name: TODO", told, 1), "utf-8")
    assert len(policy.read_bytes()) < 200_000, "the keys have been written into the draft"
    assert ended(capsys, "check")[0] == 0
    assert ended(capsys, "survey", *asked)[0] == 0
    assert (tmp_path / "survey.html").stat().st_size < 500_000
    assert ended(capsys, "keys", "init", "--origin", "sorbier.example/troth")[0] == 0
    status, said = ended(capsys, "erase", "--dry-run", "person7@example.org")
    assert status in (0, 1)
    assert "customers" in said
    assert ended(capsys, "grants")[0] == 0
