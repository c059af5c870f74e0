"""The script, and the one thing that it asks the server for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from troth.web.banner.forgetting import LONGEST, expire
from troth.web.banner.serving import Served, shelf
from troth.web.banner.themes import SCHEMES, THEMES
from troth.web.contact.origin import sender
from troth.web.pages.published import kept
from troth.web.pages.site import of_browser

_FRESH = "public, max-age=300, stale-while-revalidate=3600"
_FOR_EVER = "public, max-age=31536000, immutable"
_ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


@require_safe
def banner(request: HttpRequest) -> HttpResponse:
    """The script in the language of ``?lang=``, else of the browser."""
    made, language = _made(request)
    response = _sent(request, made, _FRESH)
    response.headers["Content-Language"] = language
    response.headers["Content-Location"] = f"banner/{made.mark}.js{_query(request)}"
    if request.GET.get("lang") != language:
        patch_vary_headers(response, ["Accept-Language"])
    return response


@require_safe
def named(request: HttpRequest, mark: str) -> HttpResponse:
    """The script under the name of its content. After a change the name of old serves the script of now, for a
    moment only: a page that still has the old name goes on asking."""
    made, language = _made(request)
    response = _sent(request, made, _FOR_EVER if made.mark == mark else _FRESH)
    if request.GET.get("lang") != language:
        patch_vary_headers(response, ["Accept-Language"])
    return response


def _made(request: HttpRequest) -> tuple[Served, str]:
    in_force = kept.get()
    language = request.GET.get("lang", "")
    if language not in in_force.pages:
        language = of_browser(request, in_force)
    theme, scheme = request.GET.get("theme", ""), request.GET.get("scheme", "")
    theme = theme if theme in THEMES else THEMES[0]
    return shelf.get(in_force, language, theme, scheme if scheme in SCHEMES else SCHEMES[0]), language


def _query(request: HttpRequest) -> str:
    query = request.META.get("QUERY_STRING", "")
    return f"?{query}" if query else ""


def _sent(request: HttpRequest, made: Served, cache: str) -> HttpResponse:
    encoding = _encoding(request.headers.get("Accept-Encoding", ""))
    response = HttpResponse(made.forms[encoding], content_type="text/javascript; charset=utf-8", headers=_ANYWHERE)
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    response.headers["ETag"] = f'"{made.mark}-{encoding}"'
    response.headers["Cache-Control"] = cache
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _encoding(accepted: str) -> str:
    """The smallest form that the browser takes (RFC 9110, section 12.5.3)."""
    takes = set()
    for part in accepted.lower().split(",")[:20]:
        name, _, quality = part.partition(";")
        if quality.strip().replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000"):
            takes.add(name.strip())
    return next((name for name in ("br", "gzip") if name in takes), "identity")


@csrf_exempt  # it only takes cookies away, and only those of services that the sender refuses
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Take away cookies that no script can see, of services that were turned off."""
    in_force = kept.get()
    if sender(request, in_force.policy.document.sites.values()) not in ("ours", "publisher"):
        return HttpResponse(status=403)
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > LONGEST:
        return HttpResponse(status=413)
    names = request.read(LONGEST).decode("utf-8", "replace").split()
    response = HttpResponse(status=204, headers={"Cache-Control": "no-store"})
    expire(response, request, in_force.policy, names)
    return response
