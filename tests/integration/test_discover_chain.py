"""From a database nobody has described to the plan of an erasure, without a hand in between."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import nursery
from databases import ChinookCase
from troth.bootstrap import examine_policy
from troth.demo.generate import generate

TODAY = "2026-11-22"


def troth(folder: Path, *words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return nursery.run(words, cwd=folder, env=os.environ | {"TROTH_STATE": str(folder / "state")} | (env or {}))


def planned(folder: Path, *subject: str, env: dict[str, str] | None = None) -> dict[str, Any]:
    """The plan of an erasure on the draft; its step's rows by collection and action."""
    assert troth(folder, "keys", "init", "--origin", "shop.test/troth", env=env).returncode == 0
    ran = troth(folder, "erase", "--dry-run", "--format", "json", "--as-of", TODAY, *subject, env=env)
    assert ran.returncode in (0, 1), ran.stderr
    plan: dict[str, Any] = json.loads(ran.stdout)
    assert not [f for s in plan["stores"] for f in s["findings"] if f["severity"] == "refuse"]
    assert not [s["unreachable"] for s in plan["stores"] if s["unreachable"]]
    return plan


def rows(plan: dict[str, Any], action: str) -> dict[str, int]:
    return {t["collection"]: t["rows"] for s in plan["stores"] for t in s["steps"] if t["action"] == action}


def structure_is_fine(policy: Path) -> None:
    examined = examine_policy(policy, env={})
    assert examined.policy is not None, [(p.line, p.code) for p in examined.problems]


@pytest.mark.timeout(240)
def test_chinook_is_drafted_and_a_customer_planned_for(chinook: ChinookCase, tmp_path: Path) -> None:
    env = {"CHINOOK_URL": chinook.url}
    ran = troth(tmp_path, "discover", "--url-from", "CHINOOK_URL", "--as", "shop", "-o", "troth.yaml", env=env)
    assert ran.returncode == 0, ran.stderr
    structure_is_fine(tmp_path / "troth.yaml")
    plan = planned(tmp_path, "customer_id=6", env=env)
    deleted = rows(plan, "delete")
    names = [chinook.name(n) for n in ("Customer", "Invoice", "InvoiceLine")]
    assert {n: deleted[n] for n in names} == {names[0]: 1, names[1]: 7, names[2]: 38}
    assert chinook.name("Employee") not in deleted


@pytest.mark.parametrize(
    ("example", "store", "subject", "expected"),
    [
        ("maison", "shop", "customer_id=1", ("customers",)),
        ("maison", "mailing", "subscriber_id=1", ("subscribers",)),
        ("atelier", "service", "account_id=1", ("accounts", "profiles")),
        ("atelier", "billing", "contact_id=1", ("contacts",)),
    ],
)
@pytest.mark.timeout(120)
def test_the_examples_databases_are_drafted_and_a_person_planned_for(
    tmp_path: Path, example: Any, store: str, subject: str, expected: Sequence[str]
) -> None:
    generate(tmp_path, example, date.fromisoformat(TODAY), people_count=120)
    ran = troth(tmp_path, "discover", f"sqlite:///{store}.sqlite", "-o", "troth.yaml")
    assert ran.returncode == 0, ran.stderr
    structure_is_fine(tmp_path / "troth.yaml")
    deleted = rows(planned(tmp_path, subject), "delete")
    assert set(expected) <= set(deleted)
    assert all(deleted[name] == 1 for name in expected)


@pytest.mark.timeout(120)
def test_a_ring_of_tables_is_drafted_and_planned(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ring.sqlite")) as connection, connection:
        connection.executescript("""
            CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, last_id INTEGER REFERENCES orders (id));
            CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id), delivery_address TEXT,
                                 first_line_id INTEGER REFERENCES order_lines (id));
            CREATE TABLE order_lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id), note TEXT);
            INSERT INTO users VALUES (1, 'ana@example.test', NULL), (2, 'bob@example.test', NULL);
            INSERT INTO orders VALUES (1, 1, '1 rue des Essais', NULL), (2, 2, '2 rue des Essais', NULL);
            INSERT INTO order_lines VALUES (1, 1, 'x'), (2, 1, 'y'), (3, 2, 'z');
            UPDATE users SET last_id = id;
            UPDATE orders SET first_line_id = id;
        """)
    ran = troth(tmp_path, "discover", "sqlite:///ring.sqlite", "-o", "troth.yaml")
    assert ran.returncode == 0, ran.stderr
    structure_is_fine(tmp_path / "troth.yaml")
    plan = planned(tmp_path, "email=ana@example.test")
    # Rows that hold each other may have to stay, without what is personal in them.
    assert {**rows(plan, "delete"), **rows(plan, "clear")}.keys() == {"users", "orders", "order_lines"}
    assert not rows(plan, "flag")
