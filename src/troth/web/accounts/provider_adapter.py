"""How allauth speaks with the publisher's provider for us. Loaded only where one is set up."""

from __future__ import annotations

from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse  # type: ignore[import-untyped]
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter  # type: ignore[import-untyped]
from allauth.socialaccount.providers.openid_connect.views import (  # type: ignore[import-untyped]
    OpenIDConnectOAuth2Adapter,
)
from django.http import HttpRequest

from troth.web.accounts.provider import arrived, failed, nonce_fits

_CLAIMS = "provider_claims"


class Speaker(OpenIDConnectOAuth2Adapter):
    """Takes the provider's answer. What it says of the person is used at once and not kept."""

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """The answer, without what it says. Raises ImmediateHttpResponse when it was made for another login."""
        login = super().complete_login(request, app, token, **kwargs)
        said = login.account.extra_data
        named = said.get("id_token", {})
        if not nonce_fits(request, named):
            raise ImmediateHttpResponse(failed(request))
        claims = said.get("userinfo") or named
        if claims.get("sub") != named.get("sub"):  # OpenID Connect Core, 5.3.2
            raise ImmediateHttpResponse(failed(request))
        setattr(request, _CLAIMS, claims)
        login.account.extra_data = {}
        return login


class Adapter(DefaultSocialAccountAdapter):
    """What comes after is ours."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> NoReturn:
        """Log in as everywhere else."""
        raise ImmediateHttpResponse(arrived(request, sociallogin.account.uid, getattr(request, _CLAIMS)))

    def on_authentication_error(self, request: HttpRequest, *_: Any, **__: Any) -> NoReturn:
        """Say so, in our words."""
        raise ImmediateHttpResponse(failed(request))
