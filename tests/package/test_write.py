"""A whole package: everything the person may have, nothing of anybody else, and flat memory."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from effort import usually
from package.scene import ANA, AT, FOREIGN, POLICY, find, make, plan, session
from troth.connectors.sql.connector import SqlConnector
from troth.core.errors import StoreBusy, StoreUnreachable, TrothError
from troth.core.rights.access import LeftOut, Reading, plan_access
from troth.core.rights.identity import Decisions
from troth.core.rights.session import Session, open_session
from troth.package.folder_or_zip import Destination
from troth.package.write import Order, Written, write_package


def test_the_rows_are_in_data_json_and_in_the_csv(tmp_path: Path) -> None:
    made = make(tmp_path / "out")
    shop = made.data["stores"]["shop"]
    assert shop["customers"] == [{
        "name": "Ana", "email": "ana@example.org", "phone": "+33 6 01", "score": 7, "visits": 3,
        "settings.city": "Lyon", "settings.tags.*": ["tea", "books"], "id": 1, "seen": "2026-01-02T03:04:05",
        "status": "active", "frozen": False,
    }]  # fmt: skip
    assert made.rows("shop.orders.csv") == [
        ["total", "note", "placed", "customer_id", "id"], ["12.5", "'=1+1", "2026-05-01", "1", "11"],
    ]  # fmt: skip
    assert [row["wish"] for row in shop["shares"]] == ["a lamp"]


def test_nothing_of_anybody_else_and_nothing_withheld_is_in_any_file(tmp_path: Path) -> None:
    everything = make(tmp_path / "out").everything
    assert [value for value in FOREIGN if value in everything] == []
    assert "shoe_size" in everything  # its name is told, its value is not
    assert '"shoe_size":38' not in everything


def test_with_a_humans_decision_shared_rows_are_in_it(tmp_path: Path) -> None:
    made = make(tmp_path / "out", decisions=Decisions(shared=True))
    assert [row["wish"] for row in made.data["stores"]["shop"]["shares"]] == ["a lamp", "x-together"]


def test_data_json_tells_what_it_is(tmp_path: Path) -> None:
    data = make(tmp_path / "out").data
    assert list(data) == ["format", "subject", "generated_at", "policy", "stores", "information"]
    assert data["format"] == "troth-access/1"
    assert data["subject"] == {"email": ["ana@example.org"]}
    assert data["generated_at"] == AT.isoformat()
    assert data["policy"]["version"] == "2026-11-22"
    assert len(data["policy"]["digest"]) == 64


def test_every_collection_read_is_described_with_its_csv(tmp_path: Path) -> None:
    made = make(tmp_path / "out")
    told = {c["collection"]: c for c in made.data["information"]["collections"]}
    assert {name: (c["rows"], c["csv"]) for name, c in told.items()} == {
        "customers": (1, "shop.customers.csv"), "orders": (1, "shop.orders.csv"), "shares": (1, "shop.shares.csv"),
    }  # fmt: skip
    assert all((tmp_path / "out" / c["csv"]).is_file() for c in told.values())
    column = told["customers"]["columns"][0]
    assert column == {
        "name": "name", "role": "field", "type": "text", "label": {"en": "name", "fr": "nom"}, "category": "Name",
        "iri": "https://w3id.org/dpv/pd#Name", "origin": "given",
        "purposes": [{"name": "news", "basis": "consent"}, {"name": "orders", "basis": "contract"}],
    }  # fmt: skip


def test_what_was_left_out_is_told_with_its_reason(tmp_path: Path) -> None:
    told = make(tmp_path / "out").data["information"]["left_out"]
    by_reason = {entry["reason"]: entry for entry in told}
    assert by_reason["secret"]["what"] == ["password"]
    assert by_reason["shared"]["rows"] == 1
    assert by_reason["shared"]["because"]["fr"].startswith("concerne aussi")
    assert set(by_reason) == {
        "secret", "not_exported", "undescribed", "undescribed_within", "shared", "no_fields",
    }  # fmt: skip


def test_a_collection_without_rows_still_has_its_header(tmp_path: Path) -> None:
    made = make(tmp_path / "out", changed={"orders": []})
    assert made.data["stores"]["shop"]["orders"] == []
    assert len(made.rows("shop.orders.csv")) == 1


def test_all_files_are_private(tmp_path: Path) -> None:
    make(tmp_path / "out", changed={"orders": [{"id": 1, "note": b"\x00" * 100}]})
    modes = {(p.is_dir(), p.stat().st_mode & 0o777) for p in (tmp_path / "out").rglob("*")}
    assert modes == {(True, 0o700), (False, 0o600)}


def test_large_and_binary_values_are_files(tmp_path: Path) -> None:
    photo = b"\x89PNG\r\n\x1a\n" + bytes(200)
    made = make(tmp_path / "out", changed={"orders": [{"id": 1, "note": photo}, {"id": 2, "note": "é" * 100_000}]})
    first, second = (row["note"] for row in made.data["stores"]["shop"]["orders"])
    assert first == {
        "file": "files/shop.orders/000001-note.png", "bytes": 208, "sha256": hashlib.sha256(photo).hexdigest(),
    }  # fmt: skip
    assert (tmp_path / "out" / first["file"]).read_bytes() == photo
    assert (tmp_path / "out" / second["file"]).read_text("utf-8") == "é" * 100_000
    assert made.rows("shop.orders.csv")[1][1] == first["file"]
    assert made.written is not None
    assert made.written.files == 2


def test_a_zip_holds_the_same(tmp_path: Path) -> None:
    folder = make(tmp_path / "out")
    make(tmp_path / "out.zip")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {n: archive.read(n) for n in archive.namelist()} == {
            p.name: p.read_bytes() for p in folder.path.iterdir()
        }


def test_it_is_recorded_when_complete_and_before_it_is_in_place(tmp_path: Path) -> None:
    opened = session()
    seen: list[tuple[bool, dict[tuple[str, str], int]]] = []

    def before(written: Written) -> None:
        seen.append(((tmp_path / "out").exists(), dict(written.counts)))

    order = Order(opened.policy, plan(opened), lambda r: iter(()), [], AT)
    write_package(order, Destination(tmp_path / "out"), before)
    assert [existed for existed, _ in seen] == [False]
    assert set(seen[0][1]) == {("shop", "customers"), ("shop", "orders"), ("shop", "shares")}


def test_without_a_record_there_is_no_package(tmp_path: Path) -> None:
    opened = session()

    def before(written: Written) -> None:
        raise TrothError("the ledger is busy")

    order = Order(opened.policy, plan(opened), lambda r: iter(()), [], AT)
    with pytest.raises(TrothError, match="ledger is busy"):
        write_package(order, Destination(tmp_path / "out"), before)
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_goes_away_in_the_middle_is_told(tmp_path: Path) -> None:
    gone = StoreUnreachable("the server went away", store="shop")
    made = make(tmp_path / "out", changed={"orders": [{"id": 1, "note": "first"}, gone]})
    assert made.written is not None
    assert not made.written.complete
    assert made.data["stores"]["shop"]["orders"][0]["note"] == "first"
    assert LeftOut("shop", "orders", "interrupted") in made.written.left_out
    assert LeftOut("shop", "shares", "unreachable") in made.written.left_out
    assert "not everything" in made.page
    assert "n’est pas tout" in made.page


def test_a_collection_that_cannot_be_read_does_not_keep_the_others_out(tmp_path: Path) -> None:
    made = make(tmp_path / "out", changed={"orders": [StoreBusy("too slow", store="shop")]})
    assert made.written is not None
    assert made.written.counts["shop", "shares"] == 1
    assert [o for o in made.written.left_out if o.reason == "unreachable"] == []


# --- portability ----------------------------------------------------------------------------------


def test_a_portable_package_has_data_and_metadata_but_no_page(tmp_path: Path) -> None:
    made = make(tmp_path / "out", right="portability")
    assert {p.name for p in made.path.iterdir()} == {
        "data.json", "metadata.json", "shop.customers.csv", "shop.orders.csv", "shop.shares.csv",
    }  # fmt: skip
    assert list(made.data) == ["format", "subject", "generated_at", "policy", "stores", "left_out"]
    assert made.data["format"] == "troth-portable/1"
    assert "score" not in made.data["stores"]["shop"]["customers"][0]
    assert [value for value in FOREIGN if value in made.everything] == []


def test_the_metadata_tell_what_each_column_is(tmp_path: Path) -> None:
    told = json.loads(make(tmp_path / "out", right="portability").text("metadata.json"))
    columns = {c["name"]: c for c in told["collections"][0]["columns"]}
    assert columns["visits"]["origin"] == "observed"
    assert columns["visits"]["iri"] == "https://w3id.org/dpv/pd#ServiceConsumptionBehaviour"
    assert columns["id"]["role"] == "key"
    assert told["csv"]["rules"] == "RFC 4180"
    assert "inferred" in {entry["reason"] for entry in told["left_out"]}


# --- memory ---------------------------------------------------------------------------------------


def big_store(path: Path, rows: int) -> Session:
    """Ana and very many orders, on SQLite."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, phone TEXT, password TEXT,"
            " memo TEXT, score INTEGER, visits INTEGER, settings TEXT, seen DATETIME, status TEXT, frozen BOOLEAN)"
        )
        connection.execute("INSERT INTO customers (id, email) VALUES (1, ?)", [ANA["email"]])
        connection.execute(
            "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),"
            " total NUMERIC, note TEXT, placed DATE)"
        )
        connection.executemany(
            "INSERT INTO orders VALUES (?, 1, 12.5, ?, '2026-05-01')", ((i, f"note {i} " * 5) for i in range(rows))
        )
        for table, columns in (
            ("shares", "first_id INTEGER, second_id INTEGER, wish TEXT"), ("threads", "customer_id INTEGER"),
            ("employees", "full_name TEXT, work_email TEXT"),
        ):  # fmt: skip
            connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, {columns})")
    opened = session(text=POLICY)
    return open_session(opened.policy, opened.as_of, lambda store: SqlConnector(store, f"sqlite:///{path}"))


def peak(folder: Path, rows: int) -> int:
    """The most memory that Python held while a package of so many rows was written, in bytes."""
    with big_store(folder / f"{rows}.sqlite", rows) as opened:
        planned = plan_access(opened, find(opened), Decisions())

        def read(reading: Reading) -> Iterator[Mapping[str, Any]]:
            connector = opened.stores["shop"].connector
            return connector.read(reading.collection.name, reading.where, [c.name for c in reading.columns])

        order = Order(opened.policy, planned, read, [], AT)
        tracemalloc.start()
        try:
            written = write_package(order, Destination(folder / f"{rows}.zip"), lambda written: None)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert written.counts["shop", "orders"] == rows
        return most


@pytest.mark.slow
def test_memory_is_flat_however_many_rows_there_are(tmp_path: Path) -> None:
    peak(tmp_path, 1_000)  # what is loaded once is loaded now
    small, large = usually((5_000, 50_000), (20_000, 200_000))
    few, many = peak(tmp_path, small), peak(tmp_path, large)
    assert many <= 1.3 * few, f"{few:,} bytes for {small:,} rows, {many:,} for {large:,}"
