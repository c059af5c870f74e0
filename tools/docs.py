"""Writes docs/reference/cli.md from the help of every verb, and reads from the source what pages must tell.

Run it after changing an option, `.venv/bin/python tools/docs.py`; `tests/test_docs.py` tells when that was forgotten.
"""

from __future__ import annotations

import ast
import fnmatch
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import cast

import typer.main
from typer.core import TyperCommand, TyperGroup

from troth.cli.main import VERBS, build

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src"
CLI = ROOT / "docs" / "reference" / "cli.md"
WIDTH = 100

Command = TyperCommand | TyperGroup

HEAD = """# The command line

    troth VERB [OPTIONS] …

This page is the help of every verb, as `troth VERB --help` prints it; `tools/docs.py` writes it.

**Who.** A person is named `KIND=VALUE`, where KIND is an identifier that the policy declares:
`email=ana@example.org`, `customer_id=12`. A bare word with an @ is an e-mail address. Several may be given: rows of
any of them are the person's.

**When.** `--as-of 2026-11-22` makes a verb act as if that were today. Without it, today is the day of this machine.

**Plan and act.** `erase`, `rectify`, `restrict`, `sweep` and `replay` print a plan first. `--dry-run` stops there.
`--yes` carries it out. `--plan DIGEST` carries out exactly the plan with that digest (eight characters are enough)
and refuses any other. Without either, a terminal is asked; without a terminal nothing is done.

**Exit codes.**

| code | meaning |
|---|---|
| 0 | fine |
| 1 | look: a problem in the policy, a plan that is refused, a failed step, residue, evidence that does not hold |
| 2 | wrong use, or input that cannot be read |

**JSON.** `--format json` prints one document on standard output; [json.md](json.md) lists the fields. Errors go to
standard error, as text, in both formats.

**Language.** `--lang en` or `--lang fr`; otherwise that of the terminal where it is French, else English. Settings
of the environment are in [settings.md](settings.md).

## Verbs

"""


def cli_reference() -> str:
    """The whole page."""
    listed = "".join(f"- [`troth {verb}`](#troth-{verb}): {text}\n" for verb, text in VERBS.items())
    return HEAD + listed + "".join(section for verb in VERBS for section in _verb(verb))


def _verb(verb: str) -> Iterator[str]:
    group = typer.main.get_command(build(verb))
    command = cast(TyperGroup, group).commands[verb]
    yield _section(cast(Command, command), f"troth {verb}")
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield _section(cast(Command, below), f"troth {verb} {name}")


def _section(command: Command, path: str) -> str:
    level = "##" if path.count(" ") == 1 else "###"
    context = command.context_class(
        command, info_name=path, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    return f"\n{level} {path}\n\n```text\n{command.get_help(context).rstrip()}\n```\n"


# --- what the source says, for the tests ------------------------------------------------------------


@cache
def _trees() -> tuple[tuple[Path, ast.Module], ...]:
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in sorted(SOURCE.rglob("*.py")))


def event_kinds(trees: Iterable[tuple[Path, ast.Module]] | None = None) -> set[str]:
    """Kinds of ledger events, as patterns: ``erasure.done``; ``*.given`` where the first word is computed."""
    found = list(_trees() if trees is None else trees)
    constants = dict(pair for _, tree in found for pair in _constants(tree))
    kinds: set[str] = set()
    for path, tree in found:
        if "policy" in path.parts:
            continue  # an Event there is one of a clock, not of the ledger
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Event" and node.args:
                kinds.update(_texts(node.args[0], constants))
    return kinds


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from ((t.id, node.value.value) for t in node.targets if isinstance(t, ast.Name))


def _texts(node: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name):
        # A parameter has no one value; whoever passes it on writes it down elsewhere.
        yield constants.get(node.id, "*")
    elif isinstance(node, ast.IfExp):
        yield from (*_texts(node.body, constants), *_texts(node.orelse, constants))
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(v.value) if isinstance(v, ast.Constant) else "*" for v in node.values)
    else:
        yield "*"


def finding_codes() -> set[str]:
    """Codes of findings made by the core's plans (the SQL connector lists its own in ``findings.KINDS``)."""
    codes: set[str] = set()
    for path, tree in _trees():
        if "core" not in path.parts or "evidence" in path.parts:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                codes.update(_codes(node, node.func.id))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "reasons.append":
                codes.update(_texts(node.args[0].elts[0], {}) if isinstance(node.args[0], ast.Tuple) else ())
    return codes


def _codes(call: ast.Call, name: str) -> Iterator[str]:
    """Of ``Finding(code, …)``, and of ``_refuse(collection, field, code, …)`` which makes one."""
    if name == "Finding":
        for argument in [k.value for k in call.keywords if k.arg == "code"] + call.args[:1]:
            yield from _texts(argument, {})
    elif name == "_refuse" and len(call.args) > 2:
        yield from _texts(call.args[2], {})


def environment() -> set[str]:
    """Environment variables that the source reads by name."""
    names: set[str] = set()
    for _, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.keyword) and node.arg == "envvar":
                names.update(_texts(node.value, {}))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.environ.get", "os.getenv"):
                names.update(_texts(node.args[0], {}))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "secret":
                known = set(_texts(node.args[0], {})) - {"*"}
                names.update(known, (f"{name}_FILE" for name in known))
            elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ":
                names.update(_texts(node.slice, {}))
    return {name for name in names if "*" not in name}  # not one that the caller names, as with --url-from


def unmatched(names: Iterable[str], patterns: Iterable[str]) -> set[str]:
    """The names that no pattern covers."""
    known = list(patterns)
    return {name for name in names if not any(fnmatch.fnmatchcase(name, pattern) for pattern in known)}


def main() -> int:
    """Write the page."""
    CLI.write_text(cli_reference(), encoding="utf-8")
    print(f"written: {CLI.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
