"""The middlewares for WSGI, ASGI and Django give the same answer."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from machine import free_port
from troth.core.consent.choice import Choice, write
from troth.core.consent.csp import Embed, parse
from troth.core.consent.rules import LOADS, Rules
from troth.core.errors import UsageError
from troth.demo.machine import listen
from troth.demo.pages import Answer, PageServer
from troth.enforce import asgi, wsgi
from troth.enforce.answer import Enforcement
from troth.enforce.source import Source

TODAY = date(2026, 11, 22)
RULES = Rules(
    "choice", "a1b2c3d4", 180, "https://privacy.test", (Embed("video", ("*.lanterne.test",), LOADS["video"]),)
)
ACCEPTED = "session=x; choice=" + write(Choice(TODAY, ("video",)), mark=RULES.mark)
REFUSED = "choice=" + write(Choice(TODAY, ()), mark=RULES.mark)
BASE = "default-src 'self'"
HTML = ("Content-Type", "text/html; charset=utf-8")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "csp.json"
    path.write_text(RULES.to_json(), encoding="utf-8")
    return path


def values(headers: Iterable[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name.lower()]


def frames(headers: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    (policy,) = values(headers, "Content-Security-Policy")
    return parse(policy).get("frame-src", ())


Ask = Callable[..., tuple[list[tuple[str, str]], list[bytes]]]


def by_wsgi(
    file: Path, headers: list[tuple[str, str]], cookie: str, destination: str = "document", base: str | None = BASE
) -> Any:
    def app(environ: Any, start: Any) -> Iterator[bytes]:
        start("200 OK", headers)
        yield from (b"one", b"two")

    found: list[list[tuple[str, str]]] = []
    environ: dict[str, Any] = {"HTTP_COOKIE": cookie, "HTTP_SEC_FETCH_DEST": destination, "QUERY_STRING": ""}
    setup_testing_defaults(environ)
    served = validator(wsgi.Enforce(app, file, base, lambda: TODAY))
    body = served(environ, lambda status, made, *error: found.append(made))
    parts = list(body)
    body.close()
    return found[0], parts


def by_asgi(
    file: Path, headers: list[tuple[str, str]], cookie: str, destination: str = "document", base: str | None = BASE
) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        encoded = [(name.encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": encoded})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asked = [(b"cookie", part.encode()) for part in cookie.split("; ")] + [(b"sec-fetch-dest", destination.encode())]
    asyncio.run(asgi.Enforce(app, file, base, lambda: TODAY)({"type": "http", "headers": asked}, None, send))  # type: ignore[arg-type]
    return [(n.decode(), v.decode()) for n, v in sent[0]["headers"]], [one["body"] for one in sent[1:]]


BOTH = pytest.mark.parametrize("ask", [by_wsgi, by_asgi])


@BOTH
def test_a_service_is_let_in_by_its_choice_alone(ask: Ask, file: Path) -> None:
    assert frames(ask(file, [HTML], ACCEPTED)[0]) == ("'self'", "*.lanterne.test")
    for cookie in (REFUSED, "", "choice=1.zz.a1b2c3d4.video", ACCEPTED.replace("a1b2", "ffff"), "a=b"):
        assert frames(ask(file, [HTML], cookie)[0]) in (("'self'",), ())


@BOTH
def test_a_service_is_let_in_once_beside_the_choice(ask: Ask, file: Path) -> None:
    once = f"choice_once=1.{RULES.mark}.video"
    for cookie in (once, f"{REFUSED}; {once}", f"{once}; {REFUSED}"):
        assert frames(ask(file, [HTML], cookie)[0]) == ("'self'", "*.lanterne.test")
    for cookie in (once.replace("a1b2", "ffff"), once + "2", once.replace("=1.", "=2."), "x" + once, once[:-6]):
        assert frames(ask(file, [HTML], cookie)[0]) in (("'self'",), ())


@BOTH
def test_two_choices_that_differ_are_none(ask: Ask, file: Path) -> None:
    for cookie in (f"{ACCEPTED}; {REFUSED}", f"{REFUSED}; {ACCEPTED}", f"{ACCEPTED}; {ACCEPTED}; {REFUSED}"):
        assert frames(ask(file, [HTML], cookie)[0]) in (("'self'",), ())
    assert frames(ask(file, [HTML], f"{ACCEPTED}; {ACCEPTED}")[0]) == ("'self'", "*.lanterne.test")


@BOTH
def test_bodies_pass_in_their_pieces(ask: Ask, file: Path) -> None:
    assert ask(file, [HTML], "")[1] == [b"one", b"two"]


@BOTH
def test_caches_are_told_and_pictures_stay_cacheable_for_everybody(ask: Ask, file: Path) -> None:
    made, _ = ask(file, [HTML, ("Vary", "Accept-Encoding")], "")
    assert values(made, "vary") == ["Accept-Encoding, Cookie"]
    assert values(made, "cache-control") == ["private, no-cache"]
    kept = [HTML, ("Cache-Control", "max-age=60"), ("Vary", "cookie")]
    made, _ = ask(file, kept, "")
    assert values(made, "cache-control") == ["max-age=60"]
    assert values(made, "vary") == ["cookie"]
    picture = [("Content-Type", "image/png"), ("Cache-Control", "public")]
    assert [(n.lower(), v) for n, v in ask(file, picture, ACCEPTED, "image")[0]] == [(n.lower(), v) for n, v in picture]


@BOTH
def test_a_worker_has_a_policy_too_since_it_does_not_share_its_page_s(ask: Ask, file: Path) -> None:
    script = [("Content-Type", "text/javascript")]
    assert values(ask(file, script, "", "worker")[0], "content-security-policy")
    assert not values(ask(file, script, "", "script")[0], "content-security-policy")


@BOTH
def test_the_application_s_own_policy_is_the_base(ask: Ask, file: Path) -> None:
    own = ("Content-Security-Policy", "default-src 'none'; script-src 'nonce-Zm9v'; frame-ancestors 'none'")
    (policy,) = values(ask(file, [HTML, own], ACCEPTED)[0], "content-security-policy")
    assert parse(policy)["frame-src"] == ("*.lanterne.test",)
    assert parse(policy)["script-src"] == ("'nonce-Zm9v'", "https://privacy.test", "*.lanterne.test")
    assert parse(policy)["frame-ancestors"] == ("'none'",)


@BOTH
def test_two_policies_of_the_application_stay_and_ours_comes_beside_them(ask: Ask, file: Path) -> None:
    own = ("Content-Security-Policy", "img-src *, script-src 'self'")
    made = values(ask(file, [HTML, own], "")[0], "content-security-policy")
    assert made[0] == own[1]
    assert made[1].startswith("default-src 'self'")


@BOTH
def test_reports_have_an_address_beside_the_application_s(ask: Ask, file: Path) -> None:
    made, _ = ask(file, [HTML, ("Reporting-Endpoints", 'main="/r"')], "")
    assert values(made, "reporting-endpoints") == ['main="/r", troth="https://privacy.test/consent/csp-report"']


def test_an_answer_without_a_kind_has_the_policy_when_it_may_be_a_page(file: Path) -> None:
    enforcement = Enforcement(Source(file), BASE, lambda: TODAY)
    assert values(enforcement.headers([], "", ""), "content-security-policy")
    assert values(enforcement.headers([], "", "iframe"), "content-security-policy")
    assert enforcement.headers([], "", "image") == []


def test_what_is_not_http_passes_by(file: Path) -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append((scope, receive, send))

    asyncio.run(asgi.Enforce(app, file)({"type": "websocket"}, "r", "s"))  # type: ignore[arg-type]
    assert seen == [({"type": "websocket"}, "r", "s")]


# --- the rules ------------------------------------------------------------------------------------


def test_rules_that_change_are_read_and_spoilt_ones_leave_those_that_were_there(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    now = [0.0]
    source = Source(file, lambda: now[0])
    file.write_text(RULES.to_json().replace("lanterne", "phare"), encoding="utf-8")
    assert source.get() == RULES  # not looked at again yet
    now[0] = 10
    assert source.get().services[0].hosts == ("*.phare.test",)
    file.write_text("{", encoding="utf-8")
    now[0] = 20
    assert source.get().services[0].hosts == ("*.phare.test",)
    assert "stays in force" in caplog.text
    file.unlink()
    now[0] = 30
    assert source.get().services[0].hosts == ("*.phare.test",)


@pytest.mark.parametrize(
    "place", ["missing.json", "http://127.0.0.1:1/consent/csp.json", "http://user:secret@127.0.0.1:1/"]
)
def test_rules_that_are_not_there_stop_the_start(place: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        wsgi.Enforce(lambda environ, start: [], place if "//" in place else tmp_path / place)
    assert "secret" not in str(refused.value)


def test_a_base_that_is_no_policy_stops_the_start(file: Path) -> None:
    with pytest.raises(UsageError, match="Content-Security-Policy"):
        wsgi.Enforce(lambda environ, start: [], file, "default-src 'self'\r\nSet-Cookie: a=b")


# --- elsewhere ------------------------------------------------------------------------------------


def test_it_needs_the_standard_library_only(file: Path) -> None:
    code = (
        "import sys; import troth.enforce.wsgi, troth.enforce.asgi\n"
        "foreign = {n.partition('.')[0] for n in sys.modules} - set(sys.stdlib_module_names) - {'troth', '__main__'}\n"
        "print(sorted(n for n in foreign if not n.startswith('_')))"
    )
    said = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True).stdout
    assert said.strip() == "[]"


DJANGO = """
import asyncio, sys, django
from django.conf import settings
settings.configure(
    ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"], SECRET_KEY="x", MIDDLEWARE=["troth.enforce.django.Enforce"],
    TROTH_ENFORCE={"rules": sys.argv[1], "base": "default-src 'self'"},
)
django.setup()
from django.http import HttpResponse, StreamingHttpResponse
from django.test import AsyncClient, Client
from django.urls import path

def page(request):
    return StreamingHttpResponse([b"one", b"two"])

async def later(request):
    return HttpResponse("two", headers={"Content-Security-Policy": "img-src 'self', script-src 'self'"})

urlpatterns = [path("page", page), path("later", later)]
for cookie in (sys.argv[2], ""):
    answer = Client().get("/page", headers={"cookie": cookie})
    print(b"".join(answer), answer["Content-Security-Policy"].partition(";")[2], answer["Vary"], sep="|")
print(asyncio.run(AsyncClient().get("/later"))["Content-Security-Policy"])
try:
    settings.TROTH_ENFORCE = {"rules": "/nowhere"}
    Client().get("/page")
except Exception as error:
    print(type(error).__name__, error)
"""


def test_django_has_it_sync_and_async(file: Path, tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(DJANGO, encoding="utf-8")
    now = write(Choice(datetime.now(UTC).date(), ("video",)), mark=RULES.mark)
    env = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    done = subprocess.run(
        [sys.executable, str(program), str(file), f"choice={now}"], capture_output=True, text=True, env=env, check=False
    )
    assert done.returncode == 0, done.stderr
    accepted, refused, later, wrong = done.stdout.splitlines()
    assert accepted.startswith("b'onetwo'|")
    assert "frame-src 'self' *.lanterne.test" in accepted
    assert accepted.endswith("|Cookie")
    assert "lanterne" not in refused
    assert later.startswith("img-src 'self', script-src 'self', default-src 'self'")
    assert wrong.startswith("ImproperlyConfigured TROTH_ENFORCE: /nowhere cannot be read")


def test_rules_of_an_address_are_read_and_asked_for_again_beside_the_answers() -> None:
    told = [RULES.to_json()]
    server = PageServer(lambda asked: Answer(told[0], "application/json"), listen(free_port()))
    server.start()
    now = [0.0]
    try:
        source = Source(f"http://127.0.0.1:{server.port}/consent/csp.json", lambda: now[0])
        assert source.get() == RULES
        told[0] = RULES.to_json().replace("lanterne", "phare")
        now[0] = 1000
        while source.get().services[0].hosts != ("*.phare.test",):
            time.sleep(0.01)
    finally:
        server.stop()
    now[0] = 2000
    assert source.get().services[0].hosts == ("*.phare.test",)
