"""Whatever a publisher answers, the first policy loads, says what was answered, and is in order with the law."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.policy_writing.given import EVERYTHING, TODAY, complaints, examined, read, text_of, typed
from troth.core.law.authorities import AUTHORITIES
from troth.core.law.territories import EFTA_EEA, EU, PART_OF, home_of
from troth.core.policy.document import PolicyDocument
from troth.core.policy_writing.answers import Does
from troth.core.policy_writing.parsing import Unfit
from troth.core.policy_writing.questions import BY_KEY, QUESTIONS
from troth.core.policy_writing.timezones import TIMEZONES

COUNTRIES = [*EU, *EFTA_EEA, *PART_OF]


def document(**changes: str) -> PolicyDocument:
    found = examined(text_of(**changes))
    assert not [p for p in found.problems if p.severity == "error"]
    assert found.document is not None
    return found.document


# --- in order -----------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("number", "country"), list(enumerate(COUNTRIES)))
def test_it_is_in_order_in_every_country(number: int, country: str) -> None:
    assert complaints(text_of(country=country, language=("en", "fr,en")[number % 2])) == []


@pytest.mark.parametrize("does", ["none", *Does])
@pytest.mark.parametrize("country", ["FR", "DE"])
def test_it_is_in_order_for_a_site_that_does_little(country: str, does: str) -> None:
    assert complaints(text_of(does=does, country=country, language="en")) == []


@pytest.mark.slow
@given(st.sets(st.sampled_from(Does)), st.sampled_from(COUNTRIES), st.sampled_from(["en", "fr", "en,fr", "fr,en"]))
@settings(max_examples=60, deadline=None)
def test_it_is_in_order_whatever_the_site_does(does: set[Does], country: str, language: str) -> None:
    assert complaints(text_of(does=",".join(does), country=country, language=language)) == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"mailing_name": "", "payment_name": ""},
        {"host_country": "GB"},
        {"mailing_country": "CH", "payment_country": "KR"},
        {"registration": "", "name": "Iris Verdon"},
        {"registration": "SIRET 000 000 000 00000", "name": "Iris Verdon", "legal_form": "entreprise individuelle"},
        {"country": "NO", "phone": "", "host_phone": "", "host_address": "", "accounting_years": "5"},
    ],
)
def test_it_is_in_order_for_less_usual_publishers(changes: dict[str, str]) -> None:
    assert complaints(text_of(**changes)) == []


def test_a_missing_agreement_is_not_hidden() -> None:
    [complaint] = complaints(text_of(host_agreement="none"))
    assert "processor_without_agreement" in complaint


def test_a_recipient_on_a_list_must_be_looked_up() -> None:
    [complaint] = complaints(text_of(payment_country="US"))
    assert "adequacy_not_checked" in complaint


# --- it says what was answered ------------------------------------------------------------------------

HELD: dict[str, Callable[[PolicyDocument], Any]] = {
    "name": lambda d: d.publisher.name,
    "address": lambda d: d.publisher.address,
    "registration": lambda d: d.publisher.registration,
    "legal_form": lambda d: d.publisher.legal_form,
    "phone": lambda d: d.publisher.phone,
    "director": lambda d: d.publisher.publication_director,
    "contact_name": lambda d: d.publisher.privacy_contact.name,  # type: ignore[union-attr]
    "contact_email": lambda d: d.publisher.privacy_contact.email,  # type: ignore[union-attr]
    "contact_phone": lambda d: d.publisher.privacy_contact.phone,  # type: ignore[union-attr]
    "site": lambda d: d.sites["main"].url,
    "host_name": lambda d: d.recipients["web-host"].name,
    "host_address": lambda d: d.recipients["web-host"].address,
    "host_phone": lambda d: d.recipients["web-host"].phone,
    "mailing_name": lambda d: d.recipients["mailing"].name,
    "payment_name": lambda d: d.recipients["payment"].name,
    "accounting_law": lambda d: d.purposes["billing"].law,
    "audience_tool": lambda d: d.services["audience"].title["fr"],  # type: ignore[index]
}

ANY = st.text(max_size=80) | st.text(
    st.sampled_from("aé \"'\\:#{}[]$&*!|>%@`,-?\n\t\x00\x85\u2028\u202e\xa0"), max_size=12
)
STRANGE = ["no", "NO", "~", "null", "2026-01-01", "0123", "${HOME}", "$${A}", "- a", "a: b", "a #b", "'", '"', "é\\n", "💡",
           "{fr: a}", "*a", "&a", "!a", "%", "@a", "1e3", "true", "[a]", "x" * 251, "https://u:p@h.test/", "\ud800"]  # fmt: skip


@pytest.mark.slow
@given(st.fixed_dictionaries(dict.fromkeys(HELD, ANY)))
@settings(max_examples=40, deadline=None)
def test_any_answer_is_held_or_refused(answers: dict[str, str]) -> None:
    held_or_refused(answers)


@pytest.mark.slow
@pytest.mark.parametrize("text", STRANGE)
def test_strange_answers_are_held_or_refused_everywhere(text: str) -> None:
    held_or_refused(dict.fromkeys(HELD, text) | {"site": f"https://a.test/{text}", "contact_email": f"{text}@a.test"})


def held_or_refused(answers: dict[str, str]) -> None:
    """What is not refused must be in the file as it was written; the others keep their usual answer."""
    taken = {key: text.strip() for key, text in answers.items() if refusal(key, text) is None}
    found = document(**taken)
    empty = [key for key in ("mailing_name", "payment_name") if taken.get(key) == ""]
    unasked = ["legal_form"] if found.publisher.registration is None else []
    for key in taken.keys() - {*empty, *unasked}:
        assert HELD[key](found) == (taken[key] or None), key


def refusal(key: str, text: str) -> Unfit | None:
    """Why an answer is refused; never with the answer in it."""
    try:
        BY_KEY[key].read(text.strip(), TODAY)
    except Unfit as unfit:
        return unfit
    return None


@pytest.mark.parametrize("text", [*STRANGE, "x\ny", "\x07"])
def test_a_refusal_says_why_in_both_languages_and_repeats_nothing(text: str) -> None:
    for key in HELD:
        unfit = refusal(key, text)
        if unfit is not None and len(text) > 6:
            assert set(unfit.by_language) == {"en", "fr"}
            assert text not in str(unfit)


def test_the_languages_are_those_asked_for_and_the_first_prevails() -> None:
    found = document(language="en,fr")
    assert (found.policy.languages, found.policy.authoritative) == (("en", "fr"), "en")
    assert found.policy.title == {"en": "Privacy policy", "fr": "Politique de confidentialité"}
    assert document(language="fr").policy.title == {"fr": "Politique de confidentialité"}


def test_comments_are_in_the_first_language() -> None:
    assert "# The controller." in text_of(language="en,fr")
    assert "# Le responsable du traitement." in text_of(language="fr,en")


def test_no_line_of_a_comment_begins_with_a_sign() -> None:
    lines = text_of(language="fr").splitlines()
    comments = [line.strip() for line in lines if line.strip().startswith("#")]
    assert len(comments) > 30
    assert not [c for c in comments if c[:3] in ("# ;", "# :", "# !", "# ?", "# »")]
    assert max(map(len, comments)) <= 115


# --- it follows the law -------------------------------------------------------------------------------


@pytest.mark.parametrize("country", ["FR", "DE", "SE", "RE"])
def test_the_country_decides_authority_and_age(country: str) -> None:
    found = document(country=country)
    assert found.publisher.authority is not None
    assert found.minors is not None
    assert found.publisher.authority.name == AUTHORITIES[home_of(country)].name
    assert found.minors.joint_consent_under == {"FR": 15, "DE": 16, "SE": 13}[home_of(country)]
    assert (found.after_death is not None) == (home_of(country) == "FR")
    assert found.publisher.timezone == (TIMEZONES[country] if country != "RE" else "Europe/Paris")


def test_periods_are_those_of_the_law() -> None:
    found = document()
    keeps = {name: purpose.keep.period for name, purpose in found.purposes.items()}
    assert keeps["logs"] == "1 year"
    assert keeps["audience"] == "25 months"
    assert keeps["accounts"] == "2 years"
    assert keeps["billing"] == "10 years"
    assert found.rights is not None
    assert found.rights.answer_within == "1 month"
    assert found.breach is not None
    assert found.breach.authority_within == "72 hours"


def test_only_what_the_site_does_is_written() -> None:
    bare = document(does="none")
    assert set(bare.purposes) == {"rights_requests"}
    assert (bare.consent, bare.contact, bare.newsletter, bare.accounts, bare.services, bare.cookies) == (
        None, None, None, None, {}, {},
    )  # fmt: skip
    assert set(document(does=EVERYTHING).purposes) > {"contact", "newsletter", "orders", "billing", "audience", "logs"}


def test_every_legitimate_interest_is_weighed() -> None:
    weighed = [p.balance for p in document().purposes.values() if p.basis == "legitimate_interest"]
    assert len(weighed) == 2
    assert all(b and b.necessity and b.outcome and b.date for b in weighed)


def test_every_country_has_a_time_zone() -> None:
    assert set(TIMEZONES) == set(COUNTRIES)
    assert read(typed(country="RE", timezone=TIMEZONES["RE"])).timezone == "Indian/Reunion"


# --- the questions ------------------------------------------------------------------------------------


def test_questions_exist_in_both_languages() -> None:
    for question in QUESTIONS:
        assert set(question.text) == {"en", "fr"}
        assert all(text.endswith("?") for text in question.text.values())
        assert "'" not in question.text["fr"]


@pytest.mark.parametrize(
    ("key", "text", "words"),
    [
        ("country", "UK", "did you mean GB"), ("country", "US", "European Economic Area"), ("country", "France", "two letters"),
        ("language", "de", "en, fr, or both"), ("language", "", "en, fr, or both"), ("does", "selling", "words among contact"),
        ("host_agreement", "soon", "or none"), ("host_agreement", "2026-11-23", "still to come"), ("site", "www.a.test", "https://"),
        ("contact_email", "iris", "privacy@example.org"), ("accounting_years", "0", "1 to 99"), ("timezone", "Paris", "Europe/Paris"),
        ("host_country", "CN", "Article 46"), ("name", "", "left empty"), ("name", "a\nb", "one line"),
        ("host_agreement", "2026-02-30", "or none"), ("address", "x" * 251, "at most 250 characters"),
    ],
)  # fmt: skip
def test_an_answer_that_does_not_fit_is_told_why(key: str, text: str, words: str) -> None:
    with pytest.raises(Unfit, match=words) as refusal:
        BY_KEY[key].read(text, TODAY)
    assert "'" not in refusal.value.by_language["fr"]


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("country", "fr", "FR"), ("language", " FR , en ", ("fr", "en")), ("does", "", frozenset()),
        ("does", "Logs, contact", frozenset({Does.LOGS, Does.CONTACT})), ("host_agreement", "aucun", None),
        ("host_country", "us", "US"), ("language", "fr,fr", ("fr",)),
    ],
)  # fmt: skip
def test_answers_are_read_kindly(key: str, text: str, value: object) -> None:
    assert BY_KEY[key].read(text, TODAY) == value
