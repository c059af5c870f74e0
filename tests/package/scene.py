"""A small shop in memory, and the package made of one of its people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from troth.connectors.memory.connector import MemoryConnector, MemoryTable
from troth.core.policy.loader import load
from troth.core.policy.model import Policy
from troth.core.rights.access import AccessPlan, Reading, Right, plan_access
from troth.core.rights.identity import Decisions, Identity, Search, Subject
from troth.core.rights.session import Session, open_session
from troth.package.folder_or_zip import Destination
from troth.package.write import Order, Written, write_package

AT = datetime(2026, 11, 22, 8, 30, 5, tzinfo=UTC)
TODAY = date(2026, 11, 22)

POLICY = """\
format: 1
policy: {title: {fr: Politique, en: Policy}, version: 2026-11-22, languages: [fr, en], authoritative: fr}
publisher:
  name: Café & Fils <SARL>
  country: FR
  timezone: Europe/Paris
  address: 1 rue Haute, 69099 Lyon
  privacy_contact: {name: Accueil, email: privacy@shop.test, phone: "04 65 71 00 99"}
events:
  last_visit: {per: person, title: {fr: dernière visite, en: last visit}}
recipients:
  host: {name: Hébergeur SAS, role: hosting, country: FR, agreement: 2024-03-01, subprocessors: [backup]}
  backup: {name: Safe Inc., role: backups, country: US, transfer: {basis: standard_clauses, source: module 2}}
  mailer: {name: Far Mail Ltd, role: e-mailing, country: IN}
purposes:
  orders:
    title: {fr: Commandes, en: Orders}
    basis: contract
    people: clients
    categories: [Name, EmailAddress]
    recipients: [host]
    keep: {while: contract, then: erase}
  invoicing:
    title: {fr: Facturation, en: Invoicing}
    basis: contract
    people: clients
    categories: [Purchase]
    keep: {while: contract, archive: {for: 10 years, after: financial_year_end,
      because: {fr: comptabilité, en: accounting}}, then: anonymise}
  news:
    title: {fr: Lettre, en: Newsletter}
    basis: consent
    people: clients
    categories: [EmailAddress]
    recipients: [mailer]
    direct_marketing: true
    keep: {for: 3 years, after: last_visit, then: erase}
  scoring:
    title: {fr: Estimation, en: Estimate}
    basis: legitimate_interest
    balance: {interest: {fr: ne pas vendre à perte, en: not to sell at a loss}}
    people: clients
    categories: [Profile]
    keep: {for: 13 months, after: last_contact}
  staff:
    title: {fr: Personnel, en: Staff}
    basis: legal_obligation
    law: code du travail
    people: employees
    categories: [Name]
    keep: {while: employed, then: erase}
stores:
  shop:
    title: {fr: Boutique, en: Shop}
    url: sqlite:///shop.sqlite
    location: FR
    recipient: host
    collections:
      customers:
        title: {fr: Clients, en: Customers}
        subject: {email: email, customer_id: id, phone: {column: phone, verified: false}}
        for: orders
        fields:
          name: {is: Name, for: [orders, news]}
          email: {is: EmailAddress, for: [orders, news]}
          phone: TelephoneNumber
          password: Password
          memo: {is: Communication, export: false}
          score: {is: Profile, for: scoring, given: inferred}
          visits: {is: ServiceConsumptionBehaviour, given: observed, for: [orders, news]}
          settings: {json: {city: {is: City, for: orders}, "tags.*": {is: Interest, for: news}}}
        events: {last_visit: seen, last_contact: seen}
        states: {contract: {status: active}}
        restricted: {flag: frozen, value: true}
      orders:
        title: {fr: Commandes, en: Orders}
        belongs_to: {customers: customer_id}
        for: [orders, invoicing]
        fields: {total: {is: Purchase, given: observed}, note: Communication}
        events: {financial_year_end: {of: placed, is: date}}
        holds:
          accounting: {fields: [total], for: 10 years, after: financial_year_end, source: "C. com. L123-22",
            because: {fr: pièces comptables, en: accounting records}}
      shares:
        title: {fr: Listes partagées, en: Shared lists}
        belongs_to:
          - {to: customers, by: {first_id: id}}
          - {to: customers, by: {second_id: id}}
        for: orders
        fields: {wish: Interest}
      threads:
        belongs_to: {customers: customer_id}
        for: orders
      employees:
        subject: {email: work_email}
        for: staff
        fields: {full_name: Name, work_email: EmailAddress}
        states: {employed: {full_name: {not: null}}}
"""

COLUMNS: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "customers": {
        "id": ("int", False), "email": ("text", False), "name": ("text", True), "phone": ("text", True),
        "password": ("text", True), "memo": ("text", True), "score": ("int", True), "visits": ("int", True),
        "settings": ("json", True), "seen": ("datetime", True), "status": ("text", True), "frozen": ("bool", True),
        "shoe_size": ("int", True),
    },
    "orders": {
        "id": ("int", False), "customer_id": ("int", False), "total": ("number", True), "note": ("text", True),
        "placed": ("date", True),
    },
    "shares": {
        "id": ("int", False), "first_id": ("int", True), "second_id": ("int", True), "wish": ("text", True),
    },
    "threads": {"id": ("int", False), "customer_id": ("int", False)},
    "employees": {"id": ("int", False), "full_name": ("text", True), "work_email": ("text", True)},
}  # fmt: skip

ANA = {
    "id": 1, "email": "ana@example.org", "name": "Ana", "phone": "+33 6 01", "password": "x-hash", "memo": "x-memo",
    "score": 7, "visits": 3, "settings": '{"city": "Lyon", "tags": ["tea", "books"], "theme": "x-theme"}',
    "seen": datetime.fromisoformat("2026-01-02 03:04:05"), "status": "active", "frozen": False, "shoe_size": 38,
}  # fmt: skip
BEN = {"id": 2, "email": "ben@example.org", "name": "x-Ben", "status": "active"}
ROWS: Mapping[str, list[dict[str, Any]]] = {
    "customers": [ANA, BEN],
    "orders": [
        {"id": 11, "customer_id": 1, "total": 12.5, "note": "=1+1", "placed": date(2026, 5, 1)},
        {"id": 12, "customer_id": 2, "total": 99, "note": "x-other"},
    ],
    "shares": [
        {"id": 21, "first_id": 1, "second_id": 1, "wish": "a lamp"},
        {"id": 22, "first_id": 1, "second_id": 2, "wish": "x-together"},
    ],
    "threads": [{"id": 31, "customer_id": 1}],
    "employees": [],
}
FOREIGN = ("x-Ben", "x-other", "x-together", "x-hash", "x-memo", "x-theme", "ben@example.org")
"""What must be nowhere in Ana's package."""


def policy(text: str = POLICY) -> Policy:
    return load(text.encode(), name="troth.yaml", read=_no_file, env={})


def _no_file(name: str) -> bytes:
    raise OSError(name)


def session(rows: Mapping[str, list[dict[str, Any]]] = ROWS, text: str = POLICY) -> Session:
    loaded = policy(text)
    tables = {name: MemoryTable.of(("id",), columns, rows.get(name, [])) for name, columns in COLUMNS.items()}
    return open_session(loaded, TODAY, lambda store: MemoryConnector(store, tables))


def find(opened: Session, *known: tuple[str, str], decisions: Decisions = Decisions()) -> Identity:  # noqa: B008
    return Search(opened.policy, opened.stores, decisions).run(Subject(known or (("email", "ana@example.org"),)))


def plan(opened: Session, right: Right = "access", decisions: Decisions = Decisions()) -> AccessPlan:  # noqa: B008
    return plan_access(opened, find(opened, decisions=decisions), decisions, right)


@dataclass
class Made:
    """A package that was written, or what is left when it failed."""

    path: Path
    written: Written | None = None
    noted: list[Written] = field(default_factory=list)

    def text(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    @property
    def data(self) -> Any:
        return json.loads(self.text("data.json"))

    @property
    def page(self) -> str:
        return self.text("index.html")

    def rows(self, name: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO((self.path / name).read_text(encoding="utf-8-sig"), newline="")))

    @property
    def everything(self) -> str:
        """The content of every file, one after the other."""
        paths = sorted(p for p in self.path.rglob("*") if p.is_file())
        return "\n".join(p.read_text(encoding="utf-8", errors="replace") for p in paths)


def make(
    path: Path, opened: Session | None = None, *, right: Right = "access", force: bool = False,
    decisions: Decisions = Decisions(), changed: Mapping[str, Iterable[Any]] | None = None,  # noqa: B008
) -> Made:  # fmt: skip
    """Write a package. ``changed`` puts other rows (dicts, or an error to raise) in place of a collection's."""
    opened = opened or session()
    planned = plan(opened, right, decisions)
    made = Made(path)

    def read(reading: Reading) -> Iterator[Mapping[str, object]]:
        store, name = reading.place
        if changed is not None and name in changed:
            for row in changed[name]:
                if isinstance(row, Exception):
                    raise row
                yield {c.name: row.get(c.name) for c in reading.columns}
            return
        connector = opened.stores[store].connector
        yield from connector.read(name, reading.where, [c.name for c in reading.columns])

    order = Order(opened.policy, planned, read, [("email", "ana@example.org")], AT)
    made.written = write_package(order, Destination(path, force=force), made.noted.append)
    return made
