"""Values on the page: escaped, cut, in the reader's language."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.policy.model import Collection, Flag
from troth.core.ports import Family
from troth.core.rights.access import Column, Role
from troth.core.tombstone import make
from troth.package.files import FileReference
from troth.package.html_cells import LONGEST, escape, local, said, show
from troth.package.html_meaning import decided
from troth.package.values import Plain


def shown(raw: object, value: Plain = None, family: Family = "text", language: str = "en") -> str:
    return show(raw, raw if value is None else value, family, language, "a.csv")  # type: ignore[arg-type]


class Text(HTMLParser):
    """The tags and the text of a piece of markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(alphabet="<>&\"'/=abc \n", max_size=40))
def test_no_text_becomes_markup(text: str) -> None:
    parsed = Text(f'<td data-label="{escape(text)}">{shown(text)}')
    assert parsed.tags == ["td"]
    assert parsed.text == text


def test_control_characters_are_shown_as_pictures() -> None:
    assert escape("a\x00b\x1b\x7f\ud800\r\nc") == "a␀b␛\ufffd\ufffd\nc"


@pytest.mark.parametrize(
    ("raw", "value", "family", "en", "fr"),
    [
        (None, None, "text", '<span class="none">empty</span>', '<span class="none">vide</span>'),
        (True, True, "boolean", "yes", "oui"),
        (12345, 12345, "integer", "12345", "12345"),
        (Decimal("12345.60"), "12345.60", "number", "12,345.60", "12\u202f345,60"),
        (date(2026, 5, 1), "2026-05-01", "date", '<time datetime="2026-05-01">1 May 2026</time>',
         '<time datetime="2026-05-01">1er mai 2026</time>'),
        ("2026-05-01", "2026-05-01", "text", "2026-05-01", "2026-05-01"),
        ("0000-00-00", "0000-00-00", "date", "0000-00-00", "0000-00-00"),
        (time(1, 2), "01:02:00", "time", "01:02:00", "01:02:00"),
        (["a", "<b>"], ["a", "<b>"], "array", "a, &lt;b&gt;", "a, &lt;b&gt;"),
        ([], [], "array", "", ""),
        (b"ab", {"base64": "YWI="}, "binary", "bytes: <code>YWI=</code>", "octets\u00a0: <code>YWI=</code>"),
    ],
)  # fmt: skip
def test_each_kind_is_shown(raw: object, value: Plain, family: Family, en: str, fr: str) -> None:
    assert show(raw, value, family, "en", "a.csv") == en
    assert show(raw, value, family, "fr", "a.csv") == fr


def test_a_long_value_is_cut_and_says_where_it_is_whole() -> None:
    assert "whole in a.csv" in shown("x" * (LONGEST + 1))
    assert "whole in" not in shown("x" * LONGEST)
    assert shown("x" * 10**6).count("x") == LONGEST


def test_a_long_list_is_cut_too() -> None:
    assert "whole in a.csv" in shown(list(range(51)))
    assert len(shown([["y" * 5000]])) < 2 * LONGEST


def test_a_value_that_was_erased_is_said_to_be() -> None:
    assert shown(make(lambda n: b"\x01" * n)) == '<span class="none">erased</span>'


def test_a_file_is_linked_within_the_package_only() -> None:
    link = shown(b"", FileReference({"file": 'files/a/1-é".png', "bytes": 1500, "sha256": ""}))
    assert link == '<a href="files/a/1-%C3%A9%22.png">File, 1.5\u202fKB</a>'


def test_a_persons_own_json_is_never_a_link() -> None:
    assert "<a " not in shown({"file": "javascript:alert(1)", "bytes": 1, "sha256": ""})


def test_a_text_in_another_language_is_marked() -> None:
    assert local({"fr": "Nom"}, "fr") == "Nom"
    assert local({"de": "<N>"}, "fr") == '<span lang="de">&lt;N&gt;</span>'


def test_braces_in_a_value_do_no_harm() -> None:
    assert "{0}{x}" in said("rights_lead", "en", publisher="{0}{x}")


@pytest.mark.parametrize(
    ("role", "raw", "words"),
    [
        ("flag", 1, "oui"), ("flag", 0, "non"), ("flag", True, "oui"), ("refusal", 0, "refusé"),
        ("refusal", False, "refusé"), ("refusal", 1, "pas refusé"), ("refusal", None, "pas refusé"), ("key", 1, ""),
    ],
)  # fmt: skip
def test_what_a_person_has_decided_is_told_in_words(role: Role, raw: object, words: str) -> None:
    flags = {"offers": (Flag("wants_offers", False),)}
    collection = Collection("shop", "customers", "customers", restricted=Flag("limited", True), refused=flags)
    column = Column("wants_offers", role, detail="offers")
    assert decided(collection, column, raw, "fr") == words
