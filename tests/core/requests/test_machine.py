"""The life of a request: what may happen, by whom, in which order, with which reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.errors import UsageError
from troth.core.law.bases import DELAY_REASONS, REFUSAL_REASONS
from troth.core.requests.clock import Terms, clock, pauses
from troth.core.requests.machine import NEAR, happen, joinable, may_ask, possible
from troth.core.requests.model import ENDED, Act, Behalf, By, Channel, Happened, Request, Right, State
from troth.core.requests.reasons import allowed_reasons

START = datetime(2026, 3, 5, 9, tzinfo=UTC)
FRANCE = Terms("FR", "Europe/Paris", marketing=frozenset({"offers", "newsletter"}))


def request(right: Right = Right.ERASURE, **values: object) -> Request:
    return replace(Request("r-1", right, "s-1", START, Channel.PORTAL), **values)  # type: ignore[arg-type]


def act(one: Request, what: Act, *reasons: str, by: By = By.STAFF, days: int = 1) -> Request:
    return happen(one, Happened(what, one.last_at + timedelta(days=days), by, reasons), FRANCE)


def test_a_request_is_taken_up_and_answered() -> None:
    done = act(act(request(), Act.TAKEN_UP, by=By.TROTH), Act.ANSWERED, by=By.TROTH)
    assert done.state == State.ANSWERED
    assert not done.open
    assert done.ended_at == START + timedelta(days=2)


def test_an_answer_needs_somebody_to_have_taken_it_up() -> None:
    with pytest.raises(UsageError, match="answered is not possible while the request is received"):
        act(request(), Act.ANSWERED)


def test_after_identity_the_work_goes_on_where_it_was() -> None:
    waiting = act(request(), Act.IDENTITY_ASKED, "identity_required")
    assert waiting.state == State.IDENTITY_AWAITED
    assert act(waiting, Act.IDENTITY_SHOWN, by=By.PERSON).state == State.IN_PROGRESS
    extended = act(
        act(act(request(), Act.TAKEN_UP), Act.EXTENDED, "complexity"), Act.IDENTITY_ASKED, "information_required"
    )
    assert act(extended, Act.IDENTITY_SHOWN, by=By.PERSON).state == State.EXTENDED


def test_nothing_is_answered_while_it_is_not_known_who_asks() -> None:
    waiting = act(request(), Act.IDENTITY_ASKED, "identity_required")
    with pytest.raises(UsageError, match="identity_awaited"):
        act(waiting, Act.ANSWERED)


def test_the_person_is_told_of_an_extension_within_the_month_or_not_at_all() -> None:
    at_work = act(request(), Act.TAKEN_UP)
    last = datetime(2026, 4, 7, 20, tzinfo=UTC)
    extended = happen(at_work, Happened(Act.EXTENDED, last, By.STAFF, ("high_volume",)), FRANCE)
    assert extended.state == State.EXTENDED
    with pytest.raises(UsageError, match="within the first month"):
        happen(at_work, Happened(Act.EXTENDED, last + timedelta(hours=3), By.STAFF, ("high_volume",)), FRANCE)


def test_a_request_is_extended_once() -> None:
    extended = act(act(request(), Act.TAKEN_UP), Act.EXTENDED, "complexity")
    with pytest.raises(UsageError):
        act(extended, Act.EXTENDED, "complexity")
    waiting = act(extended, Act.IDENTITY_ASKED, "identity_required")
    with pytest.raises(UsageError):
        act(waiting, Act.EXTENDED, "complexity")


def test_a_refusal_needs_a_reason_that_the_law_knows_for_that_right() -> None:
    at_work = act(request(), Act.TAKEN_UP)
    with pytest.raises(UsageError, match="needs a reason"):
        act(at_work, Act.REFUSED)
    with pytest.raises(UsageError, match="overriding_interest is no reason"):
        act(at_work, Act.REFUSED, "overriding_interest")
    assert act(at_work, Act.REFUSED, "legal_claims").state == State.REFUSED


def test_an_objection_to_marketing_is_absolute() -> None:
    marketing = act(request(Right.OBJECTION, scope=frozenset({"offers"})), Act.TAKEN_UP)
    with pytest.raises(UsageError, match="overriding_interest is no reason"):
        act(marketing, Act.REFUSED, "overriding_interest")
    mixed = act(request(Right.OBJECTION, scope=frozenset({"offers", "security_logs"})), Act.TAKEN_UP)
    assert act(mixed, Act.PARTLY_REFUSED, "overriding_interest").state == State.PARTLY_REFUSED


def test_troth_never_refuses_a_request_by_itself() -> None:
    at_work = act(request(), Act.TAKEN_UP)
    with pytest.raises(UsageError, match="not for troth to say"):
        act(at_work, Act.REFUSED, "legal_claims", by=By.TROTH)


def test_a_person_changes_their_mind_at_any_time_before_the_end() -> None:
    assert act(request(), Act.WITHDRAWN, by=By.PERSON).state == State.WITHDRAWN
    done = act(act(request(), Act.TAKEN_UP), Act.ANSWERED)
    with pytest.raises(UsageError, match="has ended"):
        act(done, Act.WITHDRAWN, by=By.PERSON)


def test_a_clients_request_is_handed_on_and_never_answered() -> None:
    theirs = request(controller="fabrique")
    with pytest.raises(UsageError):
        act(theirs, Act.TAKEN_UP)
    assert act(theirs, Act.FORWARDED, by=By.TROTH).state == State.FORWARDED
    with pytest.raises(UsageError):
        act(request(), Act.FORWARDED)


def test_time_does_not_run_backwards() -> None:
    one = act(request(), Act.TAKEN_UP)
    with pytest.raises(UsageError, match="before what happened last"):
        act(one, Act.ANSWERED, days=-1)
    with pytest.raises(UsageError, match="time zone"):
        happen(one, Happened(Act.ANSWERED, datetime(2026, 5, 1), By.STAFF), FRANCE)  # noqa: DTZ001


def test_who_read_the_clock_a_moment_too_early_is_heard_as_of_now() -> None:
    one = act(request(), Act.TAKEN_UP)
    early = Happened(Act.JOINED, one.last_at - NEAR, By.PERSON)
    assert happen(one, early, FRANCE).last_at == one.last_at
    with pytest.raises(UsageError, match="before what happened last"):
        happen(one, replace(early, at=early.at - timedelta(microseconds=1)), FRANCE)


@pytest.mark.parametrize(
    ("written", "kept"),
    [("1A 234 567 8901 2", "1A23456789012"), ("rk 123 456 789 fr", "RK123456789FR"), ("T-4711", "T-4711")],
)
def test_the_number_of_a_registered_letter_stands_in_one_piece(written: str, kept: str) -> None:
    one = act(request(), Act.TAKEN_UP)
    ended = happen(one, Happened(Act.ANSWERED, one.last_at, By.STAFF, reference=written), FRANCE)
    assert ended.history[-1].reference == kept


@pytest.mark.parametrize("written", ["06 12 34 56 78", "0612345678", "Ana Exemple", "A06123456789", "1A2345678901234"])
def test_what_could_name_somebody_does_not_stand_in_the_ledger(written: str) -> None:
    one = act(request(), Act.TAKEN_UP)
    with pytest.raises(UsageError, match="name anybody"):
        happen(one, Happened(Act.ANSWERED, one.last_at, By.STAFF, reference=written), FRANCE)


def test_the_same_wish_twice_is_one_request() -> None:
    first = request()
    second = replace(first, ref="r-2", received=START + timedelta(days=3))
    assert joinable(second, [first]) == first
    assert joinable(first, [first]) is None
    assert joinable(replace(second, right=Right.ACCESS), [first]) is None
    assert joinable(replace(second, subject="s-2"), [first]) is None
    assert joinable(second, [act(act(first, Act.TAKEN_UP), Act.ANSWERED)]) is None


def test_a_wider_wish_is_not_swallowed_by_a_narrower_one() -> None:
    narrow = request(scope=frozenset({"offers"}))
    assert joinable(replace(narrow, ref="r-2", scope=frozenset()), [narrow]) is None
    assert joinable(replace(narrow, ref="r-2"), [replace(narrow, scope=frozenset())]) is not None


def test_corrections_of_different_values_are_different_wishes() -> None:
    first = request(Right.RECTIFICATION, details={"correction": "a"})
    assert joinable(replace(first, ref="r-2", details={"correction": "b"}), [first]) is None


def test_heirs_have_the_rights_that_settling_an_estate_needs() -> None:
    assert may_ask(Right.ACCESS, Behalf.HEIR)
    assert not may_ask(Right.PORTABILITY, Behalf.HEIR)
    assert not may_ask(Right.DIRECTIVES_AFTER_DEATH, Behalf.PARENT)
    assert may_ask(Right.DIRECTIVES_AFTER_DEATH, None)


@pytest.mark.parametrize("right", list(Right))
def test_every_reason_that_may_be_given_has_words_in_both_languages(right: Right) -> None:
    texts = REFUSAL_REASONS | DELAY_REASONS
    for what in Act:
        for reason in allowed_reasons(what, right) or ():
            assert {"en", "fr"} <= set(texts[reason].text)


@given(
    st.sampled_from(list(Right)),
    st.booleans(),
    st.lists(
        st.tuples(st.sampled_from(list(Act)), st.sampled_from(list(By)), st.integers(0, 50), st.integers(0, 9)),
        max_size=12,
    ),
)
def test_whatever_is_tried_a_request_stays_lawful(
    right: Right, theirs: bool, tries: list[tuple[Act, By, int, int]]
) -> None:
    one = request(right, controller="fabrique" if theirs else "")
    for what, by, days, pick in tries:
        reasons = sorted(allowed_reasons(what, right) or ())
        chosen = (reasons[pick % len(reasons)],) if reasons else ()
        before = one
        try:
            one = happen(one, Happened(what, one.last_at + timedelta(days=days), by, chosen), FRANCE)
        except UsageError:
            assert one is before
            continue
        assert what in possible(before, by)
        assert before.open
        if one.state in ENDED:
            assert one.ended_at == one.last_at
            assert one.state in {State.FORWARDED, State.WITHDRAWN} or not theirs
            assert possible(one, by) == frozenset()
    found = clock(one, FRANCE, one.last_at)
    assert found.due <= found.limit
    assert sum(h.act == Act.EXTENDED for h in one.history) <= 1
    assert all(start <= stop for start, stop in pauses(one, FRANCE, one.last_at))
    if one.state == State.ANSWERED:
        assert any(h.act in {Act.TAKEN_UP, Act.APPROVED, Act.IDENTITY_SHOWN, Act.EXTENDED} for h in one.history)


def test_what_is_being_carried_out_can_no_longer_be_taken_back_or_refused() -> None:
    begun = replace(act(request(), Act.TAKEN_UP), begun=True)
    for what, reasons, by in ((Act.WITHDRAWN, (), By.PERSON), (Act.REFUSED, ("legal_claims",), By.STAFF)):
        with pytest.raises(UsageError, match="being carried out"):
            act(begun, what, *reasons, by=by)
        assert what not in possible(begun, by)
    assert act(begun, Act.ANSWERED, by=By.TROTH).state == State.ANSWERED


@pytest.mark.parametrize("word", ["known", "identity_document", "ticket-4711", "2026/118", "shared", ""])
def test_a_reference_may_be_a_word_of_troths_or_a_number(word: str) -> None:
    one = happen(request(), Happened(Act.APPROVED, START, By.STAFF, reference=word), FRANCE)
    assert one.history[-1].reference == word


@pytest.mark.parametrize(
    "word", ["Ana Exemple", "ana@example.org", "dupont", "jean_dupont", "06 12 34 56 78", "0612345678", "é1", "a1" * 40]
)
def test_a_reference_that_could_name_somebody_is_refused_and_not_repeated(word: str) -> None:
    with pytest.raises(UsageError, match="stands in the ledger") as refused:
        happen(request(), Happened(Act.APPROVED, START, By.STAFF, reference=word), FRANCE)
    assert word not in str(refused.value) + refused.value.remedy


def test_who_is_recognised_at_once_need_not_be_asked_first() -> None:
    assert act(request(), Act.IDENTITY_SHOWN, by=By.STAFF).state == State.IN_PROGRESS


def test_a_death_is_shown_by_heirs_only() -> None:
    shown = Happened(Act.IDENTITY_SHOWN, START, By.STAFF, reference="death")
    for behalf in (None, Behalf.MANDATE, Behalf.PARENT):
        with pytest.raises(UsageError, match="nobody’s death"):
            happen(request(behalf=behalf), shown, FRANCE)
    assert happen(request(behalf=Behalf.HEIR), shown, FRANCE).state == State.IN_PROGRESS


def test_who_has_not_answered_is_asked_again() -> None:
    waiting = act(request(), Act.IDENTITY_ASKED, "identity_required")
    assert act(waiting, Act.IDENTITY_ASKED, "information_required").state == State.IDENTITY_AWAITED
    assert Act.IDENTITY_ASKED in possible(waiting, By.STAFF)
