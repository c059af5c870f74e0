"""What ``troth check`` prints for code hosts: SARIF 2.1.0 (OASIS), one run with its rules and results."""

from __future__ import annotations

import hashlib
import os
import posixpath
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from troth.core.check.registry import RULES, room_of
from troth.core.policy.texts import MESSAGES, message_in

if TYPE_CHECKING:
    from troth.core.check.rule import Rule
    from troth.core.policy.problems import Problem

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Json = dict[str, Any]


def as_sarif(problems: Iterable[Problem], path: Path, speech: str, *, law_checked: bool = True) -> Json:
    """The problems as a SARIF log. Addresses of files are relative to the current folder, or, for a policy that lies
    elsewhere, to the policy's own."""
    listed = list(problems)
    structural = sorted({p.code for p in listed} - set(RULES))
    rules = [*(_rule(rule, speech) for rule in RULES.values()), *(_fault(code, speech) for code in structural)]
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "troth", "version": _version(), "language": speech, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(speech, law_checked)],
        "results": [_result(found, index[found.code], path) for found in listed],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _version() -> str:
    from importlib.metadata import version

    return version("troth")


def _rule(rule: Rule, speech: str) -> Json:
    message, advice = rule.in_general(speech)
    source = rule.source_in(speech)
    return {
        "id": rule.code,
        "name": _pascal(rule.code),
        "shortDescription": {"text": message},
        "fullDescription": {"text": f"{message} ({source})"},
        "help": {"text": f"{advice} ({source})"},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"tags": ["law", room_of(rule.code)], "source": source, "mark": rule.mark, "scope": rule.scope},
    }


def _fault(code: str, speech: str) -> Json:
    text = message_in(speech, code, {}) if code in MESSAGES else code
    return {
        "id": code,
        "name": _pascal(code),
        "shortDescription": {"text": text},
        "help": {"text": text},
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["structure"]},
    }


def _pascal(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))


def _invocation(speech: str, law_checked: bool) -> Json:
    if law_checked:
        return {"executionSuccessful": True}
    from troth.cli.check_text import LAW_NOT_CHECKED

    notice = {"level": "warning", "message": {"text": LAW_NOT_CHECKED[speech]}}
    return {"executionSuccessful": True, "toolExecutionNotifications": [notice]}


def _result(found: Problem, index: int, path: Path) -> Json:
    text = f"{found.message}\n{found.advice}" if found.advice else found.message
    uri = _uri(found.file, path)
    region: Json = {"startLine": found.line, "startColumn": found.column}
    if found.excerpt:
        region["snippet"] = {"text": found.excerpt}
    return {
        "ruleId": found.code,
        "ruleIndex": index,
        "level": found.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
        "partialFingerprints": {"troth/v1": _fingerprint(found, uri)},
        "properties": {"source": found.source, "mark": found.mark, "path": found.path},
    }


def _uri(file: str, path: Path) -> str:
    """A file's address, relative: to here, or else to the policy's folder."""
    near = os.path.relpath(file)
    if near.startswith(os.pardir):
        near = os.path.relpath(file, path.parent)
    return quote(posixpath.join(*Path(near).parts), safe="/~")


def _fingerprint(found: Problem, uri: str) -> str:
    """The same while the find is the same, wherever its line moves."""
    what = "\n".join((found.code, uri, found.path or found.excerpt.strip()))
    return hashlib.sha256(what.encode()).hexdigest()[:32]
