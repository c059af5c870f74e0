"""How long a choice lasts, who shares it, and what happens where the browser keeps nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from browser.street import SHOP, SITE, Walk, Walker, consent, service
from databases import CHECKOUT
from troth.core.consent.choice import Choice, mark, write
from troth.core.policy.model import Policy

VECTORS = json.loads((CHECKOUT / "tests/vectors/consent/choices.json").read_text(encoding="utf-8"))
HELD = """<script type="text/plain" data-troth="matomo" src="http://stats.verdier.test/m.js"></script>
<iframe data-troth="video" data-src="http://www.lanterne.test/f.html" width="560" height="315" title="Film"></iframe>"""


def _asks(somebody: Walker) -> bool:
    somebody.settle()
    return somebody.banner().count() == 1


def _choose(somebody: Walker, value: str, **more: str) -> None:
    place = {} if more else {"url": SITE}
    somebody.context.add_cookies([{"name": "troth_choice", "value": value, **place, **more}])  # type: ignore[typeddict-item]


def test_the_script_reads_and_writes_as_the_vectors_say(walk: Walk) -> None:
    somebody = walk()
    source = (CHECKOUT / "banner/src/choice.js").read_text(encoding="utf-8")
    somebody.street.files["www.verdier.test/choice.js"] = source
    page = somebody.open(tag="")
    read = page.evaluate(
        """async v => { const { read } = await import("/choice.js");
        return v.read.map(one => read(one.value, v.mark, v.days, v.today) || null) }""", VECTORS,
    )  # fmt: skip
    assert {one["case"]: found for one, found in zip(VECTORS["read"], read, strict=True)} == {
        one["case"]: one["accepted"] for one in VECTORS["read"]
    }
    written = page.evaluate(
        """async v => { const { write } = await import("/choice.js");
        return v.written.map(one => write(one.accepted, v.mark, v.today)) }""", VECTORS,
    )  # fmt: skip
    assert written == [one["value"] for one in VECTORS["written"]]


def test_an_answer_is_kept_in_one_cookie_that_names_nobody(walk: Walk) -> None:
    somebody = walk()
    somebody.open()
    somebody.press("Accept all")
    (cookie,) = somebody.context.cookies()
    today = datetime.now(UTC).date()
    everything = ("matomo", "tags", "video", "map", "chat", "share")
    assert cookie.get("value") == write(Choice(today, everything), mark=mark(somebody.street.policy))
    assert (cookie.get("domain"), cookie.get("path"), cookie.get("sameSite")) == ("www.verdier.test", "/", "Lax")
    left = timedelta(seconds=float(cookie.get("expires", 0)) - datetime.now(UTC).timestamp())
    assert timedelta(days=179) < left <= timedelta(days=180)
    assert somebody.page.evaluate("localStorage.length + sessionStorage.length") == 0
    somebody.page.reload()
    assert not _asks(somebody)


def test_leaving_the_banner_alone_stores_nothing_and_closing_it_is_a_refusal(walk: Walk) -> None:
    for close in ("button", "Escape"):
        somebody = walk()
        page = somebody.open(HELD)
        page.mouse.wheel(0, 500)
        page.get_by_role("link", name="A link").focus()
        page.keyboard.press("Escape")
        page.reload()
        assert _asks(somebody)
        assert somebody.choice() is None
        if close == "button":
            somebody.press("Refuse all and close")
        else:
            somebody.banner().get_by_role("button").first.focus()
            page.keyboard.press("Escape")
        assert somebody.choice() == ""
        page.reload()
        assert not _asks(somebody)
        assert somebody.asked() == []


def test_closing_the_second_layer_decides_nothing(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    somebody.press("Choose")
    somebody.layer().locator("input").first.check()
    page.keyboard.press("Escape")
    assert somebody.choice() is None
    assert _asks(somebody)
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "Choose"


def test_a_choice_is_asked_again_when_it_is_too_old_or_something_else_is_asked(walk: Walk) -> None:
    somebody = walk()
    policy, today = somebody.street.policy, datetime.now(UTC).date()
    somebody.write(HELD)
    asked_again = {}
    for case, age, own in (
        ("yesterday", 1, mark(policy)), ("the last day", 179, mark(policy)), ("too old", 180, mark(policy)),
        ("another mark", 1, "00000000"),
    ):  # fmt: skip
        _choose(somebody, write(Choice(today - timedelta(days=age), ("matomo",)), mark=own))
        somebody.street.asked.clear()
        somebody.page.goto("/")
        asked_again[case] = (_asks(somebody), somebody.asked())
    loaded = ["stats.verdier.test/m.js"]
    assert asked_again == {
        "yesterday": (False, loaded), "the last day": (False, loaded), "too old": (True, []), "another mark": (True, []),
    }  # fmt: skip


def test_a_new_host_asks_again_and_a_new_title_does_not(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    somebody.press("Accept all")
    policy = somebody.street.policy
    somebody.street.policy = service(policy, "matomo", title={"en": "Counting", "fr": "Comptage"})
    page.reload()
    assert not _asks(somebody)
    somebody.street.policy = service(policy, "matomo", host=("stats.verdier.test", "more.verdier.test"))
    page.reload()
    assert _asks(somebody)


TITLES = ("Audience measurement (Matomo)", "Tags", "Videos (Lanterne)", "Map", "Causerie", "Share buttons")


def test_when_all_are_crossed_off_the_banner_returns_on_the_next_page_if_the_policy_says_so(walk: Walk) -> None:
    somebody = walk()
    somebody.write(path="/next")
    page = somebody.open(HELD.split("\n")[1])
    somebody.press("Accept all")
    somebody.press("Manage services")
    for title in TITLES:
        assert somebody.choice()
        somebody.press(f"Turn off {title}")
    assert "No service is active" in somebody.layer().inner_text()
    assert somebody.choice() is None
    somebody.press("Close")
    assert somebody.banner().count() == 0, "not in the middle of this page"
    page.goto("/next")
    assert _asks(somebody)
    somebody.press("Refuse all")
    page.goto("/")
    assert not _asks(somebody), "refusing all is remembered"


def test_without_that_word_crossing_off_everything_is_remembered(walk: Walk) -> None:
    somebody = walk()
    somebody.street.policy = consent(somebody.street.policy, when_all_off="remember")
    page = somebody.open()
    somebody.press("Choose")
    somebody.layer().locator("input[value=map]").check()
    somebody.press("Save my choices")
    somebody.press("Manage services")
    somebody.press("Turn off Map")
    assert somebody.choice() == ""
    page.reload()
    assert not _asks(somebody)


GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"


def test_global_privacy_control_is_a_refusal_that_is_told_and_can_be_changed_by_service(walk: Walk) -> None:
    somebody = walk(alone=True)
    somebody.context.add_init_script(GPC)
    page = somebody.open(HELD)
    assert not _asks(somebody)
    assert somebody.asked() == []
    assert somebody.context.cookies() == []
    somebody.press("Refused, as your browser asks")
    assert "Global Privacy Control" in somebody.layer().inner_text()
    somebody.press("Change my choices")
    somebody.layer().locator("input[value=video]").check()
    somebody.press("Save my choices")
    page.reload()
    assert set(somebody.asked()) == {"www.lanterne.test/f.html"}
    assert page.locator("troth-consent .opener").inner_text() == "Manage services"


def test_the_signal_changes_nothing_where_the_policy_ignores_it(walk: Walk) -> None:
    somebody = walk(alone=True)
    somebody.street.policy = consent(somebody.street.policy, global_privacy_control="ignore")
    somebody.context.add_init_script(GPC)
    somebody.open(HELD)
    assert _asks(somebody)
    assert somebody.asked() == []


def _shared(policy: Policy) -> Policy:
    """The policy whose choice all hosts below ``verdier.test`` share."""
    cookies = dict(policy.document.cookies)
    cookies["troth_choice"] = cookies["troth_choice"].model_copy(update={"domain": "verdier.test"})
    return replace(policy, document=policy.document.model_copy(update={"cookies": cookies}))


def test_a_refusal_counts_though_an_acceptance_was_shared_before(walk: Walk) -> None:
    somebody = walk()
    policy = somebody.street.policy
    somebody.street.policy = _shared(policy)
    page = somebody.open(HELD)
    somebody.press("Accept all")
    somebody.street.policy = policy
    page.reload()
    assert _asks(somebody)
    somebody.press("Refuse all")
    (left,) = [one for one in somebody.context.cookies() if one.get("name") == "troth_choice"]
    assert (left.get("domain"), somebody.choice()) == ("www.verdier.test", "")
    somebody.street.asked.clear()
    page.reload()
    assert not _asks(somebody)
    assert somebody.asked() == []


def test_two_choices_that_contradict_each_other_are_none(walk: Walk) -> None:
    somebody = walk()
    own, today = mark(somebody.street.policy), datetime.now(UTC).date()
    somebody.write(HELD)
    _choose(somebody, write(Choice(today, ("video",)), mark=own), domain=".verdier.test", path="/")
    _choose(somebody, write(Choice(today, ()), mark=own))
    somebody.page.goto("/")
    assert _asks(somebody)
    assert somebody.asked() == []
    somebody.press("Accept all")
    assert len(somebody.context.cookies()) == 1
    somebody.page.reload()
    assert not _asks(somebody)


def test_a_choice_is_shared_between_subdomains_where_the_policy_says_so(walk: Walk) -> None:
    somebody = walk()
    somebody.open()
    somebody.press("Refuse all")
    somebody.street.policy = _shared(somebody.street.policy)
    somebody.page.goto("/")
    assert _asks(somebody), "what this host alone has kept was another question"
    somebody.press("Accept all")
    assert [one.get("domain") for one in somebody.context.cookies()] == [".verdier.test"]
    somebody.page.goto(f"{SHOP}/")
    assert not _asks(somebody)
    somebody.press("Manage services")
    somebody.press("Turn off Map")
    somebody.page.goto(f"{SITE}/")
    assert "map" not in (somebody.choice() or "map").split()


def test_two_tabs_agree_without_a_reload(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(HELD)
    other = somebody.context.new_page()
    other.goto("/")
    somebody.press("Accept all")
    other.wait_for_selector("iframe[src]", state="attached")
    assert other.locator("troth-consent section").count() == 0
    somebody.press("Manage services")
    somebody.press("Turn off Videos (Lanterne)")
    other.wait_for_selector("iframe:not([src])", state="attached")
    assert page.locator("iframe[src]").count() == 0


def test_a_page_from_the_back_forward_cache_knows_what_was_chosen_meanwhile(walk: Walk) -> None:
    somebody = walk()
    somebody.write(HELD, path="/next")
    page = somebody.open(HELD)
    page.evaluate("window.kept = 1")
    page.evaluate("addEventListener('pageshow', event => { window.back = event.persisted })")
    page.goto("/next")
    somebody.press("Accept all")
    somebody.settle()
    page.go_back(wait_until="commit")
    page.wait_for_function("window.back !== undefined")
    assert page.evaluate("[window.kept, window.back]") == [1, True], "Chromium has not kept the page"
    assert not _asks(somebody)
    assert page.locator("iframe[src]").count() == 1


@pytest.mark.parametrize(
    "denied",
    [
        "Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set: () => {} })",
        "Object.defineProperty(Document.prototype, 'cookie', { get() { throw new DOMException('no', 'SecurityError') },"
        " set() { throw new DOMException('no', 'SecurityError') } });"
        "for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) Object.defineProperty(window, name,"
        " { get() { throw new DOMException('no', 'SecurityError') } })",
    ],
    ids=["cookies blocked", "storage denied"],
)
def test_where_nothing_is_kept_the_choice_holds_for_the_page_and_this_is_said(walk: Walk, denied: str) -> None:
    somebody = walk(alone=True)
    somebody.context.add_init_script(denied)
    page = somebody.open(HELD)
    assert somebody.asked() == []
    somebody.press("Accept all")
    assert "holds for this page only" in somebody.layer().inner_text()
    assert "www.lanterne.test/f.html" in somebody.asked()
    somebody.press("Turn off Videos (Lanterne)")
    assert page.locator("iframe[src]").count() == 0
    page.reload()
    assert _asks(somebody)


def test_the_sites_own_scripts_can_ask_and_are_told(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(
        head="<script>window.heard = []; document.addEventListener('troth:consent', e => heard.push(e.detail))</script>"
    )
    assert page.evaluate("[troth.consent.of('matomo'), troth.consent.of('letters'), troth.consent.of('constructor')]") == [
        False, True, False,
    ]  # fmt: skip
    page.evaluate("troth.consent.onchange(told => { window.told = told; throw new Error('of the site') })")
    somebody.press("Choose")
    somebody.layer().locator("input[value=matomo]").check()
    somebody.press("Save my choices")
    told = {"answered": True, "accepted": ["matomo"], "refused": ["tags", "video", "map", "chat", "share"]}
    assert page.evaluate("told") == told
    assert page.evaluate("heard") == [
        {"answered": False, "accepted": [], "refused": ["matomo", *told["refused"]]}, told,  # type: ignore[misc]
    ]  # fmt: skip
    assert page.evaluate("troth.consent.of('matomo')") is True
    page.evaluate("troth.consent.open()")
    assert somebody.layer().is_visible()
    assert [one for one in somebody.complaints if "of the site" in one]
    somebody.complaints.clear()
