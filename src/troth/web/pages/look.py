"""The publisher's colours and logo as the site serves them: files named by their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html import escape

from troth.publishing.logo import Picture
from troth.publishing.look import Look
from troth.publishing.pdf import ACCENT

_SQUARE = (0.6, 1.7)
"""The ratios of width to height at which a logo can be an icon."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is served."""

    name: str
    content: bytes
    kind: str
    wide: float = 0
    high: float = 0


@dataclass(frozen=True, slots=True)
class Dress:
    """What the frame of a page shows; ``style`` and the logos are None where the policy asks for none."""

    style: Asset | None
    logo: Asset | None
    logo_dark: Asset | None
    icon: Asset
    with_name: bool

    def named(self, name: str) -> Asset | None:
        """The file of that name."""
        return next((a for a in (self.style, self.logo, self.logo_dark, self.icon) if a and a.name == name), None)


def dress_of(look: Look, publisher: str) -> Dress:
    """What a look comes to on the pages of this publisher."""
    logo = _picture("logo", look.logo) if look.logo else None
    return Dress(
        _asset("look", "css", look.style, "text/css; charset=utf-8") if look.style else None,
        logo,
        _picture("logo-dark", look.logo_dark) if look.logo_dark else None,
        _icon(look, publisher, logo),
        look.with_name or logo is None,
    )


def _icon(look: Look, publisher: str, logo: Asset | None) -> Asset:
    """The logo where it is about as wide as high; else the publisher's first letter on its colour."""
    if logo is not None and _SQUARE[0] <= logo.wide / logo.high <= _SQUARE[1]:
        return logo
    letter = escape(publisher.strip()[:1].upper())
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="6" fill="{look.accent or ACCENT}"/>'
        f'<text x="16" y="23" font-family="sans-serif" font-size="20" font-weight="700" text-anchor="middle"'
        f' fill="#fff">{letter}</text></svg>'
    )
    return _asset("icon", "svg", drawing.encode(), "image/svg+xml")


def _picture(stem: str, picture: Picture) -> Asset:
    """With its size at the height of the page's head."""
    made = _asset(stem, picture.suffix, picture.content, picture.kind)
    return Asset(made.name, made.content, made.kind, round(40 * picture.wide / picture.high), 40)


def _asset(stem: str, suffix: str, content: bytes, kind: str) -> Asset:
    return Asset(f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}", content, kind)
