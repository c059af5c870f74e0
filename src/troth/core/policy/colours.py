"""Whether a colour can be read on the site's paper (WCAG 2.2, success criterion 1.4.3), and the nearest that can."""

from __future__ import annotations

import colorsys
from collections.abc import Iterator
from typing import Literal

from troth.core.policy.document import PolicyDocument
from troth.core.policy.problems import Problem, problem
from troth.core.policy.tree import MapNode, locate

Theme = Literal["light", "dark"]

PAPERS: dict[Theme, tuple[str, ...]] = {"light": ("#fdfdfb", "#f4f4ef"), "dark": ("#15181b", "#1e2226")}
"""What text stands on in each theme: the paper, and the cards on it. ``web/assets/site.css`` has the same."""

ENOUGH = 4.5
"""The contrast that text of usual size needs (level AA)."""

EASY = 7.0
"""The contrast at which it is read with ease (level AAA, 1.4.6)."""

_STEPS = 512


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, between 1 and 21."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def worst(colour: str, theme: Theme) -> tuple[float, str]:
    """The lowest contrast that the colour has in a theme, and the paper on which."""
    return min((contrast(colour, paper), paper) for paper in PAPERS[theme])


def readable(colour: str, theme: Theme, enough: float = ENOUGH) -> str:
    """The colour itself where it can be read; else the nearest of the same hue and saturation that can be."""
    if worst(colour, theme)[0] >= enough:
        return colour
    hue, light, full = colorsys.rgb_to_hls(*_parts(colour))
    goal = 0.0 if theme == "light" else 1.0
    for step in range(1, _STEPS):
        made = _written(colorsys.hls_to_rgb(hue, light + (goal - light) * step / _STEPS, full))
        if worst(made, theme)[0] >= enough:
            return made
    return _written((goal, goal, goal))


def colour_problems(document: PolicyDocument, tree: MapNode) -> Iterator[Problem]:
    """Accents in which links could not be read."""
    look = document.publisher.look
    if look is None:
        return
    chosen: tuple[tuple[str, str | None, Theme], ...] = (
        ("accent", look.accent, "light"), ("accent_dark", look.accent_dark, "dark"),
    )  # fmt: skip
    for key, colour, theme in chosen:
        if colour is None:
            continue
        found, paper = worst(colour, theme)
        if found < ENOUGH:
            near = readable(colour, theme)
            yield problem(
                f"colour_unreadable_{theme}", locate(tree, ("publisher", "look", key)),
                value=colour, paper=paper, ratio=f"{found:.1f}", near=near, nearest=near,
            )  # fmt: skip


def _parts(colour: str) -> tuple[float, float, float]:
    digits = colour[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    return red, green, blue


def _written(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _luminance(colour: str) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in _parts(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
