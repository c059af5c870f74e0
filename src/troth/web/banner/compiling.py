"""The script for one language: the artefact of ``banner/``, with this policy's services and words put in.

The artefact holds ``TROTH`` once, where the data goes, and every word of the interface as ``"@name"``. Texts of the
policy become JSON and nothing else, and the script makes text of them, never markup.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from troth.core.consent.choice import keeping, mark
from troth.core.consent.services import SiteCookie, SiteService, asked, site_services
from troth.core.policy.model import Policy
from troth.core.policy.sections.site import Consent
from troth.core.policy.values import parse_duration
from troth.core.rights.information_words import spoken
from troth.package import labels
from troth.publishing.look import Look
from troth.publishing.typography import typeset
from troth.web.banner.sparing import open_hosts, spared
from troth.web.banner.themes import colours
from troth.web.pages.site import own
from troth.web.wording import Words

STORAGES = ("cookie", "local_storage", "session_storage", "indexed_db")
HTTP_ONLY = len(STORAGES)
EMBEDDED = ("video", "audio", "map", "social", "badge", "reviews", "forms", "chat", "payment", "other")
"""Kinds of services that show something in the page: a box stands in its place until then."""
_PLACES = {"bottom_right": "right", "bottom_left": "left", "footer": "end", "none": ""}
_WORD = re.compile(r'"@([a-z_]+)"')
_DATA = "TROTH"


@cache
def artefact() -> str:
    """The script as ``make banner`` has made it."""
    return (files("troth.web.banner") / "script" / "banner.min.js").read_text(encoding="utf-8")


def script(policy: Policy, look: Look, language: str, theme: str, scheme: str) -> str:
    """The whole script for readers of a language."""
    words = Words("banner", own(language))
    said = _WORD.sub(lambda found: _json(words.say(found[1], what="{}")), artefact())
    before, _, after = said.partition(_DATA)
    return before + _json(_Writer(policy, language, words).data(colours(look, theme, scheme))) + after


def _json(value: Any) -> str:
    # Whoever writes the script into a page must not end that page's element with it.
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


class _Writer:
    """One policy in one language."""

    def __init__(self, policy: Policy, language: str, words: Words) -> None:
        self._policy, self._language, self._words = policy, language, words
        self._consent = policy.document.consent or Consent()

    def data(self, style: str) -> list[object]:
        """In the order of ``banner/src/data.js``."""
        kept, consent = keeping(self._policy), self._consent
        return [
            mark(self._policy), kept.name, kept.domain or "", kept.days,
            int(consent.global_privacy_control == "refuse"), int(consent.when_all_off == "ask_on_next_page"),
            _PLACES[consent.button], self._language, style,
            self._text(consent.title) or self._words["title"],
            self._text(consent.text) or self._words.say("intro", publisher=self._policy.publisher),
            f"{self._text(consent.refusal_consequences) or self._words['consequences']} {self._words['later']}",
            [[pattern, STORAGES.index(storage)] for pattern, storage in spared(self._policy)],
            open_hosts(self._policy),
            [service.name for service in site_services(self._policy) if service.active and service.exempt],
            self._purposes(),
        ]  # fmt: skip

    def _purposes(self) -> list[object]:
        groups: dict[str, list[object]] = {}
        for service in asked(self._policy):
            groups.setdefault(service.purpose, []).append(self._service(service))
        titles = self._policy.purposes
        return [
            [self._text(titles[name].title) if name in titles else name, *services] for name, services in groups.items()
        ]

    def _service(self, service: SiteService) -> list[object]:
        title = self._text(service.title) or service.name
        return [
            service.name, title, self._text(service.description), self._facts(service), service.policy_url or "",
            self._box(service, title), [host.partition(":")[0] for host in service.hosts],
            [self._kept(cookie) for cookie in service.cookies],
            sorted(service.consent_mode),
        ]  # fmt: skip

    def _facts(self, service: SiteService) -> str:
        country = labels.country(service.country, own(self._language)) if service.country else ""
        things = ", ".join(f"{cookie.name} ({self._lifetime(cookie.lifetime)})" for cookie in service.cookies)
        keeps = self._words.say("keeps", things=things) if things else self._words["keeps_nothing"]
        return " · ".join(part for part in (service.company, country, keeps) if part)

    def _box(self, service: SiteService, title: str) -> str:
        if service.kind not in EMBEDDED:
            return ""
        said = self._text(service.placeholder)
        if said:
            return said
        if service.company is None:
            return self._words.say("box_unsaid", what=title)
        return self._words.say("box", what=title, company=service.company)

    def _lifetime(self, lifetime: str) -> str:
        try:
            return spoken(parse_duration(lifetime))[own(self._language)]
        except ValueError:
            return self._words[lifetime]

    @staticmethod
    def _kept(cookie: SiteCookie) -> list[object]:
        storage = HTTP_ONLY if cookie.http_only else STORAGES.index(cookie.storage)
        parts: list[object] = [cookie.name, storage, cookie.path or "", cookie.domain or ""]
        while not parts[-1] and len(parts) > 2:
            parts.pop()
        return parts

    def _text(self, text: Mapping[str, str] | None) -> str:
        if not text:
            return ""
        found = text.get(self._language) or text.get(self._policy.authoritative) or next(iter(text.values()))
        return typeset(found, self._language)
