"""What a source tells of values: numbers from a sample that is small, spread out, and cannot be made to fail."""

from __future__ import annotations

import logging
import sqlite3
import uuid
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from databases import EngineCase, sqlite_case
from inspecting import database_on
from servers import MariaDBServer, PostgresServer
from sourcing import SCHEMAS, TOKEN, codes, looking, numbers, people, profiles_of, tables_of
from troth.connectors.sql.selecting import LONGEST_BYTES, LONGEST_TEXT, elements
from troth.connectors.sql.source import SqlSource
from troth.core.discover.model import Budget, Profile, Table, Trouble
from troth.core.ports import Family


@dataclass
class Keeper:
    """A profiler that keeps what it is given, for tests to look at."""

    kept: list[Any] = field(default_factory=list)

    def add(self, value: Any) -> None:
        self.kept.append(value)

    def add_all(self, values: Iterable[Any]) -> None:
        self.kept.extend(values)

    def profile(self) -> Profile:
        return Profile(len(self.kept))


def values(url: str, table: str, **budget: Any) -> tuple[dict[str, list[Any]], list[Trouble]]:
    """The values that the profilers of a table's columns are given."""
    keepers: list[Keeper] = []

    def new(family: Family) -> Keeper:
        keepers.append(Keeper())
        return keepers[-1]

    source = SqlSource("main", url, Budget(**budget), new)
    try:
        found: Table = tables_of(source)[table]
        profiles, troubles = source.profiles(found)
        return dict(zip(profiles, (k.kept for k in keepers), strict=True)), list(troubles)
    finally:
        source.close()


@pytest.fixture
def rich(engine_case: EngineCase) -> EngineCase:
    """The schema with everything in it, and 3,000 people."""
    engine_case.execute_script(SCHEMAS[engine_case.kind])
    people(engine_case, 3000)
    return engine_case


def test_every_column_of_every_table_is_profiled(rich: EngineCase) -> None:
    with looking(rich.url, statement_seconds=1) as source:
        for table in source.catalogue().tables:
            profiles, troubles = source.profiles(table)
            if table.name in ("broken", "sleepy"):
                assert troubles, table.name
            else:
                assert list(profiles) == [c.name for c in table.columns]
                assert list(troubles) == []


def test_profiles_tell_what_values_look_like(rich: EngineCase) -> None:
    profiles, troubles = profiles_of(rich.url, "customer")
    assert troubles == []
    assert 900 <= profiles["email"].sampled <= 1000
    assert profiles["email"].share("email") == 1
    assert profiles["sponsor"].nulls == profiles["sponsor"].sampled
    assert profiles["made"].clock == "datetime"
    assert profiles["kind"].distinct == 2


def test_no_value_is_in_anything_that_comes_out(rich: EngineCase, caplog: pytest.LogCaptureFixture) -> None:
    for name in ("", "sqlalchemy", "sqlalchemy.engine", "sqlalchemy.pool", "psycopg"):
        caplog.set_level(logging.DEBUG, logger=name)
    told: list[object] = []
    with looking(rich.url, statement_seconds=1) as source:
        catalogue = source.catalogue()
        tables = {t.qualified: t for t in catalogue.tables}
        told.append(catalogue)
        for table in tables.values():
            told.append(source.profiles(table))
            told.append(source.rows(table))
            for column in table.columns:
                told += [source.values_of(table, column.name), source.bounds(table, column.name)]
                told.append(source.inclusion(table, column.name, tables["customer"], "email"))
        told.append(source.keyed_profiles(tables["customer"], "email", "Full Name"))
        told.append([repr(source), repr(vars(source)), repr(vars(source._looking))])  # type: ignore[attr-defined]
    assert TOKEN not in repr(told)
    assert TOKEN not in caplog.text


def test_a_sample_is_never_larger_than_the_budget(rich: EngineCase) -> None:
    for rows in (1, 10, 100):
        found, troubles = values(rich.url, "customer", rows=rows)
        assert troubles == []
        assert 1 <= len(found["id"]) <= rows
        assert len(set(found["id"])) == len(found["id"])


def test_a_sample_is_spread_over_the_table_and_has_the_newest_rows(engine_case: EngineCase) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE log (id integer PRIMARY KEY, pad varchar(200));
        INSERT INTO log SELECT i, '{"x" * 200}' FROM {numbers(engine_case, 40_000)}
    """)
    if engine_case.kind != "sqlite":
        engine_case.execute_script("ANALYZE log" if engine_case.kind == "postgresql" else "ANALYZE TABLE log")
    found, troubles = values(engine_case.url, "log", rows=500)
    assert troubles == []
    ids = found["id"]
    assert 300 <= len(ids) <= 500
    assert max(ids) == 40_000
    # PostgreSQL draws its pages at random.
    assert len({i // 4_001 for i in ids}) >= 7


def test_a_key_with_great_gaps_still_gives_a_sample(engine_case: EngineCase) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE log (id bigint PRIMARY KEY, what int);
        INSERT INTO log SELECT i, 1 FROM {numbers(engine_case, 3_000)};
        INSERT INTO log VALUES (4000000000000, 1)
    """)
    found, troubles = values(engine_case.url, "log", rows=500)
    assert troubles == []
    assert len(found["id"]) >= 250


def test_a_key_of_words_or_no_key_gives_a_sample(engine_case: EngineCase) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE worded (word varchar(20) PRIMARY KEY);
        CREATE TABLE bare (word varchar(20));
        INSERT INTO worded SELECT CAST(i AS char(10)) FROM {numbers(engine_case, 2_000)};
        INSERT INTO bare SELECT CAST(i AS char(10)) FROM {numbers(engine_case, 2_000)}
    """)
    for table in ("worded", "bare"):
        found, troubles = values(engine_case.url, table, rows=100)
        assert troubles == []
        assert 90 <= len(found["word"]) <= 100


def test_rows_that_share_the_first_part_of_a_key_are_not_all_the_sample(engine_case: EngineCase) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE seat (hall int, nr int, PRIMARY KEY (hall, nr));
        INSERT INTO seat SELECT i % 4, i FROM {numbers(engine_case, 4_000)}
    """)
    found, _ = values(engine_case.url, "seat", rows=200)
    assert set(found["hall"]) == {0, 1, 2, 3}


def test_large_values_are_cut_before_they_travel(engine_case: EngineCase) -> None:
    blob = {"sqlite": "blob", "postgresql": "bytea", "mariadb": "longblob"}[engine_case.kind]
    text = "longtext" if engine_case.kind == "mariadb" else "text"
    long, bytes_ = {
        "sqlite": ("replace(hex(zeroblob(2500000)), '0', 'x')", "zeroblob(5000000)"),
        "postgresql": ("repeat('x', 5000000)", "decode(repeat('00', 5000000), 'hex')"),
        "mariadb": ("repeat('x', 5000000)", "repeat(x'00', 5000000)"),
    }[engine_case.kind]
    engine_case.execute_script(
        f"CREATE TABLE big (id int PRIMARY KEY, t {text}, b {blob}); INSERT INTO big VALUES (1, {long}, {bytes_})"
    )
    found, troubles = values(engine_case.url, "big")
    assert troubles == []
    assert [len(v) for v in found["t"]] == [LONGEST_TEXT]
    assert [len(v) for v in found["b"]] == [LONGEST_BYTES]


def test_a_wide_table_stays_within_memory(engine_case: EngineCase) -> None:
    columns = ", ".join(f"c{i} text" for i in range(200))
    engine_case.execute_script(f"CREATE TABLE wide (id int PRIMARY KEY, {columns})")
    engine_case.execute_script(f"INSERT INTO wide (id, c0) VALUES (1, '{'x' * 5000}')")
    found, _ = values(engine_case.url, "wide")
    assert [len(v) for v in found["c0"]] == [300]
    assert len(found) == 201


def test_a_table_of_a_thousand_columns_is_sampled_as_well(engine_case: EngineCase) -> None:
    columns = ", ".join(f"c{i} int" for i in range(1000))
    engine_case.execute_script(f"""
        CREATE TABLE wide (id integer PRIMARY KEY, {columns});
        INSERT INTO wide (id, c5) SELECT i, i FROM {numbers(engine_case, 2_000)}
    """)
    found, troubles = values(engine_case.url, "wide", rows=100, statement_seconds=60.0)
    assert troubles == []
    assert len(found) == 1001
    assert 50 <= len(found["c5"]) <= 100
    assert max(found["c5"]) > 1000


# --- rubbish ------------------------------------------------------------------------------------------------


def test_sqlite_may_hold_anything_in_any_column(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    case.execute_script("CREATE TABLE odd (n integer, t text, d datetime, b blob, x, j json)")
    rubbish = [1, 2**62, "word", b"\xff\xfe", 1e308, float("inf"), None, "", "\x00nul", "9999-99-99", "\U0010ffff"]
    with closing(sqlite3.connect(case.database)) as connection:
        for value in rubbish:
            connection.execute("INSERT INTO odd VALUES (?, ?, ?, ?, ?, ?)", [value] * 6)
        connection.execute(
            "INSERT INTO odd (t, d, x) VALUES (CAST(x'c328ff' AS text), CAST(x'80' AS text), CAST(x'80' AS text))"
        )
        connection.commit()
    profiles, troubles = profiles_of(case.url, "odd")
    assert troubles == []
    assert {p.sampled for p in profiles.values()} == {len(rubbish) + 1}
    found, _ = values(case.url, "odd")
    assert b"\xc3\x28\xff" in found["t"]


def test_postgresql_moments_and_numbers_beyond_python_are_read(postgres_server: PostgresServer) -> None:
    script = """
        CREATE TYPE place AS (street text, town text);
        CREATE TABLE odd (d date, m timestamp, z timestamptz, f float8, n numeric, w time, wz timetz, i interval,
            c money, a text[], aa int[][], p place, j jsonb, u uuid, ip inet, r int4range, x xml, g point, b bit(3),
            o oid, ch char(5), bs bytea, h tsvector);
        INSERT INTO odd (d, m, z, f, n, w, wz, i) VALUES
            ('infinity', '-infinity', 'infinity', 'NaN', 'NaN', '24:00', '24:00+02', '10000 years'),
            ('4713-01-01 BC', '12000-01-01', '294000-01-01', '-Infinity', 1e130000, '00:00', '00:00', '-1 mon');
        INSERT INTO odd (c, a, aa, p, j, u, ip, r, x, g, b, o, ch, bs, h) VALUES ('12.5', '{a,"b \\"c",NULL,"x,y"}',
            '{{1,2},{3,4}}', ROW('a', 'b'), '{"a": 1}', '00000000-0000-0000-0000-000000000001', '10.0.0.1/8', '[1,3)',
            '<a/>', '(1,2)', B'101', 7, 'ab', '\\xff00', 'a fat cat');
    """
    with database_on(postgres_server, script) as case:
        profiles, troubles = profiles_of(case.url, "odd")
        found, _ = values(case.url, "odd")
    assert troubles == []
    assert len(profiles) == 23
    assert {p.sampled for p in profiles.values()} == {3}
    assert {str(v) for v in found["d"]} == {"infinity", "4713-01-01 BC", "None"}
    assert ["a", 'b "c', None, "x,y"] in found["a"]
    assert ["1", "2", "3", "4"] in found["aa"]
    assert uuid.UUID(int=1) in found["u"]
    assert b"\xff\x00" in found["bs"]


def test_texts_without_an_encoding_are_read_as_texts_or_bytes(postgres_server: PostgresServer) -> None:
    name = "without_encoding"
    postgres_server.admin_execute(
        f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'"
    )
    try:
        postgres_server.admin_execute(
            "CREATE TABLE odd (t text, v varchar(9)); "
            "INSERT INTO odd SELECT v, v FROM (VALUES (E'\\xe9ff'), (E'\\xc3\\xa9'), ('ok')) n(v)",
            name,
        )
        profiles, troubles = profiles_of(postgres_server.url(name), "odd")
        found, _ = values(postgres_server.url(name), "odd")
    finally:
        postgres_server.drop_database(name)
    assert troubles == []
    assert profiles["t"].sampled == 3
    assert set(found["t"]) == set(found["v"]) == {b"\xe9ff", "é", "ok"}


def test_mariadb_zero_dates_and_odd_types_are_read(mariadb_server: MariaDBServer) -> None:
    script = """
        SET sql_mode = '';
        CREATE TABLE odd (d date, m datetime, s timestamp NULL, y year, w time, f double, n decimal(65, 30), t text,
            l text CHARACTER SET latin1, u varchar(9) CHARACTER SET ucs2, b binary(16), ip varbinary(16), g point,
            st set('a', 'b'), e enum('x', ''), bits bit(9), j json, uid uuid, i6 inet6);
        INSERT INTO odd VALUES ('0000-00-00', '0000-00-00 00:00:00', 0, 0, '-838:59:59', 1e308, 1, 'é', 'é', 'é',
            x'ff', x'7f000001', point(1, 2), 'a,b', '', b'101', '{}', uuid(), '::1');
        INSERT INTO odd (d, m) VALUES ('2024-00-00', '2024-02-31'), ('0001-01-01', '9999-12-31 23:59:59');
        SET sql_mode = 'ALLOW_INVALID_DATES'; INSERT INTO odd (d) VALUES ('2024-02-31');
    """
    with database_on(mariadb_server, script) as case:
        profiles, troubles = profiles_of(case.url, "odd")
        found, _ = values(case.url, "odd")
    assert troubles == []
    assert len(profiles) == 19
    assert {p.sampled for p in profiles.values()} == {4}
    assert "0000-00-00" in {str(v) for v in found["d"]}
    assert "é" in found["l"]
    assert "é" in found["u"]
    assert b"\x7f\x00\x00\x01" in found["ip"]


def test_reserved_and_hostile_names_are_only_names(engine_case: EngineCase) -> None:
    open_, close = ("`", "`") if engine_case.kind == "mariadb" else ('"', '"')
    names = ["select", "a b", "per%cent", "col:on", "dot.ted", "semi;colon", "q'uote", "MiXed", "ünï", "x(y)"]
    columns = ", ".join(f"{open_}{n}{close} varchar(9)" for n in names)
    for name in names:
        engine_case.execute_script(f"CREATE TABLE {open_}t {name}{close} ({columns})")
        place = f"{open_}t {name}{close}"
        engine_case.execute_script(f"INSERT INTO {place} ({open_}select{close}) VALUES ('x')")
    with looking(engine_case.url) as source:
        tables = tables_of(source)
        assert len(tables) == len(names)
        for table in tables.values():
            profiles, troubles = source.profiles(table)
            assert list(troubles) == []
            assert list(profiles) == names
            assert source.rows(table) == (1, True, ())


def test_a_column_called_rowid_does_not_mislead(tmp_path: Path) -> None:
    case = sqlite_case(tmp_path)
    case.execute_script(f"""
        CREATE TABLE odd (rowid text, _rowid_ text, n int);
        CREATE TABLE odder (rowid text, oid text, _rowid_ text, n int);
        INSERT INTO odd SELECT 'a', 'b', i FROM {numbers(case, 5000)};
        INSERT INTO odder SELECT 'a', 'b', 'c', i FROM {numbers(case, 5000)};
    """)
    for table in ("odd", "odder"):
        found, troubles = values(case.url, table)
        assert troubles == []
        assert len(found["rowid"]) >= 500
        assert set(found["rowid"]) == {"a"}
        # Where every name of the row's number is taken, there is no way to the newest rows.
        assert (max(found["n"]) == 5000) == (table == "odd")


def test_one_column_that_fails_does_not_hide_the_others(postgres_server: PostgresServer) -> None:
    script = """
        CREATE TABLE person (id int, born date); INSERT INTO person SELECT i, '2000-01-01' FROM generate_series(1, 50) n(i);
        CREATE VIEW half AS SELECT id, born, 1 / (id - 20) AS wrong FROM person;
    """
    with database_on(postgres_server, script) as case:
        profiles, troubles = profiles_of(case.url, "half")
    assert [(t.code, t.column) for t in troubles] == [("view_fails", "wrong")]
    assert {n: p.sampled for n, p in profiles.items()} == {"id": 50, "born": 50}


def test_a_profiler_that_stumbles_over_a_value_is_one_trouble(rich: EngineCase) -> None:
    class Stumbling(Keeper):
        def add_all(self, values: Iterable[Any]) -> None:
            raise ValueError(f"cannot read {next(iter(values))!r}")

    source = SqlSource("main", rich.url, Budget(), lambda family: Stumbling() if family == "datetime" else Keeper())
    try:
        profiles, troubles = source.profiles(tables_of(source)["customer"])
    finally:
        source.close()
    assert codes(troubles) == {"unreadable"}
    assert "made" not in profiles
    assert "2024" not in repr(troubles)


# --- key/value rows -----------------------------------------------------------------------------------------


def test_values_are_profiled_under_each_key(engine_case: EngineCase) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE meta (id integer PRIMARY KEY, k varchar(40), v varchar(200));
        INSERT INTO meta SELECT i, 'mail', 'p@example.org' FROM {numbers(engine_case, 2_000)};
        INSERT INTO meta SELECT i + 2000, 'rank', '7' FROM {numbers(engine_case, 1_000)};
        INSERT INTO meta SELECT i + 3000, NULL, 'x' FROM {numbers(engine_case, 10)}
    """)
    with looking(engine_case.url) as source:
        found, troubles = source.keyed_profiles(tables_of(source)["meta"], "k", "v")
        few, _ = source.keyed_profiles(tables_of(source)["meta"], "k", "v", keys=1)
    assert list(troubles) == []
    assert set(found) == {"mail", "rank"}
    assert found["mail"].share("email") == 1
    assert found["rank"].share("email") == 0
    assert set(few) == {"mail"}


def test_keys_that_could_be_somebody_s_are_not_told(engine_case: EngineCase) -> None:
    engine_case.execute_script("""
        CREATE TABLE meta (id integer PRIMARY KEY, k varchar(40), v varchar(200));
        INSERT INTO meta VALUES (1, 'ana@example.org', 'x'), (2, '+33 6 12 34 56 78', 'x'), (3, 'city', 'x'),
            (4, '1985-03-12-4711', 'x'), (5, '_billing_phone', 'x'), (6, 'App\\\\Model\\\\User', 'x')
    """)
    with looking(engine_case.url) as source:
        found, _ = source.keyed_profiles(tables_of(source)["meta"], "k", "v")
    assert {k for k in found if "Model" not in k} == {"city", "_billing_phone"}


def test_arrays_read_as_text_are_taken_apart() -> None:
    assert elements("{}") == []
    assert elements('{a,"b c",NULL,"NULL",""}') == ["a", "b c", None, "NULL", ""]
    assert elements('{"a\\"b","c\\\\d"}') == ['a"b', "c\\d"]
    assert elements("[0:1]={x,y}") == ["x", "y"]
    # The last word of a text that was cut is no element.
    assert elements("{whole,hal") == ["whole"]


def test_a_binary_column_tells_addresses_from_pictures(engine_case: EngineCase) -> None:
    kind = {"sqlite": "blob", "postgresql": "bytea", "mariadb": "varbinary(3000)"}[engine_case.kind]
    engine_case.execute_script(f"CREATE TABLE hit (id int PRIMARY KEY, ip {kind})")
    with looking(engine_case.url) as source:
        found, troubles = source.profiles(tables_of(source)["hit"])
    assert found["ip"].sampled == 0
    assert list(troubles) == []
