"""What people do with their own account: profile, address, sessions, password, second factors, closing it."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from web.conftest import GOOD, Person, Post, Site
from web.test_accounts import ANA, LOGIN, log_in


@pytest.fixture
def stale(ana: Person) -> Person:
    """Ana, who logged in more than ten minutes ago."""
    from troth.web.accounts.models import Session

    for row in Session.objects.all():
        data = row.get_decoded()
        data["proved"] = (datetime.now(UTC) - timedelta(minutes=11)).isoformat()
        row.session_data = row.get_session_store_class()().encode(data)
        row.save()
    return ana


# --- profile


def test_people_see_and_correct_what_is_known_of_them(ana: Person) -> None:
    from troth.web.accounts.models import User

    ana.get("/account/profile")
    assert ANA in ana.page
    assert "First name" in ana.page
    answer = ana.post(
        "/account/profile", field_first_name=" Ana  Maria ", field_phone="+33 1", field_iban="FR76", letters="fr"
    )
    assert answer.status_code == 302
    user = User.objects.get()
    assert user.details == {"first_name": "Ana Maria", "last_name": "", "phone": "+33 1"}
    assert user.language == "fr"
    assert 'value="Ana Maria"' in ana.get("/account/profile").content.decode()


def test_only_the_fields_of_the_policy_are_asked_for(ana: Person, site: Site) -> None:
    site.edit("site.yaml", "first_name: Name, last_name: Name, phone: TelephoneNumber}\n  people_may",
              "nickname: {is: Username, required: true, why: {en: to greet you, fr: pour vous saluer}}}\n  people_may")  # fmt: skip
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish()
    ana.get("/account/profile")
    assert re.findall(r'name="field_(\w+)"', ana.page) == ["nickname"]
    assert "to greet you" in ana.page
    assert ana.post("/account/profile", field_nickname="").status_code == 400
    assert ana.post("/account/profile", field_nickname="ana").status_code == 302


def test_a_letter_opens_without_a_reproach_where_something_is_required(site: Site, ana: Person, letters: Post) -> None:
    site.edit("site.yaml", "first_name: Name, last_name: Name, phone: TelephoneNumber}\n  people_may",
              "nickname: {is: Username, required: true}}\n  people_may")  # fmt: skip
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish()
    bo = Person()
    bo.get("/account/signup")
    bo.post("/account/signup", email="bo@example.org")
    assert bo.get(letters.link("bo@example.org")).status_code == 200
    assert 'role="alert"' not in bo.page
    assert bo.post(letters.link("bo@example.org"), password="correct horse battery staple").status_code == 400


@pytest.mark.parametrize("typed", [False, True], ids=["link", "code"])
def test_another_address_counts_when_its_letter_was_read(ana: Person, letters: Post, typed: bool) -> None:
    from troth.web.accounts.models import User

    ana.get("/account/profile/address")
    page = ana.post("/account/profile/address", email="ana.new@example.org").headers["Location"]
    assert User.objects.get().email == ANA
    link = letters.link("ana.new@example.org")
    ana.get(page)
    ana.get(link)
    assert User.objects.get().email == ANA
    if typed:
        assert ana.post(page, code=letters.code("ana.new@example.org")).headers["Location"] == "/account?said=saved"
    else:
        assert ana.post(link).status_code == 302
    assert User.objects.get().email == "ana.new@example.org"
    assert "another address" in letters.last(ANA)
    assert log_in(Person(), "ana.new@example.org").status_code == 302
    assert log_in(Person(), ANA).status_code == 400


def test_an_address_that_is_taken_stays_with_whoever_has_it(ana: Person, letters: Post) -> None:
    from troth.web.accounts.models import User

    User(email="bo@example.org").save()
    ana.get("/account/profile/address")
    page = ana.post("/account/profile/address", email="bo@example.org").headers["Location"]
    assert "has one already" in letters.last("bo@example.org")
    assert "Code" not in letters.last("bo@example.org")
    assert "Look into your mailbox" in ana.get(page).content.decode()
    assert set(User.objects.values_list("email", flat=True)) == {ANA, "bo@example.org"}


def test_people_do_by_themselves_what_the_policy_lets_them(ana: Person, site: Site) -> None:
    ana.get("/account/profile")
    assert "/account/profile/close" in ana.page
    site.edit("site.yaml", "people_may: [see, change, delete]", "people_may: [see]")
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-12-01")
    site.publish()
    assert ana.get("/account/profile").status_code == 200
    assert "/account/profile/close" not in ana.page
    assert "field_first_name" not in ana.page
    ana.get("/account/sessions")
    assert ana.get("/account/profile/close").status_code == 404
    assert ana.get("/account/profile/address").status_code == 404


# --- closing


def test_closing_takes_everything_here_and_says_what_stays_elsewhere(ana: Person, letters: Post) -> None:
    from allauth.mfa.models import Authenticator

    from troth.web.accounts import letters as writing
    from troth.web.accounts.models import Letter, Session, User

    _turn_on(ana)
    log_in(Person())
    Person().post("/account/password/forgotten", email=ANA)
    writing.write("signup", ANA)  # of before she had the account
    ana.get("/account/profile/close")
    assert "your rights in the policy" in ana.page
    assert "write to us" in ana.page
    assert ana.post("/account/profile/close").status_code == 400
    assert User.objects.exists()
    answer = ana.post("/account/profile/close", sure="1")
    assert answer.cookies[LOGIN]["max-age"] == 0
    for model in (User, Session, Letter, Authenticator):
        assert not model.objects.exists(), model
    assert log_in(Person()).status_code == 400


def test_who_closes_an_account_gets_a_last_mail_that_says_so(ana: Person, letters: Post) -> None:
    ana.get("/account/profile/close")
    ana.post("/account/profile/close")
    letters.wait()
    before = len(letters.box.received)
    ana.post("/account/profile/close", sure="1")
    said = letters.last(ANA)
    assert len(letters.box.received) == before + 1
    assert "Your account has just been closed" in said
    assert "Write to us at once" in said


def test_nothing_is_left_in_the_file_of_the_database(ana: Person, site: Site) -> None:
    from django.db import connection

    ana.get("/account/profile")
    ana.post("/account/profile", field_first_name="Zephyrine")
    ana.get("/account/profile/close")
    ana.post("/account/profile/close", sure="1")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = b"".join(path.read_bytes() for path in site.state.glob("site.db*"))
    assert b"accounts_user" in content
    assert ANA.encode() not in content
    assert b"Zephyrine" not in content


def test_closing_is_all_or_nothing(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.accounts.models import Session, User

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError

    ana.client.raise_request_exception = False
    monkeypatch.setattr(User.objects.all().__class__, "delete", broken)
    ana.get("/account/profile/close")
    answer = ana.post("/account/profile/close", sure="1")
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"  # its words have accents
    monkeypatch.undo()
    assert Session.objects.count() == 1
    assert User.objects.count() == 1


# --- proving it again


@pytest.mark.parametrize(
    "path",
    [
        "profile/address",
        "profile/close",
        "password/change",
        "security/passkey",
        "security/totp",
        "security/totp/off",
        "security/codes",
    ],
)
def test_what_matters_asks_again_who_it_is(stale: Person, path: str) -> None:
    from troth.web.accounts.models import User

    answer = stale.get(f"/account/{path}")
    assert answer.headers["Location"] == f"/account/again?next=/account/{path}"
    stale.get("/account")
    stale.get("/account/sessions")
    stale.get("/account/profile")
    answer = stale.post(f"/account/{path}", sure="1", password=GOOD + "!", email="x@example.org")
    assert answer.headers["Location"].startswith("/account/again")
    assert User.objects.get().check_password(GOOD)


def test_the_password_proves_it(stale: Person) -> None:
    again = stale.get("/account/profile/close").headers["Location"]
    stale.get(again)
    assert stale.post(again, password="wrong").status_code == 400
    answer = stale.post(again, password=GOOD)
    assert answer.headers["Location"] == "/account/profile/close"
    before = stale.cookies()[LOGIN]
    assert stale.get("/account/profile/close").status_code == 200
    assert stale.cookies()[LOGIN] == before
    assert stale.client.cookies[LOGIN]["max-age"] <= 2 * 86400  # and the end stays where it was


# --- sessions


def test_the_list_shows_browsers_and_no_addresses(ana: Person) -> None:
    log_in(Person("198.51.100.77", "Mozilla/5.0 (iPhone) AppleWebKit Version/18.0 Safari/604.1"), remember="1")
    ana.get("/account/sessions")
    assert "Firefox, Linux" in ana.page
    assert "Safari, iPhone" in ana.page
    assert "198.51.100.77" not in ana.page
    assert "140" not in ana.page
    assert ana.page.count("this browser") == 1


def test_a_session_can_be_ended_from_another_browser(ana: Person) -> None:
    other, third = Person(), Person()
    log_in(other)
    log_in(third)
    other.get("/account/sessions")
    mine = re.findall(r'name="session" value="([0-9a-f]+)"', other.page)
    assert len(mine) == 2
    other.post("/account/sessions", session=mine[0])
    alive = [one.get("/account").status_code for one in (ana, other, third)]
    assert alive.count(200) == 2
    other.get("/account/sessions")
    other.post("/account/sessions", others="1")
    assert [one.get("/account").status_code for one in (ana, other, third)] == [302, 200, 302]


def test_nobody_ends_the_sessions_of_others(ana: Person, letters: Post) -> None:
    from troth.web.accounts.models import Session

    bo = Person()
    bo.post("/account/signup", email="bo@example.org")
    link = letters.link("bo@example.org")
    bo.get(link)
    bo.post(link, password=GOOD)
    theirs = next(row.public_id for row in Session.objects.all() if row.user.email == ANA)
    bo.get("/account/sessions")
    assert theirs not in bo.page
    bo.post("/account/sessions", session=theirs)
    bo.post("/account/sessions", others="1")
    assert ana.get("/account").status_code == 200


# --- password


def test_a_new_password_logs_all_others_out_and_tells_the_person(ana: Person, letters: Post) -> None:
    other, new = Person(), "Huit mots tout neufs pour un vieux compte fidèle"
    log_in(other, remember="1")
    other.get("/account/password/change")
    assert other.post("/account/password/change", password="trop court").status_code == 400
    before = other.cookies()[LOGIN]
    assert other.post("/account/password/change", password=new).status_code == 302
    assert other.cookies()[LOGIN] != before
    assert abs(other.client.cookies[LOGIN]["max-age"] - 14 * 86400) < 30  # still remembered, no longer than before
    assert other.get("/account").status_code == 200
    assert ana.get("/account").status_code == 302
    assert "has just been changed" in letters.last(ANA)
    assert log_in(Person(), password=new).status_code == 302


# --- codes of an application


def _code(secret: str, step: int = 0) -> str:
    from troth.web.accounts.counting import code_of

    return code_of(secret, int(time.time()) // 30 + step)


def _turn_on(person: Person) -> tuple[str, list[str]]:
    person.get("/account/security/totp")
    found = re.search(r'class="key">([A-Z2-7 ]+)<', person.page)
    assert found is not None
    secret = found[1].replace(" ", "")
    assert person.post("/account/security/totp", code=_code(secret)).status_code == 200
    return secret, re.findall(r"<code>(\d{4} \d{4})</code>", person.page)


@pytest.fixture
def guarded(ana: Person) -> tuple[Person, str, list[str]]:
    from allauth.mfa.models import Authenticator

    secret, codes = _turn_on(ana)
    row = Authenticator.objects.get(type="totp")
    row.data["step"] -= 5  # the code that turned it on counts as used
    row.save()
    return ana, secret, codes


def test_with_an_application_the_password_alone_opens_nothing(guarded: tuple[Person, str, list[str]]) -> None:
    _, secret, codes = guarded
    assert len(codes) == 10
    person = Person()
    answer = log_in(person, remember="1")
    assert answer.status_code == 200
    assert LOGIN not in person.cookies()
    ticket = person.field("ticket")
    assert ANA not in ticket
    assert person.get("/account").status_code == 302
    assert person.post("/account/login/second", ticket=ticket, code="é" * 6).status_code == 400
    answer = person.post("/account/login/second", ticket=ticket, code=_code(secret))
    assert answer.status_code == 302
    assert abs(person.client.cookies[LOGIN]["max-age"] - 14 * 86400) <= 2


def test_a_code_opens_once(guarded: tuple[Person, str, list[str]]) -> None:
    _, secret, codes = guarded
    for code in (_code(secret), codes[0]):
        person, second = Person(), Person()
        log_in(person)
        assert person.post("/account/login/second", ticket=person.field("ticket"), code=code).status_code == 302
        log_in(second)
        assert second.post("/account/login/second", ticket=second.field("ticket"), code=code).status_code == 400
    ana = guarded[0]
    assert "are left: 9" in ana.get("/account/security").content.decode()


def test_a_code_is_the_one_of_the_standard() -> None:
    """RFC 6238, appendix B, the last six of eight digits."""
    from base64 import b32encode

    from troth.web.accounts.counting import code_of

    secret = b32encode(b"12345678901234567890").decode()
    steps = {59: "287082", 1111111109: "081804", 1234567890: "005924", 20000000000: "353130"}
    assert {at: code_of(secret, at // 30) for at in steps} == steps


def test_a_clock_may_be_one_step_off_and_no_more(
    guarded: tuple[Person, str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.accounts import counting

    now = int(time.time()) // 30
    monkeypatch.setattr(counting.time, "time", lambda: now * 30 + 15.0)
    answers = {}
    for off in (-2, 2, -1, 1):
        person = Person()
        log_in(person)
        code = counting.code_of(guarded[1], now + off)
        answers[off] = person.post("/account/login/second", ticket=person.field("ticket"), code=code).status_code
    assert answers == {-2: 400, 2: 400, -1: 302, 1: 302}


@pytest.mark.parametrize("ticket", ["", "x", "eyJ1c2VyIjoxfQ:1abc:sig"])
def test_a_second_step_without_a_first_leads_back(guarded: tuple[Person, str, list[str]], ticket: str) -> None:
    person = Person()
    answer = person.post("/account/login/second", ticket=ticket, code=_code(guarded[1]))
    assert answer.headers["Location"] == "/account/login"
    assert not person.cookies()


def test_codes_cannot_be_guessed_at_leisure(guarded: tuple[Person, str, list[str]]) -> None:
    person = Person()
    log_in(person)
    ticket = person.field("ticket")
    answers = [person.post("/account/login/second", ticket=ticket, code=f"{n:06}").status_code for n in range(12)]
    assert answers == [400] * 10 + [429] * 2
    assert person.post("/account/login/second", ticket=ticket, code=_code(guarded[1])).status_code == 429


@pytest.mark.parametrize("path", ["login/letter", "password/forgotten"])
def test_letters_do_not_go_round_the_second_factor(
    guarded: tuple[Person, str, list[str]], letters: Post, path: str
) -> None:
    person = Person()
    person.post(f"/account/{path}", email=ANA)
    link = letters.link(ANA)
    person.get(link)
    person.post(link, password="Une toute autre phrase, longue et bien à elle")
    assert LOGIN not in person.cookies()
    assert person.get("/account").status_code == 302


def test_secrets_are_encrypted_in_the_table(guarded: tuple[Person, str, list[str]], site: Site) -> None:
    _, secret, codes = guarded
    content = b"".join(path.read_bytes() for path in site.state.glob("site.db*"))
    assert secret.encode() not in content
    assert codes[0].replace(" ", "").encode() not in content
    assert b"recovery_codes" in content


def test_it_can_be_turned_off_and_codes_be_made_anew(guarded: tuple[Person, str, list[str]]) -> None:
    ana, _, codes = guarded
    ana.get("/account/security")
    ana.post("/account/security/codes")
    fresh = re.findall(r"<code>(\d{4} \d{4})</code>", ana.page)
    assert len(fresh) == 10
    assert not set(fresh) & set(codes)
    ana.get("/account/security")
    assert ana.post("/account/security/totp/off").status_code == 302
    assert log_in(Person()).status_code == 302


def test_the_picture_is_drawn_in_the_page(ana: Person) -> None:
    ana.get("/account/security/totp")
    assert "<svg" in ana.page
    assert "data:" not in ana.page
    assert ana.post("/account/security/totp", code="000000").status_code == 400
    assert ana.get("/account/security").status_code == 200
    assert "Off." in ana.page
