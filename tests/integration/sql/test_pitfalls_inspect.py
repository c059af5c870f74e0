"""The measured pitfalls that inspection must catch on every engine, and what a store's facts promise."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from sqlalchemy import exc as sa

from databases import ChinookCase, EngineCase
from inspecting import clock, codes, collection, field, fields, identified, link, look, opened, store, the
from troth.connectors.sql import inspect as inspecting_module
from troth.connectors.sql.inspect import inspect
from troth.core.errors import StoreUnreachable
from troth.core.policy.model import Clock, Collection, Condition, Flag, Identifier, Link, Mode

TABLES = """
CREATE TABLE person (
    id integer PRIMARY KEY, email varchar(60) NOT NULL, seen_at timestamp NULL, born date, ts bigint, said varchar(20),
    flag integer);
CREATE TABLE visit (id integer PRIMARY KEY, person_id integer, made_at timestamp NULL);
CREATE INDEX visit_person ON visit (person_id);
"""


@pytest.fixture
def case(engine_case: EngineCase) -> EngineCase:
    """Two ordinary tables."""
    engine_case.execute_script(TABLES)
    return engine_case


# --- A1: clocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "kind", "fits"),
    [
        ("ts", "date", False), ("ts", "datetime", False), ("ts", "text", False),
        ("ts", "epoch_s", True), ("ts", "epoch_ms", True),
        ("seen_at", "datetime", True), ("seen_at", "date", True), ("born", "date", True),
        ("said", "text", True), ("said", "epoch_s", False), ("id", "date", False),
    ],
)  # fmt: skip
def test_a1_a_clock_declared_as_what_it_is_not_is_refused(case: EngineCase, column: str, kind: str, fits: bool) -> None:
    """On SQLite an integer compared with a date makes every row due, because numbers sort before text."""
    format = "%d/%m/%Y" if kind == "text" else None
    found = look(case.url, collection("person", events=clock(column, kind, format=format)))
    assert ("clock_kind" not in codes(found)) is fits
    if not fits:
        refused = the(found, "clock_kind")
        assert (refused.severity, refused.collection, refused.column) == ("refuse", "person", column)


def test_a1_dates_kept_as_text_need_a_format_except_on_sqlite(case: EngineCase) -> None:
    found = look(case.url, collection("person", events=clock("said", "date")))
    if case.kind == "sqlite":
        assert "clock_kind" not in codes(found), "SQLite has no other way to keep a date"
    else:
        assert "`is: text`" in the(found, "clock_kind").remedy


def test_a1_an_integer_clock_is_told_which_kinds_would_fit(case: EngineCase) -> None:
    assert "epoch_s" in the(look(case.url, collection("person", events=clock("ts"))), "clock_kind").remedy


# --- names ---------------------------------------------------------------------------------------------


def test_a_missing_table_is_refused_with_the_nearest_name(case: EngineCase) -> None:
    missing = the(look(case.url, collection("persn")), "table_missing")
    assert (missing.severity, missing.collection) == ("refuse", "persn")
    assert "did you mean person?" in missing.message


def everywhere(name: str) -> Collection:
    """A collection that names one column in every place that the policy has for columns."""
    return collection(
        "visit",
        key=(name + "1",),
        where=(Condition(name + "2", "null"),),
        identifiers=(Identifier("email", name + "3"),),
        fields=(field(name + "4"),),
        links=(Link("person", ((name + "5", ""),), where=(Condition(name + "6", "in", (1,)),)),),
        events={"collected": Clock(name + "7", "datetime")},
        states={"open": (Condition(name + "8", "null"),)},
        restricted=Flag(name + "9", True),
    )


def test_every_column_that_the_policy_names_is_checked_against_the_table(case: EngineCase) -> None:
    found = look(case.url, collection("person"), everywhere("nosuch"))
    missing = {f.column for f in found.findings if f.code == "column_missing" and f.collection == "visit"}
    assert missing == {f"nosuch{i}" for i in range(1, 10)}


def test_the_parents_side_of_a_link_is_checked_too(case: EngineCase) -> None:
    found = look(case.url, collection("person"), collection("visit", links=link("person", ("person_id", "idd"))))
    assert "did you mean id?" in the(found, "column_missing").message


def test_names_that_differ_in_case_alone_are_taken_as_the_same_with_a_note(case: EngineCase) -> None:
    found = look(case.url, collection("person", "PERSON", key=("ID",), fields=fields("Email"), events=clock("Seen_At")))
    facts = found.tables["person"]
    assert facts.columns["Email"].name == "email"
    assert facts.key == ("id",)
    assert "column_missing" not in codes(found)
    notes = {f.column for f in found.findings if f.code == "name_case" and f.column}
    assert notes == {"ID", "Email", "Seen_At"}


def test_names_in_other_alphabets_quotes_and_reserved_words_work(engine_case: EngineCase) -> None:
    quote = "`" if engine_case.kind == "mariadb" else '"'
    script = 'CREATE TABLE "Grüße order" ("select" integer PRIMARY KEY, "e-mail adresse" varchar(60), "%s" integer)'
    engine_case.execute_script(script.replace('"', quote))
    odd = collection("odd", "Grüße order", fields=fields("e-mail adresse", "%s"))
    found = look(engine_case.url, odd)
    assert list(found.tables["odd"].columns) == ["select", "e-mail adresse", "%s"]
    assert not {f.code for f in found.findings if f.severity == "refuse"}


def test_two_collections_may_share_a_table(case: EngineCase) -> None:
    found = look(case.url, collection("a", "person"), collection("b", "person", key=("ts",)))
    assert found.tables["a"].table == found.tables["b"].table
    assert the(found, "key_not_unique").collection == "b"


# --- keys, indexes, links ------------------------------------------------------------------------------


def test_a_table_without_a_key_is_noted(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE loose (a integer, b varchar(9))")
    found = look(engine_case.url, collection("loose"))
    assert (found.tables["loose"].key, the(found, "no_key").severity) == ((), "note")


def test_composite_keys_keep_their_order(engine_case: EngineCase) -> None:
    engine_case.execute_script("CREATE TABLE pair (a integer NOT NULL, b integer NOT NULL, PRIMARY KEY (b, a))")
    assert look(engine_case.url, collection("pair")).tables["pair"].key == ("b", "a")


def many_rows(case: EngineCase) -> None:
    """Twenty thousand visits, known to the planner."""
    numbers = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT i, i FROM n",
        "postgresql": "SELECT i, i FROM generate_series(1, 20000) i",
        "mariadb": "SELECT seq, seq FROM seq_1_to_20000",
    }[case.kind]
    case.execute_script(f"INSERT INTO visit (id, person_id) {numbers}")
    case.execute_script("ANALYZE TABLE visit" if case.kind == "mariadb" else "ANALYZE visit")


def test_a_link_without_an_index_is_a_warning_on_a_large_table_and_a_note_on_a_small_one(case: EngineCase) -> None:
    """PostgreSQL and SQLite make no index for a foreign key: deleting parents took a thousand times longer."""
    case.execute_script(f"DROP INDEX visit_person{' ON visit' if case.kind == 'mariadb' else ''}")
    visits = collection("visit", links=link("person", ("person_id", "")))
    case.execute_script(
        "ANALYZE TABLE visit" if case.kind == "mariadb" else "INSERT INTO visit (id) VALUES (0); ANALYZE visit"
    )
    assert the(look(case.url, collection("person"), visits), "missing_index").severity == "note"
    many_rows(case)
    missing = the(look(case.url, collection("person"), visits), "missing_index")
    assert (missing.severity, missing.column) == ("warn", "person_id")
    assert "about " in missing.message


def test_an_identifier_without_an_index_is_told(case: EngineCase) -> None:
    assert the(look(case.url, collection("person", identifiers=identified("email"))), "missing_index").column == "email"
    case.execute_script("CREATE INDEX by_email ON person (email, seen_at)")
    assert "missing_index" not in codes(look(case.url, collection("person", identifiers=identified("email"))))


def test_an_index_that_begins_with_the_filter_of_a_link_is_enough(case: EngineCase) -> None:
    case.execute_script("CREATE TABLE note (id integer PRIMARY KEY, kind varchar(9), of_id integer)")
    case.execute_script("CREATE INDEX poly ON note (kind, of_id)")
    poly = link("person", ("of_id", ""), where=(Condition("kind", "in", ("person",)),))
    assert "missing_index" not in codes(look(case.url, collection("person"), collection("note", links=poly)))


def test_a_link_between_unlike_types_is_told(case: EngineCase) -> None:
    visits = collection("visit", links=link("person", ("person_id", "email")))
    told = the(look(case.url, collection("person"), visits), "link_family")
    assert told.collection == "visit"
    joined_as_text = collection("visit", links=link("person", ("person_id", "email"), template="{}"))
    assert "link_family" not in codes(look(case.url, collection("person"), joined_as_text))


def test_a_link_that_no_foreign_key_backs_is_noted(case: EngineCase) -> None:
    visits = collection("visit", links=link("person", ("person_id", "")))
    assert "link_unproven" in codes(look(case.url, collection("person"), visits))
    case.execute_script("DROP TABLE visit")
    case.execute_script(
        "CREATE TABLE visit (id integer PRIMARY KEY, person_id integer, FOREIGN KEY (person_id) REFERENCES person (id))"
    )
    assert "link_unproven" not in codes(look(case.url, collection("person"), visits))


# --- the facts as a whole ------------------------------------------------------------------------------


def test_tables_that_refer_to_mapped_ones_are_found_and_others_left_alone(case: EngineCase) -> None:
    case.execute_script(
        """CREATE TABLE card (
            id integer PRIMARY KEY, p integer NOT NULL, FOREIGN KEY (p) REFERENCES person (id) ON DELETE CASCADE);
        CREATE TABLE stamp (id integer PRIMARY KEY, c integer, FOREIGN KEY (c) REFERENCES card (id));
        CREATE TABLE far (id integer PRIMARY KEY, s integer, FOREIGN KEY (s) REFERENCES stamp (id));
        CREATE TABLE lone (id integer PRIMARY KEY)"""
    )
    found = look(case.url, collection("person"))
    assert sorted(name.rsplit(".", 1)[-1].removeprefix("table:") for name in found.others) == ["card", "stamp"]
    assert all(name == f"table:{facts.table}" for name, facts in found.others.items())
    [key] = found.tables["person"].incoming
    assert (key.columns, key.target_columns, key.on_delete, key.nullable) == (("p",), ("id",), "cascade", False)


def test_a_table_that_refers_to_itself_is_its_own_neighbour(engine_case: EngineCase) -> None:
    engine_case.execute_script(
        "CREATE TABLE node (id integer PRIMARY KEY, up integer, FOREIGN KEY (up) REFERENCES node (id))"
    )
    found = look(engine_case.url, collection("node"))
    assert found.others == {}
    assert found.tables["node"].incoming == found.tables["node"].outgoing
    assert found.tables["node"].incoming[0].nullable


def test_the_digest_stays_while_rows_come_and_go(case: EngineCase) -> None:
    before = look(case.url, collection("person"), collection("visit", identifiers=identified("made_at")))
    many_rows(case)
    after = look(case.url, collection("person"), collection("visit", identifiers=identified("made_at")))
    assert after.tables["visit"].rows != before.tables["visit"].rows
    assert after.digest == before.digest
    assert len(before.digest) == 64


CHANGES = {
    "a column": "ALTER TABLE person ADD extra integer",
    "an index": "CREATE UNIQUE INDEX u ON person (email)",
    "a table that refers": "CREATE TABLE card (p integer, FOREIGN KEY (p) REFERENCES person (id))",
    "a trigger": {
        "sqlite": "CREATE TRIGGER t AFTER DELETE ON person BEGIN SELECT 1; END",
        "postgresql": "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'; "
        "CREATE TRIGGER t AFTER DELETE ON person FOR EACH ROW EXECUTE FUNCTION f()",
        "mariadb": "CREATE TRIGGER t AFTER DELETE ON person FOR EACH ROW SET @x = 1",
    },
}


@pytest.mark.parametrize("what", CHANGES)
def test_the_digest_changes_with_the_schema(case: EngineCase, what: str) -> None:
    before = look(case.url, collection("person")).digest
    change: Any = CHANGES[what]
    case.execute_script(change if isinstance(change, str) else change[case.kind])
    assert look(case.url, collection("person")).digest != before


def test_warnings_of_the_library_become_findings(case: EngineCase, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "mysql" if case.kind == "mariadb" else case.kind
    real = inspecting_module._PROBES[name]

    class Warning_:
        relations, references = real.relations, real.references

        @staticmethod
        def probe(*arguments: Any) -> Any:
            warnings.warn("Did not recognize type 'geometry' of column 'x'", sa.SAWarning, stacklevel=1)
            return real.probe(*arguments)

    monkeypatch.setitem(inspecting_module._PROBES, name, Warning_)
    assert "geometry" in the(look(case.url, collection("person")), "reflection_warning").message


def test_inspection_works_on_an_observed_store(case: EngineCase) -> None:
    found = look(case.url, collection("person", fields=fields("email")), mode=Mode.OBSERVE)
    assert found.engine == case.kind
    assert found.version[0].isdigit()
    assert not {f.code for f in found.findings if f.severity == "refuse"}


def test_an_unreachable_store_raises(tmp_path: Any) -> None:
    of = store(collection("person"))
    with opened(of, f"sqlite:///{tmp_path}/nosuch.db") as engine, pytest.raises(StoreUnreachable):
        inspect(engine, of)


def test_a_store_without_collections_is_inspected_too(case: EngineCase) -> None:
    assert look(case.url).tables == {}


def test_it_asks_no_more_questions_when_there_are_more_other_tables(case: EngineCase) -> None:
    """The number of questions does not grow with the tables that nobody mapped."""
    from sqlalchemy import event

    def asked() -> int:
        of, count = store(collection("person"), collection("visit")), []
        with opened(of, case.url) as engine:
            event.listen(engine, "before_cursor_execute", lambda *a: count.append(1))
            inspect(engine, of)
        return len(count)

    few = asked()
    case.execute_script("; ".join(f"CREATE TABLE t{i} (id integer PRIMARY KEY)" for i in range(50)))
    assert asked() == few


def test_chinook_is_read_rightly(chinook: ChinookCase) -> None:
    n = chinook.name
    found = look(
        chinook.url,
        collection("customer", n("Customer"), identifiers=identified(n("Email"))),
        collection(
            "invoice", n("Invoice"), links=link("customer", (n("CustomerId"), "")), events=clock(n("InvoiceDate"))
        ),
        collection("line", n("InvoiceLine"), links=link("invoice", (n("InvoiceId"), ""))),
    )
    assert {name: facts.key for name, facts in found.tables.items()} == {
        "customer": (n("CustomerId"),), "invoice": (n("InvoiceId"),), "line": (n("InvoiceLineId"),),
    }  # fmt: skip
    assert found.others == {}, "what Chinook's other tables refer to is not mapped here"
    email = found.tables["customer"].columns[n("Email")]
    assert (email.family, email.nullable, email.length) == ("text", False, None if chinook.kind == "sqlite" else 60)
    assert [k.table for k in found.tables["customer"].incoming] == [found.tables["invoice"].table]
    assert codes(found) == {"missing_index"}, "Chinook has no index on Email"
    assert found.not_visible == ()
