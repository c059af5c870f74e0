"""`troth check`, as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from core.check.world import changed
from databases import CHECKOUT
from troth.bootstrap import examine_policy, load_policy
from troth.cli import check
from troth.core.errors import UsageError
from troth.core.policy.problems import PolicyError

GOOD = CHECKOUT / "examples" / "atelier" / "troth.yaml"
DEEP = Path(__file__).parents[1] / "core" / "policy" / "good" / "shop.yaml"
BAD = DEEP.parents[1] / "bad"


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def run(*words: str):
    app = typer.Typer()
    app.callback()(lambda: None)
    check.register(app)
    return CliRunner().invoke(app, ["check", *words])


def test_a_policy_in_order_is_said_to_be() -> None:
    result = run(str(GOOD))
    assert result.exit_code == 0
    assert result.output == f"{GOOD}: in order\n"


def test_the_policy_of_this_folder_is_meant_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(GOOD.parent)
    assert run().output == "troth.yaml: in order\n"


def test_problems_show_the_line_with_a_caret_and_end_with_1() -> None:
    path = BAD / "wrong-basis.yaml"
    result = run("--policy", str(path))
    assert result.exit_code == 1
    head, line, caret, _, unseen, _, total = result.output.splitlines()
    assert unseen.startswith("The law was not looked at")
    assert head.startswith(f"{path}:6:29: error: 'contrat' is not possible here")
    assert head.endswith("did you mean 'contract'? [wrong_value]")
    assert "basis: contrat" in line
    assert line.index("contrat") == caret.index("^")
    assert total == f"{path}: 1 error, 0 warnings and 0 notes"


def test_the_caret_stays_under_its_word_on_a_long_line(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    long = ", ".join(f"w{i}" for i in range(100))
    path.write_text(f"format: 1\npeople: {{a: {{title: T}}, b: {{title: '{long}', wrng: 1}}}}\n")
    shown = run(str(path)).output.splitlines()
    at = next(i for i, text in enumerate(shown) if "'wrng'" in text)
    assert shown[at + 1].index("wrng") == shown[at + 2].index("^")
    assert len(shown[at + 1]) < 130


def test_it_speaks_french_when_asked_or_when_the_terminal_does(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = run(str(BAD / "wrong-basis.yaml"), "--lang", "fr").output
    assert "erreur: « contrat » n'est pas possible ici" in asked
    assert "1 erreur, 0 avertissement et 0 remarque\n" in asked
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert run(str(BAD / "wrong-basis.yaml")).output == asked


def test_json_has_the_promised_shape() -> None:
    result = run(str(BAD / "country-uk.yaml"), "--format", "json")
    assert result.exit_code == 1
    [problem] = json.loads(result.output)["problems"]
    assert {"code", "severity", "file", "line", "column", "message", "source", "advice", "excerpt"} <= problem.keys()
    assert problem["source"] == ""
    assert "UK" in problem["excerpt"]
    assert (problem["code"], problem["severity"], problem["line"]) == ("unknown_country", "error", 5)
    assert problem["nearest"] == "GB"
    good = json.loads(run(str(GOOD), "--format", "json", "--as-of", "2026-11-22").output)
    assert good == {"as_of": "2026-11-22", "law_checked": True, "problems": [], "todo": []}


def test_warnings_alone_end_with_0(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(json.dumps(changed({"clauses/log/title": {"fr": "Journal"}})))
    result = run(str(path), "--as-of", "2026-11-22")
    assert result.exit_code == 0
    assert "warning: this text is missing in en" in result.output
    assert "0 errors, 1 warning and 0 notes" in result.output


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    result = run(str(tmp_path / "none.yaml"))
    assert result.exit_code == 2
    assert "cannot read" in result.output
    assert run(str(tmp_path)).exit_code == 2


def test_the_file_named_first_is_the_one_meant() -> None:
    assert run(str(GOOD), "--policy", str(BAD / "y.yaml")).exit_code == 0
    assert run("--policy", str(BAD / "y.yaml")).exit_code == 1


def test_a_secret_is_not_printed() -> None:
    for form in ("text", "json"):
        output = run(str(BAD / "password-in-address.yaml"), "--format", form).output
        assert "hunter2" not in output
        assert "secret_in_clear" in output


def test_included_files_are_read_beside_the_policy(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    (folder / "parts").mkdir(parents=True)
    text = DEEP.read_text("utf-8")
    start = text.index("recipients:\n  web-host")
    end = text.index("purposes:\n")
    (folder / "troth.yaml").write_text(
        text[:start].replace("format: 1", "format: 1\ninclude: parts/a.yaml") + text[end:]
    )
    (folder / "parts" / "a.yaml").write_text(text[start:end])
    assert load_policy(folder / "troth.yaml").digest == load_policy(DEEP).digest


def test_a_link_out_of_the_policys_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "policy"
    folder.mkdir()
    (tmp_path / "secret.yaml").write_text("recipients: {}\n")
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "troth.yaml").write_text("format: 1\ninclude: link.yaml\n")
    assert "include_unreadable" in [p.code for p in examine_policy(folder / "troth.yaml").problems]


def test_relative_databases_lie_beside_the_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "troth.yaml").write_bytes(DEEP.read_bytes())
    monkeypatch.chdir(tmp_path)
    policy = load_policy("troth.yaml")
    assert policy.stores["mailing"].url == f"sqlite:///{tmp_path}/data/mailing.sqlite"


def test_other_verbs_learn_of_problems_as_an_error(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as raised:
        load_policy(BAD / "wrong-basis.yaml")
    assert (raised.value.exit_code, raised.value.remedy) == (2, "run 'troth check' to see every problem with its line")
    with pytest.raises(UsageError):
        load_policy(tmp_path / "none.yaml")


DRAFT = """\
format: 1  # decide each TODO, and run it
policy:
  title: {en: A}
  version: draft  # TODO: the day from which it applies
  languages: [en]
publisher: {name: A, country: FR, timezone: Europe/Paris}  # TODO
purposes:
  a: {title: {en: A}, basis: consent}  # TODO: confirm it
  b: {title: {en: A}, basis: consent}  # TODO: confirm it
"""


def test_what_a_draft_leaves_open_is_told_first_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(DRAFT)
    lines = run(str(path)).output.splitlines()
    assert lines[:4] == [
        "Still to be decided in this file, from top to bottom:",
        "  line 4: the day from which it applies",
        "  line 6: publisher: {name: A, country: FR, timezone: Europe/Paris}",
        "  lines 8, 9: confirm it",
    ]
    assert run(str(path), "--lang", "fr").output.startswith("Reste à décider dans ce fichier, de haut en bas\u00a0:")
    assert json.loads(run(str(path), "--format", "json").output)["todo"][2] == {"text": "confirm it", "lines": [8, 9]}


def test_many_places_for_one_decision_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(DRAFT + "# TODO: confirm it\n" * 8)
    assert "  lines 8, 9, 10, 11, 12 and 5 more: confirm it\n" in run(str(path)).output
