"""How readers like the pages: one cookie, as the policy declares it, without an account and without a script."""

from __future__ import annotations

import re

import pytest

from web.conftest import Person, Site

SCREEN = "__Host-verdier_display"
CHOICE = {"language": "fr", "theme": "dark", "size": "large", "density": "compact"}


def test_what_was_chosen_is_kept_for_a_year_and_shown_on_every_page(site: Site) -> None:
    site.publish()
    person = Person()
    person.get("/preferences")
    assert not person.cookies()
    answer = person.post("/preferences", **CHOICE)
    assert answer.status_code == 302
    cookie = answer.cookies[SCREEN]
    assert 365 * 86400 - 2 <= cookie["max-age"] <= 366 * 86400
    assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
    assert cookie["secure"]
    assert cookie["httponly"]
    for path in ("/", "/history", "/preferences", "/account/login", "/nothing"):
        person.get(path)
        assert '<html lang="fr" data-theme="dark" data-size="large" data-density="compact">' in person.page, path
        assert re.search(r"/assets/preferences\.[0-9a-f]+\.css", person.page)
    assert '<html lang="en"' in person.get("/?lang=en").content.decode()  # a link that was pressed counts more
    checked = re.findall(r'value="(\w+)" checked', person.get("/preferences").content.decode())
    assert checked == ["dark", "large", "compact"]


def test_they_can_be_forgotten(site: Site) -> None:
    person = Person()
    person.post("/preferences", **CHOICE)
    assert set(person.cookies()) == {SCREEN}
    person.post("/preferences", forget="1")
    assert not person.cookies()
    assert "data-theme" not in person.get("/").content.decode()


@pytest.mark.parametrize(
    "value", ['"><script>', "fr.dark", "de.blue.huge.none", "....", "fr.dark.large.compact.more", "x" * 4000]
)
def test_a_cookie_that_we_did_not_write_counts_as_none(site: Site, value: str) -> None:
    person = Person()
    person.client.cookies[SCREEN] = value
    page = person.get("/preferences").content.decode()
    assert '<html lang="en">' in page
    assert "<script>" not in page


def test_what_is_not_among_the_choices_is_not_kept(site: Site) -> None:
    person = Person()
    person.post("/preferences", language="de", theme='"><script>', size="huge", density="")
    assert person.cookies() == {SCREEN: "any.auto.normal.normal"}


def test_caches_do_not_hand_one_readers_page_to_another(site: Site) -> None:
    site.publish()
    person = Person()
    plain = person.get("/fr/")
    assert "Cookie" in plain.headers["Vary"]
    assert plain.headers["Cache-Control"].startswith("public")
    person.post("/preferences", **CHOICE)
    dark = person.get("/fr/")
    assert dark.headers["Cache-Control"].startswith("private")
    assert dark.headers["ETag"] != plain.headers["ETag"]
    assert person.get("/fr/", **{"If-None-Match": dark.headers["ETag"]}).status_code == 304
    assert person.get("/fr/", **{"If-None-Match": plain.headers["ETag"]}).status_code == 200
    assert "Cookie" not in person.get("/.well-known/privacy.json").headers.get("Vary", "")


def test_a_policy_that_declares_no_such_cookie_has_no_such_page(site: Site) -> None:
    text = (site.folder / "site.yaml").read_text(encoding="utf-8")
    start, end = text.index("  __Host-verdier_display:"), text.index("  troth_choice:")
    (site.folder / "site.yaml").write_text(text[:start] + text[end:], encoding="utf-8")
    site.publish()
    person = Person()
    assert person.get("/preferences").status_code == 404
    assert person.post("/preferences", **CHOICE).status_code == 404
    answer = person.get("/fr/")
    assert "/preferences" not in person.page
    assert "Cookie" not in answer.headers["Vary"]


def test_another_site_cannot_choose_for_anybody(site: Site) -> None:
    person = Person()
    answer = person.post(
        "/preferences", headers={"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}, **CHOICE
    )
    assert answer.status_code == 403
    assert not person.cookies()
