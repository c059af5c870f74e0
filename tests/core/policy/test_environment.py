from __future__ import annotations

from dataclasses import replace

import pytest

from core.policy.files import codes, examined, good_files
from troth.core.errors import UsageError
from troth.core.policy.environment import VariableUnset, beside, expand, expand_url
from troth.core.policy.loader import examine
from troth.core.policy.model import Store

GOOD = good_files()[0].read_text("utf-8")


def with_env(text: str, **env: str) -> Store:
    found = examine(text.encode(), name="troth.yaml", read=lambda _: b"", env=env)
    assert found.problems == ()
    assert found.policy is not None
    return found.policy.stores["shop"]


def test_a_store_keeps_its_variable_until_somebody_connects() -> None:
    store = with_env(GOOD)
    assert store.url == "${SHOP_DATABASE_URL}"
    assert expand_url(store, {"SHOP_DATABASE_URL": "sqlite:///x"}) == "sqlite:///x"


def test_an_unset_variable_is_named_with_its_place_and_no_value() -> None:
    store = replace(with_env(GOOD), url="postgresql://shop:${PW}@${HOST}/shop")
    with pytest.raises(UsageError) as raised:
        expand_url(store, {"PW": "hunter2"})
    assert str(raised.value).startswith("troth.yaml:")
    assert "HOST" in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_elsewhere_a_variable_is_put_in_when_the_file_is_read() -> None:
    text = GOOD.replace("name: Maison Verdier SARL", 'name: "${FIRST} & ${SECOND}"')
    found = examine(text.encode(), name="t", read=lambda _: b"", env={"FIRST": "Ana", "SECOND": "${FIRST}"})
    assert found.policy is not None
    # Put in once: a value that looks like a variable stays as it is.
    assert found.policy.publisher == "Ana & ${FIRST}"


def test_what_is_put_in_is_checked_like_what_is_written() -> None:
    text = GOOD.replace("location: FR", "location: ${WHERE}", 1)
    found = examine(text.encode(), name="t", read=lambda _: b"", env={"WHERE": "Mars"})
    assert [p.code for p in found.problems] == ["unknown_country"]


def test_two_dollars_stand_for_one() -> None:
    assert expand("$${A} ${A} $5", {"A": "x"}) == "${A} x $5"


@pytest.mark.parametrize("text", ["${", "${}", "${1A}", "${A-B}", "${A"])
def test_a_name_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(VariableUnset):
        expand(text, {"A": "x"})
    assert codes(examined(GOOD.replace("name: Maison Verdier SARL", f"name: '{text}'"))) == ["variable_malformed"]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("sqlite:///data/shop.sqlite", "sqlite:////srv/policy/data/shop.sqlite"),
        ("sqlite+pysqlite:///shop.sqlite", "sqlite+pysqlite:////srv/policy/shop.sqlite"),
        ("sqlite:////var/shop.sqlite", "sqlite:////var/shop.sqlite"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///${DIR}/shop.sqlite", "sqlite:///${DIR}/shop.sqlite"),
        ("${URL}", "${URL}"),
        ("postgresql://h/data/x", "postgresql://h/data/x"),
    ],
)
def test_relative_addresses_count_from_the_policy(url: str, expected: str) -> None:
    assert beside(url, "/srv/policy") == expected
    assert beside(expected, "/srv/policy") == expected
