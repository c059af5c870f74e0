"""The personal space by a letter: who reads it sees and decides, and nobody else."""

from __future__ import annotations

import re

import pytest

from desk.house_of import Front

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}


@pytest.fixture
def browser(front: Front) -> Browser:
    from troth.web.accounts.limits import forget_all

    forget_all()
    return Browser(front)


class Browser:
    """Somebody's, without scripts."""

    def __init__(self, front: Front) -> None:
        from django.test import Client

        self.front = front
        self.client = Client(headers=OURS)

    def get(self, path: str) -> tuple[int, str]:
        answer = self.client.get(path, follow=True)
        return answer.status_code, answer.content.decode()

    def post(self, path: str, **data: object) -> tuple[int, str]:
        _, page = self.get(path)
        csrf = re.search(r'name="csrf" value="([^"]+)"', page)
        sent = {**data, **({"csrf": csrf[1]} if csrf else {})}
        answer = self.client.post(path, sent, follow=True)
        return answer.status_code, answer.content.decode()

    def come_in(self, email: str = "ana@example.org") -> tuple[int, str]:
        from troth.web.accounts.post import post

        self.front.box.received.clear()
        self.post("/me/door", email=email)
        post.wait()
        address = re.search(r"http://testserver(/me/letter/\S+)", self.front.box.the_only().text())
        assert address is not None
        return self.post(address[1])


def entry(page: str, value: str) -> str:
    """The name of the place in a form in which this value stands."""
    found = re.search(rf'name="([^"]+)"[^>]* value="{re.escape(value)}"', page)
    assert found is not None, f"{value} is not in the form"
    return found[1]


def test_without_a_letter_nobody_comes_in(browser: Browser) -> None:
    for path in ("/me", "/me/ask/access", "/me/requests/req-x"):
        status, page = browser.get(path)
        assert status == 200
        assert "Send me the mail" in page
    assert "Ana" not in page


def test_who_reads_the_letter_sees_what_is_held_and_only_that(browser: Browser) -> None:
    status, page = browser.come_in()
    assert status == 200
    for word in ("Ana Exemple", "Orders", "Messager", "Have data erased"):
        assert word in page
    assert "bo@example.org" not in page


def test_looking_at_the_letter_is_not_coming_in(browser: Browser) -> None:
    from troth.web.accounts.post import post

    browser.post("/me/door", email="ana@example.org")
    post.wait()
    address = re.search(r"http://testserver(/me/letter/\S+)", browser.front.box.the_only().text())
    browser.get(address[1])
    assert "Send me the mail" in browser.get("/me")[1]
    browser.post(address[1])
    assert "Ana Exemple" in browser.get("/me")[1]
    assert browser.client.get(address[1]).status_code == 410


def test_the_code_of_the_letter_does_as_well(browser: Browser) -> None:
    from troth.web.accounts.post import post

    answer = browser.client.post("/me/door", {"email": "ana@example.org"})
    post.wait()
    code = re.search(r"[0-9B-Z]{4}-[0-9B-Z]{4}", browser.front.box.the_only().text())[0]
    handle = answer.headers["Location"].split("?")[0]
    assert browser.client.post(handle, {"code": "WRONG"}).status_code == 400
    assert browser.client.post(handle, {"code": code})["Location"] == "/me", "sending it was the press"
    assert "Ana Exemple" in browser.get("/me")[1]
    assert Browser(browser.front).client.post(handle, {"code": code}).status_code == 400


def test_the_cookie_is_the_one_of_the_policy(browser: Browser) -> None:
    browser.come_in()
    assert set(browser.client.cookies) == {"__Host-essai"}
    cookie = browser.client.cookies["__Host-essai"]
    assert 2 * 86400 - 60 < cookie["max-age"] <= 2 * 86400
    assert cookie["secure"]
    assert cookie["httponly"]


def test_an_erasure_shows_its_consequence_and_needs_the_box(browser: Browser) -> None:
    from troth.desk.models import File

    browser.come_in()
    _, page = browser.get("/me/ask/erasure")
    assert "accounting documents" in page
    assert "December 2036" in page
    status, page = browser.post("/me/ask/erasure")
    assert status == 400
    assert not File.objects.exists()
    status, page = browser.post("/me/ask/erasure", everything="1", sure="1", seen="")
    assert "received" in page
    browser.front.work()
    ref = File.objects.get().ref
    browser.front.say_yes(ref)
    browser.front.work()
    assert "answered, in part" in browser.get(f"/me/requests/{ref}")[1].lower()
    assert browser.front.rows("SELECT email FROM customers WHERE id = 1") == [(None,)]


def test_a_copy_is_asked_for_made_and_fetched(browser: Browser) -> None:
    browser.come_in()
    browser.post("/me/ask/access")
    browser.front.box.received.clear()
    browser.front.work()
    link = re.search(r"/answers/\S+", browser.front.box.the_only().text())[0]
    answer = browser.client.post(link)
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_a_correction_and_an_objection(browser: Browser) -> None:
    browser.come_in()
    name = entry(browser.get("/me/ask/rectification")[1], "Ana Exemple")
    assert browser.post("/me/ask/rectification", **{name: "Ana Exemple"})[0] == 400
    browser.post("/me/ask/rectification", **{name: "Ana Juste"})
    browser.post("/me/ask/objection", purpose="offers")
    browser.front.work()
    assert browser.front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Juste",)]
    assert browser.get("/me")[1].count("answered") == 2


def test_a_wish_can_be_taken_back(browser: Browser) -> None:
    from troth.desk.models import File

    browser.come_in()
    browser.post("/me/ask/erasure", everything="1", sure="1", seen="")
    ref = File.objects.get().ref
    _, page = browser.get(f"/me/requests/{ref}")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]
    browser.client.post(f"/me/requests/{ref}/withdraw", {"csrf": csrf})
    browser.front.work()
    assert browser.front.state_of(ref) == "withdrawn"


def test_somebody_elses_request_does_not_exist(browser: Browser) -> None:
    from troth.desk.models import File

    browser.come_in()
    browser.post("/me/ask/erasure", everything="1", sure="1", seen="")
    ref = File.objects.get().ref
    other = Browser(browser.front)
    other.come_in("bo@example.org")
    assert other.get(f"/me/requests/{ref}")[0] == 404
    assert other.client.post(f"/me/requests/{ref}/withdraw").status_code in (403, 404)
    assert browser.front.state_of(ref) != "withdrawn"


def test_forms_of_strangers_do_nothing(browser: Browser) -> None:
    from troth.desk.models import File

    browser.come_in()
    for headers in (
        {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
    ):
        assert browser.client.post("/me/ask/access", {}, headers=headers).status_code == 403
    assert not File.objects.exists()


def test_after_a_while_data_leaves_only_after_a_fresh_letter(browser: Browser) -> None:
    from datetime import UTC, datetime, timedelta

    from troth.web.accounts.models import Session
    from troth.web.accounts.sessions import SessionStore

    browser.come_in()
    key = browser.client.cookies["__Host-essai"].value
    store = SessionStore(key)
    store["me_since"] = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()
    store.save()
    assert "once more that it is you" in browser.get("/me/ask/access")[1]
    assert "Object to a use" in browser.get("/me/ask/objection")[1]
    store["me_since"] = (datetime.now(UTC) - timedelta(minutes=61)).isoformat()
    store.save()
    assert "Send me the mail" in browser.get("/me")[1]
    assert Session.objects.count() == 1


def test_in_french(browser: Browser) -> None:
    browser.come_in()
    _, page = browser.get("/me?lang=fr")
    assert "Ce qui est conservé sur vous" in page
    assert "Commandes" in page
    assert 'lang="fr"' in page
