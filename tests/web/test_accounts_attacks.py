"""What people try who are not the account's holder."""

from __future__ import annotations

import re

import pytest

from web.conftest import GOOD, Person, Post, Site
from web.test_accounts import ANA, LOGIN, TEST, log_in

EVIL = {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"}


@pytest.mark.parametrize(
    "headers",
    [
        EVIL, {"Origin": "null"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.test"}, {},
        {"Origin": "https://testserver.evil.test"}, {"Origin": "https://testserver:444"}, {"Origin": "chrome://testserver"},
        {"Origin": "https://testserver", "Sec-Fetch-Site": "cross-site"},
    ],
)  # fmt: skip
def test_forms_of_other_sites_do_nothing(ana: Person, headers: dict[str, str]) -> None:
    from troth.web.accounts.models import Letter, Session

    before = Session.objects.count(), Letter.objects.count()
    for path, fields in (
        ("/account/logout", {}), ("/account/sessions", {"others": "1"}), ("/account/profile", {"field_first_name": "X"}),
        ("/account/signup", {"email": "bo@example.org"}), ("/account/login", {"email": ANA, "password": GOOD}),
    ):  # fmt: skip
        ana.get("/account/profile")
        assert ana.field("csrf")  # even with the right secret
        assert ana.post(path, headers=headers, **fields).status_code == 403, path
    assert (Session.objects.count(), Letter.objects.count()) == before
    assert "came from elsewhere" in ana.page


def test_a_form_of_a_session_carries_its_secret(ana: Person) -> None:
    ana.get("/account/profile")
    own = ana.field("csrf")
    for wrong in ("", "x", own[:-1], own.partition(".")[2], f"other.{own.partition('.')[2]}"):
        ana.page = ""
        assert ana.post("/account/profile", csrf=wrong, field_first_name="X").status_code == 403
    ana.get("/account/profile")
    assert ana.field("csrf") != own
    assert ana.post("/account/profile", csrf=own, field_first_name="Ana").status_code == 302


def test_a_session_that_was_planted_before_the_login_is_worth_nothing(ana: Person) -> None:
    from troth.web.accounts.models import Session
    from troth.web.accounts.sessions import SessionStore, hashed

    real = SessionStore()  # a row of somebody who has gone to the provider
    real["next"] = "/account"
    real.save()
    for planted in ("a" * 32, str(real.session_key)):
        victim, thief = Person(), Person()
        victim.client.cookies[LOGIN] = planted
        assert log_in(victim).status_code == 302
        assert victim.cookies()[LOGIN] != planted
        thief.client.cookies[LOGIN] = planted
        assert thief.get("/account").status_code == 302
        assert not Session.objects.filter(session_key=hashed(planted)).exists()


def test_who_is_given_the_session_of_another_cannot_turn_it_into_their_own(ana: Person, letters: Post) -> None:
    victim = Person()
    victim.client.cookies[LOGIN], victim.client.cookies[TEST] = ana.cookies()[LOGIN], "1"
    assert victim.post("/account/login", email=ANA, password=GOOD).status_code == 403
    assert victim.get("/account/login").status_code == 302  # and sees at once who is logged in
    assert ANA in victim.get("/account").content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.test/", "//evil.test", "/\\evil.test", "/account\\@evil.test", "javascript:alert(1)", "/account//evil.test",
        "account", "/accountant", "/", "http:///evil.test", "/account\r\nX: y", "\t//evil.test", "/account/../../evil",
    ],
)  # fmt: skip
def test_a_login_leads_nowhere_else(ana: Person, path: str) -> None:
    person = Person()
    person.get("/account/login")
    answer = person.post("/account/login", email=ANA, password=GOOD, next=path)
    assert answer.status_code == 302
    location = answer.headers["Location"]
    assert re.fullmatch(r"/account(/[^\\\r\n]*)?", location), location
    assert not location.startswith("//")
    assert "X" not in answer.headers


def test_letters_name_only_our_own_addresses(letters: Post) -> None:
    person = Person()
    own = {"Origin": "https://evil.test", "Sec-Fetch-Site": "same-origin", "Host": "evil.test"}
    assert person.post("/account/signup", headers=own, email=ANA).status_code == 400
    sneaky = {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin", "X-Forwarded-Host": "evil.test"}
    assert person.post("/account/signup", headers=sneaky, email=ANA).status_code == 302
    letters.wait()
    assert len(letters.box.received) == 1
    assert "evil" not in letters.last(ANA)


def test_no_page_can_be_framed_or_read_from_elsewhere(ana: Person) -> None:
    for path in ("/account", "/account/login", "/account/signup", "/preferences", "/account/security/totp"):
        answer = Person().get(path) if path.endswith(("login", "signup")) else ana.get(path)
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert " style=" not in answer.content.decode()
        assert "<script>" not in answer.content.decode()
        assert "onclick" not in answer.content.decode()


def test_a_stranger_who_guesses_shuts_out_only_himself(ana: Person) -> None:
    stranger = Person("198.51.100.1")
    answers = [log_in(stranger, password=f"guess number {n}").status_code for n in range(12)]
    assert answers == [400] * 10 + [429] * 2
    assert "get a mail to log in" in stranger.page
    assert log_in(stranger).status_code == 429  # not even with the right one
    assert log_in(Person("203.0.113.7")).status_code == 302


def test_many_strangers_shut_out_nobody_who_has_been_here(ana: Person, letters: Post) -> None:
    for n in range(60):
        log_in(Person(f"198.51.100.{n}"), password="a guess")
    elsewhere = Person("192.0.2.1")
    assert log_in(elsewhere).status_code == 429
    assert log_in(Person("203.0.113.7")).status_code == 302
    elsewhere.post("/account/login/letter", email=ANA)  # this always works
    link = letters.link(ANA)
    elsewhere.get(link)
    assert elsewhere.post(link).status_code == 302
    assert log_in(Person("192.0.2.1")).status_code == 302


def test_an_unknown_address_is_slowed_down_like_a_known_one(ana: Person) -> None:
    seen = []
    for email in (ANA, "nobody@example.org"):
        stranger = Person(f"198.51.100.{len(seen) + 1}")
        seen.append([log_in(stranger, email, "a guess").status_code for _ in range(12)])
    assert seen[0] == seen[1]


def test_letters_are_not_a_way_to_flood_a_mailbox(letters: Post) -> None:
    answers = [Person(f"198.51.100.{n}").post("/account/signup", email=ANA).status_code for n in range(8)]
    letters.wait()
    assert answers == [302] * 5 + [429] * 3
    assert len(letters.box.received) == 5


def test_using_up_the_letters_for_one_act_leaves_those_that_open_the_door(ana: Person, letters: Post) -> None:
    for n in range(8):
        Person(f"198.51.100.{n}").post("/account/signup", email=ANA)
    person = Person("192.0.2.1")
    assert person.post("/account/login/letter", email=ANA).status_code == 302
    assert letters.link(ANA)


def test_whoever_reads_mail_before_its_owner_gets_no_account_with_a_password_of_somebody_else(letters: Post) -> None:
    """Signing up with another's address and a password of one's own plants nothing: it is chosen after the letter."""
    from troth.web.accounts.models import Letter, User

    thief = Person()
    thief.post("/account/signup", email=ANA, password="the thief's own password, long enough")
    assert not User.objects.exists()
    assert {field.name for field in Letter._meta.get_fields()}.isdisjoint({"password"})


def test_nothing_of_a_person_is_in_the_log(ana: Person, letters: Post, capfd: pytest.CaptureFixture[str]) -> None:
    letters.box.mode = "refuse_recipient"
    Person().post("/account/password/forgotten", email=ANA)
    log_in(Person(), password="secret guess")
    letters.wait()
    said = "".join(capfd.readouterr())
    assert '"route": "forgotten"' in said
    assert ANA not in said
    assert "secret guess" not in said
    assert "203.0.113.7" not in said


def test_a_mail_server_that_refuses_changes_no_answer(letters: Post) -> None:
    letters.box.mode = "refuse_recipient"
    answer = Person().post("/account/signup", email=ANA)
    assert answer.status_code == 302
    letters.wait()
    letters.box.mode = "accept"
    Person().post("/account/signup", email=ANA)  # asking again is all it takes
    assert letters.link(ANA)


def test_methods_that_change_something_are_not_get(ana: Person, site: Site) -> None:
    from troth.web.accounts.models import Session, User

    for path in (
        "/account/logout",
        "/account/sessions?others=1",
        "/account/profile/close?sure=1",
        "/account/profile?field_first_name=X",
    ):
        assert ana.get(path).status_code == 200
    assert Session.objects.count() == 1
    assert User.objects.count() == 1
