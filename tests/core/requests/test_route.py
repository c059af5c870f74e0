"""The way of a request: which stops, and who has to say yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from troth.core.policy.loader import load
from troth.core.policy.model import Policy
from troth.core.policy.values import Duration
from troth.core.requests.model import Behalf, Channel, Request, Right
from troth.core.requests.route import AT_ONCE, Stop, route, terms_of, whole_scope

SOURCE = """
format: 1
policy: {title: {en: Policy}, version: "1", languages: [en], authoritative: en}
publisher: {name: Essai, country: FR, timezone: Europe/Paris}
people: {all: {title: {en: all}}}
purposes:
  orders: {title: {en: Orders}, basis: contract, people: [all], categories: [Name], keep: {for: 3 years, after: collected}}
  offers: {title: {en: Offers}, basis: legitimate_interest, people: [all], categories: [Name], direct_marketing: true, keep: {for: 3 years, after: collected}}
  letter: {title: {en: Letter}, basis: consent, people: [all], categories: [Name], direct_marketing: true, keep: {for: 3 years, after: collected}}
rights: {answer_within: 30 days, %s}
clients:
  fabrique: {name: Fabrique SA, country: FR, contact: dpo@fabrique.test, requests_forwarded_within: 3 days}
"""


def policy(rights: str = "") -> Policy:
    return load((SOURCE % rights).encode(), name="troth.yaml", read=lambda name: b"", env={})


def request(right: Right, **values: object) -> Request:
    made = Request("r", right, "s", datetime(2026, 3, 5, tzinfo=UTC), Channel.PORTAL)
    return replace(made, **values)  # type: ignore[arg-type]


def stops(right: Right, rights: str = "", *, verified: bool = True, **values: object) -> tuple[Stop, ...]:
    return route(request(right, **values), policy(rights), verified=verified).stops


def test_an_access_is_carried_out_answered_and_tidied_away() -> None:
    assert stops(Right.ACCESS) == (Stop.CARRY_OUT, Stop.ANSWER, Stop.TIDY)


def test_an_erasure_waits_for_staff_tells_recipients_and_then_the_person() -> None:
    assert stops(Right.ERASURE) == (Stop.APPROVAL, Stop.CARRY_OUT, Stop.RECIPIENTS, Stop.ANSWER)


def test_who_is_not_known_is_asked_first() -> None:
    assert stops(Right.ACCESS, verified=False)[0] == Stop.IDENTITY


def test_a_cooling_off_holds_for_erasures_from_the_portal_only() -> None:
    assert Stop.COOLING in stops(Right.ERASURE, "cooling_off: 3 days")
    assert Stop.COOLING not in stops(Right.ERASURE, "cooling_off: 3 days", channel=Channel.POST)
    assert Stop.COOLING not in stops(Right.ACCESS, "cooling_off: 3 days")


def test_the_policy_decides_who_approves() -> None:
    assert Stop.APPROVAL not in stops(Right.ERASURE, "approval: {erasure: automatic}")
    assert Stop.APPROVAL in stops(Right.ACCESS, "approval: {access: staff}")


@pytest.mark.parametrize("right", sorted(AT_ONCE))
def test_who_speaks_for_another_always_waits_for_a_human(right: Right) -> None:
    assert Stop.APPROVAL in stops(right, f"approval: {{{right}: automatic}}", behalf=Behalf.MANDATE)


def test_what_no_database_can_answer_is_done_by_hand() -> None:
    assert Stop.BY_HAND in stops(Right.HUMAN_REVIEW)
    assert Stop.CARRY_OUT not in stops(Right.HUMAN_REVIEW)


def test_a_clients_request_is_only_handed_on() -> None:
    assert stops(Right.ERASURE, controller="fabrique") == (Stop.FORWARD,)
    assert terms_of(policy(), "fabrique").forward_within == Duration(days=3)
    assert terms_of(policy()).promise == Duration(days=30)


def test_who_names_no_purpose_means_all_that_the_right_is_about() -> None:
    assert whole_scope(Right.OBJECTION, policy()) == {"offers", "letter"}
    assert whole_scope(Right.WITHDRAWAL, policy()) == {"letter"}
    assert whole_scope(Right.ERASURE, policy()) == frozenset()
