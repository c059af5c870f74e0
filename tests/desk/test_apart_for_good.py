"""A row that was somebody else's once is in doubt for every later request, until a human says otherwise."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_set_apart import approved, couple, events, packed, row, shared
from troth.core.errors import PlanRefused, UsageError

SHARED = ("email", "ana@example.org")


def bos_address(front: Front) -> list[Any]:
    return front.rows("SELECT email FROM customers WHERE id = 2")


def parted(front: Front) -> str:
    """Ana is erased; Bo, behind the same address, was said to be somebody else."""
    couple(front)
    ref = approved(front)
    shared(ref, (row(ref, "customers", 2),))
    front.work()
    assert front.state_of(ref) == "partly_refused", "an invoice stays"
    return ref


def waits_for(ref: str) -> str:
    from troth.desk.ahead import ahead

    return str(ahead(ref).what)


@pytest.mark.evidence("outcome_missing")
def test_a_row_set_apart_stays_so_when_staff_answers_to_something_else(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies half-way, the next plan is refused, and the yes that sends it on says nothing of the row."""
    from troth.core.rights import erase
    from troth.desk import deciding, way
    from troth.desk.house import house
    from troth.jobs.models import Step

    couple(front)
    ref = approved(front)
    shared(ref, (row(ref, "customers", 2),))

    def dies(*_: Any, **__: Any) -> None:
        raise RuntimeError

    def refuses(*_: Any, **__: Any) -> None:
        raise PlanRefused("it cannot be written there", remedy="")

    for place, name, instead in ((erase, "finish", dies), (way, "carry_out", refuses)):
        with monkeypatch.context() as broken:
            broken.setattr(place, name, instead)
            Step.objects.filter(state="ready").update(free_at=0)
            front.work()
    assert bos_address(front) == [SHARED[1:]]
    assert front.rows("SELECT email FROM customers WHERE id = 1") != [SHARED[1:]]
    with house() as at:
        deciding.approve(at, ref, datetime.now(UTC))
    front.work()
    assert front.state_of(ref) == "partly_refused"
    assert bos_address(front) == [SHARED[1:]]


def test_an_erasure_that_was_cut_short_lends_what_was_set_apart_for_it(front: Front) -> None:
    from troth.core.records import Pending
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.desk.house import house, stores

    couple(front)
    now = datetime.now(UTC)
    with house() as at, stores(at.policy, now) as session:
        scope = {"decisions": ("shared",), "apart": (at.records.tag("shop", "customers", (2,)),)}
        anchors = {"shop": {"customers": ((1,),)}}
        at.records.begin(Pending("r-1", anchors, (SHARED,), scope, unfinished=True), now, [("shop", "customers", (1,))])
        for decided in (Decisions(), Decisions(shared=True, unverified=True)):
            found = identify(session, Subject((SHARED,)), decided, at.records)
            assert found.anchors["shop"] == anchors["shop"]
            assert found.shared == (SHARED,)


@pytest.mark.parametrize("right", ["access", "erasure"])
def test_the_mailbox_of_whoever_was_erased_opens_nobody_elses_row(front: Front, right: str) -> None:
    parted(front)
    again = front.ask("access").request.ref if right == "access" else approved(front)
    front.work()
    assert (front.state_of(again), waits_for(again)) == ("in_progress", "shared")
    assert bos_address(front) == [SHARED[1:]]
    shared(again, (row(again, "customers", 2),))
    front.work()
    assert front.state_of(again) == "answered"
    assert bos_address(front) == [SHARED[1:]]


def test_what_a_human_opens_is_in_doubt_no_more(front: Front) -> None:
    first = parted(front)
    again = front.ask("access").request.ref
    front.work()
    shared(again)
    front.work()
    assert "Bo Autre" in packed(front)
    third = front.ask("access").request.ref
    front.work()
    assert front.state_of(third) == "answered", "nobody has to say it twice"
    assert [body for kind, body in events(first) if kind == "request.set_apart"] != []
    assert [body["rows"] for kind, body in events(again) if kind == "request.set_apart"] == []


def test_a_row_is_apart_for_who_it_was_said_of_and_not_for_its_owner(front: Front) -> None:
    from troth.core.rights.erase import identify
    from troth.core.rights.identity import Decisions, Subject
    from troth.desk.house import house, stores

    parted(front)
    with house() as at, stores(at.policy, datetime.now(UTC)) as session:
        own = identify(session, Subject((("customer_id", "2"),)), Decisions(), at.records)
        mailbox = identify(session, Subject((SHARED,)), Decisions(), at.records)
    assert own.anchors["shop"]["customers"] == ((2,),)
    assert own.flags == ()
    assert not mailbox.found
    assert [(flag.collection, flag.rows, flag.reason) for flag in mailbox.flags] == [("customers", 1, "shared")]


def entered(person: Any) -> None:
    from troth.desk import disclosures
    from troth.desk.house import house

    with house() as at:
        given = disclosures.Entry(
            "authority", "Brigade de Nulle-Part", "legal_obligation", "CPP 60-1", ("Name",), date(2026, 11, 1), "",
            date(2026, 11, 2),
        )  # fmt: skip
        disclosures.record(at, person, given, "command", datetime.now(UTC))


def seen_in_the_space(*person: tuple[str, str]) -> list[str]:
    from troth.desk import disclosures
    from troth.desk.house import house

    with house() as at:
        return [one.entry.to for one in disclosures.told_to(at, person, datetime.now(UTC))]


def asks(number: str) -> Any:
    """A customer asks by their number, from an address of their own."""
    from troth.core.requests.model import Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    with house() as at:
        who = Particulars((("customer_id", number),), "bo@example.org", "en")
        return open_file(at, Wish(Right.ACCESS, who, Channel.PORTAL, verified="known"), datetime.now(UTC)).request.ref


def bos_package(front: Front) -> str:
    """What Bo gets, when staff has said that the row of Ana is not his."""
    from troth.desk import deciding
    from troth.desk.house import house

    ref = asks("2")
    front.work()
    with house() as at:
        deciding.approve(at, ref, datetime.now(UTC))
    front.work()
    shared(ref, (row(ref, "customers", 1),))
    front.work()
    assert front.state_of(ref) == "answered"
    return packed(front)


def test_a_disclosure_is_not_told_to_the_other_person_behind_an_address(front: Front) -> None:
    couple(front)
    entered([("customer_id", "1")])
    assert seen_in_the_space(SHARED) == []
    assert seen_in_the_space(("customer_id", "1")) == ["Brigade de Nulle-Part"]
    with pytest.raises(UsageError, match="several people"):
        entered([SHARED])
    data = bos_package(front)
    assert "Bo Autre" in data
    assert "Ana Exemple" not in data
    assert "Nulle-Part" not in data


def test_a_disclosure_by_an_address_that_others_have_come_to_share_is_held_back(front: Front) -> None:
    entered([SHARED])
    assert seen_in_the_space(SHARED) == ["Brigade de Nulle-Part"]
    couple(front)
    assert seen_in_the_space(SHARED) == []
    assert seen_in_the_space(("customer_id", "1")) == ["Brigade de Nulle-Part"]
    assert "Nulle-Part" not in bos_package(front)
