"""Correcting on the site: everything as it stands, only what was changed is asked for, and only where it stands."""

from __future__ import annotations

import re

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser, entry  # noqa: F401  (a fixture)
from desk.test_space import rewritten

PATH = "/me/ask/rectification"


def two_addresses(front: Front) -> None:
    """Ana has two parcels under way to two places, and one without a place."""
    text = (front.folder / "troth.yaml").read_text()
    parcels = (
        "      parcels:\n        title: {fr: Colis, en: Parcels}\n        belongs_to: {customers: customer_id}\n"
        "        for: orders\n        fields:\n          place: PhysicalAddress\n          phone: TelephoneNumber\n"
        "          mobile: TelephoneNumber\n          kind: {is: Preference, values: {a: {fr: léger, en: light}, "
        "b: {fr: lourd, en: heavy}}}\n          seen: {is: ServiceConsumptionBehaviour, given: observed}\n"
    )
    assert "      invoices:\n" in text
    (front.folder / "troth.yaml").write_text(text.replace("      invoices:\n", f"{parcels}      invoices:\n", 1))
    front.change("CREATE TABLE parcels (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), place "
                 "VARCHAR(30), phone TEXT NOT NULL, mobile TEXT, kind TEXT, seen TEXT)")  # fmt: skip
    front.change("CREATE INDEX parcels_customer ON parcels (customer_id)")
    front.change("INSERT INTO parcels VALUES (1, 1, '1 rue A', '0100000001', '0600000001', 'a', 'never'), "
                 "(2, 1, '2 rue B', '0100000001', NULL, 'a', NULL), (3, 1, NULL, '0100000001', '', 'b', NULL), "
                 "(4, 2, '9 rue Z', '0100000009', NULL, 'a', NULL)")  # fmt: skip
    from troth.web.pages.published import kept

    kept.forget()


@pytest.fixture
def at_the_form(browser: Browser) -> tuple[Browser, str]:  # noqa: F811
    two_addresses(browser.front)
    browser.come_in()
    return browser, browser.get(PATH)[1]


def test_it_shows_what_stands_there_in_words_and_nothing_of_anybody_else(at_the_form: tuple[Browser, str]) -> None:
    _, page = at_the_form
    for said in ("Ana Exemple", "1 rue A", "2 rue B", "Parcels", "Telephone number (1)", ">light</option>"):
        assert said in page
    for unsaid in ("9 rue Z", "Bo Autre", "mobile", "never", "Service"):
        assert unsaid not in page


def test_only_what_was_changed_is_asked_for_and_only_there(at_the_form: tuple[Browser, str]) -> None:
    from troth.desk.models import File

    browser, page = at_the_form  # noqa: F811
    same = {entry(page, "1 rue A"): "1 rue A", entry(page, "Ana Exemple"): " Ana Exemple "}
    browser.post(PATH, **same, **{entry(page, "2 rue B"): "22 rue Bis"})
    browser.front.work()
    assert browser.front.rows("SELECT place FROM parcels") == [("1 rue A",), ("22 rue Bis",), (None,), ("9 rue Z",)]
    assert browser.front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Exemple",)]
    assert browser.front.state_of(File.objects.get().ref) == "answered"


def test_what_is_missing_can_be_added(at_the_form: tuple[Browser, str]) -> None:
    browser, page = at_the_form  # noqa: F811
    empty = re.findall(r'<label for="(v-\w+)">Telephone number \(\d\)</label><input[^>]* value=""', page)
    assert len(empty) == 1  # NULL and nothing typed are one
    browser.post(PATH, **{empty[0]: "0600000002"})
    browser.front.work()
    mobiles = browser.front.rows("SELECT mobile FROM parcels WHERE customer_id = 1")
    assert mobiles == [("0600000001",), ("0600000002",), ("0600000002",)]


def test_what_may_not_be_empty_is_said(at_the_form: tuple[Browser, str]) -> None:
    browser, page = at_the_form  # noqa: F811
    kept, emptied = entry(page, "2 rue B"), entry(page, "0100000001")
    status, answer = browser.post(PATH, **{emptied: "", kept: "22 rue B"})
    assert (status, "cannot be empty" in answer, f'href="#{emptied}"' in answer) == (400, True, True)
    assert 'value="22 rue B"' in answer
    assert '<details class="group" open>' in answer


@pytest.mark.parametrize(
    ("family", "typed", "error"),
    [
        ("integer", "two", "lacks_whole"), ("integer", "3", ""), ("number", "1,8", "lacks_number"),
        ("number", "1.8", ""), ("uuid", "3", "lacks_kind"), ("date", "soon", "lacks_day"), ("text", "two", ""),
    ],
)  # fmt: skip
def test_a_value_is_of_the_kind_of_its_column_in_words_of_both_languages(family: str, typed: str, error: str) -> None:
    from troth.desk.correctable import Entry
    from troth.web.portal.correct import read
    from troth.web.wording import Words

    place = Entry("v-1", "shop.a.b", "B", "2", ("2",), "line", (), 0, required=False, family=family)  # type: ignore[arg-type]
    assert read({"v-1": typed}, {"v-1": place}).error == error
    assert not error or Words("portal", "en")[error] != Words("portal", "fr")[error]


def test_a_long_value_may_grow_and_is_never_cut() -> None:
    from troth.desk.correctable import Entry
    from troth.web.portal.correct import LONGEST, read

    place = Entry("v-1", "shop.a.b", "B", "x" * 2400, ("x" * 2400,), "lines", (), 0, required=False)
    grown = "y" + "x" * 2399 + " and so on"
    assert read({"v-1": grown}, {"v-1": place}).replaced[0].value == grown
    assert read({"v-1": "x" * (2401 + LONGEST)}, {"v-1": place}).error == "too_long"


@pytest.mark.parametrize("now", ["a\rb", "a\r\nb", "a\nb", " a\n", "a\0b", "a\r\n\rb"])
def test_what_a_browser_makes_of_an_untouched_value_is_no_change(now: str) -> None:
    from troth.desk.correctable import Entry
    from troth.web.portal.correct import read

    place = Entry("v-1", "shop.a.b", "B", now, (now,), "lines", (), 0, required=False)
    sent = now.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").replace("\n", "\r\n")
    assert read({"v-1": sent}, {"v-1": place}).error == "lacks_change"
    ends = {"a\rb": "c\rb", "a\r\nb": "c\r\nb", "a\nb": "c\nb"}
    if now in ends:
        assert read({"v-1": "c\r\nb"}, {"v-1": place}).replaced[0].value == ends[now]


@pytest.mark.parametrize(
    ("kind", "typed", "error"),
    [
        ("line", "x" * 31, "too_long"), ("line", "x" * 30, ""), ("day", "31/12/2026", "lacks_day"),
        ("day", "2026-12-31", ""), ("choice", "c", "lacks_value"), ("choice", "b", ""),
    ],
)  # fmt: skip
def test_a_value_has_to_fit_its_place(kind: str, typed: str, error: str) -> None:
    from troth.desk.correctable import Entry
    from troth.web.portal.correct import read

    place = Entry("v-1", "shop.a.b", "B", "a", ("a",), kind, (("a", "A"), ("b", "B")), 30, required=False)  # type: ignore[arg-type]
    assert read({"v-1": typed}, {"v-1": place}).error == error


def test_what_is_one_thing_is_corrected_wherever_it_stands() -> None:
    from troth.desk.correctable import Entry
    from troth.web.portal.correct import read, twins

    def place(name: str, now: str, category: str = "TelephoneNumber") -> Entry:
        return Entry(name, f"shop.a.{name}", name, now, (now,), "line", (), 0, required=False, category=category)

    sent = {
        one.name: one for one in (place("v-7", "a@b.test", "EmailAddress"), place("v-8", "a@b.test", "EmailAddress"))
    }
    assert [twins(one, sent) for one in sent.values()] == [[], []], "nobody is found by these"
    entries = {
        one.name: one
        for one in (place("v-1", "0100000001"), place("v-2", "0100000001 "), place("v-3", "0100000003"),
                    place("v-4", "0100000001", "Name"), place("v-5", ""), place("v-6", ""))
    }  # fmt: skip

    def asked(**typed: str) -> set[tuple[str, str]]:
        return {(one.field[-3:], one.value) for one in read(typed, entries).replaced}

    assert {name: twins(one, entries) for name, one in entries.items()} == {
        "v-1": ["v-2"], "v-2": ["v-1"], "v-3": [], "v-4": [], "v-5": [], "v-6": []
    }  # fmt: skip
    new = "0200000002"
    assert asked(**{"v-1": new, "everywhere": "yes"}) == {("v-1", new), ("v-2", new)}
    assert asked(**{"v-1": new}) == {("v-1", new)}
    assert asked(**{"v-1": "", "everywhere": "yes"}) == {("v-1", "")}, "taken out here is not taken out everywhere"
    apart = {"v-1": new, "v-2": "0200000003", "everywhere": "yes"}
    assert asked(**apart) == {("v-1", new), ("v-2", "0200000003")}


def test_two_values_are_not_exchanged_and_unknown_ones_are_not_taken(at_the_form: tuple[Browser, str]) -> None:
    from troth.desk.models import File

    browser, page = at_the_form  # noqa: F811
    one, two = entry(page, "1 rue A"), entry(page, "2 rue B")
    status, answer = browser.post(PATH, **{one: "2 rue B", two: "1 rue A"})
    assert (status, "cannot be exchanged" in answer) == (400, True)
    browser.front.change("UPDATE parcels SET place = '1 rue Neuve' WHERE id = 1")
    status, answer = browser.post(PATH, **{one: "11 rue A"})
    assert (status, "has changed while" in answer, "1 rue Neuve" in answer) == (400, True, True)
    assert not File.objects.exists()


def test_what_was_to_be_replaced_and_is_gone_waits_for_staff(at_the_form: tuple[Browser, str]) -> None:
    from troth.desk import ahead
    from troth.desk.models import File

    browser, page = at_the_form  # noqa: F811
    front = browser.front
    browser.post(PATH, **{entry(page, "2 rue B"): "22 rue Bis"})
    front.change("UPDATE parcels SET place = '2 rue  B' WHERE id = 2")
    told = len(front.box.received)
    front.work()
    ref = File.objects.get().ref
    assert (front.state_of(ref), ahead.ahead(ref).what) == ("in_progress", "refused_plan")
    assert len(front.box.received) == told, "nobody is told that it was corrected"
    front.change("UPDATE parcels SET place = '22 rue Bis' WHERE id = 2")
    front.say_yes(ref, "refused_plan")
    front.work()
    assert front.state_of(ref) == "answered"


def test_a_value_that_the_database_goes_on_refusing_waits_for_staff(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    from desk.test_refused import Journal
    from troth.desk import ahead, way

    monkeypatch.setattr(way, "_PATIENT", 1)
    front.change("ALTER TABLE customers ADD COLUMN seen TEXT CHECK (name <> 'Ana')")
    ref = front.ask("rectification", corrections={"customers.name": "Ana"}).request.ref
    front.work()
    assert (front.state_of(ref), ahead.ahead(ref).what) == ("in_progress", "trying")
    Journal("sqlite", {}).pass_time(86400)
    front.work()
    assert (front.state_of(ref), ahead.ahead(ref).what) == ("in_progress", "refused_plan")


def test_fractions_are_offered_and_words_are_not_taken_for_them(browser: Browser) -> None:  # noqa: F811
    from troth.desk import ahead
    from troth.desk.models import File

    two_addresses(browser.front)
    front = browser.front
    rewritten(front, "name: Name}", "name: Name, height: Height, children: FamilyStructure}")
    front.change("ALTER TABLE customers ADD COLUMN height DECIMAL(5,2)")
    front.change("ALTER TABLE customers ADD COLUMN children INTEGER")
    front.change("UPDATE customers SET height = 1.75, children = 2")
    browser.come_in()
    page = browser.get(PATH)[1]
    status, answer = browser.post(PATH, **{entry(page, "2"): "two"})
    assert (status, "This has to be a whole number" in answer) == (400, True)
    browser.post(PATH, **{entry(page, "1.75"): "1.8"})
    front.work()
    assert front.rows("SELECT height, children, typeof(children) FROM customers WHERE id = 1") == [(1.8, 2, "integer")]
    ref = front.ask("rectification", corrections={"children": "two"}).request.ref
    front.work()
    assert ahead.ahead(ref).what == "refused_plan"
    assert File.objects.filter(state="answered").count() == 1


def test_an_address_is_corrected_only_with_fresh_proof(at_the_form: tuple[Browser, str]) -> None:
    from datetime import timedelta

    from troth.desk.models import File
    from troth.web.portal import visitor

    browser, page = at_the_form  # noqa: F811
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]

    def sent(now: str, right: str) -> str:
        return str(browser.client.post(PATH, {"csrf": csrf, entry(page, now): right})["Location"])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(visitor, "FRESH", timedelta(0))
        assert sent("ana@example.org", "ana@new.example.org") == "/me/door?again=1"
        assert browser.client.get(PATH)["Location"] == "/me/door?again=1"
        assert not File.objects.exists()
        assert sent("2 rue B", "22 rue B").startswith("/me/requests/"), "what was typed is not lost"
    assert sent("ana@example.org", "ana@new.example.org").startswith("/me/new/")


def test_rows_that_are_also_somebody_elses_are_not_in_the_form(browser: Browser) -> None:  # noqa: F811
    two_addresses(browser.front)
    browser.front.change("CREATE TABLE twins AS SELECT * FROM customers")
    browser.front.change("DROP TABLE customers")
    browser.front.change("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, last_seen TEXT)")
    browser.front.change("INSERT INTO customers SELECT id, 'ana@example.org', name, last_seen FROM twins")
    browser.come_in()
    page = browser.get(PATH)[1]
    assert "1 rue A" not in page
    assert "Exemple" not in page


def test_a_correction_of_some_rows_survives_its_sealing(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.particulars import Particulars, Replaced, unsealed

    said = Particulars((("email", "a@example.org"),), replaced=(Replaced("shop.parcels.place", "1", ("2", None)),))
    with house() as at:
        vault = at.records.state.keys.vault
        assert unsealed(vault, "req-x", said.seal(vault, "req-x")) == said
        other = Particulars(said.identifiers, replaced=(Replaced("shop.parcels.place", "1", ("3",)),))
        assert said.wish(vault) != other.wish(vault) != ""


def test_what_cannot_be_an_address_is_said_in_the_form_and_not_taken(at_the_form: tuple[Browser, str]) -> None:
    from troth.desk.models import File

    browser, page = at_the_form  # noqa: F811
    for now, typed, said in (
        ("ana@example.org", "pas une adresse", "no e-mail address"), ("0100000001", "call me", "no telephone number"),
    ):  # fmt: skip
        status, answer = browser.post(PATH, **{entry(page, now): typed})
        assert (status, said in answer, f'value="{typed}"' in answer) == (400, True, True)
    assert not File.objects.exists()
