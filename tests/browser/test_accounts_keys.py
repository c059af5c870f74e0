"""Passkeys and codes in a real browser, and the same on PostgreSQL."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from browser.account_holders import ACCOUNT, DAY, LOGIN, TEST, Place, cookies, key_in, log_in, looked_at, place
from browser.looking import no_violations, shot
from browser.site import example, publish, serving
from browser.visiting import Visit
from letterbox import mailbox
from servers import PostgresServer
from troth.web.accounts.counting import code_of


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with place(tmp_path_factory.mktemp("accounts") / "maison") as made:
        yield made


def test_a_passkey_is_made_and_logs_in(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "cleo@example.org")
    device, key = key_in(person, page)
    page.goto("/account/security?lang=en")
    page.click("text=Make a passkey on this device")
    page.fill("#name", "My laptop")
    page.click("main form.form button")
    page.wait_for_url("**/account/security?*")
    assert "My laptop (not used yet)" in page.inner_text("main")
    assert len(device.send("WebAuthn.getCredentials", {"authenticatorId": key})["credentials"]) == 1
    page.goto("/account/logout?lang=en")
    page.click("main button")
    assert set(cookies(person)) == {TEST}
    page.check("#remember")
    page.click("text=Log in with a passkey")
    page.wait_for_url(ACCOUNT)
    assert "cleo@example.org" in page.inner_text("main")
    assert set(cookies(person)) == {TEST, LOGIN}
    assert abs(cookies(person)[LOGIN]["expires"] - time.time() - 14 * DAY) < 5
    page.goto("/account/security?lang=en")
    assert "last used" in page.inner_text("main")
    no_violations(page)
    shot(page, "account-passkey")
    page.click("main li button")
    assert "You have none yet" in page.inner_text("main")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    page.click("text=Log in with a passkey")
    page.wait_for_selector("text=This passkey does not fit here")


def test_a_device_that_has_not_recognised_its_owner_opens_nothing(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "dora@example.org")
    device, key = key_in(person, page)
    page.goto("/account/security/passkey?lang=en")
    page.click("main form.form button")
    page.wait_for_url("**/account/security?*")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    device.send("WebAuthn.setUserVerified", {"authenticatorId": key, "isUserVerified": False})
    page.click("text=Log in with a passkey")
    page.wait_for_selector("[role=status]:has-text('does not fit')")
    assert LOGIN not in cookies(person)


def test_an_answer_of_a_passkey_is_good_once(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "elsa@example.org")
    key_in(person, page)
    page.goto("/account/security/passkey?lang=en")
    page.click("main form.form button")
    page.wait_for_url("**/account/security?*")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    sent: list[str] = []
    page.on(
        "request", lambda asked: sent.append(asked.post_data or "") if asked.url.endswith("/login/passkey") else None
    )
    page.click("text=Log in with a passkey")
    page.wait_for_url(ACCOUNT)
    thief = visitor(site=site.served)
    thief.open("/account/login")
    headers = {"Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}
    answer = thief.context.request.post(f"{site.url}/account/login/passkey", data=sent[-1], headers=headers)
    assert answer.status == 400
    assert LOGIN not in cookies(thief)


def test_the_code_of_an_application_is_asked_for_at_login(visitor: Visit, site: Place) -> None:
    person = visitor(site=site.served)
    page = site.account(person, "fay@example.org")
    page.goto("/account/security/totp?lang=en")
    secret = page.inner_text(".key").replace(" ", "")
    assert page.locator(".qr svg path").count() == 1
    now = int(time.time()) // 30  # each code is taken half a minute before and after its own, and none twice
    page.fill("#code", code_of(secret, now))
    page.click("main form.form button")
    codes = page.locator(".codes code").all_inner_texts()
    assert len(codes) == 10
    looked_at(page, "codes")
    page.goto("/account/logout?lang=en")
    page.click("main button")
    for code in (code_of(secret, now + 1), codes[0]):
        log_in(page, "fay@example.org")
        page.wait_for_selector("#code")
        assert LOGIN not in cookies(person)
        looked_at(page, "second")
        page.fill("#code", code)
        page.locator("main form button").first.click()
        page.wait_for_url(ACCOUNT)
        page.goto("/account/logout?lang=en")
        page.click("main button")


# --- another database


@pytest.mark.slow
def test_it_is_the_same_on_postgresql(
    visitor: Visit, tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres_server.create_database()
    url = postgres_server.url(name).replace("postgresql+psycopg://", "postgresql://")
    monkeypatch.setenv("TROTH_STATE_URL", url)
    folder = example("maison", tmp_path / "maison")
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with pytest.raises(AssertionError, match="troth migrate"), serving(folder, {"TROTH_STATE_URL": url}):
        raise NotImplementedError
    troth = [sys.executable, "-m", "troth.cli.main", "migrate", "--policy", "troth.yaml", "--state", "troth-state"]
    subprocess.run(troth, cwd=folder, check=True, capture_output=True)
    with mailbox() as box, serving(folder, {"TROTH_STATE_URL": url, "TROTH_MAIL_URL": box.url}) as served:
        place, person = Place(served, box), visitor(site=served)
        page = place.account(person, "mia@example.org")
        key_in(person, page)
        page.goto("/account/security/passkey?lang=en")
        page.click("main form.form button")
        page.wait_for_url("**/account/security?*")
        page.goto("/account/logout?lang=en")
        page.click("main button")
        page.click("text=Log in with a passkey")
        page.wait_for_url(ACCOUNT)
        page.goto("/account/profile/close?lang=en")
        page.check("#sure")
        page.click("main form button")
        page.wait_for_selector(".done")
        assert set(cookies(person)) == {TEST}
        assert not (folder / "troth-state" / "site.db").exists()
    postgres_server.drop_database(name)
