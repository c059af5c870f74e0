"""Sign-up and login: letters that are read, cookies exactly as the policy promises, sessions that end."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from databases import CHECKOUT
from web.conftest import GOOD, Person, Post, Site

TEST, LOGIN = "__Host-verdier_test", "__Host-verdier_session"
ANA = "ana@example.org"


def log_in(person: Person, email: str = ANA, password: str = GOOD, **more: str) -> Any:
    """Look at the login page, then send it."""
    person.get("/account/login")
    return person.post("/account/login", email=email, password=password, **more)


# --- sign-up


def test_an_account_begins_when_its_letter_was_read(letters: Post) -> None:
    from troth.web.accounts.models import User

    ana = Person()
    answer = ana.post("/account/signup", email="Ana@Example.org")
    assert answer.status_code == 302
    assert "ana" not in answer.headers["Location"]
    assert not ana.cookies()
    link = letters.link(ANA)
    assert "ana" not in link
    ana.get(link)
    assert ANA in ana.page
    assert not User.objects.exists()  # programs that scan mail open links
    assert ana.post(link, password=GOOD).status_code == 302
    assert User.objects.get().email == ANA
    assert ANA in ana.get("/account").content.decode()


def test_the_code_of_the_letter_does_the_same_as_its_link(letters: Post) -> None:
    ana = Person()
    page = ana.post("/account/signup", email=ANA).headers["Location"]
    assert "Look into your mailbox" in ana.get(page).content.decode()
    assert ana.post(page, code="BBBB-BBBB").status_code == 400
    answer = ana.post(page, code=letters.code(ANA).lower().replace("-", " "))
    assert answer.status_code == 302
    ana.get(answer.headers["Location"])
    assert ana.post(answer.headers["Location"], password=GOOD).status_code == 302
    assert ANA in ana.get("/account").content.decode()


def test_a_letter_is_good_once(ana: Person, letters: Post) -> None:
    link = letters.link(ANA)
    assert Person().get(link).status_code == 410
    assert Person().post(link, password=GOOD).status_code == 410


@pytest.mark.parametrize(("act", "path", "hours"), [("signup", "signup", 24), ("reset", "password/forgotten", 0.25)])
def test_a_letter_ends(ana: Person, letters: Post, act: str, path: str, hours: float) -> None:
    from troth.web.accounts.models import Letter

    to = ANA if act == "reset" else "new@example.org"
    page = Person().post(f"/account/{path}", email=to).headers["Location"]
    letter = Letter.objects.get(handle=page.rpartition("/")[2])
    ends = datetime.now(UTC) + timedelta(hours=hours)
    assert abs((letter.expires_at - ends).total_seconds()) < 60
    link = letters.link(to)
    assert Person().get(link).status_code == 200
    Letter.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert Person().get(link).status_code == 410
    assert Person().post(page, code=letters.code(to)).status_code == 400


def test_a_letter_for_another_page_opens_none_of_these(letters: Post) -> None:
    from troth.web.accounts import letters as writing

    written = writing.write("me", ANA)
    assert Person().get("/account/letter/{}/{}".format(*written.path)).status_code == 410


def test_of_two_letters_for_one_act_the_first_used_ends_the_other(ana: Person, letters: Post) -> None:
    links = []
    for _ in range(2):
        Person().post("/account/login/letter", email=ANA)
        links.append(letters.link(ANA))
    person = Person()
    person.get(links[0])
    assert person.post(links[0]).status_code == 302
    assert Person().get(links[1]).status_code == 410


def test_a_letter_is_used_by_one_of_two_who_are_at_it(letters: Post) -> None:
    from troth.web.accounts import letters as writing

    written = writing.write("signup", ANA)
    found = writing.linked(*written.path)
    assert found is not None
    pk = found.pk
    assert writing.use(found)
    found.pk = pk
    assert not writing.use(found)


def test_a_blind_letter_opens_nothing_even_to_whoever_guesses_it(letters: Post) -> None:
    from troth.web.accounts import letters as writing

    blind, real = writing.write("reset"), writing.write("reset", ANA)
    assert writing.linked(*blind.path) is None
    assert writing.typed(blind.letter.handle, blind.code) is None
    assert writing.linked(*real.path) is not None
    assert writing.typed(real.letter.handle, real.code) is not None


def test_the_sixth_code_is_not_looked_at(letters: Post) -> None:
    person = Person()
    page = person.post("/account/signup", email=ANA).headers["Location"]
    for _ in range(5):
        assert person.post(page, code="BBBBBBBB").status_code == 400
    answer = person.post(page, code=letters.code(ANA))
    assert answer.status_code == 400
    assert "can no longer be used" in person.page


def test_the_database_alone_opens_no_letter_and_no_session(ana: Person, letters: Post, site: Site) -> None:
    Person().post("/account/password/forgotten", email=ANA)
    link, code = letters.link(ANA), letters.code(ANA)
    content = b"".join(path.read_bytes() for path in site.state.glob("site.db*"))
    for secret in (link.rpartition("/")[2], code, code.replace("-", ""), ana.cookies()[LOGIN], GOOD):
        assert secret.encode() not in content
    assert ANA.encode() in content  # the search works


# --- cookies


def test_the_test_cookie_comes_with_the_login_page_only(letters: Post) -> None:
    person = Person()
    for path in ("/", "/account/signup", "/account/password/forgotten", "/account/login/letter", "/preferences"):
        assert person.get(path).status_code == 200
        assert not person.client.cookies, path
    person.get("/account/login")
    assert person.cookies() == {TEST: "1"}
    cookie = person.client.cookies[TEST]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")
    assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
    assert cookie["secure"]
    assert cookie["httponly"]


@pytest.mark.parametrize(("remember", "days"), [({}, 2), ({"remember": "1"}, 14)])
def test_the_login_cookie_lives_as_long_as_the_policy_says(ana: Person, remember: dict[str, str], days: int) -> None:
    from troth.web.accounts.models import Session

    person = Person()
    assert log_in(person, **remember).status_code == 302
    assert set(person.cookies()) == {TEST, LOGIN}
    cookie = person.client.cookies[LOGIN]
    assert abs(cookie["max-age"] - days * 86400) <= 2
    assert (cookie["path"], cookie["domain"], cookie["samesite"]) == ("/", "", "Lax")
    assert cookie["secure"]
    assert cookie["httponly"]
    newest = Session.objects.order_by("created_at").last()
    assert newest is not None
    assert abs((newest.expire_date - datetime.now(UTC)).total_seconds() - days * 86400) < 30


def test_the_file_decides_the_name_and_the_period(ana: Person, site: Site) -> None:
    site.edit(
        "site.yaml", "__Host-verdier_session:\n    for: 2 days\n    remembered: 2 weeks", "chez_nous:\n    for: 3 hours"
    )
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish()
    person = Person()
    assert log_in(person, remember="1").status_code == 302
    assert set(person.cookies()) == {TEST, "chez_nous"}
    assert abs(person.client.cookies["chez_nous"]["max-age"] - 3 * 3600) <= 2
    assert "remember" not in Person().get("/account/login").content.decode()


def test_using_the_site_does_not_prolong_the_login(ana: Person) -> None:
    from troth.web.accounts.models import Session

    Session.objects.update(expire_date=datetime.now(UTC) + timedelta(minutes=5))
    for path in ("/account", "/account/sessions", "/account/profile"):
        answer = ana.get(path)
        assert answer.status_code == 200
        assert LOGIN not in answer.cookies
    Session.objects.update(expire_date=datetime.now(UTC) - timedelta(seconds=1))
    answer = ana.get("/account")
    assert answer.status_code == 302
    assert answer.cookies[LOGIN]["max-age"] == 0


def test_logging_out_removes_the_session_from_browser_and_database(ana: Person) -> None:
    from troth.web.accounts.models import Session

    kept = ana.cookies()[LOGIN]
    assert ana.get("/account/logout").status_code == 200
    assert Session.objects.count() == 1
    answer = ana.post("/account/logout")
    assert answer.cookies[LOGIN]["max-age"] == 0
    assert not Session.objects.exists()
    ana.client.cookies[LOGIN] = kept
    assert ana.get("/account").status_code == 302


def test_a_browser_that_keeps_no_cookies_is_told_so(ana: Person) -> None:
    person = Person()
    answer = person.post("/account/login", email=ANA, password=GOOD)
    assert answer.status_code == 400
    assert "did not keep our cookie" in person.page
    assert LOGIN not in person.cookies()


def test_no_page_but_those_of_accounts_looks_at_the_session(ana: Person, django_queries: list[str]) -> None:
    for path in ("/", "/en/", "/history", "/.well-known/privacy.json", "/readyz"):
        assert ana.get(path).status_code == 200
    assert not django_queries
    ana.get("/account")
    assert django_queries


# --- login


def test_wrong_passwords_and_unknown_addresses_get_the_same_answer(ana: Person) -> None:
    pages = []
    for email in (ANA, "nobody@example.org"):
        person = Person()
        assert log_in(person, email, "not the right one").status_code == 400
        pages.append(_bare(person.page).replace(email, "…"))
    assert pages[0] == pages[1]
    assert "do not fit together" in pages[0]


@pytest.mark.parametrize("path", ["signup", "password/forgotten", "login/letter"])
def test_nobody_learns_from_the_pages_whether_an_address_is_known(ana: Person, letters: Post, path: str) -> None:
    from troth.web.accounts.models import Letter

    seen = []
    for email in (ANA, "nobody@example.org"):
        person, before = Person(), len(letters.box.received)
        rows = Letter.objects.count()
        answer = person.post(f"/account/{path}", email=email)
        person.get(answer.headers["Location"])
        page = person.page
        person.post(answer.headers["Location"], code="BBBBBBBB")
        letters.wait()
        handle = answer.headers["Location"].rpartition("/")[2]
        assert Letter.objects.count() == rows + 1
        assert len(letters.box.received) == before + 1
        seen.append((answer.status_code, _bare(page.replace(handle, "…")), _bare(person.page.replace(handle, "…"))))
    assert seen[0] == seen[1]


def _bare(page: str) -> str:
    """Without what is another each time."""
    return re.sub(r'(name="(?:csrf|asked)" value|data-passkey)="[^"]+"', r'\1="…"', page)


def test_who_signs_up_with_a_known_address_is_told_by_mail_only(ana: Person, letters: Post) -> None:
    from troth.web.accounts.models import User

    page = Person().post("/account/signup", email=ANA).headers["Location"]
    mail = letters.last(ANA)
    assert "There is one already" in mail
    assert "/account/letter/" not in mail
    assert "Code" not in mail
    assert Person().post(page, code="").status_code == 400
    assert User.objects.count() == 1


def test_a_forgotten_password_is_replaced_and_every_session_ends(ana: Person, letters: Post) -> None:
    from troth.web.accounts.models import Session

    new = "Une phrase de passe toute neuve, et assez longue"
    person = Person()
    person.post("/account/password/forgotten", email=ANA)
    link = letters.link(ANA)
    person.get(link)
    assert person.post(link, password="court").status_code == 400
    assert person.post(link, password=new).headers["Location"] == "/account/login?said=password_changed"
    assert "Your new password is in force" in person.get("/account/login?said=password_changed").content.decode()
    assert not Session.objects.exists()
    assert ana.get("/account").status_code == 302
    assert log_in(person).status_code == 400
    assert log_in(person, password=new).status_code == 302
    letters.wait()
    assert "has just been changed" in letters.last(ANA)


def test_a_letter_logs_in_without_a_password(ana: Person, letters: Post) -> None:
    person = Person()
    person.post("/account/login/letter", email=ANA)
    link = letters.link(ANA)
    assert person.get(link).status_code == 200
    assert LOGIN not in person.cookies()
    assert person.post(link, remember="1").status_code == 302
    assert abs(person.client.cookies[LOGIN]["max-age"] - 14 * 86400) <= 2
    assert Person().get(link).status_code == 410


def test_a_typed_code_logs_in_with_one_press(ana: Person, letters: Post) -> None:
    person = Person()
    page = person.post("/account/login/letter", email=ANA).headers["Location"]
    assert 'name="remember"' in person.get(page).content.decode()
    assert person.post(page, code=letters.code(ANA), remember="1").headers["Location"] == "/account"
    assert abs(person.client.cookies[LOGIN]["max-age"] - 14 * 86400) <= 2
    assert Person().post(page, code=letters.code(ANA)).status_code == 400


def test_a_login_leads_to_where_the_person_wanted_to_go(ana: Person) -> None:
    person = Person()
    answer = person.get("/account/sessions")
    assert answer.headers["Location"] == "/account/login?next=/account/sessions"
    person.get(answer.headers["Location"])
    answer = person.post(answer.headers["Location"], email=ANA, password=GOOD)
    assert answer.headers["Location"] == "/account/sessions"


def test_a_policy_without_accounts_has_no_such_pages(site: Site, database: Path) -> None:
    for path in site.folder.glob("*.yaml"):
        path.unlink()
    shutil.copy(CHECKOUT / "examples" / "chinook" / "troth.yaml", site.folder / "troth.yaml")
    site.publish()
    person = Person()
    for path in (
        "/account",
        "/account/login",
        "/account/signup",
        "/account/letter/x",
        "/account/letter/x/y",
        "/account/logout",
    ):
        assert person.get(path).status_code == 404, path
    assert person.post("/account/login", email=ANA, password=GOOD).status_code == 404
    assert "/account" not in person.get("/en/").content.decode()
    assert not person.cookies()


def test_letters_are_written_in_the_language_of_the_page(letters: Post) -> None:
    Person().post("/account/signup?lang=fr", email=ANA)
    mail = letters.last(ANA)
    assert "Quelqu’un, sans doute vous" in mail
    assert "24 heures" in mail
    Person().post("/account/signup?lang=en", email="bo@example.org")
    assert "Somebody, probably you" in letters.last("bo@example.org")
