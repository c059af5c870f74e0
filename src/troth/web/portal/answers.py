"""The page behind the link of an answer: what waits there, and fetching it. Looking takes nothing away: mail scanners
look at every link, only a person presses the button."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.bootstrap import open_records
from troth.core.evidence.leaf import Event, write_time
from troth.desk import packages
from troth.desk.hand import link_of
from troth.desk.models import Package
from troth.desk.packages import PackageGone
from troth.desk.telling import spelt
from troth.package.locale import size
from troth.web.contact.origin import sender
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, page
from troth.web.wording import Words

MOST = 20
"""How often one package may be fetched: a line that breaks off is no reason to ask again."""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, secret: str) -> HttpResponse | StreamingHttpResponse:
    """Show what waits, or hand it over."""
    language = chosen(request, kept.get())
    words = Words("portal", language)
    found = Package.objects.filter(link=link_of(secret), until__gt=datetime.now(UTC)).select_related("file").first()
    if found is None:
        return page(request, "portal/gone.html", 410, title=words["gone_title"], t=words)
    if request.method != "POST":
        return _shown(request, words, found, language)
    if sender(request, ()) != "ours":
        return page(request, "portal/gone.html", 403, title=words["stranger_title"], t=words)
    return handed(found)


def _shown(request: HttpRequest, words: Words, found: Any, language: str) -> HttpResponse:
    said = words.say("waits", size=size(found.size, language), until=spelt(kept.get().policy, found.until, language))
    response = page(
        request, "portal/answer.html", title=words["answer_title"], t=words, said=said, ref=found.file.ref,
        keep_safe=words["keep_safe_portability" if found.file.right == "portability" else "keep_safe"],
    )  # fmt: skip
    # With `no-referrer` browsers would send `Origin: null` with the form.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def handed(found: Any) -> StreamingHttpResponse:
    """Recorded first, then sent, piece by piece."""
    now = datetime.now(UTC)
    with transaction.atomic():
        row = Package.objects.select_for_update().filter(pk=found.pk).first()
        if row is None or len(row.fetched) >= MOST:
            raise Http404
        row.fetched = [*row.fetched, write_time(now)]
        row.save(update_fields=["fetched"])
    from django.conf import settings

    records = open_records(settings.STATE)
    try:
        records.note(Event("answer.fetched", now, {"request": found.file.ref}))
        pieces = packages.read(records.state.keys.vault, found.name)
        first = next(pieces, b"")
    except PackageGone:
        raise Http404 from None
    finally:
        records.state.close()
    response = StreamingHttpResponse(_pieces(first, pieces), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.file.ref}.zip"'
    response.headers["Content-Length"] = str(found.size)
    response.headers["Cache-Control"] = "no-store"
    return response


def _pieces(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
