"""From a database nobody described to the plan of an erasure, without a hand in between: on any database.

What is drafted of a random database must load as a policy, be surveyed, and give a plan for somebody who is in it.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from typer.testing import CliRunner

import databases as fresh
from effort import usually
from random_databases import RESERVED, RandomDatabase, databases, example
from servers import Server
from troth.bootstrap import examine_policy
from troth.cli.main import build
from troth.core.policy.model import Policy

AS_OF = "2026-11-22"
VARIABLE = "TROTH_RANDOM_URL"
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""A failure names its database, `example(number)`; looking for a smaller one takes many minutes and tells no more."""
FIRST = usually(12, 60)
QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]


@dataclass
class Chain:
    """One database on its way through the verbs, in a folder of its own."""

    case: RandomDatabase
    url: str
    folder: Path
    environment: pytest.MonkeyPatch
    planned: bool = False

    @property
    def policy(self) -> Path:
        return self.folder / "troth.yaml"

    def verb(self, *words: str, codes: tuple[int, ...] = (0,)) -> str:
        """What a verb prints. It must end with one of the codes, and not by an error that it did not foresee."""
        done = CliRunner().invoke(build(words[0]), list(words))
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code in codes, f"{words[0]} ended with {done.exit_code}:\n{done.output}"
        return done.stdout

    def go(self) -> None:
        """The whole way."""
        self.case.build(self.url)
        self.environment.setenv(VARIABLE, self.url)
        self.environment.setenv("TROTH_STATE", str(self.folder / "state"))
        self.verb("discover", "--url-from", VARIABLE, "--as", "main", "-o", str(self.policy))
        examined = examine_policy(self.policy)
        assert examined.policy is not None, [str(problem) for problem in examined.problems]
        page = self.folder / "survey.json"
        self.verb("survey", self.url, "-o", str(page), "--format", "json", "--as-of", AS_OF, codes=(0, 1))
        assert json.loads(page.read_text(encoding="utf-8"))
        self.plan(examined.policy)

    def plan(self, policy: Policy) -> None:
        """Somebody who is there is found, and the plan speaks of the row that is them."""
        somebody = self.case.somebody(self.url)
        if somebody is None:
            return
        collections = policy.stores["main"].collections
        mine = next((name for name, one in collections.items() if one.table == self.case.people), None)
        if mine is None or "email" not in {known.kind for known in collections[mine].identifiers}:
            return  # how often that happens is what test_the_people_are_nearly_always_found tells
        self.verb("keys", "init", "--origin", "random.test/troth")
        said = self.verb(
            "erase", f"email={somebody}", "--policy", str(self.policy), "--dry-run", "--as-of", AS_OF, "--format",
            "json", codes=(0, 1),
        )  # fmt: skip
        [store] = json.loads(said)["stores"]
        told = {step["collection"] for step in store["steps"]}
        told |= {finding["collection"] for finding in store["findings"] if finding["severity"] == "refuse"}
        assert store["unreachable"] is None
        assert mine in told, said
        self.planned = True


def go(case: RandomDatabase, url: str) -> bool:
    """The chain on one database; whether it came as far as a plan."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as environment:
        environment.chdir(folder)
        chain = Chain(case, url, Path(folder), environment)
        chain.go()
        assert chain.policy.exists()
        return chain.planned


@pytest.mark.slow
@given(databases())
@settings(max_examples=usually(10, 60), phases=PHASES, suppress_health_check=QUIET)
def test_any_sqlite_database_goes_from_discovery_to_the_plan_of_an_erasure(case: RandomDatabase) -> None:
    with tempfile.TemporaryDirectory() as folder:
        go(case, f"sqlite:///{folder}/store.sqlite")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@given(case=databases())
@settings(max_examples=usually(3, 20), phases=PHASES, suppress_health_check=QUIET)
def test_any_database_of_a_server_does_too(kind: str, request: pytest.FixtureRequest, case: RandomDatabase) -> None:
    server: Server = request.getfixturevalue({"postgresql": "postgres_server", "mariadb": "mariadb_server"}[kind])
    store = fresh.server_case(server)
    try:
        go(case, store.url)
    finally:
        server.drop_database(store.database)


@pytest.mark.slow
def test_the_people_are_nearly_always_found() -> None:
    planned = []
    for number in range(FIRST):
        with tempfile.TemporaryDirectory() as folder:
            planned.append(go(example(number), f"sqlite:///{folder}/store.sqlite"))
    assert sum(planned) >= FIRST - 1


def traits(case: RandomDatabase) -> set[str]:
    """What is peculiar about a database."""
    tables = case.schema.tables
    references = [to for table in tables for column in table.columns for to in column.references]
    names = [table.name for table in tables] + [column.name for table in tables for column in table.columns]
    found = {
        "composite key": any(len(table.key) > 1 for table in tables),
        "composite link": any(to.together for to in references),
        "declared": any(to.declared for to in references),
        "undeclared": any(to.belongs and not to.declared for to in references),
        "key/value": any(table.keyed for table in tables),
        "json": any(column.content.startswith("json(") for table in tables for column in table.columns),
        "self-reference": any(to.parent == t.name for t in tables for c in t.columns for to in c.references),
        "cycle": any(not to.belongs and to.parent != case.people for to in references),
        "view": bool(case.views),
        "reserved word": any(name in RESERVED for name in names),
        "blank in a name": any(" " in name for name in names),
        "mixed case": any(name != name.lower() and name != name.upper() for name in names),
        "names that say nothing": any(name.startswith("f00") for name in names),
        "empty table": any(table.rows == 0 for table in tables),
        "no key": any(not table.key for table in tables),
        "uuid": any(column.type == "uuid" for table in tables for column in table.columns),
        "packed address": any(column.content == "ip_packed" for table in tables for column in table.columns),
    }
    return {name for name, there in found.items() if there}


def test_every_peculiarity_comes_up_among_random_databases_and_none_in_all() -> None:
    seen = [traits(example(number)) for number in range(150)]
    assert set.union(*seen) == {
        "composite key", "composite link", "declared", "undeclared", "key/value", "json", "self-reference", "cycle",
        "view", "reserved word", "blank in a name", "mixed case", "names that say nothing", "empty table", "no key",
        "uuid", "packed address",
    }  # fmt: skip
    assert set.intersection(*seen) == set()
