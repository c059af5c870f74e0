"""The publisher's colours, logo and icon on the pages; PDF beside them; what caches are told."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest

from troth.publishing import pdf
from web.conftest import NOW, Site

LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 10"><path d="M0 0h60v10z"/></svg>'


def addresses(page: str) -> list[str]:
    return re.findall(r'(?:href|src)="(/assets/[^"]+)"', page)


def test_colours_and_logo_are_served_under_names_that_tell_their_content(site: Site) -> None:
    site.publish()
    page = site.get("/en/")[1]
    look = next(a for a in addresses(page) if a.startswith("/assets/look."))
    logo = next(a for a in addresses(page) if a.startswith("/assets/logo."))
    status, style, headers = site.get(look)
    assert status == 200
    assert style.startswith(":root{--accent-light:#1e5b3a;--accent-dark:#")
    assert headers["Content-Type"] == "text/css; charset=utf-8"
    assert "immutable" in headers["Cache-Control"]
    status, drawing, headers = site.get(logo)
    assert headers["Content-Type"] == "image/svg+xml"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert drawing.startswith("<svg ")
    assert page.index("/assets/site.") < page.index("/assets/look.")  # the later one decides


def test_the_name_beside_the_logo_is_not_said_twice(site: Site) -> None:
    site.publish()
    assert re.search(r'<img class="logo"[^>]* alt=""><span>Maison Verdier SARL</span>', site.get("/en/")[1])


def test_a_logo_that_holds_the_name_says_it_in_the_readers_language(site: Site) -> None:
    site.edit("troth.yaml", "logo: logo.svg", "logo: {file: logo.svg, with_name: false, text: {fr: Signe, en: Sign}}")
    site.publish()
    assert 'alt="Sign"></a>' in site.get("/en/")[1]
    assert 'alt="Signe"></a>' in site.get("/fr/")[1]


def test_a_logo_for_dark_pages_stands_beside_the_other(site: Site) -> None:
    (site.folder / "dark.svg").write_text(LOGO, encoding="utf-8")
    site.edit("troth.yaml", "logo: logo.svg", "logo: {file: logo.svg, dark: dark.svg}")
    site.publish()
    page = site.get("/en/")[1]
    assert 'class="logo on-light"' in page
    address = re.search(r'class="logo on-dark" src="([^"]+)" width="240" height="40"', page)
    assert address is not None
    assert site.get(address[1])[0] == 200


def test_a_wide_logo_is_no_icon_so_the_first_letter_is(site: Site) -> None:
    site.publish()
    assert 'rel="icon" href="/assets/logo.' in site.get("/en/")[1]
    (site.folder / "logo.svg").write_text(LOGO, encoding="utf-8")
    site.publish()
    assert 'rel="icon" href="/assets/icon.' in site.get("/en/")[1]
    status, icon, headers = site.get("/favicon.ico")
    assert status == 200
    assert headers["Content-Type"] == "image/svg+xml"
    assert ">M</text>" in icon


def test_without_a_look_the_pages_are_as_they_were(site: Site) -> None:
    site.edit("troth.yaml", '  look: {accent: "#1e5b3a", logo: logo.svg}\n', "")
    site.publish()
    page = site.get("/en/")[1]
    assert "/assets/look." not in page
    assert "<img" not in page
    assert "<span>Maison Verdier SARL</span>" in page


def test_a_new_look_needs_no_new_version_and_leaves_the_text(site: Site) -> None:
    site.publish()
    before = site.get("/history/2026-11-22?lang=en")[1]
    site.edit("troth.yaml", "#1e5b3a", "#5b1e3a")
    site.publish(NOW + timedelta(days=1))
    page = site.get("/en/")[1]
    style = next(a for a in addresses(page) if a.startswith("/assets/look."))
    assert "#5b1e3a" in site.get(style)[1]
    assert re.findall("<article.*</article>", before, re.DOTALL) == re.findall(
        "<article.*</article>", site.get("/history/2026-11-22?lang=en")[1], re.DOTALL
    )
    assert site.get("/history?lang=en")[1].count("<h2>") == 1


def test_before_the_first_publication_the_look_is_that_of_the_file(site: Site) -> None:
    assert "/assets/look." in site.get("/en/")[1]
    site.edit("troth.yaml", "logo: logo.svg", "logo: none.svg")
    from troth.web.pages.published import kept

    kept.forget()
    assert site.get("/en/")[0] == 200


def test_each_language_can_be_had_as_pdf_now_and_in_the_history(site: Site) -> None:
    pytest.importorskip("typst")
    site.publish()
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish(NOW + timedelta(days=9))
    page = site.get("/en/")[1]
    assert 'href="/policy.en.pdf" type="application/pdf"' in page
    old = site.get("/history/2026-11-22?lang=fr")[1]
    assert 'href="/history/2026-11-22/fr.pdf"' in old
    assert 'href="/history/2026-11-22/fr.pdf"' in site.get("/history?lang=en")[1]
    for path, name in (
        ("/policy.en.pdf", "policy-2026-12-01.en.pdf"),
        ("/history/2026-11-22/fr.pdf", "policy-2026-11-22.fr.pdf"),
    ):
        answer = site.client.get(path)
        assert answer.status_code == 200
        assert answer.content.startswith(b"%PDF")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == f'inline; filename="{name}"'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        again = site.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize("path", ["/policy.de.pdf", "/history/2026-11-22/de.pdf", "/history/2020-01-01/fr.pdf"])
def test_a_pdf_that_is_not_there_is_not_found(site: Site, path: str) -> None:
    assert site.client.get("/policy.fr.pdf").status_code == 404  # a draft has none
    site.publish()
    assert site.client.get(path).status_code == 404


def test_without_the_extra_there_is_no_link_and_it_is_made_once_it_is_there(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("typst")
    monkeypatch.setattr(pdf, "available", lambda: False)
    site.publish()
    assert "application/pdf" not in site.get("/en/")[1]
    assert site.client.get("/policy.en.pdf").status_code == 404
    monkeypatch.undo()
    site.publish(NOW + timedelta(days=2))
    assert site.client.get("/policy.en.pdf").content.startswith(b"%PDF")


def test_a_page_says_its_language_its_subject_and_where_the_other_languages_are(site: Site) -> None:
    site.publish()
    _, page, headers = site.get("/en/", Host="privacy.verdier.test")
    assert headers["Content-Language"] == "en"
    assert '<meta name="description" content="Privacy policy · Maison Verdier SARL · Version of' in page
    assert '<link rel="canonical" href="https://privacy.verdier.test/en/">' in page
    assert '<link rel="alternate" hreflang="fr" href="https://privacy.verdier.test/fr/">' in page
    assert '<a href="/fr/" lang="fr" hreflang="fr">français</a>' in page
    _, listed, headers = site.get("/history?lang=fr")
    assert headers["Content-Language"] == "fr"
    assert '<a href="/history?lang=en" lang="en" hreflang="en">English</a>' in listed
    assert "canonical" not in listed


@pytest.mark.parametrize("path", ["/en/", "/history?lang=en", "/history/2026-11-22?lang=en", "/fragment/en.html"])
def test_head_is_answered_as_get_is_also_when_nothing_has_changed(site: Site, path: str) -> None:
    site.publish()
    got, head = site.client.get(path), site.client.head(path)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["ETag"] == got.headers["ETag"]
    for method in (site.client.get, site.client.head):
        assert method(path, headers={"If-None-Match": got.headers["ETag"]}).status_code == 304
        assert method(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_compressed_page_has_a_weak_tag_that_finds_it_again(site: Site) -> None:
    site.publish()
    packed = site.client.get("/en/", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["ETag"].startswith('W/"')
    assert "Accept-Encoding" in packed.headers["Vary"]
    again = site.client.get("/en/", headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
    assert again.status_code == 304


def test_in_an_earlier_version_the_original_is_that_of_the_same_version(site: Site) -> None:
    site.publish()
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish(NOW + timedelta(days=9))
    old = site.get("/history/2026-11-22?lang=en")[1]
    assert "The French text prevails" in old
    assert 'href="/history/2026-11-22?lang=fr" hreflang="fr"' in old
    assert "The French text prevails" in site.get("/fragment/en.html")[1]
    assert "fait foi" not in site.get("/history/2026-11-22?lang=fr")[1]


def test_what_machines_read_is_what_was_published(site: Site) -> None:
    site.publish()
    site.edit("troth.yaml", "Maison Verdier SARL", "Maison Verdier SAS")
    from troth.web.pages.published import kept

    kept.forget()
    assert (
        json.loads(site.get("/.well-known/privacy.json")[1])["dpv:hasDataController"]["dpv:hasName"]
        == "Maison Verdier SARL"
    )


def test_a_file_that_is_being_edited_does_not_stop_the_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.bootstrap import publish
    from troth.web.pages import published

    monkeypatch.setattr(published, "_FRESH", 0.0)
    site.publish()
    assert site.get("/en/")[0] == 200
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    publish(site.folder / "troth.yaml", site.state, NOW + timedelta(days=9))
    site.edit("troth.yaml", "format: 1", "format: [")
    status, page, _ = site.get("/en/")
    assert status == 200
    assert "1\u00a0December 2026" in page


def test_a_new_version_brings_what_else_its_file_says(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.bootstrap import publish
    from troth.web.pages import published

    monkeypatch.setattr(published, "_FRESH", 0.0)
    site.publish()
    assert "donnees@verdier.test" in site.get("/.well-known/security.txt")[1]
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.edit("troth.yaml", "email: donnees@verdier.test", "email: autre@verdier.test")
    assert "donnees@verdier.test" in site.get("/.well-known/security.txt")[1]
    publish(site.folder / "troth.yaml", site.state, NOW + timedelta(days=9))
    assert "autre@verdier.test" in site.get("/.well-known/security.txt")[1]


def test_the_article_is_drawn_once_for_a_version_and_anew_for_the_next(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.publishing.html import fragment
    from troth.publishing.model import Page
    from troth.web.pages import published

    drawn: list[str] = []

    def counted(page: Page) -> str:
        drawn.append(page.version)
        return fragment(page)

    monkeypatch.setattr(published, "fragment", counted)
    monkeypatch.setattr(published, "_FRESH", 0.0)
    site.publish()
    for _ in range(3):
        assert site.get("/en/")[0] == 200
    assert drawn == ["2026-11-22"]
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish(NOW + timedelta(days=9))
    site.get("/en/")
    assert drawn == ["2026-11-22", "2026-12-01"]
