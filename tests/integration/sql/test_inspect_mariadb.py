"""What reflection does not tell on MariaDB, and what an account with few rights cannot see, each by its name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import EngineCase
from inspecting import clock, codes, collection, database_on, fields, link, look, the
from servers import MariaDBServer
from troth.connectors.sql import probes_mariadb
from troth.connectors.sql.rights_mariadb import Rights, parse_grant
from troth.core.policy.model import Condition
from troth.core.ports import StoreFacts, TriggerFacts


@pytest.fixture
def case(mariadb_server: MariaDBServer) -> Iterator[EngineCase]:
    """An empty MariaDB database."""
    with database_on(mariadb_server) as made:
        yield made


@pytest.fixture
def few(case: EngineCase, mariadb_server: MariaDBServer) -> Iterator[str]:
    """The url of an account ``few`` without any right yet."""
    mariadb_server.admin_execute("CREATE USER few IDENTIFIED BY 'x'")
    yield mariadb_server.url(case.database, "few", "x")
    mariadb_server.admin_execute("DROP USER few")


def facts(case: EngineCase, script: str, *names: str) -> StoreFacts:
    case.execute_script(script)
    return look(case.url, *(collection(name) for name in names or ("person",)))


def test_bits_are_compared_with_a_number_and_texts_are_not(case: EngineCase) -> None:
    case.execute_script("CREATE TABLE person (id int PRIMARY KEY, paid bit(1), told bool, said varchar(9))")
    states = {name: (Condition(name, "ge", (1,)),) for name in ("paid", "told", "said")}
    assert the(look(case.url, collection("person", states=states)), "not_a_number").column == "said"


PERSON = "CREATE TABLE person (id int PRIMARY KEY, email varchar(60));"
CHILD = (
    "CREATE TABLE note (id int PRIMARY KEY, p int NOT NULL, FOREIGN KEY (p) REFERENCES person (id) ON DELETE CASCADE);"
)
ROOT_SEES = "nothing is hidden from an administrator"


def test_an_administrator_sees_everything(case: EngineCase) -> None:
    assert facts(case, PERSON).not_visible == (), ROOT_SEES


def test_column_level_checks_are_seen(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id int PRIMARY KEY, phone varchar(20) CHECK (phone LIKE '+%'), a int, b int,
        CONSTRAINT sane CHECK (a < b and '`phone`' <> 'x'))""",
    )
    assert {(c.name, c.columns) for c in found.tables["person"].checks} == {("phone", ("phone",)), ("sane", ("a", "b"))}


def test_a_json_column_is_told_by_its_check_and_the_check_is_not_a_hindrance(case: EngineCase) -> None:
    found = facts(case, "CREATE TABLE person (id int PRIMARY KEY, doc json, t longtext, u json CHECK (length(u) > 1))")
    person = found.tables["person"]
    assert [person.columns[c].family for c in ("doc", "t", "u")] == ["json", "text", "text"]
    assert [c.columns for c in person.checks] == [("u",)]


def test_system_versioned_tables_keep_history(case: EngineCase) -> None:
    found = facts(case, "CREATE TABLE person (id int PRIMARY KEY, email text) WITH SYSTEM VERSIONING")
    assert found.tables["person"].history
    assert found.tables["person"].key == ("id",), "the period column that MariaDB adds is not part of our key"
    assert the(found, "history_table").severity == "warn"
    assert any("history of" in sentence for sentence in found.remains)


def test_explicit_period_columns_are_generated(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id int PRIMARY KEY, b timestamp(6) GENERATED ALWAYS AS ROW START,
        e timestamp(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (b, e)) WITH SYSTEM VERSIONING""",
    )
    assert [n for n, c in found.tables["person"].columns.items() if c.generated] == ["b", "e"]


@pytest.mark.parametrize("engine", ["MyISAM", "Aria", "MEMORY"])
def test_engines_without_transactions_are_refused_unless_accepted(case: EngineCase, engine: str) -> None:
    found = facts(case, f"CREATE TABLE person (id int PRIMARY KEY) ENGINE={engine}")
    assert not found.tables["person"].transactional
    assert the(found, "untransactional").severity == "refuse"
    assert engine in the(found, "untransactional").message
    accepted = look(case.url, collection("person"), accept_untransactional=True)
    assert the(accepted, "untransactional").severity == "warn"


def test_engines_without_transactions_are_refused_also_behind_a_trigger(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON
        + f"""CREATE TABLE log (what text) ENGINE=MyISAM; CREATE TABLE fine (what text);
        CREATE TRIGGER tell AFTER DELETE ON person FOR EACH ROW INSERT INTO `{case.database}`.`log` VALUES (old.email);
        CREATE TRIGGER quiet AFTER UPDATE ON person FOR EACH ROW INSERT INTO fine VALUES ('DELETE FROM log');
        CREATE TRIGGER calls BEFORE DELETE ON person FOR EACH ROW CALL somewhere()""",
    )
    remark = the(found, "trigger_untransactional")
    assert (remark.severity, "tell" in remark.message, "MyISAM" in remark.message) == ("refuse", True, True)
    assert any("calls" in text for text in found.not_visible)


def test_foreign_keys_of_myisam_tables_were_dropped_by_the_server(case: EngineCase) -> None:
    """Parsed and forgotten: only the policy's link is left, and it is told to be unproven."""
    case.execute_script(PERSON + "CREATE TABLE note (p int, FOREIGN KEY (p) REFERENCES person (id)) ENGINE=MyISAM")
    found = look(case.url, collection("person"), collection("note", links=link("person", ("p", ""))))
    assert found.tables["person"].incoming == ()
    assert the(found, "link_unproven").collection == "note"


def test_foreign_keys_from_other_databases_are_seen(case: EngineCase, mariadb_server: MariaDBServer) -> None:
    case.execute_script(PERSON)
    far = f"CREATE TABLE far (p int REFERENCES `{case.database}`.person (id) ON DELETE SET NULL)"
    with database_on(mariadb_server, far) as other:
        found = look(case.url, collection("person"))
        [key] = found.tables["person"].incoming
        assert (key.table, key.on_delete, key.nullable) == (f"{other.database}.far", "set null", True)
        assert set(found.others) == {f"table:{other.database}.far"}


def test_cascades_go_on_behind_the_first_table_and_skip_triggers(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON
        + CHILD
        + """CREATE TABLE deeper (n int, FOREIGN KEY (n) REFERENCES note (id));
        CREATE TABLE log (what text);
        CREATE TRIGGER audit AFTER DELETE ON note FOR EACH ROW INSERT INTO log VALUES (old.id)""",
    )
    assert set(found.others) == {f"table:{case.database}.note", f"table:{case.database}.deeper"}
    assert "note" in the(found, "cascade_skips_triggers").message


def test_triggers_are_seen(case: EngineCase) -> None:
    found = facts(case, PERSON + """CREATE TRIGGER a BEFORE UPDATE ON person FOR EACH ROW SET new.email = 'x';
        CREATE TRIGGER b AFTER DELETE ON person FOR EACH ROW SET @x = 1""")  # fmt: skip
    assert set(found.tables["person"].triggers) == {
        TriggerFacts("a", frozenset({"update"})), TriggerFacts("b", frozenset({"delete"})),
    }  # fmt: skip


def test_a_clock_that_updates_itself_is_told(case: EngineCase) -> None:
    """Pitfall A3: our own UPDATE restarts the clock."""
    case.execute_script(
        """CREATE TABLE person (id int PRIMARY KEY,
        seen timestamp DEFAULT current_timestamp ON UPDATE current_timestamp(),
        made timestamp DEFAULT current_timestamp, n varchar(40) DEFAULT 'on update current_timestamp')"""
    )
    found = look(case.url, collection("person", events=clock("seen")))
    assert [n for n, c in found.tables["person"].columns.items() if c.updates_itself] == ["seen"]
    assert the(found, "updates_itself").column == "seen"


def test_types_lengths_and_labels(case: EngineCase) -> None:
    columns = facts(
        case,
        """CREATE TABLE person (id bigint unsigned PRIMARY KEY, e enum('a','it''s','c,d'), s set('x','y'),
        v varchar(10), c char(3), t tinytext, m mediumtext, b varbinary(16), bl blob, d date, dt datetime, y year,
        ti time, n decimal(8,2),
        ok boolean, u uuid, g varchar(20) AS (concat(v, 'x')) PERSISTENT, w int AS (n + 1) VIRTUAL)""",
    ).tables["person"].columns  # fmt: skip
    assert {n: c.family for n, c in columns.items()} == {
        "id": "integer", "e": "enum", "s": "other", "v": "text", "c": "text", "t": "text", "m": "text", "b": "binary",
        "bl": "binary", "d": "date", "dt": "datetime", "y": "integer", "ti": "time", "n": "number", "ok": "integer",
        "u": "uuid", "g": "text", "w": "integer",
    }  # fmt: skip
    assert columns["e"].enum == ("a", "it's", "c,d")
    assert (columns["v"].length, columns["c"].length, columns["t"].length, columns["b"].length) == (10, 3, 255, 16)
    assert [n for n, c in columns.items() if c.generated] == ["g", "w"]


def test_prefix_uniques_are_opaque(case: EngineCase) -> None:
    found = facts(
        case, "CREATE TABLE person (id int PRIMARY KEY, t text, v varchar(9), UNIQUE p (t(10)), UNIQUE q (v))"
    )
    assert {u.name: u.opaque for u in found.tables["person"].uniques} == {"PRIMARY": False, "p": True, "q": False}


def test_partitioned_tables_and_views(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id int PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2;
        CREATE VIEW v AS SELECT id FROM person; CREATE VIEW w AS SELECT count(*) n FROM person; CREATE SEQUENCE s""",
        "person", "v", "w", "s",
    )  # fmt: skip
    assert {n: t.kind for n, t in found.tables.items()} == {"person": "partitioned", "v": "view", "w": "view"}
    assert [(f.code, f.collection) for f in found.findings if f.code.startswith("view")] == [
        ("view_mapped", "v"), ("view_not_updatable", "w"),
    ]  # fmt: skip
    assert the(found, "table_missing").collection == "s"


def test_links_across_character_sets_are_told(case: EngineCase) -> None:
    """Pitfall E: utf8mb4 joined with latin1 cannot seek."""
    case.execute_script(
        """CREATE TABLE person (mail varchar(60) CHARACTER SET latin1 PRIMARY KEY);
        CREATE TABLE visit (id int PRIMARY KEY, mail varchar(60) CHARACTER SET utf8mb4, KEY (mail));
        CREATE TABLE card (id int PRIMARY KEY, mail varchar(60) CHARACTER SET latin1, KEY (mail))"""
    )
    to_person = link("person", ("mail", "mail"))
    found = look(
        case.url, collection("person"), collection("visit", links=to_person), collection("card", links=to_person)
    )
    told = the(found, "link_collation")
    assert told.collection == "visit"
    assert "utf8mb4_general_ci" in told.message
    assert "latin1_swedish_ci" in told.message


# --- what few rights hide ------------------------------------------------------------------------------


def grant(case: EngineCase, *rights: str) -> None:
    for right in rights:
        case.execute_script(f"GRANT {right} TO few")


def test_with_column_rights_keys_go_missing_and_the_rest_is_called_not_visible(case: EngineCase, few: str) -> None:
    """Pitfall A5: with single columns granted the server answers with fewer rows, and no error says so."""
    case.execute_script("CREATE TABLE person (a int, b int, email varchar(60), PRIMARY KEY (a, b), CHECK (b > 0))")
    grant(case, "SELECT (a, email) ON person")
    found = look(few, collection("person"))
    person = found.tables["person"]
    assert set(person.columns) == {"a", "email"}
    assert person.key == (), "deleting by half a key would delete other people's rows"
    assert the(found, "key_unproven").severity == "warn"
    hidden = " / ".join(found.not_visible)
    for words in ("triggers of", "CHECKs of", "foreign keys from tables", "from other databases"):
        assert words in hidden


def test_a_key_whose_columns_are_all_granted_is_used(case: EngineCase, few: str) -> None:
    case.execute_script("CREATE TABLE person (a int, b int, c int, PRIMARY KEY (b, a), KEY (a, c))")
    grant(case, "SELECT (a), UPDATE (b) ON person")
    found = look(few, collection("person"))
    assert found.tables["person"].key == ("b", "a")
    assert "key_unproven" not in codes(found)
    assert ("a",) not in found.tables["person"].indexes, "an index is shown whole or not at all"


def test_where_half_a_key_might_be_shown_it_is_not_trusted(
    case: EngineCase, few: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MySQL was not measured: there no key is believed that an account with single columns sees."""
    case.execute_script(PERSON)
    grant(case, "SELECT (id, email) ON person")
    monkeypatch.setattr(probes_mariadb, "version", lambda connection: "8.0.36")
    monkeypatch.setattr(probes_mariadb, "rights_of", lambda connection, mariadb: Rights(()))
    found = look(few, collection("person"))
    assert (found.engine, found.tables["person"].key) == ("mysql", ())
    assert all(u.opaque for u in found.tables["person"].uniques)
    assert "key_unproven" in codes(found)


def test_with_table_rights_incoming_keys_of_other_tables_are_called_not_visible(case: EngineCase, few: str) -> None:
    case.execute_script(PERSON + CHILD)
    grant(case, "SELECT, DELETE ON person")
    found = look(few, collection("person"))
    assert found.tables["person"].incoming == ()
    assert found.tables["person"].key == ("id",)
    assert any("foreign keys from tables" in text for text in found.not_visible)
    assert not any("columns, keys" in text for text in found.not_visible)


def test_with_select_alone_the_delete_rule_comes_from_the_table_text(case: EngineCase, few: str) -> None:
    """referential_constraints is empty for such an account, though the key is there."""
    case.execute_script(
        PERSON + CHILD + "CREATE TABLE card (p int, q int, FOREIGN KEY (p) REFERENCES person (id), "
        "FOREIGN KEY (q) REFERENCES person (id) ON DELETE SET NULL)"
    )
    grant(case, "SELECT ON person", "SELECT ON note", "SELECT ON card")
    found = look(few, collection("person"))
    assert [(k.columns, k.on_delete) for k in found.tables["person"].incoming] == [
        (("p",), "restrict"), (("q",), "set null"), (("p",), "cascade"),
    ]  # fmt: skip
    assert "rule_not_visible" not in codes(found)


def test_checks_come_from_the_table_text_where_the_catalogue_hides_them(case: EngineCase, few: str) -> None:
    case.execute_script(
        "CREATE TABLE person (id int PRIMARY KEY, a varchar(9) CHECK (length(a) >= 4), d json, b int, "
        "CONSTRAINT c2 CHECK (b > 0 AND a <> 'it\\'s b'))"
    )
    grant(case, "SELECT ON person")
    person = look(few, collection("person")).tables["person"]
    assert sorted((c.name, c.columns) for c in person.checks) == [("a", ("a",)), ("c2", ("a", "b"))]
    assert person.columns["d"].family == "json"


def test_a_reference_whose_columns_are_hidden_is_told(case: EngineCase, few: str) -> None:
    case.execute_script(PERSON + CHILD)
    grant(case, "SELECT (id), UPDATE (id) ON person", "UPDATE (id) ON note")
    found = look(few, collection("person"))
    assert "cascade" in the(found, "reference_not_visible").message


def test_a_reference_whose_target_is_hidden_is_called_not_visible(case: EngineCase, few: str) -> None:
    case.execute_script(PERSON + CHILD)
    grant(case, "SELECT ON person", "UPDATE (id) ON note")
    found = look(few, collection("person"))
    assert any("what the foreign key note_ibfk_1" in text for text in found.not_visible)


def test_rights_through_a_role_count(case: EngineCase, few: str) -> None:
    case.execute_script(PERSON)
    case.execute_script("CREATE ROLE cleaner; GRANT SELECT, DELETE, TRIGGER ON person TO cleaner; GRANT cleaner TO few")
    case.execute_script("SET DEFAULT ROLE cleaner FOR few")
    try:
        found = look(few, collection("person", fields=fields("email")))
    finally:
        case.execute_script("DROP ROLE cleaner")
    assert found.tables["person"].rights == frozenset({"select", "delete"})
    assert the(found, "no_update").column == "email"
    assert not any("triggers of" in text for text in found.not_visible)


def test_a_table_without_any_right_is_missing_as_far_as_this_account_can_see(case: EngineCase, few: str) -> None:
    case.execute_script(PERSON)
    case.execute_script("CREATE TABLE open (a int)")
    grant(case, "SELECT ON open")
    assert "that this account can see" in the(look(few, collection("person")), "table_missing").message


# --- reading SHOW GRANTS -------------------------------------------------------------------------------


def rights(*lines: str) -> Rights:
    return Rights(tuple(g for line in lines if (g := parse_grant(line)) is not None))


def test_grants_are_read_by_level() -> None:
    found = rights(
        "GRANT USAGE ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*B69027D44F6E5EDC07F1AEAD1477967B16F28227'",
        "GRANT SELECT (`e`, `id`), DELETE ON `shop`.`person` TO `u`@`%`",
        "GRANT SELECT (`on`, `trigger`) ON `shop`.`card` TO `u`@`%`",
        "GRANT CREATE VIEW, SHOW VIEW ON `log\\_1`.* TO `u`@`%` WITH GRANT OPTION",
        "GRANT `role` TO `u`@`%`",
        "GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `u`@`%`",
    )
    assert found.holds("DELETE", "shop", "person")
    assert not found.holds("SELECT", "shop", "person"), "a right on columns is not one on the table"
    assert found.sees_table("shop", "person")
    assert not found.sees_table("shop", "card")
    assert found.sees_schema("log_1")
    assert not found.sees_schema("logs1"), "an escaped underscore is itself"
    assert not found.sees_server()


def test_wildcards_of_databases_and_all_privileges_count() -> None:
    found = rights("GRANT ALL PRIVILEGES ON `shop%`.* TO `u`@`%`", "GRANT SELECT ON `we``ird`.`t` TO `u`@`%`")
    assert found.holds("TRIGGER", "shop_2", "t")
    assert found.sees_table("we`ird", "t")
    assert not found.holds("TRIGGER", "store", "t")
    assert rights("GRANT ALL PRIVILEGES ON *.* TO `r`@`%`").sees_server()
    assert not rights("GRANT PROCESS, RELOAD ON *.* TO `r`@`%`").sees_server()
