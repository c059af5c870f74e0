"""Correcting on the site: everything as it stands, only what was changed is asked for, and only where it stands."""

from __future__ import annotations

import re

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser, entry  # noqa: F401  (a fixture)

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
