"""Whether the reader has the page already (RFC 9110, section 13): HEAD is answered as GET is."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import get_conditional_response, set_response_etag


class Conditional(ConditionalGetMiddleware):
    """Django's own, which knows GET only. The tag is made of what a GET would send, before anything is compressed."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Add the tag, or answer that nothing has changed."""
        if request.method != "HEAD":
            return super().process_response(request, response)
        if self.needs_etag(response) and not response.has_header("ETag"):
            set_response_etag(response)
        tag = response.get("ETag")
        return get_conditional_response(request, etag=tag, response=response) if tag else response
