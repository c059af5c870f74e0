from __future__ import annotations

import pytest

from core.policy.files import codes, examined

HEAD = """format: 1
{include}policy: {{title: T, version: v1, languages: [en], authoritative: en}}
publisher: {{name: Publisher, country: FR, timezone: Europe/Paris}}
"""
ALONE = HEAD.format(include="")


def including(*paths: str) -> str:
    return HEAD.format(include=f"include: [{', '.join(paths)}]\n")


RECIPIENTS = "recipients:\n  host: {name: H, role: r, country: FR}\n"
MAILING = "recipients:\n  mailing: {name: M, role: r, country: DE}\n"


def test_entries_of_a_section_come_from_several_files() -> None:
    found = examined(including("a.yaml", "b.yaml"), files={"a.yaml": RECIPIENTS, "b.yaml": MAILING})
    assert found.problems == ()
    assert found.policy is not None
    assert list(found.policy.recipients) == ["host", "mailing"]


def test_the_digest_does_not_tell_how_a_policy_is_split() -> None:
    split = examined(including("a.yaml", "b.yaml"), files={"a.yaml": RECIPIENTS, "b.yaml": MAILING}).policy
    turned = examined(including("b.yaml", "a.yaml"), files={"a.yaml": RECIPIENTS, "b.yaml": MAILING}).policy
    whole = examined(ALONE + RECIPIENTS + MAILING.split("\n", 1)[1]).policy
    assert split is not None
    assert turned is not None
    assert whole is not None
    assert split.digest == whole.digest == turned.digest


def test_the_digest_changes_with_an_included_file() -> None:
    one = examined(including("a.yaml"), files={"a.yaml": RECIPIENTS}).policy
    other = examined(including("a.yaml"), files={"a.yaml": RECIPIENTS.replace("FR", "DE")}).policy
    assert one is not None
    assert other is not None
    assert one.digest != other.digest


def test_a_fault_is_told_with_the_file_in_which_it_stands() -> None:
    files = {"parts/a.yaml": "# first\n" + RECIPIENTS.replace("role", "roll")}
    found = examined(including("parts/a.yaml"), "shop/troth.yaml", files)
    assert {(p.code, p.file, p.line) for p in found.problems} == {
        ("unknown_key", "shop/parts/a.yaml", 3), ("missing_key", "shop/parts/a.yaml", 3),
    }  # fmt: skip
    assert found.problems[0].excerpt == "  host: {name: H, roll: r, country: FR}"


def test_the_same_entry_in_two_files_names_both_places() -> None:
    found = examined(including("a.yaml", "b.yaml"), files={"a.yaml": RECIPIENTS, "b.yaml": RECIPIENTS})
    assert [(p.code, p.file, p.line) for p in found.problems] == [("defined_twice", "b.yaml", 2)]
    assert "a.yaml:2" in found.problems[0].message


def test_one_key_of_a_section_in_two_files_is_twice_too() -> None:
    found = examined(including("a.yaml"), files={"a.yaml": "publisher: {name: Another}\n"})
    assert codes(found) == ["defined_twice"]


def test_included_files_count_from_their_own_folder() -> None:
    files = {"parts/all.yaml": "include: [more/a.yaml]\n", "parts/more/a.yaml": RECIPIENTS}
    assert examined(including("parts/all.yaml"), files=files).problems == ()


def test_an_included_file_cannot_lead_out_of_the_folder() -> None:
    files = {"parts/all.yaml": "include: [../../a.yaml]\n"}
    found = examined(including("parts/all.yaml"), files=files)
    assert [(p.code, p.file) for p in found.problems] == [("include_outside", "parts/all.yaml")]
    files = {"parts/all.yaml": "include: [../a.yaml]\n", "a.yaml": RECIPIENTS}
    assert examined(including("parts/all.yaml"), files=files).problems == ()


def test_a_circle_of_files_is_told_once() -> None:
    files = {"a.yaml": "include: [b.yaml]\n", "b.yaml": "include: [a.yaml]\n"}
    found = examined(including("a.yaml"), files=files)
    assert [(p.code, p.file) for p in found.problems] == [("include_cycle", "b.yaml")]


def test_a_hundred_files_are_enough() -> None:
    names = [f"f{i}.yaml" for i in range(120)]
    found = examined(including(*names), files={name: f"people: {{p{name[1:-5]}: {{title: T}}}}\n" for name in names})
    assert set(codes(found)) == {"include_too_many"}


@pytest.mark.slow
def test_many_files_may_not_be_larger_than_one() -> None:
    files = {f"{name}.yaml": "#" * 3_000_000 + "\n" + text for name, text in (("a", RECIPIENTS), ("b", MAILING))}
    assert codes(examined(including("a.yaml", "b.yaml"), files=files)) == ["include_too_many"]


@pytest.mark.parametrize("text", ["", "- 1\n", "a: [\n", "a: &x {b: *x}\n"])
def test_a_broken_file_does_not_hide_the_others(text: str) -> None:
    files = {"a.yaml": text, "b.yaml": RECIPIENTS.replace("FR", "UK")}
    found = examined(including("a.yaml", "b.yaml"), files=files)
    assert found.policy is None
    assert {p.file for p in found.problems} == {"a.yaml", "b.yaml"}
