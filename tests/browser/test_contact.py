"""The contact form as people meet it: by mouse and by keyboard, on a telephone and on a desk, with and without
scripts, in a page of the publisher's."""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Visit
from browser.looking import LOOKS, Look, fits, no_violations, shot, tab_order
from browser.site import Served, edit, example, publish_two_versions, serving
from browser.visiting import Visitor
from letterbox import Mailbox, mailbox
from machine import free_port

pytestmark = pytest.mark.slow

SEND = re.compile("Send the message|Envoyer le message")
OTHER = free_port()


@pytest.fixture(scope="module")
def post() -> Iterator[Mailbox]:
    with mailbox() as made:
        yield made


@pytest.fixture(autouse=True)
def _empty(post: Mailbox) -> None:
    post.mode = "accept"
    post.received.clear()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, post: Mailbox) -> Iterator[Served]:
    """Maison Verdier's site with a mail server; its shop is at another port of this machine."""
    folder = example("maison", tmp_path_factory.mktemp("written") / "maison")
    edit(folder / "site.yaml", "url: https://www.verdier.test/", f"url: http://127.0.0.1:{OTHER}/")
    publish_two_versions(folder)
    environment = {"TROTH_MAIL_URL": f"{post.url}?timeout=30", "TROTH_CONTACT_WORK": "12"}
    with serving(folder, environment) as site:
        yield site


@pytest.fixture
def somebody(visitor: Visit, place: Served, request: pytest.FixtureRequest) -> Visit:
    """A visitor of this site who comes from a network of their own: the form counts who writes often."""
    number = sum(map(ord, request.node.name)) % 65_000

    def make(**how: Any) -> Visitor:
        visit = visitor(site=place, **how)
        visit.context.set_extra_http_headers({"X-Forwarded-For": f"203.0.{number // 256}.{number % 256}"})
        return visit

    return make


def fill(page: Page) -> None:
    page.get_by_label(re.compile("^(E-mail|Courriel)")).fill("ana@example.org")
    page.get_by_label(re.compile("^Message")).fill("Bonjour,\nun devis, s’il vous plaît ?")


def tick(page: Page) -> None:
    page.get_by_role("checkbox").check()


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


@pytest.mark.parametrize("look", LOOKS, ids=str)
def test_the_form_is_accessible_and_fits(somebody: Visit, look: Look) -> None:
    visit = somebody(look=look)
    page = visit.open("/contact")
    no_violations(page)
    fits(page)
    shot(page, f"contact-{look}")
    page.get_by_text(re.compile("What becomes of your data|Ce que deviennent")).click()
    no_violations(page)
    fits(page)
    shot(page, f"contact-notice-{look}")
    assert visit.cookies() == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_message_by_mouse(somebody: Visit, post: Mailbox, language: str) -> None:
    visit = somebody(language=language)
    page = visit.open("/contact")
    fill(page)
    page.get_by_label(re.compile("^(Title|Civilité)")).select_option("1")
    page.get_by_label(re.compile("^(Country|Pays)")).fill("Portugal")
    tick(page)
    page.wait_for_timeout(3100)
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Your message has left" if language == "en" else "Votre message est parti"
    )
    no_violations(page)
    fits(page)
    shot(page, f"contact-sent-{language}")
    text = post.the_only().text()
    assert "un devis, s’il vous plaît ?" in text
    assert "Portugal" in text
    assert visit.cookies() == []
    assert page.evaluate("Object.keys(localStorage).length + Object.keys(sessionStorage).length") == 0


def test_a_message_by_keyboard_alone(somebody: Visit, post: Mailbox) -> None:
    page = somebody(width=360).open("/contact")
    stops = tab_order(page)
    fields = [stop for stop in stops if stop.startswith(("input", "textarea", "select", "button", "summary"))]
    assert [stop.partition(" (")[0] for stop in fields] == [
        "select Title", "input First name", "input Last name", "input E-mail", "input Telephone", "textarea Address",
        "input Country", "textarea Message", "input I have taken note of the privacy policy",
        "summary What becomes of your data", "button Send the message",
    ]  # fmt: skip
    page.get_by_label(re.compile("^E-mail")).focus()
    page.keyboard.type("ana@example.org")
    for _ in range(4):
        page.keyboard.press("Tab")
    page.keyboard.type("Hello")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.wait_for_timeout(3100)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message has left")
    assert "Hello" in post.the_only().text()


def test_without_scripts_a_question_is_asked_and_a_little_time(somebody: Visit, post: Mailbox) -> None:
    visit = somebody(width=360, language="fr", script=False)
    page = visit.open("/contact")
    no_violations(page)
    shot(page, "contact-question-360-fr")
    fill(page)
    tick(page)
    page.get_by_label(re.compile(r"(Combien|Lequel)")).fill("je ne sais pas")
    page.wait_for_timeout(3100)
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_role("alert")).to_contain_text("ce n’était pas la réponse")
    no_violations(page)
    fits(page)
    shot(page, "contact-wrong-answer-360-fr")
    assert page.get_by_label(re.compile("^Message")).input_value() == "Bonjour,\nun devis, s’il vous plaît ?"
    page.wait_for_timeout(14_000)
    for _ in range(2):  # the second time, if the clocks were tight
        if heading(page) == "Votre message est parti":
            break
        tick(page)
        page.get_by_label(re.compile(r"(Combien|Lequel)")).fill(answer(page))
        page.get_by_role("button", name=SEND).click()
        page.wait_for_load_state()
        page.wait_for_timeout(1500)
    assert heading(page) == "Votre message est parti"
    assert len(post.received) == 1
    assert visit.cookies() == []


def answer(page: Page) -> str:
    """What a person would answer to the French question on the page."""
    asked = page.locator("label[for=field-answer]").inner_text().replace("\u00a0", " ")
    numbers = ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"]
    if asked.startswith("Combien"):
        first, second = re.findall(r"font (\w+) plus (\w+)", asked)[0]
        return str(numbers.index(first) + numbers.index(second))
    kinds = {
        "animal": "cheval lapin héron truite", "fruit": "pomme cerise poire prune", "couleur": "vert jaune bleu rouge",
        "outil": "marteau ciseau tenaille scie",
    }  # fmt: skip
    wanted = next(kind for kind in kinds if kind in asked.partition(":")[0])
    return next(word for word in re.findall(r"\w+", asked.partition(":")[2]) if word in kinds[wanted].split())


def test_when_the_mail_does_not_leave_the_text_stays_and_the_reader_is_led_to_why(
    somebody: Visit, post: Mailbox
) -> None:
    post.mode = "refuse_content"
    page = somebody(width=360, language="fr").open("/contact")
    fill(page)
    tick(page)
    page.wait_for_timeout(3100)
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_role("alert")).to_contain_text("le serveur de courriel l’a refusé")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "alert"
    assert "un devis" in page.get_by_label(re.compile("^Message")).input_value()
    assert page.get_by_role("checkbox").is_checked()  # as they had left it: nobody has to say it twice
    no_violations(page)
    fits(page)
    shot(page, "contact-refused-360-fr")
    post.mode = "accept"
    page.get_by_role("button", name=SEND).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre message est parti")
    assert len(post.received) == 1


def test_what_is_wrong_is_beside_its_field(somebody: Visit, post: Mailbox) -> None:
    page = somebody(language="fr").open("/contact")
    fill(page)
    page.get_by_label(re.compile("^Téléphone")).fill("4111 1111 1111 1111")
    tick(page)
    page.wait_for_timeout(3100)
    page.get_by_role("button", name=SEND).click()
    phone = page.get_by_label(re.compile("^Téléphone"))
    expect(phone).to_have_attribute("aria-invalid", "true")
    expect(phone).to_have_accessible_description(re.compile("carte de paiement"))
    no_violations(page)
    fits(page)
    shot(page, "contact-card-1280-fr")
    page.get_by_role("alert").get_by_role("link", name="Téléphone").click()
    expect(phone).to_be_focused()
    assert post.received == []


def test_two_presses_send_one_message(somebody: Visit, post: Mailbox) -> None:
    page = somebody().open("/contact")
    fill(page)
    tick(page)
    page.wait_for_timeout(3100)
    page.get_by_role("button", name=SEND).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your message has left")
    assert len(post.received) == 1


def test_the_browser_does_the_work_whatever_is_asked(somebody: Visit) -> None:
    page = somebody().open("/contact")
    nonce, bits = page.locator("form").get_attribute("data-nonce"), page.locator("form").get_attribute("data-bits")
    fill(page)
    proof = page.locator("input[name='troth.proof']")
    expect(proof).not_to_have_value("")
    from troth.web.contact.work import is_done

    assert is_done(str(nonce), proof.input_value(), int(str(bits)))


# --- in a page of the publisher's ---------------------------------------------------------------------


class Shop(BaseHTTPRequestHandler):
    """The publisher's own site, with the form in a frame, and a plain form of its own."""

    def __init__(self, to: str, *given: object) -> None:
        self.to = to
        super().__init__(*given)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        frame = f'<iframe src="{self.to}/contact/embed?lang=en" title="Contact" style="width:100%;height:1800px;border:0"></iframe>'
        plain = (
            f'<form method="post" action="{self.to}/contact?lang=en"><label>E-mail <input name="email"></label>'
            '<label>Message <textarea name="message"></textarea></label><button>Go on</button></form>'
        )
        body = (
            f"<!doctype html><html lang=en><title>Shop</title><h1>Shop</h1>{plain if self.path == '/plain' else frame}"
        )
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *given: object) -> None:
        """Silence."""


@contextlib.contextmanager
def shop(to: str, port: int) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Shop, to))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_the_form_in_a_frame_of_the_publishers_page(somebody: Visit, place: Served, post: Mailbox) -> None:
    with shop(place.url, OTHER) as address:
        visit = somebody(width=360)
        page = visit.open(f"{address}/")
        frame = page.frame_locator("iframe")
        frame.get_by_label(re.compile("^E-mail")).fill("ana@example.org")
        frame.get_by_label(re.compile("^Message")).fill("From the frame")
        frame.get_by_role("checkbox").check()
        page.wait_for_timeout(3100)
        shot(page, "contact-frame-360-en")
        frame.get_by_role("button", name=SEND).click()
        expect(frame.get_by_role("heading", level=1)).to_have_text("Your message has left")
        assert visit.cookies() == []
    assert "From the frame" in post.the_only().text()


def test_a_stranger_cannot_frame_the_form(somebody: Visit, place: Served) -> None:
    with shop(place.url, free_port()) as address:
        visit = somebody()
        page = visit.open(f"{address}/")
        page.wait_for_timeout(500)
        assert page.frame_locator("iframe").locator("form").count() == 0
        assert any("frame-ancestors" in said for said in visit.complaints)
        visit.complaints.clear()


def test_a_plain_form_of_the_publishers_page_is_shown_once_more_before_it_leaves(
    somebody: Visit, place: Served, post: Mailbox
) -> None:
    with shop(place.url, OTHER) as address:
        page = somebody().open(f"{address}/plain")
        page.get_by_label("E-mail").fill("ana@example.org")
        page.get_by_label("Message").fill("From the plain form")
        page.get_by_role("button").click()
        expect(page.get_by_role("alert")).to_contain_text("check your message")
        no_violations(page)
        shot(page, "contact-check-1280-en")
        assert post.received == []
        tick(page)
        page.wait_for_timeout(3100)
        page.get_by_role("button", name=SEND).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your message has left")
    assert "From the plain form" in post.the_only().text()


def test_a_plain_form_of_a_stranger_is_refused(somebody: Visit, place: Served, post: Mailbox) -> None:
    with shop(place.url, free_port()) as address:
        page = somebody().open(f"{address}/plain")
        page.get_by_label("Message").fill("From a stranger")
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("This came from another site")
        no_violations(page)
        assert "From a stranger" not in page.content()
    assert post.received == []
