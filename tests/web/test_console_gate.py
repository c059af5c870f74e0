"""The gate of the console: who comes in, in which order it asks, and what it writes down."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from web.conftest import GOOD, Person, Post, Site
from web.staff import account, employ, log_in


def events(site: Site, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """What the ledger knows of these kinds, in order."""
    from troth.core.evidence.canonical import parse
    from troth.core.evidence.leaf import decode
    from troth.state.state import open_state

    found = []
    with open_state(site.state) as state:
        for position in range(state.ledger.size):
            kind = decode(state.ledger.leaf(position)).kind
            opening = state.ledger.body(position)
            if kind in kinds and opening is not None:
                found.append((kind, parse(opening.body)))
    return found


def test_a_stranger_is_sent_to_the_login_and_comes_back(letters: Post) -> None:
    answer = Person().get("/console")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login?next=/console")


def test_an_account_alone_does_not_open_the_console(letters: Post) -> None:
    person = Person()
    log_in(person, account("bo@example.org"), second=True)
    assert person.get("/console").status_code == 403
    assert "for staff" in person.page


def test_whoever_has_left_is_refused(letters: Post) -> None:
    assert employ("old@example.org", "privacy", ended=True).get("/console").status_code == 403


def test_the_undertaking_comes_before_anything_else_and_is_put_on_record(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "privacy", signed=False, second=False)
    assert officer.get("/console")["Location"] == "/console/undertaking?next=/console"
    assert officer.get("/console/undertaking?next=/console").status_code == 200
    assert "I open personal data only when my work needs it" in officer.page
    digest = officer.person.field("digest")
    assert officer.post("/console/undertaking", digest=digest, next="/console").status_code == 400
    assert officer.staff().signatures.count() == 0
    assert officer.post("/console/undertaking", digest=digest, sure="1", next="/console")["Location"] == "/console"
    ((_, body),) = events(site, "staff.signed")
    assert body == {"who": officer.staff().public_id, "version": "2026-01", "text": digest, "language": "en"}
    assert officer.get("/console")["Location"] == "/console/second?next=/console"


def test_a_changed_undertaking_is_signed_again(letters: Post, site: Site) -> None:
    from troth.web.pages.published import kept

    officer = employ("olga@example.org", "privacy")
    assert officer.get("/console").status_code == 200
    site.edit("house.yaml", 'version: "2026-01"', 'version: "2026-12"')
    kept.forget()
    assert officer.get("/console").status_code == 302
    site.edit("house.yaml", 'version: "2026-12"', 'version: "2026-01"')
    site.edit("house.yaml", "on the same day.", "on the same day, in writing.")
    site.edit("house.yaml", "le jour même.", "le jour même, par écrit.")
    kept.forget()
    assert officer.get("/console").status_code == 302, "new words are a new undertaking, whatever their number"


def test_what_is_signed_is_what_stood_on_the_page(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "privacy", signed=False)
    officer.get("/console/undertaking")
    assert officer.post("/console/undertaking", digest="0" * 64, sure="1").status_code == 400
    assert officer.staff().signatures.count() == 0


def test_the_second_factor_is_set_up_and_counts_as_shown(letters: Post) -> None:
    officer = employ("olga@example.org", "privacy", second=False)
    officer.get("/console")
    assert officer.get("/console/second").status_code == 200
    assert "/account/security/totp" in officer.page
    officer.get("/account/security/totp")
    officer.secret = re.sub(r"\s", "", re.search(r'class="key">([^<]+)', officer.page)[1])  # type: ignore[index]
    assert officer.post("/account/security/totp", code=officer.code()).status_code == 200
    assert officer.get("/console").status_code == 200


def test_a_session_without_the_second_factor_is_asked_for_it(letters: Post) -> None:
    officer = employ("olga@example.org", "privacy")
    other = Person()
    log_in(other, officer.user())
    assert other.get("/console")["Location"] == "/console/second?next=/console"
    assert other.get("/console/second?next=/console").status_code == 200
    assert other.post("/console/second", code="000000", next="/console").status_code == 400
    assert other.post("/console/second", code=officer.code(), next="/console")["Location"] == "/console"
    assert other.get("/console").status_code == 200


def test_a_password_alone_does_not_change_the_second_factor_of_staff(letters: Post) -> None:
    officer = employ("olga@example.org", "privacy")
    thief = Person()
    log_in(thief, officer.user())
    for path in ("totp", "totp/off", "passkey", "codes"):
        thief.get("/account/sessions")
        answer = thief.post(f"/account/security/{path}")
        assert answer["Location"] == f"/console/second?next=/account/security/{path}", path


def test_the_console_closes_after_half_an_hour_without_a_page(letters: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.console import gate

    officer = employ("olga@example.org", "privacy")
    assert officer.get("/console").status_code == 200

    class Later(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime.now(UTC) + timedelta(minutes=31)

    monkeypatch.setattr(gate, "datetime", Later)
    assert officer.get("/console")["Location"] == "/console/second?next=/console"


def test_the_real_login_with_a_code_opens_the_console(letters: Post) -> None:
    officer = employ("olga@example.org", "privacy")
    browser = Person()
    browser.get("/account/login?next=/console")
    answer = browser.post("/account/login", email="olga@example.org", password=GOOD, next="/console")
    assert answer.status_code == 200, "the second factor is asked for"
    done = browser.post("/account/login/second", ticket=browser.field("ticket"), code=officer.code(), next="/console")
    assert done["Location"] == "/console"
    assert browser.get("/console").status_code == 200


def test_a_page_names_the_right_that_is_missing(letters: Post) -> None:
    clerk = employ("carl@example.org", "accounts")
    assert clerk.get("/console").status_code == 200
    assert clerk.get("/console/requests").status_code == 403
    assert "answer requests" in clerk.page
    assert "answer_requests" not in clerk.page, "in words only"


def test_site_managers_have_what_the_policy_gives_them(letters: Post) -> None:
    from troth.web.console.member import rights_of
    from troth.web.pages.published import kept

    policy = kept.get().policy
    assert rights_of(policy, ["shop"]) == {"see_people", "change_people"}
    assert rights_of(policy, ["nobody"]) == frozenset()


def test_the_four_usual_roles_stand_where_the_policy_names_none(letters: Post, site: Site) -> None:
    from troth.core.policy.model import Policy
    from troth.web.console import member
    from troth.web.pages.published import kept

    policy = kept.get().policy
    bare: Policy = policy.__class__.__new__(policy.__class__)
    for name in policy.__slots__:
        object.__setattr__(bare, name, getattr(policy, name))
    object.__setattr__(bare, "document", policy.document.model_copy(update={"staff": None, "accounts": None}))
    assert set(member.roles(bare)) == {"privacy_officer", "manager", "archivist", "auditor"}
    assert member.rights_of(bare, ["auditor"]) == {"audit"}
    assert "same day" in member.undertaking(bare).text["en"]


SLASHES = {
    "/console/": "/console", "/console/requests/?show=late": "/console/requests?show=late", "/me/": "/me",
    "/account/login/": "/account/login", "/history/": "/history", "/contact/": "/contact",
}  # fmt: skip


def test_a_slash_too_many_leads_to_the_page_that_was_meant(letters: Post) -> None:
    browser = Person()
    for path, meant in SLASHES.items():
        answer = browser.get(path)
        assert (answer.status_code, answer.get("Location")) == (302, meant), path
    for path in ("/nothing/", "/console//", "/xx/", "/api/nothing/"):
        assert browser.get(path).status_code == 404, path
    assert browser.get("/fr/").status_code == 200, "the policy keeps its own"


def test_the_rooms_stand_in_a_menu_that_needs_no_script(letters: Post) -> None:
    officer = employ("olga@example.org", "privacy")
    officer.get("/console/requests")
    assert 'popovertarget="rooms"' in officer.page
    assert '<div id="rooms" class="places" popover>' in officer.page
    assert "Rooms: <strong>Requests</strong>" in officer.page, "where one is stands on the button"
    officer.get("/console/ledger")
    assert '<summary class="here">Evidence<span class="unseen">: Ledger</span></summary>' in officer.page


def test_a_room_that_is_alone_in_its_group_stands_by_itself() -> None:
    from troth.web.console.rooms import ROOMS, entries

    whole = entries(ROOMS)
    assert [room for one in whole for room in one.rooms] == list(ROOMS), "nothing is lost, and the order stays"
    assert [one.group for one in whole] == ["", "", "", "data", "running", "evidence"]
    alone = entries([room for room in ROOMS if room.name in ("today", "holds", "ledger", "staff")])
    assert [(one.group, len(one.rooms)) for one in alone] == [("", 1), ("", 1), ("evidence", 2)]


def test_whoever_was_logged_out_while_typing_gets_back_what_they_wrote(letters: Post) -> None:
    person = Person()
    person.get("/account/login")
    answer = person.post("/console/requests/new", message="A long letter <b>that</b> was typed")
    assert answer.status_code == 401
    page = answer.content.decode()
    assert "A long letter &lt;b&gt;that&lt;/b&gt; was typed" in page
    assert "You are logged out" in page
    assert "/account/login?next=/console/requests/new" in page
