"""The colours can be read: WCAG 2.2, 1.4.3, at least 4.5 to 1 for text, 3 to 1 for pictures."""

from __future__ import annotations

import re

import pytest

from troth.reports.style import STYLE


def tokens(dark: bool) -> dict[str, str]:
    """The colours as they hold in one theme."""
    found: dict[str, str] = {}
    screen = STYLE.rpartition("@media print")[0]
    for block in re.findall(r"(@media \(prefers-color-scheme:dark\)\{)?:root\{([^}]*)\}", screen):
        if dark or not block[0]:
            found |= dict(re.findall(r"--(\w+):(#[0-9a-f]{6})", block[1]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_wcag_does() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["ink", "soft", "accent", "warn", "act", "check", "good"])
def test_text_stands_out_from_paper_and_cards(name: str, dark: bool) -> None:
    colours = tokens(dark)
    assert contrast(colours[name], colours["paper"]) >= 4.5
    assert contrast(colours[name], colours["card"]) >= 4.5


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["fill", "over", "warn", "ink"])
def test_circles_and_bars_stand_out_from_paper(name: str, dark: bool) -> None:
    colours = tokens(dark)
    assert contrast(colours[name], colours["paper"]) >= 3
