"""Whatever the engine can say to somebody at the console exists in French: each sentence of the code is looked up, so
that a new one cannot be forgotten."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import troth
from troth.connectors.sql import errors, findings
from troth.web.console.saying import french, phrases, said

ROOT = Path(troth.__file__).parent
PLACES = re.compile(r"\{[a-z_]*\}")
READ = (
    "core/rights", "core/retention", "core/requests", "desk", "connectors/sql/probes_mariadb.py",
    "connectors/sql/checks.py", "web/console", "state/state.py", "state/vault.py", "state/keyring.py",
    "state/keyfiles.py", "state/sqlite.py", "state/sqlledger.py", "state/postgresql.py", "state/database.py",
)  # fmt: skip
"""Where what the console shows is said. The command line's own sentences are English."""
ERRORS = re.compile(r"(?:[A-Z]\w*Error|Store[A-Z]\w+|PlanRefused|Ledger[A-Z]\w+|KeyUnavailable|PackageGone|TooMany)")
NOTHING = {"", "{}", "{}{}", "{}: {}", "memory", "{}.{}.{} cannot be set: {}"}
"""No sentence of its own: what is filled in is one. ``memory`` is an engine, as tests know it."""
JOINED = {
    "the document is not taken", "the plan is refused", "`troth plan` shows what stops it",
}  # fmt: skip
"""Said in a way that this reading does not see."""
OURS = {"ValueError", "KeyError", "IndexError", "TypeError", "RuntimeError", "AssertionError", "LookupError"}


def template(node: ast.expr) -> str:
    """A string with ``{}`` for what is filled in; empty for what is no string."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
    if isinstance(node, ast.BinOp):
        left, right = template(node.left), template(node.right)
        return left + right if left and right else ""
    return ""


def said_in(tree: ast.AST) -> Iterator[str]:
    """Every sentence that a module can say: messages, and what to do."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("message", "remedy"):
            yield template(node.value)
        if isinstance(node, ast.FunctionDef) and node.name == "_why_not":
            ends = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
            both = [b for e in ends for b in ((e.body, e.orelse) if isinstance(e, ast.IfExp) else (e,))]
            whys = [template(one) for one in both]
            yield from (f"{{}}.{{}}.{{}} cannot be set: {why}" for why in whys if " " in why)
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        args = [template(one) for one in node.args] + [""] * 6
        for keyword in node.keywords:
            if keyword.arg == "remedy":
                yield template(keyword.value)
        if ERRORS.fullmatch(name) and name not in OURS:
            yield args[0]
        elif name == "Finding":
            yield from (args[2], args[5])
        elif name == "_refuse":
            yield from (f"{{}} cannot be emptied: {args[3]}", args[4])
        elif name == "append" and node.args and isinstance(node.args[0], ast.Tuple) and len(node.args[0].elts) == 3:
            _, why, remedy = (template(one) for one in node.args[0].elts)
            if why and remedy:
                yield from (f"{{}}: {why}", remedy)
        elif name == "append" and "not_visible" in ast.unparse(node.func):
            yield args[0]


def sentences() -> Iterator[tuple[str, str]]:
    """(place, sentence), with ``{}`` for what is filled in."""
    for kind in findings.KINDS.values():
        yield from (("findings.py", kind.message), ("findings.py", kind.remedy))
    meanings = [one for one in vars(errors).values() if isinstance(one, errors.Meaning)]
    for one in [*meanings, *errors._SQLITE.values()]:
        yield from (("errors.py", f"store {{}} {one.what}"), ("errors.py", one.remedy))
    for place in READ:
        path = ROOT / place
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            for sentence in said_in(ast.parse(file.read_text(encoding="utf-8"))):
                yield str(file.relative_to(ROOT)), sentence


def known(text: str) -> str:
    return " ".join(PLACES.sub("{}", text).split())


def test_every_sentence_of_the_engine_is_there_in_french() -> None:
    there = {known(english) for english, _ in phrases()}
    missing = sorted({(place, known(s)) for place, s in sentences() if known(s) not in there | NOTHING})
    assert missing == [], "say them in web/console/phrases.txt"


def test_every_phrase_is_still_said_and_has_the_same_places_in_both_languages() -> None:
    told = {known(sentence) for _, sentence in sentences()}
    for english, there in phrases():
        assert set(PLACES.findall(there)) <= set(PLACES.findall(english)), english
        assert known(english) in told | JOINED, f"nobody says any more: {english}"


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("store shop cannot be reached (code 2003)", "la base shop ne peut être jointe (code 2003)"),
        ("no index begins with email of customers (20000 rows): finding a person's rows reads the whole table",
         "aucun index ne commence par email de customers (20000 rows)"),
        ("shop.customers.name: the value is longer than 20 characters", "la valeur dépasse 20 caractères"),
        ("answered is not possible while the request is received", "n’est pas possible tant que la demande est"),
    ],
)  # fmt: skip
def test_a_sentence_is_said_in_french_with_what_it_names(english: str, expected: str) -> None:
    there = french(english)
    assert there is not None
    assert expected in there.replace("\u00a0", " ").replace("\u202f", " ")


def test_what_nobody_has_said_in_french_stays_english_and_says_so() -> None:
    assert said("something new", "do this", "fr").language == "en"
    assert said("the value is new", "", "en").language == "en"
    assert said("try again", "", "fr").language == "fr"


def traced() -> tuple[set[str], set[str]]:
    """Every ``what`` and every ``ground`` with which staff's looks and changes are put on record."""
    from troth.core.requests.model import Channel
    from troth.web.console.acts import DEEDS, ENTER
    from troth.web.console.person import GROUNDS

    whats, grounds = {f"request.{name}" for name in DEEDS} | {ENTER}, {*GROUNDS, *map(str, Channel)}
    for path in [*(ROOT / "web").rglob("*.py"), *(ROOT / "cli").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("trace.seen", "trace.changed"):
                whats |= {template(one) for one in node.args[1:2]} - {"", "request.{}"}
                grounds |= {template(one.value) for one in node.keywords if one.arg == "ground"} - {""}
    return whats, grounds


def test_whatever_staff_looks_at_has_its_words_for_the_person() -> None:
    from troth.web.wording import Words

    words = Words("console", "fr")
    whats, grounds = traced()
    assert [what for what in sorted(whats) if not words.has(f"trace_what_{what}")] == []
    silent = {"authority"}  # the person reads that somebody looked, not that an authority asked
    assert [one for one in sorted(grounds - silent) if not words.has(f"trace_ground_{one}")] == []
