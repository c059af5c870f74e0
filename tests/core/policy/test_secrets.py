from __future__ import annotations

import json

import pytest

from core.policy.files import examined, good_files

GOOD = good_files()[0].read_text("utf-8")
SECRET = "hunter2-hunter"


def told(text: str) -> str:
    """Everything that anybody could be shown about a policy file."""
    found = examined(text)
    assert found.policy is None
    shown = [json.dumps(p.as_json()) + repr(p) + p.in_language("fr").message for p in found.problems]
    return "\n".join(shown)


@pytest.mark.parametrize(
    "line",
    [
        f"    url: postgresql://shop:{SECRET}@db.example.org/shop",
        f"    url: 'mysql://shop:{SECRET}@db.example.org/shop'",
        f"    url: postgresql://:{SECRET}@db.example.org/shop",
        f"    url: postgresql://db.example.org/shop?user=a&password={SECRET}",
        f"    url: postgresql://shop:{SECRET}/x@db.example.org/shop",
        f"    password: {SECRET}",
        f'    "api_key": "{SECRET}"',
        f"    client_secret: [{SECRET}]",
        f"    token: |\n      {SECRET}",
        f"    password: {SECRET}\n    password: {SECRET}",
        f"    mode: {SECRET} # password: {SECRET}\n    password: {SECRET}",
    ],
)
def test_a_secret_in_clear_is_refused_and_never_shown(line: str) -> None:
    text = GOOD.replace("    url: ${SHOP_DATABASE_URL}", line, 1)
    found = examined(text)
    assert "secret_in_clear" in [p.code for p in found.problems]
    assert SECRET not in told(text)


@pytest.mark.parametrize(
    "line",
    [
        f"    url: postgresql://shop:{SECRET}@db.example.org/shop: x",
        f"    password: {SECRET}: x",
        f"    password: '{SECRET}",
        f"  \tpassword: {SECRET}",
        f"    password: !!str {SECRET}",
        f"    password: &a {SECRET} *b",
        f"    api_key: @{SECRET}",
    ],
)
def test_nor_where_the_file_cannot_be_read(line: str) -> None:
    assert SECRET not in told(GOOD.replace("    url: ${SHOP_DATABASE_URL}", line, 1))


@pytest.mark.parametrize(
    "line",
    [
        "    url: postgresql://shop:${SHOP_PASSWORD}@db.example.org/shop",
        "    url: postgresql://shop@db.example.org/shop",
        "    url: sqlite:///data/a:b@c.sqlite",
    ],
)
def test_an_address_without_a_secret_is_fine(line: str) -> None:
    assert examined(GOOD.replace("    url: ${SHOP_DATABASE_URL}", line, 1)).problems == ()


def test_columns_and_cookies_may_be_called_password_or_token() -> None:
    text = GOOD.replace("Phone: TelephoneNumber", "password: Password\n          reset_token: Password", 1)
    text = text.replace("cookies:\n", "cookies:\n  csrf_token: {purpose: security, for: session}\n", 1)
    text = text.replace("{_pk_id: 13 months", "{api_token: 13 months", 1)
    text = text.replace("phone: {column: Phone, verified: false}", "reset_token: reset_token", 1)
    assert examined(text).problems == ()
