"""Other companies' services, as invented as the rest: small sites on this machine that behave as the policy says of
them. They set their cookies and count their visitors as real ones would; they write nothing down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path

from troth.demo.earlier import FOLDER
from troth.demo.generate import Example
from troth.demo.pages import Answer, Asked
from troth.demo.place import Place

NAMES: Mapping[str, str] = {
    "stats.verdier.test": "stats.maison.localhost",
    "mesure.passerelle.test": "mesure.atelier.localhost",
    "www.lanterne.test": "www.lanterne.localhost",
    "www.plan-ouvert.test": "www.plan-ouvert.localhost",
    "tuiles.plan-ouvert.test": "tuiles.plan-ouvert.localhost",
    "boutons.social.test": "boutons.social.localhost",
}
"""What each host of the examples' pages is called here. Names below ``.localhost`` are this machine's (RFC 6761), and
to a browser each of the second level is another site."""
_PATTERNS = {"*.lanterne.test": "*.lanterne.localhost"}
_HALF_A_YEAR = 182 * 86400


def addresses(port: int) -> dict[str, str]:
    """What stands in the demo for the addresses of other companies in the pages."""
    return {f"https://{theirs}": f"http://{here}:{port}" for theirs, here in NAMES.items()}


def declare(homes: Mapping[Example, Path], sites: Mapping[Example, Place], port: int) -> None:
    """Write into the policies of the demo what their hosts are called here: what the policy declares is what loads."""
    for example, home in homes.items():
        for file in (home / "site.yaml", home / FOLDER / "site.yaml"):
            if file.is_file():
                text = file.read_text(encoding="utf-8")
                for theirs, here in {**NAMES, **_PATTERNS}.items():
                    for quote in ("", '"'):
                        text = text.replace(f"host: [{quote}{theirs}{quote}]", f'host: ["{here}:{port}"]')
                domain = {"maison": "verdier", "atelier": "passerelle"}[example]
                text = text.replace(f"url: https://www.{domain}.test/", f"url: {sites[example].address}/")
                file.write_text(text, encoding="utf-8")


def lookalikes(asked: Asked) -> Answer:
    """Answer one request to any of them."""
    host = asked.headers.get("host", "").partition(":")[0]
    for end, site in _SITES.items():
        if host.endswith(end):
            return site(asked)
    return Answer(status=404)


def _framed(title: str, picture: str, french: str, english: str, cookie: str = "") -> Answer:
    """A page that others may frame, in the way of such services."""
    page = _page().replace("{title}", escape(title)).replace("{picture}", picture)
    page = page.replace("{french}", escape(french)).replace("{english}", escape(english))
    headers = {
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
        "Cross-Origin-Opener-Policy": "unsafe-none",
    }
    return Answer(page, headers=headers | (_keeps(cookie) if cookie else {}))


def _keeps(cookie: str) -> dict[str, str]:
    # Over http a browser takes such a cookie of this machine only.
    return {"Set-Cookie": f"{cookie}=1; Max-Age={_HALF_A_YEAR}; Path=/; SameSite=None; Secure"}


@cache
def _page() -> str:
    return resources.files("troth.demo").joinpath("data", "lookalike.html").read_text("utf-8")


def _counter(asked: Asked) -> Answer:
    if asked.path == "/count.js":
        script = resources.files("troth.demo").joinpath("data", "count.js").read_text("utf-8")
        return Answer(script, "text/javascript; charset=utf-8")
    return Answer(status=204) if asked.path == "/count" else Answer(status=404)


_FILM = (
    '<rect width="640" height="300" fill="#3a2a20"/><circle cx="320" cy="150" r="52" fill="#e3b04b"/>'
    '<path d="M302 122v56l48-28z" fill="#3a2a20"/>'
)
_MAP = (
    '<rect width="640" height="300" fill="#e9efe2"/><path d="M0 210q160-40 320-10t320-30v130H0z" fill="#9cc3d8"/>'
    '<path d="M60 0v300M240 0v210M430 0v300M0 90h640" stroke="#fff" stroke-width="14"/>'
    '<circle cx="330" cy="150" r="14" fill="#7c2429"/>'
)


def _video(asked: Asked) -> Answer:
    if asked.path.endswith(".svg"):
        picture = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 300">{_FILM}</svg>'
        return Answer(picture, "image/svg+xml", headers=_keeps("lanterne_viewer"))
    return _framed(
        "Lanterne",
        _FILM,
        "Lanterne sait maintenant que vous êtes là.",
        "Lanterne now knows that you are here.",
        "lanterne_viewer",
    )


def _map(asked: Asked) -> Answer:
    return _framed(
        "Plan Ouvert", _MAP, "Plan Ouvert sait maintenant que vous êtes là.", "Plan Ouvert now knows that you are here."
    )


def _buttons(asked: Asked) -> Answer:
    return _framed(
        "Palabre · Grand Fil", "", "Partager sur Palabre ou Grand Fil", "Share on Palabre or Grand Fil", "social_share"
    )


_SITES: Mapping[str, Callable[[Asked], Answer]] = {
    "stats.maison.localhost": _counter, "mesure.atelier.localhost": _counter, ".lanterne.localhost": _video,
    ".plan-ouvert.localhost": _map, "boutons.social.localhost": _buttons,
}  # fmt: skip
