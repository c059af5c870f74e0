"""Settings of the publisher's OpenID Connect provider, from the environment (docs/reference/settings.md)."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

from troth.core.errors import UsageError
from troth.state.environment import secret

OWN = "own"
"""What the provider is called in addresses and tables."""
_LOCAL = {"localhost", "127.0.0.1", "::1"}


def provider() -> dict[str, Any]:
    """Django's settings for it; none where TROTH_OIDC_ISSUER is not set. Raises UsageError naming what is missing."""
    issuer = os.environ.get("TROTH_OIDC_ISSUER", "").rstrip("/")
    if not issuer:
        return {}
    split = urlsplit(issuer)
    if split.scheme != "https" and not (split.scheme == "http" and split.hostname in _LOCAL):
        raise UsageError("TROTH_OIDC_ISSUER does not begin with https://", remedy="write the address of the issuer")
    client, key = os.environ.get("TROTH_OIDC_CLIENT", ""), secret("TROTH_OIDC_SECRET")
    if not client or not key:
        raise UsageError(
            "TROTH_OIDC_ISSUER is set without TROTH_OIDC_CLIENT and TROTH_OIDC_SECRET",
            remedy="register this site at the provider and set both (or TROTH_OIDC_SECRET_FILE)",
        )
    own = {
        "provider_id": OWN, "name": os.environ.get("TROTH_OIDC_NAME") or split.hostname, "client_id": client,
        "secret": key, "settings": {"server_url": issuer, "scope": ["openid", "email"]},
    }  # fmt: skip
    return {
        "SOCIALACCOUNT_PROVIDERS": {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [own]}},
        "SOCIALACCOUNT_ADAPTER": "troth.web.accounts.provider_adapter.Adapter",
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_QUERY_EMAIL": False,
    }
