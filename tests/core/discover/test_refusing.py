"""Well-known columns that say who does not want to be written to."""

from __future__ import annotations

import pytest

from core.discover.fake_source import FakeSource, table
from troth.core.discover.draft import policy_yaml
from troth.core.discover.model import Column
from troth.core.discover.refusing import refusal_of
from troth.core.discover.run import discover
from troth.core.policy.loader import examine


@pytest.mark.parametrize(
    ("name", "family", "expected"),
    [
        ("optin", "integer", "{flag: optin, value: 0}"), ("opt_out", "integer", "{flag: opt_out, value: 1}"),
        ("accepts_marketing", "boolean", "{flag: accepts_marketing, value: false}"),
        ("isSubscribed", "boolean", "{flag: isSubscribed, value: false}"),
        ("has_opted_out_of_email", "boolean", "{flag: has_opted_out_of_email, value: true}"),
        ("unsubscribed_at", "datetime", "{flag: unsubscribed_at, is: datetime}"),
        ("date_desinscription", "date", "{flag: date_desinscription, is: date}"), ("newsletter_date_add", "datetime", None),
        ("options", "integer", None), ("optin", "text", None), ("subscribed_on", "date", None), ("price", "number", None),
    ],
)  # fmt: skip
def test_a_column_is_proposed_with_the_value_that_says_no(name: str, family: str, expected: str | None) -> None:
    assert refusal_of(Column(name, family, family)) == expected  # type: ignore[arg-type]


def test_a_draft_asks_about_it_in_a_comment_and_loads() -> None:
    rows = {"customers": [{"id": n, "email": f"somebody{n}@example.org", "newsletter": n % 2 == 0} for n in range(30)]}
    draft = discover(FakeSource([table("customers", "id:int email newsletter:bool", unique="email")], rows), "shop")
    for language, word in (("en", "which value says no"), ("fr", "quelle valeur dit non")):
        text = policy_yaml(draft, url_variable="A", languages=(language,))
        assert "# refused: {PURPOSE: {flag: newsletter, value: false}}" in text
        assert word in text
        assert examine(text.encode(), name="troth.yaml", read=lambda _: b"", env={}).policy is not None
