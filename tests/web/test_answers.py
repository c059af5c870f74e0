"""The page behind an answer's link: a look takes nothing, a button hands over, a day ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from troth.state.state import open_state

SECRET = "s" * 43
OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def waiting(site, database: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    """A package that waits to be fetched."""
    from troth.desk import packages
    from troth.desk.hand import link_of
    from troth.desk.models import File, Package

    now = datetime.now(UTC)
    plain = tmp_path / "plain"
    plain.write_bytes(b"PK the data")
    with open_state(site.state) as state:
        size, digest = packages.store(state.keys.vault, "req-one.sealed", plain)
    file = File.objects.create(
        ref="req-one", right="access", channel="portal", subject="h", received=now, state="answered",
        due=now.date(), sealed=b"x",
    )  # fmt: skip
    return Package.objects.create(
        file=file, link=link_of(SECRET), name="req-one.sealed", size=size, digest=digest, made=now,
        until=now + timedelta(days=7),
    )  # fmt: skip


def test_a_look_says_what_waits_and_takes_nothing(site, waiting) -> None:  # type: ignore[no-untyped-def]
    status, text, headers = site.get(f"/answers/{SECRET}", **{"Accept-Language": "en"})
    assert status == 200
    assert "Your data is ready" in text
    assert headers["Cache-Control"] == "no-store"
    waiting.refresh_from_db()
    assert waiting.fetched == []


def test_the_button_hands_over_and_the_ledger_knows(site, waiting) -> None:  # type: ignore[no-untyped-def]
    answer = site.client.post(f"/answers/{SECRET}", headers=OURS)
    assert b"".join(answer.streaming_content) == b"PK the data"
    assert "attachment" in answer.headers["Content-Disposition"]
    waiting.refresh_from_db()
    assert len(waiting.fetched) == 1
    with open_state(site.state) as state:
        assert [kind for kind, _ in state.events_of("req-one")] == ["answer.fetched"]


def test_a_form_of_a_stranger_gets_nothing(site, waiting) -> None:  # type: ignore[no-untyped-def]
    for headers in ({"Origin": "https://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        assert site.client.post(f"/answers/{SECRET}", headers=headers).status_code == 403
    waiting.refresh_from_db()
    assert waiting.fetched == []


def test_after_its_day_or_with_another_link_nothing_waits(site, waiting) -> None:  # type: ignore[no-untyped-def]
    assert site.get("/answers/wrong")[0] == 410
    waiting.until = datetime.now(UTC) - timedelta(seconds=1)
    waiting.save()
    assert site.get(f"/answers/{SECRET}")[0] == 410
    assert site.client.post(f"/answers/{SECRET}", headers=OURS).status_code == 410
