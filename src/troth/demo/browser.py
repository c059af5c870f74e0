"""Somebody who visits the demo's sites with a browser that keeps cookies and runs no scripts."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape
from http.cookies import SimpleCookie
from urllib.parse import urlencode

from troth.demo.place import Place


@dataclass
class Browser:
    """Visits one site, by its name, without asking anybody where that name leads."""

    place: Place
    status: int = 0
    """Of the last answer; 0 where there was none."""
    page: str = ""
    location: str = ""
    """Where the last answer leads; empty when it leads nowhere."""
    _cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> int:
        """Open a page; its status."""
        return self._ask("GET", path, None, {})

    def post(self, path: str, fields: Mapping[str, str]) -> int:
        """Send a form of the page last opened, with the secret that it carries; the status of the answer."""
        secret = {"csrf": self.value("csrf")} if 'name="csrf"' in self.page else {}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.place.address}
        return self._ask("POST", path, urlencode({**secret, **fields}), headers)

    def value(self, name: str) -> str:
        """What a field of the page holds. Raises KeyError when it has no such field."""
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.page)
        if not found:
            raise KeyError(name)
        return unescape(found[1])

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.place.port, timeout=30)
        headers |= {"Host": f"{self.place.host}:{self.place.port}", "User-Agent": "Troth demo"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self.page = answer.read().decode("utf-8", "replace")
            self.status, self.location = answer.status, answer.headers.get("Location", "")
            for line in answer.headers.get_all("Set-Cookie", []):
                self._cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        except (OSError, http.client.HTTPException):
            self.status, self.page, self.location = 0, "", ""
        finally:
            connection.close()
        return self.status
