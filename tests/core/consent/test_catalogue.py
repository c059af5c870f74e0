"""The catalogue: every fact says where it was read, and nothing in it is malformed."""

from __future__ import annotations

import re
from typing import get_args

import pytest
from pydantic import ValidationError

import services as page
from troth.core.consent.catalogue import Entry, entry, names, sources
from troth.core.consent.words import USES, Use
from troth.core.policy.values import parse_duration

ENTRIES = {name: entry(name) for name in names()}
NOTHING = {
    "name": "Lantern", "kind": "video", "does": {"en": "plays videos", "fr": "lit des vidéos"},
    "from": {"name": "ours", "kind": "ours"},
}  # fmt: skip


def test_there_are_at_least_sixty_of_every_usual_kind() -> None:
    assert len(ENTRIES) >= 60
    kinds = {known.kind for known in ENTRIES.values()}
    assert kinds >= {
        "audience", "advertising", "social", "video", "map", "fonts", "chat", "payment", "forms", "reviews", "captcha",
    }  # fmt: skip


def test_each_fact_names_where_it_was_read_and_nothing_else_is_named() -> None:
    for name, known in ENTRIES.items():
        assert set(known.sources) == known.told(), name
        for listed in (*known.sources.values(), *(kept.sources for kept in known.keeps.values())):
            assert listed, name
            assert set(listed) <= set(sources()), name


def test_every_source_has_a_day_a_place_and_a_reader() -> None:
    used = {s for known in ENTRIES.values() for listed in known.sources.values() for s in listed}
    used |= {s for known in ENTRIES.values() for kept in known.keeps.values() for s in kept.sources}
    assert used == set(sources())
    for name, source in sources().items():
        assert name == "ours" or source.address, name
        assert not source.package or source.licence, name


def test_only_what_a_service_is_for_may_be_our_own_reading() -> None:
    for name, known in ENTRIES.items():
        ours = {fact for fact, listed in known.sources.items() if "ours" in listed}
        assert ours <= {"kind"}, name
        assert all("ours" not in kept.sources for kept in known.keeps.values()), name


def test_words_are_in_both_languages_and_set_as_french_is() -> None:
    for name, known in ENTRIES.items():
        does = known.does
        assert set(does) == {"en", "fr"}, name
        assert does["en"] != does["fr"], name
        assert "'" not in does["fr"], name
        assert not re.search("[.!?]$", does["en"] + does["fr"]), name


def test_each_use_of_a_cookie_is_said_in_both_languages() -> None:
    assert set(USES) == set(get_args(Use))
    for use, said in USES.items():
        assert set(said) == {"en", "fr"}, use
        assert said["en"] != said["fr"], use
        assert "'" not in said["fr"], use


def test_lifetimes_are_periods_or_say_that_they_are_none() -> None:
    lifetimes = {kept.lifetime for known in ENTRIES.values() for kept in known.keeps.values()}
    assert all(parse_duration(text) for text in lifetimes - {"session", "until_cleared", "unknown"})


def test_a_third_party_has_a_domain_and_a_first_party_has_none() -> None:
    for name, known in ENTRIES.items():
        for pattern, kept in known.keeps.items():
            assert (kept.party == "third") == (kept.domain is not None), (name, pattern)


def test_no_two_entries_are_the_same_thing() -> None:
    assert len({known.name.lower() for known in ENTRIES.values()}) == len(ENTRIES)
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in ENTRIES)
    for name, known in ENTRIES.items():
        assert len(set(known.hosts)) == len(known.hosts), name


def test_an_entry_has_hosts_or_runs_on_the_publishers() -> None:
    assert [name for name, known in ENTRIES.items() if not known.hosts and not known.own_host] == []


def test_what_has_ended_is_dated() -> None:
    ended = {name for name, known in ENTRIES.items() if known.discontinued}
    assert {"google_plus", "addthis"} <= ended
    assert all(ENTRIES[name].does["en"].startswith("showed") for name in ended)


@pytest.mark.parametrize(
    "fault",
    [
        {"country": "EU"}, {"kind": "magic"}, {"hosts": ["https://a.example.org/"]}, {"hosts": ["localhost"]},
        {"hosts": ["*"]}, {"keeps": {"*": {"for": "1 day", "use": "visit", "from": "ours"}}},
        {"keeps": {"a b": {"for": "1 day", "use": "visit", "from": "ours"}}},
        {"keeps": {"ab": {"for": "a while", "use": "visit", "from": "ours"}}},
        {"keeps": {"ab": {"for": "1 day", "use": "fun", "from": "ours"}}}, {"keeps": {"ab": {"for": "1 day", "use": "visit"}}},
        {"consent_mode": ["all"]}, {"from": {"taste": "ours"}}, {"from": {"name": []}}, {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_the_schema_is_strict(fault: dict[str, object]) -> None:
    assert Entry.model_validate(NOTHING).name == "Lantern"
    with pytest.raises(ValidationError):
        Entry.model_validate(NOTHING | fault)


def test_a_name_that_is_none_is_refused() -> None:
    for name in ("../sources", "nothing", ""):
        with pytest.raises(KeyError):
            entry(name)


def test_the_page_is_up_to_date() -> None:
    assert page.REFERENCE.read_text("utf-8") == page.reference_text(), "run: .venv/bin/python tools/services.py"


def test_a_fact_that_left_its_data_set_is_noticed() -> None:
    cookies = {"g": [{"cookie": k.rstrip("*"), "wildcardMatch": "1"} for e in ENTRIES.values() for k in e.keeps]}
    entities = [{"domains": [h for e in ENTRIES.values() for h in e.hosts if h != "*.vimeo.com"]}]
    assert page.faults(cookies, entities) == ["vimeo: host *.vimeo.com"]
    assert "google_analytics: cookie _ga" in page.faults({}, entities)
