"""An example's own site: the static pages of its folder ``site``, with the addresses that it has in the demo."""

from __future__ import annotations

import http.client
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from troth.demo.pages import Answer, Asked

KINDS = {
    ".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}  # fmt: skip

# Server-side includes, as Apache and nginx know them.
_INCLUDE = re.compile(r'<!--#include virtual="(/troth/[\w./-]+)" -->')
_ADDRESS = re.compile(r"https://[\w.-]+\.test\b")


@dataclass(frozen=True)
class Company:
    """The company's site. A page ``about.html`` answers at ``/about``."""

    folder: Path
    addresses: Mapping[str, str]
    """What stands in the demo for each address of the pages: ``https://www.verdier.test`` → ``http://…``."""
    troth_host: str
    troth_port: int
    """Where the example's Troth answers on this machine: its paths are included under ``/troth/``."""

    def __call__(self, asked: Asked) -> Answer:
        """Answer one request."""
        file = self._file(asked.path)
        if file is None or asked.method == "POST":
            return Answer(self._text(self.folder / "404.html"), status=404)
        if file.suffix == ".html":
            return Answer(self._text(file))
        return Answer(file.read_bytes(), KINDS[file.suffix])

    def _file(self, path: str) -> Path | None:
        """The file that a path names; None for all that is not one of the site's own."""
        name = path.strip("/") or "index"
        for wanted in (name, f"{name}.html", f"{name}/index.html"):
            file = (self.folder / wanted).resolve()
            if file.is_file() and file.suffix in KINDS and file.is_relative_to(self.folder.resolve()):
                return file
        return None

    def _text(self, file: Path) -> str:
        text = file.read_text(encoding="utf-8")
        text = _INCLUDE.sub(lambda found: self._included(found[1].removeprefix("/troth")), text)
        return _ADDRESS.sub(lambda found: self.addresses.get(found[0], found[0]), text)

    def _included(self, path: str) -> str:
        """What the example's Troth gives at ``path``; nothing when it does not answer: the page has a link beside."""
        return text_of(self.troth_host, self.troth_port, path, patience=10)


def text_of(host: str, port: int, path: str, *, patience: float) -> str:
    """What a site of this machine says at ``path``; nothing when it does not answer within ``patience`` seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=patience)
    try:
        connection.request("GET", path, headers={"Host": f"{host}:{port}"})
        answer = connection.getresponse()
        return answer.read().decode("utf-8") if answer.status == 200 else ""
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()
