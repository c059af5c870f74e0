"""Each right leads to where it can be exercised now."""

from __future__ import annotations

from pathlib import Path

import pytest

from troth.bootstrap import load_policy
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.html import fragment
from troth.publishing.ways import way_to

from publishing.conftest import TODAY  # isort: skip

HEAD = """format: 1
policy: {title: T, version: "1", languages: en, authoritative: en}
publisher: {name: P, country: FR, timezone: Europe/Paris%s}
purposes: {answer: {title: A, basis: consent, people: [x], categories: [Name], keep: {for: 1 month, after: collected}}}
rights: {offered: [erasure, complaint]%s}
%s
"""
CONTACT = "contact: {purpose: answer, deliver_to: a@p.test}"
POINT = ", privacy_contact: {email: p@p.test, phone: '01 02'}"
CASES = [
    (", website: 'https://p.test/'", ", portal: 'https://p.test/me'", CONTACT, "https://p.test/me"),
    (POINT, ", portal: /me", CONTACT, "/contact?about=erasure"),
    (POINT, "", "", "mailto:p@p.test?subject=Effacement%20de%20tout"),
    (", email: g@p.test, privacy_contact: {name: Ana}", "", "", "mailto:g@p.test?subject=Effacement%20de%20tout"),
    (", privacy_contact: {phone: '01 02'}", "", "", "tel:0102"),
    (", website: 'https://p.test/'", "", "", "https://p.test/"),
    ("", "", "", ""),
]


def policy_of(folder: Path, *parts: str) -> Policy:
    path = folder / "troth.yaml"
    path.write_text(HEAD % parts, encoding="utf-8")
    return load_policy(path)


@pytest.mark.parametrize(("publisher", "rights", "more", "way"), CASES)
def test_the_best_way_that_there_is_is_taken(tmp_path: Path, publisher: str, rights: str, more: str, way: str) -> None:
    policy = policy_of(tmp_path, publisher, rights, more)
    assert way_to(policy, "erasure", "Effacement de tout") == way
    assert way_to(policy, "complaint", "x") == "#detail-complaint"


SPACE = """
identifiers: {email: {}}
cookies: {session: {for: 2 days, exempt: authentication, purpose: answer}}
mail: {sender: a@p.test, url: "smtp://localhost"}
"""


def test_the_personal_space_comes_before_the_form(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, POINT, ", portal: /me", CONTACT + SPACE)
    assert way_to(policy, "erasure", "x") == "/me/ask/erasure"


@pytest.mark.parametrize("line", [line for line in SPACE.splitlines() if line])
def test_without_mail_address_or_cookie_there_is_no_space(tmp_path: Path, line: str) -> None:
    policy = policy_of(tmp_path, POINT, "", CONTACT + SPACE.replace(line, ""))
    assert way_to(policy, "erasure", "x") == "/contact?about=erasure"


def test_on_another_page_the_ways_lead_back_to_ours(policy: Policy) -> None:
    html = fragment(policy_page(policy, "en", TODAY), base="https://donnees.test")
    assert 'href="https://donnees.test/me/ask/erasure"' in html
    assert 'href="/' not in html
