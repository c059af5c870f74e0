"""The publisher's own OpenID Connect provider: a small one, and what it may and may not bring about."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from browser.account_holders import ACCOUNT, GOOD, LOGIN, TEST, Place, cookies, place
from browser.looking import no_violations
from browser.site import example, publish, serving
from browser.visiting import Visit

CLIENT, SECRET = "troth-site", "kept between the two"


class Provider:
    """Lets everybody in as ``person``; ``spoil`` makes it misbehave."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {}
        self.spoil = ""
        self.asked: list[dict[str, str]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://localhost:{self.server.server_port}"

    def configuration(self) -> dict[str, Any]:
        ends = {name: f"{self.url}/{name}" for name in ("authorize", "token", "userinfo", "jwks")}
        return {
            "issuer": self.url, "authorization_endpoint": ends["authorize"], "token_endpoint": ends["token"],
            "userinfo_endpoint": ends["userinfo"], "jwks_uri": ends["jwks"],
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }  # fmt: skip

    def token(self, form: dict[str, str]) -> dict[str, Any]:
        asked = self.asked[-1]
        proof = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
        assert (form["client_id"], form["client_secret"], proof) == (CLIENT, SECRET, asked["code_challenge"])
        now = int(time.time())
        claims = {
            "iss": "https://other.test" if self.spoil == "issuer" else self.url, "aud": "another" if self.spoil == "audience" else CLIENT,
            "sub": self.person["sub"], "iat": now, "exp": now - 3600 if self.spoil == "late" else now + 300,
            "nonce": "of another login" if self.spoil == "nonce" else asked["nonce"],
        }  # fmt: skip
        return {
            "access_token": "a",
            "token_type": "Bearer",
            "id_token": jwt.encode(claims, self.key, algorithm="RS256"),
        }

    def _handler(provider) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                split = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(split.query).items()}
                if split.path == "/authorize":
                    provider.asked.append(query)
                    answer = {"error": "access_denied"} if provider.spoil == "no" else {"code": "c"}
                    state = "of another browser" if provider.spoil == "state" else query["state"]
                    self.send_response(302)
                    self.send_header("Location", f"{query['redirect_uri']}?{urlencode({**answer, 'state': state})}")
                    self.end_headers()
                elif split.path == "/userinfo":
                    self._say(
                        {**provider.person, "sub": "another"} if provider.spoil == "userinfo" else provider.person
                    )
                else:
                    self._say(provider.configuration())

            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self._say(provider.token({name: values[0] for name, values in parse_qs(text).items()}))

            def _say(self, data: dict[str, Any]) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(data).encode())

            def log_message(self, *_: Any) -> None:
                pass

        return Handler


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    made = Provider()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[Place]:
    key = tmp_path_factory.mktemp("key") / "oidc"
    key.write_text(f"{SECRET}\n")
    environment = {
        "TROTH_OIDC_ISSUER": provider.url, "TROTH_OIDC_CLIENT": CLIENT, "TROTH_OIDC_SECRET_FILE": str(key),
        "TROTH_OIDC_NAME": "Verdier intranet",
    }  # fmt: skip
    with place(tmp_path_factory.mktemp("provider") / "maison", environment) as made:
        yield made


def test_the_publishers_provider_opens_an_account_and_logs_in_again(
    visitor: Visit, site: Place, provider: Provider
) -> None:
    provider.spoil, provider.person = (
        "",
        {"sub": "17", "email": "Nora@example.org", "email_verified": True, "name": "Nora N."},
    )
    for _ in range(2):
        person = visitor(site=site.served)
        page = person.open("/account/login?lang=en&next=/account/profile")
        page.click("text=Log in with Verdier intranet")
        page.wait_for_url("**/account/profile")
        assert "nora@example.org" in page.inner_text("main")
        assert set(cookies(person)) == {TEST, LOGIN}
        assert abs(cookies(person)[LOGIN]["expires"] - time.time() - 2 * 86400) < 5
        provider.person["email"] = "changed@example.org"  # the provider's own name for her counts
    asked = provider.asked[-1]
    assert asked["code_challenge_method"] == "S256"
    assert set(asked["scope"].split()) == {"openid", "email"}
    assert asked["redirect_uri"] == f"{site.url}/account/login/provider/own/back"
    content = b"".join(path.read_bytes() for path in site.served.state.glob("site.db*"))
    assert b"nora@example.org" in content
    assert b"Nora N." not in content
    assert "nora" not in site.served.log().lower()


@pytest.mark.parametrize("spoil", ["no", "state", "nonce", "issuer", "audience", "late", "userinfo"])
def test_an_answer_that_was_not_made_for_this_login_opens_nothing(
    visitor: Visit, site: Place, provider: Provider, spoil: str
) -> None:
    provider.spoil, provider.person = spoil, {"sub": "18", "email": "otto@example.org", "email_verified": True}
    person = visitor(site=site.served)
    page = person.open("/account/login?lang=en")
    page.click("text=Log in with Verdier intranet")
    page.wait_for_selector("text=did not let you in")
    assert set(cookies(person)) == {TEST}
    no_violations(page)


@pytest.mark.parametrize(
    "person",
    [
        {"sub": "19"},
        {"sub": "20", "email": "pia@example.org"},
        {"sub": "21", "email": "pia@example.org", "email_verified": "false"},
    ],
)
def test_without_a_confirmed_address_there_is_no_account(
    visitor: Visit, site: Place, provider: Provider, person: dict[str, Any]
) -> None:
    provider.spoil, provider.person = "", person
    visiting = visitor(site=site.served)
    page = visiting.open("/account/login?lang=en")
    page.click("text=Log in with Verdier intranet")
    page.wait_for_selector("text=No confirmed address")
    assert set(cookies(visiting)) == {TEST}


def test_a_confirmed_address_leads_to_the_account_that_has_it(visitor: Visit, site: Place, provider: Provider) -> None:
    first = visitor(site=site.served)
    site.account(first, "rita@example.org")
    provider.spoil, provider.person = "", {"sub": "22", "email": "rita@example.org", "email_verified": True}
    second = visitor(site=site.served)
    page = second.open("/account/login?lang=en")
    page.click("text=Log in with Verdier intranet")
    page.wait_for_url(ACCOUNT)
    page.goto("/account/sessions?lang=en")
    assert page.locator("tbody tr").count() == 2
    assert GOOD not in page.content()


def test_another_site_cannot_send_anybody_to_the_provider(visitor: Visit, site: Place, provider: Provider) -> None:
    before = len(provider.asked)
    person = visitor(site=site.served)
    person.page.goto(provider.url)
    person.page.evaluate("url => { location.href = url }", f"{site.url}/account/login/provider")
    person.page.wait_for_url("**/account/login")
    assert len(provider.asked) == before


def test_the_site_says_what_is_missing(tmp_path: Any, provider: Provider) -> None:
    folder = example("maison", tmp_path / "maison")
    publish(folder, datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
    with (
        pytest.raises(AssertionError, match="TROTH_OIDC_CLIENT and TROTH_OIDC_SECRET"),
        serving(folder, {"TROTH_OIDC_ISSUER": provider.url}) as served,
    ):
        assert not served.url
