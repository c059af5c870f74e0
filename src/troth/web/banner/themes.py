"""The colours of the banner as style sheets: the publisher's own, or those of the French State's design system."""

from __future__ import annotations

from troth.core.policy.colours import readable
from troth.publishing.look import Look
from troth.publishing.pdf import ACCENT

THEMES = ("plain", "state")
SCHEMES = ("auto", "light", "dark")
_NAMES = ("accent", "paper", "ink", "soft", "line")
_PAGE = {
    "light": {"paper": "#fdfdfb", "ink": "#1b1e21", "soft": "#4c545b", "line": "#8a8f94"},
    "dark": {"paper": "#15181b", "ink": "#e8e6e1", "soft": "#a9b0b7", "line": "#737a81"},
}
_STATE = {
    "light": {"accent": "#000091", "paper": "#fff", "ink": "#161616", "soft": "#3a3a3a", "line": "#929292"},
    "dark": {"accent": "#8585f6", "paper": "#1e1e1e", "ink": "#fff", "soft": "#cecece", "line": "#929292"},
}


def colours(look: Look, theme: str, scheme: str) -> str:
    """Variables of the style sheet; each may be set by the page as ``--troth-…``."""
    light, dark = (_sheet(_values(look, theme, one), one) for one in ("light", "dark"))
    shape = _shape(theme)
    if scheme == "auto":
        return f"{light}@media (prefers-color-scheme:dark){{{dark}}}{shape}"
    return (dark if scheme == "dark" else light) + shape


def _values(look: Look, theme: str, scheme: str) -> dict[str, str]:
    if theme == "state":
        return _STATE[scheme]
    accent = (look.accent_dark or look.accent or ACCENT) if scheme == "dark" else (look.accent or ACCENT)
    return {"accent": readable(accent, "dark" if scheme == "dark" else "light"), **_PAGE[scheme]}


def _sheet(values: dict[str, str], scheme: str) -> str:
    return _rule({"color-scheme": scheme, **{f"--{name}": f"var(--troth-{name},{values[name]})" for name in _NAMES}})


def _shape(theme: str) -> str:
    state = theme == "state"
    font = "var(--troth-font,Marianne,arial,sans-serif)" if state else "var(--troth-font,system-ui,sans-serif)"
    return _rule({"--round": f"var(--troth-round,{0 if state else '.4em'})", "--font": font})


def _rule(values: dict[str, str]) -> str:
    return ":host,body{" + ";".join(f"{name}:{value}" for name, value in values.items()) + "}"
