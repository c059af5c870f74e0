"""What a collection can see: the quick answer is the one that the definition gives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy.files import HERE, codes, examined
from troth.core.policy.reach import StoreReach
from troth.core.policy.sections.stores import Store

NAMES = [f"c{n}" for n in range(6)]


@st.composite
def stores(draw: st.DrawFn) -> Store:
    """Six collections, linked at random (in rings too), some with a person, some with states."""
    collections = {}
    for name in NAMES:
        parents = draw(st.lists(st.sampled_from([*NAMES, "nowhere"]), max_size=2, unique=True))
        collections[name] = {
            **({"subject": {"email": "email"}} if draw(st.booleans()) else {}),
            "belongs_to": [{"to": parent, "by": {f"{parent}_id": "id"}} for parent in parents],
            "states": {state: {"closed": {"not": None}} for state in draw(st.sets(st.sampled_from("abcd")))},
        }
    return Store.model_validate({"url": "sqlite:///a.sqlite", "location": "FR", "collections": collections})


def by_definition(reach: StoreReach, name: str) -> set[str]:
    """States of the row's own collection and those above; with a person, of all collections that have one."""
    seen = set(reach.above(name))
    if name in reach.anchored:
        seen |= reach.anchored
    return {state for other in seen for state in reach.store.collections[other].states}


@given(store=stores())
def test_a_row_sees_the_states_that_the_definition_gives(store: Store) -> None:
    reach = StoreReach(store)
    assert {name: reach.states(name) for name in NAMES} == {name: by_definition(reach, name) for name in NAMES}


@pytest.mark.timeout(30)  # with the square of the work it would be minutes
def test_thousands_of_collections_take_no_square_of_the_time() -> None:
    collections = {
        f"c{n}": {"subject": {"email": "email"}, "states": {"open": {"closed": {"not": None}}}} for n in range(4_000)
    }
    store = Store.model_validate({"url": "sqlite:///a.sqlite", "location": "FR", "collections": collections})
    reach = StoreReach(store)
    assert all(reach.states(name) == {"open"} for name in collections)


@pytest.mark.parametrize(
    ("held", "parents", "enough"),
    [
        ("fields: all, for: 10 years, after: last_contact", "", True),
        ("fields: [Total], if: large, for: 10 years, after: last_contact, per: person", "", True),
        ("fields: [Total], for: 1 year, after: last_contact", "parents: {purchase: [Total]}, ", True),
        ("fields: [Note], for: 10 years, after: last_contact", "parents: {purchase: all}, ", True),
        ("fields: [Note], for: 10 years, after: last_contact", "parents: {purchase: [Note]}, ", False),
        ("fields: [Total], if: small, for: 10 years, after: last_contact", "", False),
        ("fields: [Total], while: small", "", False),
    ],
)
def test_what_a_row_above_tells_a_hold_has_to_stay_there_as_long(held: str, parents: str, enough: bool) -> None:
    text = (HERE / "bad" / "hold-if-not-held-above.yaml").read_text("utf-8")
    text = text.replace("fields: [Total], because: law, for: 1 year, after: last_contact", f"because: law, {held}")
    text = text.replace("ge: 12000}}}", "ge: 12000}}, small: {Note: {not: null}}}").replace("{if:", f"{{{parents}if:")
    assert f"because: law, {held}" in text
    assert ("hold_if_not_held_above" in codes(examined(text))) is not enough
