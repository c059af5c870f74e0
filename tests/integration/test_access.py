"""`troth access` and `troth export-portable` on real databases, from the command line to the package."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest

from databases import EngineCase
from integration.world import TODAY, Ran, World
from package.scene import AT
from troth.connectors.sql.connector import SqlConnector
from troth.core.policy.loader import load
from troth.core.rights.access import Reading, plan_access
from troth.core.rights.identity import Decisions, Search, Subject
from troth.core.rights.session import open_session
from troth.package.folder_or_zip import Destination
from troth.package.write import Order, write_package

ANA = "email=ana@example.org"
OTHERS = ("ben@example.org", "Ben Finch", "family@example.org", "Wren", "Finch Lane", "finches", "Dora", "herons")


def access(world: World, *words: str, out: str = "out", verb: str = "access", **options: Any) -> Ran:
    return world.troth(verb, *TODAY, "--format", "json", "-o", str(world.folder / out), *words, **options)


def data(world: World, out: str = "out") -> Any:
    return json.loads((world.folder / out / "data.json").read_text("utf-8"))


def everything(folder: Path) -> str:
    return "\n".join(p.read_text("utf-8", "replace") for p in sorted(folder.rglob("*")) if p.is_file())


def given_events(world: World) -> list[Any]:
    return [body for kind, body in world.events() if kind.endswith(".given")]


def test_everything_of_the_person_is_handed_over_and_nothing_of_others(world: World) -> None:
    before = world.raw()
    ran = access(world, ANA)
    assert ran.code == 0, ran.said
    stores = data(world)["stores"]
    assert [row["name"] for row in stores["shop"]["customers"]] == ["Ana Canary"]
    assert [row["street"] for row in stores["shop"]["addresses"]] == ["1 Canary Street", "2 Canary Street"]
    assert [row["topics"] for row in stores["mailing"]["subscribers"]] == ["canaries", "seeds"]
    assert [row["page"] for row in stores["mailing"]["clicks"]] == ["/canaries", "/seeds"]
    text = everything(world.folder / "out")
    assert [other for other in OTHERS if other in text] == []
    assert world.raw() == before


def test_decimals_and_dates_keep_every_digit(world: World) -> None:
    access(world, ANA)
    totals = [row["total"] for row in data(world)["stores"]["shop"]["orders"]]
    assert totals == ([120.5, 80] if world.kind == "sqlite" else ["120.50", "80.00"])
    with (world.folder / "out" / "shop.orders.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["placed"] for row in rows] == ["2024-03-05", "2013-06-01"]


def test_it_is_recorded_without_anybodys_data(file_world: World) -> None:
    access(file_world, ANA)
    (body,) = given_events(file_world)
    assert body["right"] == "access"
    assert body["form"] == "folder"
    assert ["shop", "addresses", 2] in body["collections"]
    assert "ana" not in json.dumps(body).casefold()
    file_world.evidence_holds()


def test_it_says_what_it_wrote_in_numbers(file_world: World) -> None:
    told = access(file_world, ANA, out="out.zip").json
    assert told["found"] is told["complete"] is True
    assert told["package"] == str(file_world.folder / "out.zip")
    assert {"store": "mailing", "collection": "clicks", "rows": 2} in told["collections"]
    with zipfile.ZipFile(told["package"]) as archive:
        assert {"data.json", "index.html", "mailing.clicks.csv"} <= set(archive.namelist())


def test_it_speaks_to_people_too(file_world: World) -> None:
    ran = file_world.troth("access", *TODAY, "-o", "out", "--lang", "fr", ANA)
    assert ran.code == 0, ran.said
    assert "● shop.addresses: 2 lignes" in ran.out
    assert "Ana" not in ran.said


def test_who_shares_an_address_is_not_handed_over_silently(file_world: World) -> None:
    ran = access(file_world, "email=family@example.org")
    assert ran.code == 1
    assert not (file_world.folder / "out").exists()
    assert {(e["collection"], e["reason"], e["rows"]) for e in ran.json["left_out"]} == {
        ("customers", "shared", 2), ("subscribers", "shared", 1),
    }  # fmt: skip
    assert access(file_world, "email=family@example.org", "--confirm-shared").code == 0
    assert len(data(file_world)["stores"]["shop"]["customers"]) == 2


def test_a_person_who_does_not_exist_is_answered_and_recorded(file_world: World) -> None:
    ran = access(file_world, "email=nobody@example.org")
    assert ran.code == 0, ran.said
    assert ran.json["found"] is False
    assert ran.json["package"] is None
    assert not (file_world.folder / "out").exists()
    assert given_events(file_world)[0]["form"] == "none"


def test_one_store_down_gives_what_there_is_and_says_what_is_missing(file_world: World) -> None:
    ran = access(file_world, ANA, env={"MAILING_URL": f"sqlite:///{file_world.folder}/gone.sqlite"})
    assert ran.code == 1
    assert ran.json["complete"] is False
    assert ("mailing", "unreachable") in {(e["store"], e["reason"]) for e in ran.json["left_out"]}
    told = data(file_world)
    assert list(told["stores"]) == ["shop"]
    assert "unreachable" in {e["reason"] for e in told["information"]["left_out"]}
    assert "could not be reached" in (file_world.folder / "out" / "index.html").read_text("utf-8")


def test_a_taken_destination_is_refused_before_anything_is_read_or_recorded(file_world: World) -> None:
    assert access(file_world, ANA).code == 0
    ran = access(file_world, ANA)
    assert ran.code == 2
    assert "--force" in ran.err
    assert len(given_events(file_world)) == 1
    assert access(file_world, ANA, "--force").code == 0


def test_a_portable_export_leaves_the_rest_out(world: World) -> None:
    world.edit("topics: Interest", "topics: {is: Interest, given: inferred}")
    world.edit("note: Purchase", "note: {is: Purchase, for: prospecting}")
    ran = access(world, ANA, verb="export-portable")
    assert ran.code == 0, ran.said
    stores = data(world)["stores"]
    assert set(stores["mailing"]["subscribers"][0]) == {"email", "id"}
    assert set(stores["shop"]["orders"][0]) == {"billing_name", "total", "note", "customer_id", "id"}
    assert ("subscribers", "inferred", ("topics",)) in {
        (e["collection"], e["reason"], tuple(e["what"])) for e in ran.json["left_out"]
    }
    assert (world.folder / "out" / "metadata.json").is_file()
    assert given_events(world)[0]["right"] == "portability"


def kill(name: str) -> Any:
    """A hook that kills the process when it gets to that function of the package."""

    def hook() -> None:
        from troth.package.folder_or_zip import Destination

        setattr(Destination, name, lambda *words: os.kill(os.getpid(), signal.SIGKILL))

    return hook


@pytest.mark.parametrize(("name", "recorded"), [("seal", 0), ("publish", 1)])
def test_a_crash_leaves_no_package_and_the_next_run_clears_up(file_world: World, name: str, recorded: int) -> None:
    ran = access(file_world, ANA, hook=kill(name))
    assert ran.signal == signal.SIGKILL
    assert not (file_world.folder / "out").exists()
    assert len(given_events(file_world)) == recorded
    assert access(file_world, ANA).code == 0
    assert not list(file_world.folder.glob(".out.*"))
    assert len(given_events(file_world)) == recorded + 1
    file_world.evidence_holds()


# --- every kind of value --------------------------------------------------------------------------

TYPES = {
    "sqlite": (
        "a NUMERIC, b TEXT, c BLOB, d DATETIME, e BLOB, f INTEGER, g TEXT",
        "9.75, 'é' || char(0) || '=1', x'00ff', '0000-00-00 00:00:00', zeroblob(100), 9223372036854775807,"
        " '{\"n\": 1.10, \"o\": [1, null]}'",
        {
            "a": 9.75, "b": "é\x00=1", "c": {"base64": "AP8="}, "d": "0000-00-00 00:00:00", "e": 100,
            "f": "9223372036854775807", "g": '{"n": 1.10, "o": [1, null]}',
        },
    ),
    "postgresql": (
        "a numeric(30,10), b timestamptz, c bytea, d date, e bytea, f bigint, g jsonb, h integer[], i uuid, j inet,"
        " k time, l interval, m float8, n timestamp, o text[], p boolean, q int4range",
        "12345678901234567890.5, '2026-05-01 10:00:00+02', '\\x00ff', 'infinity', decode(repeat('00', 100), 'hex'),"
        " 9223372036854775807, '{\"b\": [1, null]}', '{1,NULL,3}', '00000000-0000-0000-0000-00000000000a',"
        " '192.0.2.7', '23:59:59.5', '1 day 02:03:04', 'NaN', '-infinity', '{\"a,b\",NULL}', true, '[1,5)'",
        {
            "a": "12345678901234567890.5000000000", "c": {"base64": "AP8="}, "d": "infinity", "e": 100,
            "f": "9223372036854775807", "g": {"b": [1, None]}, "h": [1, None, 3],
            "i": "00000000-0000-0000-0000-00000000000a", "j": "192.0.2.7", "k": "23:59:59.500000",
            "l": "P1DT2H3M4S", "m": "NaN", "n": "-infinity", "o": ["a,b", None], "p": True, "q": "[1, 5)",
        },
    ),
    "mariadb": (
        "a DECIMAL(30,10), b DATETIME(6), c VARBINARY(20), d DATE, e BLOB, f BIGINT UNSIGNED, g JSON, h TIME,"
        " i YEAR, j ENUM('x','y'), k SET('u','v'), l DOUBLE, m BIT(9), n DATETIME",
        "12345678901234567890.5, '2026-05-01 10:00:00.000007', x'00ff', '0000-00-00', REPEAT(x'00', 100),"
        " 18446744073709551615, '{\"b\": [1, null]}', '-838:59:59', 2026, 'y', 'u,v', 0.1, b'100000001',"
        " '0000-00-00 00:00:00'",
        {
            "a": "12345678901234567890.5000000000", "b": "2026-05-01T10:00:00.000007", "c": {"base64": "AP8="},
            "d": "0000-00-00", "e": 100, "f": "18446744073709551615", "h": "-838:59:59", "i": 2026, "j": "y",
            "k": "u,v", "l": 0.1, "m": {"base64": "AQE="}, "n": "0000-00-00 00:00:00",
        },
    ),
}  # fmt: skip
"""Columns, the values of one row, and what data.json says of them (a number for a file: its bytes)."""

POLICY = """\
format: 1
policy: {{title: {{en: P}}, version: 2026-01-01, languages: [en], authoritative: en}}
publisher: {{name: X, country: FR, timezone: Europe/Paris, privacy_contact: {{email: privacy@shop.test}}}}
purposes:
  orders: {{title: {{en: O}}, basis: contract, people: clients, categories: [Name], keep: {{while: known}}}}
stores:
  shop:
    url: ${{SHOP_URL}}
    location: FR
    collections:
      kinds:
        subject: {{email: email}}
        for: orders
        states: {{known: {{email: {{not: null}}}}}}
        fields: {{{fields}}}
"""


def test_every_kind_of_value_is_told_without_loss(engine_case: EngineCase, tmp_path: Path) -> None:
    columns, values, expected = TYPES[engine_case.kind]
    mode = "SET SESSION sql_mode='';\n" if engine_case.kind == "mariadb" else ""
    engine_case.execute_script(
        f"{mode}CREATE TABLE kinds (email VARCHAR(80) PRIMARY KEY, {columns});\n"
        f"INSERT INTO kinds VALUES ('ana@example.org', {values});\n"
    )
    names = [column.split()[0] for column in columns.split(", ") if not column.startswith("'")]
    text = POLICY.format(fields=", ".join(f"{name}: Name" for name in names))
    policy = load(text.encode(), name="troth.yaml", read=lambda n: b"", env={"SHOP_URL": engine_case.url})
    with open_session(policy, AT.date(), lambda store: SqlConnector(store, engine_case.url)) as opened:
        assert opened.unreachable == {}
        identity = Search(policy, opened.stores, Decisions()).run(Subject((("email", "ana@example.org"),)))
        plan = plan_access(opened, identity, Decisions())

        def read(reading: Reading) -> Any:
            return opened.stores["shop"].connector.read("kinds", reading.where, [c.name for c in reading.columns])

        write_package(Order(policy, plan, read, [], AT), Destination(tmp_path / "out"), lambda written: None)
    (row,) = json.loads((tmp_path / "out" / "data.json").read_text("utf-8"))["stores"]["shop"]["kinds"]
    for name, value in expected.items():  # type: ignore[attr-defined]
        told = row[name]["bytes"] if isinstance(value, int) and isinstance(row[name], dict) else row[name]
        assert (name, told) == (name, value)
    table = (tmp_path / "out" / "shop.kinds.csv").read_text("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(table, newline="")))) == 2
