"""Records of the sealed archive, as an archivist reads them: the policy's words, money and days, each under its parent."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from html import unescape
from typing import TYPE_CHECKING, Any

from databases import CHECKOUT
from troth.core.policy.model import Policy
from troth.state.archive import NewRecord
from troth.state.engine import StateRecords
from troth.state.portable import portable
from troth.state.state import memory_state

if TYPE_CHECKING:
    from troth.web.console.shelved import Group, Record

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LEO = (("email", "leo@example.org"),)
ORDER = {
    "id": 12, "customer_id": 4, "reference": "C-2019-12", "status": "delivered", "placed_at": "2019-03-05 10:00:00",
    "total_cents": 14450, "delivery_name": "Léo Essai",
}  # fmt: skip
LINE = {"order_id": 12, "line_no": 1, "shelf_mark": "B4", "product_id": 31, "embossing": "L. E."}
SETTINGS = 'a:2:{s:7:"billing";a:1:{s:5:"phone";s:10:"0102030405";}s:5:"token";s:6:"secret";}'


@cache
def policy() -> Policy:
    from troth.bootstrap import load_policy

    return load_policy(CHECKOUT / "examples/maison/troth.yaml", {})


def shown(*rows: tuple[str, str, dict[str, Any]], language: str = "fr", store: str = "shop") -> tuple[Group, ...]:
    """Sealed and opened again: (purpose, collection, row)."""
    from troth.desk.house import House
    from troth.web.console.shelved import grouped

    records = StateRecords(memory_state(at=NOW))
    shelf = records.state.archive
    shelf.put([
        NewRecord(f"A-{n}", purpose, store, name, date(2030 + n, 1, 2), {c: portable(v) for c, v in row.items()}, LEO)
        for n, (purpose, name, row) in enumerate(rows)
    ])  # fmt: skip
    return grouped(House(policy(), records), shelf.matching(LEO), language)


def texts(one: Record) -> list[tuple[str, str]]:
    return [(head, " ".join(unescape(re.sub(r"<[^>]+>", "", cell)).split())) for head, cell in one.told]


def test_a_line_stands_under_its_order_in_the_words_of_the_policy_with_money_and_days() -> None:
    (clients, orders) = shown(
        ("orders", "order_lines", {**LINE, "line_no": 2}), ("orders", "orders", ORDER), ("orders", "customers", {"id": 4}),
        ("orders", "order_lines", LINE),
    )  # fmt: skip
    assert clients.records[0].below == (), "all of it is theirs"
    (order,) = orders.records
    assert (orders.title, order.number, order.kept) == ("Commandes", "12", (("Vos commandes", "2 janvier 2031"),))
    assert ("Montant", "144,50 €") in texts(order)
    assert ("Commandé le", "5 mars 2019 à 10:00") in texts(order)
    assert ("Destinataire", "Léo Essai") in texts(order)
    (lines,) = order.below
    line, second = lines.records
    assert ("Numéro", "1") in texts(line)
    assert ("Numéro", "2") in texts(second)
    assert lines.title == "Lignes de commande"
    assert ("Initiales à dorer", "L. E.") in texts(line)
    assert "order_id" not in str((line.told, line.rest)), "it stands under its order"
    assert ("shelf_mark", "B4") in line.rest, "what nobody has named is not lost"
    (english,) = shown(("orders", "orders", ORDER), language="en")
    assert ("Amount", "€144.50") in texts(english.records[0])


def test_without_its_order_a_line_stands_alone_and_says_where_it_belongs() -> None:
    (lines,) = shown(("orders", "order_lines", LINE))
    assert ("Rattachement : Commandes", "12") in [
        (head.replace("\u00a0", " "), text) for head, text in texts(lines.records[0])
    ]


def test_a_row_kept_for_two_uses_is_one_record_with_both_days() -> None:
    (orders,) = shown(("orders", "orders", ORDER), ("billing", "orders", {"id": 12, "user_agent": "Essai"}))
    (order,) = orders.records
    assert [day for _, day in order.kept] == ["2 janvier 2031", "2 janvier 2030"]
    assert "Essai" in str(texts(order))


def test_of_a_php_document_only_what_the_policy_names_is_read_and_never_the_document(monkeypatch: Any) -> None:
    known = policy()
    customers = known.stores["shop"].collections["customers"]
    within = [one for one in customers.fields if one.within is not None and one.column == "settings"]
    assert within, "the example keeps settings in PHP's own form"
    path = within[0].within
    assert path is not None
    fields = tuple(one if one is not within[0] else replace(one, within=replace(path, path=("billing", "phone")))
                   for one in customers.fields)  # fmt: skip
    shop = replace(known.stores["shop"], collections={**known.stores["shop"].collections,
                                                      "customers": replace(customers, fields=fields)})  # fmt: skip
    monkeypatch.setattr(f"{__name__}.policy", lambda: replace(known, stores={**known.stores, "shop": shop}))
    (clients,) = shown(("orders", "customers", {"id": 4, "settings": SETTINGS, "password_hash": "$argon2id$x"}))
    (client,) = clients.records
    assert "0102030405" in str(texts(client))
    assert not [sign for sign in ("a:2:", "secret", "argon2", "settings") if sign in str((client.told, client.rest))]


def test_a_collection_that_the_policy_no_longer_knows_is_shown_by_its_columns() -> None:
    (gone,) = shown(("orders", "gone", {"id": 1, "said": "<b>"}), store="away")
    assert gone.title == "gone"
    assert ("said", "&lt;b&gt;") in gone.records[0].rest
