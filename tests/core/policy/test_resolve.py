from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy.files import codes, examined, good_files
from troth.core.policy.model import Collection, Condition, Mode, Policy, Within
from troth.core.policy.resolve_stores import conditions
from troth.core.policy.sections.stores import Collection as Written
from troth.core.policy.values import Duration, FinancialYear

GOOD = good_files()[0].read_text("utf-8")


def loaded(text: str = GOOD) -> Policy:
    found = examined(text, "policy/troth.yaml")
    assert found.policy is not None, found.problems
    return found.policy


@pytest.fixture(scope="module")
def policy() -> Policy:
    return loaded()


def collection(policy: Policy, name: str) -> Collection:
    return next(c for c in policy.collections() if c.name == name)


def test_the_publisher_and_its_year(policy: Policy) -> None:
    assert (policy.version, policy.languages, policy.authoritative) == ("2026-11-22", ("fr", "en"), "fr")
    assert policy.financial_year == FinancialYear(6, 30)
    assert policy.timezone == "Europe/Paris"


def test_periods_are_read_in_both_languages(policy: Policy) -> None:
    assert policy.purposes["prospecting"].keep.period == Duration(months=36)
    assert policy.purposes["billing"].keep.period == Duration(months=120)


def test_a_purpose_with_an_archive(policy: Policy) -> None:
    keep = policy.purposes["orders"].keep
    assert (keep.while_state, keep.period, keep.after, keep.then) == ("contract", None, None, "anonymise")
    assert keep.archive is not None
    assert (keep.archive.because, keep.archive.because_in) == ("accounting", {"fr": "comptabilité", "en": "accounting"})


def test_built_in_events_are_there_and_own_ones_beside_them(policy: Policy) -> None:
    assert policy.events["financial_year_end"].computed == "financial_year_end"
    assert policy.events["last_invoice_year_end"].per == "person"
    assert policy.events["last_contact"].per == "person"
    assert policy.events["collected"].per == "row"


def test_identifiers_that_are_only_used_are_strong(policy: Policy) -> None:
    assert policy.identifiers["customer_id"].strong
    assert not policy.identifiers["phone"].strong


def test_a_store(policy: Policy) -> None:
    shop, mailing = policy.stores["shop"], policy.stores["mailing"]
    assert (shop.mode, mailing.mode) == (Mode.ENFORCE, Mode.OBSERVE)
    assert (shop.limits.rows, shop.limits.share, shop.limits.rows_per_second) == (5000, 0.2, 1000)
    assert (shop.statement_timeout, shop.lock_timeout, mailing.statement_timeout) == (60, 3, 30)
    assert shop.remains == ("backups, 30 days",)
    assert shop.remains_in == ({"fr": "sauvegardes, 30 jours", "en": "backups, 30 days"},)
    assert mailing.url == "sqlite:///policy/data/mailing.sqlite"


def test_every_way_of_writing_a_test(policy: Policy) -> None:
    assert set(collection(policy, "customer").where) == {
        Condition("site_id", "in", (1,)),
        Condition("status", "in", ("active", "trial")),
        Condition("deleted_at", "null"),
        Condition("kind", "not_in", ("bot",)),
        Condition("n", "gt", (3,)),
        Condition("n", "le", (9,)),
        Condition("seen", "not_null"),
    }


SCALARS = st.one_of(st.text(max_size=3), st.integers(0, 9), st.booleans(), st.none())
TESTS = st.one_of(
    SCALARS,
    st.lists(SCALARS.filter(lambda v: v is not None), min_size=1, max_size=3),
    st.fixed_dictionaries(
        {"not": st.one_of(SCALARS, st.lists(st.integers(), min_size=1))},
        optional={"gt": st.integers(), "le": st.integers()},
    ),
)


@given(st.dictionaries(st.text("abc", min_size=1), TESTS, max_size=4))
def test_no_test_is_lost_on_the_way(where: dict[str, object]) -> None:
    """A test that vanished would widen every erasure."""
    collection = Written.model_validate({"for": "orders", "where": where})
    found = conditions(collection.where)
    assert {c.column for c in found} == set(where)
    assert len(found) == sum(len(v) if isinstance(v, dict) else 1 for v in where.values())


def test_fields(policy: Policy) -> None:
    customer = collection(policy, "customer")
    first, last = customer.field_named("FirstName"), customer.field_named("LastName")
    assert first is not None
    assert last is not None
    assert first.purposes == {"orders", "prospecting"}
    assert (first.has_neutral, last.has_neutral, last.neutral) == (False, True, None)
    points, secret = customer.field_named("Points"), customer.field_named("Hash")
    assert points is not None
    assert secret is not None
    assert (points.given, points.has_neutral, points.neutral, points.purposes) == ("inferred", True, 0, {"orders"})
    assert (points.export, secret.export) == (True, False)
    assert points.at is not None
    assert GOOD.splitlines()[points.at.line - 1].strip().startswith("Points:")


def test_values_within_a_column(policy: Policy) -> None:
    customer = collection(policy, "customer")
    tags, phone = customer.field_named("profile.tags.*"), customer.field_named("settings.billing.phone")
    assert tags is not None
    assert phone is not None
    assert (tags.column, tags.within, tags.purposes) == ("profile", Within("json", ("tags", "*")), {"prospecting"})
    assert phone.within == Within("php", ("billing", "phone"))


def test_a_dot_within_a_step_is_written_with_a_backslash() -> None:
    policy = loaded(GOOD.replace("address.city:", r"'site\.example.city':"))
    found = collection(policy, "customer").field_named(r"profile.site\.example.city")
    assert found is not None
    assert found.within == Within("json", ("site.example", "city"))


def test_a_row_stays_while_any_of_its_fields_must(policy: Policy) -> None:
    assert collection(policy, "customer").purposes == {"orders", "prospecting"}
    assert collection(policy, "invoice").purposes == {"billing"}


def test_links(policy: Policy) -> None:
    line, note, options = (collection(policy, name) for name in ("line", "note", "options"))
    assert [(link.parent, link.columns) for link in line.links] == [
        ("invoice", (("Series", ""), ("Number", ""))),
        ("customer", (("customer_email", "Email"),)),
    ]
    assert note.links[0].where == (Condition("object_type", "in", ("customer",)),)
    assert note.links[2].parent == "note"
    assert (options.links[0].template, options.links[0].columns) == (
        "user_{}_settings",
        (("option_name", "CustomerId"),),
    )


def test_clocks(policy: Policy) -> None:
    clocks = collection(policy, "customer").events
    assert (clocks["last_contact"].column, clocks["last_contact"].kind) == ("last_seen_at", "datetime")
    assert clocks["last_contact"].floor == date(1970, 1, 2)
    assert (clocks["collected"].kind, clocks["collected"].floor) == ("epoch_s", date(2001, 1, 1))
    assert clocks["last_invoice_year_end"].format == "%d/%m/%Y"


def test_holds(policy: Policy) -> None:
    accounting, unpaid = collection(policy, "invoice").holds
    assert accounting.fields == ("Total", "BillingAddress")
    # A structured column stands for all values declared within.
    assert accounting.parents == {"customer": ("FirstName", "LastName", "profile.address.city", "profile.tags.*")}
    assert (accounting.period, accounting.per) == (Duration(months=120), "person")
    assert (unpaid.fields, unpaid.while_state, unpaid.period) == ((), "unpaid", None)
    assert (unpaid.because, unpaid.because_in["fr"]) == ("unpaid invoice", "facture impayée")


def test_all_of_a_parent_are_the_fields_it_declares() -> None:
    policy = loaded(GOOD.replace("{customer: [FirstName, LastName, profile]}", "{customer: all}"))
    held = collection(policy, "invoice").holds[0].parents["customer"]
    assert set(held) == {f.name for f in collection(policy, "customer").fields}


def test_keys_that_are_alike_become_one_collection(policy: Policy) -> None:
    groups = {c.name: c for c in policy.collections() if c.name.startswith("usermeta") and not c.undescribed}
    assert list(groups) == [
        "usermeta[first_name,nickname]", "usermeta[billing_phone]", "usermeta[newsletter_topics]",
    ]  # fmt: skip
    names, phone, topics = groups.values()
    assert names.where == (Condition("meta_key", "in", ("first_name", "nickname")),)
    assert [(f.name, f.column, f.category) for f in names.fields] == [("meta_value", "meta_value", "Name")]
    assert (names.table, names.key, names.on_erase, names.holds) == ("wp_usermeta", ("umeta_id",), "delete", ())
    assert [h.fields for h in phone.holds] == [("meta_value",)]
    assert (topics.on_erase, topics.purposes) == ("clear", {"prospecting"})
    assert topics.fields[0].within == Within("json", ("*",))


def test_every_key_is_in_exactly_one_group(policy: Policy) -> None:
    keys = [
        v
        for c in policy.collections()
        if c.table == "wp_usermeta" and not c.undescribed
        for w in c.where
        for v in w.values
    ]
    assert sorted(map(str, keys)) == ["billing_phone", "first_name", "newsletter_topics", "nickname"]


def test_rows_with_other_keys_are_known_as_not_described(policy: Policy) -> None:
    rest = collection(policy, "usermeta[*]")
    named = ("first_name", "nickname", "billing_phone", "newsletter_topics")
    assert rest.where == (Condition("meta_key", "not_in", named),)
    assert (rest.undescribed, rest.fields, rest.links[0].parent) == (True, (), "customer")


def test_keys_with_titles_of_their_own_stay_apart() -> None:
    policy = loaded(GOOD.replace("nickname: Name", "nickname: {is: Name, title: {fr: surnom, en: nickname}}"))
    assert "usermeta[nickname]" in [c.name for c in policy.collections()]


def test_a_hold_of_all_holds_every_group() -> None:
    policy = loaded(GOOD.replace("fields: billing_phone, while", "fields: all, while"))
    assert [len(c.holds) for c in policy.collections() if c.table == "wp_usermeta"] == [1, 1, 1, 0]


def test_only_keys_of_key_value_rows_can_be_held() -> None:
    text = GOOD.replace("fields: billing_phone, while", "fields: umeta_id, while")
    assert codes(
        examined(
            text.replace(
                "        holds:\n          dispute",
                "        other_columns: umeta_id\n        holds:\n          dispute",
            )
        )
    ) == ["unknown_field"]


def test_the_digest_is_of_what_is_said_not_how() -> None:
    digest = loaded().digest
    assert loaded("# a comment\n" + GOOD).digest == digest
    assert loaded(GOOD.replace("people: prospects", "people: [prospects]")).digest == digest
    assert loaded(GOOD.replace("Phone: TelephoneNumber", "Phone: {is: TelephoneNumber}")).digest == digest
    assert loaded(GOOD.replace("10 ans", "10 ans ")).digest != ""
    assert loaded(GOOD.replace("3 years", "4 years")).digest != digest
    assert loaded(GOOD.replace("Trois ans.", "Quatre ans.")).digest != digest


def test_everything_written_is_kept_for_later_work(policy: Policy) -> None:
    assert policy.document.services["matomo"].cookies["_pk_id"].lifetime == "13 months"
    assert policy.document.clauses["B28"].kind == "history"
    assert policy.document.minors is not None
    assert policy.document.minors.joint_consent_under == 15
    with pytest.raises(ValueError, match="frozen"):
        policy.document.minors.joint_consent_under = 13  # type: ignore[misc]


def test_a_plain_text_is_the_same_in_every_language(policy: Policy) -> None:
    contact = policy.document.publisher.privacy_contact
    assert contact is not None
    assert contact.hours == {"fr": "9 h - 12 h", "en": "9 h - 12 h"}


def test_positions_do_not_change_what_a_policy_is(policy: Policy) -> None:
    moved = loaded("\n\n" + GOOD)
    assert moved.purposes["orders"].at != policy.purposes["orders"].at
    assert replace(moved.purposes["orders"], at=None) == replace(policy.purposes["orders"], at=None)
