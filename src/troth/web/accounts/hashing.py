"""Passwords are kept as Argon2id, a few at a time."""

from __future__ import annotations

import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

AT_ONCE = 2
"""Hashes computed at the same time in one process: together they take less than 40 MB."""

_gate = threading.BoundedSemaphore(AT_ONCE)


class Argon2id(Argon2PasswordHasher):
    """Argon2id (RFC 9106) with 19 MiB, 2 passes and 1 lane: the second choice of the OWASP Password Storage Cheat
    Sheet, as strong against guessing as its first (46 MiB, 1 pass). Django's own 100 MB would be half of what the
    whole site may take."""

    memory_cost = 19 * 1024
    """KiB."""
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """As Django; waits while others are being computed."""
        with _gate:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """As Django; waits while others are being computed."""
        with _gate:
            return super().verify(password, encoded)
