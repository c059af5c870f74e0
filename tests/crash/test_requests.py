"""A request over two databases of different engines, and everything that dies on its way: noticed by nobody."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.conftest import _tables, box  # Django knows its settings from here on

# isort: split
from crash.houses import house, tables_on
from crash.requesting import TWO_STORES, Scene
from letterbox import Mailbox
from servers import MariaDBServer, PostgresServer

__all__ = ["_tables", "box"]

EXHAUSTIVE = bool(os.environ.get("TROTH_EXHAUSTIVE"))


@pytest.fixture(scope="session")
def _on_server(postgres_server: PostgresServer) -> str:
    return tables_on(postgres_server)


@pytest.fixture
def scene(
    request: pytest.FixtureRequest, tmp_path: Path, box: Mailbox, _tables: Path, monkeypatch: pytest.MonkeyPatch,
    postgres_server: PostgresServer, mariadb_server: MariaDBServer,
) -> Iterator[Scene]:  # fmt: skip
    """The shop on PostgreSQL, the mailing list on MariaDB; Troth's own state in files, or on a server."""
    stores = {"shop": postgres_server, "mailing": mariadb_server}
    names = {name: server.create_database(name) for name, server in stores.items()}
    urls = {name: server.url(names[name]) for name, server in stores.items()}
    for name, url in urls.items():
        monkeypatch.setenv(f"{name.upper()}_URL", url)
    own = postgres_server if getattr(request, "param", "files") == "server" else None
    template = request.getfixturevalue("_on_server") if own else ""
    with house(tmp_path, box, _tables, monkeypatch, own, template, TWO_STORES, "") as front:
        made = Scene(front, urls)
        made.make()
        yield made
    for name, server in stores.items():
        server.drop_database(names[name])


ENDS = {
    "erasure": ("erasure.done", "recipients.told", "request.partly_refused"),
    "access": ("access.given", "request.answered"),
    "objection": ("objection.made", "request.answered"),
}


def as_promised(scene: Scene, ref: str, who: str, right: str) -> None:
    """The request has come to its end as if nothing had happened."""
    from troth.desk.models import Package, Refusal

    assert scene.journal_done(ref)
    assert len(scene.mails(who)) == 1
    if right == "erasure":
        assert scene.erased(who)
    else:
        n = who.removeprefix("person").partition("@")[0]
        assert scene.run("shop", f"SELECT email FROM customers WHERE id = {n}") == [(who,)]
    if right == "access":
        [package] = Package.objects.filter(file__ref=ref)
        there = [p.name for p in (scene.front.folder / "troth-state" / "packages").iterdir() if ref in p.name]
        assert there == [package.name]
    if right == "objection":
        assert Refusal.objects.filter(file__ref=ref).exists()


def chosen(names: list[str], every: int) -> list[int]:
    return list(range(1, len(names) + 1, 1 if EXHAUSTIVE else every))


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["files", pytest.param("server", marks=pytest.mark.skipif(not EXHAUSTIVE, reason="long"))],
                         indirect=True)  # fmt: skip
@pytest.mark.parametrize(("right", "every"), [("erasure", 7), ("access", 11), ("objection", 12)])
def test_a_worker_killed_anywhere_on_the_way_of_a_request_is_noticed_by_nobody(
    scene: Scene, right: str, every: int
) -> None:
    names = scene.moments(right)
    from troth.jobs.models import Step; print(names, [(s.kind,s.state,s.error,s.waits_for) for s in Step.objects.all()], scene.front.ledger(scene.asked[0]))
    assert {"before mail", "after journal", "after state"} <= set(names)
    for moment in chosen(names, every):
        who = scene.somebody()
        ref = scene.ask(right, who)
        scene.killed(moment)
        scene.rescue()
        as_promised(scene, ref, who, right)
        assert scene.once(ref, *ENDS[right][-1:]), (moment, names[moment - 1])
    assert scene.evidence_holds()
