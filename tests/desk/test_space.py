"""The personal space when things are not as usual: requests entered by staff, account holders, late or hasty people."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)

Fixed = pytest.MonkeyPatch


def rewritten(front: Front, old: str, new: str) -> None:
    from troth.web.pages.published import kept

    text = (front.folder / "troth.yaml").read_text()
    assert old in text
    (front.folder / "troth.yaml").write_text(text.replace(old, new, 1))
    kept.forget()


def by_staff(right: str, *identifiers: tuple[str, str]) -> str:
    """A letter is entered by staff; the request's name."""
    from troth.core.requests.model import Channel, Right
    from troth.desk.files import Wish, open_file
    from troth.desk.house import house
    from troth.desk.particulars import Particulars

    with house() as at:
        wish = Wish(Right(right), Particulars(identifiers), Channel.POST, verified="known")
        return open_file(at, wish, datetime.now(UTC)).request.ref


def test_a_request_that_staff_entered_is_seen_however_it_was_spelt(browser: Browser) -> None:  # noqa: F811
    ref = by_staff("erasure", ("customer_id", "1"), ("email", " Ana@Example.ORG"))
    again = by_staff("erasure", ("email", "ana@example.org"), ("customer_id", "1"))
    assert again == ref
    browser.come_in()
    assert ref in browser.get("/me")[1]
    assert browser.get(f"/me/requests/{ref}")[0] == 200
    other = Browser(browser.front)
    other.come_in("bo@example.org")
    assert ref not in other.get("/me")[1]
    assert other.get(f"/me/requests/{ref}")[0] == 404


def test_where_the_policy_does_not_trust_letters_nobody_comes_in_by_one(browser: Browser) -> None:  # noqa: F811
    browser.come_in()
    rewritten(browser.front, "  answer_within: 30 days", "  answer_within: 30 days\n  verify: [identity_document]")
    assert browser.client.get("/me").status_code == 404
    rewritten(browser.front, "identity_document", "account")
    assert browser.client.get("/me").status_code == 404  # this policy has no accounts either


def test_a_choice_whose_consequence_was_not_shown_is_shown_first(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    browser.come_in()
    status, page = browser.post("/me/ask/erasure", sure="1", purpose="orders", seen="")
    assert status == 400
    assert "Your choice has changed" in page
    assert not File.objects.exists()
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    assert seen is not None
    assert browser.post("/me/ask/erasure", sure="1", purpose="orders", seen=seen[1])[0] == 200
    assert File.objects.get().scope == ["orders"]


def test_too_late_to_take_back_is_said(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    browser.come_in()
    browser.post("/me/ask/restriction")
    File.objects.update(begun=True)
    ref = File.objects.get().ref
    _, page = browser.get(f"/me/requests/{ref}")
    assert "not want this any more" not in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me")[1])
    assert csrf is not None
    answer = browser.client.post(f"/me/requests/{ref}/withdraw", {"csrf": csrf[1]}, follow=True)
    assert answer.status_code == 409
    assert "no longer be taken back" in answer.content.decode()


def test_who_asks_too_often_is_told_so(browser: Browser, monkeypatch: Fixed) -> None:  # noqa: F811
    from troth.desk import files

    monkeypatch.setattr(files, "MOST", 1)
    browser.come_in()
    browser.post("/me/ask/restriction")
    status, page = browser.post("/me/ask/access")
    assert status == 400
    assert "very much in a short time" in page


def test_a_store_that_cannot_be_read_or_a_busy_ledger_is_no_stack_trace(browser: Browser, monkeypatch: Fixed) -> None:  # noqa: F811
    from troth import bootstrap
    from troth.core.errors import LedgerBusy, StoreBusy
    from troth.web.portal import space

    def busy(*words: object, **more: object) -> None:
        raise StoreBusy("too slow")

    browser.come_in()
    monkeypatch.setattr(space, "preview", busy)
    status, page = browser.get("/me/ask/erasure")
    assert status == 200
    assert "cannot be shown just now" in page
    (browser.front.folder / "troth.yaml").write_text("format: 1\n")
    assert browser.client.get("/me").status_code == 200  # what is in force goes on while somebody edits the file

    def locked(*words: object) -> None:
        raise LedgerBusy("somebody else writes")

    monkeypatch.setattr(bootstrap, "open_records", locked)
    answer = browser.client.get("/me")
    assert answer.status_code == 503
    assert "cannot be shown just now" in answer.content.decode()


def test_a_page_does_not_wait_as_long_as_a_worker(front: Front) -> None:
    from troth.desk.house import HURRIED, house, stores

    with house() as at, stores(at.policy, datetime.now(UTC), hurried=True) as session:
        assert session.stores["shop"].graph.store.statement_timeout == HURRIED
        assert at.policy.stores["shop"].statement_timeout > HURRIED


PASSWORD = "Sept mots valent mieux que douze signes ici"


def with_account(browser: Browser) -> None:  # noqa: F811
    """The house gets accounts, and Ana one of them."""
    from troth.web.accounts.models import User

    rewritten(browser.front, "\nmail: {", "\naccounts: {purpose: orders, fields: {}}\nmail: {")
    rewritten(
        browser.front, "cookies: {", "cookies: {__Host-test: {for: session, exempt: test_of_cookies, purpose: orders}, "
    )
    ana = User(email="ana@example.org")
    ana.set_password(PASSWORD)
    ana.save()


def log_in(browser: Browser) -> str:  # noqa: F811
    """By her password; where she is led."""
    browser.get("/account/login?next=/me")
    sent = {"email": "ana@example.org", "password": PASSWORD, "next": "/me"}
    return str(browser.client.post("/account/login", sent).headers["Location"]).partition("?")[0]


def time_passes(browser: Browser) -> None:  # noqa: F811
    """Her proof is twenty minutes old."""
    from datetime import timedelta

    from troth.web.accounts.sessions import SessionStore

    store = SessionStore(browser.client.cookies["__Host-essai"].value)
    store["proved"] = (datetime.now(UTC) - timedelta(minutes=20)).isoformat()
    store.save()


def prove_again(browser: Browser, back: str) -> str:  # noqa: F811
    """By her password, on the page that asks for it; where she is led."""
    _, page = browser.get(f"/account/again?next={back}")
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None
    said = {"password": PASSWORD, "next": back, "csrf": csrf[1]}
    return str(browser.client.post("/account/again", said).headers["Location"])


def test_an_account_holder_proves_again_before_a_copy_leaves(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import Package

    with_account(browser)
    assert log_in(browser) == "/me"
    time_passes(browser)
    for right in ("access", "portability"):
        assert browser.client.get(f"/me/ask/{right}").headers["Location"] == f"/account/again?next=/me/ask/{right}"
    assert prove_again(browser, "/me/ask/access") == "/me/ask/access"
    browser.post("/me/ask/access")
    browser.front.work()
    path = f"/me/requests/{Package.objects.get().file.ref}/package"
    time_passes(browser)
    csrf = re.search(r'name="csrf" value="([^"]+)"', browser.get("/me/behalf")[1])
    assert csrf is not None
    answer = browser.client.post(path, {"csrf": csrf[1]})
    assert answer.headers["Location"] == f"/account/again?next={path}"
    assert prove_again(browser, path) == path
    assert browser.client.get(path).headers["Location"] == path.removesuffix("/package")
    answer = browser.client.post(path, {"csrf": csrf[1]})
    assert b"".join(answer.streaming_content).startswith(b"PK")


def test_what_was_chosen_is_still_chosen_after_proving_again(browser: Browser) -> None:  # noqa: F811
    with_account(browser)
    log_in(browser)
    time_passes(browser)
    back = "/me/ask/erasure?lang=fr&purpose=orders"
    again = browser.client.get(back).headers["Location"]
    assert again == "/account/again?next=/me/ask/erasure%3Flang%3Dfr%26purpose%3Dorders&lang=fr"
    assert "montrez une fois encore" in browser.get(again)[1]
    assert prove_again(browser, back) == back
    assert 'value="orders" id="p-orders" checked' in browser.get(back)[1]


def test_an_account_holder_sees_asks_proves_again_and_hears_of_the_account(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File
    from troth.web.accounts.models import User

    with_account(browser)
    _, page = browser.get("/me")
    assert "/account/login?next=/me" in page
    assert log_in(browser) == "/me"
    _, page = browser.get("/me")
    assert "Ana Exemple" in page
    _, page = browser.get("/me/ask/erasure")
    assert "Your account on this site is apart" in page
    _, page = browser.get("/me")
    assert "Your account on this site" in page
    assert "Account since" in page
    browser.front.change("DELETE FROM invoices")
    browser.front.change("DELETE FROM customers WHERE id = 1")
    assert "Nothing is held" not in browser.get("/me")[1]  # the account is
    by_mail = Browser(browser.front)
    by_mail.come_in()
    assert "Your account on this site is apart" in by_mail.get("/me/ask/erasure")[1]
    by_mail.come_in("bo@example.org")
    assert "Your account on this site" not in by_mail.get("/me/ask/erasure")[1]
    time_passes(browser)
    answer = browser.client.get("/me/ask/erasure")
    assert answer.headers["Location"] == "/account/again?next=/me/ask/erasure"
    assert prove_again(browser, "/me/ask/erasure") == "/me/ask/erasure"
    browser.post("/me/ask/erasure", everything="1", sure="1", seen="")
    assert File.objects.get().verified == "account"
    assert User.objects.exists()


@pytest.mark.parametrize(
    "path", ["//evil.test", "/me//evil.test", "/me/../evil", "https://evil.test/me", "/me?x", "/men"]
)
def test_nobody_is_led_elsewhere_after_the_login(browser: Browser, path: str) -> None:  # noqa: F811
    from django.test import RequestFactory

    from troth.web.accounts.showing import onward

    assert onward(RequestFactory().get("/account/login", {"next": path})) == ""
    assert onward(RequestFactory().get("/account/login", {"next": "/me/ask/erasure"})) == "/me/ask/erasure"


def test_an_objection_is_to_something_that_was_ticked(browser: Browser) -> None:  # noqa: F811
    from troth.desk.models import File

    rewritten(browser.front, "purposes:\n", (
        "purposes:\n  visits:\n    title: {fr: Visites, en: Visits}\n    basis: legitimate_interest\n    people: [clients]\n"
        "    categories: [IPAddress]\n    keep: {for: 1 year, after: last_contact}\n    balance: {interest: {en: a}, "
        "necessity: {en: b}, outcome: {en: c}}\n"
    ))  # fmt: skip
    browser.come_in()
    _, page = browser.get("/me/ask/objection")
    theirs, apart = page.split("<details", 1)
    assert "We hold data of yours for this" in theirs
    assert ('value="offers"' in theirs, 'value="visits"' in theirs, 'value="visits"' in apart) == (True, False, True)
    status, page = browser.post("/me/ask/objection")
    assert (status, "Tick at least one use" in page, 'href="#which"' in page) == (400, True, True)
    assert not File.objects.exists()
    browser.post("/me/ask/objection", everything="1")
    assert File.objects.get().scope == ["offers", "visits"]


def test_who_asks_for_somebody_else_is_not_told_of_a_letter_that_nobody_wrote(browser: Browser) -> None:  # noqa: F811
    browser.come_in()
    said = {
        "ground": "mandate",
        "person": "bo@example.org",
        "right": "access",
        "speaker": "Ana Exemple",
        "message": "x",
    }
    _, page = browser.post("/me/behalf", **said)
    assert "whether you may speak for this person" in page
    assert "We have written to you" not in page
