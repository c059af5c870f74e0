"""What reflection does not tell on PostgreSQL, each gap by its name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from databases import EngineCase
from inspecting import codes, collection, database_on, fields, link, look, the
from servers import PostgresServer
from troth.core.ports import StoreFacts, TriggerFacts


@pytest.fixture
def case(postgres_server: PostgresServer) -> Iterator[EngineCase]:
    """An empty PostgreSQL database."""
    with database_on(postgres_server) as made:
        yield made


def facts(case: EngineCase, script: str, *names: str) -> StoreFacts:
    case.execute_script(script)
    return look(case.url, *(collection(name) for name in names or ("person",)))


PERSON = "CREATE TABLE person (id int PRIMARY KEY, email text);"


def test_foreign_keys_from_other_schemas_are_seen(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON
        + """CREATE SCHEMA other; CREATE TABLE other.far (p int NOT NULL REFERENCES person ON DELETE CASCADE);
        CREATE TABLE other.farther (f int); ALTER TABLE other.far ADD PRIMARY KEY (p);
        ALTER TABLE other.farther ADD FOREIGN KEY (f) REFERENCES other.far""",
    )
    [key] = found.tables["person"].incoming
    assert (key.table, key.on_delete, key.nullable) == ("other.far", "cascade", False)
    assert set(found.others) == {"table:other.far", "table:other.farther"}, "the cascade goes on behind the first table"


def test_triggers_and_rules_are_seen(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON
        + """CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER skip BEFORE DELETE ON person FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TRIGGER later AFTER INSERT OR UPDATE ON person FOR EACH ROW EXECUTE FUNCTION f();
        CREATE TRIGGER asleep AFTER DELETE ON person FOR EACH ROW EXECUTE FUNCTION f();
        ALTER TABLE person DISABLE TRIGGER asleep;
        CREATE RULE keep AS ON UPDATE TO person DO INSTEAD NOTHING;
            CREATE RULE tell AS ON DELETE TO person DO ALSO NOTIFY x""",
    )
    assert set(found.tables["person"].triggers) == {
        TriggerFacts("skip", frozenset({"delete"})), TriggerFacts("later", frozenset({"insert", "update"})),
        TriggerFacts("keep", frozenset({"update"})), TriggerFacts("tell", frozenset({"delete"})),
    }  # fmt: skip
    assert "skip" in the(found, "trigger_may_skip").message
    assert the(found, "rule_instead").severity == "refuse"
    assert the(found, "rule_also").severity == "warn"


def test_triggers_on_partitions_count_for_the_partitioned_table(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id int, y int) PARTITION BY LIST (y);
            CREATE TABLE person_1 PARTITION OF person FOR VALUES IN (1);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
        CREATE TRIGGER inner_one BEFORE DELETE ON person_1 FOR EACH ROW EXECUTE FUNCTION f()""",
    )
    assert found.tables["person"].kind == "partitioned"
    assert [t.name for t in found.tables["person"].triggers] == ["inner_one"]


def test_row_security_that_concerns_this_account_is_refused(case: EngineCase, postgres_server: PostgresServer) -> None:
    case.execute_script(
        PERSON + "ALTER TABLE person ENABLE ROW LEVEL SECURITY; CREATE ROLE rosa LOGIN PASSWORD 'x'; "
        "GRANT ALL ON person TO rosa"
    )
    try:
        seen = look(postgres_server.url(case.database, "rosa", "x"), collection("person"))
    finally:
        case.execute_script("DROP OWNED BY rosa; DROP ROLE rosa")
    assert the(seen, "row_security").severity == "refuse"
    ours = look(case.url, collection("person"))
    assert ours.tables["person"].row_security
    assert "row_security" not in codes(ours), "a superuser sees every row"


def test_views_are_told_whether_rows_can_be_changed_through_them(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON + """CREATE VIEW plain AS SELECT id, email FROM person;
        CREATE VIEW counted AS SELECT email, count(*) n FROM person GROUP BY email;
        CREATE MATERIALIZED VIEW copy AS SELECT email FROM person""",
        "plain", "counted", "copy",
    )  # fmt: skip
    assert {n: t.kind for n, t in found.tables.items()} == {
        "plain": "view", "counted": "view", "copy": "materialised view",
    }  # fmt: skip
    assert [f.collection for f in found.findings if f.code == "view_not_updatable"] == ["counted"]
    assert the(found, "materialised_view").collection == "copy"


def test_an_instead_of_trigger_makes_a_view_writable(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON
        + """CREATE VIEW v AS SELECT email, count(*) n FROM person GROUP BY email;
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
        CREATE TRIGGER i INSTEAD OF UPDATE OR DELETE ON v FOR EACH ROW EXECUTE FUNCTION f()""",
        "v",
    )
    assert "view_not_updatable" not in codes(found)


def test_materialised_views_that_copy_a_mapped_table_are_found_through_other_views(case: EngineCase) -> None:
    found = facts(case, PERSON + """CREATE VIEW v AS SELECT email FROM person;
        CREATE MATERIALIZED VIEW deep AS SELECT email FROM v""")  # fmt: skip
    assert "public.deep" in the(found, "materialised_copy").message


def test_domains_bring_their_checks_length_and_not_null(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE DOMAIN mail AS varchar(60) CONSTRAINT has_at CHECK (VALUE ~ '@');
            CREATE DOMAIN work_mail AS mail NOT NULL;
        CREATE TABLE person (id int PRIMARY KEY, email work_mail)""",
    )
    column = found.tables["person"].columns["email"]
    assert (column.family, column.nullable, column.declared) == ("text", False, "work_mail")
    assert [(c.name, c.columns) for c in found.tables["person"].checks] == [("has_at", ("email",))]
    direct = facts(case, "CREATE TABLE other (e mail)", "other").tables["other"].columns["e"]
    assert (direct.length, direct.nullable) == (60, True)


def test_length_of_a_domain_over_a_domain_is_found(case: EngineCase) -> None:
    found = facts(case, "CREATE DOMAIN a AS varchar(20); CREATE DOMAIN b AS a; CREATE TABLE person (id int, x b)")
    assert found.tables["person"].columns["x"].length == 20


def test_exclusion_constraints_are_unique_in_an_opaque_way(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE person (id int PRIMARY KEY, during tsrange,
            CONSTRAINT alone EXCLUDE USING gist (during WITH &&))""",
    )
    unique = next(u for u in found.tables["person"].uniques if u.name == "alone")
    assert unique.opaque
    assert unique.columns == ("during",)


def test_nulls_not_distinct_is_told(case: EngineCase) -> None:
    found = facts(
        case,
        "CREATE TABLE person (id int PRIMARY KEY, a text, b text UNIQUE, UNIQUE NULLS NOT DISTINCT (a))",
    )
    assert {u.columns: u.nulls_equal for u in found.tables["person"].uniques} == {
        ("id",): False, ("a",): True, ("b",): False,
    }  # fmt: skip


def test_partial_and_expression_uniques_are_opaque(case: EngineCase) -> None:
    found = facts(
        case,
        PERSON
        + """ALTER TABLE person ADD gone timestamptz; CREATE UNIQUE INDEX alive ON person (email) WHERE gone IS NULL;
        CREATE UNIQUE INDEX folded ON person (lower(email));
        CREATE UNIQUE INDEX carrying ON person (gone) INCLUDE (email)""",
    )
    uniques = {u.name: u for u in found.tables["person"].uniques}
    assert uniques["alive"].opaque
    assert set(uniques["alive"].columns) == {"email", "gone"}
    assert (uniques["folded"].opaque, uniques["folded"].columns) == (True, ("email",))
    assert (uniques["carrying"].opaque, uniques["carrying"].columns) == (False, ("gone",))
    assert ("email",) not in found.tables["person"].indexes


def test_constraints_that_were_never_validated_are_told(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE person (id int PRIMARY KEY, p int, email text);
        ALTER TABLE person ADD CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent NOT VALID;
        ALTER TABLE person ADD CONSTRAINT ok CHECK (email LIKE '%@%') NOT VALID""",
    )
    assert [f.message.split()[2] for f in found.findings if f.code == "not_validated"] == ["fk", "ok"]
    assert [k.validated for k in found.tables["person"].outgoing] == [False]


PARTS = """CREATE TABLE person (id int, y int NOT NULL, PRIMARY KEY (id, y)) PARTITION BY LIST (y);
    CREATE TABLE person_1 PARTITION OF person FOR VALUES IN (1);
        CREATE TABLE person_2 PARTITION OF person FOR VALUES IN (2);
    CREATE TABLE note (id int, p int, y int, FOREIGN KEY (p, y) REFERENCES person ON DELETE CASCADE)
        PARTITION BY LIST (y);
    CREATE TABLE note_1 PARTITION OF note FOR VALUES IN (1)"""


def test_partitions_are_not_counted_beside_their_parent(case: EngineCase) -> None:
    found = facts(case, PARTS)
    assert found.tables["person"].kind == "partitioned"
    assert found.tables["person"].key == ("id", "y")
    assert set(found.others) == {"table:public.note"}
    assert len(found.tables["person"].incoming) == 1, "one foreign key, not one for each partition"
    alone = look(case.url, collection("person_1"))
    assert the(alone, "is_partition").severity == "warn"
    both = look(case.url, collection("person"), collection("person_1"))
    assert (the(both, "partition_twice").severity, the(both, "partition_twice").collection) == ("refuse", "person_1")


def test_inheritance_is_told_from_both_sides(case: EngineCase) -> None:
    found = facts(case, PERSON + "CREATE TABLE client (vat text) INHERITS (person)", "person", "client")
    assert the(found, "inherited").collection == "person"
    assert the(found, "inherits").collection == "client"
    assert found.tables["client"].key == (), "the child has no primary key"


def test_enums_arrays_and_other_types_have_their_families(case: EngineCase) -> None:
    found = facts(
        case,
        """CREATE TYPE mood AS ENUM ('happy', 'so so'); CREATE EXTENSION citext;
        CREATE TABLE person (id uuid PRIMARY KEY, m mood, tags text[], doc jsonb, mail citext, n numeric(10,2), b bytea,
            at timestamptz, d date, t time, ok boolean, c char(3), r tsrange, s smallint, x xml)""",
    )
    columns = found.tables["person"].columns
    assert {n: c.family for n, c in columns.items()} == {
        "id": "uuid", "m": "enum", "tags": "array", "doc": "json", "mail": "text", "n": "number", "b": "binary",
        "at": "datetime", "d": "date", "t": "time", "ok": "boolean", "c": "text", "r": "other", "s": "integer",
        "x": "text",
    }  # fmt: skip
    assert columns["m"].enum == ("happy", "so so")
    assert (columns["mail"].declared, columns["c"].length, columns["n"].length) == ("citext", 3, None)


def test_generated_and_identity_columns_are_told(case: EngineCase) -> None:
    case.execute_script("""CREATE TABLE person (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        n int GENERATED BY DEFAULT AS IDENTITY,
        a text, b text GENERATED ALWAYS AS (lower(a)) STORED)""")  # fmt: skip
    found = look(case.url, collection("person", fields=fields("id", "b", "a")))
    columns = found.tables["person"].columns
    assert [n for n, c in columns.items() if c.always_identity] == ["id"]
    assert [n for n, c in columns.items() if c.generated] == ["b"]
    assert the(found, "identity_always").column == "id"
    assert the(found, "generated").column == "b"


def test_unlogged_tables_are_noted(case: EngineCase) -> None:
    assert "unlogged" in codes(facts(case, "CREATE UNLOGGED TABLE person (id int PRIMARY KEY)"))


def test_deferrable_references_are_told(case: EngineCase) -> None:
    found = facts(case, PERSON + "CREATE TABLE note (p int REFERENCES person DEFERRABLE)")
    assert [(k.deferrable, k.nullable) for k in found.tables["person"].incoming] == [(True, True)]


def test_a_bare_name_means_what_the_search_path_says(case: EngineCase) -> None:
    case.execute_script(
        PERSON
        + """CREATE SCHEMA shop; CREATE TABLE shop.person (nr int PRIMARY KEY); CREATE TABLE shop.only_here (a int);
        CREATE TABLE "Person" (x int)"""
    )
    assert look(case.url, collection("person")).tables["person"].table == "public.person"
    assert look(case.url, collection("person", schema="SHOP")).tables["person"].table == "shop.person"
    assert look(case.url, collection("person", "Person")).tables["person"].table == "public.Person"
    assert "did you mean shop.only_here?" in the(look(case.url, collection("only_here")), "table_missing").message
    assert the(look(case.url, collection("person", "PERSON")), "table_ambiguous").severity == "refuse"


def test_an_account_without_any_grant_still_sees_the_whole_schema(
    case: EngineCase, postgres_server: PostgresServer
) -> None:
    case.execute_script(
        PERSON
        + """CREATE SCHEMA other; CREATE TABLE other.far (p int REFERENCES person ON DELETE SET NULL);
        CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
        CREATE TRIGGER t AFTER DELETE ON person FOR EACH ROW EXECUTE FUNCTION f();
            CREATE ROLE nora LOGIN PASSWORD 'x'"""
    )
    try:
        seen = look(postgres_server.url(case.database, "nora", "x"), collection("person", fields=fields("email")))
    finally:
        case.execute_script("DROP ROLE nora")
    person = seen.tables["person"]
    assert (person.key, len(person.incoming), len(person.triggers)) == (("id",), 1, 1)
    assert person.rights == frozenset()
    assert {f.column for f in seen.findings if f.code == "no_select"} == {"email"}


def test_rights_on_single_columns_are_told_column_by_column(case: EngineCase, postgres_server: PostgresServer) -> None:
    case.execute_script(
        """CREATE TABLE person (id int PRIMARY KEY, email text, phone text); CREATE ROLE nils LOGIN PASSWORD 'x';
        GRANT SELECT (id, email), UPDATE (phone) ON person TO nils"""
    )
    try:
        seen = look(
            postgres_server.url(case.database, "nils", "x"), collection("person", fields=fields("email", "phone"))
        )
    finally:
        case.execute_script("DROP OWNED BY nils; DROP ROLE nils")
    assert seen.tables["person"].rights == frozenset({"select", "update"})
    assert the(seen, "no_select").column == "phone"
    assert the(seen, "no_update").column == "email"
    assert "no_delete" in codes(seen)


def test_columns_under_unlike_collations_cannot_be_compared(case: EngineCase) -> None:
    case.execute_script(
        """CREATE TABLE person (mail text COLLATE "C" PRIMARY KEY);
            CREATE TABLE visit (id int PRIMARY KEY, mail text COLLATE "POSIX")"""
    )
    found = look(case.url, collection("person"), collection("visit", links=link("person", ("mail", ""))))
    assert the(found, "link_collation").collection == "visit"


def test_sizes_of_partitioned_tables_are_those_of_their_partitions(case: EngineCase) -> None:
    case.execute_script(PARTS)
    case.execute_script("INSERT INTO person SELECT i, 1 + i % 2 FROM generate_series(1, 3000) i; ANALYZE")
    assert look(case.url, collection("person")).tables["person"].rows == 3000
