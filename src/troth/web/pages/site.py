"""The frame around every page: languages, style, words; and the assets, named by their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from troth.publishing.words import say
from troth.web.pages.published import InForce, kept

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


def asset(request: HttpRequest, name: str) -> HttpResponse:
    """A style sheet. Its name tells its content, so it may be kept for ever."""
    if name not in assets():
        raise Http404
    content, kind = assets()[name]
    return HttpResponse(content, content_type=kind, headers={"Cache-Control": "public, max-age=31536000, immutable"})


def own(language: str) -> str:
    """The language of the site's own words."""
    return "fr" if language.startswith("fr") else "en"


def chosen(request: HttpRequest, in_force: InForce) -> str:
    """The language asked for by ``?lang=`` or by the browser, else the one that prevails."""
    asked = request.GET.get("lang", "")
    if asked in in_force.pages:
        return asked
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
    """A page in its frame."""
    words = {name: say(f"w_{name}", own(language)) for name in ("policy", "history", "skip", "languages", "draft")}
    context = {
        "language": language, "languages": list(in_force.pages), "publisher": in_force.policy.publisher,
        "style": asset_named("site"), "words": words, "draft": in_force.publication is None, **values,
    }  # fmt: skip
    return render(request, template, context, status=status)
