"""What programs read: the policy as JSON-LD, well-known files, the site map, and whether the site is well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote, urljoin

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from troth.core.errors import TrothError
from troth.publishing.dpv import privacy_json
from troth.web.addresses import base_of, is_local
from troth.web.pages.published import kept, versions

_HOUR = {"Cache-Control": "public, max-age=3600"}


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The policy in the words of the Data Privacy Vocabulary, as it was published."""
    in_force = kept.get()
    if in_force.machine:
        return HttpResponse(in_force.machine, content_type="application/ld+json", headers=_HOUR)
    return JsonResponse(privacy_json(in_force.policy), content_type="application/ld+json", headers=_HOUR)


@require_safe
def gpc(request: HttpRequest) -> HttpResponse:
    """Whether the browser's signal is heeded (Global Privacy Control specification, GPC support resource)."""
    in_force = kept.get()
    consent = in_force.policy.document.consent
    heeded = consent is None or consent.global_privacy_control == "refuse"
    at = in_force.publication.published_at if in_force.publication else datetime.now(UTC)
    return JsonResponse({"gpc": heeded, "lastUpdate": at.date().isoformat()}, headers=_HOUR)


@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116); it runs out in half a year unless somebody still serves it."""
    in_force = kept.get()
    publisher = in_force.policy.document.publisher
    point = publisher.privacy_contact
    email = (point.email if point else None) or publisher.email
    if email is None:
        return HttpResponse(status=404)
    expires = (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    lines = [
        f"Contact: mailto:{email}", f"Expires: {expires}",
        f"Preferred-Languages: {', '.join(in_force.pages)}",
        f"Canonical: {base_of(request)}/.well-known/security.txt",
    ]  # fmt: skip
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8", headers=_HOUR)


@require_safe
def change_password(request: HttpRequest) -> HttpResponse:
    """Where a password is changed (W3C, *A well-known URL for changing passwords*): here for our accounts, else on
    the page where the publisher's own people log in."""
    document = kept.get().policy.document
    if document.accounts is not None:
        return _elsewhere("/account/password/change")
    for site in document.sites.values():
        if site.login_page is not None:
            return _elsewhere(urljoin(site.url, site.login_page))
    return HttpResponse(status=404)


def _elsewhere(address: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": address, "Cache-Control": "no-store"})


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Every page that stays."""
    in_force = kept.get()
    base = base_of(request)
    paths = ["/", *(f"/{language}/" for language in in_force.pages), "/history"]
    paths += [f"/history/{quote(one.version)}" for one in versions()]
    urls = "".join(f"<url><loc>{escape(base + path)}</loc></url>" for path in paths)
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>\n'
    return HttpResponse(xml, content_type="application/xml", headers=_HOUR)


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Everything public may be read by anybody."""
    text = f"User-agent: *\nAllow: /\nSitemap: {base_of(request)}/sitemap.xml\n"
    return HttpResponse(text, content_type="text/plain", headers=_HOUR)


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The policy and the state can be read. 503 where not, with the reason for whoever asks on this machine."""
    try:
        kept.get()
    except TrothError as error:
        why = error.message if is_local(request) else "not ready"  # it may name folders of this machine
        return HttpResponse(f"{why}\n", status=503, content_type="text/plain")
    return HttpResponse("ready\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
