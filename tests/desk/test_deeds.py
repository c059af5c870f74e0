"""What a request has changed in the stores stands on its timeline: where, how many rows, and when; also that nothing was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from troth.desk.deeds import Change, Deed, Deeds, read

AT, LATER = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)


def line(action: str, rows: int, status: str = "done", collection: str = "customers") -> list[Any]:
    return ["shop", collection, action, rows, status, None]


def ended(kind: str, *lines: list[Any], at: datetime = AT) -> tuple[str, datetime, dict[str, Any]]:
    return kind, at, {"request": "req-x", "outcomes": list(lines)}


def begun(kind: str, rows: int) -> tuple[str, datetime, dict[str, Any]]:
    return kind, AT, {"request": "req-x", "steps": [["shop", "customers", "delete", rows]]}


CHANGED = Change("shop", "customers", "delete", 2)


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([ended("erasure.done", line("delete", 1), line("delete", 1), line("keep", 4, "kept"))], [Deed(AT, (CHANGED,))]),
        ([ended("erasure.done", line("clear", 3), line("clear", 2))], [Deed(AT, (Change("shop", "customers", "clear", 3),))]),
        ([ended("erasure.done", line("delete", 2, "failed"), line("flag", 2), line("hook", 1), line("delete", 0))], []),
        ([begun("erasure.intended", 2), ended("erasure.done", line("delete", 2))], [Deed(AT, (CHANGED,))]),
        ([begun("erasure.intended", 2), begun("erasure.intended", 0), ended("erasure.done")],
         [Deed(AT, (CHANGED,), cut_short=True)]),
        ([ended("erasure.failed", line("delete", 2)), ended("erasure.done", line("delete", 0), at=LATER)],
         [Deed(AT, (CHANGED,), failed=True)]),
        ([ended("erasure.done"), begun("erasure.resumed", 2), ended("erasure.done", line("delete", 2), at=LATER)],
         [Deed(LATER, (CHANGED,))]),
        ([ended("objection.done", line("set", 1)), ended("objection.made", line("set", 1))],
         [Deed(AT, (Change("shop", "customers", "flag", 1),))]),
        ([ended("rectification.done", line("set", 1))], [Deed(AT, (Change("shop", "customers", "correct", 1),))]),
        ([ended("lifting.done", line("set", 1))], [Deed(AT, (Change("shop", "customers", "back", 1),))]),
        ([("erasure.done", AT, {"request": "req-x", "completed_by": "req-y"})], []),
        ([("request.received", AT, {"request": "req-x", "act": 0})], []),
    ],
)  # fmt: skip
def test_each_change_that_ended_is_told_once(events: list[Any], said: list[Deed]) -> None:
    assert read(events, at_work=False) == Deeds(tuple(said))


def test_what_is_being_done_just_now_was_not_cut_short() -> None:
    assert read([begun("erasure.intended", 2)], at_work=True) == Deeds()
    assert read([begun("erasure.intended", 2)], at_work=False).deeds[0].cut_short


def test_of_events_that_were_deleted_nothing_is_said() -> None:
    assert not read([ended("erasure.done", line("delete", 2)), ("erasure.done", AT, None)], at_work=False).known


def page_of(browser: Browser, right: str, **more: Any) -> str:  # noqa: F811
    ref = browser.front.ask(right, **more).request.ref
    browser.front.work()
    if browser.front.state_of(ref) in ("received", "in_progress"):
        browser.front.say_yes(ref)
        browser.front.work()
    return browser.get(f"/me/requests/{ref}")[1]


def test_the_person_reads_where_how_many_and_that_nothing_was_changed(browser: Browser) -> None:  # noqa: F811
    browser.come_in()
    page = page_of(browser, "rectification", corrections={"customers.name": "Ana Juste"})
    assert "our databases were changed" in page
    assert "customers: 1 row corrected" in page
    page = page_of(browser, "objection", scope={"offers"})
    assert "the rows of our databases were not changed for it" in page
    assert "our databases were changed" not in page
    browser.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "fr"
    assert "nos bases ont été modifiées" not in page_of(browser, "access")


def test_within_a_minute_it_is_one_moment_and_each_place_is_one_line(browser: Browser) -> None:  # noqa: F811
    from dataclasses import replace

    from troth.desk.files import request_of
    from troth.desk.models import File
    from troth.web.pages.published import kept
    from troth.web.portal.timeline import Timeline

    browser.front.ask("erasure")
    flagged = replace(CHANGED, how="flag", rows=1)
    deeds = Deeds((Deed(AT, (CHANGED, flagged)), Deed(AT, (CHANGED,)), Deed(LATER, (flagged,), cut_short=True)))
    line = Timeline(kept.get().policy, request_of(File.objects.get()), "fr", deeds=deeds)
    told = [(one.what, one.more) for one in line.moments() if "nos bases" in one.what]
    assert told[0] == (
        "nos bases ont été modifiées",
        ("customers\u00a0: 4 lignes supprimées", "customers\u00a0: 1 ligne marquée en conséquence"),
    )
    assert [len(more) for _, more in told] == [2, 1]
