"""The mail first, then the act: what goes wrong in between is taken up without a second mail."""

from __future__ import annotations

import pytest

from desk.house_of import Front
from troth.core.errors import LedgerBusy


def again(front: Front) -> None:
    """A worker takes up at once what was put off."""
    from troth.jobs.models import Step

    Step.objects.filter(free_at__isnull=False).update(free_at=0)
    front.work()


@pytest.mark.parametrize("right", ["access", "withdrawal"])
def test_whoever_was_told_is_told_once_when_the_ledger_is_busy_after_the_mail(
    front: Front, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    from troth.desk import book, way

    ref = front.ask(right).request.ref
    really = book.write
    busy = [True]

    def write(at: object, request: object, *, new: bool = False) -> int:
        if front.box.received and busy and busy.pop():
            raise LedgerBusy("another process is writing")
        return really(at, request, new=new)  # type: ignore[arg-type]

    monkeypatch.setattr(way.book, "write", write)
    front.work()
    assert len(front.box.received) == 1
    again(front)
    assert not busy
    assert len(front.box.received) == 1
    assert front.ledger(ref)[-1] in ("request.answered", "request.partly_refused")
