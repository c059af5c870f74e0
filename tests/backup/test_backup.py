"""Saving the state while it is used, and putting it back: all of it, verified, or nothing."""

from __future__ import annotations

import os
import sqlite3
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from backup.saving import OWNER, PUBLIC, Saving, accepted, events, inside, opened_at
from troth.core.errors import EvidenceError, KeyUnavailable, LedgerTampered, TrothError, UsageError
from troth.core.evidence.leaf import Event
from troth.core.evidence.note import b64
from troth.state import Place, init_state, open_state
from troth.state.backup import files as copies
from troth.state.backup import locks, tables
from troth.state.backup.fence import Fence
from troth.state.backup.locks import Opener
from troth.state.backup.make import make
from troth.state.backup.restore import Wanted, drill
from troth.state.rotation import destroy_epoch, rotate
from troth.web.tables import known, site

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def listing(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_everything_comes_back_and_the_log_goes_on(both: Saving, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.desk import packages

    front = both.front
    done, fetched = front.ask("erasure").request.ref, front.ask("access", "bo@example.org").request.ref
    front.work()
    front.say_yes(done)
    front.work()
    waiting = front.ask("erasure", "bo@example.org").request.ref
    made = both.save()
    found = both.verify()
    assert (found.digest, found.size) == (made.digest, made.path.stat().st_size)
    with open_state(both.place.directory) as state:
        assert events(state)[-1] == "backup.made"
        before = events(state)[:-1]
        assert found.about.head.size == len(before)
    place = both.elsewhere()
    restored = both.put(place)
    assert (restored.lost, restored.fence.steps, restored.packages) == (None, 0, 1)
    with opened_at(place, monkeypatch) as state:
        assert events(state) == [*before, "backup.restored"]
        assert accepted(state)
        assert "erasure.done" in [kind for kind, _ in state.events_of(done)]
    [name] = [p.name for p in (place.directory / "packages").iterdir()]
    assert name.startswith(fetched)
    rows = content(both, place)
    assert rows == content(both, both.place)
    assert waiting in str(rows["desk_file"])
    assert packages.folder().name == "packages"


def content(saving: Saving, place) -> dict[str, list[tuple[object, ...]]]:
    """What the site's database holds, by table, but for the journal of the last moment."""
    names = (
        "desk_file", "desk_package", "desk_name", "jobs_job", "jobs_step", "accounts_user", "accounts_session",
        "accounts_letter", "api_token", "django_migrations",
    )  # fmt: skip
    if saving.server is None:
        with sqlite3.connect(place.directory / "site.db") as site:
            found = {name: sorted(site.execute(f"SELECT * FROM {name}")) for name in names}
        site.close()
        return found
    database = place.url.rpartition("/")[2]
    return {name: sorted(saving.server.admin_execute(f"SELECT * FROM {name}", database), key=str) for name in names}


def test_new_rows_get_numbers_of_their_own_after_a_restore(server: Saving) -> None:
    server.front.ask("erasure")
    server.save()
    place = server.elsewhere()
    server.put(place)
    database = place.url.rpartition("/")[2]
    columns = "ref, kind, key, version, plan, state, priority, created, due"
    [(new,)] = server.server.admin_execute(
        f"INSERT INTO jobs_job ({columns}) VALUES ('x', 'k', 'k', 1, '{{}}', 'done', 1, 0, 0) RETURNING id", database
    )
    assert new > 1


def test_no_key_is_in_a_backup(saving: Saving) -> None:
    from troth.web.secret import secret_key

    site_key = secret_key(saving.place.directory)
    saving.front.ask("erasure")
    saving.save()
    everything = b"".join(inside(saving.front.folder / "a.backup").values())
    with open_state(saving.place.directory) as state:
        names = [n for n in state.keys.files.names() if n != "last-checkpoint"]
        secrets = [state.keys.files.read(name) for name in names]
        raw = [epoch.secret for epoch in state.keys.epochs.epochs]
    for secret in (site_key, *secrets, *(b64(one) for one in raw)):
        assert secret.strip().encode() not in everything
    assert not any(one in everything for one in raw)
    assert b"sqlite_autoindex" in everything or b"PGCOPY" in everything
    assert b"ana@example.org" not in (saving.front.folder / "a.backup").read_bytes()
    place = saving.elsewhere()
    saving.put(place)
    assert (place.directory / "site.key").read_text() == site_key


def test_it_holds_one_moment_of_both_files_however_busy_they_are(
    files: Saving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer keeps both in step: a row of the site and an event in the ledger, in one transaction around another."""
    pairs = sqlite3.connect(files.place.directory / "site.db", check_same_thread=False, isolation_level=None)
    pairs.execute("CREATE TABLE pairs (n INTEGER)")
    stop, written = threading.Event(), threading.Event()
    really = copies._reader

    def reader(path: Path) -> sqlite3.Connection:
        opened = really(path)
        written.clear()
        written.wait(0.2)  # the writer would come in between, if it could
        return opened

    monkeypatch.setattr(copies, "_reader", reader)

    def write() -> None:
        with open_state(files.place.directory) as state:
            while not stop.wait(0.001):
                pairs.execute("BEGIN IMMEDIATE")
                pairs.execute("INSERT INTO pairs VALUES (1)")
                state.record(Event("note.added", NOW, {}))
                pairs.execute("COMMIT")
                written.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(2):
            written.clear()
            assert written.wait(60)  # on a busy machine its turn comes late
            files.save(f"{number}.backup")
    finally:
        stop.set()
        writer.join()
        pairs.close()
    counts = []
    for number in range(2):
        place = files.elsewhere(f"place{number}")
        files.put(place, f"{number}.backup")
        with open_state(place.directory) as state, sqlite3.connect(place.directory / "site.db") as copy:
            counts.append((events(state).count("note.added"), *copy.execute("SELECT count(*) FROM pairs").fetchone()))
        copy.close()
    assert all(noted == paired for noted, paired in counts), counts
    assert counts[-1][0] > counts[0][0]


def test_a_package_that_is_deleted_meanwhile_is_missed_by_nobody(files: Saving) -> None:
    files.front.ask("access", "bo@example.org")
    files.front.work()
    [path] = (files.place.directory / "packages").iterdir()
    path.unlink()
    assert files.save().gone == (path.name,)
    assert files.put(files.elsewhere()).packages == 0


# What is refused ------------------------------------------------------------------------------------


def test_a_damaged_backup_is_refused_and_nothing_is_left_of_it(both: Saving) -> None:
    both.save()
    path = both.front.folder / "a.backup"
    whole = path.read_bytes()
    middle = len(whole) // 2
    flipped = whole[:middle] + bytes([whole[middle] ^ 4]) + whole[middle + 1 :]
    place = both.elsewhere()
    before = listing(place.directory)
    for harmed in (flipped, whole[:-1], whole[:middle], whole + b"x", whole[::-1], b""):
        path.write_bytes(harmed)
        for look in (both.verify, lambda: both.put(place)):
            with pytest.raises(EvidenceError, match=r"damaged|not a backup"):
                look()
        assert listing(place.directory) == before
        assert not (place.directory / ".restoring").exists()


def test_who_has_another_key_or_other_keys_gets_nothing(saving: Saving, tmp_path: Path) -> None:
    saving.save()
    place = saving.elsewhere()
    before = listing(place.directory)
    with pytest.raises(UsageError, match="another key"):
        saving.put(place, opener=Opener(bytes(range(32))))
    vault = place.keys / "vault.key"
    right = vault.read_text()
    vault.write_text(f'{{"secret":"{b64(bytes(32))}"}}')
    with pytest.raises(KeyUnavailable, match="does not open"):
        saving.put(place)
    vault.write_text(right)
    [signing] = place.keys.glob("signing-*")
    signing.rename(tmp_path / "away")
    with pytest.raises(KeyUnavailable, match="rotated"):
        saving.put(place)
    (tmp_path / "away").rename(signing)
    assert listing(place.directory) == before
    saving.put(place)


def test_it_is_restored_into_an_empty_place_only(saving: Saving) -> None:
    saving.save()
    place = saving.elsewhere()
    saving.put(place)
    before = listing(place.directory) if saving.server is None else {}
    with pytest.raises(UsageError, match="not empty"):
        saving.put(place)
    with pytest.raises(UsageError, match="not empty"):
        saving.put(saving.place)
    assert saving.server is not None or listing(place.directory) == before
    with open_state(saving.place.directory) as state:
        assert events(state)[-1] == "backup.made"


def test_a_backup_of_a_newer_troth_or_of_the_other_engine_is_refused(saving: Saving) -> None:
    saving.save()
    place = saving.elsewhere()
    with pytest.raises(UsageError, match="newer Troth"):
        saving.put(place, known=known()[1:])
    other = type(place)(place.directory, place.keys, "" if saving.server else "postgresql://nowhere/x")
    with pytest.raises(UsageError, match="kept in"):
        saving.put(other)
    assert sorted(p.name for p in place.directory.iterdir()) == ["keys"]


def test_a_ledger_that_was_changed_before_it_was_saved_is_found(files: Saving) -> None:
    files.front.ask("erasure")
    files.front.work()
    with sqlite3.connect(files.place.directory / "state.db") as state:
        state.execute("UPDATE ledger_leaves SET data = data || x'20' WHERE position = 1")
    state.close()
    files.save()
    with pytest.raises(LedgerTampered, match="event 1"):
        files.verify()
    with pytest.raises(LedgerTampered, match="event 1"):
        files.put(files.elsewhere())


def test_a_ledger_that_was_changed_on_the_server_is_found_too(server: Saving) -> None:
    server.front.ask("erasure")
    server.front.work()
    database = server.place.url.rpartition("/")[2]
    server.server.admin_execute("UPDATE ledger_leaves SET data = data || 'x'::bytea WHERE position = 1", database)
    server.save()
    for look in (server.verify, lambda: server.put(server.elsewhere())):
        with pytest.raises(LedgerTampered, match="event 1"):
            look()


# Going back in time ---------------------------------------------------------------------------------


def test_newer_events_are_not_lost_in_silence(saving: Saving, monkeypatch: pytest.MonkeyPatch) -> None:
    saving.save()
    saving.front.ask("erasure")
    saving.front.work()
    with open_state(saving.place.directory) as state:
        newer, size = state.checkpoint(), state.ledger.size
    kept = saving.verify().about.head.size
    place = saving.elsewhere(last_checkpoint=True)
    for held in ((), (newer,)):
        with pytest.raises(EvidenceError, match=f"{size - kept} events would be lost"):
            saving.put(place, held=held)
    restored = saving.put(place, accept_loss=True)
    assert restored.lost is not None
    assert restored.lost.events == size - kept
    with opened_at(place, monkeypatch) as state:
        assert events(state)[-2:] == ["ledger.loss", "backup.restored"]
        assert accepted(state)


def test_a_checkpoint_that_somebody_holds_is_compared(files: Saving, tmp_path: Path) -> None:
    with open_state(files.place.directory) as state:
        older = state.checkpoint()
    files.front.ask("erasure")
    files.front.work()
    files.save()
    place = files.elsewhere()
    other = init_state(tmp_path / "o", origin="other.test/troth", at=NOW)
    with other, pytest.raises(UsageError, match="another log"):
        files.put(place, held=(other.checkpoint(),))
    with pytest.raises(UsageError, match="cannot be read"):
        files.put(place, held=("nonsense",))
    forged = older.replace("\n2\n", "\n3\n")
    assert forged != older
    with pytest.raises(UsageError, match="not signed"):
        files.put(place, held=(forged,))
    assert files.put(place, held=(older,)).lost is None


def test_a_log_that_forked_since_is_refused_whatever_one_accepts(files: Saving) -> None:
    """The state was set back by hand, went on, and was saved: that is not the log whose checkpoint is known."""
    folder = files.place.directory
    with open_state(folder) as state:
        size = state.ledger.size
    files.save("first.backup")
    place = files.elsewhere("fork")
    files.put(place, "first.backup")  # its event at this position is another one than in the living state
    with open_state(place.directory) as state:
        assert state.ledger.size == size + 1
        forked = state.checkpoint()
    with open_state(folder) as state:
        state.record(Event("note.added", NOW, {}))
    files.save()
    for accept in (False, True):
        with pytest.raises(LedgerTampered, match="not the one"):
            files.put(files.elsewhere(f"third{accept}"), held=(forked,), accept_loss=accept)


def test_hashes_whose_key_was_destroyed_since_do_not_come_back(saving: Saving, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = saving.front.ask("erasure").request.ref
    saving.front.work()
    saving.front.say_yes(ref)
    saving.front.work()
    saving.save()
    with open_state(saving.place.directory) as state:
        rotate(state, NOW)
    saving.save("rotated.backup")
    with open_state(saving.place.directory) as state:
        assert destroy_epoch(state, "e1", NOW, early=True) > 0
    with pytest.raises(KeyUnavailable, match="rotated"):
        saving.put(saving.elsewhere("early"))
    place = saving.elsewhere()
    restored = saving.put(place, "rotated.backup")
    assert restored.forgotten > 0
    with opened_at(place, monkeypatch) as state:
        assert state.database.all("SELECT 1 FROM erasure_hashes") == []


def test_doors_that_were_closed_since_do_not_open_by_themselves(both: Saving) -> None:
    from troth.web.accounts.models import Letter, Session, User
    from troth.web.api.models import Token
    from troth.web.console.models import Staff

    later = NOW + timedelta(days=900)
    ana, bo = (User.objects.create(email=f"{name}@example.org") for name in ("ana", "bo"))
    Session.objects.create(session_key="a", session_data="", expire_date=later, user=ana)
    Letter.objects.create(secret="b", code="c", act="login", email=ana.email, user=ana, expires_at=later)
    Letter.objects.create(secret="d", code="e", act="staff", email=bo.email, user=bo, expires_at=later)
    for name, who, end in (("here", ana, None), ("left", bo, NOW), ("closed", None, None)):
        Staff.objects.create(public_id=name, user=who, roles=["privacy"], added=NOW, ended=end)
    past = datetime(2026, 1, 1, tzinfo=UTC)
    for name, end, expires in (("a", None, None), ("b", None, later), ("c", NOW, None), ("d", None, past)):
        Token.objects.create(ref=name, name=name, digest=name, created=past, ended=end, expires=expires)
    both.save()
    tried = drill_of(both)
    assert (Session.objects.count(), Letter.objects.count()) == (1, 2)
    place = both.elsewhere()
    found = both.put(place).fence
    assert found == tried == Fence(sessions=1, letters=2, accounts=2, staff=1, tokens=2)
    rows = content(both, place)
    assert (rows["accounts_session"], rows["accounts_letter"], len(rows["api_token"])) == ([], [], 4)


def drill_of(saving: Saving) -> Fence:
    with open_state(saving.place.directory) as state:
        return drill(saving.front.folder / "a.backup", state, saving.place, OWNER, Wanted(known=known()), NOW).fence


def test_a_worker_of_then_holds_nothing_any_more(saving: Saving, monkeypatch: pytest.MonkeyPatch) -> None:
    from jobs.scene import on_postgresql, on_sqlite
    from troth.jobs import journal
    from troth.jobs.errors import Fenced
    from troth.jobs.models import Step
    from troth.jobs.work import Done

    saving.front.ask("erasure")
    claim = journal.claim("worker-of-then", ["request.approval-1", "request.carry_out-1"])
    assert claim is not None
    saving.save()
    place = saving.elsewhere()
    restored = saving.put(place)
    assert (restored.fence.steps, restored.fence.waiting) == (1, 1)
    there = (
        on_sqlite(place.directory / "site.db") if saving.server is None
        else on_postgresql(saving.server, place.url.rpartition("/")[2])
    )  # fmt: skip
    with there:
        step = Step.objects.get(pk=claim.step)
        assert (step.state, step.claimed_by, step.attempt) == ("ready", "", claim.attempt + 1)
        with pytest.raises(Fenced):
            journal.end(claim, Done())


def test_a_drill_changes_nothing_but_the_record(both: Saving) -> None:
    both.front.ask("erasure")
    both.front.work()
    both.save()
    place = both.place
    before = content(both, place)
    files_before = {p.name for p in place.directory.iterdir()}
    with open_state(place.directory) as state:
        said = events(state)
        tried = drill(both.front.folder / "a.backup", state, place, OWNER, Wanted(known=known()), NOW)
        assert events(state) == [*said, "backup.tried"]
    assert tried.backup.about.head.size == len(said) - 1
    assert content(both, place) == before
    assert {p.name for p in place.directory.iterdir()} == files_before


def test_a_drill_with_a_backup_of_another_log_is_refused(files: Saving) -> None:
    files.save()
    files.put(files.elsewhere("twin"))
    with open_state(files.front.folder / "twin") as twin:
        twin.record(Event("note.added", NOW, {}))
    there = Place.find("twin")
    with open_state("twin") as twin:
        lock = locks.for_recipient(PUBLIC)
        make(twin, there, files.front.folder / "twin.backup", lock, site(there.directory), NOW)
    with open_state(files.place.directory) as state, pytest.raises(EvidenceError, match="not a backup of this state"):
        drill(files.front.folder / "twin.backup", state, files.place, OWNER, Wanted(known=known()), NOW)


# The disk -------------------------------------------------------------------------------------------


def test_a_full_disk_leaves_nothing_behind(files: Saving) -> None:
    import resource

    path = files.front.folder / "a.backup"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(TrothError, match="cannot be"):
            files.save()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert sorted(p.name for p in path.parent.iterdir() if "backup" in p.name) == []
    assert not [p for p in files.place.directory.iterdir() if "snapshot" in p.name]
    files.save()
    place = files.elsewhere()
    before = listing(place.directory)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(TrothError, match="file too large"):
            files.put(place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert listing(place.directory) == before


def test_an_existing_file_is_never_overwritten(files: Saving) -> None:
    path = files.front.folder / "a.backup"
    path.write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        files.save()
    assert path.read_text() == "mine"
    with pytest.raises(UsageError, match="cannot be written"):
        files.save("no/such/folder.backup")


def test_only_its_owner_may_read_it(files: Saving) -> None:
    files.save()
    assert os.stat(files.front.folder / "a.backup").st_mode & 0o777 == 0o600


def test_what_copy_writes_is_read_as_it_was_written(server: Saving) -> None:
    for chunks in ([b""], [b"PGCOPY\n\xff\r\n\0"], [b"x" * 40]):
        with pytest.raises(EvidenceError, match=r"cut off|no form"):
            list(tables.copied_rows(chunks))
    server.save()
    found = inside(server.front.folder / "a.backup")
    [head] = tables.copied_rows([found["ledger_head"]])
    [(size,)] = server.server.admin_execute("SELECT size - 1 FROM ledger_head", server.place.url.rpartition("/")[2])
    assert int.from_bytes(head[1] or b"", "big") == size
