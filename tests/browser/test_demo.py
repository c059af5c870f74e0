"""What a stranger meets who runs the demo: the company sites, the policy, the forms, and the mail view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from browser import visiting
from browser.looking import LOOKS, Look, fits, no_violations, shot
from browser.visiting import Visit
from troth.demo.lookalikes import NAMES
from troth.demo.stage import PUBLISHERS, Stage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PASSWORD = "six-Plumes-et-4-encres-bleues"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The usual one, that also knows the demo's names."""
    if not Path(visiting.PROGRAM).exists():
        pytest.skip("no browser")
    arguments = [f"{one}, EXCLUDE *.localhost" if "--host-resolver-rules" in one else one for one in visiting.ARGUMENTS]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=visiting.PROGRAM, args=arguments)
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name for one in PUBLISHERS for name in (one.host, f"www.{one.host}")} | set(NAMES.values())
    monkeypatch.setattr(visiting, "OURS", {*visiting.OURS, *names, "mail.localhost"})


def a_letter(stage: Stage) -> int:
    """Puts a message into the mailbox; its number."""
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "Maison Verdier <a@verdier.test>", "zoe@example.org", "Un mot"
    letter.set_content(
        "Bonjour,\n\nOuvrez http://maison.localhost/account/letter/abcdefghijklmnopqrstuvwxyz0123456789\n"
    )
    letter.add_alternative(
        '<!doctype html><html lang="fr"><head><title>Un mot</title></head><body><main><h1>Bonjour</h1>'
        '<p><a href="http://maison.localhost/">Ouvrir</a></p></main></body></html>', subtype="html",
    )  # fmt: skip
    return stage.mailbox.add(letter.as_bytes(), ["zoe@example.org"]).number


def looked_at(page: Page, name: str) -> None:
    no_violations(page)
    fits(page)
    shot(page, f"demo-{name}")


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_company_sites_are_for_everybody(visitor: Visit, stage: Stage, look: Look) -> None:
    one = visitor(look=look, script=False)
    paths = {
        "maison": {"fr": ["/", "/carnets", "/albums", "/contact", "/confidentialite", "/nothing"],
                   "en": ["/en/", "/en/notebooks", "/en/albums", "/en/contact", "/en/privacy"]},
        "atelier": {"fr": ["/", "/tarifs", "/contact", "/confidentialite", "/nothing"],
                    "en": ["/en/", "/en/prices", "/en/contact", "/en/privacy"]},
    }  # fmt: skip
    for example, place in stage.sites.items():
        for path in paths[example][look.language]:
            page = one.open(f"{place.address}{path}")
            looked_at(page, f"{example}{path.replace('/', '-')}-{look}")
    page = one.open(f"{stage.sites['maison'].address}/{'' if look.language == 'fr' else 'en/'}")
    page.get_by_role("link", name=re.compile("film")).click()
    assert page.url == f"{stage.others.address}/v/dorure"
    looked_at(page, f"lookalike-{look}")
    # Who follows a link is there; before that nothing of theirs was asked for.
    assert one.cookies() == ["lanterne_viewer"]


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_mail_view_is_for_everybody(visitor: Visit, stage: Stage, look: Look) -> None:
    one = visitor(look=look, script=False)
    stage.mailbox.clear()
    looked_at(one.open(stage.mail.address), f"mail-none-{look}")
    number = a_letter(stage)
    a_letter(stage)
    page = one.open(stage.mail.address)
    looked_at(page, f"mail-list-{look}")
    page.get_by_role("link", name="Un mot").last.click()
    assert page.url.endswith(f"/message/{number}?lang={look.language}")
    assert page.frame_locator("iframe").get_by_role("heading").inner_text() == "Bonjour"
    looked_at(page, f"mail-message-{look}")
    page.get_by_role("link", name=re.compile("Tous les messages|All messages")).click()
    page.get_by_role("button").click()
    assert page.get_by_role("listitem").filter(has_text="Un mot").count() == 0
    assert one.cookies() == []


def test_a_message_can_be_written_and_is_found_in_the_mail_view_only(visitor: Visit, stage: Stage) -> None:
    one = visitor(language="en")
    page = one.open(f"{stage.sites['maison'].address}/en/contact")
    page.get_by_role("link", name="Write a message").click()
    assert page.url.startswith(f"{stage.troths['maison'].address}/contact")
    page.locator("[name=email]").fill("zoe@example.org")
    page.locator("[name=message]").fill("A wounded book: token-51c8.")
    page.locator("[name='troth.read']").check()
    page.wait_for_timeout(3500)  # the form takes nobody who is quicker than people for one
    with page.expect_navigation():
        page.get_by_role("button", name=re.compile("Send")).click()
    page = one.open(stage.mail.address)
    page.locator(".messages a").first.click()
    assert "token-51c8" in page.locator(".text").inner_text()
    assert one.cookies() == []
    kept = [path for path in stage.folder.rglob("*") if path.is_file() and b"token-51c8" in path.read_bytes()]
    assert kept == []


def test_somebody_signs_up_by_the_letter_in_the_mail_view(visitor: Visit, stage: Stage) -> None:
    one = visitor(language="fr")
    stage.mailbox.clear()
    page = one.open(stage.sites["atelier"].address)
    page.get_by_role("link", name="Créer un compte").click()
    page.locator("[name=email]").fill("noe@example.org")
    page.locator("main form button").first.click()
    page.wait_for_url("**/account/letter/**")
    mail = one.context.new_page()
    mail.goto(stage.mail.address)
    while not mail.locator(".messages").count():
        mail.reload()
    mail.locator(".messages a").first.click()
    mail.locator(".text a").first.click()
    mail.wait_for_url(f"{stage.troths['atelier'].address}/account/letter/**")
    mail.locator("[name=password]").fill(PASSWORD)
    mail.locator("[name=field_username]").fill("noe")
    with mail.expect_navigation():
        mail.locator("main form button:not([type=button])").first.click()
    assert "noe@example.org" in mail.locator("main").inner_text()
    promised = one.open(f"{stage.troths['atelier'].address}/fr/").locator("main").inner_text()
    kept = one.cookies()
    assert kept, "a login cookie, over plain HTTP on this machine"
    assert [name for name in kept if name not in promised] == []


def test_the_cookies_of_one_site_are_not_shown_to_the_other(visitor: Visit, stage: Stage) -> None:
    one = visitor(language="fr")
    one.open(f"{stage.troths['maison'].address}/account/login")
    mine = one.context.cookies(stage.troths["maison"].address)
    assert mine
    assert one.context.cookies(stage.troths["atelier"].address) == []
