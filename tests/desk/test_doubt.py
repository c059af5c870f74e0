"""What must not go wrong on a request's way: doubts about who asks, a change of mind, crashes, outages, refusals."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from troth.core.errors import UsageError
from troth.core.evidence.leaf import Event


def decide(name: str, ref: str, *words: Any) -> Any:
    """A member of staff, or the person, decides."""
    from troth.desk import deciding
    from troth.desk.house import house

    with house() as at:
        return getattr(deciding, name)(at, ref, *words, datetime.now(UTC))


def later(seconds: float) -> None:
    from jobs.scene import Journal

    Journal("sqlite", {}).pass_time(seconds)


def names(front: Front) -> list[Any]:
    return [name for (name,) in front.rows("SELECT name FROM customers ORDER BY id")]


# --- who asks


def test_while_it_is_in_doubt_who_asks_nothing_is_done_and_nothing_told(front: Front) -> None:
    ref = front.ask("rectification", corrections={"customers.name": "X"}).request.ref
    decide("ask_identity", ref, "identity_required")
    front.box.received.clear()
    front.work()
    assert names(front)[0] == "Ana Exemple"
    assert front.state_of(ref) == "identity_awaited"
    decide("identified", ref, "known")
    front.work()
    assert names(front)[0] == "X"
    assert front.state_of(ref) == "answered"
    assert len(front.box.received) == 2  # the person, and the carrier of the orders


def test_nobody_says_yes_to_somebody_unknown(front: Front) -> None:
    ref = front.ask("erasure", verified="").request.ref
    for word in ("approve", "share", "done_by_hand"):
        with pytest.raises(UsageError, match="not known yet who asks"):
            decide(word, ref, *(["7"] if word != "approve" else []))
    decide("identified", ref, "known")
    assert decide("approve", ref).request.state == "in_progress"


def test_the_wish_of_somebody_known_is_not_put_to_that_of_a_stranger(front: Front) -> None:
    stranger = front.ask("access", verified="", answer_to="mallory@evil.test")
    ana = front.ask("access")
    assert ana.request.ref != stranger.request.ref
    front.work()
    assert [mail.recipients for mail in front.box.received] == [["ana@example.org"]]


def test_an_answer_to_another_address_is_another_request(front: Front) -> None:
    first = front.ask("access", answer_to="office@example.org")
    assert not front.ask("access").joined
    assert front.ask("access", answer_to="").request.ref == first.request.ref


def test_a_way_of_knowing_that_could_be_a_name_is_refused(front: Front) -> None:
    with pytest.raises(UsageError, match="not a way to know"):
        front.ask("access", verified="Ana, au guichet")
    ref = front.ask("access", verified="").request.ref
    with pytest.raises(UsageError, match="not a way to know"):
        decide("identified", ref, "carte de Ana Exemple")
    assert front.state_of(ref) == "received"


# --- a change of mind


def test_once_the_stores_are_touched_it_is_too_late_and_said_to_be(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.desk import way

    ref, real, said = front.ask("erasure").request.ref, vars(way)["carry_out"], []

    def meanwhile(*words: Any) -> Any:
        with pytest.raises(UsageError) as refused:
            decide("withdraw", ref)
        said.append(refused.value.message)
        return real(*words)

    monkeypatch.setattr(way, "carry_out", meanwhile)
    front.work()
    decide("approve", ref)
    front.work()
    assert said == ["it is being carried out already, or was"]
    assert front.state_of(ref) == "partly_refused"


def test_while_a_store_is_away_it_can_still_be_taken_back(front: Front) -> None:
    shop = front.folder / "shop.sqlite"
    away = shop.rename(front.folder / "elsewhere")
    ref = front.ask("restriction").request.ref
    front.work()
    decide("withdraw", ref)
    away.rename(shop)
    later(4000)
    front.work()
    assert front.ledger(ref) == ["request.received", "request.taken_up", "request.withdrawn"]


def test_an_approval_counts_whenever_it_comes(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.jobs import journal

    early = front.ask("erasure").request.ref
    decide("approve", early)
    front.work()
    assert front.state_of(early) == "partly_refused"
    late, real = front.ask("erasure", "bo@example.org").request.ref, journal.wait

    def between(claim: Any, outcome: Any) -> None:
        monkeypatch.setattr(journal, "wait", real)
        decide("approve", late)
        real(claim, outcome)

    monkeypatch.setattr(journal, "wait", between)
    front.work()
    assert front.state_of(late) == "answered"


# --- what was done, and what is told


def test_after_a_crash_the_answer_still_says_what_is_kept(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.desk import way
    from troth.desk.house import house

    ref, real = front.ask("erasure").request.ref, vars(way)["carry_out"]

    def crash(*words: Any) -> Any:
        monkeypatch.setattr(way, "carry_out", real)
        real(*words)
        raise RuntimeError("the machine dies")

    monkeypatch.setattr(way, "carry_out", crash)
    front.work()
    decide("approve", ref)
    front.work()
    later(100)
    front.work()
    assert front.state_of(ref) == "partly_refused"
    with house() as at:
        done = next(body for kind, body in at.records.state.events_of(ref) if kind == "erasure.done")
    assert [line[-1] for line in done["outcomes"] if line[4] == "kept"] == ["hold", "hold", "needed_by_kept"]
    assert "2036" in next(mail.text() for mail in front.box.received if mail.recipients == ["ana@example.org"])


@pytest.mark.evidence("outcome_unannounced")
@pytest.mark.parametrize(("last", "reason"), [
    (["hold"], "legal_obligation_or_public_task"), (["manual"], "still_needed"), (["purpose"], "still_needed"),
    ([], "still_needed"), (["undescribed"], "still_needed"),
])  # fmt: skip
def test_why_something_is_kept_is_read_back_from_the_ledger(front: Front, last: list[str], reason: str) -> None:
    """Where it does not tell which hold or use it was, neither the words nor the code say more than that."""
    from troth.desk import telling, way
    from troth.desk.carry import done_already
    from troth.desk.house import house

    request = front.ask("erasure").request
    lines: list[Any] = [
        ["shop", "invoices", "keep", 1, "kept", "2036-12-31", *last],
        ["shop", "x", "delete", 2, "done", None],
    ]
    with house() as at:
        at.records.note(Event("erasure.done", datetime.now(UTC), {"request": request.ref, "outcomes": lines}))
        found = done_already(at, request)
        assert found is not None
        assert (found.rows, len(found.kept)) == (2, 1)
        assert telling.reasons_of(at.policy, request, vars(way)["_result"](found)) == (reason,)


@pytest.mark.evidence("outcome_unannounced")
def test_who_asked_for_one_purpose_is_not_refused_what_another_one_keeps(front: Front) -> None:
    from troth.desk import telling, way
    from troth.desk.carry import done_already
    from troth.desk.house import house

    request = front.ask("erasure", scope={"offers"}).request
    lines: list[Any] = [
        ["shop", "invoices", "keep", 1, "kept", None, "purpose"],
        ["shop", "customers", "keep", 1, "kept", None, "needed_by_kept"],
    ]
    with house() as at:
        at.records.note(Event("erasure.done", datetime.now(UTC), {"request": request.ref, "outcomes": lines}))
        found = done_already(at, request)
        assert found is not None
        assert telling.reasons_of(at.policy, request, vars(way)["_result"](found)) == ()


def test_a_step_that_failed_is_not_taken_for_done(front: Front) -> None:
    from troth.desk.carry import done_already
    from troth.desk.house import house

    request = front.ask("restriction").request
    lines: list[Any] = [["shop", "customers", "set", 0, "failed", None]]
    with house() as at:
        at.records.note(Event("restriction.flagged", datetime.now(UTC), {"request": request.ref, "outcomes": lines}))
        assert done_already(at, request) is None


def test_what_was_not_told_is_not_answered_and_staff_hear_of_it(front: Front) -> None:
    from troth.desk.daily import waiting

    front.box.mode = "refuse_content"
    ref = front.ask("access").request.ref
    front.work()
    assert front.state_of(ref) == "in_progress"
    for _ in range(14):
        later(4000)
        front.work()
    assert waiting(datetime.now(UTC).date()).stuck == 1


def test_who_gave_no_address_is_answered_when_somebody_says_that_the_letter_has_gone(front: Front) -> None:
    ref = front.ask("objection", answer_to="").request.ref
    front.work()
    assert front.state_of(ref) == "in_progress"
    decide("done_by_hand", ref, "letter-118")
    front.work()
    assert front.state_of(ref) == "answered"
    assert front.box.received == []


def test_the_answer_names_what_is_kept_by_its_title_and_why(front: Front) -> None:
    from troth.desk.models import File

    text = (front.folder / "troth.yaml").read_text()
    text = text.replace("      invoices:\n", "      invoices:\n        title: {fr: Factures, en: Invoices}\n")
    (front.folder / "troth.yaml").write_text(text)
    ref = front.ask("erasure").request.ref
    front.work()
    decide("approve", ref)
    front.work()
    told = next(mail.text() for mail in front.box.received if mail.recipients == ["ana@example.org"])
    told = " ".join(told.split())
    assert "– Invoices: transactions – accounting documents (C. com. L123-22), until 31 December 2036" in told
    assert "shop." not in told
    assert File.objects.get(ref=ref).acts[-1]["reasons"] == ["legal_obligation_or_public_task"]


# --- recipients


def test_nobody_is_told_of_somebody_who_is_not_known(front: Front) -> None:
    ref = front.ask("erasure", "carl@example.org").request.ref
    front.work()
    decide("approve", ref)
    front.work()
    assert [mail.recipients for mail in front.box.received] == [["carl@example.org"]]
    assert "recipients.told" not in front.ledger(ref)


def test_a_recipient_whose_mail_is_refused_does_not_keep_the_person_waiting(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.mail import messages
    from troth.web.mail.errors import MailRefused

    real = messages.send

    def send(message: Any) -> Any:
        if "rgpd@messager.test" in message.to:
            raise MailRefused("recipient")
        return real(message)

    monkeypatch.setattr(messages, "send", send)
    ref = front.ask("rectification", corrections={"customers.name": "X"}).request.ref
    for _ in range(7):
        front.work()
        later(4000)
    assert front.state_of(ref) == "answered"


# --- outages and files


def test_an_objection_bites_at_once_and_in_every_store_when_it_answers(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.may import may

    shop = front.folder / "shop.sqlite"
    away = shop.rename(front.folder / "elsewhere")
    ref = front.ask("objection", scope={"offers"}).request.ref
    front.work()
    with house() as at:
        assert not may(at, [("email", "ana@example.org")], "offers").may
    assert front.state_of(ref) == "in_progress"
    away.rename(shop)
    later(4000)
    front.work()
    assert front.state_of(ref) == "answered"
    with house() as at:
        assert not may(at, [("customer_id", "1")], "offers").may


def test_an_objection_outlives_the_paper_about_it(front: Front) -> None:
    from troth.desk.daily import forget
    from troth.desk.house import house
    from troth.desk.may import may
    from troth.desk.models import File

    text = (front.folder / "troth.yaml").read_text()
    (front.folder / "troth.yaml").write_text(text.replace("30 days", "30 days\n  requests_kept: 1 year", 1))
    front.ask("objection", scope={"offers"})
    front.work()
    with house() as at:
        assert forget(at, datetime.now(UTC).date() + timedelta(days=400)) == 1
        assert not File.objects.exists()
        assert not may(at, [("email", "ana@example.org")], "offers").may


def test_a_store_that_stays_away_is_asked_less_and_less_and_staff_hear_of_it(front: Front) -> None:
    from troth.desk.daily import waiting
    from troth.jobs.models import Step

    (front.folder / "shop.sqlite").rename(front.folder / "elsewhere")
    front.ask("access")
    for _ in range(12):
        front.work()
        later(86400)
    assert Step.objects.get(error="unreachable").progress == {"again": 12}
    assert waiting(datetime.now(UTC).date()).stuck == 1
    front.work()
    later(5 * 3600)
    assert front.work().put_off == 0


def test_what_a_crash_left_readable_goes_though_nobody_asks_again(front: Front) -> None:
    from troth.desk import packages
    from troth.desk.daily import sweep_packages

    part = packages.folder() / ".req-a-1.zip.abc.part"
    (part / "package").mkdir(parents=True)
    (part / "package" / "data.json").write_text("Ana Exemple")
    now = datetime.now(UTC)
    old = now.timestamp() - 90000
    os.utime(part, (old, old))
    assert sweep_packages(now) == 1
    assert not part.exists()


def test_a_worker_that_was_overtaken_does_not_replace_the_package_that_was_mailed(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.desk import packages, way
    from troth.desk.models import Package
    from troth.jobs.models import Step

    real = vars(way)["pack"]
    front.ask("access")

    def overtaken(*words: Any) -> Any:
        monkeypatch.setattr(way, "pack", real)
        front.work()  # nothing to take yet
        later(4000)
        front.work()
        return real(*words)

    monkeypatch.setattr(way, "pack", overtaken)
    front.work()
    link = next(w for w in front.box.the_only().text().split() if "/answers/" in w).rpartition("/")[2]
    from troth.desk.hand import link_of

    package = Package.objects.get()
    assert package.link == link_of(link)
    assert (packages.folder() / package.name).exists()
    assert Step.objects.get(kind__startswith="request.carry_out").state == "done"


# --- who sees it


def test_however_often_somebody_asks_the_site_takes_so_many(front: Front) -> None:
    from troth.desk.files import MOST, TooMany

    for number in range(MOST):
        front.ask("rectification", corrections={"customers.name": f"N{number}"})
    with pytest.raises(TooMany):
        front.ask("rectification", corrections={"customers.name": "one more"})
    front.ask("access", "bo@example.org")
