"""Signatures of what is sent to webhooks, by the scheme of Standard Webhooks 1.0.0 (symmetric, ``v1``)."""

from __future__ import annotations

import base64
import hmac
import secrets
from hashlib import sha256

PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """A secret of 256 bits, as receivers write it into their settings."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def headers(secret: str, identifier: str, at: int, body: bytes) -> dict[str, str]:
    """The three headers of one attempt. ``identifier`` stays the same at every attempt; ``at`` (seconds since 1970) is
    that of this one. Neither holds a full stop, which parts the signed text."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    mark = hmac.digest(key, f"{identifier}.{at}.".encode() + body, sha256)
    return {
        "webhook-id": identifier, "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{base64.b64encode(mark).decode()}",
    }  # fmt: skip
