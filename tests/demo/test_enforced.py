"""The company sites behind the middleware, and the invented services that they embed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from databases import CHECKOUT
from machine import free_port
from troth.bootstrap import load_policy
from troth.core.consent.choice import Choice, write
from troth.core.consent.csp import parse, reaches
from troth.core.consent.enforcing import rules_of
from troth.core.consent.services import site_services
from troth.demo.enforced import Enforced
from troth.demo.lookalikes import addresses, declare, lookalikes
from troth.demo.machine import listen
from troth.demo.pages import Answer, Asked, PageServer
from troth.demo.place import Place
from troth.enforce.answer import utc_today

PORT = 8460


def page(asked: Asked) -> Answer:
    return Answer("p{}", "text/css") if asked.path == "/site.css" else Answer("<p>", status=404)


def test_without_its_troth_a_site_lets_no_other_host_in(tmp_path: Path) -> None:
    enforced = Enforced(page, "maison.localhost", free_port(), tmp_path / "csp.json")
    answer = enforced(Asked("GET", "/", {}, {}))
    assert (answer.status, answer.body, dict(answer.headers)) == (404, "<p>", {}), (
        "the strict headers of every page stay"
    )


def test_pages_have_the_policy_of_the_choice_and_style_sheets_none(tmp_path: Path) -> None:
    rules = rules_of(load_policy(CHECKOUT / "examples" / "maison" / "troth.yaml", {}), "http://maison.localhost:8440")
    asked: list[Asked] = []

    def troth(request: Asked) -> Answer:
        asked.append(request)
        return Answer(rules.to_json(), "application/json")

    server = PageServer(troth, listen(free_port()))
    server.start()
    try:
        enforced = Enforced(page, "maison.localhost", server.port, tmp_path / "csp.json")
        choice = f"{rules.cookie}={write(Choice(utc_today(), ('video',)), mark=rules.mark)}"
        made = enforced(Asked("GET", "/", {}, {"cookie": choice}))
        assert enforced(Asked("GET", "/site.css", {}, {})).headers == {}
        nobody = enforced(Asked("GET", "/", {}, {}))
    finally:
        server.stop()
    assert (made.status, made.body, made.headers["Vary"], made.headers["Cache-Control"]) == (
        404,
        b"<p>",
        "Cookie",
        "no-store",
    )
    assert parse(made.headers["Content-Security-Policy"])["frame-src"] == ("'self'", "*.lanterne.test")
    assert parse(nobody.headers["Content-Security-Policy"])["frame-src"] == ("'self'",)
    assert [one.headers["host"] for one in asked] == [f"maison.localhost:{server.port}"], "asked once in a while"


@pytest.mark.parametrize("example", ["maison", "atelier"])
def test_the_policy_of_the_demo_declares_the_hosts_that_its_pages_load_from(example: str, tmp_path: Path) -> None:
    home = tmp_path / example
    shutil.copytree(CHECKOUT / "examples" / example, home)
    declare({example: home}, {example: Place("site", f"www.{example}.localhost", 8450, 8450)}, PORT)  # type: ignore[dict-item]
    policy = load_policy(home / "troth.yaml", {})
    assert next(site.url for site in policy.document.sites.values()) == f"http://www.{example}.localhost:8450/"
    here = {there: address.partition("://")[2] for there, address in addresses(PORT).items()}
    for path in (home / "site").rglob("*.html"):
        found = re.findall(
            r'data-troth="(\w+)"[^>]*?(?:><iframe src|data-src)="(https://[\w.-]+)', path.read_text("utf-8")
        )
        assert found
        for name, address in found:
            (service,) = [one for one in site_services(policy) if one.name == name]
            assert any(reaches(host, here[address]) for host in service.hosts), (path.name, name)


@pytest.mark.parametrize(
    ("host", "path", "status", "keeps"),
    [
        ("stats.maison.localhost", "/count.js", 200, None), ("mesure.atelier.localhost", "/count", 204, None),
        ("stats.maison.localhost", "/other", 404, None), ("www.lanterne.localhost", "/v/dorure", 200, "lanterne_viewer"),
        ("www.lanterne.localhost", "/v/vignette.svg", 200, "lanterne_viewer"), ("stranger.localhost", "/", 404, None),
        ("tuiles.plan-ouvert.localhost", "/lyon", 200, None), ("boutons.social.localhost", "/boutons", 200, "social_share"),
    ],
)  # fmt: skip
def test_the_invented_services_keep_what_the_policy_says_of_them(
    host: str, path: str, status: int, keeps: str | None
) -> None:
    answer = lookalikes(Asked("GET", path, {}, {"host": f"{host}:{PORT}"}))
    assert answer.status == status
    cookie = answer.headers.get("Set-Cookie", "")
    assert (cookie.partition("=")[0] or None) == keeps
    assert not keeps or "SameSite=None; Secure" in cookie
