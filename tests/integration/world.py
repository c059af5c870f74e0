"""A small world to break things in: a shop and, in a second database, its newsletter.

People are found by e-mail or customer number. Every run of `troth` is a process of its own (a fork, so that
it starts in no time and can be killed, stopped and tampered with), through the same entry point as the command.
"""

from __future__ import annotations

import importlib
import json
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import databases
import forked
from databases import EngineCase
from forked import Hook, Ran, Running
from servers import Server

AS_OF = "2025-12-31"
TODAY = ("--as-of", AS_OF)

POLICY = """\
format: 1
policy: {title: {en: Privacy policy}, version: 2026-01-01, languages: [en], authoritative: en}
publisher:
  {name: Example Shop, country: FR, timezone: Europe/Paris, financial_year_end: 12-31,
   privacy_contact: {name: Desk, email: privacy@shop.test}}
recipients:
  host: {name: Example Hosting, role: hosting, country: FR, agreement: 2024-03-01}
purposes:
  orders:
    title: {en: Orders}
    basis: contract
    people: customers
    categories: [Name, EmailAddress, TelephoneNumber, PhysicalAddress, City, Purchase]
    recipients: [host]
    keep: {while: contract, then: erase}
  prospecting:
    title: {en: Prospecting}
    basis: consent
    people: prospects
    categories: [Name, EmailAddress, TelephoneNumber, Interest]
    recipients: [host]
    keep: {for: 3 years, after: last_contact, then: erase}
stores:
  shop:
    url: ${SHOP_URL}
    location: FR
    recipient: host
    mode: enforce
    timeouts: {statement: 30, lock: 1}
    collections:
      customers:
        subject: {email: email, customer_id: id}
        for: [orders, prospecting]
        fields:
          name: {is: Name, for: [orders, prospecting]}
          email: {is: EmailAddress, for: [orders, prospecting]}
          phone: {is: TelephoneNumber, for: prospecting}
        events: {last_contact: seen}
        states: {contract: {status: active}}
      addresses:
        belongs_to: {customers: customer_id}
        for: orders
        fields: {street: PhysicalAddress, city: City}
      orders:
        belongs_to: {customers: customer_id}
        for: orders
        fields: {billing_name: Name, total: {is: Purchase, given: observed}, note: Purchase}
        events: {financial_year_end: {of: placed, is: date}}
        states: {unpaid: {paid: null}}
        holds:
          accounting:
            fields: [billing_name, total]
            parents: {customers: [name]}
            for: 10 years
            after: financial_year_end
            because: {en: accounting records}
          unpaid: {fields: all, parents: {customers: [name, email]}, while: unpaid, because: {en: unpaid bill}}
  mailing:
    url: ${MAILING_URL}
    location: FR
    recipient: host
    mode: enforce
    timeouts: {statement: 30, lock: 1}
    collections:
      subscribers:
        subject: {email: email, customer_id: customer_id}
        for: prospecting
        fields: {email: EmailAddress, topics: Interest}
      clicks:
        belongs_to: {subscribers: subscriber_id}
        for: prospecting
        fields: {page: {is: Interest, given: observed}}
        events: {last_contact: clicked}
"""

SHOP = """
CREATE TABLE customers (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(120) NOT NULL, name VARCHAR(80),
  phone VARCHAR(40), status VARCHAR(10) NOT NULL, seen MOMENT NULL);
CREATE INDEX customers_email ON customers (email);
CREATE TABLE addresses (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL, street VARCHAR(120),
  city VARCHAR(60), CONSTRAINT addresses_customer FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE INDEX addresses_customer_id ON addresses (customer_id);
CREATE TABLE orders (id INTEGER NOT NULL PRIMARY KEY, customer_id INTEGER NOT NULL, placed DATE, paid DATE,
  billing_name VARCHAR(80), total NUMERIC(10,2), note TEXT,
  CONSTRAINT orders_customer FOREIGN KEY (customer_id) REFERENCES customers (id));
CREATE INDEX orders_customer_id ON orders (customer_id);
"""
MAILING = """
CREATE TABLE subscribers (id INTEGER NOT NULL PRIMARY KEY, email VARCHAR(120) NOT NULL UNIQUE,
  customer_id INTEGER, topics VARCHAR(80));
CREATE INDEX subscribers_customer ON subscribers (customer_id);
CREATE TABLE clicks (id INTEGER NOT NULL PRIMARY KEY, subscriber_id INTEGER NOT NULL, clicked MOMENT NULL,
  page VARCHAR(120), CONSTRAINT clicks_subscriber FOREIGN KEY (subscriber_id) REFERENCES subscribers (id));
CREATE INDEX clicks_subscriber_id ON clicks (subscriber_id);
"""

# Ana has all there is, also a subscription that only her number leads to; Ben has nothing that must be kept;
# Cleo and Carl share an address; Dora owes money; Eve is gone but reads the newsletter; Fay is simply gone.
SHOP_ROWS = """
INSERT INTO customers (id, email, name, phone, status, seen) VALUES
  (1, 'ana@example.org', 'Ana Canary', '+33 6 00 00 00 01', 'active', '2025-11-02 10:00:00'),
  (2, 'ben@example.org', 'Ben Finch', '+33 6 00 00 00 02', 'active', '2025-10-02 10:00:00'),
  (3, 'family@example.org', 'Cleo Wren', '+33 6 00 00 00 03', 'active', '2025-10-02 10:00:00'),
  (4, 'family@example.org', 'Carl Wren', '+33 6 00 00 00 04', 'active', '2025-10-02 10:00:00'),
  (5, 'dora@example.org', 'Dora Crane', '+33 6 00 00 00 05', 'active', '2025-10-02 10:00:00'),
  (6, 'eve@example.org', 'Eve Heron', '+33 6 00 00 00 06', 'closed', '2019-01-15 10:00:00'),
  (7, 'fay@example.org', 'Fay Stork', '+33 6 00 00 00 07', 'closed', '2019-01-15 10:00:00');
INSERT INTO addresses (id, customer_id, street, city) VALUES
  (21, 1, '1 Canary Street', 'Lyon'), (22, 1, '2 Canary Street', 'Nantes'), (23, 2, '3 Finch Lane', 'Lille'),
  (24, 3, '4 Wren Road', 'Brest'), (25, 4, '4 Wren Road', 'Brest'), (26, 7, '7 Stork Court', 'Nice');
INSERT INTO orders (id, customer_id, placed, paid, billing_name, total, note) VALUES
  (31, 1, '2024-03-05', '2024-03-06', 'Ana Canary', 120.50, 'leave it with Ana Canary''s neighbour'),
  (32, 1, '2013-06-01', '2013-06-02', 'Ana Canary', 80.00, 'old'),
  (33, 5, '2025-02-01', NULL, 'Dora Crane', 60.00, 'on credit');
"""
MAILING_ROWS = """
INSERT INTO subscribers (id, email, customer_id, topics) VALUES
  (41, 'ana@example.org', NULL, 'canaries'), (42, 'ana.other@example.org', 1, 'seeds'),
  (43, 'ben@example.org', NULL, 'finches'), (44, 'family@example.org', NULL, 'wrens'),
  (45, 'eve@example.org', NULL, 'herons');
INSERT INTO clicks (id, subscriber_id, clicked, page) VALUES
  (51, 41, '2025-11-03 09:00:00', '/canaries'), (52, 42, '2025-11-04 09:00:00', '/seeds'),
  (53, 45, '2025-09-01 09:00:00', '/herons');
"""

TABLES = {"shop": ("customers", "addresses", "orders"), "mailing": ("subscribers", "clicks")}
CANARIES = (
    "ana@example.org", "ana.other@example.org", "Ana Canary", "1 Canary Street", "2 Canary Street",
    "+33 6 00 00 00 01", "canaries", "leave it with",
)  # fmt: skip
"""What must be found nowhere but in the shop's own databases."""

_VERBS = ("erase", "sweep", "replay", "hold", "rectify", "restrict", "archive", "bundle", "verify", "keys")
_PRELOADED = (
    *(f"troth.{name}" for name in ("connectors.sql.connector", "state.engine", "cli.deciding", "cli.pace", "cli.render")),
    *(f"troth.core.{name}" for name in ("rights.erase", "rights.residue", "rights.replay", "retention.sweep")),
    *(f"troth.core.evidence.{name}" for name in ("bundle", "verify", "report")),
    "sqlalchemy.dialects.postgresql.psycopg", "sqlalchemy.dialects.mysql.pymysql", "sqlalchemy.dialects.sqlite.pysqlite",
)  # fmt: skip

KNOWN = "integration.world:warm_up"
_TOMBSTONE = re.compile(r"erased-[0-9a-f]{24}(-[0-9a-f-]+)?(@erased\.invalid)?")
Content = dict[str, list[tuple[Any, ...]]]


@dataclass
class World:
    """The shop, its newsletter, the policy and Troth's state, in one folder."""

    kind: str
    folder: Path
    shop: EngineCase
    mailing: EngineCase
    env: dict[str, str] = field(default_factory=dict)
    _runs: int = 0
    _rows: dict[Path, Content] = field(default_factory=dict)

    @property
    def policy(self) -> Path:
        return self.folder / "troth.yaml"

    @property
    def state(self) -> Path:
        return self.folder / "troth-state"

    def case(self, store: str) -> EngineCase:
        return self.shop if store == "shop" else self.mailing

    # --- running ----------------------------------------------------------------------------------

    def start(self, *words: str, hook: Hook | None = None, env: Mapping[str, str] | None = None) -> Running:
        """Start ``troth`` with these words; ``hook`` runs in its process first and may tamper with it."""
        self._runs += 1
        place = self.folder / f"run-{self._runs}"
        return forked.start(list(words), place, self.folder, {**self.env, **(env or {})}, hook, KNOWN)

    def troth(self, *words: str, hook: Hook | None = None, env: Mapping[str, str] | None = None) -> Ran:
        """Run ``troth`` to its end. A stack trace is always a failure."""
        return forked.ended(self.start(*words, hook=hook, env=env))

    def erase(self, *words: str, hook: Hook | None = None) -> Ran:
        """``troth erase`` on the world's day, with JSON."""
        return self.troth("erase", *TODAY, "--format", "json", "--residue-seconds", "0", *words, hook=hook)

    def sweep(self, *words: str, as_of: str = AS_OF, hook: Hook | None = None) -> Ran:
        """``troth sweep``, with JSON."""
        return self.troth("sweep", "--as-of", as_of, "--format", "json", *words, hook=hook)

    def evidence_holds(self) -> None:
        """The ledger can be handed out, and a stranger finds it sound."""
        bundle = self.folder / f"evidence-{self._runs}.bundle"
        made = self.troth("bundle", "-o", str(bundle), "--format", "json")
        assert made.code == 0, made.said
        checked = self.troth("verify", str(bundle), "--key", made.json["key"])
        assert checked.code == 0, checked.said

    # --- looking and tampering --------------------------------------------------------------------

    def edit(self, old: str, new: str) -> None:
        """Change the policy file."""
        text = self.policy.read_text()
        assert old in text, old
        self.policy.write_text(text.replace(old, new))

    def rows(self, store: str, sql: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.case(store).query(sql)]

    def run_sql(self, store: str, sql: str) -> None:
        self.case(store).execute_script(sql)

    def raw(self) -> Content:
        """Every row of both stores."""
        return {
            f"{store}.{table}": sorted(self.rows(store, f"SELECT * FROM {table} ORDER BY id"), key=repr)
            for store, tables in TABLES.items()
            for table in tables
        }

    def content(self) -> Content:
        """The same, with all tombstones alike."""
        return {place: [tuple(_plain(v) for v in row) for row in rows] for place, rows in self.raw().items()}

    def events(self) -> list[tuple[str, Any]]:
        """The ledger: (type, body)."""
        from troth.core.evidence.leaf import decode
        from troth.state import open_state

        with open_state(self.state, check_last=False) as state:
            size = state.ledger.size
            kinds = [decode(leaf).kind for leaf in state.ledger.leaves(0, size)]
            bodies = [json.loads(o.body) if o else None for o in state.ledger.bodies(0, size)]
        return list(zip(kinds, bodies, strict=True))

    def waiting(self) -> list[Any]:
        """What the state remembers for later: ``Pending`` of any day."""
        from datetime import date

        from troth.state import open_state
        from troth.state.engine import StateRecords

        with open_state(self.state, check_last=False) as state:
            return StateRecords(state).due(date(9999, 1, 1))

    def files(self) -> Iterator[Path]:
        """Everything Troth wrote: state, keys, outputs, bundles. Not the stores, not the policy."""
        stores = {self.shop.path, self.mailing.path, self.policy}
        for path in sorted(self.folder.rglob("*")):
            if path.is_file() and path not in stores and not path.name.startswith(("shop.", "mailing.")):
                yield path

    # --- beginning again --------------------------------------------------------------------------

    def save(self) -> Path:
        """Keep Troth's state and the stores' content as they are now, for ``restore``."""
        self._runs += 1
        saved = self.folder.parent / f"{self.folder.name}-saved-{self._runs}"
        shutil.copytree(self.state, saved / "troth-state")
        for case in (self.shop, self.mailing):
            if case.path:
                shutil.copyfile(case.path, saved / case.path.name)
        self._rows[saved] = self.raw()
        return saved

    def restore(self, saved: Path, *, state: bool = True, stores: tuple[str, ...] = ("shop", "mailing")) -> None:
        """Set back state and stores, as from a backup."""
        if state:
            shutil.rmtree(self.state)
            shutil.copytree(saved / "troth-state", self.state)
        for store in stores:
            case = self.case(store)
            if case.path:
                for side in ("-wal", "-shm", "-journal"):
                    Path(f"{case.path}{side}").unlink(missing_ok=True)
                shutil.copyfile(saved / case.path.name, case.path)
            else:
                self.run_sql(store, _refill(store, self._rows[saved]))


def _refill(store: str, content: Content) -> str:
    """SQL that empties the tables and puts these rows into them."""
    script = [f"DELETE FROM {table}" for table in reversed(TABLES[store])]
    for table in TABLES[store]:
        if rows := content[f"{store}.{table}"]:
            values = ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)
            script.append(f"INSERT INTO {table} VALUES {values}")
    return ";\n".join(script)


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _plain(value: Any) -> Any:
    return _TOMBSTONE.sub("(erased)", value) if isinstance(value, str) else value


@contextmanager
def made(kind: str, folder: Path, server: Server | None) -> Iterator[World]:
    """A new world on one engine, with keys; gone afterwards."""
    cases = {}
    for store, schema in (("shop", SHOP + SHOP_ROWS), ("mailing", MAILING + MAILING_ROWS)):
        cases[store] = _case(kind, folder / f"{store}.sqlite", server)
        cases[store].execute_script(schema.replace("MOMENT", "TIMESTAMP" if kind == "postgresql" else "DATETIME"))
    world = World(kind, folder, cases["shop"], cases["mailing"])
    world.env = {
        "SHOP_URL": _plain_url(world.shop), "MAILING_URL": _plain_url(world.mailing), "LC_ALL": "C.UTF-8",
        "TROTH_STATE": str(world.state), "TROTH_POLICY": str(world.policy),
    }  # fmt: skip
    world.policy.write_text(POLICY)
    ran = world.troth("keys", "init", "--origin", "shop.test/troth")
    assert ran.code == 0, ran.said
    yield world
    for case in cases.values():
        if case.server:
            case.server.drop_database(case.database)


def warm_up() -> None:
    """Load everything once, where the runs are born, so that each starts in no time."""
    import typer

    from troth.cli.main import build
    from troth.core.policy.loader import load

    for module in _PRELOADED:
        importlib.import_module(module)
    for verb in _VERBS:
        typer.main.get_command(build(verb))
    load(POLICY.encode(), name="troth.yaml", read=lambda name: b"", env={}, folder=".")


def _case(kind: str, path: Path, server: Server | None) -> EngineCase:
    if server is not None:
        return databases.server_case(server)
    with closing(sqlite3.connect(path)):
        path.touch()
    return EngineCase("sqlite", f"sqlite:///{path}", str(path), path=path)


def _plain_url(case: EngineCase) -> str:
    """As a publisher writes it."""
    return re.sub(r"^(\w+)\+\w+:", r"\1:", case.url)
