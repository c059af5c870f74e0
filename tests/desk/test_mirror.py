"""*May I?* in the shop's own database: tables and views that an administrator has made, kept up by the desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from desk.house_of import Front
from troth.core.errors import PlanRefused

Say = Callable[..., tuple[int, str]]
VIEW = "SELECT id FROM troth_may_{}_customers ORDER BY id"


@pytest.fixture
def say(front: Front, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Say:
    """The command line: a verb's exit code and what it prints."""
    from troth.cli.main import build

    monkeypatch.chdir(front.folder)
    for name in ("TROTH_POLICY", "TROTH_STATE", "TROTH_STARTED"):
        monkeypatch.setenv(name, "")  # put back at the end, whatever the verb sets

    def run(verb: str, *words: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as end:
            build(verb)(args=[verb, *words], prog_name="troth")
        printed = capsys.readouterr()
        return int(end.value.code or 0), printed.out + printed.err

    return run


@pytest.fixture
def mirrored(front: Front) -> Front:
    """The shop with the tables that ``troth may sql`` prints."""
    from troth.core.rights.refusals import purposes_of
    from troth.jobs import schedule

    schedule.forget("api.daily")  # the night would make good what was forgotten by day
    for at, session in open_house():
        policy = at.policy
        assert purposes_of(policy, policy.stores["shop"]) == {"customers": ["orders", "offers"]}
        for one in session.stores["shop"].connector.refusals().statements({"customers": ["orders", "offers"]}):
            front.change(one.statement)
    return front


def open_house() -> Iterator[Any]:
    from troth.desk.house import house, stores

    with house() as at, stores(at.policy, datetime.now(UTC)) as session:
        yield at, session


def fill() -> Any:
    from troth.desk import mirror

    return [one for at, session in open_house() for one in mirror.fill(at, session, "shop", datetime.now(UTC))]


def allowed(front: Front, purpose: str) -> list[int]:
    return [row[0] for row in front.rows(VIEW.format(purpose))]


def test_an_objection_leaves_the_view_before_it_is_answered(mirrored: Front) -> None:
    assert allowed(mirrored, "offers") == [1, 2]
    ref = mirrored.ask("objection").request.ref
    mirrored.work()
    assert mirrored.state_of(ref) == "answered"
    assert (allowed(mirrored, "offers"), allowed(mirrored, "orders")) == ([2], [1, 2])
    assert mirrored.rows("SELECT purpose, ground FROM troth_refusals_customers") == [("offers", "objection")]
    assert (fill()[0].refusals, fill()[0].added, fill()[0].removed) == (1, 0, 0)


def test_a_restriction_leaves_every_view_and_comes_back_when_it_ends(mirrored: Front) -> None:
    from troth.core.rights.restrict import release

    ref = mirrored.ask("restriction").request.ref
    mirrored.work()
    assert (allowed(mirrored, "offers"), allowed(mirrored, "orders")) == ([2], [2])
    for at, _ in open_house():
        release(at.runner(ref), ref)
    (filled,) = fill()
    assert (filled.added, filled.removed) == (0, 1)
    assert (allowed(mirrored, "offers"), allowed(mirrored, "orders")) == ([1, 2], [1, 2])


def test_filling_finds_new_rows_of_somebody_who_has_objected_and_drops_those_that_are_gone(mirrored: Front) -> None:
    mirrored.ask("objection")
    mirrored.work()
    mirrored.change("DELETE FROM invoices")
    mirrored.change("DELETE FROM customers WHERE id = 1")
    mirrored.change("INSERT INTO customers VALUES (7, ' ANA@example.org', 'Ana again', '2026-11-20')")
    assert allowed(mirrored, "offers") == [2, 7]
    (filled,) = fill()
    assert (filled.refusals, filled.added, filled.removed) == (1, 1, 1)
    assert allowed(mirrored, "offers") == [2]
    assert (fill()[0].added, fill()[0].removed) == (0, 0)


def test_the_night_fills_them_and_says_how_many_rows_it_wrote(mirrored: Front) -> None:
    from troth.web.api.daily import _fill

    class Mine:
        def still_mine(self) -> None:
            pass

    mirrored.ask("objection")
    mirrored.work()
    mirrored.change("DELETE FROM troth_refusals_customers")
    done: Any = _fill(Mine())  # type: ignore[arg-type]
    assert done.result == {"changed": 1, "unreachable": []}
    assert allowed(mirrored, "offers") == [2]


def test_a_store_without_an_address_here_is_left_for_another_night(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.api.daily import _fill
    from troth.web.pages.published import kept

    class Mine:
        def still_mine(self) -> None:
            pass

    policy = front.folder / "troth.yaml"
    said = policy.read_text(encoding="utf-8").replace("url: sqlite:///shop.sqlite", "url: ${NO_SUCH_SHOP}")
    policy.write_text(said, encoding="utf-8")
    kept.forget()
    monkeypatch.delenv("NO_SUCH_SHOP", raising=False)
    done: Any = _fill(Mine())  # type: ignore[arg-type]
    assert done.result == {"changed": 0, "unreachable": ["shop"]}


def test_the_verbs_print_what_makes_the_tables_and_fill_them(front: Front, say: Say) -> None:
    code, text = say("may", "fill", "shop")
    assert (code, "troth may sql shop" in text) == (2, True)
    assert say("may", "sql", "shed")[0] == 2
    code, text = say("may", "sql", "shop")
    statements = [line for line in text.splitlines() if line.startswith("CREATE")]
    assert (code, len(statements)) == (0, 4)
    for one in statements:
        front.change(one)
    front.ask("objection")
    front.work()
    front.change("DELETE FROM troth_refusals_customers")
    code, text = say("may", "fill", "shop")
    assert (code, text.splitlines()[0]) == (0, "● customers: 1 refusals, 1 added, 0 removed")
    assert allowed(front, "offers") == [2]
    assert json.loads(say("may", "sql", "shop", "--format", "json")[1])["statements"][0]["why"]


def test_silence_is_no_consent(front: Front, say: Say) -> None:
    policy = front.folder / "troth.yaml"
    text = policy.read_text(encoding="utf-8")
    offers = (
        "basis: legitimate_interest\n    people: [clients]\n    categories: [EmailAddress]\n    direct_marketing: true"
    )
    assert offers in text
    policy.write_text(text.replace(offers, offers.replace("legitimate_interest", "consent")), encoding="utf-8")
    stranger = ("request", "may", "offers", "cy@example.org")
    assert say(*stranger) == (1, "▲ no: consent_unknown\n")
    assert say(*stranger, "--consent-given") == (0, "● yes: consent_given\n")
    assert say("request", "may", "orders", "cy@example.org") == (0, "● yes: no_consent_needed\n")
    front.ask("withdrawal", scope={"offers"})
    front.work()
    code, said = say("request", "may", "offers", "ana@example.org", "--consent-given")
    assert (code, said.splitlines()[0]) == (1, "▲ no: withdrawal")
    _, printed = say("may", "sql", "shop")
    assert ("troth_not_refused_offers_customers" in printed, "troth_may_offers" in printed) == (True, False)


def test_what_is_put_in_while_it_is_filled_stays(mirrored: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.desk import mirror

    real = mirror._known

    def meanwhile(*given: Any) -> Any:
        found = real(*given)
        mirrored.change("INSERT INTO troth_refusals_customers VALUES (2, 'offers', 'objection', '2026-11-22')")
        return found

    monkeypatch.setattr(mirror, "_known", meanwhile)
    fill()
    assert allowed(mirrored, "offers") == [1]


def test_a_table_that_cannot_be_kept_up_stops_the_request_for_staff(mirrored: Front) -> None:
    def say(old: str, new: str) -> None:
        from troth.web.pages.published import kept

        policy = mirrored.folder / "troth.yaml"
        policy.write_text(policy.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        kept.forget()

    say("mode: enforce", "mode: observe")
    with pytest.raises(PlanRefused, match="only be looked at"):
        fill()
    ref = mirrored.ask("objection").request.ref
    mirrored.work()
    assert mirrored.state_of(ref) == "in_progress"
    say("mode: observe", "mode: enforce")
    assert mirrored.say_yes(ref, "refused_plan") == 1
    mirrored.work()
    assert (mirrored.state_of(ref), allowed(mirrored, "offers")) == ("answered", [2])


def test_a_row_set_apart_is_not_refused_in_its_table_by_a_no_that_it_is_not_about(mirrored: Front) -> None:
    mirrored.ask("objection")
    mirrored.work()
    fill()
    assert allowed(mirrored, "offers") == [2]
    for at, _ in open_house():
        known = [("email", "ana@example.org"), ("customer_id", "1")]
        at.records.set_apart(known, {at.records.tag("shop", "customers", (1,))})
    fill()
    assert allowed(mirrored, "offers") == [1, 2]


def test_without_tables_nothing_is_written_and_an_objection_is_answered(front: Front) -> None:
    ref = front.ask("objection").request.ref
    front.work()
    assert front.state_of(ref) == "answered"
    assert fill() == []
