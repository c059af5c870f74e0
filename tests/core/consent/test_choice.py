from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from databases import CHECKOUT
from troth.bootstrap import load_policy
from troth.core.consent.choice import NAME, Choice, Keeping, accepting, fingerprint, keeping, mark, read, write
from troth.core.policy.model import Policy

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/consent/choices.json").read_text(encoding="utf-8"))
FIRST = date(1970, 1, 1)
TODAY = FIRST + timedelta(days=VECTORS["today"])

names = st.lists(st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,12}", fullmatch=True), unique=True, max_size=8).map(tuple)
days = st.dates(FIRST, date(2200, 1, 1))
marks = st.from_regex(r"[0-9a-f]{8}", fullmatch=True)


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy(CHECKOUT / "examples/maison/troth.yaml")


def _section(policy: Policy, name: str, **values: Any) -> Policy:
    return replace(policy, document=policy.document.model_copy(update={name: values["to"]}))


def _services(policy: Policy, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Policy:
    return _section(policy, "services", to=change(dict(policy.document.services)))


def _with(policy: Policy, name: str, **values: Any) -> Policy:
    return _services(policy, lambda all_: {**all_, name: all_[name].model_copy(update=values)})


@pytest.mark.parametrize("vector", VECTORS["read"], ids=lambda v: v["case"])
def test_a_cookie_means_what_the_vectors_say(vector: dict[str, Any]) -> None:
    found = read(vector["value"], mark=VECTORS["mark"], today=TODAY, ask_again=VECTORS["days"])
    assert (list(found.accepted) if found else None) == vector["accepted"]


@pytest.mark.parametrize("vector", VECTORS["written"], ids=lambda v: v["value"])
def test_a_choice_is_written_as_the_vectors_say(vector: dict[str, Any]) -> None:
    assert write(Choice(TODAY, tuple(vector["accepted"])), mark=VECTORS["mark"]) == vector["value"]


@given(days, names, marks, st.integers(1, 400), st.integers(-3, 500))
def test_what_was_written_is_read_until_it_is_too_old(
    day: date, accepted: tuple[str, ...], own: str, ask_again: int, later: int
) -> None:
    choice = Choice(day, accepted)
    found = read(write(choice, mark=own), mark=own, today=day + timedelta(days=later), ask_again=ask_again)
    assert found == (choice if -1 <= later < ask_again else None)


@given(st.text(max_size=60), marks)
def test_whatever_else_a_cookie_holds_is_no_choice_and_no_error(value: str, own: str) -> None:
    found = read(value, mark=own, today=TODAY, ask_again=180)
    assert found is None or write(found, mark=own).split(".")[2:] == value.split(".")[2:]


def test_a_value_longer_than_browsers_keep_is_no_choice() -> None:
    value = "1.g17.0123abcd." + "a" * 5000
    assert read(value, mark="0123abcd", today=TODAY, ask_again=180) is None


def test_the_policy_says_where_a_choice_is_kept(policy: Policy) -> None:
    assert keeping(policy) == Keeping("troth_choice", None, 180)
    cookies = dict(policy.document.cookies)
    kept = cookies.pop("troth_choice")
    shared = {**cookies, "choix": kept.model_copy(update={"domain": ".verdier.test"})}
    assert keeping(_section(policy, "cookies", to=shared)) == Keeping("choix", "verdier.test", 180)
    alone = {**cookies, "__Host-choix": kept.model_copy(update={"domain": "verdier.test"})}
    assert keeping(_section(policy, "cookies", to=alone)).domain is None, "browsers take no domain with this prefix"
    assert keeping(_section(policy, "cookies", to={})).name == NAME
    assert keeping(_section(policy, "consent", to=None)).days == 180


@pytest.mark.parametrize(
    "values",
    [
        {"purpose": "social"}, {"host": ("stats2.verdier.test",)}, {"host": ("stats.verdier.test", "b.test")},
        {"cookies": {}}, {"active": False}, {"exempt": "audience_measurement_exempt"}, {"recipient": "video"},
        {"recipient": None, "company": "Somebody Else"}, {"consent_mode": ("analytics_storage",)},
    ],
    ids=str,
)  # fmt: skip
def test_a_change_in_substance_has_another_mark(policy: Policy, values: dict[str, Any]) -> None:
    if values.get("recipient"):
        policy = _section(policy, "recipients", to={
            **policy.document.recipients,
            "video": policy.document.recipients["video"].model_copy(update={"country": "US"}),
        })  # fmt: skip
    assert mark(_with(policy, "matomo", **values)) != mark(policy)


def test_another_company_in_the_same_country_is_another_recipient(policy: Policy) -> None:
    held = policy.document.recipients["video"]
    sold = {**policy.document.recipients, "video": held.model_copy(update={"name": "Phare SAS"})}
    assert mark(_section(policy, "recipients", to=sold)) != mark(policy)


@pytest.mark.parametrize("where", ["domain", "name", "days"])
def test_a_choice_kept_elsewhere_or_for_another_time_is_asked_again(policy: Policy, where: str) -> None:
    cookies, consent = dict(policy.document.cookies), policy.document.consent
    assert consent is not None
    if where == "days":
        other = _section(policy, "consent", to=consent.model_copy(update={"ask_again_after": "12 months"}))
    elif where == "name":
        other = _section(policy, "cookies", to={"choix": cookies.pop("troth_choice"), **cookies})
    else:
        shared = cookies["troth_choice"].model_copy(update={"domain": "verdier.test"})
        other = _section(policy, "cookies", to={**cookies, "troth_choice": shared})
    assert keeping(other) != keeping(policy)
    assert mark(other) != mark(policy)


def test_a_longer_life_of_a_cookie_has_another_mark(policy: Policy) -> None:
    cookies = dict(policy.document.services["matomo"].cookies)
    longer = {**cookies, "_pk_id*": cookies["_pk_id*"].model_copy(update={"lifetime": "14 months"})}
    same = {**cookies, "_pk_id*": cookies["_pk_id*"].model_copy(update={"lifetime": "1 year 1 month"})}
    assert mark(_with(policy, "matomo", cookies=longer)) != mark(policy)
    assert mark(_with(policy, "matomo", cookies=same)) == mark(policy)


def test_wording_and_order_keep_the_mark(policy: Policy) -> None:
    other = _with(policy, "matomo", title={"fr": "Comptage"}, description={"fr": "compte"}, placeholder={"fr": "…"})
    consent = policy.document.consent
    assert consent is not None
    other = _section(other, "consent", to=consent.model_copy(update={"title": {"fr": "Cookies"}, "button": "footer"}))
    other = _services(other, lambda all_: dict(reversed(all_.items())))
    assert fingerprint(other) == fingerprint(policy)
    assert accepting(["map", "matomo", "unknown"], policy) == ("matomo", "map")
    assert accepting(["map", "matomo"], other) == ("map", "matomo")
