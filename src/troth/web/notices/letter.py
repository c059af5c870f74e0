"""The mail about a new version, in the language of whoever gets it."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.crypto import salted_hmac

from troth.publishing.model import Page
from troth.publishing.speaker import spelt_version
from troth.publishing.stored import from_json
from troth.state.publications import Publication
from troth.state.state import open_state
from troth.web.addresses import site_address
from troth.web.mail.messages import compose
from troth.web.pages.published import kept
from troth.web.pages.site import own
from troth.web.wording import Words


class Letter:
    """About one publication, by its number."""

    def __init__(self, number: int) -> None:
        self.number = number

    @cached_property
    def _versions(self) -> tuple[Publication, str]:
        """The publication, and the version that it replaced."""
        with open_state(settings.STATE, check_last=False) as state:
            known = {one.number: one.version for one in state.publications.all()}
            found = state.publications.of(known[self.number])
        assert found is not None  # noqa: S101 - it was listed a moment ago
        return found, known[self.number - 1]

    @property
    def publication(self) -> Publication:
        """What it tells of."""
        return self._versions[0]

    def to(self, user: Any) -> EmailMessage:
        """The mail for one account holder. Its Message-ID is the same whenever it is made, so that a server or a
        reader that gets it twice can tell. Raises MailRefused."""
        page = self._page(user.language)
        language = user.language or page.language
        subject, paragraphs, why = self._said(page, Words("notices", language))
        address = self._address()
        button = (Words("notices", language)["button"], address) if address else None
        message = compose(user.email, subject, paragraphs, language=language, button=button, footer=[why])
        domain = str(message.extra_headers["Message-ID"]).rpartition("@")[2]
        mark = salted_hmac("troth.notices", f"{self.number}/{user.pk}", algorithm="sha256").hexdigest()[:32]
        message.extra_headers["Message-ID"] = f"<{mark}@{domain}"
        return message

    def _page(self, language: str) -> Page:
        pages = self.publication.pages
        first = from_json(next(iter(pages.values())))
        near = [name for name in pages if name.split("-")[0] == language.split("-")[0]]
        return from_json(pages[near[0] if near else first.authoritative])

    def _said(self, page: Page, words: Words) -> tuple[str, list[str], str]:
        version = spelt_version(page.version, own(page.language))
        intro = "intro" if _is_date(page.version) else "intro_named"
        paragraphs = [words.say(intro, publisher=page.publisher, version=version)]
        if page.changes:
            paragraphs.append(words.say("changes", changes=page.changes))
        paragraphs.append(words["compare"])
        return words["subject"], paragraphs, words["why"]

    def _address(self) -> str:
        """Where the two versions are compared; empty while nobody said under which address people reach the site."""
        base = site_address(kept.get().policy)
        return f"{base}/history/{self._versions[1]}/{self.publication.version}" if base else ""


def _is_date(version: str) -> bool:
    try:
        date.fromisoformat(version)
    except ValueError:
        return False
    return True
