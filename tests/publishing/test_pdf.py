"""The page as PDF: everything is in it, nothing of it is mark-up, and it comes out the same every time."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from publishing.conftest import TODAY
from publishing.test_html import pages
from troth.core.policy.model import Policy
from troth.publishing import pdf as module
from troth.publishing.build import policy_page
from troth.publishing.logo import picture
from troth.publishing.model import Chapter, Foreign, Link, Page, Paragraph, Points, Table
from troth.publishing.pdf import pdf

pytest.importorskip("typst")
AT = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
LOGO = picture(b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><path d="M0 0h20v10z"/></svg>')


def page_of(*blocks: Paragraph | Table | Points, language: str = "en") -> Page:
    chapters = (Chapter("c", "A chapter", tuple(blocks)),)
    return Page(language, (language,), language, "The *title*", "2026-11-22", "P & Co", "", "", "", (), chapters)


def text_of(content: bytes, folder: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext (poppler-utils) reads PDF here")
    (folder / "a.pdf").write_bytes(content)
    made = subprocess.run(["pdftotext", folder / "a.pdf", "-"], capture_output=True, check=True).stdout.decode()
    return re.sub(r"-?\s+", " ", made.replace("\u00ad", ""))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_tagged_dated_and_says_its_language(policy: Policy, language: str) -> None:
    made = pdf(policy_page(policy, language, TODAY), AT, base="https://x.test", logo=LOGO, accent="#1e5b3a")
    assert made.startswith(b"%PDF-1.7")
    assert f"/Lang({language}".encode() in made.replace(b"/Lang (", b"/Lang(")
    assert b"/MarkInfo" in made
    assert b"pdfuaid:part>1<" in made.replace(b" ", b"")
    assert b"pdfaid:part>2<" in made.replace(b" ", b"")
    assert b"2026-11-22T09:30:15" in made
    assert b"/Outlines" in made


def test_the_same_page_gives_the_same_bytes_on_every_day_and_in_every_zone(policy: Policy) -> None:
    page = policy_page(policy, "fr", TODAY)
    first = pdf(page, AT, logo=LOGO)
    assert pdf(page, AT.astimezone(timezone(timedelta(hours=2))), logo=LOGO) == first
    assert pdf(page, AT + timedelta(days=1), logo=LOGO) != first


def test_every_heading_clause_and_cell_is_in_it(policy: Policy, tmp_path: Path) -> None:
    page = policy_page(policy, "fr", TODAY)
    text = text_of(pdf(page, AT), tmp_path)
    bare = re.sub(r"\W", "", text)
    for chapter in page.chapters:
        assert re.sub(r"\W", "", chapter.title) in bare
        for block in chapter.blocks:
            if isinstance(block, Paragraph) and len(block.text) == 1 and isinstance(block.text[0], str):
                assert re.sub(r"\W", "", block.text[0])[:60] in bare
    assert "Version du 22 novembre 2026" in text


MARKUP = [
    "#panic()",
    "*b* _i_ $x$",
    "= no heading",
    "<label> @ref",
    '#image("/etc/passwd")',
    "\\u{41}",
    "+ item",
    "`raw`",
]


@pytest.mark.parametrize("text", MARKUP)
def test_no_text_is_read_as_mark_up(text: str, tmp_path: Path) -> None:
    table = Table(text, (text, text), (((text,), (Link(text, "#c"), text)),), (text,))
    made = pdf(page_of(Paragraph((text,), text, text, "history", text), table, Points(((text,),))), AT)
    assert text_of(made, tmp_path).count(" ".join(text.split())) >= 8


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(pages)
def test_every_page_can_be_set(page: Page) -> None:
    assert pdf(page, AT).startswith(b"%PDF")


def test_links_lead_inside_elsewhere_or_to_the_site_and_never_run(tmp_path: Path) -> None:
    cell = (
        Link("a", "#c"), Link("b", "#nowhere"), Link("c", "/me"), Link("d", "javascript:x"), Link("e", "mailto:a@x.test"),
        Foreign("Behörde", "de"),
    )  # fmt: skip
    made = pdf(page_of(Paragraph(cell)), AT, base="https://p.test")
    assert b"https://p.test/me" in made
    assert b"mailto:a@x.test" in made
    assert b"javascript" not in made
    assert b"https://p.test/me" not in pdf(page_of(Paragraph(cell)), AT)


def test_a_translation_says_so_and_leads_to_the_original_of_its_version(policy: Policy, tmp_path: Path) -> None:
    made = pdf(policy_page(policy, "en", TODAY), AT, base="https://p.test")
    assert b"https://p.test/history/2026-11-22?lang=fr" in made
    assert "The French text prevails" in text_of(made, tmp_path)


def test_a_sign_that_the_fonts_lack_does_not_stop_it() -> None:
    assert pdf(page_of(Paragraph(("日本語 🦉",))), AT).startswith(b"%PDF")


def test_anchors_that_meet_twice_do_not_stop_it() -> None:
    twice = (Paragraph(("one",), "c"), Paragraph(("two",), "c"), Paragraph((Link("x", "#c"),)))
    assert pdf(page_of(*twice), AT).startswith(b"%PDF")


def test_a_language_with_a_script_has_no_region() -> None:
    assert pdf(replace(page_of(Paragraph(("x",))), language="sr-Latn"), AT).startswith(b"%PDF")


def test_whether_the_extra_is_there_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert module.available()
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert not module.available()
