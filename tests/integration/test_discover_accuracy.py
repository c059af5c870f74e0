"""What `troth discover` finds in the labelled schemas does not sink. bench/discover_accuracy.py tells it in full."""

from __future__ import annotations

from contextlib import closing
from functools import reduce
from operator import add
from pathlib import Path

import pytest
import sqlalchemy as sa

from databases import EngineCase
from labelled import DEVELOPMENT, HOLDOUT, INVENTED, LabelledColumn, LabelledTable, fill, load
from labelled_scoring import score
from random_databases import example
from troth.bootstrap import open_source
from troth.core.discover.model import Catalogue, Draft, FieldGuess, LinkGuess, Table, TableGuess
from troth.core.discover.run import discover

GOALS = {"columns recall": 0.95, "columns precision": 0.85, "links recall": 0.9, "links precision": 0.9}
LEAST = {"columns recall": 0.95, "columns precision": 0.875, "links recall": 0.93, "links precision": 0.96}
"""What was reached, for the development schemas together; to be raised with the rules, and never under ``GOALS``."""


@pytest.mark.slow
def test_the_development_figures_do_not_sink(tmp_path: Path) -> None:
    """All development schemas on SQLite, with rows; in one test, for every worker would measure again."""
    scores = []
    for name in DEVELOPMENT:
        schema, url = load(name), f"sqlite:///{tmp_path / name}.sqlite"
        fill(schema, url)
        with closing(open_source(url, name=name)) as source:
            scores.append(score(schema, discover(source, name)))
    total = reduce(add, scores)
    for figure, least in LEAST.items():
        thing, _, kind = figure.partition(" ")
        assert getattr(getattr(total, thing), kind) >= least, f"{figure}: the goal is {GOALS[figure]}"


# --- the measure itself -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [*DEVELOPMENT, *INVENTED, *HOLDOUT])
def test_few_columns_are_left_undecided(name: str) -> None:
    columns = [c for table in load(name).tables for c in table.columns]
    assert sum(c.either for c in columns) <= 0.055 * len(columns)
    assert sum(bool(c.personal) for c in columns) >= 0.05 * len(columns)


@pytest.mark.parametrize("name", ["phpbb", "mautic", "nextcloud"])
def test_a_labelled_schema_can_be_made_and_filled_on_every_engine(engine_case: EngineCase, name: str) -> None:
    schema = load(name)
    fill(schema, engine_case.url)
    engine = sa.create_engine(engine_case.url)
    people = next(t for t in schema.tables if t.people == "people")
    with engine.connect() as connection:
        rows = connection.execute(sa.select(sa.func.count()).select_from(sa.table(people.name))).scalar()
    engine.dispose()
    assert rows == 300


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    said = []
    for number in range(2):
        url = f"sqlite:///{tmp_path / str(number)}.sqlite"
        example(5).build(url)
        said.append(example(5).somebody(url))
    assert said[0] == said[1] is not None


def drawn(*tables: TableGuess) -> Draft:
    return Draft("main", Catalogue("sqlite", ()), tables)


def told(table: LabelledTable, fields: list[LabelledColumn], links: tuple[LinkGuess, ...] = ()) -> TableGuess:
    guesses = tuple(FieldGuess(c.name, c.personal or "Name", 0.9, ()) for c in fields)
    return TableGuess(Table(table.name, ()), "person", guesses, links)


def test_whoever_says_all_that_is_labelled_and_no_more_has_everything_right() -> None:
    schema = load("phpbb")
    guesses = [
        told(
            table,
            [c for c in table.columns if c.personal],
            tuple(
                LinkGuess(r.parent, ((c.name, r.column),), 0.9, (), where=r.when)
                for c in table.columns
                for r in c.references
                if r.belongs
            ),
        )
        for table in schema.tables
    ]
    perfect = score(schema, drawn(*guesses))
    assert (perfect.columns.recall, perfect.columns.precision) == (1, 1)
    assert (perfect.links.recall, perfect.links.precision) == (1, 1)
    assert perfect.exact == perfect.columns.found > 50


def test_whoever_says_everything_finds_all_and_is_mostly_wrong() -> None:
    schema = load("phpbb")
    greedy = score(schema, drawn(*(told(table, list(table.columns)) for table in schema.tables)))
    assert greedy.columns.recall == 1
    assert greedy.columns.precision < 0.4


def test_whoever_says_nothing_finds_nothing() -> None:
    silent = score(load("phpbb"), drawn())
    assert (silent.columns.recall, silent.links.recall) == (0, 0)
    assert silent.columns.false == silent.links.false == 0


def test_a_polymorphic_link_without_its_condition_is_a_false_alarm() -> None:
    schema = load("phpbb")
    table = schema.by_name["phpbb_attachments"]
    bare = LinkGuess("phpbb_posts", (("post_msg_id", "post_id"),), 0.9, ())
    right = LinkGuess("phpbb_posts", (("post_msg_id", "post_id"),), 0.9, (), where=("in_message", "0"))
    assert score(schema, drawn(told(table, [], (bare,)))).links.false == 1
    assert score(schema, drawn(told(table, [], (right,)))).links.found == 1


def test_misses_of_the_hold_out_are_not_shown() -> None:
    import subprocess
    import sys

    from databases import CHECKOUT

    ran = subprocess.run(
        [sys.executable, "bench/discover_accuracy.py", "--show", HOLDOUT[0]],
        cwd=CHECKOUT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "hold-out" in ran.stderr
