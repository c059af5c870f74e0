"""The labelled schemas of tests/fixtures/schemas: read, made on an engine, and filled with invented people.

    schema = load("phpbb")
    fill(schema, "sqlite:////tmp/phpbb.sqlite")

The rows come from a seed. What the files say is told in tests/fixtures/schemas/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mysql

from labelled_rows import Filler
from labelled_schema import Keyed, Labelled, LabelledColumn, LabelledTable, Reference, load

__all__ = [
    "DEVELOPMENT", "HOLDOUT", "INVENTED", "SEED", "Keyed", "Labelled", "LabelledColumn", "LabelledTable", "Reference", "fill", "load",
    "metadata",
]  # fmt: skip

DEVELOPMENT = ("mediawiki", "phpbb", "nextcloud", "drupal", "mautic")
INVENTED = ("verein", "ambulatorio", "tienda", "regie", "charity")
HOLDOUT = ("dolibarr", "facturascripts", "moodle")
SEED = 20261122


def _type(column: LabelledColumn, table: str) -> sa.types.TypeEngine[Any]:
    word, _, argument = column.type.partition("(")
    argument = argument.rstrip(")")
    if word == "enum":
        return sa.Enum(*argument.split("|"), name=f"{table}_{column.name}")
    if word == "binary":
        return sa.LargeBinary().with_variant(mysql.VARBINARY(int(argument)), "mysql", "mariadb")
    if word in ("varchar", "char"):
        return (sa.String if word == "varchar" else sa.CHAR)(int(argument))
    if word == "decimal":
        precision, _, scale = argument.partition(",")
        return sa.Numeric(int(precision), int(scale), asdecimal=False)
    plain: dict[str, sa.types.TypeEngine[Any]] = {
        "int": sa.Integer(), "smallint": sa.SmallInteger(), "bigint": sa.BigInteger(), "bool": sa.Boolean(),
        "float": sa.Float(), "text": sa.Text(), "date": sa.Date(), "time": sa.Time(), "datetime": sa.DateTime(),
        "json": sa.JSON(), "blob": sa.LargeBinary(), "uuid": sa.Uuid(as_uuid=False),
    }  # fmt: skip
    return plain[word]


def metadata(schema: Labelled) -> sa.MetaData:
    """The tables as SQLAlchemy has them; foreign keys where the product declares them."""
    made = sa.MetaData()
    for table in schema.tables:
        columns: list[Any] = []
        for column in table.columns:
            keys = [
                sa.ForeignKey(f"{r.parent}.{r.column}", name=f"fk_{table.name}_{column.name}"[:60], use_alter=True)
                for r in column.references
                if r.declared and not r.together
            ]
            nullable = bool(column.null) and column.name not in table.key
            columns.append(
                sa.Column(
                    column.name, _type(column, table.name), *keys, primary_key=column.name in table.key,
                    nullable=nullable or column.type in ("text", "blob"), autoincrement=False,
                )
            )  # fmt: skip
        columns += [sa.UniqueConstraint(*group) for group in table.uniques]
        columns += _composite_keys(table)
        for number, group in enumerate(table.indexes):
            long = {n: 60 for n in group if table.column(n).type in ("text", "blob")}
            columns.append(sa.Index(f"ix_{table.name}_{number}", *group, mysql_length=long, mariadb_length=long))
        sa.Table(table.name, made, *columns)
    return made


def _composite_keys(table: LabelledTable) -> Iterator[sa.ForeignKeyConstraint]:
    marked: dict[str, list[tuple[str, Reference]]] = {}
    for column in table.columns:
        for to in column.references:
            if to.declared and to.together:
                marked.setdefault(to.together, []).append((column.name, to))
    for mark, pairs in marked.items():
        yield sa.ForeignKeyConstraint(
            [mine for mine, _ in pairs], [f"{to.parent}.{to.column}" for _, to in pairs],
            name=f"fk_{table.name}_{mark}"[:60], use_alter=True,
        )  # fmt: skip


def fill(schema: Labelled, url: str, *, empty: bool = False, seed: int = SEED) -> None:
    """Make the tables in an empty database and, unless ``empty``, put the rows in."""
    engine = sa.create_engine(url, hide_parameters=True)
    tables = metadata(schema)
    try:
        with engine.begin() as connection:
            if engine.dialect.name != "sqlite":
                _constraints_rest(connection)
            tables.create_all(connection)
            if not empty:
                for name, rows in Filler(schema, seed).all().items():
                    if rows:
                        connection.execute(tables.tables[name].insert(), rows)
    finally:
        engine.dispose()


def _constraints_rest(connection: sa.Connection) -> None:
    """The rows come in no order of theirs: the server checks no foreign key of this session."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    else:
        connection.execute(sa.text("SET SESSION foreign_key_checks = 0"))
