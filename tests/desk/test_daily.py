"""Each morning: what waits is told in numbers, and what is over goes."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta

from desk.house_of import Front

TODAY = date(2026, 11, 22)


def morning(today: date) -> bool:
    from troth.desk.daily import remind
    from troth.desk.house import house

    with house() as at:
        return remind(at, today)


def test_nothing_open_is_no_mail(front: Front) -> None:
    assert morning(TODAY) is False
    assert front.box.received == []


def test_what_waits_is_due_or_late_is_told_and_nobody_named(front: Front) -> None:
    front.ask("erasure")
    front.work()
    assert morning(datetime.now(UTC).date() + timedelta(days=25)) is True
    assert morning(datetime.now(UTC).date() + timedelta(days=60)) is True
    near, late = (mail.text() for mail in front.box.received)
    assert "sous dix jours : 1" in near.replace("\u00a0", " ")
    assert "décision : 1" in near.replace("\u00a0", " ")
    assert "dépassé" in late
    assert "ana" not in (near + late).lower()
    assert front.box.received[0].recipients == ["a@essai.test"]


def test_files_go_when_the_policys_period_is_over(front: Front) -> None:
    from troth.desk.daily import forget
    from troth.desk.house import house
    from troth.desk.models import File

    text = (front.folder / "troth.yaml").read_text()
    (front.folder / "troth.yaml").write_text(
        text.replace("  answer_within: 30 days", "  answer_within: 30 days\n  requests_kept: 1 year")
    )
    front.ask("objection")
    front.ask("erasure")
    front.work()
    for days, left in ((364, 2), (370, 1)):
        with house() as at:
            forget(at, datetime.now(UTC).date() + timedelta(days=days))
        assert File.objects.count() == left
    assert File.objects.get().right == "erasure"


def test_without_a_period_nothing_is_forgotten(front: Front) -> None:
    from troth.desk.daily import forget
    from troth.desk.house import house

    front.ask("objection")
    front.work()
    with house() as at:
        assert forget(at, date(2099, 1, 1)) == 0


def test_what_a_crash_left_of_packages_goes_after_a_day(front: Front) -> None:
    from troth.desk import packages
    from troth.desk.daily import sweep_packages

    front.ask("access")
    front.work()
    for name in (".req-a.sealed.part", "req-b.zip"):
        (packages.folder() / name).write_bytes(b"left")
    now = datetime.now(UTC)
    assert sweep_packages(now) == 0
    old = now.timestamp() - 90000
    for path in packages.folder().iterdir():
        os.utime(path, (old, old))
    assert sweep_packages(now) == 2
    assert len(list(packages.folder().iterdir())) == 1


def test_the_morning_is_the_publishers(front: Front) -> None:
    from troth.desk.daily import _each_morning
    from troth.web.pages.published import kept

    text = (front.folder / "troth.yaml").read_text()
    (front.folder / "troth.yaml").write_text(text.replace("Europe/Paris", "Indian/Reunion"))
    kept.forget()
    noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert _each_morning(noon) == datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_a_request_that_waits_for_who_asks_is_not_late(front: Front) -> None:
    from troth.desk import deciding
    from troth.desk.daily import waiting
    from troth.desk.house import house

    ref = front.ask("erasure").request.ref
    with house() as at:
        deciding.ask_identity(at, ref, "identity_required", datetime.now(UTC))
    assert waiting(datetime.now(UTC).date() + timedelta(days=60)).late == 0
