"""One kind of data erased on request: chosen on the page, foreseen, done, told; by letter and on the command line too."""

from __future__ import annotations

import re
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_at_the_command_line import Run, digest, troth  # noqa: F401  (a fixture)
from desk.test_goes import mailed
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten

STAYS = "This stays for now"
CALLS = """      callbacks:
        for: offers
        belongs_to: {customers: customer_id}
        fields: {number: TelephoneNumber}
"""


@pytest.fixture
def calls(front: Front) -> Front:
    """The shop with telephone numbers: of clients, on invoices (held with them), and of who wants to be called."""
    front.change("ALTER TABLE customers ADD COLUMN phone TEXT")
    front.change("ALTER TABLE invoices ADD COLUMN phone TEXT")
    front.change("CREATE TABLE callbacks (id INTEGER PRIMARY KEY, customer_id INTEGER, number TEXT NOT NULL)")
    front.change("UPDATE customers SET phone = '0102'")
    front.change("UPDATE invoices SET phone = '0304'")
    front.change("INSERT INTO callbacks VALUES (1, 1, '0506'), (2, 2, '0708')")
    rewritten(
        front,
        "fields: {email: EmailAddress, name: Name}",
        "fields: {email: EmailAddress, name: Name, phone: TelephoneNumber}",
    )
    rewritten(front, "fields: {total: Transaction}", "fields: {total: Transaction, phone: TelephoneNumber}")
    rewritten(front, "fields: [total]", "fields: [total, phone]")
    rewritten(front, "rights:\n", f"{CALLS}rights:\n")
    return front


def asked(**sent: Any) -> Any:
    from troth.desk.models import File

    row = File.objects.get()
    assert {name: getattr(row, name) for name in sent} == sent
    return row


LEFT = [("ana@example.org", "Ana Exemple", None), ("bo@example.org", "Bo Autre", "0102")]


def test_a_person_has_their_telephone_numbers_erased_and_nothing_else(calls: Front, browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import Refusal

    browser.come_in()
    _, page = browser.get("/me/ask/erasure")
    assert re.search(r'name="category" value="TelephoneNumber"[^>]*><label[^>]*>Telephone number<', page)
    assert 'value="IPAddress"' not in page, "nothing of the kind is held"
    _, page = browser.post("/me/ask/erasure", category="TelephoneNumber", look="1")
    told = " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#x27;", "'").split())
    assert "This goes callbacks (1) customers : telephone number (1)" in told.replace("customers:", "customers :")
    stays = "invoices (1) telephone number: accounting documents (C. com. L123-22), until 31 December 2036"
    assert f"{STAYS} {stays}" in told, told
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    _, page = browser.post("/me/ask/erasure", category="TelephoneNumber", sure="1", seen="")
    assert 'role="alert"' in page, "what was shown was everything"
    _, page = browser.post("/me/ask/erasure", category="TelephoneNumber", sure="1", seen=seen[1])
    row = asked(categories=["TelephoneNumber"], scope=[])
    assert "Only these kinds of data:" in page
    assert "Telephone number" in page
    mail = mailed(calls, row.ref)
    assert "these kinds of data have been erased from the live databases; everything else is as it was" in mail
    assert "The kinds of data: – telephone number" in mail
    assert "invoices: telephone number – accounting documents (C. com. L123-22), until 31 December 2036" in mail
    assert calls.rows("SELECT email, name, phone FROM customers ORDER BY id") == LEFT
    assert calls.rows("SELECT phone FROM invoices") == [("0304",)]
    assert calls.rows("SELECT id FROM callbacks") == [(2,)]
    assert not Refusal.objects.exists(), "it is a no to no use"
    assert calls.state_of(row.ref) == "partly_refused"
    (notice,) = [one.text() for one in calls.box.received if one.recipients == ["rgpd@messager.test"]]
    assert "ces sortes de données : numéro de téléphone" in " ".join(notice.replace("\u00a0", " ").split())
    _, page = browser.get("/me")
    assert "What stays after an erasure" not in page, "they are still known, and all of it is to be seen"
    assert "Ana Exemple" in page


def test_with_uses_only_what_serves_none_but_them_goes_and_where_nothing_is_that_is_said(
    calls: Front, browser: Browser  # noqa: F811
) -> None:  # fmt: skip
    browser.come_in()
    _, page = browser.get("/me/ask/erasure?purpose=offers&category=TelephoneNumber&lang=fr")
    assert "callbacks (1)" in page
    assert "customers" not in page.partition("Ceci part")[2], "the orders need it too"
    _, page = browser.get("/me/ask/erasure?purpose=offers&category=Name")
    assert "nothing about you of the kinds of data that you have ticked" in page
    assert "I have read what goes" not in page
    assert "Cochez par exemple vos numéros de téléphone" in browser.get("/me/ask/erasure?lang=fr")[1]


def test_a_letter_asks_for_a_kind_of_data_and_the_plan_is_approved_as_shown(calls: Front, troth: Run) -> None:  # noqa: F811
    person = ("erasure", "ana@example.org", "--verified", "known", "--channel", "post")
    assert "did you mean TelephoneNumber?" in troth("new", *person, "--category", "TelefoneNumber", fails=2)
    assert "some purposes, or all of them" in troth("new", *person, "--category", "Name", "--all", fails=2)
    assert "not asked for by kind" in troth(
        "new", "objection", *person[1:], "--purpose", "offers", "--category", "TelephoneNumber", fails=2
    )
    troth("new", *person, "--category", "TelephoneNumber", "--purpose", "offers", "--purpose", "orders")
    ref = asked(categories=["TelephoneNumber"], scope=["offers", "orders"]).ref
    assert "asked for already" in troth("new", *person, "--category", "TelephoneNumber", "--purpose", "offers")
    assert '"categories": [ "TelephoneNumber" ]' in troth("show", ref, "--format", "json")
    assert "Only these kinds of data: telephone number" in troth("show", ref, "--lang", "en")
    calls.work()
    shown = troth("approve", ref, "--dry-run", "--lang", "en")
    assert "customers: telephone number" in shown
    assert "name" not in shown.partition("This goes")[2]
    troth("approve", ref, "--plan", digest(shown))
    calls.work()
    assert calls.rows("SELECT email, name, phone FROM customers ORDER BY id") == LEFT
