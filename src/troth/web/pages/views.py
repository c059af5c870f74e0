"""The policy as people read it: in force, as it was, and what has changed."""

from __future__ import annotations

import re
from urllib.parse import quote

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from troth.publishing.changes import changes
from troth.publishing.differences import differences
from troth.publishing.html import fragment
from troth.publishing.model import Page
from troth.publishing.speaker import spelt_version
from troth.publishing.stored import from_json
from troth.publishing.typography import typeset
from troth.publishing.words import AUTONYMS, say
from troth.web.addresses import base_of
from troth.web.pages.choices import choices_of
from troth.web.pages.published import InForce, kept, paper, papers, publication, versions
from troth.web.pages.site import chosen, own, policy_places, shown

_SHORT = "public, max-age=300"
_LONG = "public, max-age=86400"


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The policy in the reader's language."""
    in_force = kept.get()
    response = _policy(request, in_force, chosen(request, in_force))
    patch_vary_headers(response, ["Accept-Language"])
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
    places, base = policy_places(in_force), base_of(request)
    pdf = f"/policy.{language}.pdf" if language in in_force.papers else ""
    response = shown(
        request, in_force, language, "policy.html", title=page.title, body=in_force.article(language), paper=pdf,
        paper_word=say("w_pdf", own(language)), others=places, canonical=f"{base}/{language}/",
        alternates=[(name, f"{base}{path}") for name, path in places.items()], about=_about(page),
        choices=choices_of(in_force.policy, own(language)),
    )  # fmt: skip
    response.headers["Cache-Control"] = _SHORT
    return response


def _about(page: Page) -> str:
    version = say("version", own(page.language), version=spelt_version(page.version, own(page.language)))
    return f"{page.title} · {page.publisher} · {version}"


@require_safe
def pdf(request: HttpRequest, language: str) -> HttpResponse:
    """The version in force as PDF."""
    in_force = kept.get()
    if in_force.publication is None or language not in in_force.papers:
        raise Http404
    return _paper(in_force.publication.number, in_force.version, language, _SHORT)


@require_safe
def past_pdf(request: HttpRequest, version: str, language: str) -> HttpResponse:
    """A version as PDF."""
    found = publication(version)
    if found is None:
        raise Http404
    return _paper(found.number, version, language, _LONG)


def _paper(number: int, version: str, language: str, cache: str) -> HttpResponse:
    found = paper(number, language)
    if found is None:
        raise Http404
    name = re.sub(r"[^\w.-]+", "-", version, flags=re.ASCII)
    return HttpResponse(found.content, content_type=found.kind, headers={
        "Cache-Control": cache, "Content-Language": language,
        "Content-Disposition": f'inline; filename="policy-{name}.{language}.pdf"',
    })  # fmt: skip


@require_safe
def fragment_of(request: HttpRequest, language: str) -> HttpResponse:
    """The article alone, for the publisher's own pages; its paths lead back here."""
    in_force = kept.get()
    if language not in in_force.pages:
        raise Http404
    headers = {"Cache-Control": _SHORT, "Access-Control-Allow-Origin": "*", "Content-Language": language}
    return HttpResponse(fragment(in_force.pages[language], base=base_of(request)), headers=headers)


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Every version, each with what it changed."""
    in_force = kept.get()
    language = chosen(request, in_force)
    found, printed = versions(), papers()
    rows = []
    for place, one in enumerate(found):
        before = found[place + 1].version if place + 1 < len(found) else ""
        rows.append({
            "version": one.version, "said": spelt_version(one.version, own(language)), "digest": one.policy,
            "published_at": one.published_at, "position": one.position, "before": before,
            "papers": [(name, AUTONYMS.get(name, name)) for name in printed.get(one.number, [])],
        })  # fmt: skip
    words = {name: say(f"v_{name}", own(language)) for name in ("title", "intro", "none", "read", "compare", "digest")}
    response = shown(request, in_force, language, "history.html", title=words["title"], rows=rows, v=words)
    response.headers["Cache-Control"] = _SHORT
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def past(request: HttpRequest, version: str) -> HttpResponse:
    """A version as it was."""
    in_force = kept.get()
    page, language, number = _of(request, in_force, version)
    note = "" if version == in_force.version else say("v_past", own(language))
    response = shown(
        request, in_force, language, "policy.html", title=page.title, past=note,
        body=fragment(page, original=f"/history/{quote(version)}?lang={page.authoritative}"),
        about=_about(page), canonical=f"{base_of(request)}/history/{quote(version)}",
        paper_word=say("w_pdf", own(language)),
        paper=f"/history/{quote(version)}/{language}.pdf" if language in papers().get(number, ()) else "",
    )  # fmt: skip
    response.headers["Cache-Control"] = _LONG
    patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def compare(request: HttpRequest, before: str, after: str) -> HttpResponse:
    """What changed from one version to another, word by word."""
    in_force = kept.get()
    new, language, _ = _of(request, in_force, after)
    old, _, _ = _of(request, in_force, before, language)
    title = say("v_between", own(language), before=spelt_version(before, own(language)),
                after=spelt_version(after, own(language)))  # fmt: skip
    body = changes(differences(old, new), language)
    note = typeset(say("changes", own(language), text=new.changes), language) if new.changes else ""
    response = shown(request, in_force, language, "changes.html", title=typeset(title, language), body=body, note=note)
    response.headers["Cache-Control"] = _LONG
    patch_vary_headers(response, ["Accept-Language"])
    return response


def _of(request: HttpRequest, in_force: InForce, version: str, language: str | None = None) -> tuple[Page, str, int]:
    """A published version in the reader's language, or in the one that prevailed then; its language and number."""
    found = publication(version)
    if found is None:
        raise Http404
    wanted = language or chosen(request, in_force)
    data = found.pages.get(wanted) or next(iter(found.pages.values()))
    page = from_json(data)
    return page, page.language, found.number


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Nothing is there; what was asked for is not repeated. With a slash too many, on to what was meant."""
    meant = _without_slash(request)
    if meant:
        return HttpResponseRedirect(meant)
    in_force = kept.get()
    language = chosen(request, in_force)
    words = own(language)
    return shown(
        request, in_force, language, "message.html", 404, title=say("e_404", words), text=say("e_404_text", words),
        others=policy_places(in_force),
    )  # fmt: skip


def _without_slash(request: HttpRequest) -> str:
    """The address without its last slash, where there is a page; empty where there is none."""
    path = request.path_info
    if request.method not in ("GET", "HEAD") or not path.endswith("/") or "//" in path or path == "/":
        return ""
    try:
        resolve(path[:-1])
    except Resolver404:
        return ""
    query = request.META.get("QUERY_STRING", "")
    return quote(path[:-1]) + (f"?{query}" if query else "")


def broken(request: HttpRequest) -> HttpResponse:
    """Something failed; nobody's data is shown or kept."""
    said = f"{say('e_500', 'en')} / {say('e_500', 'fr')}"
    return HttpResponse(said, status=500, content_type="text/plain; charset=utf-8")
