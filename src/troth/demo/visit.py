"""A visit to everything that the demo shows, as a browser without scripts would make it."""

from __future__ import annotations

import http.client
import json
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

from troth.demo.stage import Place, Stage
from troth.demo.tour import Tour

WAIT = 16.0
"""Seconds that the contact form wants somebody without scripts to take, and a little more."""


def visit(stage: Stage, tour: Tour) -> None:
    """Ask every address for its first page; what does not answer is remembered as a failure."""
    tour.say("\n## The sites are up\n")
    paths = [(place, "/") for place in stage.places]
    paths += [(place, path) for place in stage.troths.values() for path in ("/history", "/.well-known/privacy.json")]
    for place, path in paths:
        status, _ = _ask(place, path)
        tour.say(f"   {'●' if status == 200 else '▲'} {place.address}{path}")
        if status != 200:
            tour.failures.append(f"{place.address}{path} answers {status or 'nothing'}, not 200")


@dataclass(frozen=True)
class Letter:
    """A message to Maison Verdier that is being written. Without scripts the form lets nobody be too quick."""

    place: Place
    form: str
    since: float
    token: str

    def fields(self) -> dict[str, str]:
        """What is filled in. Raises KeyError when the form is not as expected."""
        return {
            "email": "zoe@example.org", "message": f"Bonjour, ce mot n’est gardé nulle part : {self.token}",
            "troth.read": self._value("troth.read"), "troth.token": self._value("troth.token"),
            "troth.answer": _answer(self._value("troth.token")),
        }  # fmt: skip

    def _value(self, name: str) -> str:
        found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', self.form)
        if not found:
            raise KeyError(name)
        return unescape(found[1])


def begin_letter(stage: Stage) -> Letter:
    """Open the contact form."""
    place = stage.troths["maison"]
    _, form = _ask(place, "/contact?lang=fr")
    return Letter(place, form, time.monotonic(), secrets.token_hex(12))


def send_letter(letter: Letter, stage: Stage, tour: Tour) -> None:
    """Send it; it has to be in the mail view, and in no file of the demo."""
    tour.say("\n## A message by the contact form\n")
    time.sleep(max(0.0, letter.since + WAIT - time.monotonic()))
    wrong = _sent(letter) or _found(letter, stage)
    if wrong:
        tour.failures.append(f"A message by the contact form: {wrong}")
        tour.say(f"   ▲ not as expected: {wrong}")
    else:
        tour.say(f"   ● It left by mail and is to be read at {stage.mail.address}; no file in {stage.folder} holds it.")


def _sent(letter: Letter) -> str:
    try:
        body = urlencode(letter.fields())
    except KeyError as missing:
        return f"the form has no {missing.args[0]}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": letter.place.address}
    status, _ = _ask(letter.place, "/contact?lang=fr", body, headers)
    return "" if status == 200 else f"it was answered with {status or 'nothing'}, not 200"


def _found(letter: Letter, stage: Stage) -> str:
    status, answer = _ask(stage.mail, "/messages.json")
    messages = json.loads(answer) if status == 200 else []
    if not any(letter.token in (message["text"] or "") for message in messages):
        return "it is not in the mail view"
    kept = [str(path.relative_to(stage.folder)) for path in files_with(letter.token.encode(), stage.folder)]
    return f"it was kept in {', '.join(kept)}" if kept else ""


def files_with(token: bytes, folder: Path) -> list[Path]:
    """The files below a folder that hold it."""
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and token in path.read_bytes()]


def _answer(ticket: str) -> str:
    """The answer to the form's question, which a person would read and know."""
    from troth.web.contact.questions import question

    return min(question(int(ticket.split(".")[2]), "fr").answers)


def _ask(place: Place, path: str, body: str | None = None, headers: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Status and text of an answer; 0 where there is none."""
    connection = http.client.HTTPConnection("127.0.0.1", place.port, timeout=30)
    try:
        sent = {"Host": f"{place.host}:{place.port}", **(headers or {})}
        connection.request("GET" if body is None else "POST", path, body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return 0, ""
    finally:
        connection.close()
