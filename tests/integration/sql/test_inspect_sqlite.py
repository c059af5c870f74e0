"""What reflection does not tell on SQLite, each gap by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from databases import EngineCase, sqlite_case
from inspecting import codes, collection, fields, link, look, the
from troth.core.policy.model import Condition
from troth.core.ports import StoreFacts, TableFacts, TriggerFacts


@pytest.fixture
def case(tmp_path: Path) -> EngineCase:
    """An empty SQLite file."""
    return sqlite_case(tmp_path)


def facts(case: EngineCase, script: str, *names: str) -> StoreFacts:
    case.execute_script(script)
    return look(case.url, *(collection(name) for name in names))


def table(case: EngineCase, script: str, name: str = "person") -> TableFacts:
    return facts(case, script, name).tables[name]


def test_inline_references_tell_their_on_delete_and_deferrable(case: EngineCase) -> None:
    person = table(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY);
        CREATE TABLE note (p INTEGER NOT NULL REFERENCES person ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
                           q INTEGER REFERENCES person (id) ON UPDATE CASCADE ON DELETE SET NULL);
        CREATE TABLE card (r INTEGER, CONSTRAINT card_r FOREIGN KEY (r) REFERENCES "PERSON" (ID) NOT DEFERRABLE)""",
    )
    found = {k.columns: k for k in person.incoming}
    assert (found["p",].on_delete, found["p",].deferrable, found["p",].nullable) == ("cascade", True, False)
    assert found["p",].target_columns == ("id",), "REFERENCES without columns means the primary key"
    assert (found["q",].on_delete, found["q",].deferrable, found["q",].nullable) == ("set null", False, True)
    assert (found["r",].name, found["r",].target, found["r",].deferrable) == ("card_r", "person", False)


def test_a_reference_to_a_missing_table_does_not_stop_the_inspection(case: EngineCase) -> None:
    found = facts(
        case, "CREATE TABLE person (id INTEGER PRIMARY KEY, g REFERENCES ghost (id) ON DELETE CASCADE)", "person"
    )
    assert the(found, "orphan_reference").collection == "person"
    assert "ghost" in the(found, "orphan_reference").message


def test_a_reference_to_columns_that_are_not_unique_makes_deletions_fail(case: EngineCase) -> None:
    found = facts(
        case,
        "CREATE TABLE person (id INTEGER PRIMARY KEY, mail); CREATE TABLE note (m REFERENCES person (mail))",
        "person",
    )
    assert the(found, "reference_mismatch").severity == "refuse"


@pytest.mark.parametrize("action", ["REPLACE", "IGNORE"])
def test_on_conflict_clauses_are_told(case: EngineCase, action: str) -> None:
    found = facts(
        case, f"CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT UNIQUE ON CONFLICT {action})", "person"
    )
    assert action in the(found, "conflict_clause").message


def test_on_conflict_inside_text_and_comments_is_not_taken_for_a_clause(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY, -- ON CONFLICT REPLACE
        note TEXT DEFAULT 'ON CONFLICT IGNORE', "ON CONFLICT FAIL" TEXT /* CHECK (note > 1) */)""",
        "person",
    )
    assert "conflict_clause" not in codes(found)
    assert found.tables["person"].checks == ()


def test_generated_columns_are_told_by_their_flag(case: EngineCase) -> None:
    person = table(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY, a TEXT CHECK (a <> ')'),
        b TEXT AS (lower(a)), c TEXT GENERATED ALWAYS AS (a || 'x') STORED)""",
    )
    assert [c.name for c in person.columns.values() if c.generated] == ["b", "c"]


def test_expression_and_partial_indexes_are_seen_and_opaque(case: EngineCase) -> None:
    person = table(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT, gone INTEGER, town TEXT);
        CREATE UNIQUE INDEX by_mail ON person (lower(mail));
        CREATE UNIQUE INDEX alive ON person (town) WHERE gone IS NULL;
        CREATE UNIQUE INDEX plain ON person (gone, town);
        CREATE INDEX mixed ON person (gone, lower(mail))""",
    )
    uniques = {u.name: u for u in person.uniques}
    assert uniques["by_mail"].opaque
    assert uniques["by_mail"].columns == ("mail",)
    assert uniques["alive"].opaque
    assert set(uniques["alive"].columns) == {"town", "gone"}
    assert (uniques["plain"].opaque, uniques["plain"].columns) == (False, ("gone", "town"))
    assert set(person.indexes) == {("id",), ("gone", "town"), ("gone",)}


def test_lengths_do_not_exist_and_types_are_what_was_declared(case: EngineCase) -> None:
    person = table(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY, a VARCHAR(10), b, c DATETIME, d BOOLEAN, e JSON, f BLOB,
            g DECIMAL(10,2), h DATE, i NVARCHAR(5), j UUID)""",
    )
    assert all(c.length is None for c in person.columns.values())
    assert [c.family for c in person.columns.values()] == [
        "integer", "text", "other", "datetime", "boolean", "json", "binary", "number", "date", "text", "uuid",
    ]  # fmt: skip


def test_more_than_a_number_is_asked_of_whatever_sqlite_keeps_as_one(case: EngineCase) -> None:
    kinds = {
        "BOOLEAN": True, "MONEY": True, "DEC(10,2)": True, "NUMERIC": True, "INTEGER": True, "REAL": True,
        "": False, "TEXT": False, "VARCHAR(9)": False, "DATE": False, "BLOB": False, "JSON": False,
    }  # fmt: skip
    columns = {f"c{number}": kind for number, kind in enumerate(kinds)}
    case.execute_script(
        f"CREATE TABLE person (id INTEGER PRIMARY KEY, {', '.join(f'{n} {kind}' for n, kind in columns.items())})"
    )
    states = {name: (Condition(name, "ge", (1,)),) for name in columns}
    found = look(case.url, collection("person", states=states)).findings
    refused = {columns[one.column or ""] for one in found if one.code == "not_a_number"}
    assert refused == {kind for kind, fits in kinds.items() if not fits}


def test_checks_of_columns_and_tables_name_the_columns_they_read(case: EngineCase) -> None:
    person = table(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY, a TEXT CONSTRAINT not_short CHECK (length(a) >= 4),
        "b c" TEXT, d TEXT, CHECK ("b c" <> d AND d <> 'a'))""",
    )
    assert {(c.name, c.columns) for c in person.checks} == {
        ("not_short", ("a",)), ("CHECK on b c, d", ("b c", "d")),
    }  # fmt: skip


def test_an_unknown_column_is_not_taken_for_a_string(case: EngineCase) -> None:
    """SQLite answers SELECT "nosuch" with the word nosuch, on every row."""
    case.execute_script("CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT); INSERT INTO person VALUES (1, 'x')")
    assert case.query('SELECT "nosuch" FROM person') == [("nosuch",)]
    missing = the(look(case.url, collection("person", fields=fields("emial"))), "column_missing")
    assert (missing.severity, missing.column) == ("refuse", "emial")
    assert "did you mean email?" in missing.message


def test_triggers_are_seen_with_their_events(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE log (what);
        CREATE TRIGGER "update me" AFTER DELETE ON person BEGIN INSERT INTO log VALUES ('UPDATE'); END;
        CREATE TRIGGER IF NOT EXISTS t2 BEFORE UPDATE OF a ON person WHEN new.a IS NULL
            BEGIN SELECT raise(IGNORE); END;
        CREATE TRIGGER t3 INSERT ON person BEGIN DELETE FROM log; END""",
        "person",
    )
    assert set(found.tables["person"].triggers) == {
        TriggerFacts("update me", frozenset({"delete"})), TriggerFacts("t2", frozenset({"update"})),
        TriggerFacts("t3", frozenset({"insert"})),
    }  # fmt: skip
    assert "t2" in the(found, "trigger_may_skip").message


VIEW = "CREATE TABLE base (id INTEGER PRIMARY KEY, a TEXT); CREATE VIEW person AS SELECT id, a FROM base"


def test_a_view_can_only_be_changed_through_instead_of_triggers(case: EngineCase) -> None:
    found = facts(case, VIEW, "person")
    assert found.tables["person"].kind == "view"
    assert the(found, "view_not_updatable").severity == "refuse"
    instead = """CREATE TRIGGER v1 INSTEAD OF DELETE ON person BEGIN DELETE FROM base WHERE id = old.id; END;
        CREATE TRIGGER v2 INSTEAD OF UPDATE ON person BEGIN UPDATE base SET a = new.a WHERE id = old.id; END"""
    assert the(facts(case, instead, "person"), "view_mapped").severity == "warn"


FTS = """CREATE TABLE person (id INTEGER PRIMARY KEY, note TEXT);
    CREATE VIRTUAL TABLE words USING fts5(note, content='person', content_rowid='id')"""


def test_a_search_index_over_a_mapped_table_keeps_its_words_unless_triggers_tell_it(case: EngineCase) -> None:
    found = facts(case, FTS, "person")
    assert the(found, "search_index").severity == "warn"
    assert not any(name.startswith("table:words") for name in found.others)
    told = """CREATE TRIGGER w1 AFTER DELETE ON person BEGIN
            INSERT INTO words (words, rowid, note) VALUES ('delete', old.id, old.note); END;
        CREATE TRIGGER w2 AFTER UPDATE ON person BEGIN
            INSERT INTO words (words, rowid, note) VALUES ('delete', old.id, old.note); END"""
    assert "search_index_kept" in codes(facts(case, told, "person"))


def test_inner_tables_of_a_search_index_are_not_ordinary_tables(case: EngineCase) -> None:
    found = facts(case, FTS, "words_data", "words")
    assert the(found, "shadow_table").severity == "refuse"
    assert found.tables["words"].kind == "virtual"
    assert "fts5" in the(found, "virtual_table").message


def test_tables_without_a_key_are_noted_and_unique_columns_stand_in(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE none (a TEXT); CREATE TABLE unsure (a TEXT UNIQUE);
        CREATE TABLE almost (a TEXT NOT NULL UNIQUE, b TEXT);
            CREATE TABLE pair (a TEXT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID;
        CREATE TABLE loose (a TEXT PRIMARY KEY)""",
        "none", "unsure", "almost", "pair", "loose",
    )  # fmt: skip
    assert {n: t.key for n, t in found.tables.items()} == {
        "none": (), "unsure": (), "almost": ("a",), "pair": ("b", "a"), "loose": ("a",),
    }  # fmt: skip
    by_code = {(f.code, f.collection) for f in found.findings}
    assert {("no_key", "none"), ("no_key", "unsure"), ("key_from_unique", "almost")} <= by_code
    assert ("key_nullable", "loose") in by_code, "a primary key may be NULL on SQLite"
    assert ("key_nullable", "pair") not in by_code


def test_a_declared_key_must_be_proven(case: EngineCase) -> None:
    case.execute_script("CREATE TABLE person (id INTEGER PRIMARY KEY, mail TEXT NOT NULL UNIQUE, town TEXT)")
    assert look(case.url, collection("person", key=("mail",))).tables["person"].key == ("mail",)
    assert the(look(case.url, collection("person", key=("town",))), "key_not_unique").severity == "refuse"
    assert "key_not_unique" not in codes(look(case.url, collection("person", key=("MAIL", "town"))))


def test_a_file_that_cannot_be_written_gives_only_the_right_to_read(
    case: EngineCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may write anything, so the question itself is answered for it.
    monkeypatch.setattr("os.access", lambda path, mode: False)
    found = facts(case, "CREATE TABLE person (id INTEGER PRIMARY KEY)", "person")
    assert found.tables["person"].rights == frozenset({"select"})
    assert "read_only_file" in codes(found)


def test_row_numbers_are_exact_while_small_and_estimates_after(case: EngineCase) -> None:
    case.execute_script("CREATE TABLE few (id INTEGER PRIMARY KEY); INSERT INTO few VALUES (1), (1000000)")
    case.execute_script(
        """CREATE TABLE many (id INTEGER PRIMARY KEY);
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000)
        INSERT INTO many SELECT i FROM n"""
    )
    found = look(case.url, collection("few"), collection("many")).tables
    assert (found["few"].rows, found["many"].rows) == (2, 30_000)


def test_links_compared_across_collations_are_told(case: EngineCase) -> None:
    case.execute_script(
        """CREATE TABLE person (mail TEXT COLLATE NOCASE PRIMARY KEY);
            CREATE TABLE visit (id INTEGER PRIMARY KEY, mail TEXT)"""
    )
    found = look(case.url, collection("person"), collection("visit", links=link("person", ("mail", "mail"))))
    assert "NOCASE" in the(found, "link_collation").message


def test_odd_names_are_read_like_any_other(case: EngineCase) -> None:
    person = table(
        case,
        """CREATE TABLE "my ""odd"" table" (
            "select" INTEGER PRIMARY KEY, [a b] TEXT REFERENCES "my ""odd"" table", `c``d` TEXT,
            "e.f" TEXT CHECK ("e.f" > 1))""",
        'my "odd" table',
    )
    assert list(person.columns) == ["select", "a b", "c`d", "e.f"]
    assert person.checks[0].columns == ("e.f",)
    assert person.incoming == person.outgoing != ()
