"""Pitfalls A3 to A8, C and D of writing on real databases, each on the engines that have it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from databases import EngineCase
from integration.sql.making import between, connector, erase, only, store, table, update
from troth.connectors.sql.connector import SqlConnector
from troth.core.errors import StoreBusy, StoreChanged, StoreRefused
from troth.core.policy.model import Condition
from troth.core.ports import Assignment, Batch, Change, Want
from troth.core.query import And, Everything, Hop, Identified, KeyIn, KeySpan, Not, NotClear, Related, Where
from troth.core.retries import with_retries
from troth.core.tombstone import is_tombstone

PERSON = """
CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(100), name VARCHAR(100));
INSERT INTO t VALUES (1, 'ana@example.org', 'Ana'), (2, 'ben@example.org', 'Ben');
"""
ONE = KeyIn(("id",), ((1,),))
NULLED = Assignment("name", "null")


def people(case: EngineCase, columns: str = "id, email, name") -> list[tuple[object, ...]]:
    return case.query(f"SELECT {columns} FROM t ORDER BY id")


@only("mariadb")
def test_a3_a_column_that_updates_itself_keeps_its_value(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(50),
        seen TIMESTAMP NOT NULL DEFAULT current_timestamp ON UPDATE current_timestamp);
    INSERT INTO t VALUES (1, 'Ana', '2020-01-01 00:00:00');"""
    with connector(engine_case, table("t", "name"), script=script) as made:
        assert made.inspect().tables["t"].columns["seen"].updates_itself
        where = And((ONE, NotClear(("name",))))
        made.execute(update(made, "t", where, NULLED, Assignment("seen", "keep")))
    assert [str(row[1]) for row in people(engine_case, "name, seen")] == ["2020-01-01 00:00:00"]


@only("postgresql", "mariadb")
def test_a4_a_row_added_meanwhile_by_somebody_else_is_noticed_before_the_commit(engine_case: EngineCase) -> None:
    script = """CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER); INSERT INTO c VALUES (1, 1), (2, 1);
    CREATE INDEX ci ON c (t_id);"""
    with connector(engine_case, table("c"), script=script) as made:
        batch = erase(made, "c", KeyIn(("t_id",), ((1,),)))
        with (
            between(made, "DELETE", lambda: engine_case.execute_script("INSERT INTO c VALUES (3, 1)")),
            pytest.raises(StoreChanged, match="added"),
        ):
            made.execute(batch)
    assert len(engine_case.query("SELECT id FROM c")) == 3


@only("postgresql", "mariadb")
def test_d_a_row_added_after_the_last_look_is_told_as_late(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(100));
    INSERT INTO t VALUES (1, 'ana@example.org');
    CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER); INSERT INTO c VALUES (1, 1);
    CREATE TABLE d (id INTEGER PRIMARY KEY, c_id INTEGER); INSERT INTO d VALUES (1, 1);"""
    ana = Identified("email", "email", "ana@example.org")
    to_t = Hop("c", "t", (("t_id", "id"),))
    lines = Related((Hop("d", "c", (("c_id", "id"),)), to_t), ana)
    with connector(engine_case, table("t", email="email"), table("c"), table("d"), script=script) as made:
        changes = tuple(
            Change(n, name, "delete", where, expected=made.count([Want(name, where)])[0])
            for n, name, where in ((1, "d", lines), (2, "c", Related((to_t,), ana)), (3, "t", ana))
        )
        commit = made._engine.dialect.do_commit

        def late(connection: object) -> None:
            made._engine.dialect.do_commit = commit  # type: ignore[method-assign]
            commit(connection)  # type: ignore[arg-type]
            # Their parents are gone, and no foreign key forbids it.
            engine_case.execute_script("INSERT INTO c VALUES (2, 1); INSERT INTO d VALUES (2, 1), (3, 1);")

        made._engine.dialect.do_commit = late  # type: ignore[assignment,method-assign]
        done = made.execute(Batch("request", changes))
    assert (dict(done.rows), dict(done.late)) == ({1: 1, 2: 1, 3: 1}, {1: 2, 2: 1})


@only("postgresql", "mariadb")
def test_d_no_child_can_be_added_once_the_persons_own_row_is_locked(engine_case: EngineCase) -> None:
    script = (
        PERSON
        + """CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER NOT NULL REFERENCES t (id));
    INSERT INTO c VALUES (1, 1);"""
    )
    if engine_case.kind == "mariadb":
        script = script.replace("NOT NULL REFERENCES t (id)", "NOT NULL, FOREIGN KEY (t_id) REFERENCES t (id)")
    added: list[str] = []

    def add() -> None:
        try:
            engine_case.execute_script("INSERT INTO c VALUES (2, 1)")
            added.append("added")
        except Exception:
            added.append("refused")

    other = threading.Thread(target=add)

    def meanwhile() -> bool:
        other.start()
        other.join(0.4)
        return other.is_alive()

    with connector(engine_case, table("t", "name", email="email"), table("c"), script=script) as made:
        mine = Related((Hop("c", "t", (("t_id", "id"),)),), ONE)
        first = erase(made, "c", mine).changes[0]
        second = replace(erase(made, "t", ONE).changes[0], number=2)
        with between(made, "DELETE", meanwhile) as waited:
            done = made.execute(Batch("request", (first, second), anchors=(("t", ONE),)))
        other.join(10)
    assert waited == [True]
    assert (dict(done.rows), dict(done.late), added) == ({1: 1, 2: 1}, {}, ["refused"])


@only("postgresql")
@pytest.mark.parametrize("action", ["delete", "update"])
def test_a6_a_trigger_that_withholds_rows_is_noticed(engine_case: EngineCase, action: str) -> None:
    script = (
        PERSON
        + f"""CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE TRIGGER no BEFORE {action} ON t FOR EACH ROW WHEN (OLD.id = 1) EXECUTE FUNCTION no();"""
    )
    with connector(engine_case, table("t", "name"), script=script) as made:
        where = And((KeyIn(("id",), ((1,), (2,))), NotClear(("name",))))
        batch = erase(made, "t", where) if action == "delete" else update(made, "t", where, NULLED)
        with pytest.raises(StoreRefused, match="still there"):
            made.execute(batch)
    assert people(engine_case, "name") == [("Ana",), ("Ben",)]


@only("postgresql")
def test_a6_a_rule_that_does_nothing_instead_is_noticed(engine_case: EngineCase) -> None:
    script = PERSON + "CREATE RULE no AS ON DELETE TO t DO INSTEAD NOTHING;"
    with connector(engine_case, table("t"), script=script) as made:
        with pytest.raises(StoreRefused, match="still there"):
            made.execute(erase(made, "t", ONE))
        with pytest.raises(StoreRefused, match="still there"):
            made.execute(Batch("sweep", (Change(1, "t", "delete", KeySpan("id", 0, 9)),)))
        with pytest.raises(StoreRefused, match="still there"):
            made.execute(Batch("sweep", (Change(1, "t", "delete", Everything()),)))


@only("postgresql")
def test_a6_rows_that_row_security_hides_are_an_error_and_not_nothing(engine_case: EngineCase) -> None:
    assert engine_case.server is not None
    script = (
        PERSON
        + """CREATE ROLE clerk LOGIN PASSWORD 'clerk'; GRANT ALL ON t TO clerk;
    ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (id = 2);"""
    )
    engine_case.execute_script(script)
    made = SqlConnector(store(table("t")), engine_case.server.url(engine_case.database, "clerk", "clerk"))
    try:
        with pytest.raises(StoreRefused):
            made.count([Want("t", ONE)])
        with pytest.raises(StoreRefused):
            made.execute(Batch("request", (Change(1, "t", "delete", ONE),)))
    finally:
        made.close()
        engine_case.execute_script("DROP TABLE t; DROP ROLE clerk;")


def test_a7_a_lookup_finds_the_person_and_nobody_like_them(engine_case: EngineCase) -> None:
    rows = ["Ana@Example.org", "ÁNA@example.org", "ana@example.org.test", "s@example.org", "ß@example.org",
            "%@example.org", "0", "ana@example.org2"]  # fmt: skip
    values = ", ".join(f"({i}, '{row}')" for i, row in enumerate(rows, 1))
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(60)); INSERT INTO t VALUES {values};"
    with connector(engine_case, table("t", "email", email="email"), script=script) as made:
        for wanted, found in (
            ("ana@example.org", [1]), ("ANA@EXAMPLE.ORG", [1]), ("  ana@example.org ", [1]), ("ána@example.org", [2]),
            ("s@example.org", [4]), ("ß@example.org", [5]), ("%@example.org", [6]),
            ("_na@example.org", []), ("abc", []), ("0", [7]),
        ):  # fmt: skip
            keys = [k[0] for k in made.keys("t", Identified("email", "email", wanted))]
            assert keys == found, wanted


@only("mariadb")
def test_a7_a_key_from_elsewhere_means_its_exact_bytes(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, code VARCHAR(20));
    INSERT INTO t VALUES (1, 'ana'), (2, 'ANA'), (3, 'ána'), (4, 'ana  '), (5, 'other');"""
    with connector(engine_case, table("t"), script=script) as made:
        assert [k[0] for k in made.keys("t", KeyIn(("code",), (("ana",),)))] == [1]
        many = tuple((f"x{i}",) for i in range(100))
        assert [k[0] for k in made.keys("t", KeyIn(("code",), (("ana",), ("ána",), *many)))] == [1, 3]
        assert [k[0] for k in made.keys("t", KeyIn(("code",), ((0,),)))] == []


@only("postgresql")
def test_a7_a_citext_column_is_compared_as_citext_and_decided_on_bytes(engine_case: EngineCase) -> None:
    script = """CREATE EXTENSION citext; CREATE TABLE t (id INTEGER PRIMARY KEY, email citext UNIQUE);
    INSERT INTO t VALUES (1, 'Ana@Example.org'), (2, 'ÁNA@example.org');"""
    with connector(engine_case, table("t", "email", email="email"), script=script) as made:
        assert [k[0] for k in made.keys("t", Identified("email", "email", "ana@example.ORG"))] == [1]
        assert list(made.keys("t", KeyIn(("email",), (("ana@example.org",),)))) == []
        assert list(made.keys("t", KeyIn(("email",), (("Ana@Example.org",),)))) == [(1,)]


@only("sqlite")
def test_a7_a_nocase_column_is_decided_on_bytes(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT COLLATE NOCASE);
    INSERT INTO t VALUES (1, 'Ana@Example.org'), (2, 'ben@example.org');"""
    with connector(engine_case, table("t", "email", email="email"), script=script) as made:
        assert [k[0] for k in made.keys("t", Identified("email", "email", "ana@example.ORG"))] == [1]
        assert list(made.keys("t", KeyIn(("email",), (("ana@example.org",),)))) == []


def test_a8_a_value_that_does_not_fit_is_refused_and_never_cut(engine_case: EngineCase) -> None:
    script = "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(10) NOT NULL); INSERT INTO t VALUES (1, 'Ana');"
    with connector(engine_case, table("t", "name"), script=script) as made:
        long = Assignment("name", "value", "sixteen letters.")
        batch = Batch("request", (Change(1, "t", "update", ONE, (long,)),))
        with pytest.raises(StoreRefused):
            made.execute(batch)
        if engine_case.kind != "sqlite":
            with pytest.raises(StoreRefused, match="too short"):
                made.execute(Batch("request", (Change(1, "t", "update", ONE, (Assignment("name", "tombstone"),)),)))
    assert people(engine_case, "name") == [("Ana",)]


@only("mariadb")
def test_a8_a_word_outside_an_enum_or_null_is_refused_although_the_server_is_lax(engine_case: EngineCase) -> None:
    engine_case.execute_script("SET GLOBAL sql_mode = ''")
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, size ENUM('small', 'big') NOT NULL);
    INSERT INTO t VALUES (1, 'big');"""
    with connector(engine_case, table("t"), script=script) as made:
        for bad in (Assignment("size", "value", "huge"), Assignment("size", "null"), Assignment("size", "value", "")):
            with pytest.raises(StoreRefused):
                made.execute(Batch("request", (Change(1, "t", "update", ONE, (bad,)),)))
    assert people(engine_case, "size") == [("big",)]


# --- C ---------------------------------------------------------------------------------------------------


def test_c_tombstones_are_random_differ_in_each_row_and_are_known_again(engine_case: EngineCase) -> None:
    rows = ", ".join(f"({i}, 'p{i}@example.org', 'n{i}')" for i in range(1, 1301))
    script = f"""CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(100) NOT NULL UNIQUE,
        name VARCHAR(31) NOT NULL UNIQUE); INSERT INTO t VALUES {rows};"""
    marks = (Assignment("email", "tombstone", email=True), Assignment("name", "tombstone"))
    with connector(engine_case, table("t", "email", "name"), script=script) as made:
        where = NotClear(("email", "name"))
        assert dict(made.execute(update(made, "t", where, *marks)).rows) == {1: 1300}
        assert made.count([Want("t", where)])[0].rows == 0
    written = [value for row in people(engine_case, "email, name") for value in row]
    assert all(is_tombstone(value) for value in written)
    assert len({str(value)[:31] if engine_case.kind != "mariadb" else value for value in written}) == 2600
    assert all(str(row[0]).endswith("@erased.invalid") for row in people(engine_case, "email"))


def test_c_what_only_begins_like_a_tombstone_is_not_one(engine_case: EngineCase) -> None:
    rows = ["erased-0123456789abcdef01234567", "erased-0123456789abcdef01234567-12@erased.invalid",
            "erased-0123456789abcdef01234567ana@example.org", "erased-me@example.org",
            "erased-0123456789ABCDEF01234567", "erased-0123456789abcdef01234567\n"]  # fmt: skip
    values = ", ".join(f"({i}, '{row}')" for i, row in enumerate(rows, 1))
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(100)); INSERT INTO t VALUES {values};"
    with connector(engine_case, table("t", "name"), script=script) as made:
        left = [k[0] for k in made.keys("t", NotClear(("name",)))]
    # MariaDB's collation may call capitals the same; a capital tombstone holds nothing either.
    assert left == [3, 4, 5, 6] or (engine_case.kind == "mariadb" and left == [3, 4, 6])


@only("mariadb")
def test_c_tombstones_fit_columns_too_short_for_the_rows_number_and_composite_keys(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (a INTEGER, b VARCHAR(5), name VARCHAR(60) NOT NULL UNIQUE, PRIMARY KEY (a, b));
    INSERT INTO t SELECT seq DIV 2, CONCAT('k', seq MOD 2), CONCAT('name ', seq) FROM seq_1_to_1200;"""
    with connector(engine_case, table("t", "name"), script=script) as made:
        done = made.execute(update(made, "t", NotClear(("name",)), Assignment("name", "tombstone")))
        assert dict(done.rows) == {1: 1200}
    names = [row[0] for row in engine_case.query("SELECT name FROM t")]
    assert len(set(names)) == 1200
    assert all(is_tombstone(name) for name in names)


@only("sqlite")
def test_b_a_column_that_replaces_on_conflict_does_not_delete_the_other_row(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE ON CONFLICT REPLACE);
    INSERT INTO t VALUES (1, 'Ana'), (2, 'Ben');"""
    where = And((ONE, Not(Where(Condition("name", "in", ("Ben",))))))
    with connector(engine_case, table("t", "name"), script=script) as made, pytest.raises(StoreRefused, match="unique"):
        made.execute(Batch("request", (Change(1, "t", "update", where, (Assignment("name", "value", "Ben"),)),)))
    assert people(engine_case, "id, name") == [(1, "Ana"), (2, "Ben")]


# --- D ---------------------------------------------------------------------------------------------------


def test_d_the_schema_is_compared_inside_the_transaction(engine_case: EngineCase) -> None:
    with connector(engine_case, table("t", "name", email="email"), script=PERSON) as made:
        batch = erase(made, "t", ONE, facts_digest=made.inspect().digest)
        engine_case.execute_script("ALTER TABLE t ADD COLUMN extra INTEGER")
        with pytest.raises(StoreChanged, match="schema"):
            made.execute(batch)
        assert len(people(engine_case)) == 2
        again = replace(batch, facts_digest=made.inspect().digest)
        assert dict(made.execute(again).rows) == {1: 1}


def test_d_a_change_of_schema_that_does_not_matter_does_not_stop_it(engine_case: EngineCase) -> None:
    with connector(engine_case, table("t", "name", email="email"), script=PERSON) as made:
        batch = erase(made, "t", ONE, facts_digest=made.inspect().digest)
        engine_case.execute_script("CREATE TABLE unrelated (id INTEGER PRIMARY KEY)")
        assert dict(made.execute(batch).rows) == {1: 1}


def test_d_a_lock_that_is_held_makes_it_busy_and_nothing_is_half_done(engine_case: EngineCase) -> None:
    import sqlalchemy

    script = PERSON + "CREATE TABLE c (id INTEGER PRIMARY KEY); INSERT INTO c VALUES (1), (2);"
    other = sqlalchemy.create_engine(engine_case.url)
    with connector(engine_case, table("t", "name"), table("c"), script=script) as made:
        first = erase(made, "c", Everything()).changes[0]
        second = replace(erase(made, "t", ONE).changes[0], number=2)
        with other.connect() as holder:
            if engine_case.kind == "sqlite":
                holder.exec_driver_sql("BEGIN IMMEDIATE")
            holder.exec_driver_sql("UPDATE t SET name = 'held' WHERE id = 1")
            with pytest.raises(StoreBusy):
                made.execute(Batch("request", (first, second)))
            holder.rollback()
        assert len(engine_case.query("SELECT id FROM c")) == 2
        assert dict(made.execute(Batch("request", (first, second))).rows) == {1: 2, 2: 1}
    other.dispose()


@only("postgresql", "mariadb")
def test_d_a_deadlock_ends_in_busy_and_a_retry_succeeds(engine_case: EngineCase) -> None:
    import sqlalchemy

    script = PERSON + "CREATE TABLE c (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO c VALUES (1, 1);"
    other = sqlalchemy.create_engine(engine_case.url)
    with connector(engine_case, table("t", "name"), table("c"), script=script, lock_timeout=20) as made:
        batch = Batch("r", (Change(1, "c", "delete", ONE), Change(2, "t", "delete", ONE)))
        holder = other.connect()
        holder.exec_driver_sql("UPDATE t SET name = 'held' WHERE id = 1")
        if engine_case.kind == "mariadb":
            # The victim is whoever changed less.
            holder.exec_driver_sql("INSERT INTO c SELECT seq + 10, 1 FROM seq_1_to_1000")
        crossed = threading.Thread(target=lambda: _crossing(holder))
        with between(
            made, "DELETE FROM " + ('"public"."t"' if engine_case.kind == "postgresql" else "`"), crossed.start
        ):
            naps: list[float] = []
            done = with_retries(lambda: made.execute(batch), naps.append, lambda: 0.5)
        crossed.join(20)
        holder.close()
    assert sum(done.rows.values()) <= 2
    assert people(engine_case, "id") == [(2,)]
    other.dispose()


def _crossing(holder: object) -> None:
    import contextlib

    with contextlib.suppress(Exception):
        holder.exec_driver_sql("UPDATE c SET n = 2 WHERE id = 1")  # type: ignore[attr-defined]
    holder.rollback()  # type: ignore[attr-defined]


def test_the_same_request_waits_for_itself(engine_case: EngineCase) -> None:
    """G: the lock in the store fences a predecessor that still runs."""
    with (
        connector(engine_case, table("t", "name"), script=PERSON) as made,
        connector(engine_case, table("t", "name")) as twin,
    ):
        batch = erase(made, "t", ONE)
        told: list[Exception] = []

        def second() -> None:
            try:
                twin.execute(erase(twin, "t", KeyIn(("id",), ((2,),))))
            except StoreBusy as busy:
                told.append(busy)

        with between(made, "DELETE", second):
            made.execute(batch)
        assert len(told) == 1
        assert people(engine_case, "id") == [(2,)]


def test_retries_pause_longer_each_time_and_give_up_with_the_last_error() -> None:
    naps: list[float] = []

    def busy() -> None:
        raise StoreBusy("locked")

    with pytest.raises(StoreBusy):
        with_retries(busy, naps.append, lambda: 0.5)
    assert naps == [pytest.approx(0.3), pytest.approx(0.6)]


def test_errors_of_the_database_carry_no_value(engine_case: EngineCase) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY, email VARCHAR(100) UNIQUE, name VARCHAR(100));
    INSERT INTO t VALUES (1, 'ana@example.org', 'Ana'), (2, 'ben@example.org', 'Ben');"""
    with connector(engine_case, table("t", "name"), script=script) as made, pytest.raises(StoreRefused) as caught:
        made.execute(Batch("r", (Change(1, "t", "update", ONE, (Assignment("email", "value", "ben@example.org"),)),)))
    shown = f"{caught.value} {caught.value.__cause__} {caught.value.remedy}"
    assert "example.org" not in shown
    assert caught.value.__cause__ is None
