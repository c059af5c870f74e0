"""A publisher's folder that is in order, for a test of the doctor to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from databases import CHECKOUT
from troth.state.state import Place, init_state
from troth.web.doctor.findings import Case, Finding, Probe

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class Looked:
    """A publisher's folder that is in order, for a test to spoil."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {"MAIL_USER": "a", "MAIL_PASSWORD": "b"}
        self.url = ""
        self.send_to = ""
        self.keys = folder / "keys"
        self.database = ""
        self.now = NOW

    @property
    def state(self) -> Path:
        return self.folder / "troth-state"

    @property
    def case(self) -> Case:
        place = Place(self.state, self.keys, self.database)
        return Case(self.folder / "troth.yaml", place, self.now, self.url, self.send_to, self.environment)

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def found(self, probe: Probe) -> dict[str, Finding]:
        """What a probe says, by the name of the sentence; each sentence can be said in both languages."""
        findings = list(probe(self.case))
        for finding in findings:
            for language in ("en", "fr"):
                assert "{" not in finding.said(language) + finding.remedy(language)
            if finding.level in ("problem", "note"):
                assert finding.remedy("en"), finding.name
        return {finding.name: finding for finding in findings}

    def levels(self, probe: Probe) -> dict[str, str]:
        return {name: finding.level for name, finding in self.found(probe).items()}


@pytest.fixture
def looked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Looked:
    folder = tmp_path / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    made = Looked(folder)
    for name in ("TROTH_STATE_URL", "TROTH_MAIL_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TROTH_KEYS", str(made.keys))
    init_state(made.state, origin="verdier.test/troth", at=NOW).close()
    return made


@pytest.fixture
def through(looked: Looked, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Looked]:
    def to(url: str) -> Looked:
        monkeypatch.setenv("TROTH_MAIL_URL", url)
        return looked

    return to
