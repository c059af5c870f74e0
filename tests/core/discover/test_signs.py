"""What single values show of themselves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from ipaddress import ip_address
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.core.discover.recognise_numbers import luhn
from troth.core.discover.signs import SIGNS, signs_of

SHOWN = [
    ("anna.weiss@mail.example.org", "email"),
    ("mailto:anna@example.org", "email"),
    ("anna.weiß@büro.example", "email"),
    ("écrire à anna@example.org, merci", "email_inside"),
    ("06 39 98 12 34", "phone"),
    ("0639981234", "phone"),
    ("+33 (0)1 99 00 12 34", "phone"),
    ("0033199001234", "phone"),
    ("+49 30 23125 004", "phone"),
    ("030/23125004", "phone"),
    ("+44 20 7946 0958", "phone"),
    ("639981234", "phone_bare"),
    ("FR76 3000 6000 0112 3456 7890 189", "iban"),
    ("DE89370400440532013000", "iban"),
    ("4111 1111 1111 1111", "card"),
    ("5555555555554444", "card"),
    ("************4444", "card_masked"),
    ("1 85 05 78 006 084 91", "nir"),
    ("185057800608491", "nir"),
    ("404833048", "siren"),
    ("DE136695976", "vat"),
    ("54362315K", "national_id"),
    ("RCCMNL83S18D969H", "national_id"),
    ("219-09-9999", "national_id"),
    ("192.0.2.17", "ip"),
    ("192.0.2.17:8080", "ip"),
    ("2001:db8::8a2e:370:7334", "ip"),
    (ip_address("192.0.2.1"), "ip"),
    (b"\xc0\x00\x02\x11", "ip_packed"),
    (3_221_226_001, "ip_integer"),
    ("00:1b:44:11:3a:b7", "mac"),
    ("https://example.org/page?x=1", "url"),
    ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "user_agent"),
    ("curl/8.5.0", "user_agent"),
    (UUID(int=5), "uuid"),
    ("2f1c8a52-7d3b-4c0e-9d57-0c5a0f6b2e11", "uuid"),
    ("$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$RdescudvJCsgt3ub+b4dWRWJTmaaJObG", "hash_argon2"),
    ("$2y$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy", "hash_bcrypt"),
    ("pbkdf2_sha256$600000$abcdefghijklmnop$Zk3vXr9c8b7a6d5e4f3g2h1i", "hash_pbkdf2"),
    ("$P$B55D6LjfHDkINU5wF.v2BuuzO0/XPk/", "hash_phpass"),
    ("$6$rounds=5000$usesomesillystri$D4IrlXatmP7rx3P3InaxBeoomnAihCKRVQAr", "hash_crypt"),
    ("{SSHA}0c0blFTXXNuAMHECS4uxrj3ZieMoWImr", "hash_crypt"),
    ("scrypt:32768:8:1$abcDEF$aa55aa55aa55aa55", "hash_scrypt"),
    ("5f4dcc3b5aa765d61d8327deb882cf99", "digest_md5"),
    ("5f4dcc3b5aa765d61d8327deb882cf99:Zk3v", "hash_salted"),
    ("9a0364b9e99bb480dd25e1f0284c8555a1b2c3d4", "digest_sha1"),
    ("xGk39dLpQ02mfnZa81KdPq77", "token"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-def_123", "token"),
    ("Marie-Hélène d'Aubigny", "full_name"),
    ("DUPONT Jean", "full_name"),
    ("Frau Dr. Ursula von der Heide", "full_name"),
    ("García", "surname"),
    ("12 bis, rue des Lilas", "address_line"),
    ("Lindenstraße 4a", "address_line"),
    ("Calle Mayor 15, 3º", "address_line"),
    ("Via Garibaldi 7", "address_line"),
    ("221 Baker Street", "address_line"),
    ("BP 1234", "address_line"),
    ("SW1A 1AA", "postcode"),
    ("1012 AB", "postcode"),
    ("75011", "postcode_digits"),
    ("48.8566, 2.3522", "coordinates"),
    (48.856_613, "degrees"),
    ("DE", "country_code"),
    ("Deutschland", "country_name"),
    ("Lyon", "city_name"),
    ("Herr", "gender_word"),
    ("verheiratet", "marital_word"),
    ("AB+", "blood_type"),
    ("Bonjour, je n'ai toujours pas reçu ma commande.", "sentence"),
    ("<p>Hello</p> <b>you</b>", "html"),
    ('{"a": 1}', "json"),
    ('a:1:{s:1:"a";i:1;}', "php"),
    ("12,50", "amount"),
    ("oui", "flag"),
    (True, "flag"),
    ("in-progress", "slug"),
    ("photo.jpg", "file"),
    ("uploads/2024/", "path"),
    ("image/png", "mime"),
    ("#ff8800", "colour"),
    ("2.10.4", "version"),
    ("fr_FR", "locale"),
    ("Europe/Paris", "timezone"),
    ("EUR", "currency"),
    (date(1980, 2, 3), "moment"),
    ("2024-02-03 10:11:12", "moment"),
]


@pytest.mark.parametrize(("value", "sign"), SHOWN, ids=[f"{sign}-{i}" for i, (_, sign) in enumerate(SHOWN)])
def test_a_value_shows_what_it_is(value: object, sign: str) -> None:
    assert sign in signs_of(value)


NOT_SHOWN = [
    ("12345", "phone"),
    ("1234567890", "phone"),
    ("2024-01-15", "phone"),
    ("1.234.567", "phone"),
    ("192.0.2.17", "phone"),
    ("1706-786", "phone"),
    ("219-09-9999", "phone"),
    ("no-reply", "email"),
    ("a@b", "email"),
    ("300.1.2.3", "ip"),
    ("10:30:00", "ip"),
    ("4111 1111 1111 1112", "card"),
    ("FR7630006000011234567890188", "iban"),
    ("in_progress", "token"),
    ("internationalization", "token"),
    ("the-quick-brown-fox-jumps", "token"),
    ("11111111111111111111111111111111", "digest"),
    ("out of stock", "full_name"),
    ("Blue mug", "full_name"),
    ("photo-2024.jpg", "email"),
    ("Order shipped", "sentence"),
    ("3 rue", "card"),
]


@pytest.mark.parametrize(("value", "sign"), NOT_SHOWN)
def test_a_value_does_not_show_what_it_only_resembles(value: str, sign: str) -> None:
    assert sign not in signs_of(value)


def test_a_blank_and_a_null_show_nothing() -> None:
    assert [signs_of(value) for value in (None, "", "  \t", b"")] == [frozenset()] * 4


def test_luhn_knows_a_changed_digit() -> None:
    assert luhn("4111111111111111")
    assert not luhn("4111111111111112")


VALUES: st.SearchStrategy[Any] = st.one_of(
    st.text(),
    st.binary(),
    st.integers(),
    st.floats(),
    st.decimals(),
    st.dates(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.times(),
    st.uuids(),
    st.booleans(),
    st.ip_addresses(),
    st.lists(st.integers()),
    st.from_regex(r"[aOsid]:\d{1,9}:[{\"][^}]*[;}\"]*"),
    st.from_regex(r"[\d ().+\-/,x]{3,40}", fullmatch=True),
    st.from_regex(r"[A-Z]{2}[0-9A-Z ]{2,34}", fullmatch=True),
    st.from_regex(r"[\w.+-]{1,30}@[\w.-]{1,30}", fullmatch=True),
)


@given(VALUES)
@settings(max_examples=600)
def test_no_value_makes_it_fail_and_all_signs_are_known(value: Any) -> None:
    assert signs_of(value) <= SIGNS


@pytest.mark.parametrize(
    "value",
    [
        "a" * 1_000_000,
        "a@" * 500_000,
        "1 " * 500_000,
        "(" * 1_000_000,
        "[" * 1_000_000,
        '{"a":' * 200_000,
        "a:1:{" * 200_000 + "}",
        "-" * 1_000_000,
        "a-" * 500_000,
        "A." * 500_000,
        "<a " * 300_000,
        ":" * 1_000_000,
        "é́" * 500_000,
        "0" * 1_000_000,
        "Ab1" * 300_000,
        "x/" * 500_000,
        b"\x00\xff" * 500_000,
        "1." * 500_000,
        Decimal("1e400000"),
        10**4_000,
    ],
    ids=range(20),
)
@pytest.mark.timeout(20)
def test_a_hostile_value_makes_nobody_wait(value: Any) -> None:
    assert isinstance(signs_of(value), frozenset | set)


@pytest.mark.timeout(60)
@given(st.text(alphabet="a1.@-_:/ +()$[]{}\"'<>", max_size=300), st.integers(1, 3_000))
@settings(max_examples=200)
def test_repeating_a_piece_does_not_slow_it_down(piece: str, times: int) -> None:
    assert isinstance(signs_of(piece * times), frozenset | set)


def test_a_moment_of_a_driver_is_a_moment() -> None:
    assert signs_of(datetime(2024, 1, 1, tzinfo=UTC)) == {"moment"}
