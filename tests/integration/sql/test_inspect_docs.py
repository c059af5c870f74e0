"""The reference of findings and the findings themselves say the same."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

from databases import CHECKOUT
from troth.connectors.sql.findings import KINDS, finding

PAGE = (CHECKOUT / "docs" / "reference" / "findings.md").read_text()
ROWS = [line for line in PAGE.splitlines() if line.startswith("| `")]
SOURCES = "".join(p.read_text() for p in Path(CHECKOUT / "src" / "troth" / "connectors" / "sql").glob("*.py"))


def test_every_code_is_documented_and_every_documented_code_exists() -> None:
    documented = {code for row in ROWS for code in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert documented == set(KINDS)


@pytest.mark.parametrize("code", KINDS)
def test_the_page_tells_the_severity_of_each_code(code: str) -> None:
    [row] = [row for row in ROWS if f"`{code}`" in row.split("|")[1]]
    assert row.split("|")[2].strip().startswith(KINDS[code].severity)


@pytest.mark.parametrize("code", KINDS)
def test_every_code_is_used_and_makes_a_sentence(code: str) -> None:
    assert SOURCES.count(f'"{code}"') > 1, "defined, but never found"
    places = {
        name: "x"
        for text in (KINDS[code].message, KINDS[code].remedy)
        for _, name, _, _ in string.Formatter().parse(text)
        if name and name != "column"
    }
    made = finding(code, collection="person", column="email", **places)
    assert "{" not in made.message + made.remedy
