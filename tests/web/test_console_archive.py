"""The archivist's room: opened one person at a time, for a reason, by whom the policy names, on record before it is
shown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from web.conftest import Post, Site
from web.console_house import ANA, HOUSE, site
from web.staff import Colleague, employ
from web.test_console_gate import events

__all__ = ["site"]

ARCHIVIST = "    auditor: {title: {fr: Auditeur"
READERS = "archive: {for: 10 years, after: last_contact, because: {fr: loi, en: law}, readers: [keeper]}"


@pytest.fixture
def archivists(letters: Post, site: Site) -> tuple[Colleague, Colleague]:
    """Two who may read archives; the policy names only the first one's role for the orders."""
    from troth.desk.house import house
    from troth.state.archive import NewRecord
    from troth.web.pages.published import kept

    roles = (
        "    keeper: {title: {fr: Archiviste, en: Keeper}, may: [read_archives]}\n"
        "    other: {title: {fr: Autre, en: Other}, may: [read_archives]}\n"
    )
    site.edit("troth.yaml", ARCHIVIST, roles + ARCHIVIST)
    site.edit("troth.yaml", "    keep: {for: 3 years, after: last_contact}\n  offers", f"    keep: {{for: 3 years, after: last_contact, {READERS}, then: erase}}\n  offers")  # fmt: skip
    kept.forget()
    assert "orders" in HOUSE
    record: dict[str, Any] = {"id": 1, "email": ANA, "name": "Ana Exemple"}
    other = {"id": 2, "email": "bo@example.org", "name": "Bo Autre"}
    with house() as at:
        at.records.state.archive.put([
            NewRecord("A-1", "orders", "shop", "customers", date(2030, 1, 2), record, (("email", ANA),)),
            NewRecord("A-2", "orders", "shop", "customers", date(2031, 1, 2), other, (("email", "bo@example.org"),)),
        ])  # fmt: skip
    return employ("kim@example.org", "keeper"), employ("ola@example.org", "other")


def opens(who: Colleague, name: str = ANA, **fields: str) -> int:
    who.get("/console/archive")
    return int(who.post("/console/archive", **{"who": name, "ground": "authority", **fields}).status_code)


def test_one_persons_records_are_opened_on_record_and_nobody_elses(archivists: Any, site: Site) -> None:
    keeper, _ = archivists
    assert keeper.get("/console/archive").status_code == 200
    assert "Ana" not in keeper.page
    assert "2030" in keeper.page
    assert events(site, "archive.opened", "staff.seen") == []
    assert opens(keeper, words="letter of the authority") == 200
    assert "Ana Exemple" in keeper.page
    assert "Bo Autre" not in keeper.page
    (seen, opened) = events(site, "staff.seen", "archive.opened")
    assert (seen[0], seen[1]["what"], seen[1]["ground"]) == ("staff.seen", "archive", "authority")
    assert (opened[1]["who"], opened[1]["because"], opened[1]["records"]) == (keeper.staff().public_id, "authority", 1)
    assert "ana" not in str((seen, opened)).lower()
    assert keeper.get("/console/archive").status_code == 200
    assert "Ana Exemple" not in keeper.page, "to see them again, say again why"


def test_the_policy_names_who_reads_a_purposes_archive(archivists: Any, site: Site) -> None:
    _, other = archivists
    assert opens(other) == 200
    assert "Ana Exemple" not in other.page
    assert "may not read: 1" in other.page.replace("\u00a0", " ")
    assert "holds nothing" not in other.page, "it is there, for others"
    assert opens(other, name="zoe@example.org") == 200
    assert "holds nothing under that" in other.page
    assert [body["records"] for _, body in events(site, "archive.opened")] == [0, 0]


def test_without_a_reason_or_a_right_nothing_is_opened(archivists: Any, site: Site) -> None:
    keeper, _ = archivists
    assert opens(keeper, ground="") == 400
    assert opens(keeper, ground="other") == 400
    assert opens(keeper, name="Ana Exemple") == 400
    officer = employ("olga@example.org", "officer")
    assert officer.get("/console/archive").status_code == 403
    assert "The sealed archive" not in officer.page
    assert events(site, "archive.opened", "staff.seen") == []


def test_without_the_ledger_nothing_is_opened(archivists: Any, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.core.errors import LedgerBusy
    from troth.state.engine import StateRecords

    def busy(self: StateRecords, *events: Any) -> None:
        raise LedgerBusy("somebody else writes", remedy="try again")

    keeper, _ = archivists
    keeper.get("/console/archive")
    monkeypatch.setattr(StateRecords, "note", busy)
    assert keeper.post("/console/archive", who=ANA, ground="authority").status_code == 503
    assert "Ana Exemple" not in keeper.page
