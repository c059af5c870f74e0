"""The account that the demo opens, and what it does when that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from machine import free_port
from troth.demo import account
from troth.demo.account import EMAIL, NoAccount, new_password, open_account
from troth.demo.browser import Browser
from troth.demo.machine import listen
from troth.demo.mailbox import Mailbox
from troth.demo.pages import Answer, Asked, PageServer, Site
from troth.demo.place import Place
from troth.demo.visit import files_with


def test_no_password_is_like_another_and_all_are_strong() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert len(password) >= 20
        assert any(c.isdigit() for c in password)
        assert any(c.isupper() for c in password)
        assert any(c.islower() for c in password)


@contextmanager
def at(site: Site) -> Iterator[Place]:
    server = PageServer(site, listen(free_port()))
    server.start()
    yield Place("a site", "maison.localhost", server.port, server.port)
    server.stop()


class FakeTroth:
    """Accounts as the demo meets them; ``wrong`` names the step that fails."""

    def __init__(self, box: Mailbox, wrong: str = "") -> None:
        self.box, self.wrong = box, wrong
        self.asked: list[str] = []

    def __call__(self, asked: Asked) -> Answer:
        step = f"{asked.method} {asked.path}"
        self.asked.append(step)
        if step == self.wrong:
            return Answer("no", status=500)
        if step == "POST /account/signup" and self.wrong != "letter":
            link = "nothing" if self.wrong == "link" else f"http://{asked.headers['host']}/account/letter/a/b"
            self.box.add(f"To: {EMAIL}\n\nhttp://{asked.headers['host']}/ {link}\n".encode(), [EMAIL])
        if asked.method == "POST":
            return Answer(status=302, headers={"Location": "/account", "Set-Cookie": "__Host-x=17; Path=/; Secure"})
        page = f'{EMAIL} <input name="csrf" value="a&amp;b">'
        return Answer(page + (' <input name="password">' if asked.path.endswith("/a/b") else ""))


def test_it_is_opened_as_a_person_would() -> None:
    box = Mailbox()
    other = box.add(b"Subject: another\n\n", ["b@example.org"])
    troth = FakeTroth(box)
    with at(troth) as place:
        assert len(open_account(place, box)) >= 20
    assert troth.asked == [
        "GET /account/signup", "POST /account/signup", "GET /account/letter/a/b", "POST /account/letter/a/b", "GET /account",
    ]  # fmt: skip
    assert box.all() == [other], "the letter is taken out, and nothing else"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("POST /account/signup", "sign-up page answered with 500"),
        ("letter", "no letter came"),
        ("link", "the letter has no link"),
        ("GET /account/letter/a/b", "leads to no form, but to 500"),
        ("POST /account/letter/a/b", "were answered with 500"),
        ("GET /account", "does not know her"),
    ],
)
def test_what_goes_wrong_is_named(monkeypatch: pytest.MonkeyPatch, wrong: str, said: str) -> None:
    monkeypatch.setattr(account, "_PATIENCE", 0.3)
    box = Mailbox()
    with at(FakeTroth(box, wrong)) as place, pytest.raises(NoAccount, match=said):
        open_account(place, box)


# --- the browser ----------------------------------------------------------------------------------


@pytest.fixture
def heard() -> list[Asked]:
    return []


@pytest.fixture
def browser(heard: list[Asked]) -> Iterator[Browser]:
    answers: dict[str, Callable[[], Answer]] = {
        "/": lambda: Answer('<input name="csrf" value="a&amp;b">', headers={"Set-Cookie": "one=1; Path=/"}),
        "/two": lambda: Answer("", headers={"Set-Cookie": "two=2; Path=/"}),
    }

    def site(asked: Asked) -> Answer:
        heard.append(asked)
        return answers.get(asked.path, lambda: Answer(status=404))()

    with at(site) as place:
        yield Browser(place)


def test_it_keeps_cookies_and_says_where_its_forms_come_from(browser: Browser, heard: list[Asked]) -> None:
    assert [browser.get("/"), browser.post("/two", {"x": "y"}), browser.get("/")] == [200, 200, 200]
    assert [asked.headers.get("cookie") for asked in heard] == [None, "one=1", "one=1; two=2"]
    assert heard[1].headers["origin"] == browser.place.address
    assert heard[1].headers["host"] == f"maison.localhost:{browser.place.port}"
    assert int(heard[1].headers["content-length"]) == len("csrf=a%26b&x=y")
    assert browser.value("csrf") == "a&b"
    with pytest.raises(KeyError):
        browser.value("other")


def test_a_site_that_is_not_there_is_an_answer_too() -> None:
    nowhere = Browser(Place("nothing", "maison.localhost", free_port(), 1), page="before")
    assert (nowhere.get("/"), nowhere.page) == (0, "")


def test_every_file_that_holds_a_word_is_found(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "state.db-wal").write_bytes(b"\0\0token\0")
    (tmp_path / "a" / "other").write_bytes(b"tok en")
    assert files_with(b"token", tmp_path) == [tmp_path / "a" / "b" / "state.db-wal"]
