"""Zoé's account with each publisher, opened as she would do it: by the sign-up page and the letter that comes."""

from __future__ import annotations

import re
import secrets
import string
import time

from troth.demo.browser import Browser
from troth.demo.mailbox import Mailbox, Message
from troth.demo.place import Place

EMAIL = "zoe@example.org"
_DETAILS = {"field_first_name": "Zoé", "field_last_name": "Lenoir", "field_username": "zoe"}
_GROUPS, _LENGTH = 4, 5
_ALPHABET = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")
_PATIENCE = 20.0
"""Seconds that the letter may take."""


class NoAccount(Exception):
    """Why there is none."""


def new_password() -> str:
    """One that nobody has had before: more than 110 bits, in groups that can be typed."""
    while True:
        made = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_LENGTH)) for _ in range(_GROUPS))
        if any(c.isdigit() for c in made) and any(c.islower() for c in made) and any(c.isupper() for c in made):
            return made


def open_account(place: Place, mailbox: Mailbox) -> str:
    """Open it; its password. The letter is taken out of the mailbox. Raises NoAccount."""
    browser, password = Browser(place), new_password()
    if browser.get("/account/signup?lang=fr") != 200 or browser.post("/account/signup", {"email": EMAIL}) != 302:
        raise NoAccount(f"the sign-up page answered with {browser.status}")
    letter = _letter(place, mailbox)
    link = re.search(rf"{re.escape(place.address)}(/account/letter/\S+)", letter.text or "")
    if link is None:
        raise NoAccount("the letter has no link")
    mailbox.drop(letter.number)
    browser.get(link[1])
    if 'name="password"' not in browser.page:
        raise NoAccount(f"the letter leads to no form, but to {browser.status}")
    if browser.post(link[1], {"password": password, **_DETAILS}) != 302:
        raise NoAccount(f"her password and name were answered with {browser.status}")
    if browser.get("/account") != 200 or EMAIL not in browser.page:
        raise NoAccount("it was opened, but its page does not know her")
    return password


def _letter(place: Place, mailbox: Mailbox) -> Message:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        for message in mailbox.all():
            if EMAIL in message.recipients and place.address in (message.text or ""):
                return message
        time.sleep(0.05)
    raise NoAccount(f"no letter came within {_PATIENCE:.0f} seconds")
