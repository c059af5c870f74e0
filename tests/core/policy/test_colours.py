"""Colours in which links can be read, by the formula of WCAG 2.2."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.policy.files import examined
from databases import CHECKOUT
from troth.core.policy.colours import EASY, ENOUGH, PAPERS, Theme, contrast, readable, worst

colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")
themes = st.sampled_from(["light", "dark"])


def test_the_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#abc", "#aabbcc") == 1


@given(colours, themes)
def test_what_is_proposed_can_be_read_on_every_paper_of_the_theme(colour: str, theme: Theme) -> None:
    proposed = readable(colour, theme)
    assert worst(proposed, theme)[0] >= ENOUGH
    assert worst(readable(colour, theme, EASY), theme)[0] >= EASY
    assert readable(proposed, theme) == proposed


@given(colours, themes)
def test_a_colour_that_can_be_read_is_left_alone(colour: str, theme: Theme) -> None:
    assert (readable(colour, theme) == colour) == (worst(colour, theme)[0] >= ENOUGH)


def test_the_papers_are_those_of_the_style_sheet() -> None:
    css = (CHECKOUT / "src/troth/web/assets/site.css").read_text(encoding="utf-8")
    found = re.findall(r"--paper:(#\w{6});--card:(#\w{6})", css)
    assert found[:2] == [PAPERS["light"], PAPERS["dark"]]


def test_the_problem_names_the_nearest_readable_colour() -> None:
    found = examined(
        'format: 1\npolicy: {title: T, version: "1", languages: en, authoritative: en}\n'
        'publisher: {name: P, country: FR, timezone: Europe/Paris, look: {accent: "#ffcc00"}}\n'
    )
    (problem,) = found.problems
    assert (problem.line, problem.column) == (3, 74)
    assert problem.nearest == readable("#ffcc00", "light")
    assert problem.nearest in problem.message
    assert problem.nearest in problem.in_language("fr").message
    assert "1.4 on #f4f4ef" in problem.message
