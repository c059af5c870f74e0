"""Two clicks at the same instant, on a server where two processes of the site write at once."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crash.houses import house, tables_on
from desk.house_of import Front
from letterbox import Mailbox
from servers import PostgresServer


@pytest.fixture(scope="session")
def _on_server(postgres_server: PostgresServer) -> str:
    return tables_on(postgres_server)


@pytest.fixture
def served(
    tmp_path: Path, box: Mailbox, _tables: Path, _on_server: str, postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Front]:  # fmt: skip
    with house(tmp_path, box, _tables, monkeypatch, postgres_server, _on_server) as front:
        yield front


def test_a_double_click_is_one_request(served: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from troth.desk import files
    from troth.desk.models import File

    meeting = threading.Barrier(2)
    really = files._open_of

    def both_have_looked(*args: object) -> object:
        found = really(*args)  # type: ignore[arg-type]
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=1)  # without a lock both come here before either has written
        return found

    monkeypatch.setattr(files, "_open_of", both_have_looked)
    joined: list[bool] = []

    def click() -> None:
        joined.append(served.ask("erasure").joined)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert sorted(joined) == [False, True]
    assert File.objects.count() == 1
