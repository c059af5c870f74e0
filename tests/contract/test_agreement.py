"""Every engine means the same rows by a condition as plain Python does, whatever the condition and the rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import databases
from contract.worlds import Table, World, a_field, insert, make_memory, make_sql, quote
from effort import usually
from troth.core.policy.model import Clock, Collection, Condition, Identifier, Mode, Store
from troth.core.ports import Want
from troth.core.query import (
    And,
    Before,
    Everything,
    Expr,
    Hop,
    Identified,
    KeyIn,
    KeySpan,
    Not,
    NotClear,
    Nothing,
    Or,
    Readable,
    Related,
    Unreadable,
    Where,
)

PARENT = Table(
    {"id": ("int", False), "n": ("int", True), "s": ("text", True), "at": ("text", True), "day": ("text", True)}
)
CHILD = Table({"id": ("int", False), "parent_id": ("int", True), "s": ("text", True), "n": ("int", True)})
TABLES = {"parent": PARENT, "child": CHILD}

TEXTS = ("", "a", "A", "á", "ana@x.test", "Ana@X.test", "ÁNA@x.test", "1", "01", "user_1_x", "n/a", "ß", "s", "🦉",
         "erased-0123456789abcdef01234567", "erased-0123456789abcdef01234567@erased.invalid", "erased-x")  # fmt: skip
MOMENTS = ("2020-01-01", "2020-01-01 10:00:00", "2019-12-31T23:59:59", "2020-02-30", "2021-02-29", "0000-00-00", "",
           "1969-01-01", "soon", "2020-01-01 25:00:00", "2020-1-1")  # fmt: skip
DAYS = ("01/01/2020", "31/12/2019", "30/02/2020", "1/1/2020", "2020-01-01", "01/13/2020", "", "29/02/2020")
NUMBERS = (0, 1, 2, 3, -1)
AT = Clock("at", "datetime")
DAY = Clock("day", "text", "%d/%m/%Y")


def the_store() -> Store:
    fields = (a_field("s", neutral="n/a", has_neutral=True),)
    collections = (
        Collection("x", "parent", "parent", identifiers=(Identifier("email", "s"),), fields=fields),
        Collection("x", "child", "child", fields=fields),
        Collection("x", "few", "parent", where=(Condition("n", "in", (1, 2)),), fields=fields),
    )
    return Store("x", "", "FR", None, Mode.ENFORCE, {c.name: c for c in collections})


def columns_of(collection: str) -> tuple[str, ...]:
    return tuple(TABLES["child" if collection == "child" else "parent"].columns)


def condition(collection: str) -> st.SearchStrategy[Condition]:
    numbers = [c for c in columns_of(collection) if c in ("id", "n", "parent_id")]
    listed = st.lists(st.sampled_from([None, *NUMBERS]), min_size=1, max_size=3).map(tuple)
    texts = st.lists(st.sampled_from([None, "", "a", "1", "n/a"]), min_size=1, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Condition, st.sampled_from(columns_of(collection)), st.sampled_from(["null", "not_null"])),
        st.builds(Condition, st.sampled_from(numbers), st.sampled_from(["in", "not_in"]), listed),
        st.builds(Condition, st.just("s"), st.sampled_from(["in", "not_in"]), texts),
        st.builds(
            Condition, st.sampled_from(numbers), st.sampled_from(["lt", "le", "gt", "ge"]),
            st.tuples(st.sampled_from(NUMBERS)),
        ),
    )  # fmt: skip


def leaf(collection: str) -> st.SearchStrategy[Expr]:
    ids = st.lists(st.tuples(st.sampled_from([*range(6), "1", "01", None])), max_size=4).map(tuple)
    texts = st.lists(st.tuples(st.sampled_from(TEXTS)), max_size=60).map(tuple)
    bound = st.sampled_from([None, 0, 1, 3])
    cutoff = st.sampled_from([date(2020, 1, 1), date(2020, 1, 2), date(2030, 1, 1)])
    leaves: list[st.SearchStrategy[Expr]] = [
        st.just(Everything()), st.just(Nothing()), condition(collection).map(Where),
        st.builds(KeyIn, st.just(("id",)), ids), st.builds(KeyIn, st.just(("s",)), texts),
        st.builds(KeySpan, st.just("id"), bound, bound), st.just(NotClear(("s",))),
    ]  # fmt: skip
    if collection != "child":
        clock = st.sampled_from([AT, DAY])
        typed = st.sampled_from(["ana@x.test", "ANA@X.TEST", "ána@x.test", "s", "nobody@x.test"])
        leaves += [
            st.builds(Before, clock, cutoff), st.builds(Readable, clock, st.none() | cutoff),
            st.builds(Unreadable, clock), st.builds(Identified, st.just("email"), st.just("s"), typed),
        ]  # fmt: skip
    return st.one_of(leaves)


def hop(source: str, target: str) -> st.SearchStrategy[Hop]:
    if source == "child" and target != "child":
        pairs = [(("parent_id", "id"),), (("s", "s"),), (("parent_id", "id"), ("n", "n")), (("s", "id"),)]
    elif source == "child":
        pairs = [(("parent_id", "id"),), (("s", "s"),)]
    elif target == "child":
        pairs = [(("id", "parent_id"),), (("s", "s"),), (("n", "s"),)]
    else:
        pairs = [(("n", "id"),), (("s", "s"), ("id", "n"))]
    plain = st.builds(
        Hop, st.just(source), st.just(target), st.sampled_from(pairs),
        st.lists(condition(target), max_size=1).map(tuple), st.lists(condition(source), max_size=1).map(tuple),
    )  # fmt: skip
    text = st.builds(
        Hop, st.just(source), st.just(target), st.just((("s", "id"),)), template=st.just("user_{}_x"),
        template_side=st.just("source"),
    )  # fmt: skip
    other = st.builds(
        Hop, st.just(source), st.just(target), st.just((("id", "s"),)), template=st.just("user_{}_x"),
        template_side=st.just("target"),
    )  # fmt: skip
    return st.one_of(plain, plain, text, other)


def expr(collection: str, depth: int = 3) -> st.SearchStrategy[Expr]:
    if depth == 0:
        return leaf(collection)
    smaller = st.deferred(lambda: expr(collection, depth - 1))
    several = st.lists(smaller, max_size=3).map(tuple)

    @st.composite
    def related(draw: st.DrawFn) -> Expr:
        target = draw(st.sampled_from(["parent", "child", "few"]))
        first = draw(hop(collection, target))
        if draw(st.booleans()):
            return Related((first,), draw(expr(target, depth - 1)))
        last = draw(st.sampled_from(["parent", "child", "few"]))
        return Related((first, draw(hop(target, last))), draw(expr(last, depth - 1)))

    return st.one_of(
        leaf(collection), st.builds(And, several), st.builds(Or, several), st.builds(Not, smaller), related()
    )


@st.composite
def rows(draw: st.DrawFn, table: Table) -> list[dict[str, Any]]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "n": st.none() | st.sampled_from(NUMBERS), "parent_id": st.none() | st.sampled_from(NUMBERS),
        "s": st.none() | st.sampled_from(TEXTS), "at": st.none() | st.sampled_from(MOMENTS),
        "day": st.none() | st.sampled_from(DAYS),
    }  # fmt: skip
    ids = draw(st.lists(st.integers(0, 5), unique=True, max_size=6))
    return [{"id": i} | {c: draw(kinds[c]) for c in table.columns if c != "id"} for i in ids]


@contextmanager
def opened(request: pytest.FixtureRequest, kind: str, directory: Path) -> Iterator[World]:
    if kind == "sqlite":
        case = databases.sqlite_case(directory)
    else:
        server = request.getfixturevalue({"postgresql": "postgres_server", "mariadb": "mariadb_server"}[kind])
        case = databases.server_case(server)
    made = make_sql(case, the_store(), TABLES)
    yield made
    made.connector.close()
    if case.server is not None:
        case.server.drop_database(case.database)


@pytest.fixture(scope="module")
def sqlite_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(request, "sqlite", tmp_path_factory.mktemp("agree")) as made:
        yield made


def check(world: World, parents: list[dict[str, Any]], children: list[dict[str, Any]], name: str, where: Expr) -> None:
    tables = {"parent": PARENT.with_rows(*parents), "child": CHILD.with_rows(*children)}
    memory = make_memory(the_store(), tables)
    wants = [Want(name, where, digest=True), Want(name, where)]
    assert list(world.connector.keys(name, where)) == list(memory.connector.keys(name, where))
    assert world.connector.count(wants) == memory.connector.count(wants)


@given(rows(PARENT), rows(CHILD), st.sampled_from(["parent", "child", "few"]), st.data())
@settings(max_examples=usually(80, 500), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_sqlite_means_the_same_rows(
    sqlite_world: World, parents: list[dict[str, Any]], children: list[dict[str, Any]], name: str, data: st.DataObject
) -> None:
    assert sqlite_world.case is not None
    script = "".join(f"DELETE FROM {quote('sqlite', t)};" for t in TABLES)
    script += insert("sqlite", "parent", parents) + insert("sqlite", "child", children)
    sqlite_world.case.execute_script(script)
    check(sqlite_world, parents, children, name, data.draw(expr(name)))


def many_rows(table: Table) -> list[dict[str, Any]]:
    """Every text with every number once, so that nothing is missing from what may disagree."""
    pools = {"n": (*NUMBERS, None), "parent_id": (None, *NUMBERS), "s": (*TEXTS, None), "at": (None, *MOMENTS),
             "day": (*DAYS, None)}  # fmt: skip
    found = []
    for i in range(36):
        found.append({"id": i} | {c: pools[c][(i * 7 + i // 5) % len(pools[c])] for c in table.columns if c != "id"})
    return found


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(request, request.param, tmp_path_factory.mktemp("agree")) as made:
        assert made.case is not None
        made.case.execute_script("".join(insert(made.kind, n, many_rows(t)) for n, t in TABLES.items()))
        yield made


@given(st.sampled_from(["parent", "child", "few"]), st.data())
@settings(max_examples=usually(50, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_servers_mean_the_same_rows(server_world: World, name: str, data: st.DataObject) -> None:
    check(server_world, many_rows(PARENT), many_rows(CHILD), name, data.draw(expr(name)))
