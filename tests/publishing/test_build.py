"""The published page: everything the file promises is on it, in both languages, each thing at a place that stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from publishing.conftest import TODAY
from troth.core.policy.model import Policy
from troth.publishing.build import policy_page
from troth.publishing.differences import plain
from troth.publishing.model import Chapter, Page, Paragraph, Points, Table, Terms
from troth.publishing.words import _said, say


def text_of(page: Page) -> str:
    parts = [page.title, page.introduction, page.notice, *(plain(line) for line in page.summary)]
    for chapter in page.chapters:
        parts += [chapter.title, *(t for block in chapter.blocks for t in texts(block))]
    return "\n".join(parts)


def texts(block: object) -> list[str]:
    match block:
        case Paragraph():
            return [block.heading, plain(block.text), block.note]
        case Table():
            return [block.caption, *(plain(cell) for row in block.rows for cell in row)]
        case Terms():
            return [t for term, cell in block.items for t in (term, plain(cell))]
        case Points():
            return [plain(item) for item in block.items]
    raise AssertionError(block)


def chapter_of(page: Page, anchor: str) -> Chapter:
    return next(c for c in page.chapters if c.anchor == anchor)


def anchors(page: Page) -> list[str]:
    found = [c.anchor for c in page.chapters]
    for chapter in page.chapters:
        for block in chapter.blocks:
            found += [block.anchor] if isinstance(block, Paragraph) and block.anchor else []
            found += block.anchors if isinstance(block, Table) else []
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_clause_purpose_recipient_store_cookie_and_service_is_on_the_page(policy: Policy, language: str) -> None:
    page = policy_page(policy, language, TODAY)
    document, text = policy.document, text_of(page)
    for name, clause in document.clauses.items():
        assert clause.text[language] in text, name
    for name, purpose in document.purposes.items():
        assert purpose.title[language] in text, name
    for recipient in document.recipients.values():
        assert recipient.name in text
    for name in document.cookies:
        assert name in text
    for name, service in document.services.items():
        assert (service.title or {}).get(language, name) in text
        assert all(cookie in text for cookie in service.cookies)
    assert document.publisher.registration is not None
    assert document.publisher.registration in text


def test_every_place_has_an_anchor_of_its_own_and_the_summary_leads_to_them(policy: Policy) -> None:
    page = policy_page(policy, "fr", TODAY)
    found = anchors(page)
    assert len(found) == len(set(found))
    for line in page.summary:
        for part in line:
            assert isinstance(part, str) or part.href[1:] in found


def test_both_languages_have_the_same_anchors(policy: Policy) -> None:
    assert anchors(policy_page(policy, "fr", TODAY)) == anchors(policy_page(policy, "en", TODAY))


def test_a_translation_says_which_text_prevails_and_the_original_does_not(policy: Policy) -> None:
    assert policy_page(policy, "en", TODAY).notice == "This is a translation. The French text prevails."
    assert policy_page(policy, "fr", TODAY).notice == ""


def test_no_english_word_of_the_page_is_left_in_the_french_one(policy: Policy) -> None:
    english, french = policy_page(policy, "en", TODAY), policy_page(policy, "fr", TODAY)
    shared = {c.title for c in english.chapters} & {c.title for c in french.chapters}
    assert shared == set()
    assert not {"with “remember me”", "asked before", "until the browser closes"} & set(text_of(french).split("\n"))


def test_a_clause_of_the_past_is_shown_as_past_with_its_reason(policy: Policy) -> None:
    page = policy_page(policy, "en", TODAY)
    past = [b for c in page.chapters for b in c.blocks if isinstance(b, Paragraph) and b.kind == "history"]
    wanted = [c for c in policy.document.clauses.values() if c.history or c.kind == "history"]
    assert len(past) == len(wanted)
    assert all(block.note for block in past)


def test_the_cookie_table_tells_the_lifetimes_of_the_file() -> None:
    from databases import CHECKOUT
    from troth.bootstrap import load_policy

    policy = load_policy(CHECKOUT / "examples/maison/troth.yaml")
    page = policy_page(policy, "en", TODAY)
    table = next(b for b in chapter_of(page, "detail-trackers").blocks if isinstance(b, Table))
    rows = {plain(row[0]): plain(row[4]).replace("\u00a0", " ") for row in table.rows}
    assert rows["__Host-verdier_session"] == "2 days; 14 days with “remember me”; gone on logout"
    assert rows["verdier_basket"] == "until the browser closes"
    assert rows["_pk_id*"] == "13 months"
    kinds = {plain(row[0]): plain(row[1]) for row in table.rows}
    assert (kinds["verdier_basket"], kinds["lanterne_viewer"]) == ("cookie", "cookie of another site")


def test_a_language_that_is_not_published_is_refused(policy: Policy) -> None:
    with pytest.raises(KeyError):
        policy_page(policy, "de", TODAY)


def test_a_policy_with_nothing_but_a_publisher_still_makes_a_page(policy: Policy) -> None:
    document = policy.document.model_copy(update={
        "purposes": {}, "recipients": {}, "stores": {}, "services": {}, "cookies": {}, "consent": None, "rights": None,
        "minors": None, "breach": None, "chapters": {}, "clauses": {}, "data_location": None,
    })  # fmt: skip
    bare = replace(policy, document=document, purposes={}, recipients={}, stores={})
    page = policy_page(bare, "fr", TODAY)
    assert [c.anchor for c in page.chapters] == ["detail-complaint", "detail-legal"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_word_of_the_page_exists_in_both_languages(language: str) -> None:
    for name, (english, french) in _said().items():
        assert english.strip(), name
        assert french.strip(), name
        holes = {part.split("}")[0] for part in english.split("{")[1:]}
        assert holes == {part.split("}")[0] for part in french.split("{")[1:]}, name
    assert " ;" not in say("sum_who", "fr", publisher="A", contact="B")
