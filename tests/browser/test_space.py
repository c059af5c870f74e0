"""The personal space in a real browser: who comes by a letter sees, decides and follows, on any screen, by keyboard."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

import nursery
from browser.account_holders import Place
from browser.looking import LOOKS, Look, fits, no_violations, shot, tab_order
from browser.site import publish, serving
from browser.visiting import Visit, Visitor
from desk.house_of import POLICY, SHOP
from letterbox import mailbox

ANA, BO = "ana@example.org", "bo@example.org"


def somebody(look: Look) -> str:
    """Somebody with a mailbox of their own: one address gets few letters in a quarter of an hour."""
    return f"{look}@example.org"


def with_everything(policy: str) -> str:
    """The policy of the desk's tests, and all that a person can meet in their space."""
    for old, new in (
        ("withdrawal, human_review]", "withdrawal, human_review, directives_after_death]\n"
         "  verify: [email_link, identity_document]"),
        ("clients:\n  fabrique", "after_death: {directives: [general, specific]}\nclients:\n  fabrique"),
        ("fields: {total: Transaction}", "fields: {total: {is: Transaction, money: {currency: EUR, unit: hundredths}}}"),
    ):  # fmt: skip
        assert old in policy
        policy = policy.replace(old, new)
    return policy


@contextmanager
def small_house(folder: Path) -> Iterator[Place]:
    """The small shop of the desk's tests, served by a process of its own that also works."""
    folder.mkdir()
    (folder / "troth.yaml").write_text(with_everything(POLICY), encoding="utf-8")
    with sqlite3.connect(folder / "shop.sqlite") as shop:
        shop.executescript(SHOP)
        shop.executemany(
            "INSERT INTO customers VALUES (?, ?, 'Ana Exemple', '2026-10-01')",
            [(100 + number, somebody(look)) for number, look in enumerate(LOOKS)],
        )
        shop.executemany(
            "INSERT INTO invoices VALUES (?, ?, 4200, '2026-05-05')",
            [(100 + number, 100 + number) for number, _ in enumerate(LOOKS)],
        )
    shop.close()
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with mailbox() as box, serving(folder, {"TROTH_MAIL_URL": box.url}) as served:
        yield Place(served, box)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with small_house(tmp_path_factory.mktemp("space") / "house") as made:
        yield made


def come_in(visitor: Visitor, site: Place, email: str = ANA, looked: str = "") -> Page:
    """By the letter's link; every page on the way can be read by everybody."""
    page = visitor.open("/me")
    _looked_at(page, f"door-{looked}")
    page.fill("#email", email)
    page.click("main button")
    page.wait_for_selector("#code")
    _looked_at(page, f"code-{looked}")
    link = re.search(r"http://localhost\S+/me/letter/\S+", site.letter(email))
    assert link is not None
    page.goto(link[0])
    _looked_at(page, f"enter-{looked}")
    page.click("main button")
    page.wait_for_url(re.compile(r"/me(\?.*)?$"))
    return page


def _looked_at(page: Page, name: str) -> None:
    if name.endswith("-"):
        return
    shot(page, f"space-{name}")
    no_violations(page)
    fits(page)


@pytest.mark.slow
@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_every_page_can_be_read_by_everybody(visitor: Visit, site: Place, look: Look) -> None:
    page = come_in(visitor(look=look, site=site.served, script=False), site, somebody(look), looked=str(look))
    _looked_at(page, f"me-{look}")
    assert page.evaluate("document.documentElement.scrollHeight") < 4000
    for one in page.locator("details.held summary").all():
        one.click()
    assert page.inner_text("main").count("Ana Exemple") == 1, "each value once"
    assert re.search(r"€42\.00|42,00\s€", page.inner_text("main"))
    narrowest = "Math.min(...[...document.querySelectorAll('.held dl')].map(e => e.getBoundingClientRect().width))"
    assert page.evaluate(narrowest) > 200
    _looked_at(page, f"me-open-{look}")
    for right in ("erasure", "objection", "access", "human_review"):
        page.goto(f"/me/ask/{right}")
        _looked_at(page, f"ask-{right}-{look}")
    page.goto("/me/ask/rectification")
    page.locator("details.group summary").first.click()
    page.locator("details.group input").first.fill("Ana Juste")
    _looked_at(page, f"ask-rectification-{look}")
    page.goto("/me/behalf")
    _looked_at(page, f"behalf-{look}")
    page.goto("/me/directives")
    page.locator("main form button").first.click()
    assert page.locator("[role=alert]").count() == 1
    _looked_at(page, f"directives-wrong-{look}")
    page.check("#w-erase")
    page.locator("main form button").first.click()
    page.wait_for_selector("main >> [role=status]")
    page.goto("/me/directives")
    _looked_at(page, f"directives-{look}")
    page.goto("/me/ask/erasure")
    page.locator("main form button").last.click()
    assert page.locator("[role=alert]").count() == 1
    _looked_at(page, f"ask-erasure-wrong-{look}")
    page.goto("/me/ask/objection")
    page.locator("main form button").last.click()
    page.wait_for_selector("[role=alert]")
    _looked_at(page, f"ask-objection-wrong-{look}")
    page.check("#everything")
    page.locator("main form button").last.click()
    page.wait_for_url("**/me/requests/**")
    _looked_at(page, f"request-{look}")
    page.goto("/me")
    _looked_at(page, f"me-asked-{look}")


@pytest.mark.slow
@pytest.mark.parametrize("look", [Look(360, "fr", False), Look(1280, "en", True)], ids=str)
def test_a_copy_is_asked_for_and_fetched(visitor: Visit, site: Place, look: Look) -> None:
    page = come_in(visitor(look=look, site=site.served), site)
    page.goto("/me/ask/access")
    page.locator("main form button").last.click()
    page.wait_for_url("**/me/requests/**")
    link = None
    while link is None:  # other requests of hers are answered too; no mail at all ends it
        link = re.search(r"http://localhost\S+/answers/\S+", site.letter(ANA))
    page.goto(re.sub(r"http://localhost:\d+", site.url, link[0]))
    _looked_at(page, f"answer-{look}")
    with page.expect_download() as fetched:
        page.locator("main form button").click()
    assert Path(fetched.value.path()).read_bytes()[:2] == b"PK"
    page.goto("/answers/nothing")
    _looked_at(page, f"gone-{look}")


def test_an_erasure_can_be_asked_for_and_taken_back_by_keyboard(visitor: Visit, site: Place) -> None:
    page = come_in(visitor(site=site.served), site)
    page.goto("/me/ask/erasure?lang=en")
    stops = tab_order(page)
    wanted = ["input Commandes", "input Offres"] if any("Commandes" in s for s in stops) else ["input Orders"]
    wanted += ["button Show what would happen", "input I have read", "button Ask for the erasure"]
    places = [next(at for at, stop in enumerate(stops) if stop.startswith(want)) for want in wanted]
    assert places == sorted(places)
    page.focus("#everything")
    page.keyboard.press("Space")
    page.focus("#sure")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/me/requests/**")
    page.focus("#withdraw summary")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("main >> text=/withdrawn by you/i")
    assert ANA not in site.served.log()


@pytest.mark.slow
def test_a_copy_of_an_identity_document_is_sent_in_by_its_link(visitor: Visit, site: Place, tmp_path: Path) -> None:
    ref = re.search(r"req-[a-z]+", troth(site, "new", "access", BO, "--answer-to", BO))
    assert ref is not None
    troth(site, "identity", ref[0], "--document")
    link = None
    while link is None:
        link = re.search(r"http://localhost\S+/identity/\S+", site.letter(BO))
    page = visitor(look=Look(360, "fr", True), site=site.served, script=False).open(
        re.sub(r"http://localhost:\d+", site.url, link[0])
    )
    _looked_at(page, "identity")
    card, letter = tmp_path / "card.pdf", tmp_path / "letter.txt"
    card.write_bytes(b"%PDF-1.4\n" + b"0" * 2_000_000 + b"\n%%EOF\n")
    letter.write_bytes(b"not a document")
    page.set_input_files("#document", letter)
    page.locator("main form button").click()
    assert page.locator("[role=alert]").count() == 1
    _looked_at(page, "identity-wrong")
    page.set_input_files("#document", card)
    page.locator("main form button").click()
    page.wait_for_selector("main form", state="detached")
    _looked_at(page, "identity-sent")
    assert "chiffrée" in page.inner_text("main")


def troth(site: Place, *words: str) -> str:
    """A verb of ``troth request`` in the house."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("TROTH_", "DJANGO_"))}
    env = {**inherited, "TROTH_MAIL_URL": site.box.url}
    done = nursery.run(["request", *words, "--state", "troth-state"], cwd=site.served.folder, env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout
