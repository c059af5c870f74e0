"""What one person's doings must not do to another: who speaks for several people, copies made for somebody else, a
package before its mail, a client who has left."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from desk.house_of import Front
from desk.officer import opened
from desk.test_for_another import answered, asked
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_refused import lift, shop  # noqa: F401  (a fixture)
from desk.test_space import rewritten
from troth.core.errors import UsageError


def in_the_name_of(front: Front, right: str, about: str, *, by: str = "ana@example.org", **more: Any) -> str:
    """A mandatary asks."""
    from troth.core.requests.model import Behalf, Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    who = Particulars((("email", about),), by, "en", more.pop("corrections", {}), "Ana Exemple")
    wish = Wish(Right(right), who, Channel.PORTAL, behalf=Behalf.MANDATE, speaker=(("email", by),))
    with house() as at:
        ref = open_file(at, wish, datetime.now(UTC)).request.ref
    front.work()
    return str(ref)


def decide(act: str, *words: Any, **more: Any) -> None:
    from troth.desk import deciding
    from troth.desk.house import house

    with house() as at:
        getattr(deciding, act)(at, *words, datetime.now(UTC), **more)


def test_the_review_of_one_mandate_is_not_about_another_persons_refusal(front: Front) -> None:
    from troth.desk import byhand, reviewed
    from troth.desk.files import request_of
    from troth.desk.house import house
    from troth.desk.models import File

    cy = in_the_name_of(front, "rectification", "cy@example.org", corrections={"name": "Cy Tierce"})
    decide("refuse", cy, ["manifestly_unfounded"])
    bo = in_the_name_of(front, "human_review", "bo@example.org")
    decide("identified", bo, "known")
    front.work()
    review = request_of(File.objects.get(ref=bo))
    assert reviewed.refused_before(review) == []
    decide("approve", bo)
    front.work()
    decide("done_by_hand", bo, "", review=byhand.Review("changed", "why", cy))
    with house() as at, pytest.raises(UsageError, match="not one of whom the review is about"):
        reviewed.again(at, review, datetime.now(UTC))


def test_a_copy_for_somebody_else_is_not_called_the_readers_own(browser: Browser) -> None:  # noqa: F811
    ref = asked(browser)
    answered(browser.front, ref)
    assert ref not in browser.get("/me/ask/erasure?purpose=orders")[1]


def test_a_package_cannot_be_deleted_before_the_mail_that_tells_of_it(browser: Browser) -> None:  # noqa: F811
    from troth.desk import telling
    from troth.desk.models import Package
    from troth.web.mail.errors import MailRefused

    front = browser.front
    browser.come_in()
    with patch.object(telling, "answer", side_effect=MailRefused("later")):
        ref = front.ask("access").request.ref
        front.work()
    page = browser.get(f"/me/requests/{ref}")[1]
    assert ("package/delete" in page, f'action="/me/requests/{ref}/package' in page) == (False, True)
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    assert browser.client.post(f"/me/requests/{ref}/package/delete", {"csrf": csrf}).status_code == 404
    assert Package.objects.count() == 1


def test_what_a_person_allows_again_is_not_told_to_who_once_spoke_for_them(shop: Front) -> None:  # noqa: F811
    ref = in_the_name_of(shop, "objection", "ana@example.org", by="eve@example.org")
    decide("identified", ref, "known")
    shop.work()
    decide("approve", ref)
    shop.work()
    assert shop.state_of(ref) == "answered"
    shop.box.received.clear()
    lift("objection", "offers")
    shop.work()
    assert [mail.recipients for mail in shop.box.received] == []


def test_a_client_who_has_left_the_policy_is_called_by_their_key(front: Front) -> None:
    officer = opened(front, "privacy")
    ref = front.ask("erasure", controller="fabrique").request.ref
    front.work()
    client = "{name: Fabrique SA, country: FR, contact: dpo@fabrique.test, requests_forwarded_within: 2 days}"
    rewritten(front, f"clients:\n  fabrique: {client}\n", "")
    assert officer.get(f"/console/requests/{ref}") == 200
    assert "fabrique" in officer.colleague.page


def test_a_recipient_hears_for_which_uses_kinds_of_data_were_erased(front: Front) -> None:
    from troth.core.requests.model import Channel, Right
    from troth.desk import recipients
    from troth.desk.files import Wish, file_of, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    who = Particulars((("email", "ana@example.org"),), "ana@example.org", "en")
    with house() as at:
        for scope in (frozenset({"orders"}), frozenset[str]()):
            wish = Wish(
                Right.ERASURE, who, Channel.PORTAL, scope, categories=frozenset({"Name"}), verified="email_link"
            )
            now = datetime.now(UTC)
            request = file_of(at, open_file(at, wish, now).request.ref, now)[0].request
            recipients.tell_recipients(
                at, request, who, now, [], lambda: None, names=["carrier"], patient=False, uses=scope or {"orders"}
            )
    part, whole = (
        " ".join(one.text().split()) for one in front.box.received if one.recipients == ["rgpd@messager.test"]
    )
    assert "pour autant qu’elles servaient à : Commandes" in part
    assert "pour autant" not in whole


def test_whose_rows_are_is_not_said_before_anybody_has_agreed_to_the_request(front: Front) -> None:
    from desk.test_console_doubt import with_reviews
    from troth.desk import sharing
    from troth.desk.ahead import ahead
    from troth.desk.files import file_of
    from troth.desk.house import house

    with_reviews(front)
    front.change("INSERT INTO reviews VALUES (74, NULL, 'zoe@example.org', 'Zoe here', 'z')")
    ref = front.ask("erasure", "zoe@example.org").request.ref
    front.work()
    with house() as at:
        opened_, who = file_of(at, ref, datetime.now(UTC))
        seen = sharing.doubt(at, opened_.request, who, datetime.now(UTC)).digest
    with pytest.raises(UsageError, match="nobody has approved"):
        decide_share(ref, seen)
    assert ahead(ref).what == "approval"
    assert "request.approved" not in front.ledger(ref)


def decide_share(ref: str, seen: str) -> None:
    from troth.desk import deciding
    from troth.desk.house import house

    with house() as at:
        deciding.share(at, ref, seen, datetime.now(UTC))


def test_a_package_that_was_deleted_in_another_window_is_not_there(front: Front) -> None:
    from django.http import Http404

    from troth.desk.models import Package
    from troth.web.portal.answers import handed

    front.ask("access")
    front.work()
    found = Package.objects.get()
    Package.objects.all().delete()
    with pytest.raises(Http404):
        handed(found)
