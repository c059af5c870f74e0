"""One line in a page, and a real server behind it."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from email.message import Message

import brotli

from browser.site import Served
from browser.visiting import Visit


def _get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url.replace("localhost", "127.0.0.1"), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, b""


def test_the_server_gives_the_script_small_and_only_once(served: Served) -> None:
    status, headers, body = _get(f"{served.url}/banner.js", **{"Accept-Encoding": "br"})
    assert status == 200
    assert len(body) <= 6_656
    assert brotli.decompress(body).startswith(b"(()=>")
    assert "Set-Cookie" not in headers
    status, again, _ = _get(f"{served.url}/banner.js", **{"Accept-Encoding": "br", "If-None-Match": headers["ETag"]})
    assert status == 304
    assert again["ETag"] == headers["ETag"]


def test_one_line_in_a_page_is_enough(visitor: Visit, served: Served) -> None:
    somebody = visitor(language="fr")
    page = somebody.open("/fr/")
    # The policy's own page lets no script in: a page of the publisher's stands in its place.
    page.route(
        re.compile(r"/shop$"),
        lambda route: route.fulfill(
            content_type="text/html; charset=utf-8",
            body=f'<!doctype html><html lang="fr"><title>Maison</title><script src="{served.url}/banner.js" defer></script>'
            '<body><script type="text/plain" data-troth="matomo">document.title = "compté"</script></body></html>',
        ),
    )
    page.goto("/shop")
    page.get_by_role("button", name="Tout accepter").click()
    page.wait_for_function("document.title == 'compté'")
    assert somebody.cookies() == ["troth_choice"]
    link = page.locator("troth-consent").get_by_role("button", name="Gérer les services")
    assert link.is_visible()
