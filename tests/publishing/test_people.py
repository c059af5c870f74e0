"""Authority, legal notice, help for browsers, and words of other languages on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from databases import CHECKOUT
from publishing.conftest import TODAY
from troth.bootstrap import load_policy
from troth.core.law.authorities import AUTHORITIES
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.html import fragment
from troth.publishing.model import Chapter, Foreign, Link, Page, Paragraph, Points, Terms, plain
from troth.publishing.people import _SPOKEN
from troth.publishing.stored import as_json, from_json
from troth.publishing.words import AUTONYMS, LANGUAGE_NAMES, browsers

PLAIN = """format: 1
policy: {title: T, version: "1", languages: [en, fr], authoritative: %s}
publisher: {name: P, country: %s, timezone: Europe/Paris}
consent: {browser_help: true}
clauses:
  A: {text: {%s: "Nur ein Satz"}, kind: information}
"""


def policy_of(folder: Path, country: str, authoritative: str = "en", language: str = "en") -> Policy:
    path = folder / "troth.yaml"
    path.write_text(PLAIN % (authoritative, country, language), encoding="utf-8")
    return load_policy(path)


def chapter_of(page: Page, anchor: str) -> Chapter:
    return next(chapter for chapter in page.chapters if chapter.anchor == anchor)


def test_the_authority_of_every_country_is_named_in_a_language_that_is_known() -> None:
    assert set(_SPOKEN) == set(AUTHORITIES)
    assert set(_SPOKEN.values()) <= set(AUTONYMS)
    assert set(LANGUAGE_NAMES) == set(AUTONYMS)


@pytest.mark.parametrize("country", ["DE", "BE", "IE", "FR", "GP"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_people_are_sent_to_the_authority_of_the_publishers_country(
    tmp_path: Path, country: str, language: str
) -> None:
    page = policy_page(policy_of(tmp_path, country), language, TODAY)
    known = AUTHORITIES["FR" if country == "GP" else country]
    said, points = chapter_of(page, "detail-complaint").blocks
    assert isinstance(said, Paragraph)
    assert isinstance(points, Points)
    assert known.name in plain(said.text)
    assert language == "fr" or known.english in plain(said.text)
    assert Link(known.complaint, known.complaint) in [part for item in points.items for part in item]
    foreign = [part for part in said.text if isinstance(part, Foreign)]
    assert [part.language for part in foreign] == (
        [] if _SPOKEN[known.country] == language else [_SPOKEN[known.country]]
    )


def test_a_text_that_a_language_lacks_is_shown_in_the_one_that_prevails_and_marked(tmp_path: Path) -> None:
    page = policy_page(policy_of(tmp_path, "FR", "fr", "fr"), "en", TODAY)
    assert '<p><span lang="fr">Nur ein Satz</span></p>' in fragment(page)
    assert from_json(as_json(page)) == page


def test_makers_of_browsers_are_linked_in_the_readers_language() -> None:
    french, german = ({n: a for n, a, _ in browsers(language)} for language in ("fr", "de"))
    assert {"Firefox", "Chrome", "Safari (Mac)", "Safari (iPhone, iPad)", "Edge"} <= set(french)
    assert all(address.startswith("https://") for address in french.values())
    local = [a for name, a in french.items() if name != "Opera"]
    assert all(re.search(r"/fr/|/fr-fr/|hl=fr", address) for address in local)
    assert "/de-de/" in german["Edge"]
    assert all(other == "en" for name, _, other in browsers("fr") if name == "Opera")


def test_a_page_that_exists_in_another_language_only_says_so(tmp_path: Path) -> None:
    page = policy_page(policy_of(tmp_path, "FR"), "fr", TODAY)
    points = chapter_of(page, "detail-browser").blocks[1]
    assert isinstance(points, Points)
    assert plain(points.items[-1]) == "Opera (anglais)"


@pytest.mark.parametrize("example", ["maison", "atelier"])
def test_the_legal_notice_has_every_particular_of_publisher_host_and_contact(example: str) -> None:
    policy = load_policy(CHECKOUT / "examples" / example / "troth.yaml")
    document = policy.document
    publisher, host = document.publisher, document.recipients[document.publisher.host or ""]
    terms = chapter_of(policy_page(policy, "fr", TODAY), "detail-legal").blocks[0]
    assert isinstance(terms, Terms)
    said = {term: plain(cell) for term, cell in terms.items}
    assert said["Éditeur"] == publisher.name
    for term, value in (
        ("Forme juridique", publisher.legal_form), ("Capital", publisher.capital), ("Adresse", publisher.address),
        ("Immatriculation", publisher.registration), ("Téléphone", publisher.phone), ("Courriel", publisher.email),
        ("Directeur de la publication", publisher.publication_director),
    ):  # fmt: skip
        assert said[term] == value
    for particular in (host.name, host.address, host.phone):
        assert particular
        assert particular in said["Hébergeur"]
    point = publisher.privacy_contact
    assert point is not None
    assert point.phone
    assert point.phone in said["Questions sur vos données"]
    assert point.hours
    assert said["Horaires"] == point.hours["fr"]


def test_an_address_of_its_own_is_told_of_a_contact_and_the_publishers_is_not_repeated(tmp_path: Path) -> None:
    path = tmp_path / "troth.yaml"
    path.write_text(
        'format: 1\npolicy: {title: T, version: "1", languages: en, authoritative: en}\n'
        "publisher:\n  name: P\n  country: FR\n  timezone: Europe/Paris\n  address: here\n"
        "  privacy_contact: {name: One, address: here}\n  representative: {name: Two, address: there}\n",
        encoding="utf-8",
    )
    terms = chapter_of(policy_page(load_policy(path), "en", TODAY), "detail-legal").blocks[0]
    assert isinstance(terms, Terms)
    said = {term: plain(cell) for term, cell in terms.items}
    assert said["Questions about your data"] == "One"
    assert said["Representative in the Union"] == "Two, there"


def test_what_recipients_do_is_told_in_the_readers_language() -> None:
    policy = load_policy(CHECKOUT / "examples/maison/troth.yaml")
    html = fragment(policy_page(policy, "fr", TODAY))
    for word in ("hébergement", "comptabilité", "noms de domaine", "vidéo"):
        assert word in html
    assert "hosting" not in html
