"""What a form brings is read here, bounded, before anything else looks at it: whoever sends drop by drop keeps others
from sending forms, never from reading pages."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse, UnreadablePostError

from troth.publishing.words import say
from troth.web.pages.published import kept
from troth.web.pages.site import chosen, own, page

LARGEST = 256 * 1024
"""Bytes of a form: some four times the longest message, in the most wasteful encoding."""
AT_ONCE = 3
"""Bodies that are read at the same time in one process, which has four threads (serving.py)."""
_PATIENCE = 0.25
"""Seconds to wait for one's turn. Short, because whoever waits holds a thread as well."""
_WITHOUT = ("GET", "HEAD", "OPTIONS")
_ITS_OWN = ("/contact", "/contact/embed")
"""Pages that see to it themselves, with the text kept for its writer."""
_TAKES_FILES = "/identity/"
"""Where a file is sent to: it is encrypted as it comes in (portal/identity.py), within bounds of its own."""

_gate = threading.BoundedSemaphore(AT_ONCE)


@contextlib.contextmanager
def turn() -> Iterator[bool]:
    """Whether a body may be read now."""
    open_now = _gate.acquire(timeout=_PATIENCE)
    try:
        yield open_now
    finally:
        if open_now:
            _gate.release()


class Bodies:
    """Reads the body of every form, or refuses it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        length = request.META.get("CONTENT_LENGTH") or ""
        own = request.path in _ITS_OWN or request.path.startswith(_TAKES_FILES)
        if not length or request.method in _WITHOUT or own:
            return self._next(request)
        if not (length.isascii() and length.isdecimal()) or int(length) > LARGEST:
            return _refused(request, "too_large", 413)
        with turn() as mine:
            if not mine:
                return _refused(request, "crowded", 503)
            try:
                _ = request.body
            except UnreadablePostError:  # nobody is there any more to be answered
                return HttpResponse(status=400)
        return self._next(request)


def _refused(request: HttpRequest, name: str, status: int) -> HttpResponse:
    words = own(chosen(request, kept.get()))
    title, text = say(f"e_{name}", words), say(f"e_{name}_text", words)
    return page(request, "message.html", status, title=title, text=text)
