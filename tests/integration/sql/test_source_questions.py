"""What a source answers about single columns: kinds, inclusion, bounds, numbers of rows."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

import pytest

from databases import EngineCase, sqlite_case
from inspecting import database_on
from servers import PostgresServer
from sourcing import codes, looking, numbers, tables_of
from troth.connectors.sql import questions
from troth.core.discover.model import Inclusion

DAYS = (date(2019, 3, 4), date(2024, 5, 6))


# --- kinds --------------------------------------------------------------------------------------------------


def kinds(case: EngineCase, *values: str, most: int = 50) -> list[str]:
    quoted = ", ".join(f"('{v}')" for v in values)
    case.execute_script(f"CREATE TABLE thing (kind varchar(80)); INSERT INTO thing VALUES {quoted}, (NULL), ('')")
    with looking(case.url) as source:
        found, troubles = source.values_of(tables_of(source)["thing"], "kind", most)
    assert list(troubles) == []
    return list(found)


def test_the_kinds_a_column_names_are_told(engine_case: EngineCase) -> None:
    found = kinds(engine_case, "post", "page", "post", "App/Order", "en attente", "wc-order_refund")
    assert found == ["App/Order", "en attente", "page", "post", "wc-order_refund"]


@pytest.mark.parametrize(
    "value",
    ["ana@example.org", "+33 6 12 34 56 78", "06 12 34 56 78", "FR7630006000011234567890189", "192.0.2.7",
     "$2b$12$R9h7cIPz0gi.URNNX3kh2OPST9", "3f2504e0-4f89-41d3-9a0c-0305e82c3301", "12 rue des Lilas, 75001 Paris",
     "a sentence, with a comma"],
)  # fmt: skip
def test_one_value_that_could_be_somebody_s_keeps_them_all_back(tmp_path: Path, value: str) -> None:
    assert kinds(sqlite_case(tmp_path), "post", value) == []


def test_a_list_of_names_is_no_list_of_kinds(tmp_path: Path) -> None:
    assert kinds(sqlite_case(tmp_path), "Marie", "Pierre", "Sophie", "Thomas") == []


def test_too_many_kinds_are_none(engine_case: EngineCase) -> None:
    assert kinds(engine_case, "a", "b", "c", most=2) == []


def test_kinds_of_a_large_table_come_from_a_sample(engine_case: EngineCase, monkeypatch: pytest.MonkeyPatch) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE thing (id integer PRIMARY KEY, kind varchar(20));
        INSERT INTO thing SELECT i, CASE WHEN i = 1234 THEN 'rare' WHEN i % 2 = 0 THEN 'post' ELSE 'page' END
        FROM {numbers(engine_case, 9_000)}
    """)
    if engine_case.kind == "postgresql":
        engine_case.execute_script("ANALYZE")
    monkeypatch.setattr(questions, "SCANNED", 1_000)
    with looking(engine_case.url, rows=10) as source:
        found, troubles = source.values_of(tables_of(source)["thing"], "kind")
    assert set(found) - {"rare"} == {"page", "post"}
    assert list(troubles) == []


# --- inclusion ----------------------------------------------------------------------------------------------


def included(
    case: EngineCase, child: str, parent: str, *, column: str = "v", where: tuple[str, str] | None = None
) -> Inclusion:
    with looking(case.url) as source:
        tables = tables_of(source)
        found, troubles = source.inclusion(tables[child], column, tables[parent], "v", where)
    assert list(troubles) == []
    return found


def columns(case: EngineCase, child: str, parent: str, values: str, others: str) -> None:
    case.execute_script(f"CREATE TABLE child (v {child}); INSERT INTO child VALUES {values}")
    case.execute_script(f"CREATE TABLE parent (v {parent} PRIMARY KEY); INSERT INTO parent VALUES {others}")


def test_how_many_values_stand_in_another_column_is_counted(engine_case: EngineCase) -> None:
    columns(engine_case, "int", "int", "(1), (1), (2), (9), (NULL), (0)", "(0), (1), (2), (3)")
    # Nought and NULL mean "none" and are not asked.
    assert included(engine_case, "child", "parent") == Inclusion(3, 2)


def test_numbers_and_texts_are_compared_as_the_other_column_writes_them(engine_case: EngineCase) -> None:
    columns(engine_case, "varchar(20)", "int", "('1'), ('2'), ('007'), ('word'), ('3 ')", "(1), (2), (3), (7), (0)")
    # MariaDB itself would take '007' for 7 and 'word' for 0.
    assert included(engine_case, "child", "parent") == Inclusion(5, 2)
    # To MariaDB's collations a space at the end is nothing.
    assert included(engine_case, "parent", "child") == Inclusion(4, 3 if engine_case.kind == "mariadb" else 2)


def test_values_that_the_other_column_cannot_hold_are_not_found(engine_case: EngineCase) -> None:
    columns(engine_case, "varchar(40)", "int", "('99999999999999999999'), ('-1'), ('1e0'), ('é'), ('1')", "(1)")
    assert included(engine_case, "child", "parent") == Inclusion(5, 1)


def test_uuids_are_found_among_texts(postgres_server: PostgresServer) -> None:
    known = [str(uuid.UUID(int=i)) for i in range(1, 4)]
    with database_on(postgres_server) as case:
        values = ", ".join(f"('{k}')" for k in known)
        columns(case, "text", "uuid", f"{values}, ('no uuid')", values)
        assert included(case, "child", "parent") == Inclusion(4, 3)
        assert included(case, "parent", "child") == Inclusion(3, 3)


def test_a_filter_keeps_to_one_kind_of_row(engine_case: EngineCase) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE child (v int, kind varchar(20));
        INSERT INTO child SELECT i, CASE WHEN i % 500 = 0 THEN 'page' ELSE 'post' END FROM {numbers(engine_case, 9_000)};
        CREATE TABLE parent (v int PRIMARY KEY);
        INSERT INTO parent SELECT i * 500 FROM {numbers(engine_case, 100)}
    """)
    assert included(engine_case, "child", "parent", where=("kind", "page")) == Inclusion(18, 18)
    assert included(engine_case, "child", "parent", where=("kind", "nosuch")) == Inclusion(0, 0)
    posts = included(engine_case, "child", "parent", where=("kind", "post"))
    assert posts.asked >= 250
    assert posts.found == 0


def test_the_lookup_uses_the_index_of_the_other_column(postgres_server: PostgresServer) -> None:
    script = """
        CREATE TABLE parent (v bigint PRIMARY KEY); INSERT INTO parent SELECT generate_series(1, 200000);
        CREATE TABLE child (v text); INSERT INTO child SELECT generate_series(1, 5000)::text; ANALYZE
    """
    with database_on(postgres_server, script) as case:
        assert included(case, "child", "parent").found >= 290
        [(scans, read)] = case.query(
            "SELECT seq_scan, seq_tup_read FROM pg_stat_user_tables, pg_sleep(1.2) WHERE relname = 'parent'"
        )
    # The catalogue and ANALYZE do not count here; one sequential scan would read 200,000 rows.
    assert (scans, read) == (0, 0) or read < 200_000


def test_a_large_table_without_an_index_is_not_read_from_end_to_end(
    engine_case: EngineCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE parent (id integer PRIMARY KEY, v int, at date);
        INSERT INTO parent (id, v, at) SELECT i, i, '2024-01-01' FROM {numbers(engine_case, 3_000)};
        CREATE TABLE child (v int); INSERT INTO child VALUES (1)
    """)
    if engine_case.kind == "postgresql":
        engine_case.execute_script("ANALYZE")
    monkeypatch.setattr(questions, "SCANNED", 1_000)
    with looking(engine_case.url) as source:
        tables = tables_of(source)
        found, troubles = source.inclusion(tables["child"], "v", tables["parent"], "v")
        assert (found, codes(troubles)) == (Inclusion(0, 0), {"no_index"})
        *_, troubles = source.bounds(tables["parent"], "at")
        assert codes(troubles) == {"no_index"}


def test_rows_that_match_rarely_are_not_searched_for_in_a_large_table(
    engine_case: EngineCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE child (id integer PRIMARY KEY, v int, kind varchar(20));
        INSERT INTO child SELECT i, CASE WHEN i = 2500 THEN 7 END, 'page' FROM {numbers(engine_case, 5_000)};
        CREATE TABLE parent (v int PRIMARY KEY); INSERT INTO parent VALUES (7)
    """)
    if engine_case.kind == "postgresql":
        engine_case.execute_script("ANALYZE")
    assert included(engine_case, "child", "parent", where=("kind", "page")) == Inclusion(1, 1)
    monkeypatch.setattr(questions, "SCANNED", 1_000)
    monkeypatch.setattr(questions, "_DRAWN", 1)
    with looking(engine_case.url, rows=100) as source:
        tables = tables_of(source)
        ask = lambda: source.inclusion(tables["child"], "v", tables["parent"], "v", ("kind", "page"))  # noqa: E731
        found = [(one, list(troubles)) for one, troubles in (ask() for _ in range(6))]
    # What is drawn is drawn by chance, and may be the one row: whoever searched would find it each time.
    assert (Inclusion(0, 0), []) in found
    engine_case.execute_script("CREATE INDEX by_v ON child (v)")
    assert included(engine_case, "child", "parent", where=("kind", "page")) == Inclusion(1, 1)


def test_a_column_that_is_not_there_is_a_trouble(engine_case: EngineCase) -> None:
    columns(engine_case, "int", "int", "(1)", "(1)")
    with looking(engine_case.url) as source:
        tables = tables_of(source)
        for asked in (
            source.inclusion(tables["child"], "nosuch", tables["parent"], "v"),
            source.inclusion(tables["child"], "v", tables["parent"], "nosuch"),
            source.values_of(tables["child"], "nosuch"),
            source.keyed_profiles(tables["child"], "v", "nosuch"),
            source.bounds(tables["child"], "nosuch"),
        ):
            assert codes(asked[-1]) == {"no_right"}


# --- bounds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [True, False])
def test_a_clock_s_earliest_and_latest_day_leave_out_what_is_no_day(engine_case: EngineCase, index: bool) -> None:
    engine_case.execute_script(
        "CREATE TABLE seen (d date, m datetime)".replace(
            "datetime", "timestamp" if engine_case.kind == "postgresql" else "datetime"
        )
    )
    if index:
        engine_case.execute_script("CREATE INDEX by_d ON seen (d); CREATE INDEX by_m ON seen (m)")
    engine_case.execute_script(
        "INSERT INTO seen VALUES ('2019-03-04', '2019-03-04 23:59:59'), ('2024-05-06', '2024-05-06 00:00:00'), (NULL, NULL)"
    )
    rubbish = {
        "sqlite": "INSERT INTO seen VALUES ('', 'word'), (x'ff', 0), ('0000-00-00', '99999-01-01')",
        "postgresql": "INSERT INTO seen VALUES ('-infinity', 'infinity'), ('infinity', '-infinity'), ('0001-01-01', '12000-01-01')",
        "mariadb": "SET sql_mode = ''; INSERT INTO seen VALUES ('0000-00-00', '0000-00-00'), ('2024-00-00', '2018-02-31')",
    }[engine_case.kind]
    engine_case.execute_script(rubbish)
    with looking(engine_case.url) as source:
        seen = tables_of(source)["seen"]
        assert source.bounds(seen, "d") == (*DAYS, ())
        assert source.bounds(seen, "m") == (*DAYS, ())


@pytest.mark.parametrize("index", [True, False])
def test_clocks_of_seconds_milliseconds_and_text_are_read(engine_case: EngineCase, index: bool) -> None:
    engine_case.execute_script("CREATE TABLE seen (s bigint, ms bigint, t varchar(30), iso varchar(30))")
    if index:
        engine_case.execute_script("CREATE INDEX by_s ON seen (s); CREATE INDEX by_ms ON seen (ms)")
    engine_case.execute_script("""
        INSERT INTO seen VALUES (1551657600, 1551657600000, '04/03/2019', '2019-03-04'),
            (1714953600, 1714953600000, '06/05/2024', '2024-05-06 10:00:00'), (0, 0, '', 'never'), (-5, 5, 'x', '')
    """)
    with looking(engine_case.url) as source:
        seen = tables_of(source)["seen"]
        assert source.bounds(seen, "s", "epoch_s") == (*DAYS, ())
        assert source.bounds(seen, "ms", "epoch_ms") == (*DAYS, ())
        assert source.bounds(seen, "t", "text", "%d/%m/%Y") == (*DAYS, ())
        assert source.bounds(seen, "iso", "datetime") == (*DAYS, ())


def test_what_is_no_clock_has_no_bounds(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE seen (n int, t varchar(9), d date)")
    with looking(engine_case.url) as source:
        seen = tables_of(source)["seen"]
        assert codes(source.bounds(seen, "n")[2]) == {"unreadable"}
        assert source.bounds(seen, "t", "text", "%Q")[:2] == (None, None)
        assert source.bounds(seen, "d") == (None, None, ())


# --- numbers of rows ----------------------------------------------------------------------------------------


def test_small_tables_are_counted_and_large_ones_estimated(
    engine_case: EngineCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine_case.execute_script(f"""
        CREATE TABLE thing (id integer PRIMARY KEY); INSERT INTO thing SELECT i FROM {numbers(engine_case, 5_000)};
        CREATE VIEW seen AS SELECT * FROM thing
    """)
    with looking(engine_case.url) as source:
        tables = tables_of(source)
        assert source.rows(tables["thing"]) == (5_000, True, ())
        assert source.rows(tables["seen"]) == (5_000, True, ())
        monkeypatch.setattr(questions, "COUNTED", 100)
        number, exact, _ = source.rows(tables["thing"])
        assert not exact
        # Never analysed, PostgreSQL has no estimate.
        assert number is None or 2_500 <= number <= 7_500
