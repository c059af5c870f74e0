"""The policy pages: in force, as they were, what changed; and what caches and browsers are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from web.conftest import NOW, Site


def test_before_the_first_publication_the_page_says_that_it_is_a_draft(site: Site) -> None:
    status, text, _ = site.get("/en/")
    assert status == 200
    assert "has not been published yet" in text
    site.publish()
    assert "has not been published yet" not in site.get("/en/")[1]


def test_the_home_page_speaks_the_language_of_the_browser(site: Site) -> None:
    site.publish()
    assert '<html lang="en">' in site.get("/", **{"Accept-Language": "de;q=0.9, en-GB;q=0.8, fr;q=0.2"})[1]
    assert '<html lang="fr">' in site.get("/", **{"Accept-Language": "de"})[1]
    assert '<html lang="fr">' in site.get("/", **{"Accept-Language": "en;q=0, fr;q=x, ;;"})[1]
    assert "Accept-Language" in site.get("/")[2]["Vary"]


def test_the_date_comes_first_and_the_translation_says_which_text_prevails(site: Site) -> None:
    site.publish()
    english = site.get("/en/")[1]
    assert english.index("Version of 22\u00a0November 2026") < english.index("In short") < english.index("Contents")
    assert "The French text prevails" in english
    assert 'href="/fr/"' in english
    assert "fait foi" not in site.get("/fr/")[1]


def test_what_people_read_is_what_was_published_not_what_the_file_says_now(site: Site) -> None:
    site.publish()
    site.edit("clauses.yaml", "Our principles", "Our great principles")
    assert "Our great principles" not in site.get("/en/")[1]
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish(NOW + timedelta(days=9))
    assert "Our great principles" in site.get("/en/")[1]


def test_every_version_stays_and_the_difference_is_told_in_words(site: Site) -> None:
    site.publish()
    site.edit("clauses.yaml", "Our principles", "Our great principles")
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish(NOW + timedelta(days=9))
    listed = site.get("/history?lang=en")[1]
    assert listed.index("1 December 2026") < listed.index("22 November 2026")
    assert "/history/2026-11-22/2026-12-01?lang=en" in listed
    old = site.get("/history/2026-11-22?lang=en")[1]
    assert "Our principles" in old
    assert "You are reading an earlier version" in old
    changed = site.get("/history/2026-11-22/2026-12-01?lang=en")[1]
    assert "Our <ins>great </ins>principles" in changed
    assert len(re.findall("<ins>", changed)) == 1


@pytest.mark.parametrize(
    "path",
    ["/de/", "/history/2020-01-01", "/history/2020-01-01/2026-11-22", "/nothing", "/fragment/de.html", "/assets/x.css"],
)
def test_an_address_that_leads_nowhere_gets_a_page_that_repeats_nothing(site: Site, path: str) -> None:
    site.publish()
    status, text, _ = site.get(path, **{"Accept-Language": "en"})
    assert status == 404
    assert "There is no such page" in text
    assert path not in text.replace('href="/fragment', "")


def test_nothing_of_others_may_load_and_no_cookie_is_set(site: Site) -> None:
    site.publish()
    for path in ("/", "/fr/", "/history", "/history/2026-11-22", "/.well-known/privacy.json", "/nothing"):
        answer = site.client.get(path)
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in answer.headers
        assert not answer.cookies
        loaded = re.findall(r'(?:src|rel="stylesheet" href|rel="icon" href)="([^"]+)"', answer.content.decode())
        assert all(address.startswith("/") for address in loaded)


def test_a_page_that_did_not_change_is_not_sent_again(site: Site) -> None:
    site.publish()
    first = site.client.get("/en/")
    again = site.client.get("/en/", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert first.headers["Cache-Control"] == "public, max-age=300"


def test_the_style_sheet_is_named_by_its_content_and_kept_for_ever(site: Site) -> None:
    site.publish()
    address = re.search(r'href="(/assets/[^"]+)"', site.get("/en/")[1])
    assert address is not None
    status, text, headers = site.get(address[1])
    assert status == 200
    assert "immutable" in headers["Cache-Control"]
    assert "url(" not in text
    assert "@import" not in text


def test_the_fragment_is_an_article_whose_paths_lead_back_here(site: Site) -> None:
    site.publish()
    status, text, headers = site.get("/fragment/en.html", Host="privacy.verdier.test")
    assert status == 200
    assert text.startswith('<article class="policy" lang="en">')
    assert 'href="https://privacy.verdier.test/fr/"' in text
    assert headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_can_only_be_read(site: Site, method: str) -> None:
    site.publish()
    assert getattr(site.client, method)("/en/").status_code == 405


def test_a_host_that_is_not_ours_is_refused_without_being_repeated(site: Site) -> None:
    site.publish()
    answer = site.client.get("/en/", headers={"Host": "evil.test"})
    assert answer.status_code == 400
    assert b"evil.test" not in answer.content


def test_the_page_says_where_choices_are_changed_and_only_where_there_are_any(site: Site) -> None:
    from troth.web.pages.published import kept

    english = site.get("/en/")[1]
    assert '<a href="#choices">Change your choices</a>' in english
    assert "“Manage services” is at the bottom right" in english
    assert '<a href="https://www.verdier.test/">Maison Verdier</a>' in english[english.index('id="choices"') :]
    assert "Modifier vos choix" in site.get("/fr/")[1]
    assert "choices" not in site.get("/history?lang=en")[1]
    text = (site.folder / "site.yaml").read_text(encoding="utf-8")
    services = text[text.index("services:\n") : text.index("consent:\n")]
    (site.folder / "site.yaml").write_text(text.replace(services, ""), encoding="utf-8")
    kept.forget()
    assert '"choices"' not in site.get("/en/")[1]
