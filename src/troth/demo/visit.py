"""A visit to everything that the demo shows, as a browser without scripts would make it."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from troth.demo.account import NoAccount, open_account
from troth.demo.browser import Browser
from troth.demo.stage import PUBLISHERS, Stage
from troth.demo.tour import Tour

_FORM = "/contact?lang=fr"
WAIT = 16.0
"""Seconds that the contact form wants somebody without scripts to take, and a little more."""


def visit(stage: Stage, tour: Tour) -> None:
    """Ask every address for its first page; what does not answer is remembered as a failure."""
    tour.say("\n## The sites are up\n")
    paths = [(place, "/") for place in stage.places]
    paths += [(place, path) for place in stage.troths.values() for path in ("/history", "/.well-known/privacy.json")]
    for place, path in paths:
        status = Browser(place).get(path)
        tour.say(f"   {'●' if status == 200 else '▲'} {place.address}{path}")
        if status != 200:
            tour.failures.append(f"{place.address}{path} answers {status or 'nothing'}, not 200")


def open_accounts(stage: Stage, tour: Tour) -> dict[str, str]:
    """An account for Zoé with each publisher; its password by the publisher's name."""
    made = {}
    for one in PUBLISHERS:
        try:
            made[one.name] = open_account(stage.troths[one.example], stage.mailbox)
        except NoAccount as why:
            tour.failures.append(f"An account with {one.name}: {why}")
            tour.say(f"   ▲ no account with {one.name}: {why}")
        else:
            tour.say(f"   ● an account with {one.name}, opened by its sign-up page and the letter that came")
    return made


@dataclass(frozen=True)
class Letter:
    """A message to Maison Verdier that is being written. Without scripts the form lets nobody be too quick."""

    browser: Browser
    since: float
    token: str

    def fields(self) -> dict[str, str]:
        """What is filled in. Raises KeyError when the form is not as expected."""
        ticket = self.browser.value("troth.token")
        return {
            "email": "zoe@example.org", "message": f"Bonjour, ce mot n’est gardé nulle part : {self.token}",
            "troth.read": self.browser.value("troth.read"), "troth.token": ticket, "troth.answer": _answer(ticket),
        }  # fmt: skip


def begin_letter(stage: Stage) -> Letter:
    """Open the contact form."""
    browser = Browser(stage.troths["maison"])
    browser.get(_FORM)
    return Letter(browser, time.monotonic(), secrets.token_hex(12))


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
        status = letter.browser.post(_FORM, letter.fields())
    except KeyError as missing:
        return f"the form has no {missing.args[0]}"
    return "" if status == 200 else f"it was answered with {status or 'nothing'}, not 200"


def _found(letter: Letter, stage: Stage) -> str:
    view = Browser(stage.mail)
    messages = json.loads(view.page) if view.get("/messages.json") == 200 else []
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
