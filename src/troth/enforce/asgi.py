"""For any ASGI application (ASGI 3.0)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from datetime import date
from pathlib import Path
from typing import Any

from troth.enforce.answer import Enforcement, utc_today
from troth.enforce.source import Source

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]


class Enforce:
    """``app = Enforce(app, "csp.json", base="default-src 'self'")``. Bodies pass by untouched, in whatever pieces."""

    def __init__(
        self, app: Application, rules: str | Path, base: str | None = None, today: Callable[[], date] = utc_today
    ) -> None:
        """As for WSGI. Raises UsageError when the rules or the base cannot be used."""
        self._app, self._enforcement = app, Enforcement(Source(rules), base, today)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one connection; what is not HTTP passes by."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        asked: dict[bytes, list[bytes]] = {}
        for name, value in scope["headers"]:
            asked.setdefault(name.lower(), []).append(value)
        cookies = b"; ".join(asked.get(b"cookie", [])).decode("latin-1")
        destination = b"".join(asked.get(b"sec-fetch-dest", [])).decode("latin-1")

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                before = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]]
                after = self._enforcement.headers(before, cookies, destination)
                message = {**message, "headers": [(n.lower().encode("latin-1"), v.encode("latin-1")) for n, v in after]}
            await send(message)

        await self._app(scope, receive, answer)
