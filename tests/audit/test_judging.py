"""What is made of a visit: problems with their remedy, notes, and silence where all is well."""

from __future__ import annotations

import sys
from dataclasses import replace
from string import Formatter

import pytest

from core.consent.test_csp_rules import RULES
from troth.audit.browser import browser, checked, is_private, place
from troth.audit.judging import Expected, Finding, judge
from troth.audit.seen import Asked, Kept, Phase, Visit
from troth.core.errors import UsageError
from troth.web.wording import Words

EXPECTED = Expected(
    RULES, "www.verdier.test", frozenset({"privacy.verdier.test", "cdn.test"}),
    (("session", None), ("_pk_id*", "map"), ("viewer", "video"), ("own*", "own")),
)  # fmt: skip
PHASES: tuple[Phase, ...] = ("before", "refused", "accepted", "unscripted")
GOOD = RULES.composed().header(())
OPEN = RULES.composed().header([one.name for one in RULES.services])


def visit(phase: Phase = "before", **more: object) -> Visit:
    policies = (OPEN,) if phase == "accepted" else (GOOD,)
    made = Visit(
        phase, 200, policies=policies, cache="private", vary="Cookie", banner="https://privacy.verdier.test",
        accepted=("video", "map") if phase == "accepted" else (),
    )  # fmt: skip
    return replace(made, **more)  # type: ignore[arg-type]


def names(*visits: Visit) -> list[str]:
    return [one.name for one in judge(visits, EXPECTED)]


def asks(host: str, tag: str = "", held: bool = False) -> tuple[Asked, ...]:
    return (Asked(host, "script", tag, held),)


def test_a_site_that_blocks_is_fine() -> None:
    own = (
        *asks("www.verdier.test"),
        *asks("privacy.verdier.test"),
        *asks("shop.verdier.test"),
        *asks("cdn.verdier.test"),
        *asks("cdn.test"),
    )
    kept = (
        Kept("troth_choice", "www.verdier.test", "cookie"),
        Kept("session", "www.verdier.test", "cookie"),
        Kept("own1", "x", "cookie"),
    )
    assert names(*(visit(phase, asked=own, kept=kept) for phase in PHASES)) == []
    everything = (*asks("www.lanterne.test"), *asks("tuiles.plan-ouvert.test"))
    tracked = (Kept("viewer", "www.lanterne.test", "cookie"), Kept("_pk_id.1.x", "www.verdier.test", "cookie"))
    assert names(visit("accepted", asked=everything, kept=tracked)) == []


@pytest.mark.parametrize("phase", ["before", "refused", "unscripted"])
@pytest.mark.parametrize(
    ("tag", "name"),
    [("<script src=x>", "loads_script"), ("<IFRAME src=x>", "loads_iframe"), ("<img src=x>", "loads_img"),
     ("<link href=x>", "loads_link"), ("<video src=x>", "loads"), ("", "loads_by_script")],
)  # fmt: skip
def test_a_service_that_loads_unasked_is_named_with_its_tag(phase: Phase, tag: str, name: str) -> None:
    assert judge([visit(phase, asked=asks("www.lanterne.test", tag))], EXPECTED) == [
        Finding("problem", name, phase, "video", "www.lanterne.test", tag)
    ]


@pytest.mark.parametrize("phase", PHASES)
def test_what_nobody_declared_is_a_problem_at_any_time(phase: Phase) -> None:
    assert names(visit(phase, asked=asks("stranger.test"))) == ["undeclared"]
    assert names(visit(phase, kept=(Kept("odd", "www.verdier.test", "local_storage"),))) == ["kept_undeclared"]
    assert names(visit(phase, asked=asks("old.test"))) == ["loads_retired"]
    assert names(visit(phase, asked=asks("10.0.0.1", held=True))) == ["private"]


def test_a_tracker_before_its_consent_is_a_problem() -> None:
    tracked = (Kept("viewer", "www.lanterne.test", "cookie"),)
    assert names(visit("refused", kept=tracked)) == ["kept"]
    assert names(visit("accepted", kept=tracked)) == []


def test_a_policy_that_lets_in_too_much_or_too_little_is_told() -> None:
    assert set(names(visit("refused", policies=(OPEN,)))) == {"header_lets_in"}
    assert names(visit("refused", policies=(OPEN, GOOD))) == []
    assert names(visit("refused", policies=("é",))) == ["header_lets_in"] * 3, (
        "what a browser cannot read holds nothing"
    )
    assert set(names(visit("accepted", policies=(GOOD,)))) == {"header_stops"}
    assert [(one.level, one.name) for one in judge([visit(policies=())], EXPECTED)] == [("note", "no_header")]
    assert names(visit(vary="")) == ["cached"]
    assert names(visit(cache="max-age=1, s-maxage=9")) == ["cached"]


def test_a_page_without_a_working_banner_is_a_problem() -> None:
    assert names(visit(banner="")) == ["no_banner"]
    assert names(visit(accepted=None)) == ["banner_silent"]
    assert names(visit("accepted", accepted=("video",))) == ["other_version"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_each_finding_has_words_and_a_remedy(language: str) -> None:
    words = Words("csp", language)
    found = ["loads", "loads_script", "loads_iframe", "loads_img", "loads_link", "loads_by_script", "loads_retired", "undeclared", "private",
             "kept", "kept_undeclared", "no_header", "header_lets_in", "header_stops", "cached", "no_banner", "banner_silent", "other_version"]  # fmt: skip
    for name in found:
        for key in (name, f"r_{name}"):
            said = words.say(key, service="video", host="x.test", kept="odd")
            assert not [field for _, field, _, _ in Formatter().parse(said) if field]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://x.test",
        "file:///etc/passwd",
        "https://",
        "https://user:secret@x.test/",
        "https://x.test:99999/",
        "javascript:1",
    ],
)
def test_what_is_no_page_is_not_opened(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        checked(url)
    assert "secret" not in str(refused.value)


def test_private_addresses_are_known() -> None:
    assert [
        is_private(host)
        for host in ("127.0.0.1", "10.1.2.3", "localhost", "x.localhost", "169.254.169.254", "[::1]".strip("[]"))
    ] == [True] * 6
    assert not is_private("192.0.43.7")
    assert place("HTTPS://X.test:443/a") == "x.test"
    assert place("http://x.test:8080/") == "x.test:8080"


def test_without_playwright_or_a_browser_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "playwright.sync_api", None)
        with pytest.raises(UsageError, match="Playwright") as refused, browser():
            raise AssertionError
        assert "troth[audit]" in refused.value.remedy
    monkeypatch.setattr("troth.audit.browser.PROGRAMS", ("no-such-browser",))
    with pytest.raises(UsageError, match="Chromium") as refused, browser():
        raise AssertionError
    assert "apt-get install chromium" in refused.value.remedy
