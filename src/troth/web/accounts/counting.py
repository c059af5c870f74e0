"""Codes that an application counts from the time (TOTP, RFC 6238)."""

from __future__ import annotations

import base64
import hmac
import secrets
import struct
import time

STEP = 30
"""Seconds for which a code is shown."""


def new_secret() -> str:
    """For an application: 160 bits, as RFC 4226 recommends."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_of(secret: str, code: str) -> int | None:
    """The step whose code this is, near the present one."""
    now = int(time.time()) // STEP
    typed = code.encode()
    near = (step for step in (now, now - 1, now + 1) if hmac.compare_digest(code_of(secret, step).encode(), typed))
    return next(near, None)


def code_of(secret: str, step: int) -> str:
    """The six digits of a step (RFC 4226, 5.3; HMAC-SHA-1, which every application knows)."""
    mark = hmac.digest(base64.b32decode(secret), struct.pack(">Q", step), "sha1")
    start = mark[-1] & 15
    number = int.from_bytes(mark[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06}"
