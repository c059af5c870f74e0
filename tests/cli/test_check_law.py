"""`troth check` tells of the law: in text, JSON and SARIF, in two languages, on any day."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from typer.testing import CliRunner, Result

from databases import CHECKOUT
from troth.cli import check
from troth.core.check.registry import RULES

EXAMPLES = CHECKOUT / "examples"
OLD = EXAMPLES / "maison" / "policy-2018.yaml"
DAY = ("--as-of", "2026-11-22")
PUBLISHERS = ["atelier", "maison"]


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CHINOOK_URL", "sqlite:///chinook.sqlite")


def run(*words: str) -> Result:
    app = typer.Typer()
    app.callback()(lambda: None)
    check.register(app)
    return CliRunner().invoke(app, ["check", *words])


def as_json(*words: str) -> dict[str, Any]:
    return json.loads(run(*words, *DAY, "--format", "json").output)  # type: ignore[no-any-return]


# --- the examples -------------------------------------------------------------------------------------


def listed(publisher: str) -> list[str]:
    return (EXAMPLES / publisher / "policy-2018.codes").read_text("utf-8").splitlines()


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_the_policy_of_2018_ends_with_1_and_exactly_the_known_codes(publisher: str) -> None:
    path = EXAMPLES / publisher / "policy-2018.yaml"
    found = {f"{p['code']} {p['severity']}" for p in as_json(str(path))["problems"]}
    assert sorted(found) == listed(publisher)
    assert run(str(path), *DAY).exit_code == 1


@pytest.mark.parametrize("publisher", PUBLISHERS)
def test_the_known_codes_are_sorted_and_name_rules(publisher: str) -> None:
    codes = listed(publisher)
    assert codes == sorted(set(codes))
    for line in codes:
        code, severity = line.split()
        assert RULES[code].severity == severity


@pytest.mark.parametrize("example", ["atelier/troth.yaml", "maison/troth.yaml", "chinook/troth.yaml"])
def test_the_policies_of_today_have_no_errors(example: str) -> None:
    result = run(str(EXAMPLES / example), *DAY)
    assert result.exit_code == 0, result.output


def test_what_is_left_to_warn_of_in_them_is_meant() -> None:
    assert as_json(str(EXAMPLES / "atelier" / "troth.yaml"))["problems"] == []
    [left] = as_json(str(EXAMPLES / "maison" / "troth.yaml"))["problems"]
    # Clause B31 of this publisher; a comment beside it says so.
    assert left["code"] == "refusal_not_remembered"


# --- text ---------------------------------------------------------------------------------------------


def test_a_find_shows_its_line_what_to_write_and_the_law() -> None:
    lines = run(str(OLD), *DAY).output.splitlines()
    at = next(n for n, line in enumerate(lines) if line.endswith("[silence_as_consent]"))
    assert lines[at].startswith(f"{OLD}:107:12: error: browsing on or closing the banner is taken for consent")
    assert lines[at + 1].endswith("|   silence: accept")
    assert lines[at + 1].index("accept") == lines[at + 2].index("^")
    assert lines[at + 3].strip().startswith("→ write `silence: refuse`")
    assert lines[at + 4].strip().startswith("law: CNIL, deliberations 2020-091 and 2020-092; GDPR art. 4(11)")
    assert lines[-1].endswith("17 errors, 16 warnings and 9 notes")


def test_advice_that_is_the_same_is_given_once() -> None:
    output = run(str(OLD), *DAY).output
    assert output.count("[processor_without_agreement]") == 5
    assert output.count("→ sign one and write its day") == 1


def test_a_source_that_was_not_read_on_a_primary_text_is_said_to_be_so() -> None:
    output = run(str(OLD), *DAY).output
    assert "law: GDPR art. 28(3) (read on a secondary page)" in output
    assert "law: GDPR art. 12(3)\n" in output


def test_it_speaks_french() -> None:
    output = run(str(OLD), *DAY, "--lang", "fr").output
    assert "erreur: poursuivre la navigation ou fermer le bandeau est pris pour un accord" in output
    assert "droit : CNIL, délibérations 2020-091 et 2020-092\u00a0; RGPD art. 4(11)" in output
    assert output.endswith("17 erreurs, 16 avertissements et 9 remarques\n")


def test_the_law_is_not_looked_at_before_the_structure_is_sound(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(OLD.read_text("utf-8").replace("silence: accept", "silense: accept"), "utf-8")
    result = run(str(path), *DAY)
    assert result.exit_code == 1
    assert "did you mean 'silence'?" in result.output
    assert "The law was not looked at" in result.output
    assert "silence_as_consent" not in result.output
    assert as_json(str(path))["law_checked"] is False
    assert as_json(str(OLD))["law_checked"] is True


def test_faults_and_law_are_told_together_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(OLD.read_text("utf-8").replace("recipients: [mailing]", "recipients: [mailin]"), "utf-8")
    problems = as_json(str(path))["problems"]
    assert {"unknown_recipient", "silence_as_consent"} <= {p["code"] for p in problems}
    assert [p["line"] for p in problems] == sorted(p["line"] for p in problems)
    [fault] = [p for p in problems if p["code"] == "unknown_recipient"]
    assert (fault["source"], fault["advice"], fault["path"]) == ("", "", "")
    assert "mailin" in fault["excerpt"]


def test_the_day_decides(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(OLD.read_text("utf-8"), "utf-8")
    assert "version_in_future" in run(str(path), "--as-of", "2018-05-24").output
    assert "version_in_future" not in run(str(path), "--as-of", "2018-05-25").output
    assert run(str(path), "--as-of", "yesterday").exit_code == 2


# --- one rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("code", RULES)
def test_every_rule_can_be_explained(code: str, lang: str) -> None:
    result = run("--explain", code, "--lang", lang)
    assert result.exit_code == 0
    assert result.output.startswith(code)
    assert "{" not in result.output.replace("`keep: {", "").replace("`inactive: {", "").replace(
        "`transfer: {", ""
    ).replace("`notices: {", "").replace("`notice_of_change: {", "")
    assert RULES[code].source_in(lang) in result.output


def test_an_explanation_names_the_number_of_the_law() -> None:
    assert "`ask_again_after: 6 months`" in run("--explain", "choice_remembered_too_long").output
    french = run("--explain", "choice_remembered_too_long", "--lang", "fr").output
    assert "`ask_again_after: 6 mois`" in french
    assert "seulement pour un éditeur établi en France" in french


def test_a_fault_of_structure_can_be_explained_too() -> None:
    assert "not of law" in run("--explain", "unknown_key").output


def test_an_unknown_code_gets_the_nearest() -> None:
    result = run("--explain", "silence_as_consnt")
    assert result.exit_code == 2
    assert "did you mean silence_as_consent?" in result.output


# --- SARIF --------------------------------------------------------------------------------------------

TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
SARIF = {
    "type": "object", "required": ["version", "runs"], "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string", "format": "uri"},
        "runs": {"type": "array", "minItems": 1, "items": {
            "type": "object", "required": ["tool", "results"], "additionalProperties": False, "properties": {
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "invocations": {"type": "array", "items": {
                    "type": "object", "required": ["executionSuccessful"], "additionalProperties": False, "properties": {
                        "executionSuccessful": {"type": "boolean"},
                        "toolExecutionNotifications": {"type": "array", "items": {
                            "type": "object", "required": ["message"], "properties": {"level": LEVEL, "message": TEXT},
                        }},
                    },
                }},
                "tool": {"type": "object", "required": ["driver"], "properties": {"driver": {
                    "type": "object", "required": ["name"], "additionalProperties": False, "properties": {
                        "name": {"type": "string"}, "version": {"type": "string"},
                        "language": {"type": "string", "pattern": "^[a-z]{2}(-[A-Z]{2})?$"},
                        "rules": {"type": "array", "uniqueItems": True, "items": {
                            "type": "object", "required": ["id"], "additionalProperties": False, "properties": {
                                "id": {"type": "string"}, "name": {"type": "string"}, "shortDescription": TEXT,
                                "fullDescription": TEXT, "help": TEXT, "properties": {"type": "object"},
                                "defaultConfiguration": {
                                    "type": "object", "additionalProperties": False, "properties": {"level": LEVEL},
                                },
                            },
                        }},
                    },
                }}},
                "results": {"type": "array", "items": {
                    "type": "object", "required": ["message", "ruleId", "locations"], "additionalProperties": False,
                    "properties": {
                        "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0},
                        "level": LEVEL, "message": TEXT, "properties": {"type": "object"},
                        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}},
                        "locations": {"type": "array", "minItems": 1, "items": {
                            "type": "object", "properties": {"physicalLocation": {
                                "type": "object", "required": ["artifactLocation", "region"],
                                "properties": {
                                    "artifactLocation": {"required": ["uri"], "properties": {"uri": {
                                        "type": "string", "pattern": "^(?!/)(?![a-z]+:)[^\\s\\\\]+$",
                                    }}},
                                    "region": {
                                        "type": "object", "required": ["startLine"], "additionalProperties": False,
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1}, "snippet": TEXT,
                                        },
                                    },
                                },
                            }},
                        }},
                    },
                }},
            },
        }},
    },
}  # fmt: skip
"""What SARIF 2.1.0 (OASIS) demands of the parts that are written here."""


def sarif(*words: str) -> dict[str, Any]:
    log = json.loads(run(*words, *DAY, "--format", "sarif").output)
    jsonschema.validate(log, SARIF)
    [run_] = log["runs"]
    return run_  # type: ignore[no-any-return]


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_sarif_has_the_form_of_the_standard(lang: str) -> None:
    log = sarif(str(OLD), "--lang", lang)
    rules = log["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} == set(RULES)
    for result in log["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] == RULES[result["ruleId"]].severity
    problems = as_json(str(OLD), "--lang", lang)["problems"]
    assert [r["ruleId"] for r in log["results"]] == [p["code"] for p in problems]


def test_sarif_names_files_from_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def uris(*words: str) -> set[str]:
        found = sarif(*words)["results"]
        return {r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in found}

    monkeypatch.chdir(EXAMPLES)
    assert uris("maison/policy-2018.yaml") == {"maison/policy-2018.yaml"}
    assert uris("maison/troth.yaml") == {"maison/site.yaml"}
    # From elsewhere: from the policy's own folder.
    monkeypatch.chdir(tmp_path)
    assert uris(str(OLD)) == {"policy-2018.yaml"}
    odd = tmp_path / "my policy é.yaml"
    odd.write_text(OLD.read_text("utf-8"), "utf-8")
    assert uris(str(odd)) == {"my%20policy%20%C3%A9.yaml"}


def test_sarif_tells_faults_of_structure_and_that_the_law_was_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text("format: 1\npolicies: {}\n", "utf-8")
    log = sarif(str(path))
    [notice] = log["invocations"][0]["toolExecutionNotifications"]
    assert "law was not looked at" in notice["message"]["text"]
    rules = {rule["id"]: rule for rule in log["tool"]["driver"]["rules"]}
    assert rules["unknown_key"]["properties"]["tags"] == ["structure"]
    assert "toolExecutionNotifications" not in sarif(str(OLD))["invocations"][0]


def test_a_fingerprint_stays_when_lines_move(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    text = OLD.read_text("utf-8")
    path.write_text(text, "utf-8")
    before = [r["partialFingerprints"] for r in sarif(str(path))["results"]]
    path.write_text(text.replace("publisher:\n", "# moved\n\npublisher:\n"), "utf-8")
    assert [r["partialFingerprints"] for r in sarif(str(path))["results"]] == before


def test_a_secret_is_shown_in_no_format(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    secret = "stores: {s: {url: 'mysql://u:hunter2@h/d', location: IN, collections: {}}}\n"
    path.write_text(OLD.read_text("utf-8") + secret, "utf-8")
    for form in ("text", "json", "sarif"):
        output = run(str(path), *DAY, "--format", form).output
        assert "hunter2" not in output
        assert "transfer_without_ground" in output
