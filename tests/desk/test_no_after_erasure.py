"""What an erasure is a no to, where something came in between: a crash, a store that failed, a consent given anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_refused import ANA, flags, shop  # noqa: F401  (a fixture)
from desk.test_space import rewritten
from desk.test_standing import at_the_desk
from jobs.scene import Journal


def failing_once(front: Front, monkeypatch: pytest.MonkeyPatch) -> str:
    """An erasure that is done, while the no that comes with it is written in the shop and fails elsewhere."""
    from troth.core.rights import no_more

    real = no_more.run_refusal
    failed: list[str] = []

    def failing(*arguments: Any, **more: Any) -> Any:
        done = real(*arguments, **more)
        if len(failed) < 2:
            failed.append("once for each ground")
            done += [replace(one, status="failed", step=replace(one.step, store="elsewhere")) for one in done[:1]]
        return done

    ref = str(front.ask("erasure").request.ref)
    front.work()
    monkeypatch.setattr(no_more, "run_refusal", failing)
    front.say_yes(ref)
    front.work()
    assert flags(front)[1] == "unsubscribed"
    assert "objection.made" not in front.ledger(ref)
    return ref


def again(front: Front) -> None:
    Journal("sqlite", {}).pass_time(86400)
    front.work()


@pytest.mark.parametrize("address_kept", [True, False])
@pytest.mark.evidence("outcome_missing")
def test_a_consent_given_anew_between_two_tries_stays(
    shop: Front,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    address_kept: bool,
) -> None:
    if address_kept:
        rewritten(shop, "parents: {customers: [name]}", "parents: {customers: [name, email]}")
    ref = failing_once(shop, monkeypatch)
    shop.change("UPDATE customers SET letter = 'subscribed', letter_ended = NULL WHERE id = 1")
    again(shop)
    assert shop.ledger(ref).count("objection.made") == 1
    assert flags(shop) == (0, "subscribed", None)


def dying_after_the_erasure(front: Front, monkeypatch: pytest.MonkeyPatch) -> str:
    from troth.desk import carry

    def died(*_: Any) -> Any:
        raise RuntimeError

    ref = str(front.ask("erasure").request.ref)
    front.work()
    front.say_yes(ref)
    with monkeypatch.context() as patch:
        patch.setattr(carry, "no_more", died)
        front.work()
    assert "erasure.done" in front.ledger(ref)
    assert flags(front)[0] == 1
    return ref


@pytest.mark.evidence("outcome_missing")
def test_who_can_no_longer_be_found_by_their_address_is_known_by_what_the_erasure_remembers(
    shop: Front,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ref = dying_after_the_erasure(shop, monkeypatch)
    assert shop.rows("SELECT email FROM customers WHERE id = 1") != [("ana@example.org",)]
    again(shop)
    assert flags(shop)[:2] == (0, "unsubscribed")
    assert flags(shop, 2) == (1, "subscribed", None)
    assert shop.ledger(ref).count("objection.made") == 1
    for known in (ANA, (("customer_id", "1"),)):
        assert at_the_desk("may", "may", known, "offers").reason == "objection"
    (told,) = [one.text() for one in shop.box.received if one.recipients == ["ana@example.org"]]
    assert "What stays is no longer used for this" in " ".join(told.split())


@pytest.mark.evidence("outcome_missing")
def test_where_the_erasure_remembers_no_row_the_answers_say_no_all_the_same(
    shop: Front,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from troth.state.engine import StateRecords

    monkeypatch.setattr(StateRecords, "pendings", lambda *_: [])
    ref = dying_after_the_erasure(shop, monkeypatch)
    again(shop)
    assert shop.ledger(ref).count("objection.made") == 1
    assert at_the_desk("may", "may", ANA, "offers").reason == "objection"
    assert at_the_desk("may", "may", ANA, "orders").may
