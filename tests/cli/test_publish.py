"""``troth publish``: a version goes on record once, as it is, in the ledger and as text."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from databases import CHECKOUT
from troth.cli.main import build


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Maison Verdier's policy and a state of its own."""
    shutil.copytree(CHECKOUT / "examples" / "maison", tmp_path / "maison")
    monkeypatch.chdir(tmp_path / "maison")
    made = CliRunner().invoke(build("keys"), ["keys", "init", "--origin", "verdier.test/troth"])
    assert made.exit_code == 0, made.output
    return tmp_path / "maison"


def troth(*words: str, code: int = 0) -> str:
    ran = CliRunner().invoke(build(words[0]), list(words))
    assert ran.exit_code == code, ran.output
    return ran.output


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_version_is_published_once(folder: Path) -> None:
    first = json.loads(troth("publish", "--format", "json"))
    again = json.loads(troth("publish", "--format", "json"))
    assert (first["version"], first["number"], first["published"]) == ("2026-11-22", 1, True)
    assert again == {**first, "published": False}


def test_another_text_under_the_same_version_is_refused_and_nothing_is_written(folder: Path) -> None:
    troth("publish")
    before = (folder / "troth-state" / "state.db").read_bytes()
    edit(folder / "clauses.yaml", "Our principles", "Our great principles")
    said = troth("publish", code=2)
    assert "version 2026-11-22 is published already, with another text" in said
    assert "give the policy a new `version:`" in said
    assert (folder / "troth-state" / "state.db").read_bytes() == before
    edit(folder / "troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    assert json.loads(troth("publish", "--format", "json"))["number"] == 2


def test_the_evidence_tells_of_the_version_and_verifies(folder: Path) -> None:
    troth("publish")
    troth("bundle", "-o", "evidence.jsonl")
    text = (folder / "evidence.jsonl").read_text(encoding="utf-8")
    assert "policy.published" in text
    assert "2026-11-22" in text
    troth("verify", "evidence.jsonl")


def test_it_writes_fragments_and_speaks_french(folder: Path) -> None:
    said = troth("publish", "--html", "out", "--lang", "fr")
    assert "La version 2026-11-22 est publiée (numéro 1)\u202f; le registre" in said
    for language in ("fr", "en"):
        text = (folder / "out" / f"policy.{language}.html").read_text(encoding="utf-8")
        assert text.startswith(f'<article class="policy" lang="{language}">')
        assert 'href="https://donnees.verdier.test/me/ask/erasure"' in text
        assert 'href="/' not in text


def test_where_the_policy_does_not_say_where_its_pages_are_fragments_keep_paths_and_that_is_told(folder: Path) -> None:
    edit(folder / "troth.yaml", "  address: https://donnees.verdier.test\n", "")
    assert "policy.address" in troth("publish", "--html", "out", "--lang", "en")
    assert 'href="/me/ask/erasure"' in (folder / "out" / "policy.en.html").read_text(encoding="utf-8")


def test_it_says_once_how_to_get_pdf_where_that_is_missing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.publishing import pdf

    assert "troth[pdf]" not in troth("publish", "--lang", "en")
    monkeypatch.setattr(pdf, "available", lambda: False)
    edit(folder / "troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    assert troth("publish", "--lang", "en").count("pip install 'troth[pdf]'") == 1
    assert json.loads(troth("publish", "--format", "json"))["pdf"] is False
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert json.loads(troth("publish", "--format", "json"))["pdf"] is True


def test_it_says_whether_account_holders_were_promised_a_mail_but_not_of_the_first_version(folder: Path) -> None:
    assert "account holders" not in troth("publish", "--lang", "en")
    edit(folder / "troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    assert "promises account holders a mail" in troth("publish", "--lang", "en")
    edit(folder / "troth.yaml", "version: 2026-12-01", "version: 2026-12-24")
    edit(folder / "troth.yaml", "account_holders: true", "account_holders: false")
    assert "Nobody is told of this version by mail" in troth("publish", "--lang", "en")


def test_a_logo_that_cannot_be_shown_stops_it_before_anything_is_written(folder: Path) -> None:
    before = (folder / "troth-state" / "state.db").read_bytes()
    (folder / "logo.svg").write_text("<svg onload='x'/>", encoding="utf-8")
    said = troth("publish", code=2)
    assert "troth.yaml:50:" in said
    assert "logo.svg cannot be shown" in said
    assert (folder / "troth-state" / "state.db").read_bytes() == before


def test_a_policy_with_a_fault_is_not_published(folder: Path) -> None:
    edit(folder / "troth.yaml", "authoritative: fr", "authoritative: xx")
    troth("publish", code=2)
    edit(folder / "troth.yaml", "authoritative: xx", "authoritative: fr")
    assert json.loads(troth("publish", "--format", "json"))["number"] == 1
