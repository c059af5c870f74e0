"""A flag may take its row out of the filter of its own collection (``where:``): it is given back all the same."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from desk.house_of import Front
from desk.test_refused import lift
from desk.test_space import rewritten
from desk.test_standing import at_the_desk

ANA = (("email", "ana@example.org"),)
COLUMNS = "customer_id INTEGER, word TEXT, status TEXT, wanted INTEGER, held INTEGER"
PREFERENCES = """      preferences:
        for: offers
        where: {status: [active], held: [0]}
        belongs_to: {customers: customer_id}
        fields: {word: EmailAddress}
        restricted: {flag: held, value: 1}
        refused: {offers: [{flag: status, value: unsubscribed}, {flag: wanted, value: 0}]}
      invoices:
"""


@pytest.fixture
def listed(front: Front) -> Front:
    """The shop with a table of its own of who gets the offers; only active rows count."""
    front.change(f"CREATE TABLE preferences (id INTEGER PRIMARY KEY, {COLUMNS})")
    front.change("INSERT INTO preferences VALUES (7, 1, 'x', 'active', 1, 0), (8, 2, 'y', 'active', 1, 0)")
    rewritten(front, "      invoices:\n", PREFERENCES)
    return front


def said(front: Front, number: int = 7) -> tuple[object, ...]:
    return tuple(front.rows(f"SELECT status, wanted, held FROM preferences WHERE id = {number}")[0])


def test_an_objection_that_is_lifted(listed: Front) -> None:
    listed.ask("objection", scope=("offers",))
    listed.work()
    assert said(listed) == ("unsubscribed", 0, 0)
    lift("objection", "offers")
    assert said(listed) == ("active", 1, 0)
    assert said(listed, 8) == ("active", 1, 0)


def test_a_freeze_that_ends(listed: Front) -> None:
    freeze = listed.ask("restriction").request.ref
    listed.work()
    assert said(listed) == ("active", 1, 1)
    at_the_desk("lift", "standing", ANA, "restriction", freeze, datetime.now(UTC))
    assert said(listed) == ("active", 1, 0)


def test_a_row_that_the_shop_itself_has_put_outside_since_is_left_alone(listed: Front) -> None:
    listed.ask("objection", scope=("offers",))
    listed.work()
    listed.change("UPDATE preferences SET status = 'closed' WHERE id = 7")
    lift("objection", "offers")
    assert said(listed) == ("closed", 0, 0)


def test_where_the_person_s_own_row_has_left_the_filter_what_belongs_to_it_is_given_back_too(listed: Front) -> None:
    listed.change("ALTER TABLE customers ADD COLUMN state TEXT DEFAULT 'active'")
    fields = "fields: {email: EmailAddress, name: Name}"
    more = "\n        where: {state: [active]}\n        refused: {offers: {flag: state, value: gone}}"
    rewritten(listed, fields, fields + more)
    listed.ask("objection", scope=("offers",))
    listed.work()
    state = "SELECT state FROM customers ORDER BY id"
    assert (listed.rows(state), said(listed)) == ([("gone",), ("active",)], ("unsubscribed", 0, 0))
    lift("objection", "offers")
    assert (listed.rows(state), said(listed)) == ([("active",), ("active",)], ("active", 1, 0))


SURVEYS = """  surveys:
    title: {fr: Enquêtes, en: Surveys}
    basis: legitimate_interest
    people: [clients]
    categories: [EmailAddress]
    keep: {for: 3 years, after: last_contact}
stores:
"""


def test_every_use_that_is_refused_at_once_is_written_before_the_row_leaves(listed: Front) -> None:
    rewritten(listed, "stores:\n", SURVEYS)
    rewritten(listed, "for: offers\n        where", "for: [offers, surveys]\n        where")
    flags = "{flag: status, value: unsubscribed}, {flag: wanted, value: 0}]}"
    rewritten(listed, f"[{flags}", "[{flag: status, value: unsubscribed}], surveys: {flag: wanted, value: 0}}")
    ref = listed.ask("objection", scope=("offers", "surveys")).request.ref
    listed.work()
    assert (listed.state_of(ref), said(listed)) == ("answered", ("unsubscribed", 0, 0))
    lift("objection", "surveys")
    assert said(listed) == ("unsubscribed", 1, 0)
    lift("objection", "offers")
    assert said(listed) == ("active", 1, 0)
