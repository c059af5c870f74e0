"""The invented people of the examples: a small fixed cast, then as many others as asked for.

The same seed and the same ``as_of`` give the same people, so that a test, a tutorial and a bug report speak
of the same rows.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from troth.demo import words
from troth.demo.invented import first_name, last_name, street, town

YEARS = 12
"""How far back the examples' history goes."""


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address in an invented street."""

    line: str
    postcode: str
    city: str
    country: str


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person and the years in which they dealt with the publisher."""

    number: int
    civility: str | None
    first: str
    last: str
    email: str
    phone: str
    birth: date
    language: str
    address: Address
    joined: date
    last_seen: date
    role: str
    company: str | None = None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass(frozen=True, slots=True)
class _Part:
    """What the cast fixes of a person; ages in days before ``as_of``."""

    first: str
    last: str
    email: str
    role: str
    joined: int
    last_seen: int
    language: str = "fr"


# What each of them shows is told in examples/README files and in the tour.
CAST = (
    _Part("Ana", "Belmonte", "ana@example.org", "client", 2400, 20),
    _Part("Bruno", "Keller", "bruno@example.org", "client", 1500, 60),
    _Part("Claire", "Morin", "famille.morin@example.net", "client", 1900, 90),
    _Part("Paul", "Morin", "famille.morin@example.net", "client", 1700, 200),
    _Part("Hugo", "Lambert", "hugo.lambert@example.com", "client", 3000, 1200),
    _Part("Hugo", "LAMBERT", "h.lambert@courrier.test", "client", 900, 40),
    _Part("Emma", "Thackeray", "emma@example.com", "prospect", 1800, 1500, "en"),
    _Part("Farid", "Ziani", "farid@example.org", "reader", 2000, 30),
    _Part("Grace", "Whitlock", "grace@example.net", "client", 4300, 4100, "en"),
    _Part("Zoé", "Lenoir", "zoe@example.org", "client", 700, 5),
)


def people(rng: Random, as_of: date, count: int) -> list[Person]:
    """The cast and enough others to make ``count`` (at least the cast)."""
    everyone = [_from_cast(rng, number, part, as_of) for number, part in enumerate(CAST, start=1)]
    by_name = {(p.first, p.last): p for p in everyone}
    claire, hugo = by_name["Claire", "Morin"], by_name["Hugo", "Lambert"]
    for place, person in enumerate(everyone):
        if person.email == claire.email:  # a couple behind one mailbox
            everyone[place] = replace(person, address=claire.address)
        elif person.last.title() == "Lambert":  # one man, two accounts
            everyone[place] = replace(person, phone=hugo.phone, birth=hugo.birth, address=hugo.address)
    while len(everyone) < count:
        everyone.append(_somebody(rng, len(everyone) + 1, as_of, everyone))
    return everyone


def _from_cast(rng: Random, number: int, part: _Part, as_of: date) -> Person:
    return Person(
        number, "mme" if part.first[-1] in "aeé" else "m", part.first, part.last, part.email,
        phone(rng, part.language), _birth(rng, as_of), part.language, address(rng, part.language),
        as_of - timedelta(days=part.joined), as_of - timedelta(days=part.last_seen), part.role,
    )  # fmt: skip


def _somebody(rng: Random, number: int, as_of: date, others: list[Person]) -> Person:
    """A random person; now and then a relative or a double of somebody who is there already."""
    language = "fr" if rng.random() < 0.75 else "en"
    female = rng.random() < 0.5
    first, last = first_name(rng, language, female), last_name(rng, language)
    joined, last_seen = _years_of(rng, as_of)
    person = Person(
        number, rng.choice(["mme" if female else "m", None]), first, last, mail(rng, first, last, number),
        phone(rng, language), _birth(rng, as_of), language, address(rng, language), joined, last_seen,
        rng.choices(["client", "prospect", "reader"], [68, 18, 14])[0],
        rng.choice(words.COMPANIES) if rng.random() < 0.2 else None,
    )  # fmt: skip
    chance = rng.random()
    like = rng.choice(others[len(CAST) :] or others[:1])
    if chance < 0.05:  # lives with somebody
        return replace(person, last=like.last, address=like.address, language=like.language)
    if chance < 0.07:  # reads the same mailbox
        return replace(person, last=like.last, address=like.address, email=like.email, role="client")
    if chance < 0.10:  # the same person again, after a change of mailbox
        return replace(person, first=like.first, last=like.last, phone=like.phone, birth=like.birth)
    return person


def _years_of(rng: Random, as_of: date) -> tuple[date, date]:
    """When they came and were last seen: most are recent, some went years ago."""
    joined = as_of - timedelta(days=int((rng.random() ** 1.6) * 365 * YEARS))
    stay = (as_of - joined).days
    if rng.random() < 0.55:
        return joined, as_of - timedelta(days=rng.randrange(0, max(1, min(stay, 400))))
    return joined, joined + timedelta(days=rng.randrange(0, max(1, stay)))


def _birth(rng: Random, as_of: date) -> date:
    return as_of - timedelta(days=rng.randrange(365 * 19, 365 * 84))


def address(rng: Random, language: str) -> Address:
    """An address in the language's country (France, Britain or Ireland); street and town are invented apart."""
    postcode, city = town(rng, language)
    country = "FR" if language == "fr" else rng.choices(["GB", "IE"], [3, 2])[0]
    return Address(f"{rng.randrange(1, 148)} {street(rng, language)}", postcode, city, country)


def phone(rng: Random, language: str) -> str:
    """A number from the ranges kept for fiction (Arcep for France, Ofcom for Britain)."""
    if language == "fr":
        digits = f"{rng.randrange(10000):04d}"
        return f"{rng.choice(words.FR_PHONE_PREFIXES)} {digits[:2]} {digits[2:]}"
    return f"+44 7700 900{rng.randrange(1000):03d}"


def mail(rng: Random, first: str, last: str, number: int) -> str:
    """An address in a reserved domain, unlike any other person's."""
    return f"{plain(first)}.{plain(last)}{number}@{rng.choice(words.MAIL_DOMAINS)}"


def plain(text: str) -> str:
    """Lower case ASCII letters only."""
    bare = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(c for c in bare.lower() if c.isalpha())


def ip(rng: Random) -> str:
    """An address from the blocks kept for documentation (RFC 5737, RFC 3849)."""
    if rng.random() < 0.2:
        return f"2001:db8:{rng.randrange(65536):x}::{rng.randrange(1, 65536):x}"
    return f"{rng.choice(('192.0.2', '198.51.100', '203.0.113'))}.{rng.randrange(1, 255)}"
