"""The file that web servers read: written and read again, agreeing with the banner about what a choice is."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.bootstrap import load_policy
from troth.core.consent.choice import Choice, read, write
from troth.core.consent.csp import Embed, parse
from troth.core.consent.enforcing import rules_of
from troth.core.consent.rules import LOADS, Rules, from_json
from troth.core.consent.snippets import at_least
from troth.core.errors import UsageError
from troth.core.policy.model import Policy

TODAY = date(2026, 11, 22)
MARK = "a1b2c3d4"
RULES = Rules(
    "troth_choice", MARK, 180, "https://privacy.verdier.test",
    (Embed("video", ("*.lanterne.test",), LOADS["video"]), Embed("map", ("tuiles.plan-ouvert.test",), LOADS["map"])),
    retired=(Embed("old", ("old.test",), LOADS["other"]),), always=(Embed("own", ("cdn.verdier.test",), ("font-src",)),),
)  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load_policy("examples/maison/troth.yaml", {})


def value(*accepted: str, day: date = TODAY, mark: str = MARK) -> str:
    return write(Choice(day, accepted), mark=mark)


def test_the_file_is_read_as_it_was_written() -> None:
    assert from_json(RULES.to_json()) == RULES


@given(st.text(alphabet="01.abcz-_AZ é\n", max_size=40), st.booleans())
def test_a_choice_is_what_the_banner_takes_for_one(text: str, real: bool) -> None:
    cookie = f"1.{value().split('.')[1]}.{MARK}{text}" if real else text
    choice = read(cookie, mark=MARK, today=TODAY, ask_again=180)
    assert RULES.accepted(cookie, TODAY) == frozenset(choice.accepted if choice else ())


@given(st.integers(-400, 400), st.lists(st.sampled_from(["video", "map", "x"]), unique=True))
def test_a_choice_lasts_as_long_as_the_banner_says(ago: int, accepted: list[str]) -> None:
    cookie = value(*accepted, day=TODAY - timedelta(days=ago))
    choice = read(cookie, mark=MARK, today=TODAY, ask_again=180)
    assert RULES.accepted(cookie, TODAY) == frozenset(choice.accepted if choice else ())
    assert (choice is None) is not (-1 <= ago < 180)


@pytest.mark.parametrize(
    "cookie",
    [None, "", "1", value("video", mark="00000000"), value("video", "video"), "2" + value("video")[1:], "x" * 5000],
)
def test_without_a_choice_that_counts_nothing_is_let_in(cookie: str | None) -> None:
    assert RULES.accepted(cookie, TODAY) == frozenset()


def in_base_36(number: int) -> str:
    return (in_base_36(number // 36) if number >= 36 else "") + "0123456789abcdefghijklmnopqrstuvwxyz"[number % 36]


@given(st.integers(0, 50_000), st.integers(0, 50_000))
def test_a_web_server_knows_the_days_from_one_on(first: int, day: int) -> None:
    pattern, text = at_least(in_base_36(first)), in_base_36(day)
    assert (re.fullmatch(pattern, text) is not None) is (day >= first and len(text) <= len(in_base_36(first)) + 1)
    assert re.fullmatch(pattern, "0" + text) is None


def test_a_policy_becomes_rules(policy: Policy) -> None:
    rules = rules_of(policy, "https://privacy.verdier.test")
    assert rules.cookie == "troth_choice"
    assert [one.name for one in rules.services] == list(policy.document.services)
    header = parse(rules.composed().header(rules.accepted(value("video", mark=rules.mark), TODAY)))
    assert header["frame-src"] == ("'self'", "*.lanterne.test")
    assert header["script-src"] == ("'self'", "'unsafe-inline'", "https://privacy.verdier.test", "*.lanterne.test")
    assert header["report-uri"] == ("https://privacy.verdier.test/consent/csp-report",)


def test_every_kind_of_service_of_the_policy_loads_something() -> None:
    from typing import get_args

    from troth.core.policy.sections.site import Service

    kinds = set(get_args(Service.model_fields["kind"].annotation))
    assert kinds == set(LOADS)


def test_what_is_no_longer_in_use_is_never_let_in_and_what_is_exempt_always() -> None:
    composed = RULES.composed("default-src 'self' old.test")
    read_again = parse(composed.header({"old", "video"}))
    assert "old.test" not in str(read_again)
    assert read_again["font-src"] == ("'self'", "cdn.verdier.test")
    assert [one.service for one in composed.taken_out] == ["old"]


@pytest.mark.parametrize(
    "spoilt",
    ["", "[]", "null", "{}", '{"format": 2}', RULES.to_json().replace(MARK, "xyz"), RULES.to_json().replace('"days": 180', '"days": true'),
     RULES.to_json().replace("*.lanterne.test", "x; script-src *"), RULES.to_json().replace("troth_choice", "a=b\\r\\nc"),
     RULES.to_json().replace('"frame-src"', '"frame-ancestors"'), RULES.to_json().replace('"hosts"', '"host"')],
)  # fmt: skip
def test_a_file_that_is_spoilt_is_refused_with_a_remedy(spoilt: str) -> None:
    with pytest.raises(UsageError):
        from_json(spoilt)


@pytest.mark.parametrize("key", json.loads(RULES.to_json()))
@pytest.mark.parametrize("wrong", [None, [7], {"x": 1}, "\n", 0, -1, True])
def test_no_value_can_be_something_else(key: str, wrong: object) -> None:
    with pytest.raises(UsageError):
        from_json(json.dumps({**json.loads(RULES.to_json()), key: wrong}))
