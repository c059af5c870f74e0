"""A company's site behind the middleware that a publisher would use: the browser enforces each visitor's choice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from troth.core.errors import TrothError
from troth.demo.company import text_of
from troth.demo.pages import HEADERS, Answer, Asked, Site
from troth.enforce.wsgi import Enforce

_SECONDS = 2.0
"""How long what Troth said is taken to be so."""
_PAGES = ("text/html",)


@dataclass
class Enforced:
    """``site``, with the policy that its Troth tells; without one, other hosts are not let in at all."""

    site: Site
    troth_host: str
    troth_port: int
    file: Path
    """Where its ``csp.json`` lies."""
    _enforce: Enforce | None = None
    _asked_at: float = -_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> Answer:
        """Answer one request."""
        answer = self.site(asked)
        if not answer.kind.startswith(_PAGES):
            return answer
        with self._lock:
            self._renew()
            enforce = self._enforce
        return answer if enforce is None else _through(enforce, asked, answer)

    def _renew(self) -> None:
        """Ask Troth for the rules, as a publisher's cron job would."""
        if time.monotonic() - self._asked_at < _SECONDS:
            return
        text = self._rules()
        if text and (not self.file.is_file() or self.file.read_text(encoding="utf-8") != text):
            self.file.write_text(text, encoding="utf-8")
        if self._enforce is None and self.file.is_file():
            try:
                self._enforce = Enforce(_application, self.file, HEADERS["Content-Security-Policy"])
            except TrothError:
                return
        self._asked_at = time.monotonic() if self._enforce else -_SECONDS

    def _rules(self) -> str:
        return text_of(self.troth_host, self.troth_port, "/consent/csp.json", patience=5)


def _application(environ: dict[str, Any], start: Callable[..., object]) -> Iterable[bytes]:
    """WSGI around an answer that is there already."""
    answer: Answer = environ["troth.answer"]
    headers = {**HEADERS, **answer.headers, "Content-Type": answer.kind}
    start(f"{answer.status} -", list(headers.items()))
    return [answer.body.encode() if isinstance(answer.body, str) else answer.body]


def _through(enforce: Enforce, asked: Asked, answer: Answer) -> Answer:
    made: dict[str, str] = {}
    environ = {
        "HTTP_COOKIE": asked.headers.get("cookie", ""), "HTTP_SEC_FETCH_DEST": asked.headers.get("sec-fetch-dest", ""),
        "troth.answer": answer,
    }  # fmt: skip

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
        made.update(headers)
        return lambda piece: None

    body = b"".join(enforce(environ, start))
    made.pop("Content-Type")
    return Answer(body, answer.kind, answer.status, made)
