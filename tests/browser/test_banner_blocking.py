"""What waits for consent in each form that a page can hold it in, and what really stops when it is withdrawn."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from browser.street import SITE, Walk, Walker, service
from troth.core.consent.choice import Choice, mark, write

PLANTED = """
<template data-troth="share"><div id="buttons"><img src="http://boutons.social.test/a.svg" width="90" height="60" alt="">
  <script src="http://boutons.social.test/buttons.js"></script></div></template>
<script type="text/plain" data-troth="matomo">log("inline")</script>
<script type="text/plain" data-troth="matomo" src="http://stats.verdier.test/matomo.js"></script>
<script type="text/plain" data-troth="matomo" data-src="http://stats.verdier.test/other.js"></script>
<iframe data-troth="video" data-src="http://www.lanterne.test/film.html" width="560" height="315" title="Film"></iframe>
<img data-troth="map" data-src="http://tuiles.plan-ouvert.test/map.svg" data-srcset="http://tuiles.plan-ouvert.test/map2.svg 2x"
  width="300" height="200" alt="Map">
<link rel="stylesheet" data-troth="tags" data-href="http://www.etiquettes.test/tags.css">
<script type="text/plain" data-troth="chat" data-type="module" src="http://www.causerie.test/chat.js"></script>
<script type="text/plain" data-troth="no-such-service" src="http://unknown.test/unknown.js"></script>
<script type="text/plain" data-troth="letters" src="http://polices.test/letters.js"></script>
"""
"""Every form of the reference, each for one of the services; the last needs no consent."""
LOG = "<script>const order = []; const log = word => order.push(word)</script>"
FREE = ["polices.test/letters.js"]
OF = {
    "matomo": {"stats.verdier.test/matomo.js", "stats.verdier.test/other.js"},
    "video": {"www.lanterne.test/film.html"},
    "map": {"tuiles.plan-ouvert.test/map.svg"},
    "share": {"boutons.social.test/a.svg", "boutons.social.test/buttons.js"},
    "tags": {"www.etiquettes.test/tags.css"},
    "chat": {"www.causerie.test/chat.js"},
}


def test_nothing_that_needs_consent_is_asked_for_before_an_answer(walk: Walk) -> None:
    somebody = walk()
    somebody.open(PLANTED, head=LOG)
    assert somebody.asked() == FREE
    assert somebody.context.cookies() == []
    somebody.page.reload()
    assert somebody.asked() == FREE * 2


def test_nothing_that_needs_consent_is_asked_for_after_a_refusal_and_on_the_next_page(walk: Walk) -> None:
    somebody = walk()
    somebody.open(PLANTED, head=LOG)
    somebody.press("Refuse all")
    somebody.page.reload()
    assert somebody.asked() == FREE * 2
    assert somebody.choice() == ""


def test_each_form_loads_when_everything_is_accepted_and_at_once_on_the_next_page(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(PLANTED, head=LOG)
    somebody.press("Accept all")
    everything = set.union(*OF.values())
    assert set(somebody.asked()) == everything | set(FREE)
    assert page.evaluate("order") == ["inline"]
    assert page.locator("#buttons").is_visible()
    somebody.street.asked.clear()
    page.reload()
    assert set(somebody.asked()) == everything | set(FREE)


def test_a_service_that_is_accepted_alone_loads_alone(walk: Walk) -> None:
    somebody = walk()
    somebody.write(PLANTED, head=LOG)
    for name, addresses in OF.items():
        somebody.context.clear_cookies()
        somebody.page.goto("/")
        somebody.street.asked.clear()
        somebody.press("Choose")
        somebody.layer().locator(f"input[value={name}]").check()
        somebody.press("Save my choices")
        assert set(somebody.asked()) - set(FREE) == addresses, name
        assert somebody.choice() == name


def test_scripts_keep_the_order_of_the_page_and_put_off_what_a_browser_would(walk: Walk) -> None:
    somebody = walk()
    for name in ("first", "deferred", "second", "module"):
        somebody.street.files[f"stats.verdier.test/{name}.js"] = f"log('{name}')"
    held = '<script type="text/plain" data-troth="matomo"'
    page = somebody.open(
        f'{held} defer src="http://stats.verdier.test/deferred.js"></script>'
        f'{held} data-type="module" src="http://stats.verdier.test/module.js"></script>'
        f'{held} src="http://stats.verdier.test/first.js"></script>'
        f"{held}>log('between')</script>"
        f'{held} src="http://stats.verdier.test/gone.js" async></script>'
        f'{held} src="http://stats.verdier.test/second.js"></script>'
        f"{held}>log('last')</script>",
        head="<script>window.order = []; window.log = word => order.push(word)</script>",
    )  # fmt: skip
    somebody.press("Accept all")
    page.wait_for_function("order.length == 6")
    assert page.evaluate("order") == ["first", "between", "second", "last", "deferred", "module"]


def test_attributes_of_a_script_survive(walk: Walk) -> None:
    somebody = walk()
    somebody.street.files["stats.verdier.test/m.js"] = (
        "const me = document.currentScript; window.seen = [me.id, me.dataset.site]"
    )
    page = somebody.open(
        '<script type="text/plain" data-troth="matomo" id="m" data-site="7" src="http://stats.verdier.test/m.js"></script>'
    )
    somebody.press("Accept all")
    page.wait_for_function("window.seen")
    assert page.evaluate("seen") == ["m", "7"]


INSERTED = {
    "script.src": "const s = document.createElement('script'); s.src = URL; document.body.append(s)",
    "script.setAttribute": "const s = document.createElement('script'); s.setAttribute('src', URL); document.head.append(s)",
    "image": "new Image().src = URL",
    "iframe": "const f = document.createElement('iframe'); document.body.append(f); f.src = URL",
    "link": "const l = document.createElement('link'); l.rel = 'stylesheet'; l.href = URL; document.head.append(l)",
    "innerHTML": "const d = document.createElement('div'); document.body.append(d); d.innerHTML = `<p><img src='${URL}'></p>`",
    "insertAdjacentHTML": "document.body.insertAdjacentHTML('beforeend', `<iframe src='${URL}'></iframe>`)",
    "outerHTML": "const d = document.createElement('div'); document.body.append(d); d.outerHTML = `<img src='${URL}'>`",
    "template": "const t = document.createElement('template'); t.innerHTML = `<img src='${URL}'>`; document.body.append(t.content)",
    "fetch": "fetch(URL).catch(() => {})",
    "fetch of a Request": "fetch(new Request(URL)).catch(() => {})",
    "XMLHttpRequest": "const x = new XMLHttpRequest(); x.open('GET', URL); x.send()",
    "sendBeacon": "navigator.sendBeacon(URL, 'x')",
    "video": "const v = document.createElement('video'); v.src = URL; document.body.append(v)",
    "object": "const o = document.createElement('object'); o.data = URL; document.body.append(o)",
}


def test_what_scripts_insert_for_a_declared_host_waits_too(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    for name, code in INSERTED.items():
        page.evaluate(f"() => {{ const URL = 'http://cdn.lanterne.test/{name.replace(' ', '-')}.js'; {code} }}")
        page.evaluate(f"() => {{ const URL = 'http://elsewhere.test/{name.replace(' ', '-')}.js'; {code} }}")
    asked = somebody.asked()
    assert [one for one in asked if "lanterne" in one] == []
    assert len([one for one in asked if one.startswith("elsewhere.test")]) == len(INSERTED), "others are left alone"
    somebody.street.asked.clear()
    somebody.press("Accept all")
    kept = {name for name in INSERTED if not name.startswith(("fetch", "XML", "send", "image", "object"))}
    loaded = {one.partition("/")[2].removesuffix(".js") for one in somebody.asked()}
    assert {name.replace(" ", "-") for name in kept} <= loaded, "what was inserted comes after the answer"
    assert any("XMLHttpRequest at 'about:blank'" in one for one in somebody.complaints), "it failed as a network does"
    somebody.complaints.clear()


def test_a_host_that_an_accepted_service_shares_is_open(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    somebody.press("Choose")
    somebody.layer().locator("input[value=matomo]").check()
    somebody.press("Save my choices")
    page.evaluate(
        "new Image().src = 'http://stats.verdier.test/a.svg'; new Image().src = 'http://www.etiquettes.test/b.svg'"
    )
    assert somebody.asked() == ["stats.verdier.test/a.svg"]


def test_a_host_that_a_service_without_need_of_consent_shares_is_open(walk: Walk) -> None:
    somebody = walk()
    policy = somebody.street.policy
    somebody.street.policy = service(policy, "letters", host=("polices.test", "www.etiquettes.test"))
    page = somebody.open(FILM)
    somebody.press("Refuse all")
    page.evaluate(
        "new Image().src = 'http://cdn.etiquettes.test/a.svg'; new Image().src = 'http://www.etiquettes.test/b.svg'"
    )
    assert somebody.asked() == ["www.etiquettes.test/b.svg"]


# --- placeholders ------------------------------------------------------------------------------

FILM = '<iframe data-troth="video" data-src="http://www.lanterne.test/film.html" width="560" height="315" title="Film"></iframe>'


def _frame(somebody: Walker) -> None:
    somebody.press("Load once", somebody.page.frame_locator("iframe"))


def test_a_placeholder_says_what_would_load_and_keeps_its_room(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(f"{FILM}<p id='below'>below</p>")
    box = page.frame_locator("iframe").locator(".box")
    assert "Lanterne" in box.inner_text()
    before = page.locator("#below").bounding_box()
    _frame(somebody)
    assert somebody.asked() == ["www.lanterne.test/film.html"]
    assert page.locator("#below").bounding_box() == before
    assert page.evaluate("document.activeElement.tagName") == "IFRAME"
    assert somebody.choice() is None, "once is not stored"
    page.reload()
    assert somebody.asked() == ["www.lanterne.test/film.html"]


def test_loading_once_asks_the_server_for_one_page_and_is_no_choice_whatever_becomes_of_that_page(walk: Walk) -> None:
    somebody = walk()
    street, own = somebody.street, mark(somebody.street.policy)
    before = write(Choice(datetime.now(UTC).date() - timedelta(days=90), ()), mark=own)
    somebody.context.add_cookies([{"name": "troth_choice", "value": before, "url": SITE}])
    street.headers["Content-Security-Policy"] = "frame-src 'none'"
    page = somebody.open(FILM)
    page.frame_locator("iframe").locator(".box").wait_for()
    street.down = True
    with page.expect_navigation():
        _frame(somebody)
    kept = {str(one.get("name")): one for one in somebody.context.cookies()}
    lent = kept["troth_choice_once"]
    assert kept["troth_choice"].get("value") == before, "neither what was chosen nor its day"
    assert (lent.get("value"), lent.get("path"), lent.get("sameSite")) == (f"1.{own}.video", "/", "Lax")
    assert 0 < float(lent.get("expires", 0)) - datetime.now(UTC).timestamp() <= 20
    street.down = False
    street.headers.clear()
    page.reload()
    assert somebody.asked() == ["www.lanterne.test/film.html"]
    assert [one.get("name") for one in somebody.context.cookies()] == ["troth_choice"]
    page.reload()
    assert somebody.asked() == ["www.lanterne.test/film.html"], "the page after it has nothing"
    somebody.complaints.clear()  # the browser says what it stopped


def test_always_allow_is_remembered_for_that_service_alone(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(FILM)
    somebody.press("Always allow", page.frame_locator("iframe"))
    assert somebody.choice() == "video"
    assert somebody.banner().count() == 0
    page.reload()
    assert somebody.asked() == ["www.lanterne.test/film.html"] * 2


def test_other_forms_have_a_placeholder_of_their_size(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(
        '<template data-troth="map"><iframe src="http://tuiles.plan-ouvert.test/m.html" width="400" height="300" title="Map"></iframe></template>'
        '<div data-troth="share" data-width="320" data-height="240"></div>'
        '<iframe sandbox="allow-scripts" data-troth="video" data-src="http://www.lanterne.test/2.html" width="400" height="200" title="Film"></iframe>'
    )  # fmt: skip
    sizes = page.evaluate("[...document.querySelectorAll('troth-box')].map(e => [e.offsetWidth, e.offsetHeight])")
    assert sizes[0] == [400, 300]
    assert sizes[1] == [320, 240]
    somebody.press("Load once", page.locator("troth-box").first)
    assert somebody.asked() == ["tuiles.plan-ouvert.test/m.html"]
    assert page.locator("troth-box").count() == len(sizes) - 1


def test_a_pixel_has_no_placeholder(walk: Walk) -> None:
    page = walk().open(
        '<img data-troth="share" data-src="http://boutons.social.test/p.svg" width="1" height="1" alt="">'
    )
    assert page.locator("troth-box").count() == 0


# --- withdrawal --------------------------------------------------------------------------------

LEAVES = """() => {
document.cookie = "_pk_id.1=a;path=/"; document.cookie = "_pk_ses.1=a;path=/shop/"; document.cookie = "_ga_X=a;domain=verdier.test;path=/";
document.cookie = "mine=a"; localStorage["causerie.one"] = 1; localStorage.mine = 1; sessionStorage.causerie_visit = 1;
sessionStorage.mine = 1; for (const name of ["causerie-db", "mine"]) indexedDB.open(name).onsuccess = event => event.target.result.close();
}"""


def _kept(somebody: Walker) -> dict[str, object]:
    somebody.settle()
    databases = somebody.page.evaluate("indexedDB.databases().then(l => l.map(d => d.name).sort())")
    return {
        "cookies": sorted(str(one.get("name")) for one in somebody.context.cookies()),
        "local": somebody.page.evaluate("Object.keys(localStorage).sort()"),
        "session": somebody.page.evaluate("Object.keys(sessionStorage).sort()"),
        "databases": databases,
    }


def _turn_off(somebody: Walker, *titles: str) -> None:
    somebody.press("Manage services")
    for title in titles:
        somebody.press(f"Turn off {title}")


def test_withdrawal_takes_away_what_a_service_has_left_and_nothing_else(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(path="/shop/index")
    somebody.press("Accept all")
    page.evaluate(LEAVES)
    assert _kept(somebody)["cookies"] == ["_ga_X", "_pk_id.1", "_pk_ses.1", "mine", "troth_choice"]
    _turn_off(somebody, "Audience measurement (Matomo)", "Tags")
    assert _kept(somebody) == {
        "cookies": ["_pk_id.1", "mine", "troth_choice"],  # the chat keeps _pk_id too
        "local": ["causerie.one", "mine"], "session": ["causerie_visit", "mine"], "databases": ["causerie-db", "mine"],
    }  # fmt: skip
    hidden = [one for one in somebody.street.asked if one.method == "POST"]
    assert [(one.path, one.body) for one in hidden] == [("/consent/forget", "tags")]
    somebody.press("Turn off Causerie")
    assert _kept(somebody) == {
        "cookies": ["mine", "troth_choice"], "local": ["mine"], "session": ["mine"], "databases": ["mine"],
    }  # fmt: skip


def test_what_needs_no_consent_stays_though_a_refused_service_keeps_things_of_such_names(walk: Walk) -> None:
    somebody = walk()
    policy = somebody.street.policy
    declared = policy.document.cookies
    own = {**declared, "_ga_llery": declared["troth_choice"].model_copy(update={"exempt": None})}
    policy = replace(policy, document=policy.document.model_copy(update={"cookies": own}))
    somebody.street.policy = service(policy, "matomo", exempt="audience_measurement_exempt")
    page = somebody.open()
    somebody.press("Accept all")
    page.evaluate(LEAVES)
    page.evaluate("document.cookie = '_ga_llery=a'")
    _turn_off(somebody, "Tags", "Causerie")
    assert _kept(somebody)["cookies"] == ["_ga_llery", "_pk_id.1", "_pk_ses.1", "mine", "troth_choice"]


def test_what_embeds_showed_goes_at_once_and_its_placeholder_returns(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open(PLANTED, head=LOG)
    somebody.press("Accept all")
    somebody.settle()
    _turn_off(somebody, "Videos (Lanterne)", "Map", "Share buttons")
    assert page.locator("#buttons").count() == 0
    assert page.locator("iframe[src], img[src]").count() == 0
    assert "Lanterne" in page.frame_locator("iframe").locator(".box").inner_text()
    assert page.locator("troth-box").count() == 2


def test_a_program_that_runs_is_stopped_by_a_reload_that_is_told_first(walk: Walk) -> None:
    somebody = walk()
    somebody.street.files["stats.verdier.test/matomo.js"] = (
        "setInterval(() => { document.cookie = '_pk_ses.1=again'; new Image().src = 'http://stats.verdier.test/beat.svg' }, 5)"
    )
    page = somebody.open(
        '<script type="text/plain" data-troth="matomo" src="http://stats.verdier.test/matomo.js"></script>'
    )
    somebody.press("Accept all")
    page.wait_for_function("document.cookie.includes('_pk_ses')")
    _turn_off(somebody, "Audience measurement (Matomo)")
    assert "stops only when this page is loaded again" in somebody.layer().inner_text()
    somebody.settle()
    somebody.street.asked.clear()
    page.wait_for_timeout(40)
    assert somebody.street.of_others() == [], "even before the reload its requests are held"
    with page.expect_navigation():
        somebody.press("Reload the page")
    assert somebody.asked() == []
    assert "_pk_ses" not in page.evaluate("document.cookie")


# --- the site around it ------------------------------------------------------------------------


def test_consent_mode_denies_by_default_and_is_updated(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    told = "dataLayer.map(one => [one[1], one[2].analytics_storage, one[2].ad_storage])"
    assert page.evaluate(told) == [["default", "denied", "denied"]]
    somebody.press("Accept all")
    assert page.evaluate(told)[1:] == [["update", "granted", "denied"]]
    page.reload()
    assert page.evaluate(told) == [["default", "denied", "denied"], ["update", "granted", "denied"]]


def test_it_works_under_a_strict_policy_with_a_nonce(walk: Walk) -> None:
    somebody = walk()
    somebody.street.headers["Content-Security-Policy"] = (
        "default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'none'; connect-src 'self'; "
        "frame-src http://www.lanterne.test; img-src 'none'; base-uri 'none'"
    )
    page = somebody.open(
        '<script type="text/plain" data-troth="matomo" nonce="abc">document.title = "ran"</script>' + FILM,
        tag='<script src="/banner.js" nonce="abc" defer></script>',
    )
    refused = somebody.banner().get_by_role("button", name="Refuse all", exact=True)
    assert refused.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(11, 90, 107)"
    box = page.frame_locator("iframe").locator(".box")
    assert box.evaluate("e => getComputedStyle(e).display") == "grid"
    somebody.press("Accept all")
    page.wait_for_function("document.title == 'ran'")
    assert "www.lanterne.test/film.html" in somebody.asked()


def test_without_javascript_nothing_loads(walk: Walk) -> None:
    somebody = walk(java_script_enabled=False)
    somebody.open(PLANTED.replace('data-troth="letters"', 'data-troth="matomo"'))
    somebody.page.wait_for_load_state("networkidle")
    assert somebody.street.of_others() == []


def test_while_the_server_is_down_nothing_loads_and_the_page_works(walk: Walk) -> None:
    somebody = walk()
    somebody.street.down = True
    page = somebody.open(PLANTED, head=LOG)
    assert somebody.asked() == []
    assert page.get_by_role("link", name="A link").is_visible()


def test_on_a_slow_network_nothing_loads_before_the_script(walk: Walk) -> None:
    somebody = walk()
    somebody.street.gate.clear()
    somebody.write(PLANTED, head=LOG)
    somebody.page.goto("/", wait_until="commit")
    somebody.page.get_by_role("heading", name="Maison").wait_for()
    assert somebody.street.of_others() == []
    somebody.street.gate.set()
    somebody.banner().wait_for()
    assert somebody.asked() == FREE


def test_what_is_added_to_the_page_later_is_treated_alike(walk: Walk) -> None:
    somebody = walk()
    page = somebody.open()
    add = f"document.querySelector('main').insertAdjacentHTML('beforeend', {json.dumps(FILM)})"
    page.evaluate(add)
    page.frame_locator("iframe").locator(".box").wait_for()
    somebody.press("Accept all")
    page.evaluate(add)
    page.wait_for_function("document.querySelectorAll('iframe[src]').length == 2")
    assert somebody.asked() == ["www.lanterne.test/film.html"] * 2


def test_a_page_that_names_the_script_twice_asks_once(walk: Walk) -> None:
    somebody = walk()
    somebody.open(tag='<script src="/banner.js" defer></script>' * 2)
    assert somebody.page.locator("troth-consent").count() == 1
    assert somebody.page.url == f"{SITE}/"
