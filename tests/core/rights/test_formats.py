"""Whether a value can be what its category says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.rights.formats import unfit


@pytest.mark.parametrize(
    ("category", "fit", "wrong"),
    [
        (
            "EmailAddress",
            ["ana@example.org", "o'neil+x@mail.example.co.uk", "élise@müller.test", "用户@例え.テスト", "a@xn--mller-kva.test"],
            ["pas une adresse", "ana", "ana@example", "a b@example.org", "a@@example.org", "a@b@example.org", "@example.org",
             "ana@.org", "ana@example.", "Ana <ana@example.org>", "a@x.org, b@x.org", "a" * 250 + "@x.org"],
        ),
        ("EmailAddressWork", ["ana@example.org"], ["ana"]),
        (
            "BirthDate",
            ["1980-02-28", "2000-02-29", "28/02/1980", "02/28/1980", "28.02.1980", "19800228", "1980", "1980-02-28 00:00:00"],
            ["31 février 1980", "1980-02-31", "31/02/1980", "1900-02-29", "soon", "0000-00-00", "28/02/80"],
        ),
        (
            "TelephoneNumber",
            ["0123456789", "+33 1 23 45 67 89", "(01) 23.45-67/89", "01 23 45 67 89 poste 12", "+1 555 0100 ext. 7"],
            ["1234", "call me", "1" * 21, "0123456789 or so"],
        ),
        ("PostalCode", ["69001", "SW1A 1AA", "HR-10000", "D02 AF30"], ["-", "x" * 17]),
        ("Country", ["France", "FR", "the moon"], []),
        ("Name", ["X Æ A-12", "@", "1980-02-31"], []),
        ("PhysicalAddress", ["1 rue A"], []),
        ("OwnInvention", ["anything"], []),
    ],
)  # fmt: skip
def test_a_value_can_be_what_its_category_says_or_it_cannot(category: str, fit: list[str], wrong: list[str]) -> None:
    assert [value for value in fit if unfit(category, value)] == []
    assert [value for value in wrong if not unfit(category, value)] == []


@pytest.mark.parametrize(
    ("category", "standing", "value", "length", "said"),
    [
        ("BirthDate", "1980-02-01", "28/02/1980", 0, "unfit_day"), ("BirthDate", "01/02/1980", "28/02/1980", 0, ""),
        ("BirthDate", "1 février 1980", "31 février 1980", 0, ""), ("BirthDate", "1980-02-31", "1980-02-31", 0, ""),
        ("BirthDate", "", "1980-02-28", 0, ""), ("TelephoneNumber", "secret", "other", 0, ""),
        ("TelephoneNumber", "0123456789", "other", 0, "unfit_phone"),
        ("EmailAddress", "pas une adresse", "une autre", 0, "unfit_email"), ("EmailAddress", "a@b.test", "", 0, ""),
        ("Country", "FR", "France", 0, "unfit_country"), ("Country", "", "France", 2, "unfit_country"),
        ("Country", "FR", "DE", 2, ""), ("Country", "France", "Deutschland", 0, ""),
    ],
)  # fmt: skip
def test_what_stands_there_tells_how_it_is_written(
    category: str, standing: str, value: str, length: int, said: str
) -> None:
    assert unfit(category, value, (standing,), length) == said


@given(st.sampled_from(["EmailAddress", "BirthDate", "TelephoneNumber", "PostalCode", "Country"]), st.text(), st.text())
def test_whatever_is_typed_there_is_an_answer(category: str, value: str, standing: str) -> None:
    said = unfit(category, value, (standing,))
    assert said == "" or said.startswith("unfit_")
