"""A draft is written as a policy that loads, whatever the database calls its tables and columns."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.discover.fake_source import FakeSource, numbered, simple_classify, table
from troth.core.discover.draft import collection_names, policy_yaml, stores_yaml
from troth.core.discover.mapping_draft import entries_of
from troth.core.discover.model import (
    Catalogue,
    ClockGuess,
    Column,
    Draft,
    FieldGuess,
    KeyValueGuess,
    LinkGuess,
    Reason,
    Table,
    TableGuess,
    Trouble,
)
from troth.core.discover.purposes import PURPOSES
from troth.core.discover.run import discover
from troth.core.policy.loader import Examined, examine
from troth.core.policy.model import Collection, Policy
from troth.core.ports import UniqueFacts

HOSTILE = [
    "null", "true", "no", "NO", "yes", "on", "~", "", " lead", "tail ", "a: b", "a #b", "#x", "- x", "? x", "*a", "&a",
    "!t", "%d", "@at", "`q`", "'", '"', '\\"', "{}", "[x]", "a/b", "a=b", "a,b", "<<", "0612", "1e3", "0x1F",
    "2026-11-22", "1_000", ".inf", "${HOME}", "$${x}", "$$", "a\nb", "a\tb", "naïve", "Größe", "имя", "名前", "e\u0301",
    "\u202egnp", "\x00", "\x85", "\u2028", "\U0001f600", "password", "token", "select", "Order", "order", "ORDER",
    "http://a:b@c", "x" * 300, "y" * 1100, "n", "y", "=", "...", "---", "id", "%TAG", "|", ">", "a\u00a0b",
]  # fmt: skip

names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12), st.text("ab_. :#'\"\\{}[]$-", max_size=10))
confidences = st.sampled_from([0.3, 0.5, 0.7, 0.98])
reasons = st.just((Reason("link_name", {"table": "a # b\nc: ${d}"}),))


def examined(text: str) -> Examined:
    return examine(text.encode("utf-8"), name="troth.yaml", read=lambda _: b"", env={})


def loaded(text: str) -> Policy:
    found = examined(text)
    errors = [p for p in found.problems if p.severity == "error"]
    assert not errors, [(p.line, p.code, p.message, p.source) for p in errors]
    assert found.policy is not None
    return found.policy


@st.composite
def tables(draw: st.DrawFn) -> Table:
    columns = draw(st.lists(names, min_size=1, max_size=6, unique=True))
    families = st.sampled_from(["text", "integer", "date", "datetime", "json", "other"])
    made = tuple(Column(c, draw(families), "x", nullable=draw(st.booleans())) for c in columns)
    key = tuple(draw(st.lists(st.sampled_from(columns), max_size=2, unique=True)))
    unique = tuple(UniqueFacts("u", (c,)) for c in draw(st.lists(st.sampled_from(columns), max_size=2, unique=True)))
    kind = draw(st.sampled_from(["table", "table", "table", "view", "foreign"]))
    schema = draw(st.one_of(st.none(), names))
    return Table(
        draw(names), made, schema=schema, kind=kind, key=key, uniques=unique, rows=draw(st.none() | st.just(9))
    )


@st.composite
def fields(draw: st.DrawFn, columns: list[str]) -> FieldGuess:
    category = st.sampled_from(["EmailAddress", "Name", "City", "Nonsense", "Password"])
    path = draw(st.one_of(st.none(), st.none(), names))
    return FieldGuess(
        draw(st.sampled_from([*columns, "elsewhere"])), draw(category), draw(confidences), draw(reasons), path=path,
        inner_format=draw(st.sampled_from(["json", "php"])) if path is not None else None,
        identifier=draw(st.one_of(st.none(), st.sampled_from(["email", "a b", "", "é"]), names)),
        secret=draw(st.booleans()), given=draw(st.sampled_from(["given", "observed", "inferred"])),
    )  # fmt: skip


@st.composite
def clocks(draw: st.DrawFn, columns: list[str]) -> ClockGuess:
    event = st.sampled_from(["last_contact", "collected", "document_date", "moved house", "own_event", ""])
    kind = draw(st.sampled_from(["date", "datetime", "epoch_s", "epoch_ms", "text"]))
    form = draw(st.one_of(st.none(), st.sampled_from(["%d/%m/%Y", "%H", "", "%Y-%m-%d # x"])))
    return ClockGuess(draw(st.sampled_from(columns)), draw(event), kind, draw(confidences), draw(reasons), form)


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    found = draw(st.lists(tables(), max_size=5, unique_by=lambda t: t.qualified))
    guesses = []
    for one in found:
        columns = [c.name for c in one.columns]
        parents = [t.qualified for t in found] + ["nowhere"]
        link = st.builds(
            LinkGuess,
            parent=st.sampled_from(parents),
            columns=st.lists(st.tuples(st.sampled_from(columns), names), max_size=2).map(tuple),
            confidence=confidences,
            reasons=reasons,
            where=st.one_of(st.none(), st.tuples(st.sampled_from(columns), names)),
            text=st.one_of(st.none(), st.sampled_from(["user_{}_x", "{}{}", "none", "${A}{}"])),
        )
        listed = draw(st.lists(fields(columns), max_size=4))
        keyed = st.builds(
            KeyValueGuess, key=st.sampled_from(columns), value=st.sampled_from(columns),
            fields=st.lists(fields(columns), max_size=3).map(tuple),
        )  # fmt: skip
        own_links = list(draw(st.lists(link, max_size=3)))
        targets = {t.qualified: [c.name for c in t.columns] for t in found}
        own_links += [
            replace(g, columns=((draw(st.sampled_from(columns)), draw(st.sampled_from(targets[g.parent]))),))
            for g in own_links
            if g.parent in targets
        ]
        guesses.append(
            TableGuess(
                one, draw(st.sampled_from(["person", "belongs", "loose", "none"])), tuple(listed), tuple(own_links),
                tuple(draw(st.lists(clocks(columns), max_size=3))), draw(st.one_of(st.none(), keyed)),
                draw(st.one_of(st.none(), st.sampled_from(columns))),
                draw(st.sampled_from([None, "orders", "logs", "strange"])), draw(reasons),
            )
        )  # fmt: skip
    troubles = tuple(
        draw(st.lists(st.builds(Trouble, code=st.just("timeout"), message=names, table=names), max_size=2))
    )
    return Draft(draw(names), Catalogue("sqlite", tuple(found)), tuple(guesses), troubles)


@pytest.mark.slow
@settings(max_examples=200)
@given(draft=drafts(), language=st.sampled_from(["en", "fr"]))
def test_every_draft_loads_and_means_what_was_decided(draft: Draft, language: str) -> None:
    policy = loaded(policy_yaml(draft, url_variable="SHOP_DATABASE_URL", languages=(language,)))
    (store,) = policy.stores.values()
    entries = [entry for entry in entries_of(draft) if not entry.unidentified]
    read: dict[str, list[Collection]] = {}
    for collection in store.collections.values():
        read.setdefault(collection.name.partition("[")[0], []).append(collection)
    assert set(read) == {e.name for e in entries}
    for entry in entries:
        for collection in read[entry.name]:
            assert (collection.table, collection.schema) == (entry.table.name, entry.table.schema or None)
            assert [(i.kind, i.column) for i in collection.identifiers] == [(s.kind, s.column) for s in entry.subjects]
            assert [(n.parent, n.columns) for n in collection.links] == [(p, g.columns) for p, g in entry.links]
        if entry.rows is None:
            expected = {f.column for f in entry.fields} | set(entry.inner)
            assert {f.column for f in read[entry.name][0].fields} == expected
            assert {e: c.column for e, c in read[entry.name][0].events.items()} == {
                e: c.column for e, c in entry.events.items()
            }


@pytest.mark.slow
@settings(max_examples=60)
@given(draft=drafts())
def test_the_part_for_an_include_says_the_same_as_the_whole(draft: Draft) -> None:
    whole = policy_yaml(draft, url_variable="A")
    part = stores_yaml(draft, url_variable="A")
    section = whole[whole.index("\nstores:") + 1 :]
    assert part.endswith(section)
    assert loaded(whole).stores


@pytest.mark.slow
@settings(max_examples=60)
@given(draft=drafts())
def test_no_guess_is_lost_in_silence(draft: Draft) -> None:
    text = policy_yaml(draft, url_variable="A")
    mapped = set(collection_names(draft))
    for guess in draft.tables:
        if guess.table.qualified not in mapped and guess.table.name.isidentifier() and guess.table.schema is None:
            assert guess.table.name in text


# --- by hand --------------------------------------------------------------------------------------


def drafted(*made: Table, data: dict[str, Any] | None = None) -> Draft:
    return discover(FakeSource(made, data or {}), "shop", classify=simple_classify)


def shop() -> Draft:
    return drafted(
        table("customers", "id:int email name phone", unique="email"),
        table("orders", "id:int customer_id:int street", refs={"customer_id": "customers.id"}),
        table("colours", "id:int label"),
    )


def test_an_empty_database_gives_a_policy_that_loads_and_says_so() -> None:
    text = policy_yaml(drafted(), url_variable="SHOP_DATABASE_URL")
    policy = loaded(text)
    assert policy.stores["shop"].collections == {}
    assert "no tables that this account sees" in text


def test_a_database_without_people_gives_a_policy_that_lists_its_tables() -> None:
    text = policy_yaml(drafted(table("colours", "id:int label")), url_variable="X")
    assert loaded(text).stores["shop"].collections == {}
    assert "nothing personal was found" in text
    assert "#   colours" in text


def test_people_come_first_and_what_hangs_on_them_follows() -> None:
    policy = loaded(policy_yaml(shop(), url_variable="X"))
    assert list(policy.stores["shop"].collections) == ["customers", "orders"]
    assert policy.stores["shop"].collections["orders"].links[0].parent == "customers"


def test_a_unique_mail_address_is_taken_for_verified_and_another_is_not() -> None:
    unique = loaded(policy_yaml(shop(), url_variable="X")).stores["shop"].collections["customers"]
    assert {i.kind: i.verified for i in unique.identifiers}["email"] is True
    plain = drafted(table("customers", "id:int email name"))
    loose = loaded(policy_yaml(plain, url_variable="X")).stores["shop"].collections["customers"]
    assert {i.kind: i.verified for i in loose.identifiers}["email"] is False


def test_the_store_only_observes_and_its_address_comes_from_the_environment() -> None:
    text = policy_yaml(shop(), url_variable="SHOP_DATABASE_URL")
    assert "url: ${SHOP_DATABASE_URL}" in text
    assert loaded(text).stores["shop"].mode.value == "observe"


def test_each_guess_stands_with_its_confidence_and_its_reason() -> None:
    text = policy_yaml(shop(), url_variable="X")
    assert "email: EmailAddress  # sure (0.90): the name says x" in text
    french = policy_yaml(shop(), url_variable="X", languages=("fr",))
    assert "email: EmailAddress  # sûr (0.90) : le nom dit x" in french


def test_what_may_be_written_without_quotes_is_written_so() -> None:
    text = policy_yaml(drafted(table("users", "id:int email null NO")), url_variable="X")
    assert "  users:" in text
    assert '"null"' not in text.split("fields:")[1].split("\n")[1]


def test_links_in_a_ring_lose_the_least_likely_one() -> None:
    ring = (
        table("users", "id:int email"),
        table("a", "id:int b_id:int body", refs={"b_id": "b.id"}),
        table("b", "id:int a_id:int user_id:int body", refs={"a_id": "a.id", "user_id": "users.id"}),
    )
    text = policy_yaml(drafted(*ring), url_variable="X")
    collections = loaded(text).stores["shop"].collections
    assert {n: [p.parent for p in c.links] for n, c in collections.items()} == {"users": [], "a": ["b"], "b": ["users"]}
    assert "that would be a ring" in text


def test_a_person_without_a_key_is_no_anchor() -> None:
    text = policy_yaml(drafted(table("users", "email name", key="")), url_variable="X")
    assert loaded(text).stores["shop"].collections == {}
    assert "      # users:" in text
    assert "no primary key" in text


def things(language: str = "en") -> str:
    """A draft of clients, and of artists who look like people and lead to nobody."""
    clients = TableGuess(table("clients", "id:int email", unique="email"), "person", (_field("email", "EmailAddress"),))
    name = FieldGuess("name", "Name", 0.9, (Reason("link_name", {"table": "x"}),))
    clock = ClockGuess("id", "collected", "epoch_s", 0.9, (Reason("link_name", {"table": "x"}),))
    artists = TableGuess(table("artists", "id:int name"), "loose", (name,), clocks=(clock,), purpose="messages")
    catalogue = Catalogue("sqlite", (clients.table, artists.table))
    return policy_yaml(Draft("shop", catalogue, (clients, artists)), url_variable="X", languages=(language,))


def _field(column: str, category: str) -> FieldGuess:
    return FieldGuess(column, category, 0.9, (Reason("link_name", {"table": "x"}),), identifier="email")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_rows_that_lead_to_nobody_are_touched_by_no_rule_of_a_draft(language: str) -> None:
    policy = loaded(things(language))
    assert list(policy.stores["shop"].collections) == ["clients"]
    assert "messages" not in policy.purposes


def test_what_is_left_aside_can_be_taken_in_by_taking_the_marks_away() -> None:
    text = things()
    start = text.index("      # artists:")
    end = text.index("\n\n", start) if "\n\n" in text[start:] else len(text)
    taken = text[:start] + text[start:end].replace("      # ", "      ") + text[end:]
    found = loaded(taken.replace("for: messages", "for: accounts"))
    assert found.stores["shop"].collections["artists"].identifiers == ()


def test_no_period_counts_from_the_day_on_which_a_client_or_an_employee_came() -> None:
    for name in ("accounts", "staff", "newsletter"):
        assert "collected" not in {event for _, event in PURPOSES[name].keeps}


@pytest.mark.parametrize(("given", "key"), [("MyShop", "MyShop"), ("2024 été", "db_2024_ete"), ("***", "db")])
def test_a_store_is_called_as_nearly_as_can_be_by_the_name_given(given: str, key: str) -> None:
    assert list(loaded(policy_yaml(replace(shop(), store=given), url_variable="X")).stores) == [key]


def test_a_table_that_cannot_be_a_name_is_called_nearly_so() -> None:
    draft = drafted(table("clients [old]/2019", "id:int email name", unique="email"))
    assert list(loaded(policy_yaml(draft, url_variable="X")).stores["shop"].collections) == ["clients_old_2019"]


def test_the_country_of_the_database_is_written_where_it_is_known() -> None:
    known = policy_yaml(shop(), url_variable="X", location="DE")
    assert loaded(known).stores["shop"].location == "DE"
    assert "where the database lies" not in known
    assert "where the database lies" in policy_yaml(shop(), url_variable="X")


def test_accounting_dates_make_the_period_of_orders() -> None:
    draft = shop()
    clock = ClockGuess("id", "document_date", "epoch_s", 0.9, (Reason("link_name", {"table": "x"}),))
    guesses = tuple(replace(g, clocks=(clock,)) if g.table.name == "orders" else g for g in draft.tables)
    text = policy_yaml(replace(draft, tables=guesses), url_variable="X")
    assert "keep: {for: 10 years, after: document_date}" in text
    assert "keep: {for: 3 years, after: last_order}" in text
    loaded(text)


def test_troubles_stand_at_the_end() -> None:
    text = policy_yaml(replace(shop(), troubles=(Trouble("timeout", "took too long", "orders"),)), url_variable="X")
    assert text.rstrip().endswith("#   orders: took too long")


@pytest.mark.slow
@pytest.mark.parametrize(("limit", "whole"), [(400_000, True), (70_000, True), (20_000, False)])
def test_a_draft_too_large_for_a_file_says_less_and_still_loads(
    monkeypatch: pytest.MonkeyPatch, limit: int, whole: bool
) -> None:
    many = [table(f"part{n}", "id:int user_id:int body", refs={"user_id": "users.id"}) for n in range(300)]
    draft = drafted(table("users", "id:int email", unique="email"), *many)
    monkeypatch.setattr("troth.core.discover.draft._LARGEST", limit)
    text = policy_yaml(draft, url_variable="X")
    assert len(text.encode()) <= limit
    collections = loaded(text).stores["shop"].collections
    assert "users" in collections
    assert (len(collections) == 301) is whole
    assert ("tables are left out" in text) is not whole


def test_time_that_was_over_is_told_in_the_draft() -> None:
    many = [table(f"part{n}", "id:int user_id:int body") for n in range(300)]
    source = FakeSource([table("users", "id:int email", unique="email"), *many], {"users": numbered(3)}, seconds=100)
    draft = discover(source, "shop", classify=simple_classify)
    assert "241 of 301 tables were judged by their names only" in policy_yaml(draft, url_variable="X")
