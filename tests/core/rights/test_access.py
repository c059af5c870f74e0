"""What is read for a person, and what is left out and said to be."""

from __future__ import annotations

from datetime import date

import pytest

from package.scene import ANA, POLICY, ROWS, find, plan, policy, session
from troth.core.law.bases import rights_of
from troth.core.policy.model import Basis
from troth.core.policy.values import Duration
from troth.core.query import And, Not
from troth.core.records import ArchiveRecord
from troth.core.rights.access import AccessPlan, LeftOut, Reading, archived_rows, given, plan_access, with_archive
from troth.core.rights.identity import Decisions
from troth.core.rights.information import Information, as_json, inform
from troth.core.rights.information_words import RIGHTS, event_words, spoken


def reading(planned: AccessPlan, name: str) -> Reading:
    return next(r for r in planned.readings if r.collection.name == name)


def names(planned: AccessPlan, name: str) -> list[str]:
    return [c.name for c in reading(planned, name).columns]


def left_out(planned: AccessPlan, reason: str) -> list[LeftOut]:
    return [entry for entry in planned.left_out if entry.reason == reason]


def test_it_reads_fields_first_and_then_what_makes_them_understandable() -> None:
    columns = reading(plan(session()), "customers").columns
    assert [(c.name, c.role) for c in columns] == [
        ("name", "field"), ("email", "field"), ("phone", "field"), ("score", "field"), ("visits", "field"),
        ("settings.city", "field"), ("settings.tags.*", "field"), ("id", "identifier"), ("seen", "event"),
        ("status", "state"), ("frozen", "flag"),
    ]  # fmt: skip


def test_a_link_and_a_key_are_read_so_that_rows_can_be_joined() -> None:
    columns = {c.name: (c.role, c.detail) for c in reading(plan(session()), "orders").columns}
    assert columns["customer_id"] == ("link", "customers")
    assert columns["id"] == ("key", "")


def test_passwords_and_fields_not_for_export_are_left_out_and_said() -> None:
    planned = plan(session())
    assert not {"password", "memo"} & set(names(planned, "customers"))
    assert left_out(planned, "secret") == [LeftOut("shop", "customers", "secret", ("password",))]
    assert left_out(planned, "not_exported") == [LeftOut("shop", "customers", "not_exported", ("memo",))]


def test_a_secret_is_left_out_in_every_role_it_has() -> None:
    text = POLICY.replace("{last_visit: seen,", "{collected: password, last_visit: seen,")
    assert "password" not in names(plan(session(text=text)), "customers")


def test_undescribed_columns_are_told_by_name() -> None:
    planned = plan(session())
    assert left_out(planned, "undescribed") == [LeftOut("shop", "customers", "undescribed", ("shoe_size",))]
    assert left_out(planned, "undescribed_within")[0].what == ("settings",)


def test_a_column_that_another_collection_of_the_table_describes_is_not_undescribed() -> None:
    more = """\
      sizes:
        table: customers
        subject: {email: email}
        for: news
        events: {last_visit: seen}
        fields: {shoe_size: Height}
"""
    assert left_out(plan(session(text=POLICY + more)), "undescribed") == []


def test_shared_rows_are_counted_and_not_read() -> None:
    planned = plan(session())
    assert left_out(planned, "shared") == [LeftOut("shop", "shares", "shared", (), 1)]
    where = reading(planned, "shares").where
    assert isinstance(where, And)
    assert isinstance(where.parts[-1], Not)


def test_shared_rows_are_read_when_a_human_has_decided() -> None:
    planned = plan(session(), decisions=Decisions(shared=True))
    assert left_out(planned, "shared") == []
    assert not isinstance(reading(planned, "shares").where, And)


def test_rows_without_declared_data_are_counted() -> None:
    assert left_out(plan(session()), "no_fields") == [LeftOut("shop", "threads", "no_fields", (), 1)]


def test_nothing_is_read_from_places_where_the_person_is_not() -> None:
    assert "employees" not in {r.collection.name for r in plan(session()).readings}


def test_a_store_that_was_never_opened_is_left_out_too() -> None:
    opened = session(text=POLICY + "      gone: {belongs_to: {customers: customer_id}, for: news, fields: {a: Name}}\n")
    assert left_out(plan(opened), "unreachable") == [LeftOut("shop", "*", "unreachable")]


def test_an_unverified_identifier_opens_nothing_but_is_told() -> None:
    opened = session()
    identity = find(opened, ("phone", "+33 6 01"))
    planned = plan_access(opened, identity, Decisions())
    assert not identity.found
    assert planned.readings == ()
    assert left_out(planned, "unverified") == [LeftOut("shop", "customers", "unverified", (), 1, "phone")]


def test_an_unreachable_store_is_left_out_and_asks_for_action() -> None:
    opened = session()
    identity = find(opened)
    broken = type(identity)(identity.known, {}, (), {"shop": "does not answer"})
    planned = plan_access(opened, broken, Decisions())
    assert planned.readings == ()
    assert planned.left_out == (LeftOut("shop", "*", "unreachable"),)
    assert planned.left_out[0].asks_for_action


def test_what_lies_in_the_archive_is_handed_over_too() -> None:
    opened = session()
    sealed = [
        ArchiveRecord("invoicing", "shop", "orders", (), date(2031, 12, 31), {"id": 1, "street": "rue des Lilas"}),
        ArchiveRecord("invoicing", "shop", "orders", (), date(2032, 12, 31), {"id": 2, "street": None}),
    ]
    planned = with_archive(plan(opened), opened.policy, sealed)
    reading = planned.readings[-1]
    assert reading.place == ("archive", "shop.orders")
    assert list(archived_rows(reading, sealed)) == [
        {"id": 1, "street": "rue des Lilas", "archived_until": date(2031, 12, 31)},
        {"id": 2, "street": None, "archived_until": date(2032, 12, 31)},
    ]


def test_a_column_with_a_secret_within_is_not_read_whole_for_another_role() -> None:
    text = POLICY.replace("city: {is: City, for: orders}", "pin: {is: PINCode, for: orders}")
    text = text.replace("{contract: {status: active}}", "{contract: {status: active, settings: {not: null}}}")
    planned = plan(session(text=text))
    assert not {"settings", "settings.pin"} & set(names(planned, "customers"))
    assert "settings.pin" in left_out(planned, "secret")[0].what


# --- portability ----------------------------------------------------------------------------------


def test_portability_takes_what_was_given_or_observed_by_consent_or_contract() -> None:
    planned = plan(session(), "portability")
    assert names(planned, "customers") == [
        "name", "email", "phone", "visits", "settings.city", "settings.tags.*", "id",
    ]  # fmt: skip
    assert left_out(planned, "inferred") == [LeftOut("shop", "customers", "inferred", ("score",))]
    assert left_out(planned, "structure")[0].what == ("seen", "status", "frozen")


def test_portability_leaves_out_what_rests_on_another_basis() -> None:
    text = POLICY.replace("score: {is: Profile, for: scoring, given: inferred}", "score: {is: Profile, for: scoring}")
    assert left_out(plan(session(text=text), "portability"), "other_basis")[0].what == ("score",)


def test_one_portable_purpose_among_several_suffices() -> None:
    text = POLICY.replace("for: scoring, given: inferred", "for: [scoring, news], given: observed")
    assert "score" in names(plan(session(text=text), "portability"), "customers")


def test_a_collection_without_portable_fields_is_not_read_but_told() -> None:
    text = POLICY.replace("fields: {wish: Interest}", "fields: {wish: {is: Interest, given: inferred}}")
    planned = plan(session(text=text), "portability")
    assert "shares" not in {r.collection.name for r in planned.readings}
    assert LeftOut("shop", "shares", "inferred", ("wish",)) in planned.left_out


# --- information ----------------------------------------------------------------------------------


def information(*, text: str = POLICY) -> Information:
    opened = session(text=text)
    return inform(opened.policy, plan(opened).readings, date(2026, 11, 22))


def test_only_purposes_that_concern_the_person_are_told() -> None:
    assert [p.name for p in information().purposes] == ["orders", "invoicing", "news", "scoring"]


def test_the_retention_rule_is_a_sentence_in_both_languages() -> None:
    orders, invoicing, news, scoring = (p.retention for p in information().purposes)
    assert orders["en"] == "for the duration of the contract, then erased"
    assert orders["fr"] == "pendant la durée du contrat, puis effacées"
    assert invoicing == {
        "en": "for the duration of the contract, then 10 years after the end of the financial year in a sealed "
        "archive (accounting), then made anonymous",
        "fr": "pendant la durée du contrat, puis 10 ans après la fin de l’exercice comptable dans une archive scellée "
        "(comptabilité), puis rendues anonymes",
    }
    assert news["fr"] == "3 ans après «\u00a0dernière visite\u00a0», puis effacées"
    assert scoring["en"] == "13 months after your last contact, then erased"


def test_a_title_that_fits_a_sentence_stands_there_without_quotes() -> None:
    titles = {"over": {"en": "the end of your order", "fr": "la fin de votre commande"}, "x": {"en": "x", "fr": "x"}}
    assert event_words("over", {}, titles) == {"en": "the end of your order", "fr": "la fin de votre commande"}
    assert event_words("x", {}, titles) == {"en": "“x”", "fr": "«\u00a0x\u00a0»"}
    assert event_words("closed", {}, {}) == {"en": "it is closed", "fr": "leur clôture"}


def test_a_hold_tells_why_and_until_when() -> None:
    (hold,) = information().purposes[1].holds
    assert hold["en"] == "accounting records (C. com. L123-22): 10 years after the end of the financial year"


def test_recipients_include_hosts_and_those_they_pass_data_on_to() -> None:
    told = {r.name: (r.country, r.purposes, r.stores) for r in information().recipients}
    assert told == {
        "Hébergeur SAS": ("FR", ("orders",), ("shop",)),
        "Far Mail Ltd": ("IN", ("news",), ()),
        "Safe Inc.": ("US", (), ()),
    }


def test_a_transfer_names_its_ground_or_says_that_there_is_none() -> None:
    told = {r.name: r for r in information().recipients}
    assert told["Hébergeur SAS"].transfer is None
    assert "Article 46" in (told["Safe Inc."].transfer or {})["en"]
    assert told["Safe Inc."].transfer_source == "module 2"
    assert "names no ground" in (told["Far Mail Ltd"].transfer or {})["en"]


def test_rights_follow_the_basis() -> None:
    rights = {p.name: p.rights for p in information().purposes}
    assert "portability" in rights["orders"]
    assert "withdrawal" not in rights["orders"]
    assert {"withdrawal", "objection_marketing"} <= set(rights["news"])
    assert "objection" in rights["scoring"]
    assert "portability" not in rights["scoring"]


def test_every_basis_and_right_has_its_words() -> None:
    assert {right for basis in Basis for right in rights_of(basis)} <= set(RIGHTS)
    assert all(set(words) == {"en", "fr"} for words in RIGHTS.values())


def test_erasure_is_no_right_against_a_legal_obligation() -> None:
    assert "erasure" not in rights_of(Basis.LEGAL_OBLIGATION)


@pytest.mark.parametrize(
    ("country", "name", "website"),
    [
        ("FR", "Commission nationale", "https://www.cnil.fr/"),
        ("BE", "Autorité de protection", "https://www.dataprotectionauthority.be/"),
        ("US", None, "https://www.edpb.europa.eu/"),
    ],
)
def test_the_authority_is_that_of_the_publishers_country(country: str, name: str | None, website: str) -> None:
    authority = information(text=POLICY.replace("  country: FR\n", f"  country: {country}\n", 1)).authority
    assert (authority.name or "").startswith(name or "")
    assert (authority.name is None) == (name is None)
    assert (authority.website or "").startswith(website)


def test_an_authority_that_the_policy_names_comes_first() -> None:
    text = POLICY.replace("  address: 1 rue", "  authority: {name: APD}\n  address: 1 rue")
    assert information(text=text).authority.name == "APD"


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("", "unsaid"),
        ("automated_decisions: {none: true}\n", "none"),
        ("automated_decisions: {decisions: {credit: {purpose: orders, logic: L, significance: S}}}\n", "some"),
        ("automated_decisions: {decisions: {pay: {purpose: staff, logic: L, significance: S}}}\n", "none"),
    ],
)
def test_decisions_by_software_are_told_as_the_policy_tells_them(section: str, told: str) -> None:
    assert information(text=POLICY + section).automated == told


def test_periods_are_spoken_as_people_do() -> None:
    assert spoken(Duration(months=36))["fr"] == "3 ans"
    assert spoken(Duration(months=13))["en"] == "13 months"
    assert spoken(Duration(months=1, days=2, minutes=90)) == {
        "en": "1 month, 2 days, 1 hour and 30 minutes", "fr": "1 mois, 2 jours, 1 heure et 30 minutes",
    }  # fmt: skip
    assert spoken(Duration())["en"] == "0 days"


def test_the_information_is_json() -> None:
    import json

    told = json.loads(json.dumps(as_json(information())))
    assert told["purposes"][0]["retention"]["en"].startswith("for the duration")


# --- the ledger -----------------------------------------------------------------------------------


def test_the_ledger_is_told_numbers_and_nobodys_data() -> None:
    loaded = policy()
    shared = LeftOut("shop", "shares", "shared", (), 1)
    body = given("access", "access-1", loaded, {("shop", "orders"): 2}, [shared], "zip")
    assert body == {
        "request": "access-1", "right": "access", "policy": loaded.digest, "form": "zip",
        "collections": [["shop", "orders", 2]], "left_out": [["shop", "shares", "shared", 1]],
    }  # fmt: skip
    assert not any(str(value) in str(body) for value in (ANA["email"], ROWS["orders"][0]["note"]))
