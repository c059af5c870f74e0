"""Whoever carries a use out for the publisher hears that a person has refused it, and that the end of a freeze brings
nothing of that back."""

from __future__ import annotations

import pytest

from desk.house_of import Front
from desk.test_space import rewritten

CARRIER = "rgpd@messager.test"


@pytest.fixture
def front(front: Front) -> Front:
    """Its carrier also sends the offers; only the host has what rests on a consent."""
    rewritten(
        front,
        "categories: [EmailAddress]\n    direct_marketing: true\n",
        "categories: [EmailAddress]\n    direct_marketing: true\n    recipients: [carrier, host]\n",
    )
    return front


def heard(front: Front) -> list[str]:
    """What the carrier was told, by mail."""
    return [mail.text() for mail in front.box.received if mail.recipients == [CARRIER]]


def test_a_recipient_hears_of_an_objection_and_of_which_use(front: Front) -> None:
    ref = front.ask("objection", scope=("offers",)).request.ref
    front.work()
    (said,) = heard(front)
    assert "ana@example.org" in said
    assert "Offres" in said
    assert "Commandes" not in said
    assert front.state_of(ref) == "answered"
    assert "recipients.told" in front.ledger(ref)


def test_nobody_hears_of_somebody_whom_they_never_knew(front: Front) -> None:
    ref = front.ask("objection", who="nobody@example.org", scope=("offers",)).request.ref
    front.work()
    assert heard(front) == []
    assert front.state_of(ref) == "answered"
    assert "recipients.told" not in front.ledger(ref)


def test_the_end_of_a_freeze_brings_back_nothing_that_was_refused(front: Front) -> None:
    from datetime import UTC, datetime

    from troth.desk import standing
    from troth.desk.house import house

    front.ask("objection", scope=("offers",))
    freeze = front.ask("restriction").request.ref
    front.work()
    with house() as at:
        standing.lift(at, [("email", "ana@example.org")], "restriction", freeze, datetime.now(UTC))
    front.work()
    assert "Sauf pour ce que la personne a refusé" in heard(front)[-1]
    assert "Offres" in heard(front)[-1]
    mine = [mail.text() for mail in front.box.received if mail.recipients == ["ana@example.org"]]
    assert "What you have refused stays refused: Offers." in " ".join(mine[-1].split())


def test_who_is_to_erase_a_part_hears_of_which(front: Front) -> None:
    rewritten(front, "name: Name}", "name: {is: Name, for: orders}}")
    ref = front.ask("erasure", who="bo@example.org", scope=("orders",)).request.ref
    front.work()
    front.say_yes(ref)
    front.work()
    (said,) = heard(front)
    assert "pour : Commandes" in " ".join(said.split())


PREFERENCES = """      preferences:
        for: offers
        where: {status: [active]}
        belongs_to: {customers: customer_id}
        fields: {word: EmailAddress}
        refused: {offers: {flag: status, value: unsubscribed}}
      invoices:
"""


def preferring(front: Front) -> None:
    """Only rows of preferences serve the offers, and the flag takes its row out of their filter."""
    front.change("CREATE TABLE preferences (id INTEGER PRIMARY KEY, customer_id INTEGER, word TEXT, status TEXT)")
    front.change("INSERT INTO preferences VALUES (7, 1, 'x', 'active')")
    rewritten(front, "for: [orders, offers]", "for: [orders]")
    rewritten(front, "      invoices:\n", PREFERENCES)


def dying_once(front: Front, monkeypatch: pytest.MonkeyPatch, where: object, name: str, right: str) -> str:
    """A request whose first try dies where ``name`` is about to be done; it is tried again a day later."""
    from jobs.scene import Journal

    real = getattr(where, name)
    died: list[object] = []

    def dying(*arguments: object, **more: object) -> object:
        if not died:
            died.append(name)
            raise RuntimeError
        return real(*arguments, **more)

    ref = str(front.ask(right, scope=("offers",)).request.ref)
    monkeypatch.setattr(where, name, dying)
    front.work()
    assert died
    Journal("sqlite", {}).pass_time(86400)
    front.work()
    return ref


def test_they_hear_of_it_also_where_the_flag_takes_the_row_out_of_its_filter(front: Front) -> None:
    preferring(front)
    ref = front.ask("objection", scope=("offers",)).request.ref
    front.work()
    assert front.rows("SELECT status FROM preferences") == [("unsubscribed",)]
    assert len(heard(front)) == 1
    assert "recipients.told" in front.ledger(ref)


@pytest.mark.evidence("outcome_missing")
def test_they_hear_of_it_where_the_worker_dies_after_the_row_has_left_its_filter(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.desk import carry

    preferring(front)
    ref = dying_once(front, monkeypatch, carry, "_carried", "objection")
    assert front.ledger(ref).count("objection.intended") == 1
    assert front.state_of(ref) == "answered"
    assert len(heard(front)) == 1


def test_they_hear_of_it_where_the_worker_dies_before_the_journal_knows(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.desk import way

    ref = dying_once(front, monkeypatch, way, "_next", "objection")
    assert front.ledger(ref).count("objection.made") == 1
    assert front.state_of(ref) == "answered"
    assert len(heard(front)) == 1


def test_of_several_uses_they_hear_of_those_that_rows_of_the_person_serve(front: Front) -> None:
    rewritten(
        front,
        "stores:\n",
        """  surveys:
    title: {fr: Enquêtes, en: Surveys}
    basis: legitimate_interest
    people: [clients]
    categories: [EmailAddress]
    recipients: [carrier]
    keep: {for: 3 years, after: last_contact}
stores:
""",
    )
    front.ask("objection", scope=("offers", "surveys"))
    front.work()
    (said,) = heard(front)
    assert "Offres" in said
    assert "Enquêtes" not in said
