"""The frame around every page: languages, style, words; and the assets, named by their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from troth.publishing.words import AUTONYMS, say
from troth.web.accounts import preferences
from troth.web.pages.look import Asset
from troth.web.pages.published import InForce, kept
from troth.web.wording import Words

_FOR_EVER = "public, max-age=31536000, immutable"
_WEB = Path(__file__).parent.parent
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@cache
def assets() -> dict[str, tuple[bytes, str]]:
    """Content and kind by the name under which it is served: ``site.1f3a….css``. Each application may have a
    folder ``assets``; stems are unique among them all."""
    found = {}
    for path in sorted([*_WEB.glob("assets/*"), *_WEB.glob("*/assets/*")]):
        content = path.read_bytes()
        mark = hashlib.sha256(content).hexdigest()[:12]
        found[f"{path.stem}.{mark}{path.suffix}"] = (content, _KINDS[path.suffix])
    return found


@cache
def asset_named(stem: str) -> str:
    """The served name of an asset."""
    return next(name for name in assets() if name.startswith(f"{stem}."))


@cache
def asset_script(stem: str) -> str:
    """The served name of a script, where a style sheet has the same stem."""
    return next(name for name in assets() if name.startswith(f"{stem}.") and name.endswith(".js"))


def asset(request: HttpRequest, name: str) -> HttpResponse:
    """A style sheet, a script or a picture. Its name tells its content, so it may be kept for ever."""
    if name in assets():
        content, kind = assets()[name]
        return HttpResponse(content, content_type=kind, headers={"Cache-Control": _FOR_EVER})
    found = kept.get().dress.named(name)
    if found is None:
        raise Http404
    return _drawn(found, _FOR_EVER)


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """For whoever asks for the icon of the site without having read a page."""
    return _drawn(kept.get().dress.icon, "public, max-age=86400")


def _drawn(found: Asset, cache: str) -> HttpResponse:
    # Opened by itself, an SVG is a document: this one may do nothing.
    alone = {"Content-Security-Policy": "default-src 'none'; sandbox", "Cache-Control": cache}
    return HttpResponse(found.content, content_type=found.kind, headers=alone)


def own(language: str) -> str:
    """The language of the site's own words."""
    return "fr" if language.startswith("fr") else "en"


def chosen(request: HttpRequest, in_force: InForce) -> str:
    """The language asked for by ``?lang=``, chosen before, or of the browser; else the one that prevails."""
    asked = request.GET.get("lang", "")
    if asked not in in_force.pages:
        asked = preferences.read(request, in_force.pages).language
    return asked or of_browser(request, in_force)


def of_browser(request: HttpRequest, in_force: InForce) -> str:
    """The language that the browser asks for, of those that the policy has; else the one that prevails."""
    wanted = []
    for part in request.headers.get("Accept-Language", "").split(",")[:20]:
        name, _, quality = part.strip().partition(";q=")
        try:
            wanted.append((float(quality or 1), name.lower()))
        except ValueError:
            continue
    for quality, name in sorted(wanted, key=lambda w: -w[0]):
        for language in in_force.pages:
            if quality > 0 and (name == language.lower() or name.split("-")[0] == language.lower().split("-")[0]):
                return language
    return in_force.authoritative


def page(request: HttpRequest, template: str, status: int = 200, **values: Any) -> HttpResponse:
    """A page of the site's own, in the reader's language. It is about this reader, so nobody keeps it."""
    in_force = kept.get()
    response = shown(request, in_force, chosen(request, in_force), template, status, **values)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def shown(
    request: HttpRequest, in_force: InForce, language: str, template: str, status: int = 200, **values: Any
) -> HttpResponse:
    """A page in its frame. ``others`` says where it is in each language, if not at ``?lang=`` of the same address."""
    words = {name: say(f"w_{name}", own(language)) for name in ("policy", "history", "skip", "languages", "draft")}
    places = values.pop("others", None) or {name: f"{request.path}?lang={name}" for name in in_force.pages}
    context = {
        "language": language, "publisher": in_force.policy.publisher, "style": asset_named("site"), "words": words,
        "others": [(name, AUTONYMS.get(name, name.upper()), href) for name, href in places.items()],
        "dress": in_force.dress, "logo_text": in_force.look.text.get(language) or in_force.policy.publisher,
        "contact_link": Words("contact", language)["link"] if in_force.policy.document.contact else "",
        "proof_link": Words("pages", own(language))["proof_link"] if in_force.publication else "",
        "draft": in_force.publication is None, "chosen_style": asset_named("preferences"),
        **preferences.around(request, in_force, own(language)), **values,
    }  # fmt: skip
    response = render(request, template, context, status=status)
    response.in_frame = True
    response.headers["Content-Language"] = language
    return response


def policy_places(in_force: InForce) -> dict[str, str]:
    """Where the policy is in each language."""
    return {name: f"/{name}/" for name in in_force.pages}
