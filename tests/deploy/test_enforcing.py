"""The snippets for web servers, on real ones: each choice gives its own policy, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, combinations

import pytest

from conftest import ON_CI
from core.consent.test_csp_rules import RULES as ONE
from deploy.enforcing import COMMANDS, ask, running
from machine import ServerUnavailable
from troth.core.consent.choice import Choice, write
from troth.core.consent.csp import Embed, parse
from troth.core.consent.rules import LOADS, Rules
from troth.core.consent.snippets import KINDS, snippet
from troth.core.errors import UsageError

BASE = "default-src 'none'; script-src 'self' 'nonce-Zm9v'; img-src 'self' data: https://cdn.verdier.test/50%25/; style-src 'self'; frame-ancestors 'none'"
RULES = Rules(
    "__Host-choice", "a1b2c3d4", 180, "https://privacy.verdier.test",
    (
        Embed("video", ("*.lanterne.test", "img.lanterne.test"), LOADS["video"]),
        Embed("video-2", ("video.test",), LOADS["video"]),
        Embed("a_b", ("stats.verdier.test:8443",), LOADS["audience"]),
    ),
)  # fmt: skip
NAMES = [one.name for one in RULES.services]
SUBSETS = list(chain.from_iterable(combinations(NAMES, n) for n in range(len(NAMES) + 1)))
TODAY = datetime.now(UTC).date()


@dataclass(frozen=True)
class Server:
    kind: str
    port: int


@pytest.fixture(scope="module", params=COMMANDS)
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    kind: str = request.param
    try:
        with running(kind, snippet(kind, RULES, BASE, today=TODAY)) as port:
            yield Server(kind, port)
    except ServerUnavailable as reason:
        if ON_CI:
            pytest.fail(str(reason), pytrace=False)
        pytest.skip(f"{kind}: {reason}")


def cookie(*accepted: str, mark: str = RULES.mark, days_ago: int = 0) -> str:
    value = write(Choice(TODAY - timedelta(days=days_ago), accepted), mark=mark)
    return f"session=1.x; {RULES.cookie}={value}; other=__Host-choice"


def policy(headers: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    (text,) = [value for name, value in headers if name == "content-security-policy"]
    return parse(text)


@pytest.mark.parametrize("accepted", SUBSETS, ids="+".join)
def test_each_choice_gives_the_policy_that_the_middleware_would_give(server: Server, accepted: tuple[str, ...]) -> None:
    assert policy(ask(server.port, cookie(*accepted))) == parse(RULES.composed(BASE).header(accepted))


@pytest.mark.parametrize(
    "sent",
    ["", "a=b", cookie("video", mark="00000000"), cookie("video").replace("choice=1.", "choice=2."),
     cookie("video").replace("__Host-choice=1", "x__Host-choice=1"), cookie("avideo"), cookie("video-22"),
     cookie("video").replace(".video", ".video,script-src"), cookie("video").replace(".video", ".x y.video")],
)  # fmt: skip
def test_what_is_no_choice_of_today_lets_nothing_in(server: Server, sent: str) -> None:
    assert policy(ask(server.port, sent)) == parse(RULES.composed(BASE).header(()))


def test_an_answer_that_is_not_modified_brings_the_policy_of_the_choice(server: Server) -> None:
    same = "/same.php" if server.kind == "php" else "/"
    tag = dict(ask(server.port, "")).get("etag", "")
    for accepted in (("video",), ()):
        headers = ask(server.port, cookie(*accepted), same, status=304, **{"If-None-Match": tag})
        assert policy(headers) == parse(RULES.composed(BASE).header(accepted))
        assert [value for name, value in headers if name == "vary"] == ["Cookie"]


def test_an_answer_that_does_not_say_its_kind_has_the_policy_where_it_may_be_a_page(server: Server) -> None:
    if server.kind == "apache":  # the others give such a file a kind, or look at none
        assert policy(ask(server.port, "", "/untyped")) == parse(RULES.composed(BASE).header(()))
        assert "content-security-policy" not in dict(ask(server.port, "", "/untyped", "image"))
    else:
        assert ask(server.port, "", "/")


@pytest.mark.parametrize("days_ago", [180, 1000, 18_000, (TODAY - date(1970, 1, 2)).days])
def test_a_choice_that_has_ended_lets_nothing_in(server: Server, days_ago: int) -> None:
    assert policy(ask(server.port, cookie("video", days_ago=days_ago))) == parse(RULES.composed(BASE).header(()))


@pytest.mark.parametrize("days_ago", [179, 36, 1, 0, -1])
def test_a_choice_that_has_not_ended_lets_in(server: Server, days_ago: int) -> None:
    sent = cookie("video", days_ago=days_ago)
    assert policy(ask(server.port, sent)) == parse(RULES.composed(BASE).header(["video"]))


ONCE = f"{RULES.cookie}_once=1.{RULES.mark}.video"


@pytest.mark.parametrize("choice", ["", "x=y", cookie(), cookie("a_b"), cookie("a_b", mark="00000000")])
def test_a_service_is_let_in_once_beside_the_choice(server: Server, choice: str) -> None:
    accepted = {"video"} | ({"a_b"} if choice == cookie("a_b") else set())
    wanted = parse(RULES.composed(BASE).header(accepted))
    for sent in (f"{choice}; {ONCE}", f"{ONCE}; {choice}"):
        assert policy(ask(server.port, sent)) == wanted
        assert RULES.let_in(sent, TODAY) == accepted


@pytest.mark.parametrize(
    "sent",
    [ONCE.replace(RULES.mark, "00000000"), ONCE.replace("=1.", "=2."), "x" + ONCE, ONCE + ".a_b", ONCE + "2", ONCE[:-1],
     cookie("video") + "; " + cookie(), cookie() + "; " + cookie("video"), cookie("video") + "; " + cookie("video", "a_b"),
     f"{cookie('video')}; {cookie('video')}; {cookie()}"],
)  # fmt: skip
def test_what_is_no_loan_and_two_choices_that_differ_let_nothing_in(server: Server, sent: str) -> None:
    assert policy(ask(server.port, sent)) == parse(RULES.composed(BASE).header(()))
    assert not RULES.let_in(sent, TODAY) & set(NAMES)


def test_two_choices_that_are_alike_are_one_where_the_server_can_compare_them(server: Server) -> None:
    sent = f"{cookie('video')}; {cookie('video')}"
    accepted = () if server.kind == "caddy" else ("video",)
    assert policy(ask(server.port, sent)) == parse(RULES.composed(BASE).header(accepted))


def test_caches_and_reports_are_told_and_a_style_sheet_is_left_alone(server: Server) -> None:
    headers = ask(server.port, "")
    assert [value for name, value in headers if name == "vary"] == ["Cookie"]
    assert [value for name, value in headers if name == "cache-control"] == ["private, no-cache"]
    reports = 'troth="https://privacy.verdier.test/consent/csp-report"'
    assert [value for name, value in headers if name == "reporting-endpoints"] == [reports]
    style = ask(server.port, "", "/style.php" if server.kind == "php" else "/style.css", "style")
    assert {name for name, _ in style} & {"content-security-policy", "vary", "reporting-endpoints"} == set()


def test_a_worker_has_a_policy_of_its_own(server: Server) -> None:
    if server.kind != "php":
        assert policy(ask(server.port, "", "/style.css", "worker")) == parse(RULES.composed(BASE).header(()))
    else:
        assert policy(ask(server.port, "", "/", "worker")) == parse(RULES.composed(BASE).header(()))


# --- what is printed ------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["img-src $x", 'img-src "x', "img-src {x}", "img-src a\\b", "img-src `x`"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_policy_that_a_server_would_read_otherwise_is_refused(kind: str, base: str) -> None:
    with pytest.raises(UsageError, match="Content-Security-Policy"):
        snippet(kind, RULES, base, today=TODAY)


def test_there_is_no_snippet_for_anything_else() -> None:
    with pytest.raises(UsageError, match="'iis'") as refused:
        snippet("iis", RULES, None, today=TODAY)
    assert "nginx" in refused.value.remedy


def test_the_page_gets_one_line_and_an_example_for_each_service() -> None:
    said = snippet("html", ONE, None, today=TODAY)
    assert '<script src="https://privacy.verdier.test/banner.js" defer></script>' in said
    assert 'data-troth="video" data-src="https://www.lanterne.test/' in said
    assert "old" not in said
