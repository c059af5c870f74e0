"""A correction that brings a new e-mail address is asked for only when the new mailbox has been read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser, entry  # noqa: F401  (a fixture)

PATH = "/me/ask/rectification"
NEW = "ana@new.example.org"
LINK = re.compile(r"http://testserver(/me/new/\S+)")
CODE = re.compile(r"[0-9B-Z]{4}-[0-9B-Z]{4}")


@pytest.fixture
def asked(browser: Browser) -> tuple[Browser, str, str]:  # noqa: F811
    """Ana has corrected her address and her name: her browser, the page of the code, and the mail that went out."""
    browser.come_in()
    place, mail = asking(browser)
    return browser, place, mail


def asking(browser: Browser, new: str = NEW, **more: str) -> tuple[str, str]:  # noqa: F811
    from troth.web.accounts.post import post

    page = browser.get(PATH)[1]
    browser.front.box.received.clear()
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    typed = {entry(page, "ana@example.org"): new, entry(page, "Ana Exemple"): "Ana Juste"}
    answer = browser.client.post(PATH, {"csrf": csrf, **typed, **more})
    post.wait()
    mail = browser.front.box.the_only()
    assert mail.recipients == [new]
    return str(answer["Location"]), mail.text()


def files() -> int:
    from troth.desk.models import File

    return int(File.objects.count())


def test_before_it_is_confirmed_nothing_is_asked_for_and_the_mail_tells_nothing(
    asked: tuple[Browser, str, str],
) -> None:
    from troth.desk.models import Unconfirmed

    browser, place, mail = asked  # noqa: F811
    browser.front.work()
    assert "Nothing is changed yet" in browser.get(place)[1]
    assert files() == 0
    assert browser.front.rows("SELECT email FROM customers WHERE id = 1") == [("ana@example.org",)]
    for unsaid in ("ana@example.org", "Ana", "Juste"):
        assert unsaid not in mail
    assert NEW.encode() not in bytes(Unconfirmed.objects.get().sealed)


def test_the_typed_code_is_the_confirmation_and_then_both_addresses_are_told(asked: tuple[Browser, str, str]) -> None:
    from troth.desk.models import Unconfirmed

    browser, place, mail = asked  # noqa: F811
    assert (browser.post(place, code="WRONG")[0], files()) == (400, 0)
    code = CODE.findall(mail)[0]
    assert "Correct something" in browser.post(place, code=code)[1], "the page of the request"
    assert (files(), Unconfirmed.objects.count()) == (1, 0)
    assert browser.post(place, code=code)[0] == 400, "a second time"
    browser.front.box.received.clear()
    browser.front.work()
    assert browser.front.rows("SELECT email, name FROM customers WHERE id = 1") == [(NEW, "Ana Juste")]
    moved = [one for one in browser.front.box.received if "has been changed" in str(one.message["Subject"])]
    assert sorted(one.recipients[0] for one in moved) == ["ana@example.org", NEW]


def test_the_link_asks_for_a_press_and_works_once_in_any_browser(asked: tuple[Browser, str, str]) -> None:
    browser, _, mail = asked  # noqa: F811
    link, phone = LINK.findall(mail)[0], Browser(browser.front)
    assert "Yes, it is mine" in phone.get(link)[1]
    assert files() == 0, "looking is not confirming"
    status, page = phone.post(link)
    assert (status, "The correction is asked for now" in page, files()) == (200, True, 1)
    assert "ana@example.org" not in page
    assert phone.post(link)[0] == 410
    assert "Send me the mail" in phone.get("/me")[1], "it opens nobody's space"


def test_a_letter_for_one_thing_does_not_do_another(asked: tuple[Browser, str, str]) -> None:
    browser, _, mail = asked  # noqa: F811
    handle, secret = LINK.findall(mail)[0].rsplit("/", 2)[1:]
    assert Browser(browser.front).post(f"/me/letter/{handle}/{secret}")[0] == 410
    stranger = Browser(browser.front)
    stranger.client.post(f"/me/letter/{handle}", {"code": CODE.findall(mail)[0]})
    assert "Send me the mail" in stranger.get("/me")[1]
    assert files() == 0


def test_a_later_correction_takes_the_place_of_an_earlier_one(asked: tuple[Browser, str, str]) -> None:
    browser, place, mail = asked  # noqa: F811
    later, other = asking(browser, "ana@third.example.org")
    assert Browser(browser.front).post(LINK.findall(mail)[0])[0] == 410
    assert browser.post(place, code=CODE.findall(mail)[0])[0] == 410
    assert browser.post(later, code=CODE.findall(other)[0])[0] == 200
    browser.front.work()
    assert browser.front.rows("SELECT email FROM customers WHERE id = 1") == [("ana@third.example.org",)]


def test_what_was_not_confirmed_in_a_quarter_of_an_hour_is_forgotten(asked: tuple[Browser, str, str]) -> None:
    from troth.desk import confirming
    from troth.desk.models import Unconfirmed

    browser, _, mail = asked  # noqa: F811
    row = Unconfirmed.objects.get()
    assert row.until - datetime.now(UTC) <= timedelta(minutes=15)
    Unconfirmed.objects.update(until=datetime.now(UTC))
    assert Browser(browser.front).post(LINK.findall(mail)[0])[0] == 410
    assert (confirming.clear(datetime.now(UTC)), files()) == (1, 0)


@pytest.mark.parametrize(
    ("corrections", "new"),
    [
        ({"customers.email": " ANA@example.org"}, ()), ({"customers.name": NEW}, ()), ({"customers.email": NEW}, (NEW,)),
        ({"customers.email": NEW, "email": NEW.upper()}, (NEW.upper(),)), ({"customers.email": ""}, ()),
    ],
)  # fmt: skip
def test_only_an_address_that_nobody_has_shown_is_confirmed(
    front: Front, corrections: dict[str, str], new: tuple[str, ...]
) -> None:  # fmt: skip
    from troth.desk.confirming import to_confirm
    from troth.desk.particulars import Particulars
    from troth.web.pages.published import kept

    who = Particulars((("email", "ana@example.org"),), corrections=corrections)
    assert to_confirm(kept.get().policy, who) == new


def a_list(front: Front) -> None:
    """A list of addresses of its own: nothing but the address leads from Ana to her place on it."""
    from troth.web.pages.published import kept

    listed = (
        "      readers:\n        title: {fr: Abonnés, en: Readers}\n        for: offers\n"
        "        subject: {email: address}\n        fields: {address: EmailAddress}\n        events: {last_contact: at}\n"
    )
    text = (front.folder / "troth.yaml").read_text()
    (front.folder / "troth.yaml").write_text(text.replace("      invoices:\n", f"{listed}      invoices:\n", 1))
    front.change("CREATE TABLE readers (id INTEGER PRIMARY KEY, address TEXT UNIQUE, at TEXT)")
    front.change("INSERT INTO readers VALUES (7, 'Ana@example.org', '2026-10-01'), (8, 'bo@example.org', '2026-10-01')")
    kept.forget()


@pytest.mark.parametrize(("ticked", "left"), [({"everywhere": "yes"}, NEW), ({}, "Ana@example.org")])
def test_an_address_is_corrected_wherever_it_stands_unless_the_person_says_otherwise(
    browser: Browser, ticked: dict[str, str], left: str  # noqa: F811
) -> None:  # fmt: skip
    a_list(browser.front)
    browser.come_in()
    assert 'name="everywhere" value="yes" checked' in browser.get(PATH)[1]
    place, mail = asking(browser, **ticked)
    browser.post(place, code=CODE.findall(mail)[0])
    browser.front.work()
    assert browser.front.rows("SELECT email FROM customers WHERE id = 1") == [(NEW,)]
    assert browser.front.rows("SELECT address FROM readers") == [(left,), ("bo@example.org",)]
