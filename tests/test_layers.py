"""The layers hold, and what would break them is noticed: one planted violation each."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETTINGS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
CONTRACTS = {contract["id"]: contract for contract in SETTINGS["contracts"]}

Copy = Path


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """The package and its contracts, to be spoilt."""
    leave_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src" / "troth", tmp_path / "src" / "troth", ignore=leave_out)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def plant(copy: Copy, module: str, line: str) -> None:
    """Add a module with one line to the copy, in a package that may be new."""
    path = copy / "src" / "troth" / f"{module.replace('.', '/')}.py"
    path.parent.mkdir(exist_ok=True)
    (path.parent / "__init__.py").touch()
    path.write_text(f"def later() -> None:\n    {line}\n")


def lint(copy: Copy) -> tuple[int, str]:
    """The exit status of import-linter on the copy, and what it said, in one line."""
    environment = {"PYTHONPATH": str(copy / "src"), "COLUMNS": "500", "NO_COLOR": "1", "PATH": ""}
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_the_layers_hold(copy: Copy) -> None:
    status, said = lint(copy)
    assert status == 0, said
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in said


# Contract, module that is planted, its one line.
VIOLATIONS = [
    ("layers", "core.planted", "import troth.state"),
    ("layers", "core.planted", "import troth.connectors.sql"),
    ("layers", "core.planted", "from troth.cli import main"),
    ("layers", "state.planted", "import troth.connectors.memory"),
    ("layers", "connectors.sql.planted", "import troth.state"),
    ("layers", "connectors.sql.planted", "from troth.cli import main"),
    ("layers", "unplaced.planted", "import troth.core"),
    ("pure-core", "core.rights.planted", "from sqlalchemy import select"),
    ("connectors-apart", "connectors.memory.planted", "import troth.connectors.sql"),
    ("connectors-apart", "connectors.sql.planted", "from troth.connectors import memory"),
    ("django-on-top", "state.planted", "from django.db import models"),
    ("django-on-top", "connectors.sql.planted", "import django"),
]


@pytest.mark.parametrize(("contract", "module", "line"), VIOLATIONS)
def test_a_planted_violation_is_caught(copy: Copy, contract: str, module: str, line: str) -> None:
    plant(copy, module, line)
    status, said = lint(copy)
    assert status == 1, said
    # A package without a place is not a broken contract but a refused one.
    assert f"{CONTRACTS[contract]['name']} BROKEN" in said or "troth.unplaced" in said


def test_every_contract_has_its_violation() -> None:
    assert {contract for contract, *_ in VIOLATIONS} == set(CONTRACTS)


def test_each_thing_that_core_must_not_use_is_caught(copy: Copy) -> None:
    forbidden = CONTRACTS["pure-core"]["forbidden_modules"]
    assert {"asyncio", "django", "httpx", "psycopg", "pymysql", "sqlalchemy", "sqlite3"} <= set(forbidden)
    for name in forbidden:
        plant(copy, f"core.planted_{name}", f"import {name}")
    status, said = lint(copy)
    assert status == 1
    missed = [name for name in forbidden if f"troth.core.planted_{name} -> {name}" not in said]
    assert missed == [], said


@pytest.mark.parametrize("package", ["cli", "web", "jobs"])
def test_the_packages_on_top_may_import_django(copy: Copy, package: str) -> None:
    plant(copy, f"{package}.planted", "from django.db import models")
    status, said = lint(copy)
    assert status == 0, said


def test_a_new_package_is_held_to_the_rule_on_django(copy: Copy) -> None:
    plant(copy, "audit.planted", "import django")
    status, said = lint(copy)
    assert status == 1
    assert f"{CONTRACTS['django-on-top']['name']} BROKEN" in said
