"""What a person reads about themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from desk.house_of import Front


def read(who: str, language: str = "en"):  # type: ignore[no-untyped-def]
    from troth.desk.holdings import holdings
    from troth.desk.house import house

    with house() as at:
        return holdings(at, (("email", who),), language, datetime.now(UTC))


def test_each_purpose_says_why_how_long_and_who_receives(front: Front) -> None:
    found = read("ana@example.org")
    orders = next(held for held in found.purposes if held.name == "orders")
    assert "contract" in orders.why
    assert "3 years" in orders.kept
    assert orders.recipients == ("Messager, France", "Hôte, France")
    assert any("10 years" in hold for hold in orders.holds)
    text = repr(orders.tables)
    assert "Ana Exemple" in text
    assert "Bo Autre" not in text


def test_in_french_it_is_french(front: Front) -> None:
    orders = next(held for held in read("ana@example.org", "fr").purposes if held.name == "orders")
    assert orders.title == "Commandes"
    assert "contrat" in orders.why


def test_nobody_has_nothing(front: Front) -> None:
    assert read("nobody@example.org").nothing


def test_a_shared_address_is_not_shown_before_a_human_has_decided(front: Front) -> None:
    front.change("CREATE TABLE twins AS SELECT * FROM customers")
    front.change("DROP TABLE customers")
    front.change("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT, name TEXT, last_seen TEXT)")
    front.change("INSERT INTO customers SELECT id, 'ana@example.org', name, last_seen FROM twins")
    found = read("ana@example.org")
    assert found.purposes == ()
    assert found.waiting == 2


def test_a_store_that_is_away_is_named(front: Front) -> None:
    (front.folder / "shop.sqlite").rename(front.folder / "elsewhere")
    assert read("ana@example.org").away == ("shop",)


def test_what_people_wrote_cannot_become_markup(front: Front) -> None:
    front.change("UPDATE customers SET name = '<script>alert(1)</script>' WHERE id = 1")
    assert "<script>" not in repr(read("ana@example.org"))


def test_before_an_erasure_the_person_reads_which_fields_go_and_which_stay(front: Front) -> None:
    from troth.desk.house import house
    from troth.desk.preview import preview

    with house() as at:
        found = preview(at, (("email", "ana@example.org"),), frozenset(), "en", datetime.now(UTC))
    assert [line.place for line in found.goes] == ["customers: e-mail address"]
    (customers,) = (line for line in found.stays if line.place == "customers")
    assert customers.rows == 1
    assert [why.what for why in customers.whys] == ["name"]
