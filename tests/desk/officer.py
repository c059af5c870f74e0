"""The desk's house with accounts and staff, and an officer in its console."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from desk.house_of import Front
from web.staff import Colleague, employ

HOUSE = """
staff:
  undertaking: {version: "1", text: {fr: "Je garde pour moi ce que je vois.", en: "I keep what I see to myself."}}
  roles:
    privacy:
      title: {fr: Référente, en: Officer}
      may: [see_people, change_people, answer_requests, see_identity_documents, decide_disclosures, manage_staff, audit]
    second: {title: {fr: Adjoint, en: Deputy}, may: [answer_requests, see_identity_documents]}
    clerk: {title: {fr: Comptable, en: Clerk}, may: [read_archives]}
accounts: {purpose: orders, people_may: [see, change]}
"""


@dataclass
class Officer:
    """Somebody at the console of this house."""

    front: Front
    colleague: Colleague
    text: str = field(default="")

    def get(self, path: str) -> int:
        """Open a page; its words stand in ``text``."""
        return self._seen(self.colleague.get(path))

    def post(self, path: str, **fields: Any) -> int:
        """Send a form of the page last opened; where that leads is followed."""
        return self._seen(self.colleague.post(path, **fields))

    def field(self, name: str) -> str:
        return self.colleague.person.field(name)

    def _seen(self, answer: Any) -> int:
        if answer.status_code == 302:
            self.colleague.get(answer["Location"])
        page = re.sub(r"<[^>]+>", " ", self.colleague.page.partition("<main")[2])
        self.text = " ".join(page.replace("\xa0", " ").split())
        return int(answer.status_code)


def opened(front: Front, *roles: str) -> Officer:
    """The house gets accounts and staff, and somebody logs in."""
    from troth.web.pages.published import kept

    policy = front.folder / "troth.yaml"
    text = policy.read_text(encoding="utf-8")
    if "staff:" not in text:
        policy.write_text(text.replace("mail: {sender", HOUSE + "mail: {sender", 1), encoding="utf-8")
    kept.forget()
    return Officer(front, employ(f"{'-'.join(roles)}@essai.test", *roles))
