"""The shop of the desk's tests, and short words for what happens there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from letterbox import Mailbox

POLICY = """
format: 1
policy: {title: {fr: Politique, en: Policy}, version: 2026-11-22, languages: [fr, en], authoritative: fr}
publisher: {name: Maison Essai, country: FR, timezone: Europe/Paris, financial_year_end: 12-31, email: a@essai.test}
people: {clients: {title: {fr: clients, en: clients}}}
identifiers: {email: {strong: true}, customer_id: {strong: false}}
recipients:
  carrier: {name: Messager, role: delivery, country: FR, kind: third_party, notices: {by: email, to: rgpd@messager.test}}
  host: {name: Hôte, role: hosting, country: FR, agreement: 2024-03-01, notices: {by: none, because: {fr: même base, en: same base}}}
events: {last_contact: {per: person}}
purposes:
  orders:
    title: {fr: Commandes, en: Orders}
    basis: contract
    people: [clients]
    categories: [Name, EmailAddress, Transaction]
    recipients: [carrier, host]
    keep: {for: 3 years, after: last_contact}
  offers:
    title: {fr: Offres, en: Offers}
    basis: legitimate_interest
    people: [clients]
    categories: [EmailAddress]
    direct_marketing: true
    keep: {for: 3 years, after: last_contact}
stores:
  shop:
    url: sqlite:///shop.sqlite
    location: FR
    mode: enforce
    collections:
      customers:
        for: [orders, offers]
        subject: {email: email, customer_id: id}
        fields: {email: EmailAddress, name: Name}
        events: {last_contact: last_seen}
      invoices:
        for: orders
        belongs_to: {customers: customer_id}
        fields: {total: Transaction}
        events: {financial_year_end: issued}
        holds:
          accounting:
            fields: [total]
            parents: {customers: [name]}
            for: 10 years
            after: financial_year_end
            because: {fr: pièces comptables, en: accounting documents}
            source: C. com. L123-22
rights:
  answer_within: 30 days
  offered: [access, rectification, erasure, restriction, portability, objection, withdrawal, human_review]
  approval: {rectification: automatic}
clients:
  fabrique: {name: Fabrique SA, country: FR, contact: dpo@fabrique.test, requests_forwarded_within: 2 days}
cookies: {__Host-essai: {for: 2 days, exempt: authentication, until_logout: true, purpose: orders}}
mail: {sender: donnees@essai.test, url: "smtp://${NO_SUCH_SERVER}"}
"""

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT, last_seen TEXT);
CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total INTEGER, issued TEXT);
INSERT INTO customers VALUES (1, 'ana@example.org', 'Ana Exemple', '2026-10-01'), (2, 'bo@example.org', 'Bo Autre', '2026-10-02');
INSERT INTO invoices VALUES (10, 1, 4200, '2026-05-05');
CREATE INDEX invoices_customer ON invoices (customer_id);
"""


@dataclass
class Front:
    """The house as somebody at its door sees it."""

    folder: Path
    box: Mailbox

    def ask(self, right: str, who: str = "ana@example.org", **more: Any) -> Any:
        """Somebody asks; what ``files.open_file`` returns."""
        from troth.core.requests.model import Channel, Right
        from troth.desk.files import Wish, open_file
        from troth.desk.house import house
        from troth.desk.particulars import Particulars

        now = more.pop("now", None) or datetime.now(UTC)
        particulars = Particulars(
            (("email", who),), more.pop("answer_to", who), more.pop("language", "en"), more.pop("corrections", {})
        )
        wish = Wish(
            Right(right), particulars, Channel.PORTAL, frozenset(more.pop("scope", ())),
            verified=more.pop("verified", "email_link"), **more,
        )  # fmt: skip
        with house() as at:
            return open_file(at, wish, now)

    def work(self) -> Any:
        """A worker does what can be done now."""
        from troth.jobs.worker import Worker

        return Worker().run(until_idle=True)

    def say_yes(self, ref: str, what: str = "approval", **answer: Any) -> int:
        """A member of staff answers what the request waits for."""
        from troth.jobs.orders import answer as answering

        return answering("request", ref, what, {"yes": True, **answer})

    def state_of(self, ref: str) -> str:
        from troth.desk.models import File

        return str(File.objects.get(ref=ref).state)

    def rows(self, query: str) -> list[Any]:
        connection = sqlite3.connect(self.folder / "shop.sqlite")
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    def change(self, statement: str) -> None:
        connection = sqlite3.connect(self.folder / "shop.sqlite")
        with connection:
            connection.execute(statement)
        connection.close()

    def ledger(self, ref: str) -> list[str]:
        """The kinds of the request's events."""
        from troth.desk.house import house

        with house() as at:
            return [kind for kind, _ in at.records.state.events_of(ref)]
