"""The parts of the contact form by themselves: cards, questions, tickets, work, rates, origins, fields."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.discover.recognise_numbers import luhn
from troth.core.errors import UsageError


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "no. 4111.1111.1111.1111!", "(4111) 1111 1111 1111"[1:5] + " 1111 1111 1111",
        "5555 5555 5555 4444", "3782 822463 10005", "until 12/27: 4111\n1111\n1111\n1111", "x4111111111111111y",
        "4111 1111 1111 1111 12 27", "٤١١١ ١١١١ ١١١١ ١١١١", "４１１１１１１１１１１１１１１１", "1 4111 1111 1111 1111 2",
    ],
)  # fmt: skip
def test_a_card_is_seen_however_it_is_written(text: str) -> None:
    from troth.web.contact.cards import holds_card

    assert holds_card(text)


def test_a_page_of_digits_is_not_a_day_s_work(monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.contact import cards

    looked: list[str] = []
    monkeypatch.setattr(cards, "is_card", lambda digits: bool(looked.append(digits)))
    assert not cards.holds_card("4-" * 10_000)
    assert sorted(map(len, looked)) == list(range(13, 20))


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1112", "+33 6 12 34 56 78", "FR76 3000 6000 0112 3456 7890 189", "732 829 320 00074", "1111",
        "2026-11-22 10:41:52", "0000 0000 0000 0000", "41111111111111114111111111111111", "",
    ],
)  # fmt: skip
def test_other_numbers_are_no_cards(text: str) -> None:
    from troth.web.contact.cards import holds_card

    assert not holds_card(text)


@given(st.text(max_size=50), st.text("0123456789", min_size=15, max_size=15), st.sampled_from(["", " ", "-"]))
def test_every_visa_number_in_any_text_is_seen(before: str, digits: str, between: str) -> None:
    from troth.web.contact.cards import holds_card

    body = "4" + digits[1:]
    number = next(body + last for last in "0123456789" if luhn(body + last))
    said = between.join(number[i : i + 4] for i in range(0, 16, 4))
    assert holds_card(f"{re.sub(r'[0-9]', '', before)} : {said} .") or any(c.isdigit() for c in before)


@given(st.integers(0, 2**31), st.sampled_from(["en", "fr"]))
def test_every_question_has_an_answer_and_takes_it_in_any_dress(seed: int, language: str) -> None:
    from troth.web.contact.questions import is_right, question

    asked = question(seed, language)
    assert asked == question(seed, language)
    assert asked.text.endswith("?")
    for answer in asked.answers:
        assert is_right(asked, answer)
        assert is_right(asked, f" {answer.upper()}. ")
    assert not is_right(asked, "")
    assert not is_right(asked, "x" * 1000)


@pytest.mark.parametrize(("seed_words", "answers"), [("plus", {"douze", "12"})])
def test_a_sum_is_answered_in_words_or_figures(seed_words: str, answers: set[str]) -> None:
    from troth.web.contact.questions import is_right, question

    asked = next(
        one for one in (question(seed, "fr") for seed in range(500)) if one.text == "Combien font cinq plus sept ?"
    )
    assert seed_words in asked.text
    assert all(is_right(asked, answer) for answer in answers | {"Douze !", " 12. "})
    assert not is_right(asked, "13")


def test_an_animal_with_an_accent_or_an_article_is_the_same_animal() -> None:
    from troth.web.contact.questions import is_right, question

    asked = next(one for one in (question(seed, "fr") for seed in range(5000)) if "heron" in one.answers)
    assert all(is_right(asked, answer) for answer in ("héron", "Heron", "un héron", "le HÉRON"))


@pytest.mark.usefixtures("_django")
def test_a_ticket_comes_back_as_it_was() -> None:
    from troth.web.contact import tickets

    ticket = tickets.issue(16, 1000.9, since=900)
    assert tickets.read(tickets.written(ticket), 1010) == ticket
    for change in (("16", "01"), ("900", "100")):
        with pytest.raises(tickets.Unusable):
            tickets.read(tickets.written(ticket).replace(f".{change[0]}.", f".{change[1]}."), 1010)
    for now in (1000 + tickets.OLDEST + 1, 900):
        with pytest.raises(tickets.Unusable):
            tickets.read(tickets.written(ticket), now)


def test_used_tickets_are_forgotten_when_they_could_not_be_used_any_more() -> None:
    from troth.web.contact.tickets import OLDEST, Spent, issue

    spent = Spent()
    first = issue(1, 0)
    assert spent.take(first, 1) == "new"
    assert spent.take(first, 1) == "sending"
    spent.became(first, "sent")
    assert spent.take(first, OLDEST) == "sent"
    assert spent.take(issue(1, OLDEST + 2), OLDEST + 2) == "new"
    assert len(spent) == 1


def test_under_a_flood_memory_is_bounded_and_no_ticket_is_good_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.contact import tickets

    monkeypatch.setattr(tickets, "_MOST", 10)
    spent, old = tickets.Spent(), tickets.issue(1, 100)
    assert spent.take(old, 100) == "new"
    for second in range(101, 200):
        assert spent.take(tickets.issue(1, second), second) == "new"
    assert len(spent) <= 10
    assert spent.take(old, 200) == "used"


@pytest.mark.parametrize("said", ["0", "23", "-1", "many", "1.5", "٣"])
def test_a_setting_for_work_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.contact import work

    monkeypatch.setenv("TROTH_CONTACT_WORK", said)
    with pytest.raises(UsageError, match="TROTH_CONTACT_WORK"):
        work.base()


def test_rates_forget_and_hold_no_address() -> None:
    from troth.web.contact.rates import DAY, Rates

    rates = Rates()
    for _ in range(10):
        rates.tried("203.0.113.9", 1000.0)
        rates.sent("203.0.113.9", 1000.0, slow=False)
    assert rates.too_often("203.0.113.9", 1001.0)
    assert rates.steps("203.0.113.9", 1001.0) > 0
    assert rates.steps("203.0.113.10", 1001.0) == 0
    assert "203.0.113" not in repr(vars(rates))
    assert Rates()._hash("203.0.113.9") != rates._hash("203.0.113.9")
    rates.sent("203.0.113.10", 1001.0 + DAY, slow=False)
    assert len(rates._sent) == 1


def test_when_everybody_writes_everybody_works_harder() -> None:
    from troth.web.contact.rates import Rates

    rates = Rates()
    for number in range(600):
        rates.tried(f"198.51.{number // 250}.{number % 250}", 1000.0)
    assert rates.steps("203.0.113.9", 1001.0) == 4
    assert rates.steps("203.0.113.9", 1601.0) == 0


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://www.verdier.test/a?b#c", "https://www.verdier.test"), ("HTTPS://Www.Verdier.Test:443", "https://www.verdier.test"),
        ("http://[::1]:8080/x", "http://[::1]:8080"), ("http://a.test:80/", "http://a.test"), ("https://u:p@a.test/", "https://a.test"),
        ("/contact", ""), ("null", ""), ("ftp://a.test", ""), ("https://", ""), ("https://a.test:x/", ""), ("javascript:alert(1)", ""),
    ],
)  # fmt: skip
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    from troth.web.contact.origin import origin_of

    assert origin_of(url) == origin


@given(st.text())
def test_tidied_text_holds_nothing_that_cannot_be_sent(text: str) -> None:
    from troth.web.contact.fields import tidied

    line, clean = tidied(text, many_lines=False)
    assert not set("\r\n\x00\x1b\x7f\u2028\u2029\u202e\ufffd") & set(line)
    assert tidied(line, many_lines=False) == (line, True)
    assert clean or line != text
    lines, _ = tidied(text, many_lines=True)
    assert "\r" not in lines


def test_a_policy_without_fields_asks_for_an_address_and_a_message() -> None:
    from troth.core.policy.sections.site import Contact
    from troth.web.contact.fields import asked, kind_of

    contact = Contact(purpose="contact", deliver_to="us@example.org")
    assert [(name, kind_of(field), field.required) for name, field in asked(contact).items()] == [
        ("email", "email", True), ("message", "message", True),
    ]  # fmt: skip


def test_a_field_that_is_only_named_by_its_category_is_asked_for_as_usual() -> None:
    from troth.core.policy.sections.site import Contact
    from troth.web.contact.fields import asked, kind_of

    given: dict[str, Any] = {
        "mail": "EmailAddress",
        "call": "TelephoneNumber",
        "who": "Name",
        "text": "Communication",
        "pick": {"is": "Gender", "kind": "choice"},
    }
    contact = Contact.model_validate({"purpose": "contact", "deliver_to": "us@example.org", "fields": given})
    assert [kind_of(field) for field in asked(contact).values()] == ["email", "phone", "text", "message", "text"]
