"""A schema with everything in it, on each engine, and short words for looking at a database through a source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from databases import EngineCase
from troth.bootstrap import open_source
from troth.core.discover.model import Budget, Profile, Source, Table, Trouble

TOKEN = "zq7token"
"""Stands in every text of the rich schema: it must be in nothing that comes out."""

_SQLITE = """
CREATE TABLE customer (
    id integer PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, "Full Name" text, kind text, made datetime,
    picture blob, doubled int GENERATED ALWAYS AS (id * 2) VIRTUAL, sponsor int REFERENCES customer);
CREATE TABLE "order" (
    "group" int, nr text, cust int NOT NULL REFERENCES customer (id) ON DELETE CASCADE, total real, at int,
    PRIMARY KEY ("group", nr));
CREATE INDEX order_cust ON "order" (cust, at);
CREATE INDEX order_some ON "order" (total) WHERE total > 5;
CREATE INDEX order_word ON "order" (at, lower(nr));
CREATE TABLE line (nr int, "group" int, what text, FOREIGN KEY ("group", nr) REFERENCES "order");
CREATE TABLE hen (id integer PRIMARY KEY, egg int REFERENCES egg (id));
CREATE TABLE egg (id integer PRIMARY KEY, hen int REFERENCES hen (id));
CREATE TABLE keyed (word text PRIMARY KEY, "rowid" int) WITHOUT ROWID;
CREATE VIRTUAL TABLE found USING fts5(body);
CREATE VIEW grown AS SELECT id, email FROM customer;
CREATE VIEW broken AS SELECT * FROM gone;
CREATE TRIGGER ordered AFTER INSERT ON "order" BEGIN SELECT 1; END;
"""

_POSTGRESQL = """
CREATE TYPE mood AS ENUM ('sad', 'it''s fine');
CREATE TYPE place AS (street text, town text);
CREATE DOMAIN label AS varchar(20);
CREATE DOMAIN firm AS label CHECK (VALUE <> '');
CREATE TABLE customer (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email varchar(60) NOT NULL UNIQUE, "Full Name" text,
    kind text, made timestamptz, picture bytea, doubled int GENERATED ALWAYS AS (7 * 2) STORED,
    sponsor bigint REFERENCES customer, mood mood, tags text[], home place, firm firm, data jsonb, uid uuid,
    ip inet, born date, paid numeric, cash money, wake time, wait interval, half float8);
COMMENT ON TABLE customer IS 'who buys';
COMMENT ON COLUMN customer.email IS 'where to write';
CREATE TABLE "order" (
    "group" int, nr text, cust bigint NOT NULL REFERENCES customer ON DELETE CASCADE, total real, at int,
    PRIMARY KEY ("group", nr));
CREATE INDEX order_cust ON "order" (cust, at);
CREATE INDEX order_some ON "order" (total) WHERE total > 5;
CREATE INDEX order_word ON "order" (at, lower(nr));
CREATE TABLE line (nr text, "group" int, what text, FOREIGN KEY ("group", nr) REFERENCES "order");
CREATE TABLE hen (id int PRIMARY KEY, egg int);
CREATE TABLE egg (id int PRIMARY KEY, hen int REFERENCES hen);
ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg DEFERRABLE;
CREATE TABLE visit (at date, cust bigint REFERENCES customer, note text) PARTITION BY RANGE (at);
CREATE TABLE visit_24 PARTITION OF visit FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE visit_25 PARTITION OF visit FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE SCHEMA "Back Office";
CREATE TABLE "Back Office".customer (id int PRIMARY KEY, main bigint REFERENCES public.customer);
CREATE VIEW grown AS SELECT id, email FROM customer;
CREATE VIEW broken AS SELECT 1 / (id - id) AS wrong FROM customer;
CREATE VIEW sleepy AS SELECT id, pg_sleep(30)::text AS rest FROM customer;
CREATE MATERIALIZED VIEW kept AS SELECT id, email FROM customer;
CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER ordered AFTER INSERT ON "order" FOR EACH ROW EXECUTE FUNCTION act();
"""

_MARIADB = """
CREATE TABLE customer (
    id bigint AUTO_INCREMENT PRIMARY KEY, email varchar(60) NOT NULL UNIQUE COMMENT 'where to write',
    `Full Name` text, kind varchar(20), made datetime, picture longblob,
    doubled int GENERATED ALWAYS AS (7 * 2) STORED, sponsor bigint, mood enum('sad', 'it''s fine'), data json,
    born date, since year, flags set('a', 'b'), spot point, bits bit(3), wake time, half double,
    FOREIGN KEY (sponsor) REFERENCES customer (id)) COMMENT 'who buys';
CREATE TABLE `order` (
    `group` int, nr varchar(20), cust bigint NOT NULL, total float, at int, PRIMARY KEY (`group`, nr),
    KEY order_cust (cust, at), FOREIGN KEY (cust) REFERENCES customer (id) ON DELETE CASCADE);
CREATE TABLE line (nr varchar(20), `group` int, what text, FOREIGN KEY (`group`, nr) REFERENCES `order` (`group`, nr));
CREATE TABLE hen (id int PRIMARY KEY, egg int);
CREATE TABLE egg (id int PRIMARY KEY, hen int, FOREIGN KEY (hen) REFERENCES hen (id));
ALTER TABLE hen ADD FOREIGN KEY (egg) REFERENCES egg (id);
CREATE TABLE visit (at date, cust bigint, note text)
    PARTITION BY RANGE COLUMNS (at) (PARTITION a VALUES LESS THAN ('2025-01-01'), PARTITION b VALUES LESS THAN MAXVALUE);
CREATE SEQUENCE counter;
CREATE VIEW grown AS SELECT id, email FROM customer;
CREATE TABLE gone (id int);
CREATE VIEW broken AS SELECT * FROM gone;
DROP TABLE gone;
CREATE VIEW sleepy AS SELECT id, sleep(30) AS rest FROM customer;
CREATE TRIGGER ordered AFTER INSERT ON `order` FOR EACH ROW SET @seen = 1;
"""

SCHEMAS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL, "mariadb": _MARIADB}


def people(case: EngineCase, number: int) -> None:
    """Fill ``customer`` and ``order`` of the rich schema with rows, the token in every text."""
    numbers = {
        "sqlite": f"(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {number}) SELECT i FROM c) n",
        "postgresql": f"generate_series(1, {number}) n(i)",
        "mariadb": f"(SELECT seq AS i FROM seq_1_to_{number}) n",
    }[case.kind]
    picture = f"CAST('{TOKEN}' AS blob)" if case.kind == "sqlite" else f"'{TOKEN}'"
    quote = "`" if case.kind == "mariadb" else '"'
    glue = (
        (lambda *parts: f"concat({', '.join(parts)})") if case.kind == "mariadb" else lambda *parts: " || ".join(parts)
    )
    case.execute_script(f"""
        INSERT INTO customer (email, {quote}Full Name{quote}, kind, made, picture)
        SELECT {glue("'p'", "i", f"'.{TOKEN}@example.org'")}, {glue(f"'{TOKEN} Verdier '", "i")},
            CASE WHEN i % 2 = 0 THEN 'shop' ELSE 'web' END, '2024-01-02 03:04:05', {picture}
        FROM {numbers};
        INSERT INTO {quote}order{quote} ({quote}group{quote}, nr, cust, total, at)
        SELECT i % 7, {glue("'N'", "i")}, 1 + i % {number}, i, 1700000000 + i FROM {numbers}
    """)


@contextmanager
def looking(url: str, **budget: Any) -> Iterator[Source]:
    """A source that is closed at the end."""
    source = open_source(url, budget=Budget(**budget))
    try:
        yield source
    finally:
        source.close()


def tables_of(source: Source) -> dict[str, Table]:
    """The catalogue's tables by qualified name."""
    return {t.qualified: t for t in source.catalogue().tables}


def profiles_of(url: str, table: str, **budget: Any) -> tuple[dict[str, Profile], list[Trouble]]:
    """The profiles of one table."""
    with looking(url, **budget) as source:
        profiles, troubles = source.profiles(tables_of(source)[table])
        return dict(profiles), list(troubles)


def codes(troubles: Any) -> set[str]:
    """The codes of all troubles."""
    return {trouble.code for trouble in troubles}


def numbers(case: EngineCase, most: int) -> str:
    """The numbers from 1 on, as ``i`` of a table."""
    return {
        "sqlite": f"(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < {most}) SELECT i FROM c) n",
        "postgresql": f"generate_series(1, {most}) n(i)",
        "mariadb": f"(SELECT seq AS i FROM seq_1_to_{most}) n",
    }[case.kind]
