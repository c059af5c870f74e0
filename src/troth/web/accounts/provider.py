"""The publisher's own OpenID Connect provider, where TROTH_OIDC_ISSUER names one (OpenID Connect Core 1.0, code flow
with PKCE, RFC 7636). allauth speaks with it; here stands what comes of it: an account, and a login as any other."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from troth.web.accounts import limits
from troth.web.accounts.models import User, folded
from troth.web.accounts.settings import OWN
from troth.web.accounts.showing import language_of, onward, to, told, with_accounts
from troth.web.addresses import client_network

_NONCE = "nonce"
_NEXT = "next"


def name() -> str:
    """What the link says; empty where there is no provider."""
    found = getattr(settings, "SOCIALACCOUNT_PROVIDERS", {}).get("openid_connect")
    return str(found["APPS"][0]["name"]) if found else ""


@with_accounts
@require_safe
def begin(request: HttpRequest) -> HttpResponse:
    """Go there. Only from a page of ours: nobody is sent to log in without having asked for it."""
    if not name():
        raise Http404
    if request.user.is_authenticated:
        return HttpResponseRedirect(onward(request) or reverse("account"))
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return to(request, "login")
    if not limits.to_provider.take(client_network(request)):
        return failed(request, 429)
    request.session.flush()
    nonce = request.session[_NONCE] = secrets.token_urlsafe(24)
    request.session[_NEXT] = onward(request)
    return _sent(request, nonce)


def _sent(request: HttpRequest, nonce: str) -> HttpResponse:
    """Each time the provider is asked first how it wants to be spoken to."""
    from allauth.core.exceptions import ImmediateHttpResponse  # type: ignore[import-untyped]
    from allauth.socialaccount.adapter import get_adapter  # type: ignore[import-untyped]

    try:
        found = get_adapter(request).get_provider(request, OWN)
        answer: HttpResponse = found.redirect(request, "login", auth_params={"nonce": nonce})
    except ImmediateHttpResponse as answer:
        return answer.response
    except _unreachable():
        return failed(request)
    return answer


@with_accounts
@require_safe
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Come back from there."""
    if not name() or provider_id != OWN:
        raise Http404
    from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView  # type: ignore[import-untyped]

    from troth.web.accounts.provider_adapter import Speaker

    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(Speaker(request, OWN))(request)
    except (KeyError, ValueError):  # an answer that is none
        return failed(request)
    except _unreachable():
        return failed(request)
    return answer


def _unreachable() -> tuple[type[Exception], ...]:
    from requests import RequestException

    return (RequestException,)


def failed(request: HttpRequest, status: int = 502) -> HttpResponse:
    """Say so, and leave nothing behind."""
    request.session.flush()
    return told(request, "provider_failed", status, name=name())


def nonce_fits(request: HttpRequest, claims: Mapping[str, Any]) -> bool:
    """Whether the token was made for this very login."""
    expected = request.session.get(_NONCE, "")
    return bool(expected) and secrets.compare_digest(str(claims.get("nonce", "")), expected)


def arrived(request: HttpRequest, uid: str, claims: Mapping[str, Any]) -> HttpResponse:
    """Somebody whom the provider knows: their account, found by its own name for them, else by an address that it has
    confirmed, else a new one. A second factor that they have here is still asked for."""
    from troth.web.accounts.login import arrived as entered

    path = request.session.get(_NEXT, "")
    user = _person(request, uid, claims)
    if user is None:
        request.session.flush()
        return told(request, "provider_no_address", 403, name=name())
    request.session.flush()
    return entered(request, user, remembered=False, path=path)


def _person(request: HttpRequest, uid: str, claims: Mapping[str, Any]) -> User | None:
    from allauth.socialaccount.models import SocialAccount  # type: ignore[import-untyped]

    known = SocialAccount.objects.select_related("user").filter(provider=OWN, uid=uid).first()
    if known is not None:
        return known.user
    email = folded(str(claims.get("email") or ""))
    if not email or claims.get("email_verified") is not True:
        return None
    with transaction.atomic():
        user = User.objects.filter(email=email).first()
        if user is None:
            user = User(email=email, language=language_of(request))
            user.set_unusable_password()
            user.save()
        SocialAccount.objects.create(user=user, provider=OWN, uid=uid, extra_data={})
    return user
