"""The rules for web servers, and the place for reports."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from troth.core.consent.enforcing import rules_of
from troth.web.addresses import base_of
from troth.web.csp.reading import pages, read
from troth.web.csp.summing import Bucket, add
from troth.web.pages.published import kept

LARGEST = 64 * 1024
"""Bytes of a message; browsers send some hundred for each report."""
KINDS = ("application/csp-report", "application/reports+json", "application/json")
_CORS = {
    "Access-Control-Allow-Origin": "*", "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type", "Access-Control-Max-Age": "86400", "Cache-Control": "no-store",
}  # fmt: skip
_bucket = Bucket()


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """What a web server needs to enforce choices: ``troth.enforce`` reads it here."""
    text = rules_of(kept.get().policy, base_of(request)).to_json()
    return HttpResponse(text, content_type="application/json", headers={"Cache-Control": "public, max-age=300"})


@csrf_exempt  # browsers send reports by themselves; nothing of the sender is used
@require_http_methods(["POST", "OPTIONS"])
def report(request: HttpRequest) -> HttpResponse:
    """Take a report and keep its sum. The answer tells nothing about what became of it."""
    if request.method == "OPTIONS":  # the Reporting API asks first
        return HttpResponse(status=204, headers=_CORS)
    if request.content_type not in KINDS:
        return HttpResponse(status=415, headers=_CORS)
    if int(request.META.get("CONTENT_LENGTH") or LARGEST + 1) > LARGEST:
        return HttpResponse(status=413, headers=_CORS)
    if not _bucket.take():
        return HttpResponse(status=429, headers={**_CORS, "Retry-After": "60"})
    seen = read(request.body, pages(kept.get().policy.document, [base_of(request)]))
    if seen:
        add(seen, datetime.now(UTC).date())
    return HttpResponse(status=204, headers=_CORS)
