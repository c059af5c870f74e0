"""`troth services`, as it is called."""

from __future__ import annotations

import json

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from troth.cli import services
from troth.core.consent.catalogue import entry, names


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    services.register(app)
    return CliRunner().invoke(app, ["services", *words])


def test_it_lists_them_all() -> None:
    result = run()
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == len(names())
    assert "youtube" in result.stdout
    assert "†2019-04-02" in result.stdout


@pytest.mark.parametrize(("word", "found"), [("crisp.chat", "crisp"), ("CRITEO SA", "criteo"), ("captcha", "hcaptcha")])
def test_it_searches_names_companies_kinds_and_hosts(word: str, found: str) -> None:
    listed = [line.split()[0] for line in run("--search", word).stdout.splitlines()]
    assert found in listed
    assert len(listed) < 6


def test_a_search_that_finds_nothing_says_nought() -> None:
    result = run("--search", "nothing-like-it")
    assert result.exit_code == 0
    assert result.stdout == ""


def test_it_tells_all_of_one_with_its_sources() -> None:
    said = run("crisp").stdout
    assert "Crisp IM SAS  [crisp]" in said
    assert "crisp-client/*: 6 months; finds a conversation again  [crisp-cookies]" in said
    assert "https://crisp.chat/en/terms/" in said


def test_what_is_not_known_is_said_to_be_not_known() -> None:
    assert entry("adroll").company is None
    assert "company       not known" in run("adroll").stdout
    assert "country       non connu" in run("adroll", "--lang", "fr").stdout


def test_a_service_on_ones_own_host_says_so() -> None:
    assert "a host of the publisher's" in run("matomo").stdout


def test_as_json_one_has_its_facts_and_where_they_were_read() -> None:
    told = json.loads(run("youtube", "--format", "json").stdout)
    assert told["hosts"] == list(entry("youtube").hosts)
    assert told["keeps"]["YSC"]["for"] == "session"
    assert set(told["sources"]) >= {"third-party-web", "google-cookies"}
    assert told["sources"]["google-cookies"]["read"] == "2026-11-22"


def test_as_json_all_are_listed() -> None:
    told = json.loads(run("--search", "google_plus", "--format", "json").stdout)
    assert told == {"services": [{
        "name": "google_plus", "title": "Google+", "company": "Google LLC", "country": "US", "kind": "social",
        "discontinued": "2019-04-02",
    }]}  # fmt: skip


def test_an_unknown_name_gets_the_nearest() -> None:
    result = run("youtub")
    assert result.exit_code == 2
    assert "did you mean 'youtube'?" in result.stderr
    assert "`troth services` lists" in run("qqqqqq").stderr
