"""The policy as people read it: in force, as it was, and what has changed."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from troth.publishing.differences import differences
from troth.publishing.html import changes, fragment
from troth.publishing.model import Page
from troth.publishing.speaker import spelt_version
from troth.publishing.stored import from_json
from troth.publishing.words import say
from troth.web.addresses import base_of
from troth.web.pages.published import InForce, kept, publication, versions
from troth.web.pages.site import chosen, own, shown

_SHORT = "public, max-age=300"
_LONG = "public, max-age=86400"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The policy in the reader's language."""
    in_force = kept.get()
    response = _policy(request, in_force, chosen(request, in_force))
    response.headers["Vary"] = "Accept-Language"
    return response


@require_safe
def policy(request: HttpRequest, language: str) -> HttpResponse:
    """The policy in one language."""
    in_force = kept.get()
    if language not in in_force.pages:
        raise Http404
    return _policy(request, in_force, language)


def _policy(request: HttpRequest, in_force: InForce, language: str) -> HttpResponse:
    page = in_force.pages[language]
    response = shown(
        request, in_force, language, "policy.html", title=page.title, body=fragment(page), canonical=f"/{language}/"
    )
    response.headers["Cache-Control"] = _SHORT
    return response


@require_safe
def fragment_of(request: HttpRequest, language: str) -> HttpResponse:
    """The article alone, for the publisher's own pages; its paths lead back here."""
    in_force = kept.get()
    if language not in in_force.pages:
        raise Http404
    headers = {"Cache-Control": _SHORT, "Access-Control-Allow-Origin": "*"}
    return HttpResponse(fragment(in_force.pages[language], base=base_of(request)), headers=headers)


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Every version, each with what it changed."""
    in_force = kept.get()
    language = chosen(request, in_force)
    found = versions()
    rows = []
    for place, one in enumerate(found):
        before = found[place + 1].version if place + 1 < len(found) else ""
        rows.append({
            "version": one.version, "said": spelt_version(one.version, own(language)), "digest": one.policy,
            "published_at": one.published_at, "position": one.position, "before": before,
        })  # fmt: skip
    words = {name: say(f"v_{name}", own(language)) for name in ("title", "intro", "none", "read", "compare", "digest")}
    response = shown(request, in_force, language, "history.html", title=words["title"], rows=rows, v=words)
    response.headers["Cache-Control"] = _SHORT
    response.headers["Vary"] = "Accept-Language"
    return response


@require_safe
def past(request: HttpRequest, version: str) -> HttpResponse:
    """A version as it was."""
    in_force = kept.get()
    page, language = _of(request, in_force, version)
    note = "" if version == in_force.version else say("v_past", own(language))
    response = shown(
        request, in_force, language, "policy.html", title=page.title, body=fragment(page), past=note,
        canonical=f"/history/{version}",
    )  # fmt: skip
    response.headers["Cache-Control"] = _LONG
    response.headers["Vary"] = "Accept-Language"
    return response


@require_safe
def compare(request: HttpRequest, before: str, after: str) -> HttpResponse:
    """What changed from one version to another, word by word."""
    in_force = kept.get()
    new, language = _of(request, in_force, after)
    old, _ = _of(request, in_force, before, language)
    title = say("v_between", own(language), before=spelt_version(before, own(language)),
                after=spelt_version(after, own(language)))  # fmt: skip
    body = changes(differences(old, new), language)
    response = shown(request, in_force, language, "changes.html", title=title, body=body)
    response.headers["Cache-Control"] = _LONG
    response.headers["Vary"] = "Accept-Language"
    return response


def _of(request: HttpRequest, in_force: InForce, version: str, language: str | None = None) -> tuple[Page, str]:
    """A published version in the reader's language, or in the one that prevailed then."""
    found = publication(version)
    if found is None:
        raise Http404
    wanted = language or chosen(request, in_force)
    data = found.pages.get(wanted) or next(iter(found.pages.values()))
    page = from_json(data)
    return page, page.language


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing is there; what was asked for is not repeated."""
    in_force = kept.get()
    language = chosen(request, in_force)
    words = own(language)
    return shown(
        request, in_force, language, "message.html", 404, title=say("e_404", words), text=say("e_404_text", words)
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed; nobody's data is shown or kept."""
    return HttpResponse(f"{say('e_500', 'en')} / {say('e_500', 'fr')}", status=500, content_type="text/plain")
