"""A program of the publisher, with a token, and what it may be told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from django.test import Client

ALL = ("requests:create", "requests:vouch", "requests:read", "may:ask", "webhooks:manage")
ANA = {"email": "ana@example.org"}


class Program:
    """Knocks at the API."""

    def __init__(self, *scopes: str, name: str = "shop") -> None:
        from troth.web.api import tokens

        self.token, self.secret = tokens.make(name, scopes or ALL, datetime.now(UTC))
        self.client = Client()

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {self.secret}", **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        given = {"Authorization": f"Bearer {self.secret}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.client.post(path, sent, content_type="application/json", headers=given)

    def delete(self, path: str) -> Any:
        return self.client.delete(path, headers={"Authorization": f"Bearer {self.secret}"})

    def ask(self, right: str = "access", **more: Any) -> str:
        """Enter a request for Ana; its name."""
        made = self.post("/api/requests", {"right": right, "identifiers": ANA, **more})
        assert made.status_code == 201, made.content
        return str(made.json()["request"])


def problem(answer: Any, status: int, name: str) -> Any:
    """It is this problem, told as RFC 9457 has it."""
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.content
    said = answer.json()
    assert (said["type"], said["status"]) == (f"/api/problems/{name}", status)
    return said
