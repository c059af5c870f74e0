"""What the report concludes, as data: from a draft made by hand and a source that answers what it is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.scene import TODAY, WHY, FakeSource, a_field, clock, draft, guess, link, shop, source, table
from troth.core.discover.model import FieldGuess, Inclusion, KeyValueGuess, Profile, TableGuess, Trouble
from troth.core.policy.values import Duration, add
from troth.core.survey.ages import months_between
from troth.core.survey.build import Inspected, build, finish
from troth.core.survey.measure import best_clock, measure
from troth.core.survey.model import Figure, Survey
from troth.core.survey.notes import LEAST, MOST
from troth.core.survey.secrets import secrets
from troth.core.survey.tables import is_special
from troth.core.survey.usual import cutoff, is_over, usual_by_law


def surveyed(*tables: TableGuess, of: FakeSource | None = None, **more: object) -> Survey:
    a_draft = draft(*tables, **more)  # type: ignore[arg-type]
    return finish(build(a_draft, measure(of or FakeSource(), a_draft), Inspected(unknown="why_draft"), TODAY, 1000)[0])  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def the_shop() -> Survey:
    return finish(build(shop(), measure(source(), shop()), Inspected(unknown="why_draft"), TODAY, 1000)[0])  # type: ignore[arg-type]


# --- tables and people ------------------------------------------------------------------------------------


def test_people_are_the_rows_of_the_tables_about_people(the_shop: Survey) -> None:
    assert the_shop.people == Figure(1240 + 312)
    assert the_shop.people_tables == ("customers", "prospects")


def test_one_estimate_makes_the_sum_an_estimate() -> None:
    survey = surveyed(
        guess(table("a", "e", rows=5), "person", a_field("e", "EmailAddress")),
        guess(table("b", "e", rows=7, exact=False), "person", a_field("e", "EmailAddress")),
        of=FakeSource(rows_of={"b": (7, False)}),
    )
    assert survey.people == Figure(12, "estimated")


def test_one_unknown_makes_the_sum_unknown() -> None:
    survey = surveyed(guess(table("a", "e", rows=None, exact=False), "person", a_field("e", "EmailAddress")))
    assert survey.people.value is None


def test_a_guess_of_little_confidence_is_no_part_of_the_report() -> None:
    unlikely = FieldGuess("colour", "Race", 0.3, WHY)
    survey = surveyed(guess(table("a", "colour", "e"), "person", a_field("e", "EmailAddress"), unlikely))
    assert [c.category for c in survey.categories] == ["EmailAddress"]
    assert survey.columns == 1


def test_values_under_a_key_are_told_by_key() -> None:
    pairs = KeyValueGuess("meta_key", "meta_value", (a_field("billing_phone", "TelephoneNumber"),))
    meta = guess(table("meta", "meta_key", "meta_value"), "belongs", key_value=pairs)
    [category] = surveyed(meta).categories
    assert [(p.column, p.path) for p in category.places] == [("meta_value", "billing_phone")]


@pytest.mark.parametrize(
    ("category", "special"), [("BloodType", True), ("Religion", True), ("EmailAddress", False), ("Own", False)]
)
def test_a_category_is_special_if_it_or_what_it_falls_under_is(category: str, special: bool) -> None:
    assert is_special(category) is special


def test_special_categories_come_first(the_shop: Survey) -> None:
    assert the_shop.categories[0].category == "BloodType"
    assert [c.special for c in the_shop.categories] == sorted((c.special for c in the_shop.categories), reverse=True)


# --- ages -------------------------------------------------------------------------------------------------


def test_the_clock_of_a_period_is_preferred(the_shop: Survey) -> None:
    both = guess(table("a", "x", "y"), "person", clocks=[clock("x", "collected"), clock("y", "last_contact")])
    found = best_clock(both, {})
    assert found is not None
    assert found.column == "y"


def test_the_whole_table_counts_and_failing_that_the_sample() -> None:
    tables = [guess(table(n, "t"), "person", clocks=[clock("t", "collected", date(2020, 1, 1))]) for n in ("a", "b")]
    survey = surveyed(*tables, of=FakeSource(bounds_of={"a": (date(2010, 1, 1), date(2020, 1, 1))}))
    assert {(a.table, a.oldest, a.basis) for a in survey.ages} == {
        ("a", date(2010, 1, 1), "counted"), ("b", date(2020, 1, 1), "sampled"),
    }  # fmt: skip
    assert survey.oldest == date(2010, 1, 1)


def test_a_clock_that_lies_in_the_future_says_nothing_of_age() -> None:
    future = guess(table("a", "t"), "person", clocks=[clock("t", "collected", date(2090, 1, 1))])
    assert surveyed(future).ages == ()


def test_only_what_is_past_its_time_is_asked_for_in_detail() -> None:
    _, questions = build(shop(), measure(source(), shop()), Inspected(), TODAY, 1000)
    assert [(q.table, q.before) for q in questions] == [
        ("customers", date(2023, 11, 22)), ("prospects", date(2023, 11, 22)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "purpose", "key"),
    [
        ("web_log", None, "logs_most"), ("Invoice", None, "accounting"), ("InvoiceLine", "orders", "accounting"),
        ("ps_orders", "orders", "electronic_contract"), ("newsletter_subscribers", None, "prospect"),
        ("wp_users", "accounts", "account_inactive"), ("clients", "accounts", "customer_marketing"),
        ("candidatures", None, "candidate_pool"), ("xyz", "logs", "logs_most"), ("catalogue", None, None),
        ("xyz", "messages", None),
    ],
)  # fmt: skip
def test_a_usual_period_comes_from_the_name_then_the_purpose(name: str, purpose: str | None, key: str | None) -> None:
    found = usual_by_law(guess(table(name), "belongs", purpose=purpose))
    assert (found[0] if found else None) == key
    assert found is None or (found[1].source["fr"] and found[1].mark)


@given(st.dates(date(1990, 1, 1), date(2026, 11, 22)), st.integers(1, 240), st.sampled_from(["prospect", "accounting"]))
def test_rows_before_the_cutoff_are_those_whose_period_is_over(day: date, months: int, key: str) -> None:
    period = Duration(months=months)
    over, before = is_over(day, key, period, TODAY), day < cutoff(key, period, TODAY)
    # Months of unlike length: the last days of a month may fall on either side.
    assert over == before or day.day > 28 or key == "accounting"
    if key == "accounting":
        assert over == (add(date(day.year, 12, 31), period) < TODAY)


@pytest.mark.parametrize(
    ("as_of", "over"), [(date(2026, 11, 22), False), (date(2026, 12, 31), False), (date(2027, 1, 1), True)]
)
def test_an_accounting_period_begins_with_the_end_of_the_year(as_of: date, over: bool) -> None:
    assert is_over(date(2016, 1, 13), "accounting", Duration(months=120), as_of) is over
    assert is_over(date(2016, 1, 13), "prospect", Duration(months=120), as_of) is True
    assert (date(2016, 1, 13) < cutoff("accounting", Duration(months=120), as_of)) is over


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2020, 1, 31), date(2020, 2, 29), 0), (date(2020, 1, 31), date(2020, 3, 31), 2),
        (date(2013, 3, 4), date(2026, 11, 22), 164), (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)  # fmt: skip
def test_months_are_whole(start: date, end: date, months: int) -> None:
    assert months_between(start, end) == months


# --- passwords and the like -------------------------------------------------------------------------------


def of_column(category: str, profile: Profile, **more: object) -> list[tuple[str, str, int | None]]:
    held = guess(table("users", "it"), "person", a_field("it", category, **more))
    return [(s.kind, s.weight, s.values.value) for s in secrets(draft(held, profiles={"users": {"it": profile}}))]


def test_passwords_are_told_by_kind() -> None:
    profile = Profile(10, signs={"password_hash": 6, "hash_argon2": 6, "digest": 3, "digest_md5": 3})
    assert of_column("Password", profile, secret=True) == [
        ("md5", "act", 3), ("unrecognised", "act", 1), ("argon2", "good", 6),
    ]  # fmt: skip


def test_a_digest_elsewhere_is_no_password() -> None:
    assert of_column("Identifier", Profile(10, signs={"digest": 10, "digest_md5": 10})) == []
    assert of_column("Authenticating", Profile(10, signs={"digest": 10, "digest_md5": 10}), secret=True) == [
        ("token", "check", 10)
    ]


def test_a_few_numbers_that_happen_to_pass_are_no_cards() -> None:
    assert of_column("Reference", Profile(100, signs={"card": 9, "integer": 100})) == []
    assert of_column("Reference", Profile(100, signs={"card": 60, "integer": 100})) == [("card", "act", 60)]


def test_an_empty_column_has_no_kinds() -> None:
    assert of_column("Password", Profile(10, nulls=10), secret=True) == []


# --- links ------------------------------------------------------------------------------------------------


def test_links_that_lead_nowhere_are_told_the_worst_first() -> None:
    people = guess(table("p", "e"), "person", a_field("e", "EmailAddress"))
    tables = [guess(table(n, "p_id"), "belongs", links=[link("p", "p_id")]) for n in ("few", "many", "none")]
    found = {
        ("few", "p_id"): Inclusion(100, 99),
        ("many", "p_id"): Inclusion(100, 40),
        ("none", "p_id"): Inclusion(9, 9),
    }
    survey = surveyed(people, *tables, of=FakeSource(found_of=found))
    assert [(o.place.table, o.missing, o.asked) for o in survey.orphans] == [("many", 60, 100), ("few", 1, 100)]
    assert survey.links_asked == 3


def test_links_that_the_database_vouches_for_are_asked_last() -> None:
    people = guess(table("p", "e"), "person")
    a = guess(table("a", "x"), "belongs", links=[link("p", "x", declared=True)])
    b = guess(table("b", "x"), "belongs", links=[link("p", "x"), link("p", "y", confidence=0.4)])
    answers = FakeSource()
    surveyed(people, a, b, of=answers)
    assert [q for q in answers.asked if q.startswith("inclusion")] == ["inclusion b.x", "inclusion a.x"]


def test_an_address_of_two_rows_is_told_unless_it_is_unique(the_shop: Survey) -> None:
    assert [(s.place.column, s.repeated) for s in the_shop.shared] == [("email", Figure(10, "sampled", 1000))]


def test_a_repeated_name_is_no_shared_identifier() -> None:
    repeated = {"p": {"city": Profile(100, distinct=3)}}
    survey = surveyed(guess(table("p", "city"), "person", a_field("city", "City")), profiles=repeated)
    assert survey.shared == ()


# --- the headline -----------------------------------------------------------------------------------------


def test_the_worst_stands_first_and_there_are_three_to_seven(the_shop: Survey) -> None:
    weights = [n.weight for n in the_shop.notes]
    assert weights == sorted(weights, key=["act", "check", "good"].index)
    assert LEAST <= len(the_shop.notes) <= MOST
    assert [n.code for n in the_shop.notes[:3]] == ["cards", "passwords_weak", "special"]


def test_a_harmless_database_hears_something_good() -> None:
    survey = surveyed(guess(table("p", "e"), "person", a_field("e", "EmailAddress")))
    assert "no_cards" in {n.code for n in survey.notes}
    assert all(n.weight == "good" for n in survey.notes)


def test_what_could_not_be_seen_is_listed_once() -> None:
    told = [Trouble("no_right", "m", "t"), Trouble("no_right", "m", "t"), Trouble("budget", "n")]
    survey = surveyed(guess(table("p", "e"), "person"), troubles=told)
    assert [(u.code, u.table) for u in survey.unseen] == [("budget", ""), ("no_right", "t")]


def test_the_order_of_the_draft_changes_nothing() -> None:
    turned = replace(shop(), tables=tuple(reversed(shop().tables)))
    one, other = (build(d, measure(source(), d), Inspected(), TODAY, 1000)[0] for d in (shop(), turned))
    assert (one.tables, one.ages, one.secrets, one.orphans) == (other.tables, other.ages, other.secrets, other.orphans)


def test_a_survey_that_ran_out_of_time_says_so_and_not_that_nothing_could_be_looked_at() -> None:
    left = (Trouble("names_only", "3 of 9 tables were judged by their names only"), Trouble("rows_left", "the rows"))
    survey = surveyed(guess(table("a", "e", rows=5), "person", a_field("e", "EmailAddress")), troubles=left)
    assert [u.code for u in survey.unseen] == ["names_only", "rows_left"]
    codes = [note.code for note in survey.notes]
    assert "unseen_time" in codes
    assert "unseen" not in codes
