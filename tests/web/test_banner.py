"""The banner's script as the server gives it."""

from __future__ import annotations

import gzip
import hashlib
import json
import math
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import brotli
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from databases import CHECKOUT
from troth.bootstrap import load_policy
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.look import Look
from troth.web.banner.compiling import script
from troth.web.banner.sparing import overlap
from troth.web.pages.published import InForce, kept
from web.conftest import NOW, Site

LIMIT = 6_656
"""Bytes that script, styles, words and six services may take, brotli."""
SIX = """
  tags:
    purpose: audience
    kind: tags
    title: {fr: Étiquettes, en: Tags}
    description: {fr: "réunit des mesures", en: "gathers measurements"}
    company: Étiquettes & Fils SA
    country: BE
    host: ["*.etiquettes.test"]
    cookies: {_ga*: 13 months, _seen: {for: 1 year, http_only: true, domain: .verdier.test}}
    consent_mode: [analytics_storage]
  chat:
    purpose: external_content
    kind: chat
    title: {fr: Causerie, en: Causerie}
    description: {fr: "laisse parler avec nous", en: "lets you talk to us"}
    host: [www.causerie.test]
    cookies: {causerie: {for: until_cleared, storage: local_storage}, visit_*: {for: session, http_only: true, path: /shop}}
"""


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Policy:
    """Maison Verdier with six services that are asked for."""
    folder = tmp_path_factory.mktemp("banner") / "maison"
    shutil.copytree(CHECKOUT / "examples" / "maison", folder)
    text = (folder / "site.yaml").read_text(encoding="utf-8")
    (folder / "site.yaml").write_text(text.replace("\nconsent:\n", f"{SIX}\nconsent:\n", 1), encoding="utf-8")
    return load_policy(folder / "troth.yaml")


@pytest.fixture(scope="module")
def in_force(policy: Policy) -> InForce:
    return InForce(policy, {name: policy_page(policy, name, NOW.date()) for name in policy.languages}, None)


@pytest.fixture
def ask(in_force: InForce, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Ask a site on which that policy is in force."""
    monkeypatch.setattr(kept, "_known", in_force)
    monkeypatch.setattr(kept, "_until", math.inf)
    return Client()


def _changed(policy: Policy, **sections: Any) -> Policy:
    return replace(policy, document=policy.document.model_copy(update=sections))


def _serviced(policy: Policy, name: str, **values: Any) -> Policy:
    services = dict(policy.document.services)
    services[name] = services[name].model_copy(update=values)
    return _changed(policy, services=services)


def _compiled(policy: Policy, language: str = "en", theme: str = "plain", scheme: str = "auto") -> str:
    return script(policy, Look(), language, theme, scheme)


def _data(script: str) -> list[Any]:
    """What the server has put in."""
    found = re.search(r"=(\[\"[0-9a-f]{8}\",.*\]),\w+=\w+\.map", script)
    assert found is not None
    return list(json.loads(found[1]))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_six_services_fit_into_one_small_request(ask: Client, language: str) -> None:
    answer = ask.get("/banner.js", {"lang": language}, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.content) <= LIMIT
    text = brotli.decompress(answer.content).decode()
    assert sum(len(services) for _, *services in _data(text)[-1]) == 6
    assert "Étiquettes & Fils SA" in text
    assert '"@' not in text
    assert "TROTH" not in text


def test_each_encoding_carries_the_same_script(ask: Client) -> None:
    forms = {}
    for accepted, named in (
        ("br", "br"), ("gzip", "gzip"), ("", None), ("identity", None), ("br;q=0, gzip", "gzip"), ("GZIP;q=0.5", "gzip"),
        ("zstd, br;q=0.1", "br"),
    ):  # fmt: skip
        answer = ask.get("/banner.js", headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == named
        assert "Accept-Encoding" in answer.headers["Vary"]
        opened = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[named](answer.content)
        forms[opened] = answer.headers["ETag"]
    assert len(forms) == 1


def test_an_unchanged_script_is_not_sent_again(ask: Client) -> None:
    first = ask.get("/banner.js", headers={"Accept-Encoding": "br"})
    assert first.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=3600"
    tag = first.headers["ETag"]
    again = ask.get("/banner.js", headers={"Accept-Encoding": "br", "If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert ask.head("/banner.js", headers={"Accept-Encoding": "br"}).headers["ETag"] == tag
    other = ask.get("/banner.js", headers={"Accept-Encoding": "gzip", "If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag


def test_the_name_of_its_content_is_kept_for_ever_and_one_of_old_is_not(ask: Client) -> None:
    first = ask.get("/banner.js?lang=fr")
    place = first.headers["Content-Location"]
    assert re.fullmatch(r"banner/[0-9a-f]{16}\.js\?lang=fr", place)
    named = ask.get(f"/{place}")
    assert named.content == first.content
    assert named.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    old = ask.get("/banner/0123456789abcdef.js?lang=fr")
    assert old.content == first.content
    assert "immutable" not in old.headers["Cache-Control"]


def test_the_language_is_the_one_asked_for_else_the_browsers_else_the_one_that_prevails(ask: Client) -> None:
    said = {"fr": "Tout refuser", "en": "Refuse all"}
    for path, accepted, language in (
        ("/banner.js?lang=fr", "en", "fr"), ("/banner.js", "en-GB,en;q=0.9", "en"), ("/banner.js", "de", "fr"),
        ("/banner.js?lang=xx", "en", "en"), ("/banner.js?lang=%3Cscript%3E", "", "fr"),
    ):  # fmt: skip
        answer = ask.get(path, headers={"Accept-Language": accepted})
        assert answer.headers["Content-Language"] == language
        assert said[language] in answer.content.decode()
        assert ("Accept-Language" in answer.headers["Vary"]) is (f"lang={language}" not in path)


def test_it_loads_from_any_host_and_sets_no_cookie(ask: Client) -> None:
    ask.cookies["__Host-verdier_session"] = "x"
    ask.cookies["__Host-verdier_display"] = "fr.dark.large.airy"
    answer = ask.get("/banner.js")
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert not answer.cookies
    assert "Cookie" not in answer.headers["Vary"]


def test_it_holds_no_personal_data_of_the_policy(ask: Client) -> None:
    text = ask.get("/banner.js").content.decode()
    for personal in ("Honorine", "donnees@verdier.test", "04 65 71", "smtps:", "quai des Relieurs"):
        assert personal not in text


def test_looks_differ_in_colours_only_and_unknown_ones_are_the_plain_one(ask: Client, policy: Policy) -> None:
    plain = ask.get("/banner.js?lang=en").content.decode()
    assert ask.get("/banner.js?lang=en&theme=none&scheme=none").content.decode() == plain == _compiled(policy)
    styles = {}
    for theme, scheme in (("plain", "auto"), ("state", "auto"), ("plain", "dark"), ("plain", "light")):
        text = _compiled(policy, "en", theme, scheme)
        styles[theme, scheme] = _data(text)[8]
        assert text.replace(json.dumps(_data(text)[8]), "") == plain.replace(json.dumps(_data(plain)[8]), "")
    assert "#000091" in styles["state", "auto"]
    assert "prefers-color-scheme" in styles["plain", "auto"]
    assert "prefers-color-scheme" not in styles["plain", "dark"]
    assert len(set(styles.values())) == 4


def test_texts_of_the_policy_cannot_end_a_script_or_begin_one(policy: Policy) -> None:
    evil = "</script><!--${x}`"
    text = _compiled(_serviced(policy, "map", title={"en": evil}, description={"en": evil}, placeholder={"en": evil}))
    assert "</script" not in text
    assert "<!--" not in text
    titles = {service[0]: service[1] for _, *services in _data(text)[-1] for service in services}
    assert titles["map"] == evil


def test_services_out_of_use_are_not_asked_for_and_exempt_ones_are_named(policy: Policy) -> None:
    data = _data(_compiled(_serviced(_serviced(policy, "map", active=False), "share", exempt="security")))
    assert data[-2] == ["share"]
    assert [service[0] for _, *services in data[-1] for service in services] == ["matomo", "tags", "video", "chat"]


def test_a_publisher_who_says_nothing_of_consent_has_a_banner_all_the_same(policy: Policy) -> None:
    data = _data(_compiled(_changed(policy, consent=None)))
    assert data[9] == "Your choices on this site"
    assert data[10].startswith("Maison Verdier SARL would like to use these services.")
    assert data[3] == 180
    assert data[4:7] == [1, 0, "right"]
    bare = _serviced(policy, "chat", placeholder=None, company=None)
    boxes = {service[0]: service[5] for _, *services in _data(_compiled(bare))[-1] for service in services}
    assert boxes["chat"] == "Causerie would load here. Its provider would learn of your visit."
    assert boxes["matomo"] == "", "what shows nothing has no box"


def test_a_publication_changes_the_script(site: Site) -> None:
    site.publish()
    before = site.client.get("/banner.js?lang=en").headers["ETag"]
    site.edit("site.yaml", "en: Your choices on this site", "en: Cookies")
    assert site.client.get("/banner.js?lang=en").headers["ETag"] == before, "what is not published is not shown"
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-11-23")
    site.publish()
    after = site.client.get("/banner.js?lang=en")
    assert after.headers["ETag"] != before
    assert _data(after.content.decode())[9] == "Cookies"


# --- what needs no consent beside what does ------------------------------------------------------


def _spared(policy: Policy) -> tuple[list[Any], list[Any]]:
    spared, hosts = _data(_compiled(policy))[-4:-2]
    return spared, hosts


def _own(policy: Policy, **cookies: Any) -> Policy:
    model = policy.document.cookies["troth_choice"]
    made = {name: model.model_copy(update={"exempt": None, **values}) for name, values in cookies.items()}
    return _changed(policy, cookies={**policy.document.cookies, **made})


def test_what_the_site_and_its_exempt_services_keep_is_named_where_a_refused_pattern_would_take_it(
    policy: Policy,
) -> None:
    assert _spared(policy) == ([], [])
    exempt = _serviced(policy, "matomo", exempt="audience_measurement_exempt")
    greedy = {**exempt.document.services["tags"].cookies}
    greedy["_pk_*"] = greedy["troth*"] = greedy["_ga*"]
    both = _own(_serviced(exempt, "tags", cookies=greedy), _gallery={}, troth_there={"storage": "local_storage"})
    assert _spared(both)[0] == [
        ["troth_choice", 0], ["troth_choice_once", 0], ["_gallery", 0],
        *([name, 0] for name in exempt.document.services["matomo"].cookies),
    ]  # fmt: skip


def test_a_cookie_that_the_policy_tells_twice_goes_with_its_service(policy: Policy) -> None:
    assert _spared(_own(policy, **{"_ga*": {}})) == ([], [])
    assert _spared(_own(policy, **{"_ga*": {"exempt": "security"}})) == ([["_ga*", 0]], [])


def test_hosts_of_exempt_services_are_open_where_a_service_that_is_asked_for_has_them_too(policy: Policy) -> None:
    changed = _serviced(policy, "chat", exempt="security", host=("www.etiquettes.test:8443", "else.test"))
    assert _spared(changed)[1] == ["www.etiquettes.test"]
    assert _spared(_serviced(changed, "tags", exempt="security"))[1] == []


patterns = st.text("ab*", max_size=6)


@given(patterns, patterns, st.text("ab", max_size=6))
def test_patterns_overlap_when_a_name_fits_both(one: str, other: str, name: str) -> None:
    fit = [re.fullmatch(pattern.replace("*", ".*"), name) for pattern in (one, other)]
    assert overlap(one, other) == overlap(other, one)
    assert overlap(one, other) or not all(fit)
    assert overlap(one, name) == bool(fit[0])


# --- cookies that no script can see ------------------------------------------------------------

OURS = {"Origin": "http://testserver", "Sec-Fetch-Site": "same-origin"}


def _gone(ask: Client, body: str, headers: dict[str, str] | None = None, host: str = "testserver", **sent: str) -> Any:
    for name, value in sent.items():
        ask.cookies[name] = value
    return ask.post(
        "/consent/forget", body, content_type="text/plain", headers={**OURS, **(headers or {})}, SERVER_NAME=host
    )


def test_hidden_cookies_of_refused_services_are_taken_away(ask: Client) -> None:
    answer = _gone(ask, "tags chat", visit_7="x", visitor="x")
    lines = sorted({morsel.OutputString() for morsel in answer.cookies.values()})
    assert answer.status_code == 204
    assert answer.headers["Cache-Control"] == "no-store"
    assert [line.split(";")[0] for line in lines] == ["_seen=", "visit_7="], "visitor is nobody's"
    assert all("Max-Age=0" in line and "HttpOnly" in line for line in lines)
    assert "Path=/shop" in lines[1]


def test_a_hidden_cookie_of_the_site_s_own_stays_whatever_pattern_a_service_has(
    ask: Client, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared = _own(policy, visit_basket={"http_only": True}, _seen={"exempt": "security", "http_only": True})
    monkeypatch.setattr(kept, "_known", InForce(declared, {}, None))
    answer = _gone(ask, "tags chat", visit_7="x", visit_basket="x", _seen="x")
    assert {morsel.key for morsel in answer.cookies.values()} == {"visit_7"}


def test_a_hidden_cookie_goes_under_every_domain_that_the_host_may_speak_for(ask: Client) -> None:
    headers = {"Origin": "https://privacy.verdier.test"}
    answer = _gone(ask, "tags", headers, host="privacy.verdier.test")
    assert {morsel["domain"] for morsel in answer.cookies.values()} == {"", "privacy.verdier.test", "verdier.test"}
    assert {morsel.key for morsel in answer.cookies.values()} == {"_seen"}


def test_a_page_of_the_publishers_may_ask_and_a_strangers_may_not(ask: Client) -> None:
    ours = {"Origin": "https://www.verdier.test", "Sec-Fetch-Site": "same-site"}
    assert _gone(ask, "tags", ours).status_code == 204
    for origin in ("https://evil.test", "null", ""):
        answer = _gone(ask, "tags", {"Origin": origin, "Sec-Fetch-Site": "cross-site"})
        assert answer.status_code == 403
        assert not answer.cookies
    assert ask.get("/consent/forget").status_code == 405


@pytest.mark.parametrize("body", ["", "matomo", "nobody", "tags\x00", "\xff", "a " * 2000])
def test_whatever_else_is_sent_takes_nothing_away(ask: Client, body: str) -> None:
    answer = _gone(ask, body)
    assert answer.status_code == 204
    assert not answer.cookies


def test_a_long_body_is_not_read(ask: Client) -> None:
    assert _gone(ask, "tags " * 2000).status_code == 413


# --- the artefact ------------------------------------------------------------------------------

BANNER = CHECKOUT / "banner"
MADE = CHECKOUT / "src/troth/web/banner/script"


def _sum(folder: Path) -> str:
    """The same as in banner/build.mjs."""
    names = [*(f"src/{path.name}" for path in sorted((folder / "src").iterdir())), "build.mjs", "package-lock.json"]
    found = hashlib.sha256()
    for name in names:
        found.update(name.encode() + b"\0" + (folder / name).read_bytes() + b"\0")
    return found.hexdigest()


def test_the_script_that_is_served_was_made_of_these_sources() -> None:
    recorded = (MADE / "sources.sha256").read_text(encoding="ascii").strip()
    assert recorded == _sum(BANNER), "banner/ has changed: run `make banner`, and commit what it makes"


def test_every_word_of_the_script_has_its_sentence_and_every_sentence_its_place() -> None:
    used = set(re.findall(r'"@([a-z_]+)"', (MADE / "banner.min.js").read_text(encoding="utf-8")))
    lines = (CHECKOUT / "src/troth/web/banner/words.txt").read_text(encoding="utf-8").splitlines()
    said = {line.split(" | ")[0] for line in lines if line and not line.startswith("#")}
    compiled = {
        "title", "intro", "consequences", "later", "box", "box_unsaid", "keeps", "keeps_nothing", "session",
        "until_cleared", "unknown",
    }  # fmt: skip
    assert used | compiled == said
    assert all(len(line.split(" | ")) == 3 for line in lines if line and not line.startswith("#"))


def test_the_script_evaluates_no_text_and_parses_no_markup_of_its_own() -> None:
    text = (MADE / "banner.min.js").read_text(encoding="utf-8")
    for forbidden in (
        "eval(",
        "Function(",
        ".innerHTML=",
        "document.write",
        'setAttribute("style"',
        "http://",
        "https://",
    ):
        assert forbidden not in text
