"""Who may do what, at every address of the site: the addresses come from the site itself, so that a new one without an
entry in the table below is a failure of these tests, not an open door."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from effort import usually
from web.conftest import Person, Post, Site
from web.staff import account, employ, log_in

OPEN, DOOR, ACCOUNT, SPACE, OWN, TOKEN, GATE = "open", "door", "account", "space", "own", "token", "gate"
"""Everybody; whoever is not in yet; only with an account; only whom we know; the same, and only the person whom it is
about; programs with a token, whatever cookie they bring; staff, before they have signed and shown a second factor.
``console:RIGHT`` is for staff with that right, ``console:`` for all staff."""

TABLE: dict[str, str] = {
    **dict.fromkeys((
        "home", "pdf", "history", "past", "past_pdf", "compare", "asset", "icon", "fragment", "privacy", "gpc",
        "change_password", "security_txt", "sitemap", "robots", "healthz", "readyz", "metrics", "policy", "contact",
        "contact-embed", "preferences", "api_openapi", "api_problem", "banner", "banner-named", "consent-forget",
        "csp-rules", "csp-report", "proof",
    ), OPEN),
    **dict.fromkeys((
        "login", "second", "passkey", "by_letter", "provider", "openid_connect_callback", "logout", "signup",
        "forgotten", "letter_code", "letter", "me_door", "me_leave", "me_code", "me_letter", "me_new", "me_confirm",
        "answer", "identity",
    ), DOOR),
    **dict.fromkeys((
        "account", "again", "profile", "address", "close", "sessions", "security", "password", "new_passkey",
        "remove_passkey", "totp", "totp_off", "codes",
    ), ACCOUNT),
    **dict.fromkeys(("me", "me_ask", "me_lift", "me_directives", "me_behalf", "me_client"), SPACE),
    **dict.fromkeys(("me_request", "me_package", "me_package_delete", "me_withdraw"), OWN),
    **dict.fromkeys((
        "api_requests", "api_request", "api_withdraw", "api_may", "api_webhooks", "api_webhook", "api_webhook_test",
    ), TOKEN),
    **dict.fromkeys(("console_undertaking", "console_second"), GATE),
    **dict.fromkeys(("console", "console_sweeps", "console_count", "console_stores", "console_stopped"), "console:"),
    **dict.fromkeys(
        ("console_requests", "console_enter", "console_request", "console_act", "console_directives", "console_assign",
         "console_client", "console_anew"),
        "console:answer_requests",
    ),
    **dict.fromkeys(
        ("console_disclosures", "console_disclosure", "console_disclosure_add"), "console:decide_disclosures"
    ),
    **dict.fromkeys(("console_people", "console_person", "console_person_close"), "console:see_people"),
    **dict.fromkeys(("console_document", "console_document_page"), "console:see_identity_documents"),
    "console_archive": "console:read_archives",
    "console_correct": "console:change_people",
    **dict.fromkeys(("console_hold_add", "console_holds", "console_hold_release"), "console:erase_people"),
    "console_versions": "console:publish",
    **dict.fromkeys(("console_ledger", "console_event"), "console:audit"),
    **dict.fromkeys(("console_staff", "console_member"), "console:manage_staff"),
}  # fmt: skip
"""Every address of the site, by its name. ``security_txt`` is the one of /.well-known, which shares the name of a page
of accounts."""

_ROLES = ("privacy", "shop", "accounts", "auditor")


@dataclass(frozen=True)
class Address:
    """One address, filled in."""

    name: str
    path: str
    view: Any


@dataclass
class World:
    """Everybody with a browser of their own; ``ref`` is a request of Ana's."""

    people: dict[str, Person]
    may: dict[str, frozenset[str]]
    ref: str
    secrets: dict[str, str] = field(default_factory=dict)


def patterns() -> Iterator[tuple[str, str, Any, list[str]]]:
    """Name, route, view and names of the parts of every address."""
    from django.urls import get_resolver

    def walk(found: Any, before: str) -> Iterator[tuple[str, str, Any, list[str]]]:
        for one in found:
            route = before + str(one.pattern)
            if hasattr(one, "url_patterns"):
                yield from walk(one.url_patterns, route)
            else:
                parts = [*one.pattern.converters] or [*one.pattern.regex.groupindex]
                yield "security_txt" if "security.txt" in route else one.name, route, one.callback, parts

    yield from walk(get_resolver().url_patterns, "")


def addresses(values: dict[str, str]) -> list[Address]:
    """All of them, filled in: ``NAME.PART`` or ``PART`` of ``values``."""
    from django.urls import reverse

    found = []
    for name, _, view, parts in patterns():
        if name == "security_txt":
            found.append(Address(name, "/.well-known/security.txt", view))
            continue
        given = {part: values.get(f"{name}.{part}") or values[part] for part in parts}
        found.append(Address(name, reverse(name, kwargs=given), view))
    return found


def test_every_address_has_an_entry_and_every_entry_an_address() -> None:
    names = [name for name, _, _, _ in patterns()]
    assert [name for name in names if name not in TABLE] == [], "say in TABLE who may come here"
    assert set(TABLE) - set(names) == set()


def test_every_view_of_the_console_is_behind_the_gate_with_the_right_of_the_table() -> None:
    for name, route, view, _ in patterns():
        gated = getattr(view, "console_right", None)
        assert (gated is not None) == route.startswith("console"), f"{route} is not behind staff_only"
        if TABLE[name].startswith("console:"):
            assert gated == TABLE[name].removeprefix("console:"), route
    assert all(TABLE[name] == GATE or not route.startswith("console") or ":" in TABLE[name]
               for name, route, _, _ in patterns())  # fmt: skip


@pytest.fixture
def world(letters: Post, site: Site) -> World:
    """Ana, who has asked for something; Bo; staff of each role; and staff who may not come in."""
    from troth.core.requests.model import Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars
    from troth.web.console.member import rights_of
    from troth.web.pages.published import kept

    people: dict[str, Person] = {"nobody": Person()}
    for name in ("ana", "bo"):
        people[name] = Person()
        log_in(people[name], account(f"{name}@example.org"))
    for role in _ROLES:
        people[role] = employ(f"{role}@verdier.test", role).person
    people["unsigned"] = employ("unsigned@verdier.test", "privacy", signed=False).person
    people["one factor"] = employ("one@verdier.test", "privacy", second=False).person
    people["gone"] = employ("gone@verdier.test", "privacy", ended=True).person
    unproven = employ("unproven@verdier.test", "privacy")
    people["unproven"] = Person()
    log_in(people["unproven"], unproven.user())
    with house() as at:
        who = Particulars((("email", "ana@example.org"),), "ana@example.org", "en")
        wish = Wish(Right.ERASURE, who, Channel.PORTAL, verified="account")
        ref = open_file(at, wish, datetime.now(UTC)).request.ref
    policy = kept.get().policy
    for person in people.values():
        person.get("/account/profile" if person is not people["nobody"] else "/account/login")  # for what forms carry
        assert person is people["nobody"] or person.field("csrf")
    return World(people, {role: rights_of(policy, [role]) for role in _ROLES}, ref)


def told(person: Person, address: Address, method: str) -> tuple[int, str]:
    """Status and place of an answer; what it has changed in the site's database is taken back."""
    from django.db import transaction

    from troth.web.accounts import limits

    limits.forget_all()
    cookies, page = person.client.cookies.copy(), person.page
    try:
        with transaction.atomic():
            answer = person.get(address.path) if method == "GET" else person.post(address.path)
            transaction.set_rollback(True)
    finally:
        person.client.cookies, person.page = cookies, page
    answer.close()
    return answer.status_code, answer.get("Location", "")


def expected(world: World, who: str, address: Address, method: str, status: int, place: str) -> str:
    """What is wrong with an answer; empty if nothing is."""
    kind = TABLE[address.name]
    if status >= 500 and not (address.name == "readyz" and status == 503):
        return "a fault"
    if kind in (OPEN, DOOR):
        return "closed" if status == 401 or ("/account/login" in place and kind == OPEN) else ""
    if kind == TOKEN:
        return "" if status in (401, 403, 404, 405, 400) else "open without a token"
    if kind == ACCOUNT:
        return _logged_in(who, status, place)
    if kind in (SPACE, OWN):
        return _known(world, who, kind, status, place)
    return _staff(world, who, address, kind, status, place)


def _logged_in(who: str, status: int, place: str) -> str:
    at_login = status in (403, 405) or place.startswith("/account/login")
    if who == "nobody":
        return "" if at_login else "open without an account"
    return "sent to the login" if place.startswith("/account/login") else ""


def _known(world: World, who: str, kind: str, status: int, place: str) -> str:
    if who == "nobody":
        return "" if status in (403, 404, 405) or place.startswith("/me/door") else "open to nobody in particular"
    if kind == OWN and who != "ana":
        return "" if status in (404, 405) else "somebody else's request"
    return "the person is kept out" if status == 403 or place.startswith("/me/door") else ""


def _staff(world: World, who: str, address: Address, kind: str, status: int, place: str) -> str:
    if who == "nobody":
        return "" if place.startswith("/account/login") or status == 403 else "open to nobody in particular"
    if who in ("ana", "bo", "gone"):
        return "" if status == 403 else "open to people who are no staff"
    if kind == GATE:
        return "" if status != 403 else "staff cannot reach the gate"
    before = {"unsigned": "/console/undertaking", "one factor": "/console/second", "unproven": "/console/second"}
    if who in before:
        return "" if place.startswith(before[who]) else "past the gate"
    right = kind.removeprefix("console:")
    if right and right not in world.may[who]:
        return "" if status == 403 else "open without the right"
    inside = status != 403 and not place.startswith(("/console/undertaking", "/console/second", "/account/login"))
    return "" if inside else "closed to whom the policy lets in"


def test_nobody_gets_further_than_the_table_says(world: World) -> None:
    from troth.web.pages.site import asset_named

    values = {
        "ref": world.ref, "language": "fr", "version": "2026-11-22", "before": "2026-11-22", "after": "2026-11-22",
        "name": asset_named("site"), "mark": "0" * 16, "secret": "x" * 43, "handle": "y" * 22, "right": "access",
        "position": "1", "page": "1", "public_id": "z" * 22, "provider_id": "own", "pk": "1", "console_act.name": "refuse",
        "api_webhook.ref": "hook-bcdfghjkmnpq", "api_webhook_test.ref": "hook-bcdfghjkmnpq", "api_problem.name": "none",
    }  # fmt: skip
    wrong, both = [], usually({"nobody", "ana", "privacy", "accounts"}, set(world.people))
    for address in addresses(values):
        kind = TABLE[address.name]
        few = ("nobody", "ana", "privacy") if kind in (OPEN, DOOR, ACCOUNT, TOKEN) else tuple(world.people)
        for who in few:
            for method in ("GET", "POST") if who in both else ("GET",):
                status, place = told(world.people[who], address, method)
                fault = expected(world, who, address, method, status, place)
                if fault:
                    wrong.append(f"{who}: {method} {address.path} → {status} {place}: {fault}")
    assert wrong == []


def test_a_console_without_accounts_is_not_there(letters: Post, site: Site) -> None:
    from troth.web.pages.published import kept

    officer = employ("olga@verdier.test", "privacy")
    assert officer.get("/console").status_code == 200
    policy, document = kept.get().policy, kept.get().policy.document
    object.__setattr__(policy, "document", document.model_copy(update={"accounts": None}))
    try:
        assert officer.get("/console").status_code == 404
    finally:
        object.__setattr__(policy, "document", document)  # other tests of this process read the same policy


def test_people_do_not_reach_each_other_s_sessions_passkeys_and_packages(world: World) -> None:
    from allauth.mfa.models import Authenticator  # type: ignore[import-untyped]

    from troth.desk.hand import link_of
    from troth.desk.models import File, Package
    from troth.web.accounts.models import Session, User

    ana, bo = User.objects.get(email="ana@example.org"), world.people["bo"]
    session = Session.objects.get(user=ana)
    bo.get("/account/sessions")
    assert session.public_id not in bo.page
    bo.get("/account/profile")
    assert bo.post("/account/sessions", session=session.public_id, end=session.public_id).status_code != 403
    assert Session.objects.filter(user=ana).exists()
    key = Authenticator.objects.create(user=ana, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
    bo.get("/account/profile")
    assert bo.post(f"/account/security/passkey/{key.pk}/remove").status_code == 302
    assert Authenticator.objects.filter(pk=key.pk).exists()
    now = datetime.now(UTC)
    Package.objects.create(
        file=File.objects.get(ref=world.ref), link=link_of("right"), name="none.sealed", size=1, digest="", made=now,
        until=now.replace(year=now.year + 1),
    )  # fmt: skip
    assert bo.get("/answers/wrong").status_code == 410
    assert bo.get(f"/me/requests/{world.ref}").status_code == 404
    bo.get("/me")
    assert world.ref not in bo.page
    bo.get("/account/profile")
    assert bo.post(f"/me/requests/{world.ref}/withdraw").status_code == 404
