"""The banners that are compared, each with the same six services, as its own README says to set it up."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from troth.core.consent.services import SiteService


@dataclass(frozen=True)
class Peer:
    """A banner: its npm package, the files that a page loads, and how to meet it.

    ``page`` gives what stands in the page's head: settings, and the elements that load it. ``banner`` and ``dialog``
    are JavaScript for the element of either layer; ``open`` is the JavaScript that a click on the button would run.
    """

    name: str
    package: str
    files: tuple[str, ...]
    page: Callable[[tuple[SiteService, ...], str], tuple[str, str]]
    banner: str
    open: str
    dialog: str


def first(selector: str) -> str:
    return f"document.querySelector({json.dumps(selector)})"


def _patterns(service: SiteService) -> list[str]:
    return [cookie.name.replace(".", r"\.").replace("*", ".*") for cookie in service.cookies]


def _said(service: SiteService) -> str:
    return service.description.get("en", "")


def _settings(name: str, value: object, after: str = "") -> str:
    return f"<script>{name}={json.dumps(value, ensure_ascii=False, separators=(',', ':'))};{after}</script>"


# --- each -----------------------------------------------------------------------------------------


def _orejime(services: tuple[SiteService, ...], at: str) -> tuple[str, str]:
    purposes = [
        {"id": s.name, "title": s.title["en"], "description": _said(s), "cookies": [f"/^{p}$/" for p in _patterns(s)]}
        for s in services
    ]
    settings = _settings("window.orejimeConfig", {"privacyPolicyUrl": "/privacy", "purposes": purposes})
    return settings, (
        f'<link rel="stylesheet" href="{at}/dist/orejime-standard.css">'
        f'<script src="{at}/dist/orejime-standard-en.js" defer></script>'
    )


def _vanilla(services: tuple[SiteService, ...], at: str) -> tuple[str, str]:
    categories: dict[str, object] = {"necessary": {"readOnly": True, "enabled": True}}
    sections: list[dict[str, object]] = [{"title": "Your choices", "description": "Everything is off until you agree."}]
    for s in services:
        cookies = [{"name": c.name} for c in s.cookies]
        categories[s.name] = {"services": {s.name: {"label": s.title["en"], "cookies": cookies}}}
        sections.append({"title": s.title["en"], "description": _said(s), "linkedCategory": s.name})
    buttons = {"acceptAllBtn": "Accept all", "acceptNecessaryBtn": "Refuse all"}
    english = {
        "consentModal": {
            "title": "Your choices", "description": "We would like to use six services.", **buttons,
            "showPreferencesBtn": "Choose",
        },
        "preferencesModal": {
            "title": "Your choices", **buttons, "savePreferencesBtn": "Save", "closeIconLabel": "Close",
            "sections": sections,
        },
    }  # fmt: skip
    language = {"default": "en", "translations": {"en": english}}
    settings = _settings(
        "const settings", {"categories": categories, "language": language, "hideFromBots": False},
        "addEventListener('DOMContentLoaded',()=>CookieConsent.run(settings))",
    )  # fmt: skip
    return settings, (
        f'<link rel="stylesheet" href="{at}/dist/cookieconsent.css">'
        f'<script src="{at}/dist/cookieconsent.umd.js" defer></script>'
    )


def _tarteaucitron(services: tuple[SiteService, ...], at: str) -> tuple[str, str]:
    kinds = {"audience": "analytic", "advertising": "ads", "video": "video", "chat": "support"}
    own = {
        s.name: {
            "key": s.name, "type": kinds.get(s.kind, "api"), "name": s.title["en"], "needConsent": True,
            "cookies": [c.name for c in s.cookies], "uri": s.policy_url or "/privacy",
        }
        for s in services
    }  # fmt: skip
    init = {
        "privacyUrl": "/privacy", "bodyPosition": "bottom", "orientation": "middle", "DenyAllCta": True,
        "AcceptAllCta": True, "highPrivacy": True, "showIcon": True, "mandatory": False, "removeCredit": True,
        "googleConsentMode": False, "bingConsentMode": False, "pianoConsentMode": False,
    }  # fmt: skip
    after = (
        f"addEventListener('DOMContentLoaded',()=>{{tarteaucitron.init({json.dumps(init)});"
        "for(const k in mine){tarteaucitron.services[k]=Object.assign({js(){}},mine[k]);"
        "(tarteaucitron.job=tarteaucitron.job||[]).push(k)}})"
    )
    return _settings("const mine", own, after), f'<script src="{at}/tarteaucitron.min.js" defer></script>'


def _klaro(services: tuple[SiteService, ...], at: str) -> tuple[str, str]:
    listed = [
        {
            "name": s.name, "title": s.title["en"], "description": _said(s), "purposes": [s.purpose],
            "cookies": [[f"^{p}$", "/"] for p in _patterns(s)],
        }
        for s in services
    ]  # fmt: skip
    purposes = {s.purpose: {"title": s.purpose} for s in services}
    told = {"zz": {"privacyPolicyUrl": "/privacy"}, "en": {"purposes": purposes}}
    config = {
        "version": 1, "lang": "en", "acceptAll": True, "hideDeclineAll": False, "translations": told,
        "services": listed,
    }  # fmt: skip
    return _settings("var klaroConfig", config), f'<script src="{at}/dist/klaro.js" defer></script>'


def _osano(services: tuple[SiteService, ...], at: str) -> tuple[str, str]:
    names = ", ".join(s.title["en"] for s in services)
    init = {
        "type": "opt-in", "position": "bottom",
        "palette": {"popup": {"background": "#ffffff", "text": "#222222"}, "button": {"background": "#0b5a6b"}},
        "content": {
            "message": f"We would like to use {names}.", "allow": "Accept all", "deny": "Refuse all",
            "href": "/privacy",
        },
    }  # fmt: skip
    after = "addEventListener('DOMContentLoaded',()=>cookieconsent.initialise(settings))"
    return _settings("const settings", init, after), (
        f'<link rel="stylesheet" href="{at}/build/cookieconsent.min.css">'
        f'<script src="{at}/build/cookieconsent.min.js" defer></script>'
    )


_TARTEAUCITRON = (
    "tarteaucitron.min.js", "css/tarteaucitron.min.css", "lang/tarteaucitron.en.min.js",
    "tarteaucitron.services.min.js",
)  # fmt: skip

PEERS = (
    Peer(
        "orejime", "orejime@3.2.1", ("dist/orejime-standard-en.js", "dist/orejime-standard.css"), _orejime,
        first(".orejime-Banner"), f"{first('.orejime-Banner-learnMoreButton')}.click()", first(".orejime-Modal"),
    ),
    Peer(
        "vanilla-cookieconsent", "vanilla-cookieconsent@3.1.0", ("dist/cookieconsent.umd.js", "dist/cookieconsent.css"),
        _vanilla, first("#cc-main .cm"), f"{first('#cc-main [data-role=show]')}.click()", first("#cc-main .pm"),
    ),
    Peer(
        "tarteaucitron", "tarteaucitronjs@1.34.0", _TARTEAUCITRON, _tarteaucitron, first("#tarteaucitronAlertBig"),
        "tarteaucitron.userInterface.openPanel()", first("#tarteaucitron"),
    ),
    Peer(
        "klaro", "klaro@0.7.22", ("dist/klaro.js",), _klaro, first(".klaro .cookie-notice"),
        f"{first('.klaro .cn-learn-more')}.click()", first(".klaro .cookie-modal"),
    ),
    Peer(
        "osano cookieconsent", "cookieconsent@3.1.1", ("build/cookieconsent.min.js", "build/cookieconsent.min.css"),
        _osano, first(".cc-window"), "", "",
    ),
)  # fmt: skip
"""In the order of the table; osano's has neither services nor a second layer."""
