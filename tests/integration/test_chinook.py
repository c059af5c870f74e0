"""The issue's own story on the Chinook database, on all three engines, through the command line."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import forked
from databases import CHECKOUT, ChinookCase
from integration.world import KNOWN

EXAMPLES = CHECKOUT / "examples" / "chinook"
CUSTOMER = 6
"""Has seven invoices, from 2021 to 2025."""
HELD = ("FirstName", "LastName", "Address", "City", "Country")
GONE = ("Company", "Phone", "Fax", "SupportRepId")


@dataclass
class Shop:
    """Chinook with a policy and Troth's state beside it."""

    case: ChinookCase
    folder: Path
    policy: Path
    _runs: int = 0

    def troth(self, *words: str, code: int | None = 0) -> str:
        env = os.environ | {
            "CHINOOK_URL": self.case.url, "TROTH_STATE": str(self.folder / "state"), "TROTH_POLICY": str(self.policy),
        }  # fmt: skip
        self._runs += 1
        ran = forked.run(list(words), self.folder / f"run-{self._runs}", self.folder, env, KNOWN)
        if code is not None:
            assert ran.code == code, f"{words}\n{ran.said}"
        return ran.out

    def json(self, *words: str, code: int | None = 0) -> Any:
        return json.loads(self.troth(*words, "--format", "json", code=code))

    def sql(self, text: str) -> list[tuple[Any, ...]]:
        """Rows of a query written with Chinook's canonical names in braces."""
        quote = {"postgresql": '"', "mariadb": "`", "sqlite": '"'}[self.case.kind]
        for word in ("Customer", "Invoice", "InvoiceLine", "CustomerId", "InvoiceId", "Email", *HELD, *GONE):
            text = text.replace("{" + word + "}", quote + self.case.name(word) + quote)
        return self.case.query(text)

    def customer(self, *columns: str) -> tuple[Any, ...]:
        wanted = ", ".join("{" + c + "}" for c in columns)
        return self.sql(f"SELECT {wanted} FROM {{Customer}} WHERE {{CustomerId}} = {CUSTOMER}")[0]

    def counts(self) -> tuple[int, int, int]:
        """Rows of the customer: themselves, invoices, lines."""
        own = f"WHERE {{CustomerId}} = {CUSTOMER}"
        lines = f"WHERE {{InvoiceId}} IN (SELECT {{InvoiceId}} FROM {{Invoice}} {own})"
        return tuple(  # type: ignore[return-value]
            self.sql(f"SELECT count(*) FROM {table} {where}")[0][0]
            for table, where in (("{Customer}", own), ("{Invoice}", own), ("{InvoiceLine}", lines))
        )

    def whole(self) -> list[int]:
        """Rows of everybody."""
        tables = ("{Customer}", "{Invoice}", "{InvoiceLine}")
        return [self.sql(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


@pytest.fixture
def shop(chinook: ChinookCase, tmp_path: Path) -> Shop:
    name = "troth-postgresql.yaml" if chinook.kind == "postgresql" else "troth.yaml"
    made = Shop(chinook, tmp_path, EXAMPLES / name)
    made.troth("keys", "init", "--origin", "chinook.test/troth")
    return made


@pytest.mark.timeout(240)
def test_the_invoice_is_held_for_ten_years_and_the_rest_goes_now(shop: Shop) -> None:
    before, everybody = shop.customer(*HELD), shop.whole()
    email = shop.customer("Email")[0]
    lines = shop.counts()[2]

    plan = shop.json("erase", f"email={email}", "--dry-run", "--as-of", "2025-12-31")
    assert shop.whole() == everybody
    outcome = shop.json(
        "erase", f"email={email}", "--plan", plan["digest"], "--as-of", "2025-12-31", "--residue-seconds", "30"
    )
    assert {o["status"] for o in outcome["outcomes"]} == {"done", "kept"}
    assert outcome["residue"] == []
    untils = {k["until"] for o in outcome["outcomes"] for k in o["kept"] if k["until"]}
    assert untils == {"2035-12-31"}

    assert shop.customer(*HELD) == before
    assert shop.customer(*GONE) == (None,) * len(GONE)
    assert "@erased.invalid" in shop.customer("Email")[0]
    assert shop.counts() == (1, 7, lines)
    assert shop.whole() == everybody

    again = shop.json("erase", f"customer_id={CUSTOMER}", "--yes", "--as-of", "2025-12-31")
    assert {o["status"] for o in again["outcomes"]} == {"kept"}

    shop.troth("sweep", "--yes", "--as-of", "2035-12-30")
    assert shop.counts() == (1, 7, lines)
    assert shop.whole() == everybody

    shop.troth("sweep", "--yes", "--as-of", "2036-01-31")
    assert shop.counts() == (0, 0, 0)
    assert shop.whole() == [everybody[0] - 1, everybody[1] - 7, everybody[2] - lines]

    shop.troth("bundle", "-o", "evidence.json")
    shop.troth("verify", "evidence.json")
    text = (shop.folder / "evidence.json").read_bytes()
    assert email.encode() not in text
    (shop.folder / "flipped.json").write_bytes(text[:200] + bytes([text[200] ^ 1]) + text[201:])
    shop.troth("verify", "flipped.json", code=1)


@pytest.mark.timeout(120)
def test_the_last_day_of_the_hold_still_holds(shop: Shop) -> None:
    shop.troth("erase", f"customer_id={CUSTOMER}", "--yes", "--as-of", "2025-12-31", "--residue-seconds", "0")
    counts = shop.counts()
    shop.troth("sweep", "--yes", "--as-of", "2035-12-31")
    assert shop.counts() == counts
    shop.troth("sweep", "--yes", "--as-of", "2036-01-01")
    assert shop.counts() == (0, 0, 0)


@pytest.mark.timeout(120)
def test_access_hands_over_what_there_is(shop: Shop) -> None:
    shop.troth("access", f"customer_id={CUSTOMER}", "-o", "package")
    data = json.loads((shop.folder / "package" / "data.json").read_text())
    rows = {name: len(found) for name, found in data["stores"]["shop"].items()}
    expected = [n for n in shop.counts() if n]
    assert sorted(n for n in rows.values() if n) == sorted(expected)
    assert (shop.folder / "package" / "index.html").exists()


@pytest.mark.timeout(120)
def test_a_correction_reaches_the_row_and_not_the_ledger(shop: Shop) -> None:
    field = f"{shop.case.name('Customer')}.{shop.case.name('City')}"
    out = shop.json("rectify", f"customer_id={CUSTOMER}", f"{field}=Zwischenstadt", "--yes")
    assert [o["rows"] for o in out["outcomes"]] == [1]
    assert shop.customer("City") == ("Zwischenstadt",)
    shop.troth("bundle", "-o", "evidence.json")
    assert b"Zwischenstadt" not in (shop.folder / "evidence.json").read_bytes()
