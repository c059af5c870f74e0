"""Pitfalls E and F: statements that are fast here and a thousand times slower there; walking a table."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest
import sqlalchemy

from databases import EngineCase
from integration.sql.making import between, connector, erase, only, table
from troth.core.policy.model import Condition
from troth.core.ports import Batch, Change, Want
from troth.core.query import And, Everything, Hop, Identified, KeyIn, KeySpan, Related, Where

SERIES = {
    "sqlite": "WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {n}) SELECT {what} FROM s",
    "postgresql": "SELECT {what} FROM generate_series(1, {n}) AS s (i)",
    "mariadb": "SELECT {what} FROM (SELECT seq AS i FROM seq_1_to_{n}) AS s",
}


def filled(case: EngineCase, name: str, n: int, what: str) -> str:
    return f"INSERT INTO {name} {SERIES[case.kind].format(n=n, what=what)};\n"


def joined(case: EngineCase, before: str, after: str = "") -> str:
    """A text around the number of the row."""
    return f"'{before}' || i || '{after}'" if case.kind == "sqlite" else f"CONCAT('{before}', i, '{after}')"


def shop(case: EngineCase, people: int = 2_000) -> str:
    return (
        "CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60));"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER NOT NULL);"
        "CREATE TABLE d (id INTEGER PRIMARY KEY, c_id INTEGER NOT NULL);"
        "CREATE INDEX ti ON t (email); CREATE INDEX ci ON c (t_id); CREATE INDEX di ON d (c_id);"
        + filled(case, "t", people, f"i, {joined(case, 'p', '@example.org')}")
        + filled(case, "c", people * 5, f"i, 1 + i % {people}")
        + filled(case, "d", people * 10, f"i, 1 + i % {people * 5}")
        + {"sqlite": "", "postgresql": "ANALYZE;", "mariadb": "ANALYZE TABLE t, c, d;"}[case.kind]
    )  # fmt: skip


@pytest.fixture
def statements() -> list[str]:
    return []


def listen(made: Any, statements: list[str]) -> None:
    @sqlalchemy.event.listens_for(made._engine, "before_cursor_execute")
    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        statements.append(statement)


def test_e_a_person_is_erased_without_reading_a_table_as_a_whole(
    engine_case: EngineCase, statements: list[str]
) -> None:
    person = Identified("email", "email", "p77@example.org")
    to_t, to_c = Hop("c", "t", (("t_id", "id"),)), Hop("d", "c", (("c_id", "id"),))
    wheres = {"d": Related((to_c, to_t), person), "c": Related((to_t,), person), "t": person}
    with connector(
        engine_case, table("t", email="email"), table("c"), table("d"), script=shop(engine_case, 4_000)
    ) as made:
        wants = [Want(name, where) for name, where in wheres.items()]
        assert made.explain(wants) == []
        counts = made.count(wants)
        listen(made, statements)
        changes = tuple(
            Change(i, name, "delete", where, expected=count)
            for i, ((name, where), count) in enumerate(zip(wheres.items(), counts, strict=True))
        )
        assert dict(made.execute(Batch("request", changes)).rows) == {0: 10, 1: 5, 2: 1}
    deletes = [s for s in statements if s.startswith("DELETE")]
    # By key, so that no engine has to understand a subquery in a DELETE.
    assert len(deletes) == 3
    assert not any("SELECT" in s or "EXISTS" in s for s in deletes)


@pytest.mark.parametrize("n", [41, 70_000])
def test_e_long_lists_of_keys_pass_the_limits_of_drivers(engine_case: EngineCase, n: int) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, code VARCHAR(20));"
    script += filled(engine_case, "t", 300, f"i, {joined(engine_case, 'k')}")
    with connector(engine_case, table("t"), script=script) as made:
        numbers, words = tuple((i,) for i in range(n)), tuple((f"k{i}",) for i in range(n))
        assert made.count([Want("t", KeyIn(("id",), numbers))])[0].rows == min(n - 1, 300)
        assert made.count([Want("t", KeyIn(("code",), words))])[0].rows == min(n - 1, 300)


@pytest.mark.parametrize("n", [3, 60, 3_000])
def test_e_composite_keys_in_any_number(engine_case: EngineCase, n: int) -> None:
    script = "CREATE TABLE t (a INTEGER, b VARCHAR(20), PRIMARY KEY (a, b));"
    script += filled(engine_case, "t", 3000, f"i, {joined(engine_case, 'k')}")
    keys = (*((i, f"k{i}") for i in range(1, n + 1)), (1, "k2"), (2, None), ("x", "k1"))
    with connector(engine_case, table("t"), script=script) as made:
        assert made.count([Want("t", KeyIn(("a", "b"), keys))])[0].rows == n
        assert made.execute(erase(made, "t", KeyIn(("b", "a"), tuple((b, a) for a, b in keys)))).rows[1] == n
        assert made.count([Want("t", Everything())])[0].rows == 3000 - n


def test_e_keys_of_other_kinds_come_back_as_they_went(engine_case: EngineCase) -> None:
    kinds = {
        "sqlite": [("BLOB", "x'00ff'", "x'01'"), ("TEXT", "'é'", "''"), ("REAL", "1.5", "2"), ("", "'x'", "7")],
        "postgresql": [("bytea", "'\\x00ff'", "'\\x01'"), ("varchar(10)", "'é'", "''"), ("numeric(8,2)", "1.5", "2"),
                       ("uuid", "'8c5a9c4e-2f0e-4b57-9d7a-1d2f3a4b5c6d'", "gen_random_uuid()"),
                       ("timestamptz", "'2020-01-01 10:00:00.123+02'", "'infinity'"),
                       ("date", "'2020-01-01'", "'-infinity'"),
                       ("char(5)", "'ab'", "'b'"), ("boolean", "true", "false")],
        "mariadb": [("BINARY(2)", "0x00ff", "0x0101"), ("VARCHAR(10)", "'é'", "''"), ("DECIMAL(8,2)", "1.5", "2"),
                    ("DATETIME(6)", "'2020-01-01 10:00:00.123'", "'2021-01-01'"),
                    ("DATE", "'2020-01-01'", "'2021-01-01'"),
                    ("BIGINT UNSIGNED", "18446744073709551615", "0"), ("ENUM('a','b')", "'a'", "'b'")],
    }[engine_case.kind]  # fmt: skip
    for i, (kind, first, second) in enumerate(kinds):
        script = f"CREATE TABLE t{i} (k {kind} PRIMARY KEY, s VARCHAR(9));"
        script += f"INSERT INTO t{i} VALUES ({first}, 's'), ({second}, 's');"
        with connector(engine_case, table(f"t{i}", "s"), script=script) as made:
            keys = list(made.keys(f"t{i}", Everything()))
            assert len(keys) == 2
            for key in keys:
                assert list(made.keys(f"t{i}", KeyIn(("k",), (key,)))) == [key], kind
            assert made.execute(erase(made, f"t{i}", KeyIn(("k",), tuple(keys)))).rows == {1: 2}, kind


def test_e_a_key_is_never_rounded_or_cut_to_fit_its_column(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, n NUMERIC(8, 2), s VARCHAR(3));"
    script += "INSERT INTO t VALUES (1, 1.01, 'abc');"
    with connector(engine_case, table("t"), script=script) as made:
        for many in (0, 60):
            others = tuple((str(i + 100),) for i in range(many))
            assert list(made.keys("t", KeyIn(("n",), (("1.005",), ("1.014",), *others)))) == []
            assert list(made.keys("t", KeyIn(("n",), (("1.01",), *others)))) == [(1,)]
            assert list(made.keys("t", KeyIn(("s",), (("abcd",), *others)))) == []


@only("mariadb")
def test_e_a_link_between_unlike_collations_works(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60)) COLLATE utf8mb4_general_ci;
    CREATE TABLE c (id INTEGER PRIMARY KEY, email VARCHAR(60)) CHARACTER SET latin1;
    CREATE TABLE d (id INTEGER PRIMARY KEY, email VARCHAR(60)) COLLATE utf8mb4_unicode_ci;
    INSERT INTO t VALUES (1, 'zoé@example.org'), (2, 'ben@example.org');
    INSERT INTO c VALUES (1, 'zoé@example.org'), (2, 'zoe@example.org');
    INSERT INTO d VALUES (1, 'zoé@example.org'), (2, 'ZOÉ@example.org');"""
    with connector(engine_case, table("t"), table("c"), table("d"), script=script) as made:
        for name in ("c", "d"):
            hop = Hop(name, "t", (("email", "email"),))
            where = Related((hop,), Where(Condition("id", "lt", (2,))))
            assert list(made.keys(name, where)) == [(1,)]


def test_a_text_that_refers_to_a_number_is_never_read_as_one(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (0), (1), (12);
    CREATE TABLE c (id INTEGER PRIMARY KEY, ref VARCHAR(20));
    INSERT INTO c VALUES (1, '1'), (2, '01'), (3, 'abc'), (4, '12abc'), (5, '1.0'), (6, ''), (7, ' 12'), (8, '12');"""
    with connector(engine_case, table("t"), table("c"), script=script) as made:
        hop = Hop("c", "t", (("ref", "id"),))
        assert list(made.keys("c", Related((hop,), Everything()))) == [(1,), (8,)]
        back = Hop("t", "c", (("id", "ref"),))
        assert list(made.keys("t", Related((back,), Everything()))) == [(1,), (12,)]


def test_reserved_and_odd_names_are_only_names(engine_case: EngineCase) -> None:
    script = """CREATE TABLE "Order" ("Select" INTEGER PRIMARY KEY, "from ""x"" %s :p" VARCHAR(20));
    INSERT INTO "Order" VALUES (1, 'a'), (2, 'b');"""
    if engine_case.kind == "mariadb":
        script = script.replace('""', "'").replace('"', "`")
    odd = "from 'x' %s :p" if engine_case.kind == "mariadb" else 'from "x" %s :p'
    with connector(engine_case, table("o", odd, table="Order"), script=script) as made:
        assert list(made.keys("o", KeyIn((odd,), (("a",),)))) == [(1,)]
        [row] = made.read("o", KeySpan("Select", 2, None), [odd])
        assert row == {odd: "b"}
        assert made.execute(erase(made, "o", Where(Condition(odd, "in", ("b",))))).rows == {1: 1}


# --- F -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["dense", "sparse", "words", "pairs"])
def test_f_spans_cover_every_row_once_whatever_the_key(engine_case: EngineCase, name: str) -> None:
    word = f"i, {joined(engine_case, 'k')}"
    script = {
        "dense": "CREATE TABLE dense (id INTEGER PRIMARY KEY, s VARCHAR(9));"
        + filled(engine_case, "dense", 1000, word),
        "sparse": "CREATE TABLE sparse (id BIGINT PRIMARY KEY, s VARCHAR(9));"
        + filled(engine_case, "sparse", 1000, word.replace("i,", "i * 1000003,", 1)),
        "words": "CREATE TABLE words (id VARCHAR(20) PRIMARY KEY, s VARCHAR(9));"
        + filled(engine_case, "words", 1000, word.removeprefix("i, ") + ", 's'"),
        "pairs": "CREATE TABLE pairs (a INTEGER, b INTEGER, PRIMARY KEY (a, b));"
        + filled(engine_case, "pairs", 1000, "i / 300, i"),
    }[name]  # fmt: skip
    with connector(engine_case, table(name), script=script) as made:
        spans = list(made.spans(name, Everything(), 150))
        counts = [c.rows for c in made.count([Want(name, span.where) for span in spans])]
        assert sum(counts) == 1000
        # Of a composite key whole values of the first column are walked, 300 rows each here.
        assert max(counts) <= (600 if name == "pairs" else 151)
        assert len(spans) >= 3
        rest = list(made.spans(name, Everything(), 150, after=spans[1].resume))
        assert sum(c.rows for c in made.count([Want(name, s.where) for s in rest])) == 1000 - sum(counts[:2])


def test_f_a_sweep_by_spans_deletes_what_is_due_and_a_second_one_nothing(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, at INTEGER);" + filled(engine_case, "t", 5000, "i, i % 6")
    due = Where(Condition("at", "lt", (5,)))
    with connector(engine_case, table("t"), script=script) as made:
        for expected in (4167, 0):
            swept = 0
            for span in made.spans("t", due, 700):
                change = Change(1, "t", "delete", And((span.where, due)), limit=700)
                swept += made.execute(Batch("sweep", (change,))).rows[1]
            assert swept == expected


@only("postgresql", "mariadb")
def test_f_a_row_that_became_active_between_plan_and_batch_is_spared(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, at INTEGER);" + filled(engine_case, "t", 10, "i, 1")
    where = And((KeySpan("id", 0, 100), Where(Condition("at", "lt", (5,)))))
    with connector(engine_case, table("t"), script=script) as made:
        awake = lambda: engine_case.execute_script("UPDATE t SET at = 9 WHERE id = 3")  # noqa: E731
        with between(made, "DELETE", awake):
            assert made.execute(Batch("sweep", (Change(1, "t", "delete", where, limit=10),))).rows == {1: 9}
    assert engine_case.query("SELECT id FROM t") == [(3,)]


@only("mariadb")
def test_f_a_sweep_that_finds_nothing_blocks_nobody(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, at INTEGER);" + filled(engine_case, "t", 1000, "i, 9")
    other = sqlalchemy.create_engine(engine_case.url)
    with connector(engine_case, table("t"), script=script) as made, other.connect() as holder:
        holder.exec_driver_sql("SET SESSION innodb_lock_wait_timeout = 1")

        def write() -> str:
            holder.exec_driver_sql("INSERT INTO t VALUES (2000, 9)")
            holder.commit()
            return "written"

        where = And((KeySpan("id", 0, 5000), Where(Condition("at", "lt", (5,)))))
        with between(made, "SELECT count(*)", write) as told:
            made.execute(Batch("sweep", (Change(1, "t", "delete", where),)))
        assert told == ["written"]
    other.dispose()


def test_reading_many_rows_needs_no_more_memory_than_reading_few(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, s VARCHAR(60));"
    long = (
        "CONCAT('a rather long text number ', i)"
        if engine_case.kind != "sqlite"
        else "'a rather long text number ' || i"
    )
    script += filled(engine_case, "t", 60_000, f"i, {long}")
    with connector(engine_case, table("t"), script=script) as made:
        list(made.read("t", KeySpan("id", 1, 1000), ["id", "s"]))
        tracemalloc.start()
        rows = sum(1 for _ in made.read("t", Everything(), ["id", "s"]))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert rows == 60_000
    # All rows at once take about 15 MB.
    assert peak < 4_000_000


def test_a_reader_that_stops_early_leaves_the_connector_usable(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, s INTEGER);" + filled(engine_case, "t", 20_000, "i, i")
    with connector(engine_case, table("t"), script=script) as made:
        for _ in range(6):
            reader = made.keys("t", Everything())
            assert next(reader) == (1,)
            reader.close()  # type: ignore[attr-defined]
        assert made.execute(erase(made, "t", KeyIn(("id",), ((1,),)))).rows == {1: 1}
