from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.policy.files import bad_files, codes, examined, good_files
from troth.core.policy.loader import load
from troth.core.policy.problems import PolicyError, nearest

GOOD = good_files()[0].read_text("utf-8")


def test_it_tells_all_problems_at_once_in_the_order_of_the_file() -> None:
    text = GOOD
    for right, wrong in (
        ("country: FR\n  timezone", "country: NO\n  timezone"),
        ("basis: consent", "basis: consnt"),
        ("recipients: mailing", "recipients: mailling"),
        ("after: last_contact,", "after: last_contct,"),
        ("mode: enforce", "mod: enforce"),
        ("Phone: TelephoneNumber", "Phone: TelephonNumber"),
        ("{customer: CustomerId}\n        for: billing", "{custommer: CustomerId}\n        for: billing"),
        ("stores: [shop, mailing]", "stores: [shop, mail]"),
    ):
        assert right in text
        text = text.replace(right, wrong, 1)
    found = examined(text)
    assert codes(found) == [
        "ambiguous_norway", "wrong_value", "unknown_recipient", "unknown_event", "unknown_key", "unknown_category",
        "unknown_collection", "unknown_store",
    ]  # fmt: skip
    assert [p.line for p in found.problems] == sorted(p.line for p in found.problems)


def test_one_fault_does_not_make_others_up() -> None:
    """Every good line spoilt in turn tells at most what is wrong with that entry."""
    for spoilt in ("basis: contract", "url: ${SHOP_DATABASE_URL}", "key: [Series, Number]", "name: Hôte SAS"):
        text = GOOD.replace(spoilt, spoilt.replace(": ", "x: ", 1), 1)
        assert set(codes(examined(text))) <= {"unknown_key", "missing_key"}, spoilt


@pytest.mark.parametrize(
    ("right", "wrong", "word"),
    [
        ("stores:\n  shop", "store:\n  shop", "stores"),
        ("recipient: web-host", "recipent: web-host", "recipient"),
        ("is: EmailAddress", "is: EmailAdress", "EmailAddress"),
        ("for: billing", "for: biling", "billing"),
        ("after: financial_year_end\n", "after: financial_yearend\n", "financial_year_end"),
        ("mode: enforce", "mode: enforced", "enforce"),
        ("fields: [Total,", "fields: [Totl,", "Total"),
        ("country: GB", "country: UK", "GB"),
        ("Europe/Paris", "Europe/Pariss", "Europe/Paris"),
        ("about: purposes.prospecting", "about: purposes.prospectng", "purposes.prospecting"),
        ("ask_again_after", "ask_agian_after", "ask_again_after"),
    ],
)
def test_it_names_the_nearest_word_known_there(right: str, wrong: str, word: str) -> None:
    assert right in GOOD
    first = examined(GOOD.replace(right, wrong, 1)).problems[0]
    assert first.nearest == word
    assert f"'{word}'" in first.message
    assert f"« {word} »" in first.in_language("fr").message


def test_nearest_says_nothing_rather_than_nonsense() -> None:
    assert nearest("zzz", ["orders", "billing"]) == ""
    assert nearest("ORDERS", ["orders"]) == "orders"
    assert nearest("x" * 100_000, ["orders"]) == ""


def test_the_error_carries_every_problem() -> None:
    with pytest.raises(PolicyError) as raised:
        load(b"format: 1\nx: 1\n", name="p.yaml", read=lambda _: b"", env={})
    error = raised.value
    assert len(error.problems) == 3
    assert error.exit_code == 2
    assert str(error).startswith("p.yaml:1:1: ")
    assert "2 more" in str(error)


def test_a_newer_format_is_not_judged_by_this_one() -> None:
    found = examined("format: 7\nwhatever: {new: things}\n")
    assert codes(found) == ["format_newer"]
    assert "troth upgrade" in found.problems[0].message


def test_a_missing_translation_is_a_warning() -> None:
    found = examined(GOOD.replace("{fr: Trois ans., en: Three years.}", "{fr: Trois ans.}"))
    assert [(p.code, p.severity) for p in found.problems] == [("missing_language", "warning")]
    assert found.policy is not None
    assert "en" in found.problems[0].message


def test_a_category_that_people_are_not_told_of_is_a_warning() -> None:
    found = examined(GOOD.replace("categories: [IPAddress]", "categories: [UserAgent]"))
    assert [(p.code, p.severity) for p in found.problems] == [("category_not_told", "warning")]
    # A narrower category than the one told is fine: City, under PhysicalAddress, is in the good file.
    assert "City" in GOOD


def test_an_own_category_is_told_by_the_one_it_falls_under() -> None:
    text = GOOD.replace(
        "PhysicalAddress, LoyaltyPoints, Password]", "PhysicalAddress, PurchasesAndSpendingHabit, Password]"
    )
    assert examined(text).problems == ()


def test_loading_gives_the_same_every_time() -> None:
    first, second = examined(GOOD), examined(GOOD)
    assert first.policy == second.policy


LINES = [i for i, line in enumerate(GOOD.splitlines()) if line.strip() and not line.strip().startswith("#")]


@settings(max_examples=25)
@given(st.sampled_from(LINES))
def test_without_any_line_it_loads_or_says_where_it_fails(index: int) -> None:
    lines = GOOD.splitlines()
    del lines[index]
    found = examined("\n".join(lines))
    assert (found.policy is None) == bool(codes(found))
    for problem in found.problems:
        assert 1 <= problem.line <= len(lines)
        assert problem.excerpt == lines[problem.line - 1]
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


NAME = re.compile(r"[A-Za-z]\w{4,}")
WORDS = [m.span() for m in NAME.finditer(GOOD)]


@settings(max_examples=25)
@given(st.sampled_from(WORDS))
def test_a_misspelt_word_is_told_on_its_line_or_is_only_a_name(span: tuple[int, int]) -> None:
    start, end = span
    text = GOOD[:start] + "Qx" + GOOD[start + 2 : end] + "q" + GOOD[end:]
    found = examined(text)
    line = GOOD[:start].count("\n") + 1
    if found.policy is None:
        word, lines = GOOD[start:end], {p.line for p in found.problems}
        # Either there, or wherever the word is used that is no longer the name of anything.
        users = {i for i, shown in enumerate(text.splitlines(), 1) if word in shown}
        near = {n for n in lines if n == line or n in users}
        assert near or Counter(codes(found)).keys() & {
            "missing_key", "event_unseen", "event_unseen_person", "state_unseen", "hold_event_unseen",
            "hold_state_unseen", "unreachable", "format_missing",
        }  # fmt: skip


def test_bad_files_are_named_after_one_fault_each() -> None:
    assert len({b.path.stem for b in bad_files()}) == len(bad_files()) > 100
