"""A house with two stores on servers of different engines, whose worker dies at a chosen moment.

The moments are counted in the process of the worker itself, around what makes something last: commits of the journal,
of the state and of the stores, and mails.
"""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import F
from sqlalchemy import NullPool, create_engine, text

from desk.house_of import POLICY, Front
from troth.core.evidence.bundle import write_bundle
from troth.core.evidence.verify import verify_bundle
from troth.state import open_state

TWO_STORES = (
    POLICY.replace("url: sqlite:///shop.sqlite", 'url: "${SHOP_URL}"').replace(
        "rights:\n",
        """  mailing:
    url: "${MAILING_URL}"
    location: FR
    mode: enforce
    collections:
      subscribers:
        for: offers
        subject: {email: email}
        fields: {email: EmailAddress, name: Name}
        events: {last_contact: last_seen}
rights:
""",
    )
).replace("approval: {rectification: automatic}", "approval: {rectification: automatic, erasure: automatic}")

SHOP_TABLES = (
    "CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(100) UNIQUE, name VARCHAR(100), last_seen DATE)",
    "CREATE TABLE invoices (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total INTEGER,"
    " issued DATE)",
    "CREATE INDEX invoices_customer ON invoices (customer_id)",
)
MAILING_TABLES = (
    "CREATE TABLE subscribers (id INTEGER PRIMARY KEY, email VARCHAR(100) UNIQUE, name VARCHAR(100), last_seen DATE)",
)


@dataclass
class Scene:
    """The house, its stores, and people enough that each death has one of its own."""

    front: Front
    stores: dict[str, str]
    number: int = 0
    asked: list[str] = field(default_factory=list)

    def make(self) -> None:
        for store, tables in (("shop", SHOP_TABLES), ("mailing", MAILING_TABLES)):
            for statement in tables:
                self.run(store, statement)

    def run(self, store: str, statement: str) -> list[Any]:
        engine = create_engine(self.stores[store], poolclass=NullPool, hide_parameters=True)
        with engine.begin() as at:
            found = at.execute(text(statement))
            return [tuple(row) for row in found] if found.returns_rows else []

    def somebody(self) -> str:
        """A person in both stores, with an invoice that has to be kept."""
        self.number += 1
        n, who = self.number, f"person{self.number}@example.org"
        self.run("shop", f"INSERT INTO customers VALUES ({n}, '{who}', 'Nom {n}', '2026-10-01')")
        self.run("shop", f"INSERT INTO invoices VALUES ({n}, {n}, 4200, '2026-05-05')")
        self.run("mailing", f"INSERT INTO subscribers VALUES ({n}, '{who}', 'Nom {n}', '2026-10-01')")
        return who

    def ask(self, right: str, who: str, **more: Any) -> str:
        ref = str(self.front.ask(right, who, **more).request.ref)
        self.asked.append(ref)
        return ref

    def deploy(self, policy: str) -> None:
        """From now on processes begin with this policy."""
        from troth.web.pages.published import kept

        (self.front.folder / "troth.yaml").write_text(policy, encoding="utf-8")
        kept.forget()

    # --- death --------------------------------------------------------------------------------------

    def killed(self, at: str | int, *, how: int = signal.SIGKILL) -> int:
        """A worker in a process of its own that dies (or freezes) at a moment; the process, or 0 when it ended well."""
        connection.close()
        child = os.fork()
        if child == 0:
            _worker(at, how, self.front.folder / "moments")
        if how == signal.SIGSTOP:
            os.waitpid(child, os.WUNTRACED)
            return child
        _, status = os.waitpid(child, 0)
        return child if os.WIFSIGNALED(status) else 0

    def begun(self) -> int:
        """A worker in a process of its own."""
        connection.close()
        child = os.fork()
        if child == 0:
            _worker(0, signal.SIGKILL, self.front.folder / "moments")
        return child

    def dies(self, act: Callable[[], object], at: str) -> bool:
        """Whether a process that does this has died at that moment."""
        connection.close()
        child = os.fork()
        if child == 0:
            _doing(at, signal.SIGKILL, self.front.folder / "moments", act)
        return os.WIFSIGNALED(os.waitpid(child, 0)[1])

    def moments(self, right: str) -> list[str]:
        """What a worker comes through for a request, from the first that is about it."""
        listed = self.front.folder / "moments"
        listed.unlink(missing_ok=True)
        self.ask(right, self.somebody())
        assert self.killed(0) == 0
        return listed.read_text().splitlines()

    def rescue(self, hours: float = 0.1) -> None:
        """Time goes by, and another worker takes over."""
        from troth.jobs.models import Step

        Step.objects.filter(free_at__isnull=False).update(free_at=F("free_at") - round(hours * 3_600_000))
        self.front.work()

    # --- afterwards ---------------------------------------------------------------------------------

    def mails(self, who: str) -> list[str]:
        """The letters a person got, each once by its Message-ID."""
        return sorted({str(m.message["Message-ID"]) for m in self.front.box.received if m.recipients == [who]})

    def erased(self, who: str) -> bool:
        n = int(re.sub(r"\D", "", who))
        shop = self.run("shop", f"SELECT email, name FROM customers WHERE id = {n}")
        kept = self.run("shop", f"SELECT total FROM invoices WHERE id = {n}")
        gone = self.run("mailing", f"SELECT id FROM subscribers WHERE id = {n}")
        return (shop, kept, gone) == ([(None, f"Nom {n}")], [(4200,)], [])

    def once(self, ref: str, *kinds: str) -> bool:
        """Each of these events is in the ledger exactly once."""
        told = self.front.ledger(ref)
        return all(told.count(kind) == 1 for kind in kinds)

    def journal_done(self, ref: str) -> bool:
        from troth.jobs.models import Step

        states = set(Step.objects.filter(job__key=ref).exclude(kind__contains="tidy").values_list("state", flat=True))
        return states == {"done"}

    def evidence_holds(self) -> bool:
        with open_state(self.front.folder / "troth-state") as state:
            state.checkpoint()
            return verify_bundle(write_bundle(state.ledger), key=state.checkpoint_key).passed


def _worker(at: str | int, how: int, listed: Path) -> None:
    """Never returns."""
    from troth.jobs.worker import Worker

    _doing(at, how, listed, lambda: Worker().run(until_idle=True))


def _doing(at: str | int, how: int, listed: Path, act: Callable[[], object]) -> None:
    """Do something, perhaps to the end, and never come back."""
    try:
        number, acted = 0, False

        def passed(name: str) -> None:
            nonlocal number, acted
            number += 1
            with listed.open("a") as file:
                file.write(f"{name}\n")
            meant = number == at if isinstance(at, int) else re.search(at, name) is not None
            if meant and not acted:
                acted = True
                os.kill(os.getpid(), how)

        _listen(passed)
        act()
    finally:
        os._exit(0)


def _listen(passed: Callable[[str], None]) -> None:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from sqlalchemy.dialects.mysql.base import MySQLDialect
    from sqlalchemy.engine.default import DefaultDialect

    from troth.state.postgresql import PostgresDatabase
    from troth.state.sqlite import SqliteDatabase
    from troth.web.mail import messages

    for place, name, said in (
        (BaseDatabaseWrapper, "_commit", "journal"), (SqliteDatabase, "_commit", "state"),
        (PostgresDatabase, "_commit", "state"), (messages, "send", "mail"),
        *((d, "do_commit", d.__name__) for d in (DefaultDialect, MySQLDialect) if "do_commit" in vars(d)),
    ):  # fmt: skip
        _around(place, name, said, passed)


def _around(place: Any, name: str, said: str, passed: Callable[[str], None]) -> None:
    really = getattr(place, name)

    def around(*args: Any, **more: Any) -> Any:
        if threading.current_thread() is not threading.main_thread():
            return really(*args, **more)
        passed(f"before {said}")
        found = really(*args, **more)
        passed(f"after {said}")
        return found

    setattr(place, name, around)


@contextmanager
def thawed(pid: int) -> Iterator[None]:
    """At the end a frozen worker goes on, and is waited for."""
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        os.waitpid(pid, 0)
