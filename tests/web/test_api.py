"""The API, as a program of the publisher meets it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from web.conftest import Person, Post, Site
from web.program import ANA, Program, problem

_QUIET = {"due": "", "limit": "", "received": ""}


@pytest.fixture
def program(site: Site, database: object) -> Program:
    from troth.web.accounts import limits

    limits.forget_all()
    return Program()


# --- requests -----------------------------------------------------------------------------------------


def test_a_request_is_entered_followed_and_taken_back(letters: Post, program: Program) -> None:
    made = program.post("/api/requests", {"right": "access", "identifiers": ANA, "answer_to": "ana@example.org"})
    assert made.status_code == 201
    ref = made.json()["request"]
    assert made.headers["Location"] == f"/api/requests/{ref}"
    assert made.json() | _QUIET == {
        "request": ref, "right": "access", "state": "received", "open": True, "channel": "api", "behalf": None,
        "controller": None, "scope": [], "categories": [], "verified": False, "clock_runs": True, "late": False, "joined": False, **_QUIET,
    }  # fmt: skip
    assert program.get(f"/api/requests/{ref}").json()["history"] == []
    gone = program.post(f"/api/requests/{ref}/withdraw")
    assert (gone.status_code, gone.json()["state"]) == (200, "withdrawn")
    assert [one["act"] for one in gone.json()["history"]] == ["withdrawn"]
    assert program.post(f"/api/requests/{ref}/withdraw").json()["state"] == "withdrawn"
    assert [mail.recipients for mail in letters.box.received] == [["ana@example.org"]]  # told, and once


def test_no_answer_says_whom_a_request_is_about(program: Program) -> None:
    ref = program.ask(answer_to="ana@example.org", message="Ana Exemple, 12 rue X")
    for answer in (program.get(f"/api/requests/{ref}"), program.get("/api/requests")):
        assert answer.status_code == 200
        assert "ana" not in answer.content.decode().lower()


def test_the_same_wish_twice_is_one_request(program: Program) -> None:
    ref = program.ask(answer_to="ana@example.org")
    again = program.post("/api/requests", {"right": "access", "identifiers": ANA, "answer_to": "ana@example.org"})
    assert (again.status_code, again.json()["request"], again.json()["joined"]) == (200, ref, True)


def test_an_erasure_may_name_kinds_of_data_that_the_policy_knows(program: Program) -> None:
    def ask(right: str, *kinds: str) -> Any:
        return program.post("/api/requests", {"right": right, "identifiers": ANA, "categories": [*kinds]})

    made = ask("erasure", "TelephoneNumber")
    assert (made.status_code, made.json()["categories"], made.json()["scope"]) == (201, ["TelephoneNumber"], [])
    assert program.get(f"/api/requests/{made.json()['request']}").json()["categories"] == ["TelephoneNumber"]
    assert ask("erasure", "TelephoneNumber").json()["joined"] is True
    assert ask("erasure").json()["joined"] is False, "everything is more than that"
    assert "did you mean TelephoneNumber?" in problem(ask("erasure", "TelefoneNumber"), 422, "invalid")["remedy"]
    problem(ask("access", "TelephoneNumber"), 422, "invalid")


def test_a_program_vouches_only_with_its_scope_in_a_way_of_the_policy_and_towards_the_person(
    site: Site, program: Program
) -> None:
    def ask(who: Program = program, **more: Any) -> Any:
        return who.post("/api/requests", {"right": "access", "identifiers": ANA, **more})

    site.edit("troth.yaml", "verify: [", "verify: [customer_number, ")
    from troth.web.pages.published import kept

    kept.forget()
    accepted = set(kept.get().policy.document.rights.verify)
    assert "customer_number" in accepted
    assert ask(verified="account", answer_to="ana@example.org").json()["verified"] is True
    problem(ask(verified="account", answer_to="mallory@example.org"), 422, "not-vouched")
    problem(ask(Program("requests:create", name="form"), verified="account"), 403, "missing-scope")
    assert "phone" not in accepted
    problem(ask(verified="phone"), 422, "not-vouched")
    site.edit("troth.yaml", "verify: [", "verify: [identity_document, ")
    kept.forget()
    unseen = problem(ask(verified="identity_document"), 422, "not-vouched")
    assert "leave verified out" in unseen["remedy"], "no program has looked at a copy here"
    problem(ask(verified="known"), 422, "invalid")


def test_a_program_takes_back_only_what_it_has_entered(program: Program) -> None:
    ref = program.ask()
    other = Program(name="other")
    problem(other.post(f"/api/requests/{ref}/withdraw"), 403, "not-yours")
    assert program.get(f"/api/requests/{ref}").json()["state"] == "received"


def test_what_has_been_carried_out_is_not_taken_back(program: Program) -> None:
    from troth.desk.models import File

    ref = program.ask()
    File.objects.filter(ref=ref).update(begun=True)
    problem(program.post(f"/api/requests/{ref}/withdraw"), 409, "conflict")


def test_requests_come_page_by_page(program: Program) -> None:
    refs = [program.ask(identifiers={"email": f"p{n}@example.org"}) for n in range(5)]
    pages, cursor = [], ""
    while len(pages) < 9:
        page = program.get(f"/api/requests?limit=2{cursor}").json()
        pages.append([one["request"] for one in page["requests"]])
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert pages == [refs[:2], refs[2:4], refs[4:]]
    program.post(f"/api/requests/{refs[0]}/withdraw")
    assert [one["request"] for one in program.get("/api/requests?state=withdrawn").json()["requests"]] == refs[:1]
    assert len(program.get("/api/requests").json()["requests"]) == 4
    assert len(program.get("/api/requests?state=all&due_before=2200-01-01").json()["requests"]) == 5
    assert program.get("/api/requests?due_before=2020-01-01").json() == {"requests": [], "next": None}


@pytest.mark.parametrize(
    ("query", "name"),
    [("cursor=zzz", "bad-cursor"), ("cursor=%C3%A9", "bad-cursor"), ("limit=0", "invalid"), ("limit=1e1", "invalid"),
     ("limit=%D9%A3", "invalid"), ("state=lost", "invalid"), ("due_before=tomorrow", "invalid"), ("email=a@b", "invalid")],
)  # fmt: skip
def test_a_wrong_page_is_a_problem(program: Program, query: str, name: str) -> None:
    problem(program.get(f"/api/requests?{query}"), 400 if name == "bad-cursor" else 422, name)


# --- who is let in ------------------------------------------------------------------------------------


def test_without_a_token_that_is_in_force_nothing_opens(program: Program) -> None:
    from troth.web.api import tokens

    bare = Client()
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer troth_" + "A" * 43},
                    {"Authorization": f"Basic {program.secret}"}, {"Authorization": program.secret}):  # fmt: skip
        told = bare.get("/api/requests", headers=headers)
        problem(told, 401, "unauthorized")
        assert told.headers["WWW-Authenticate"].startswith('Bearer realm="troth"')
    tokens.end("shop", datetime.now(UTC))
    problem(program.get("/api/requests"), 401, "unauthorized")
    late = Program(name="late")
    type(late.token).objects.filter(pk=late.token.pk).update(expires=datetime.now(UTC) - timedelta(seconds=1))
    problem(late.get("/api/requests"), 401, "unauthorized")


@pytest.mark.parametrize("scope", ["requests:create", "requests:read", "may:ask", "webhooks:manage"])
def test_a_token_opens_what_its_scope_says_and_nothing_else(site: Site, database: object, scope: str) -> None:
    program = Program(scope, name="narrow")
    tried = {
        "requests:create": program.post("/api/requests", {"right": "access", "identifiers": ANA}),
        "requests:read": program.get("/api/requests"),
        "may:ask": program.post("/api/may", {"purpose": "newsletter", "subject": ANA}),
        "webhooks:manage": program.get("/api/webhooks"),
    }
    for needed, answer in tried.items():
        if needed == scope:
            assert answer.status_code in (200, 201)
        else:
            problem(answer, 403, "missing-scope")
            assert f'scope="{needed}"' in answer.headers["WWW-Authenticate"]


def test_a_browser_session_opens_nothing_and_no_form_of_another_site_does(ana: Person) -> None:
    assert ana.cookies()
    problem(ana.client.get("/api/requests", secure=True), 401, "unauthorized")
    answer = ana.client.post("/api/requests", b"{}", content_type="application/json", secure=True)
    problem(answer, 401, "unauthorized")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not answer.cookies


def test_only_the_hash_of_a_token_is_kept_and_the_day_of_its_use(program: Program) -> None:
    from troth.web.api.models import Token

    assert Token.objects.get().used is None
    program.get("/api/requests")
    row = Token.objects.get()
    assert row.used == datetime.now(UTC).date()
    assert program.secret not in json.dumps(list(Token.objects.values()), default=str)
    assert len(program.secret) == len("troth_") + 43


def test_a_token_has_its_rate(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TROTH_API_PER_MINUTE", "3")
    assert [program.get("/api/webhooks").status_code for _ in range(4)] == [200, 200, 200, 429]
    assert program.get("/api/webhooks").headers["Retry-After"] == "1"
    assert Program(name="other").get("/api/webhooks").status_code == 200


def test_guessing_tokens_is_slowed_for_one_network_and_real_tokens_still_open(program: Program) -> None:
    stranger = Client()
    wrong = {"Authorization": "Bearer troth_" + "B" * 43}
    assert {stranger.get("/api/requests", headers=wrong).status_code for _ in range(61)} == {401, 429}
    assert program.get("/api/requests").status_code == 200


# --- what cannot be read ------------------------------------------------------------------------------


def test_every_error_is_a_problem_that_repeats_nothing(program: Program) -> None:
    secret = "ana.exemple@example.org"
    tried = [
        (program.get("/api"), 404, "not-found"),
        (program.get("/api/"), 404, "not-found"),
        (program.get("/api/requests/req-aaaaaaaaaaaa"), 404, "not-found"),
        (program.get("/api/requests/%00"), 404, "not-found"),
        (program.delete("/api/requests"), 405, "method-not-allowed"),
        (program.client.post("/api/may", b"x=1", headers={"Authorization": f"Bearer {program.secret}"},
                             content_type="application/x-www-form-urlencoded"), 415, "unsupported-media-type"),
        (program.post("/api/may", b"{" + secret.encode()), 400, "malformed"),
        (program.post("/api/may", b'{"purpose": "\\ud800"}'), 400, "malformed"),
        (program.post("/api/may", b"[]"), 422, "invalid"),
        (program.post("/api/may", b"x" * (1024 * 1024 + 1)), 413, "too-large"),
        (program.post("/api/requests", {"right": secret, "identifiers": {secret: secret}}), 422, "invalid"),
        (program.post("/api/requests", {"right": "access", "identifiers": {"nobody": secret}}), 422, "invalid"),
        (program.get("/api/may?subject=email=" + secret), 422, "invalid"),
    ]  # fmt: skip
    for answer, status, name in tried:
        problem(answer, status, name)
        assert answer.headers["Cache-Control"] == "no-store"
    assert tried[4][0].headers["Allow"] == "GET, HEAD, POST"
    assert [tried[n][0].content.count(secret.encode()) for n in (6, 11, 12)] == [0, 0, 0]
    told = tried[10][0].json()["errors"]
    assert {one["pointer"] for one in told} >= {"#/right"}
    assert secret not in "".join(one["detail"] for one in told)


def test_what_breaks_inside_is_a_problem_too_and_logged_without_what_was_sent(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    def broken(*_: Any) -> Any:
        raise RuntimeError("ana@example.org")

    monkeypatch.setattr("troth.web.api.asking.may.answers", broken)
    problem(program.post("/api/may", {"purpose": "newsletter", "subject": ANA}), 500, "broken")
    problem(program.get("/api/may?purpose=newsletter&subject=email=ana@example.org"), 500, "broken")
    said = capsys.readouterr().err
    assert "api_may" in said
    assert "ana" not in said
    assert "subject" not in said


def test_each_kind_of_problem_says_what_it_means(site: Site) -> None:
    from troth.web.api.problems import KINDS

    for name, kind in KINDS.items():
        status, text, _ = site.get(f"/api/problems/{name}")
        assert (status, json.loads(text)["title"]) == (200, kind.title)


def test_the_head_of_an_answer_has_no_body(program: Program) -> None:
    answer = program.client.head("/api/requests", headers={"Authorization": f"Bearer {program.secret}"})
    assert (answer.status_code, answer.content) == (200, b"")


# --- idempotency --------------------------------------------------------------------------------------


def test_a_key_sent_twice_is_done_once_and_answered_alike(program: Program) -> None:
    from troth.desk.models import File

    body = {"right": "access", "identifiers": ANA}
    first = program.post("/api/requests", body, Idempotency_Key="order-7")
    second = program.post("/api/requests", body, Idempotency_Key='"order-7"')
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert second.headers["Idempotency-Replayed"] == "true"
    assert (second.content, second.headers["Location"]) == (first.content, first.headers["Location"])
    assert File.objects.get().acts == []
    problem(program.post("/api/requests", {**body, "right": "erasure"}, Idempotency_Key="order-7"), 422, "key-reused")
    assert Program(name="other").post("/api/requests", body, Idempotency_Key="order-7").json()["joined"] is True
    problem(program.post("/api/requests", body, Idempotency_Key="é"), 400, "malformed")


def test_a_key_of_something_refused_may_be_used_again(program: Program) -> None:
    problem(
        program.post("/api/requests", {"right": "access", "identifiers": {"no": "x"}}, Idempotency_Key="k"),
        422,
        "invalid",
    )
    assert (
        program.post("/api/requests", {"right": "access", "identifiers": ANA}, Idempotency_Key="k").status_code == 201
    )


def test_what_is_kept_for_a_key_names_nobody_and_goes_after_a_day(program: Program) -> None:
    from troth.web.api.daily import _run
    from troth.web.api.models import Once

    body = {"right": "access", "identifiers": ANA, "message": "Ana Exemple"}
    ref = program.post("/api/requests", body, Idempotency_Key="k").json()["request"]
    kept = {
        name: bytes(value) if isinstance(value, memoryview) else value
        for name, value in Once.objects.values()[0].items()
    }
    assert b"ana" not in repr(kept).lower().encode()
    assert ref.encode() not in repr(kept).encode()
    assert _run(None).result == {"answers": 0}  # type: ignore[arg-type, union-attr]
    Once.objects.update(made=datetime.now(UTC) - timedelta(hours=25))
    assert _run(None).result == {"answers": 1}  # type: ignore[arg-type, union-attr]


# --- may I? -------------------------------------------------------------------------------------------


@pytest.fixture
def refused(program: Program) -> Program:
    """Ana has objected to offers and withdrawn from the newsletter; Bo is restricted."""
    from django.conf import settings

    from troth.desk.models import Refusal
    from troth.state.state import open_state

    now = datetime.now(UTC)
    with open_state(settings.STATE) as state:
        vault = state.keys.vault
        for purpose, ground in (("offers", "objection"), ("newsletter", "withdrawal")):
            Refusal.objects.create(
                hash=vault.index("email", "ana@example.org"), purpose=purpose, ground=ground, made=now
            )
        state.restrictions.add(
            "restrict-1", identifiers=[("email", "bo@example.org")], anchors={}, ground="requested", scope=None, at=now
        )
    return program


@pytest.mark.parametrize(
    ("who", "purpose", "may", "reason"),
    [("Ana@Example.org", "offers", False, "objection"), ("ana@example.org", "newsletter", False, "withdrawal"),
     ("ana@example.org", "orders", True, "no_consent_needed"), ("bo@example.org", "orders", False, "restricted"),
     ("cy@example.org", "newsletter", False, "consent_unknown"), ("cy@example.org", "offers", True, "no_consent_needed")],
)  # fmt: skip
def test_may_says_yes_or_no_and_why(refused: Program, who: str, purpose: str, may: bool, reason: str) -> None:
    asked = refused.post("/api/may", {"purpose": purpose, "subject": {"email": who}})
    assert asked.json() == {"may": may, "reason": reason, "handle": None, "purpose": purpose}
    assert refused.get(f"/api/may?purpose={purpose}&subject=email={who}").json() == asked.json()


@pytest.mark.parametrize(
    ("who", "purpose", "may", "reason"),
    [("cy@example.org", "newsletter", True, "consent_given"), ("cy@example.org", "offers", True, "no_consent_needed"),
     ("ana@example.org", "newsletter", False, "withdrawal"), ("bo@example.org", "newsletter", False, "restricted")],
)  # fmt: skip
def test_a_consent_that_the_program_answers_for_counts_unless_something_speaks_against_it(
    refused: Program, who: str, purpose: str, may: bool, reason: str
) -> None:
    about = {"purpose": purpose, "consent": "given"}
    said = {"may": may, "reason": reason, "handle": None}
    assert refused.post("/api/may", {**about, "subject": {"email": who}}).json() == {**said, "purpose": purpose}
    assert refused.post("/api/may", {**about, "subjects": [{"email": who}]}).json()["answers"] == [said]
    by_get = f"/api/may?purpose={purpose}&subject=email={who}&consent="
    assert refused.get(by_get + "given").json() == {**said, "purpose": purpose}
    problem(refused.get(by_get + "perhaps"), 422, "invalid")
    problem(refused.post("/api/may", {**about, "consent": True, "subject": {"email": who}}), 422, "invalid")


def test_many_are_answered_at_once_in_their_order(refused: Program) -> None:
    people = [{"email": f"p{n}@example.org"} for n in range(998)] + [ANA, {"email": "bo@example.org"}]
    said = refused.post("/api/may", {"purpose": "offers", "subjects": people}).json()
    assert [one["reason"] for one in said["answers"][-3:]] == ["no_consent_needed", "objection", "restricted"]
    assert [one["may"] for one in said["answers"]] == [True] * 998 + [False, False]
    problem(refused.post("/api/may", {"purpose": "offers", "subjects": [*people, ANA]}), 422, "invalid")
    problem(refused.post("/api/may", {"purpose": "offers", "subjects": [ANA], "subject": ANA}), 422, "invalid")
    problem(refused.post("/api/may", {"purpose": "offers"}), 422, "invalid")
    problem(refused.post("/api/may", {"purpose": "nothing", "subject": ANA}), 422, "invalid")


def test_a_handle_stands_for_a_person_in_the_questions_of_one_token_only(refused: Program) -> None:
    said = refused.post("/api/may", {"purpose": "orders", "subjects": [ANA, ANA], "handles": True}).json()
    first, second = (one["handle"] for one in said["answers"])
    assert first != second
    assert "ana" not in first.lower()
    asked = refused.get(f"/api/may?purpose=offers&subject={first}")
    assert (asked.json()["may"], asked.json()["reason"]) == (False, "objection")
    problem(Program(name="other").get(f"/api/may?purpose=offers&subject={first}"), 422, "invalid")
    problem(refused.get(f"/api/may?purpose=offers&subject={first[:-4]}AAAA"), 422, "invalid")
    problem(refused.get(f"/api/may?purpose=nothing&subject={first}"), 422, "invalid")


def test_the_state_is_opened_anew_after_some_seconds_and_after_a_fault(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.api import inside

    def opened() -> Any:
        with inside.glimpse() as state:
            return state

    first = opened()
    assert opened() is first
    with pytest.raises(RuntimeError), inside.glimpse():
        raise RuntimeError
    second = opened()
    assert second is not first
    monkeypatch.setattr(inside._mine.held, "until", 0.0)
    assert opened() is not second
