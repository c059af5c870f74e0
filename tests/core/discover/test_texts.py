"""Every reason can be told, in English and in French."""

from __future__ import annotations

import pytest

from troth.core.discover.classify_content import _ALONE, _EXPECTED
from troth.core.discover.lexicon import clock_phrases, lexicon
from troth.core.discover.model import Reason
from troth.core.discover.texts import REASONS, reason_in
from troth.core.discover.texts_things import CONCEPTS, EVENTS, SIGNS_SHOWN

PARAMS = {
    "what": "email", "words": "mail", "sign": "email", "share": "98 %", "n": "300", "word": "kunden", "kind": "kunde_id",
    "event": "collected", "type": "date", "table": "posts",
}  # fmt: skip


def test_a_reason_is_told_in_both_languages() -> None:
    reason = Reason("values_are", {"sign": "email", "share": "98 %", "n": "300"})
    assert reason_in("en", reason) == "98% of 300 values are e-mail addresses"
    assert reason_in("fr", reason) == "98 % de 300 valeurs sont des adresses électroniques"
    assert reason_in("de", Reason("name_says", {"what": "email"})) == "the name says e-mail address"


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_text_is_complete(code: str) -> None:
    english, french = (reason_in(language, Reason(code, PARAMS)) for language in ("en", "fr"))
    assert english
    assert french
    assert english != french
    assert "{" not in english + french


def test_whatever_a_name_can_say_has_words() -> None:
    assert {c.name for concepts in lexicon().phrases.values() for c in concepts} == set(CONCEPTS)


def test_whatever_values_can_show_has_words() -> None:
    shown = {sign for sign, *_ in _ALONE} | {sign for expected in _EXPECTED.values() for sign in expected.proof}
    assert shown <= set(SIGNS_SHOWN)


def test_every_event_has_words() -> None:
    assert {event for event, _ in clock_phrases()[0].values()} <= set(EVENTS)


def test_an_unknown_code_is_a_fault() -> None:
    with pytest.raises(KeyError):
        reason_in("en", Reason("nonsense"))
