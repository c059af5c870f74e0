"""What somebody tries who has had a foot in another's account, or tampers with what a browser sends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from web.conftest import Person, Post
from web.test_accounts import ANA, log_in

OTHER = "Neuf autres mots que personne ne devine jamais"
OWN = {"Origin": "https://testserver", "Sec-Fetch-Site": "same-origin"}


def by_mail(letters: Post) -> None:
    owner = Person("192.0.2.44")
    owner.post("/account/password/forgotten", email=ANA)
    link = letters.link(ANA)
    owner.get(link)
    assert owner.post(link, password=OTHER).status_code == 302


def in_the_account(letters: Post) -> None:
    owner = Person("192.0.2.44")
    assert log_in(owner).status_code == 302
    owner.get("/account/password/change")
    assert owner.post("/account/password/change", password=OTHER).status_code == 302


def out_of_all_others(letters: Post) -> None:
    owner = Person("192.0.2.44")
    assert log_in(owner).status_code == 302
    owner.get("/account/sessions")
    assert owner.post("/account/sessions", others="1").status_code == 302


@pytest.mark.parametrize("change", [by_mail, in_the_account, out_of_all_others])
def test_a_new_password_or_logging_others_out_takes_back_what_a_thief_has_begun(
    ana: Person, letters: Post, change: Any
) -> None:
    from troth.web.accounts.models import User

    ana.get("/account/profile/address")
    assert ana.post("/account/profile/address", email="thief@example.net").status_code == 302
    planted = letters.link("thief@example.net")
    change(letters)
    thief = Person("198.51.100.66")
    thief.get(planted)
    assert thief.post(planted).status_code == 410
    assert [user.email for user in User.objects.all()] == [ANA]


def test_the_port_that_a_client_names_is_not_the_site_s(letters: Post) -> None:
    person = Person()
    sent = {"Host": "privacy.verdier.test:8081", "Sec-Fetch-Site": "same-origin"}
    assert person.post("/account/signup", headers=sent, email=ANA).status_code == 302
    text = letters.last(ANA)
    assert "https://privacy.verdier.test/account/letter/" in text
    assert "8081" not in text


@pytest.mark.parametrize("origin", ["http://[", "https://[::1", "http://]", "https://testserver]"])
def test_an_origin_that_is_none_is_refused(letters: Post, origin: str) -> None:
    person = Person()
    person.client.raise_request_exception = False
    assert person.post("/account/signup", headers={"Origin": origin}, email=ANA).status_code == 403


def _nonsense() -> list[str]:
    part = {"id": "AA", "rawId": "AA", "type": "public-key", "clientExtensionResults": {}}
    short = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}
    return [
        "[" * 50_000, "{}", "null", "1", '"x"', json.dumps(part | {"response": short}),
        json.dumps(part | {"response": short | {"clientDataJSON": "AA"}}), json.dumps(part | {"response": []}),
        json.dumps(part | {"response": {"clientDataJSON": "e30", "attestationObject": "AA"}}),
        json.dumps(part | {"response": short | {"authenticatorData": "A" * 60}}),
        json.dumps(part | {"response": short | {"userHandle": "_" * 64}}), json.dumps(part | {"rawId": 3}),
    ]  # fmt: skip


@pytest.mark.parametrize("answer", _nonsense(), ids=range(len(_nonsense())))
def test_a_passkey_s_answer_that_is_none_is_a_wrong_one(ana: Person, answer: str) -> None:
    stranger = Person()
    stranger.client.raise_request_exception = False
    stranger.get("/account/login")
    asked = stranger.field("asked")
    assert stranger.post("/account/login/passkey", asked=asked, passkey=answer).status_code == 400
    ana.client.raise_request_exception = False
    ana.get("/account/security/passkey")
    asked = ana.field("asked")
    assert ana.post("/account/security/passkey", asked=asked, passkey=answer, name="x").status_code == 400


@pytest.mark.parametrize(
    "path", ["/account/security/passkey/1/remove", "/account/security/totp/off", "/account/security/codes"]
)
def test_who_has_to_prove_it_first_comes_back_to_a_page(ana: Person, path: str) -> None:
    from datetime import timedelta

    from troth.web.accounts import entering

    ana.get("/account/profile")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entering, "FRESH", timedelta(0))
        answer = ana.post(path)
    assert answer.status_code == 302
    ana.get(answer.headers["Location"])
    shown = ana.client.get(answer.headers["Location"], secure=True, follow=True)
    assert shown.status_code == 200
    assert shown.redirect_chain[-1][0] == "/account/security"


def test_one_mailbox_is_one_however_its_domain_is_spelt(letters: Post) -> None:
    spellings = ["example.org", "EXAMPLE.org", "ｅxample.org", "exaｍple.org", "ⓔxample.org", "e\u00adxample.org"]
    answers = [Person(f"203.0.113.{n}").post("/account/signup", email=f"ana@{s}") for n, s in enumerate(spellings)]
    assert answers[-1].status_code == 429
    letters.wait()
    assert len(letters.box.received) == 5


def test_what_cannot_be_written_to_is_no_address(letters: Post) -> None:
    assert Person().post("/account/signup", email="mi\u017fa@example.org").status_code == 400


def test_a_stranger_does_not_make_us_knock_at_the_provider_without_end(
    letters: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.http import HttpResponse

    from troth.web.accounts import provider
    from troth.web.accounts.models import Session

    monkeypatch.setattr(provider, "name", lambda: "Example")
    monkeypatch.setattr(provider, "_sent", lambda request, nonce: HttpResponse(status=204))
    answers = [Person().get("/account/login/provider").status_code for _ in range(40)]
    assert answers == [204] * 30 + [429] * 10
    assert Session.objects.count() == 30
    assert Person("192.0.2.9").get("/account/login/provider").status_code == 204


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "remove under “Security” what you do not know"), ("fr", "retirez sous « Sécurité » ce que")],
)
def test_who_did_not_change_the_protection_learns_how_to_take_it_back(
    ana: Person, letters: Post, language: str, said: str
) -> None:
    from troth.web.accounts.models import User

    User.objects.update(language=language)
    ana.get("/account/profile")
    assert ana.post("/account/security/totp/off").status_code == 302
    assert said in letters.last(ANA)  # a passkey of a thief outlives a new password
