"""The personal space says what holds today: what stays, what is refused, since when, until when, and whose the rest is."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from desk.house_of import Front
from desk.test_holdings import read
from desk.test_portal import Browser, browser, entry  # noqa: F401  (a fixture)
from desk.test_space import rewritten

NO_CLIENTS = "clients:\n  fabrique: {name: Fabrique SA, country: FR, contact: dpo@fabrique.test, requests_forwarded_within: 2 days}\n"


def erased(front: Front, who: str = "ana@example.org") -> str:
    """Everything that may go has gone; the request's name."""
    ref = front.ask("erasure", who).request.ref
    front.work()
    front.say_yes(ref)
    front.work()
    assert front.state_of(ref) == "partly_refused"
    return str(ref)


def mail(front: Front, who: str = "ana@example.org") -> str:
    """The last one to somebody."""
    return " ".join([one for one in front.box.received if one.recipients == [who]][-1].text().split())


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\u00a0", " ").split())


def test_what_stays_after_an_erasure_is_told_with_its_end_and_the_way_to_the_answer(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    ref = erased(front)
    browser.come_in()
    page = browser.get("/me")[1]
    assert "Nothing is held about you" not in page
    stays = page[page.index('id="stays"') : page.index('id="clients"')]
    assert f"/me/requests/{ref}" in stays
    assert "customers: name – accounting documents (C. com. L123-22), until 31 December 2036" in plain(stays)
    french = plain(browser.get("/me?lang=fr")[1])
    assert "pièces comptables (C. com. L123-22), jusqu’au 31 décembre 2036" in french
    for right in ("erasure", "rectification"):
        page = browser.get(f"/me/ask/{right}")[1]
        assert "Nothing is found under this address any more. What stays after an erasure" in page
        assert "Nothing is held" not in page
    other = Browser(front)
    other.come_in("nobody@example.org")
    assert 'id="stays"' not in other.get("/me")[1]
    assert "how to ask for it" in other.get("/me/ask/rectification")[1]


def test_an_answer_after_an_erasure_does_not_say_that_nothing_was_found(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    erased(front)
    front.box.received.clear()
    ref = front.ask("access").request.ref
    front.work()
    assert "We found no data" not in mail(front)
    assert "until 31 December 2036" in mail(front)
    assert "somebody here finds it by hand" in mail(front)
    browser.come_in()
    page = plain(browser.get(f"/me/requests/{ref}")[1])
    assert "until 31 December 2036" in page
    assert "We found no data" not in page


def test_what_an_heir_asked_to_erase_is_not_told_to_the_heir_as_their_own(front: Front) -> None:
    from troth.core.requests.model import Behalf
    from troth.desk import remains
    from troth.desk.house import house

    ref = front.ask(
        "erasure", answer_to="heir@example.org", behalf=Behalf.HEIR, verified="known",
        speaker=(("email", "heir@example.org"),),
    ).request.ref  # fmt: skip
    front.work()
    front.say_yes(ref)
    front.work()
    with house() as at:
        now = datetime.now(UTC)
        assert [one.ref for one in remains.of(at, (("email", "ana@example.org"),), now)] == [ref]
        assert remains.of(at, (("email", "heir@example.org"),), now) == []
        assert remains.of(at, (("email", "ana@example.org"),), datetime(2037, 1, 1, tzinfo=UTC)) == []


def test_beside_each_use_stands_what_speaks_against_it(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    rewritten(front, "basis: legitimate_interest", "basis: consent")
    front.ask("withdrawal", scope=("offers",))
    front.ask("restriction")
    front.work()
    browser.come_in()
    page = browser.get("/me")[1]
    offers = page[page.index('id="for-offers"') :].partition("</details>")[0]
    orders = page[page.index('id="for-orders"') :].partition("</details>")[0]
    assert "Consent withdrawn on" in offers
    assert "Frozen since" in offers
    assert "Frozen since" in orders
    assert "your consent (GDPR" not in offers
    assert "/me/ask/withdrawal" not in offers
    assert "Allow it again" in offers
    assert "Allow it again" not in orders


def test_since_when_is_only_said_by_a_clock_that_means_it_and_a_value_that_is_there(front: Front) -> None:
    # The last visit is no beginning; the date of an invoice is.
    assert {one.name: one.since for one in read("ana@example.org").purposes} == {"orders": "5 May 2026", "offers": ""}
    front.change("ALTER TABLE customers ADD COLUMN made TEXT")
    front.change("ALTER TABLE customers ADD COLUMN tastes TEXT")
    front.change("UPDATE customers SET made = '2024-02-18'")
    rewritten(front, "events: {last_contact: last_seen}", "events: {last_contact: last_seen, collected: made}")
    rewritten(front, "fields: {email: EmailAddress, name: Name}", "fields: {email: {is: EmailAddress, for: orders}, "
              "name: {is: Name, for: orders}, tastes: {is: Interest, for: offers}}")  # fmt: skip
    rewritten(front, "categories: [EmailAddress]", "categories: [EmailAddress, Interest]")
    assert {one.name: one.since for one in read("ana@example.org").purposes} == {
        "orders": "18 February 2024", "offers": "",
    }  # fmt: skip


def test_until_when_is_a_day_where_it_can_be_reckoned(front: Front) -> None:
    assert {one.until for one in read("ana@example.org").purposes} == {"As things stand, until 1 October 2029."}
    assert {one.until for one in read("ana@example.org", "fr").purposes} == {"En l’état, jusqu’au 1er octobre 2029."}
    front.change("UPDATE customers SET last_seen = NULL")
    assert {one.until for one in read("ana@example.org").purposes} == {""}


def test_of_many_rows_the_first_and_the_last_day_are_told_and_each_row_has_its_date(front: Front) -> None:
    for number in range(20):
        front.change(
            f"INSERT INTO invoices VALUES ({100 + number}, 1, 4200, '20{10 + number // 2}-03-{number + 1:02}')"
        )
    rewritten(front, "        for: [orders, offers]\n", "        for: offers\n")
    rewritten(front, "keep: {for: 3 years, after: last_contact}", "keep: {for: 10 years, after: document_date}")
    rewritten(
        front, "events: {financial_year_end: issued}", "events: {document_date: issued, financial_year_end: issued}"
    )
    orders = next(one for one in read("ana@example.org").purposes if one.name == "orders")
    assert orders.until.startswith("The time of some of it is over")
    assert orders.until.endswith("stays until 5 May 2036.")
    (table,) = orders.tables
    assert table.heads[0] == "Date"
    assert len({row[0][1] for row in table.rows}) == len(table.rows) == 10


def test_whose_data_a_client_has_put_in_reads_so_and_is_handed_on(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    front = browser.front
    browser.come_in("patient@nowhere.test")
    page = browser.get("/me")[1]
    assert "What our clients have put into our service is apart from this" in plain(page)
    assert "/me/client" in page
    status, page = browser.post("/me/client", right="erasure", message="no 12")
    assert status == 400
    assert "Name the company" in page
    front.box.received.clear()
    status, page = browser.post("/me/client", right="erasure", company="la fabrique", message="no 12")
    assert status == 200
    row = File.objects.get()
    assert (row.controller, row.right, row.scope) == ("", "access", [])  # two words, one of them is no client's name
    browser.post("/me/client", right="rectification", company="FABRIQUE", message="no 12")
    row = File.objects.get(controller="fabrique")
    front.work()
    assert front.state_of(row.ref) == "forwarded"
    forwarded = mail(front, "dpo@fabrique.test")
    assert "patient@nowhere.test" in forwarded
    assert "no 12" in forwarded
    assert "Fabrique SA" in plain(browser.get(f"/me/requests/{row.ref}")[1])


def test_a_client_that_nobody_can_name_is_looked_for_by_a_human(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    front = browser.front
    browser.come_in("patient@nowhere.test")
    browser.post("/me/client", right="erasure", unknown="1", message="a flyer")
    row = File.objects.get()
    front.work()
    assert front.state_of(row.ref) == "received"  # nothing is answered before somebody has looked
    page = plain(browser.get(f"/me/requests/{row.ref}")[1])
    assert "Company named: I do not know." in page
    assert "a flyer" in page


def test_we_found_nothing_is_not_said_without_the_clients_where_there_are_some(front: Front) -> None:
    front.ask("access", "patient@nowhere.test")
    front.work()
    assert "is that client’s, and was not looked for here" in mail(front, "patient@nowhere.test")
    rewritten(front, NO_CLIENTS, "")
    front.ask("portability", "patient@nowhere.test")
    front.work()
    assert "client" not in mail(front, "patient@nowhere.test")


@pytest.mark.parametrize(
    ("said", "meant"),
    [("Imprimerie du Colombier", "a"), ("colombier", "a"), ("LIBRAIRIE DE L'ENCRIER", "b"), ("l’encrier", "b"),
     ("imprimerie", ""), ("du", ""), ("", ""), ("Encrier & Fils", ""), ("Bâche et Cie SARL", "d")],
)  # fmt: skip
def test_a_client_is_known_by_its_name_or_a_telling_part_of_it(front: Front, said: str, meant: str) -> None:
    from troth.web.pages.published import kept
    from troth.web.portal.client import client_named

    names = {
        "a": "Imprimerie du Colombier",
        "b": "Librairie de l’Encrier",
        "c": "Imprimerie Basse",
        "d": "Bache et Cie",
    }
    clients = "".join(f"  {name}: {{name: {title}, country: FR, contact: a@b.test}}\n" for name, title in names.items())
    rewritten(front, NO_CLIENTS, f"clients:\n{clients}")
    assert client_named(kept.get().policy, said) == meant


def test_the_end_of_a_freeze_does_not_allow_what_was_refused(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    front.ask("objection", scope=("offers",))
    ref = front.ask("restriction").request.ref
    front.work()
    browser.come_in()
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me")[1])
    assert csrf is not None
    sent = {"csrf": csrf[1], "kind": "restriction", "name": ref}
    page = browser.client.post("/me/lift?lang=en", sent, follow=True).content.decode()
    assert "the freeze has ended. What you have refused stays refused: Offers." in plain(page)
    assert "is used as before" not in page


def test_a_correction_says_which_fields_and_in_how_many_places(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    browser.come_in()
    name = entry(browser.get("/me/ask/rectification")[1], "Ana Exemple")
    front.box.received.clear()
    browser.post("/me/ask/rectification", **{name: "Ana Juste"})
    front.work()
    assert "Corrected: Name, in one place. What you did not ask for stays as it was" in mail(front)
    assert "Juste" not in mail(front)


def test_a_package_is_fetched_from_the_requests_page_after_a_fresh_proof(
    browser: Browser,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from datetime import timedelta

    from troth.desk.models import Package
    from troth.web.portal import visitor

    front = browser.front
    browser.come_in()
    browser.post("/me/ask/portability")
    front.work()
    ref = Package.objects.get().file.ref
    path = f"/me/requests/{ref}"
    page = browser.get(path)[1]
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    assert f'action="{path}/package' in page
    answer = browser.client.post(f"{path}/package", {"csrf": csrf[1]})
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert len(Package.objects.get().fetched) == 1
    monkeypatch.setattr(visitor, "FRESH", timedelta(0))
    answer = browser.client.post(f"{path}/package", {"csrf": csrf[1]})
    assert answer.headers["Location"].startswith("/me/door?again=1")
    page = browser.get("/me/door?again=1")[1]
    assert '<input type="hidden" name="email" value="ana@example.org">' in page
    other = Browser(front)
    other.come_in("bo@example.org")
    assert other.client.get(f"{path}/package").status_code == 404


def test_an_erasure_leaves_the_copy_that_was_asked_for_says_so_and_it_can_be_deleted_at_once(
    browser: Browser,  # noqa: F811
) -> None:
    from desk.test_set_apart import approved
    from troth.desk import packages
    from troth.desk.models import Package

    front = browser.front
    browser.come_in()
    assert "waits for you, and an erasure leaves it" not in browser.get("/me/ask/erasure")[1]
    browser.post("/me/ask/access")
    front.work()
    ref = Package.objects.get().file.ref
    page = browser.get("/me/ask/erasure")[1]
    assert f'href="/me/requests/{ref}' in page
    assert "an erasure leaves it to you" in page
    front.box.received.clear()
    approved(front)
    front.work()
    assert "The copy of your data that you asked for still waits for you until" in mail(front)
    path = f"/me/requests/{ref}"
    assert f'action="{path}/package/delete' in browser.get(path)[1]
    other = Browser(front)
    other.come_in("bo@example.org")
    for who, at, status in ((other, "/me/behalf", 404), (browser, path, 302)):
        csrf = re.findall(r'name="csrf" value="([^"]+)"', who.get(at)[1])[0]
        assert who.client.post(f"{path}/package/delete", {"csrf": csrf}).status_code == status
    assert list(packages.folder().iterdir()) == []
    assert front.ledger(ref).count("answer.deleted") == 1
    front.work()
    assert "What comes next" not in browser.get(path)[1]


def test_a_correction_can_be_asked_for_somebody_else_and_waits_for_a_human(browser: Browser) -> None:  # noqa: F811
    from troth.desk.files import file_of
    from troth.desk.house import house
    from troth.desk.models import File

    browser.come_in("son@example.org")
    form = {
        "ground": "mandate", "person": "ana@example.org", "right": "rectification", "speaker": "Fils", "message": "m",
    }  # fmt: skip
    status, page = browser.post("/me/behalf", **form)
    assert (status, 'href="#field"' in page) == (400, True)
    status, _ = browser.post("/me/behalf", **form, field="shop.customers.name", value="Ana Juste")
    assert status == 200
    with house() as at:
        _, who = file_of(at, File.objects.get().ref, datetime.now(UTC))
    assert who.corrections == {"shop.customers.name": "Ana Juste"}
    browser.front.work()
    assert browser.front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Exemple",)]


def test_everything_is_erased_only_where_that_was_said(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    browser.come_in()
    status, page = browser.post("/me/ask/erasure", sure="1", seen="")
    assert (status, 'href="#which"' in page) == (400, True)
    assert not File.objects.exists()


def test_who_shares_a_mailbox_reads_what_to_do(browser: Browser) -> None:  # noqa: F811
    front = browser.front
    front.change("CREATE TABLE twins AS SELECT * FROM customers")
    front.change("DROP TABLE customers")
    front.change("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, last_seen TEXT)")
    front.change("INSERT INTO customers SELECT id, 'ana@example.org', name, last_seen FROM twins")
    browser.come_in()
    page = browser.get("/me")[1]
    assert "ask for it, and you have the answer within 30 days" in plain(page)
    assert 'href="/me/ask/access' in page.partition("ask for it, and")[2].partition("</div>")[0]


@pytest.mark.parametrize(
    ("raw", "name"),
    [("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36", "Chrome, Windows"),
     ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1", "Safari, iPhone"),
     ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"), ("curl/8", ""),
     ("", "")],
)  # fmt: skip
def test_a_browser_is_called_as_people_call_it(raw: str, name: str) -> None:
    from troth.desk.holdings import browser_named

    assert browser_named(raw) == name


@pytest.mark.parametrize(
    ("said", "english", "french"),
    [("RGPD art. 17(3)(e)", "GDPR Article 17(3)(e)", "RGPD, article 17(3)(e)"),
     ("GDPR Article 6(1)(b)", "GDPR Article 6(1)(b)", "RGPD, article 6(1)(b)"),
     ("C. com. art. L123-22", "C. com. art. L123-22", "C. com. art. L123-22")],
)  # fmt: skip
def test_the_regulation_is_cited_in_the_readers_language(said: str, english: str, french: str) -> None:
    from troth.core.law.citations import spelt

    assert (spelt(said, "en"), spelt(said, "fr")) == (english, french)


@pytest.mark.parametrize(
    ("example", "ours", "theirs"),
    [("maison", {("answers", "body"), ("customer_notes", "content"), ("customers", "staff_note")}, ("messages", "body")),
     ("atelier", {("ticket_answers", "body")}, ("ticket_messages", "body"))],
)  # fmt: skip
def test_what_a_publisher_wrote_or_worked_out_is_nothing_that_the_person_provided(
    example: str, ours: set[tuple[str, str]], theirs: tuple[str, str]
) -> None:
    from pathlib import Path

    from troth.bootstrap import load_policy

    policy = load_policy(Path(__file__).parents[2] / "examples" / example / "troth.yaml")
    own = {(one.name, field.name) for one in policy.collections() for field in one.fields if field.given == "inferred"}
    assert ours <= own
    assert theirs not in own
    messages, answers = (
        next(one for one in policy.collections() if one.name == name) for name in (theirs[0], min(ours)[0])
    )
    assert messages.table == answers.table
    assert messages.where != answers.where
