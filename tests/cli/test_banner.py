"""``troth banner``: what it prints and writes, and how it says no. What it sees with a browser: tests/browser."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

from databases import CHECKOUT
from troth.cli import banner
from troth.core.consent.rules import from_json

TROTH = ["--troth", "https://privacy.verdier.test/"]


def troth(folder: Path, *words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    banner.register(app)
    with contextlib.chdir(folder):
        return CliRunner().invoke(app, ["banner", *words])


@pytest.fixture(scope="module")
def maison(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("banner") / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    return folder


def test_the_rules_are_written_whole_or_not_at_all(maison: Path) -> None:
    assert troth(maison, "export", *TROTH, "-o", "csp.json").exit_code == 0
    rules = from_json((maison / "csp.json").read_text(encoding="utf-8"))
    assert (rules.troth, rules.cookie) == ("https://privacy.verdier.test", "troth_choice")
    wrong = troth(maison, "export", *TROTH, "-o", "nowhere/csp.json")
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "cannot be written" in wrong.stderr


def test_a_snippet_says_what_it_took_out_of_the_site_s_own_policy(maison: Path) -> None:
    said = troth(maison, "snippet", "nginx", *TROTH, "--base", "default-src 'self'; img-src https: stats.verdier.test")
    assert said.exit_code == 0
    assert "add_header Content-Security-Policy $troth_policy always;" in said.stdout
    assert "https: was taken out of img-src: it would let in anything" in said.stderr
    assert "stats.verdier.test was taken out of img-src: it would let in matomo unasked" in said.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["snippet", "iis"], "nginx, apache, caddy, php, html"),
        (["snippet", "nginx", "--base", "img-src x, y"], "comma"),
        (["snippet", "html", "--troth", "https://x.test; y"], "header"),
        (["--self-test", "ftp://x.test"], "https://www.example.org/"),
        (["--lang", "en"], "--self-test URL"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(maison: Path, words: list[str], told: str) -> None:
    said = troth(maison, *words)
    assert (said.exit_code, said.stdout) == (2, "")
    assert told in said.stderr
    assert "Traceback" not in said.stderr
