"""`uses:` in a policy: the catalogue's facts, unless the policy says otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.consent.catalogue import entry, names
from troth.core.consent.services import SiteService, asked, site_services
from troth.core.consent.uses import with_catalogue
from troth.core.policy.loader import Examined, examine
from troth.core.policy.sections.site import Service

PURPOSE = {
    "title": {"en": "Videos", "fr": "Vidéos"}, "basis": "consent", "people": "visitors", "categories": ["IPAddress"],
    "keep": {"for": "1 year", "after": "last_contact"},
}  # fmt: skip


def examined(services: dict[str, Any], languages: tuple[str, ...] = ("en", "fr")) -> Examined:
    title = dict.fromkeys(languages, "Privacy")
    document = {
        "format": 1,
        "policy": {"title": title, "version": "1", "languages": list(languages), "authoritative": languages[0]},
        "publisher": {"name": "Example", "country": "FR", "timezone": "Europe/Paris"},
        "recipients": {"host": {"name": "Host SARL", "role": "hosting", "country": "DE"}},
        "purposes": {"videos": {**PURPOSE, "title": title}},
        "services": services,
    }
    return examine(json.dumps(document).encode(), name="troth.yaml", read=lambda path: b"", env={})


def service(languages: tuple[str, ...] = ("en", "fr"), /, **written: Any) -> SiteService:
    found = examined({"one": {"purpose": "videos", **written}}, languages)
    assert found.policy is not None, found.problems
    return site_services(found.policy)[0]


def cookies(one: SiteService) -> dict[str, str]:
    return {cookie.name: cookie.lifetime for cookie in one.cookies}


def test_the_facts_come_from_the_catalogue() -> None:
    one, known = service(uses="youtube"), entry("youtube")
    assert (one.kind, one.company, one.country, one.hosts) == ("video", "Google LLC", "US", known.hosts)
    assert one.title == {"en": "YouTube", "fr": "YouTube"}
    assert one.description == {"en": "plays videos", "fr": "lit des vidéos"}
    assert cookies(one) == {name: kept.lifetime for name, kept in known.keeps.items()}
    assert {c.party for c in one.cookies} == {"third"}
    assert one.cookies[0].domain == "youtube.com"
    assert one.cookies[0].description["fr"] == "reconnaît le visiteur aussi sur d’autres sites"
    assert one.policy_url == known.privacy


def test_the_signals_of_consent_mode_come_with_it() -> None:
    assert service(uses="google_ads").consent_mode == {"ad_storage", "ad_user_data", "ad_personalization"}
    assert service(uses="google_analytics").consent_mode == {"analytics_storage"}


def test_what_the_policy_says_itself_wins() -> None:
    one = service(
        uses="matomo", host="stats.example.org", title="Figures", description={"en": "counts", "fr": "compte"},
        country="FR", cookies={"_pk_id*": "6 months", "own": "session"}, without="_pk_hsr*",
    )  # fmt: skip
    assert (one.hosts, one.country) == (("stats.example.org",), "FR")
    assert (one.title["fr"], one.description["en"]) == ("Figures", "counts")
    assert cookies(one) == {
        "_pk_id*": "6 months", "_pk_ref*": "6 months", "_pk_ses*": "30 minutes", "_pk_cvar*": "30 minutes",
        "_pk_testcookie*": "session", "own": "session",
    }  # fmt: skip
    assert one.cookies[0].description["en"] == "tells one visitor from another"


def test_the_recipient_tells_whose_and_where_it_is() -> None:
    one = service(uses="youtube", recipient="host")
    assert (one.company, one.country) == ("Host SARL", "DE")


def test_no_country_is_left_over_beside_a_recipient() -> None:
    found = examined({"one": {"uses": "youtube", "purpose": "videos", "recipient": "host"}})
    assert found.document is not None
    assert found.document.services["one"].country is None


def test_a_language_that_the_catalogue_lacks_gets_its_name_and_no_words_of_another() -> None:
    one = service(("de",), uses="youtube")
    assert one.title == {"de": "YouTube"}
    assert one.description == {}
    assert all(cookie.description == {} for cookie in one.cookies)


def test_a_missing_language_is_told_once_and_not_for_each_cookie() -> None:
    found = examined({"one": {"uses": "youtube", "purpose": "videos"}}, ("en", "fr", "de"))
    assert [p.code for p in found.problems] == ["missing_language"]
    assert found.policy is not None
    assert set(site_services(found.policy)[0].cookies[0].description) == {"en", "fr"}


def test_what_changes_what_is_said_changes_the_digest() -> None:
    digests = set()
    for written in ({"uses": "youtube"}, {"uses": "vimeo"}, {"uses": "youtube", "without": ["YSC"]}):
        policy = examined({"one": {"purpose": "videos", **written}}).policy
        assert policy is not None
        digests.add(policy.digest)
    assert len(digests) == 3


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ({"uses": "youtub"}, "unknown_catalogue"), ({"uses": ["youtube"]}, "wrong_type"), ({"uses": 3}, "wrong_type"),
        ({"uses": "youtube", "without": ["nothing"]}, "unknown_kept"), ({"uses": "youtube", "cookies": []}, "wrong_type"),
        ({"uses": "youtube", "cookies": {"YSC": 3}}, "wrong_type"), ({"uses": "youtube", "without": {"a": 1}}, "wrong_type"),
        ({"uses": "youtube", "cookies": {"YSC": {"for": "long"}}}, "bad_period"),
    ],
    ids=str,
)  # fmt: skip
def test_a_fault_is_told_with_its_place(written: dict[str, Any], code: str) -> None:
    found = examined({"one": {"purpose": "videos", **written}})
    assert found.policy is None
    assert code in {p.code for p in found.problems}
    assert all(p.line == 1 for p in found.problems)


def test_the_nearest_name_is_told() -> None:
    problem = examined({"one": {"purpose": "videos", "uses": "youtub"}}).problems[0]
    assert problem.nearest == "youtube"
    assert "youtube" in problem.in_language("fr").message


def test_every_entry_can_be_used() -> None:
    written = {name: {"uses": name, "purpose": "videos"} for name in names()}
    for name, filled in with_catalogue({"services": written}, ["en", "fr"])["services"].items():
        one = Service.model_validate(filled, context={"languages": ["en", "fr"]})
        assert one.kind == entry(name).kind
        assert set(one.cookies) == set(entry(name).keeps)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(names()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SERVICE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("uses", "cookies", "without", "recipient", "title", "host"), ANYTHING)
) | ANYTHING  # fmt: skip


@given(st.dictionaries(st.text(max_size=8), SERVICE, max_size=3) | ANYTHING)
def test_whatever_is_written_nothing_written_is_lost(services: Any) -> None:
    before = json.loads(json.dumps(services))
    after = with_catalogue({"services": services}, ["en"])["services"]
    if not isinstance(before, dict):
        assert after == before
        return
    for name, written in before.items():
        if isinstance(written, dict):
            assert {k: v for k, v in after[name].items() if k in written and k != "cookies"} == {
                k: v for k, v in written.items() if k != "cookies"
            }
        else:
            assert after[name] == written


def test_asked_are_those_in_use_that_are_not_exempt() -> None:
    found = examined({
        "a": {"uses": "youtube", "purpose": "videos"}, "b": {"uses": "vimeo", "purpose": "videos", "active": False},
        "c": {"uses": "matomo", "purpose": "videos", "exempt": "audience_measurement_exempt", "host": "a.example.org"},
        "d": {"uses": "google_plus", "purpose": "videos"},
    })  # fmt: skip
    assert found.policy is not None
    assert [one.name for one in asked(found.policy)] == ["a", "d"]
    every = {one.name: one for one in site_services(found.policy)}
    assert list(every) == ["a", "b", "c", "d"]
    assert (every["d"].discontinued, every["a"].discontinued, every["b"].active) == (True, False, False)
