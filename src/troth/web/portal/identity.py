"""Where a copy of an identity document is sent, by the secret link of a mail. It is encrypted piece by piece as it
comes in; what is no picture and no PDF is refused at its first bytes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from troth.desk import documents
from troth.desk.documents import LARGEST, Arriving, NotTaken
from troth.desk.house import House, house
from troth.desk.telling import spelt
from troth.web.bodies import turn
from troth.web.contact.origin import sender
from troth.web.pages.published import kept
from troth.web.pages.site import asset_named, chosen, own, page
from troth.web.wording import Words

_AROUND = 64 * 1024
"""Bytes of a form around its file."""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, secret: str) -> HttpResponse:
    """The form, and taking what it brings."""
    with house() as at:
        row = documents.expected(secret, datetime.now(UTC))
        if row is None:
            return _page(request, "identity_gone", 410)
        if request.method != "POST":
            return _form(request, at, row)
        if sender(request, ()) != "ours":
            return _page(request, "identity_gone", 403)
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length.isdecimal() or int(length) > LARGEST + _AROUND:
            return _form(request, at, row, "too_large", 413)
        with turn() as mine:
            if not mine:
                return _form(request, at, row, "busy", 503)
            return _taken(request, at, row)


def _taken(request: HttpRequest, at: House, row: Any) -> HttpResponse:
    receiving = _Receiving(at)
    request.upload_handlers = [receiving]
    try:
        _ = request.FILES
        arrived = receiving.arrived()
        documents.take(at, row, arrived, datetime.now(UTC))
    except NotTaken as refused:
        return _form(request, at, row, refused.why, 413 if refused.why == "too_large" else 400)
    except (MultiPartParserError, UnreadablePostError):
        return _form(request, at, row, "nothing", 400)
    finally:
        receiving.leave()
    return _page(request, "identity_sent", 200)


class _Receiving(FileUploadHandler):
    """Puts the first file of the form where it is encrypted; more than one is not looked at."""

    chunk_size = 64 * 1024

    def __init__(self, at: House) -> None:
        super().__init__()
        self._at, self._arriving, self._why = at, None, ""
        self._ended = False

    _arriving: Arriving | None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self._arriving is not None or self.field_name != "document":
            raise StopUpload(connection_reset=False)
        self._arriving = Arriving(self._at)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._arriving is None or self._why:
            return
        try:
            self._arriving.put(raw_data)
        except NotTaken as refused:
            self._why = refused.why

    def file_complete(self, file_size: int) -> None:
        self._ended = True

    def arrived(self) -> Arriving:
        """The document, whole. Raises NotTaken."""
        if self._why or self._arriving is None or not self._ended:
            raise NotTaken(self._why or "nothing")
        self._arriving.end()
        return self._arriving

    def leave(self) -> None:
        """What was not taken does not stay."""
        if self._arriving is not None:
            self._arriving.close()


def _form(request: HttpRequest, at: House, row: Any, why: str = "", status: int = 200) -> HttpResponse:
    language = own(chosen(request, kept.get()))
    words = Words("portal", language)
    until = words.say("document_until", day=spelt(at.policy, row.until, language))
    error = words["crowded" if why == "busy" else f"not_{why}"] if why else ""
    return _drawn(request, words, status, form=True, error=error, until=until, ref=row.file.ref)


def _page(request: HttpRequest, name: str, status: int) -> HttpResponse:
    words = Words("portal", own(chosen(request, kept.get())))
    return _drawn(request, words, status, said=words[name])


def _drawn(request: HttpRequest, words: Words, status: int, **values: Any) -> HttpResponse:
    values = {"title": words["identity_title"], "t": words, "account_style": asset_named("accounts"), **values}
    response = page(request, "portal/identity.html", status, **values)
    # With `no-referrer` browsers would send `Origin: null` with the form.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
