"""The documentation says what is: its commands run, its policies load, its lists are complete."""

from __future__ import annotations

import fnmatch
import functools
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import docs as pages
from manual import blocks, commands, shown
from troth.cli.main import VERBS, run
from troth.core.policy.loader import examine

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
REFERENCE = DOCS / "reference"
TUTORIAL = DOCS / "tutorial" / "first-erasure.md"
README = ROOT / "README.md"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *ROOT.glob("examples/**/*.md")])


def text(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def named(page: str) -> set[str]:
    """Every word that a page sets in code type, whole."""
    return set(re.findall(r"`([^`\n]+)`", page))


def described(page: str) -> set[str]:
    """Every word in code type or inside a piece of it."""
    return {word for piece in named(page) for word in re.findall(r"[\w.]+", piece)}


# --- lists --------------------------------------------------------------------------------------------


def test_the_command_line_reference_is_what_the_command_says() -> None:
    assert text("cli.md") == pages.cli_reference(), "run: make docs"


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_a_section(verb: str) -> None:
    assert f"\n## troth {verb}\n" in text("cli.md")


def test_every_variable_that_the_source_reads_is_in_the_settings() -> None:
    assert "TROTH_STATE" in pages.environment()
    assert pages.environment() - named(text("settings.md")) == set()


def test_every_setting_is_read_by_the_source() -> None:
    listed = {name for name in named(text("settings.md")) if re.fullmatch(r"TROTH_\w+", name)}
    assert listed - pages.environment() == set()


def kinds_in_the_page() -> set[str]:
    rows = re.findall(r"^\| (`.+?) \|", text("events.md"), re.MULTILINE)
    return {kind for row in rows for kind in re.findall(r"`([\w.]+)`", row)}


def test_every_kind_of_event_is_described() -> None:
    kinds = kinds_in_the_page()
    missing = {p for p in pages.event_kinds() if not any(fnmatch.fnmatchcase(kind, p) for kind in kinds)}
    assert missing == set()


def test_every_described_kind_of_event_exists() -> None:
    patterns = {p for p in pages.event_kinds() if p != "*.*"}
    source = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "src").rglob("*.py"))
    odd = {k for k in pages.unmatched(kinds_in_the_page(), patterns) if not _put_together(k, source)}
    assert odd == set()


def _put_together(kind: str, source: str) -> bool:
    action, _, end = kind.rpartition(".")
    return f'"{action}"' in source and f'"{end}"' in source


def test_every_finding_of_a_plan_is_described() -> None:
    codes = {code for code in pages.finding_codes() if code != "*"}
    assert len(codes) > 15
    assert codes - named(text("json.md")) - named(text("findings.md")) == set()


def test_every_finding_of_an_inspection_is_described() -> None:
    from troth.connectors.sql.findings import KINDS

    assert set(KINDS) - named(text("findings.md")) == set()


def test_every_key_of_the_policy_is_in_its_reference() -> None:
    schema = json.loads((ROOT / "troth.schema.json").read_text(encoding="utf-8"))
    keys = set(_properties(schema))
    assert len(keys) > 100
    assert keys - described(text("policy.md")) == set()


def _properties(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("properties"), dict):
            yield from node["properties"]
        for below in node.values():
            yield from _properties(below)
    elif isinstance(node, list):
        for below in node:
            yield from _properties(below)


# --- policies -----------------------------------------------------------------------------------------

HEADING: dict[str, str] = {
    "format": "format: 1",
    "policy": "policy: {title: {en: Privacy, fr: Vie privée}, version: 2026-01-01, languages: [en, fr], authoritative: en}",
    "publisher": "publisher: {name: Example, country: FR, timezone: Europe/Paris, financial_year_end: 12-31,\n"
    "  privacy_contact: {name: Desk, email: privacy@example.org}}",
    "purposes": "purposes:\n"
    "  orders: {title: Orders, basis: contract, people: customers, keep: {for: 3 years, after: last_contact},\n"
    "    categories: [EmailAddress, Name, TelephoneNumber, City, Communication, Profile, PhysicalAddress, Transaction]}\n"
    "  billing: {title: Bills, basis: legal_obligation, people: customers, categories: [Transaction],\n"
    "    keep: {for: 10 years, after: financial_year_end}}\n"
    "  newsletter: {title: News, basis: consent, people: readers, categories: [Interest, EmailAddress],\n"
    "    keep: {for: 3 years, after: last_contact}}",
}
"""What a fragment in the pages leaves out."""


def fragments() -> list[Any]:
    found = []
    for path in PAGES:
        policies = [b for b in blocks(path.read_text(encoding="utf-8"), "yaml") if b.startswith("# policy")]
        found += [pytest.param(b, id=f"{path.stem}-{n}") for n, b in enumerate(policies, 1)]
    return found


def whole(fragment: str) -> str:
    have = set(re.findall(r"^(\w+):", fragment, re.MULTILINE))
    return "\n".join([*(line for key, line in HEADING.items() if key not in have), fragment])


def problems(policy: str) -> list[str]:
    env = dict.fromkeys(re.findall(r"\$\{(\w+)\}", policy), "sqlite:///x.sqlite")
    found = examine(policy.encode(), name="page.yaml", read=lambda name: b"", env=env, folder=".").problems
    return [f"{p.line}: {p.message}" for p in found if p.severity == "error"]


def test_every_how_to_shows_a_policy() -> None:
    for path in (DOCS / "howto").glob("*.md"):
        assert "```yaml\n# policy" in path.read_text(encoding="utf-8"), path.name


@pytest.mark.parametrize("fragment", fragments())
def test_a_policy_in_the_pages_loads(fragment: str) -> None:
    assert problems(whole(fragment)) == []


def test_a_wrong_policy_would_be_noticed() -> None:
    assert problems(whole("stores:\n  shop: {url: sqlite:///x, location: FR, collection: {}}"))


# --- consoles -----------------------------------------------------------------------------------------


def test_an_ellipsis_stands_for_what_was_cut_and_nothing_else_does() -> None:
    assert shown("a\n…\nd", "a\nb\nc\nd")
    assert shown("a…c", "abc")
    assert not shown("a…c", "ab\nc")
    assert not shown("a\nd", "a\nb\nd")
    assert not shown("a\n…", "b")


def run_page(page: str, folder: Path, check: Callable[[str, str, str], None]) -> int:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    env = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "COLUMNS": "80"}
    listed = commands(page)
    for line, expected in listed:
        done = subprocess.run(
            ["bash", "-c", line], cwd=folder, env=env, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=60,
        )  # fmt: skip
        check(line, expected, done.stdout)
    return len(listed)


def must_be_shown(line: str, expected: str, printed: str) -> None:
    assert shown(expected, printed), f"$ {line}\n--- the page says\n{expected}\n--- it printed\n{printed}"


def files_of_the_tutorial(folder: Path) -> None:
    page = TUTORIAL.read_text(encoding="utf-8")
    [sql] = [b for b in blocks(page, "sql") if b.startswith("-- shop.sql")]
    [policy] = [b for b in blocks(page, "yaml") if b.startswith("# policy: troth.yaml")]
    (folder / "shop.sql").write_text(sql, encoding="utf-8")
    (folder / "troth.yaml").write_text(policy, encoding="utf-8")


def test_the_tutorial_runs_as_it_is_written(tmp_path: Path) -> None:
    files_of_the_tutorial(tmp_path)
    assert run_page(TUTORIAL.read_text(encoding="utf-8"), tmp_path, must_be_shown) > 10


def test_the_transcript_of_the_readme_is_what_is_printed(tmp_path: Path) -> None:
    files_of_the_tutorial(tmp_path)
    policy = tmp_path / "troth.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("mode: observe", "mode: enforce"), encoding="utf-8")
    before = [line for line, _ in commands(TUTORIAL.read_text(encoding="utf-8"))]
    setup = "".join(
        f"```console\n$ {line}\n```\n" for line in before if line.startswith(("python3", "troth keys init"))
    )
    assert run_page(setup, tmp_path, lambda line, expected, printed: None) >= 2
    assert run_page(README.read_text(encoding="utf-8"), tmp_path, must_be_shown) == 4


# --- JSON ---------------------------------------------------------------------------------------------


JSON_COMMANDS = {
    "troth keys init --origin shop.test/troth --format json": "keys",
    "troth check --format json": "check",
    "troth check broken.yaml --format json": "check",
    "troth grants --format json": "grants",
    "troth erase --dry-run --format json ana@example.org": "A plan",
    "troth access ana@example.org -o ana --format json": "access",
    "troth hold add --format json customer_id=2 --because claim": "hold",
    "troth hold list --format json": "hold",
    "troth restrict --yes --format json customer_id=2": "Outcomes",
    "troth rectify --yes --format json customer_id=2 customers.phone=": "Outcomes",
    "troth erase --yes --format json ana@example.org": "Outcomes",
    "troth sweep --dry-run --format json": "A plan",
    "troth replay --dry-run --format json": "A plan",
    "troth archive list --format json": "hold",
    "troth bundle -o e.jsonl --format json": "bundle",
    "troth verify e.jsonl --format json": "bundle",
    "troth keys show --format json": "keys",
}
"""Each with the heading under which its fields are described."""


def test_every_field_of_json_that_is_printed_is_described(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files_of_the_tutorial(tmp_path)
    policy = tmp_path / "troth.yaml"
    policy.write_text(policy.read_text(encoding="utf-8").replace("mode: observe", "mode: enforce"), encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("format: 1\npolicies: {}\n", encoding="utf-8")
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as shop:
        shop.executescript((tmp_path / "shop.sql").read_text(encoding="utf-8"))
    sections = {part.partition("\n")[0]: part for part in re.split(r"^## ", text("json.md"), flags=re.MULTILINE)[1:]}
    monkeypatch.chdir(tmp_path)
    found: set[str] = set()
    for line, heading in JSON_COMMANDS.items():
        with pytest.raises(SystemExit):
            run(line.split()[1:])
        [section] = [part for title, part in sections.items() if title.startswith(heading)]
        said = capsys.readouterr()
        assert said.out, f"{line}: {said.err}"
        fields = set(_fields(json.loads(said.out)))
        assert fields - described(section) == set(), line
        found.update(fields)
    assert {"problems", "outcomes", "kept", "undated", "until", "proven", "request", "epochs"} <= found


def _fields(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from value
        for below in value.values():
            yield from _fields(below)
    elif isinstance(value, list):
        for below in value:
            yield from _fields(below)


# --- links and manners --------------------------------------------------------------------------------


def slugs(page: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    unfenced = re.sub(r"^```.*?^```$", "", page, flags=re.MULTILINE | re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", unfenced, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@functools.cache
def links(path: Path) -> tuple[str, ...]:
    page = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return tuple(re.findall(r"\]\(([^)\s]+)\)", page))


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in links(path):
        if "://" in link or link.startswith("mailto:"):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link}: no such file"
        if anchor and target.suffix == ".md":
            assert anchor in slugs(target.read_text(encoding="utf-8")), f"{link}: no such heading"


def test_every_page_of_the_documentation_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [README]
    while waiting:
        page = waiting.pop()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        targets = [(page.parent / link.partition("#")[0]).resolve() for link in links(page) if "://" not in link]
        waiting += [p for t in targets for p in (t.glob("*.md") if t.is_dir() else [t])]
    assert set(DOCS.rglob("*.md")) - reached == set()


_OF_A_MACHINE = re.compile(r"/(?:home|Users)/\w+/|/work" r"/\w+|brief" r"\.md|design" r"\.md")
"""Paths of somebody's machine and papers that are not in the repository."""


def test_no_file_tells_of_the_place_where_it_was_written() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    told = []
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and (found := _OF_A_MACHINE.search(path.read_bytes().decode("utf-8", "replace"))):
            told.append(f"{name}: {found.group()}")
    assert told == []
