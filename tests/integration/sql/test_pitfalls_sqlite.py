"""What only SQLite does: foreign keys that are off by default, texts left in the write-ahead log."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from databases import EngineCase
from integration.sql.making import a_field, connector, erase, only, table, update
from troth.core.errors import StoreRefused
from troth.core.policy.model import Within
from troth.core.ports import Assignment, Batch, Change
from troth.core.query import And, Everything, KeyIn, KeySpan, NotClear

ONE = KeyIn(("id",), ((1,),))


@only("sqlite")
def test_d_a_parent_with_children_is_not_deleted_although_foreign_keys_are_off_by_default(
    engine_case: EngineCase,
) -> None:
    script = """CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2);
    CREATE TABLE c (id INTEGER PRIMARY KEY, t_id INTEGER REFERENCES t (id));
    INSERT INTO c VALUES (1, 1), (2, 77);"""
    with connector(engine_case, table("t"), table("c"), script=script) as made:
        with pytest.raises(StoreRefused, match="foreign key"):
            made.execute(erase(made, "t", ONE))
        # An orphan that was there before is nobody's fault and stops nothing.
        made.execute(erase(made, "t", KeyIn(("id",), ((2,),))))
    assert engine_case.query("SELECT id FROM t") == [(1,)]


def in_files(path: Path, text: bytes) -> bool:
    beside = [path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-journal")]
    return any(text in file.read_bytes() for file in beside if file.exists())


@only("sqlite")
@pytest.mark.parametrize("mode", ["wal", "delete"])
@pytest.mark.parametrize("planned", [True, False])
def test_i_nothing_is_left_in_the_files_once_it_is_over(engine_case: EngineCase, mode: str, planned: bool) -> None:
    assert engine_case.path is not None
    rows = "".join(f"INSERT INTO t VALUES ({i}, 'ana-secret-{i}');" for i in range(1, 50))
    with closing(sqlite3.connect(engine_case.path)) as other:
        # Somebody else has it open, so that closing our connection does not tidy up by itself.
        other.execute(f"PRAGMA journal_mode = {mode}")
        other.executescript("CREATE TABLE t (id INTEGER PRIMARY KEY, s TEXT);" + rows)
        assert in_files(engine_case.path, b"ana-secret")
        with connector(engine_case, table("t", "s")) as made:
            if planned:
                made.execute(erase(made, "t", Everything()))
                assert not in_files(engine_case.path, b"ana-secret")
            else:
                made.execute(Batch("sweep", (Change(1, "t", "delete", KeySpan("id", 0, 100)),)))
        assert not in_files(engine_case.path, b"ana-secret")
        assert other.execute("PRAGMA journal_mode").fetchone() == (mode,)


# --- values inside columns, on every engine --------------------------------------------------------------

JSON = {"sqlite": "TEXT", "postgresql": "TEXT", "mariadb": "LONGTEXT"}
CITY = Within("json", ("city",))


def with_city(case: EngineCase, *rows: str) -> str:
    script = f"CREATE TABLE t (id INTEGER PRIMARY KEY, doc {JSON[case.kind]});"
    for i, row in enumerate(rows, 1):
        text = row.replace("\\", "\\\\") if case.kind == "mariadb" else row
        script += f"INSERT INTO t VALUES ({i}, '{text}');"
    return script


def test_json_kept_as_text_is_changed_and_its_spelling_kept_readable(engine_case: EngineCase) -> None:
    script = with_city(engine_case, '{"city": "Zürich", "n": 1.50, "ü": [1, "\\u00e9"]}', '{"city": ""}', "", "[]")
    field = a_field("doc.city", "doc", CITY)
    with connector(engine_case, table("t", fields=(field,)), script=script) as made:
        where = NotClear(("doc.city",))
        assert list(made.keys("t", where)) == [(1,)]
        assert made.execute(update(made, "t", where, Assignment("doc", "remove", within=CITY))).rows == {1: 1}
        assert list(made.keys("t", where)) == []
    [(doc,), *rest] = engine_case.query("SELECT doc FROM t ORDER BY id")
    assert "rich" not in doc
    assert "1.5" in doc
    assert [row[0] for row in rest] == ['{"city": ""}', "", "[]"]


def test_text_that_is_not_json_is_reported_and_never_guessed_at(engine_case: EngineCase) -> None:
    script = with_city(engine_case, '{"city": "Lyon"}', '{"city": "Lyon"')
    field = a_field("doc.city", "doc", CITY)
    with connector(engine_case, table("t", fields=(field,)), script=script) as made:
        where = NotClear(("doc.city",))
        assert list(made.keys("t", where)) == [(1,), (2,)]
        with pytest.raises(StoreRefused) as caught:
            made.execute(update(made, "t", where, Assignment("doc", "remove", within=CITY)))
        assert "Lyon" not in str(caught.value)
        assert made.execute(update(made, "t", And((ONE, where)), Assignment("doc", "remove", within=CITY))).rows == {
            1: 1
        }
    assert engine_case.query("SELECT doc FROM t WHERE id = 2") == [('{"city": "Lyon"',)]


@pytest.mark.parametrize(
    "path", [("a b",), ("a.b",), ('a"b',), ("é",), ("*", "x"), ("l", "1"), ("l", "*", "p"), ("o", "0"), ("$",)]
)
def test_any_path_is_walked_to_its_values(engine_case: EngineCase, path: tuple[str, ...]) -> None:
    import json

    from troth.core.within import found_at, removed

    whole = {"a b": "v1", "a.b": "v2", 'a"b': "v3", "é": "v4", "m": {"x": "v5"}, "l": ["v6", "v7", {"p": "v8"}],
             "o": {"0": "v9"}, "$": "v10"}  # fmt: skip
    assert found_at(whole, path)
    script = with_city(engine_case, json.dumps(whole), "{}")
    field = a_field("inside", "doc", Within("json", path))
    with connector(engine_case, table("t", fields=(field,)), script=script) as made:
        where = NotClear(("inside",))
        assert list(made.keys("t", where)) == [(1,)]
        # A list closes up when an item goes, and the next one has its place: then there is more to do.
        change = Change(1, "t", "update", where, (Assignment("doc", "remove", within=Within("json", path)),))
        if path == ("l", "1"):
            with pytest.raises(StoreRefused):
                made.execute(Batch("r", (change,)))
            return
        made.execute(Batch("r", (change,)))
        assert list(made.keys("t", where)) == []
    [(doc,), _] = engine_case.query("SELECT doc FROM t ORDER BY id")
    assert json.loads(doc) == removed(whole, path)
