"""A request over two databases of different engines, and everything that dies on its way: noticed by nobody."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from desk.conftest import _tables, box  # Django knows its settings from here on

# isort: split
from crash.houses import house, tables_on
from crash.requesting import TWO_STORES, Scene, thawed
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
@pytest.mark.parametrize(("right", "every"), [("erasure", 13), ("access", 23), ("objection", 29)])
def test_a_worker_killed_anywhere_on_the_way_of_a_request_is_noticed_by_nobody(
    scene: Scene, right: str, every: int
) -> None:
    names = scene.moments(right)
    assert {"before mail", "after journal", "after state"} <= set(names)
    for moment in chosen(names, every):
        who = scene.somebody()
        ref = scene.ask(right, who)
        scene.killed(moment)
        scene.rescue()
        as_promised(scene, ref, who, right)
        assert scene.once(ref, *ENDS[right][-1:]), (moment, names[moment - 1])
    assert scene.evidence_holds()


def test_a_worker_frozen_before_its_act_is_overtaken_and_turned_away_when_it_wakes(scene: Scene) -> None:
    who = scene.somebody()
    ref = scene.ask("erasure", who)
    frozen = scene.killed("^after Default", how=signal.SIGSTOP)  # in one of the stores it is done, in the other not
    with thawed(frozen):
        scene.rescue()
        as_promised(scene, ref, who, "erasure")
    as_promised(scene, ref, who, "erasure")
    assert scene.once(ref, *ENDS["erasure"])
    assert scene.evidence_holds()


def test_one_store_down_for_a_while_keeps_the_request_waiting_and_nobody_is_told(
    scene: Scene, mariadb_server: MariaDBServer
) -> None:
    who = scene.somebody()
    ref = scene.ask("erasure", who)
    mariadb_server.kill()
    try:
        scene.front.work()
        assert scene.front.state_of(ref) in ("in_progress", "received")
        assert scene.run("shop", "SELECT email FROM customers WHERE id = 1") == [(who,)]
        assert scene.front.box.received == []
    finally:
        mariadb_server.start()
    scene.rescue(hours=7)
    as_promised(scene, ref, who, "erasure")
    assert scene.once(ref, *ENDS["erasure"])
    assert scene.evidence_holds()


@pytest.mark.parametrize("scene", ["server"], indirect=True)
def test_the_server_of_state_and_shop_killed_in_the_middle_is_noticed_by_nobody(
    scene: Scene, postgres_server: PostgresServer
) -> None:
    """It falls while the worker is about to write to the state of the erasure; the worker lives on, and tries again."""
    who = scene.somebody()
    ref = scene.ask("erasure", who)
    frozen = scene.killed("^before state", how=signal.SIGSTOP)
    with thawed(frozen):
        postgres_server.kill()
        postgres_server.start()
    scene.rescue(hours=7)
    as_promised(scene, ref, who, "erasure")
    assert scene.once(ref, *ENDS["erasure"][1:])
    assert scene.evidence_holds()


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["server"], indirect=True)
@pytest.mark.parametrize("right", ["erasure", "access", "objection"] if EXHAUSTIVE else ["access"])
def test_a_power_cut_anywhere_on_the_way_of_a_request_is_noticed_by_nobody(
    scene: Scene, postgres_server: PostgresServer, right: str
) -> None:
    """Worker and server fall together: what the journal had written and not yet brought to the disk is lost."""
    names = scene.moments(right)
    told = names.index("before mail") + 1
    for moment in range(1, len(names) + 1) if EXHAUSTIVE else (told, told + 2):
        who = scene.somebody()
        ref = scene.ask(right, who)
        scene.killed(moment)
        postgres_server.kill()
        postgres_server.start()
        scene.rescue(hours=7)
        as_promised(scene, ref, who, right)
        assert scene.once(ref, *ENDS[right][-1:]), (moment, names[moment - 1])
    assert scene.evidence_holds()


@pytest.mark.slow
@pytest.mark.parametrize("scene", ["server"], indirect=True)
def test_two_workers_share_requests_and_do_nothing_twice(scene: Scene) -> None:
    asked = {scene.ask("erasure", who): who for who in (scene.somebody() for _ in range(6))}
    first, second = scene.begun(), scene.begun()
    for pid in (first, second):
        os.waitpid(pid, 0)
    scene.rescue()
    for ref, who in asked.items():
        as_promised(scene, ref, who, "erasure")
        assert scene.once(ref, *ENDS["erasure"])
        assert scene.front.ledger(ref).count("erasure.intended") == 1
    assert len([m for m in scene.front.box.received if m.recipients[0] in asked.values()]) == len(asked)
    assert scene.evidence_holds()


def test_a_policy_that_changes_in_the_middle_changes_nothing_for_a_request_under_way(scene: Scene) -> None:
    """A deploy takes the approval for granted, another one takes it back: the way was fixed when the request came."""
    before = (scene.front.folder / "troth.yaml").read_text()
    careful = before.replace("erasure: automatic", "erasure: staff")
    who, second = scene.somebody(), scene.somebody()
    ref = scene.ask("erasure", who)
    assert scene.killed("^after journal")
    scene.deploy(careful)
    other = scene.ask("erasure", second)
    scene.rescue()
    as_promised(scene, ref, who, "erasure")
    assert not scene.erased(second)
    scene.deploy(before)
    scene.rescue()
    assert not scene.erased(second)
    assert scene.front.say_yes(other) == 1
    scene.rescue()
    as_promised(scene, other, second, "erasure")
    assert scene.evidence_holds()


def test_a_policy_that_cannot_be_read_for_a_while_stops_nothing_for_good(scene: Scene) -> None:
    before = (scene.front.folder / "troth.yaml").read_text()
    who = scene.somebody()
    ref = scene.ask("erasure", who)
    scene.deploy("format: 1\nnonsense")
    scene.front.work()
    assert not scene.erased(who)
    assert scene.front.box.received == []
    scene.deploy(before)
    scene.rescue()
    as_promised(scene, ref, who, "erasure")
    assert scene.once(ref, *ENDS["erasure"])


@pytest.mark.parametrize("jump", [-3650, 3650] if EXHAUSTIVE else [3650])
def test_a_clock_that_jumps_neither_loses_nor_repeats_a_step(
    scene: Scene, jump: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's clock is wrong by ten years while a worker dies, and right again when the next one comes."""
    from troth.jobs import clock, statements

    who = scene.somebody()
    ref = scene.ask("erasure", who)
    with monkeypatch.context() as wrong:
        wrong.setitem(clock.NOW, "sqlite", f"({clock.NOW['sqlite']} + {jump * 86_400_000})")
        statements._texts.cache_clear()
        assert bool(scene.killed("^after Default")) == (jump > 0)  # before its time nothing is taken
    statements._texts.cache_clear()
    scene.rescue()
    as_promised(scene, ref, who, "erasure")
    assert scene.once(ref, *ENDS["erasure"][-1:])
    assert scene.evidence_holds()


@pytest.mark.parametrize("scene", ["files", "server"] if EXHAUSTIVE else ["server"], indirect=True)
def test_a_site_killed_while_it_takes_a_request_has_taken_it_whole_or_not_at_all(scene: Scene) -> None:
    from troth.desk.models import File
    from troth.jobs.models import Job

    who = scene.somebody()
    for moment in ("^before journal", "^after journal"):
        assert scene.dies(lambda: scene.front.ask("erasure", who), moment)
        assert File.objects.count() == Job.objects.filter(kind="request").count() == (moment == "^after journal")
    again = scene.front.ask("erasure", who)  # the browser said that it failed: the person asks again
    assert again.joined
    scene.rescue()
    as_promised(scene, again.request.ref, who, "erasure")
    assert scene.evidence_holds()
