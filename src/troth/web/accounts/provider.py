"""The publisher's own OpenID Connect provider, where one is set up."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse


def name() -> str:
    """What the button says; empty where there is none."""
    return ""


def reachable(response: HttpResponse) -> HttpResponse:
    """Let the form of the login page lead to the provider."""
    return response


def begin(request: HttpRequest) -> HttpResponse:
    """Go there."""
    raise Http404


def back(request: HttpRequest) -> HttpResponse:
    """Come back from there."""
    raise Http404
