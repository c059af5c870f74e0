"""Names and places of people who do not exist, from Faker, drawn from the generator that the caller seeded."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Any

from troth.core.errors import UsageError

_LOCALES = {"fr": "fr_FR", "en": "en_GB"}


@cache
def _made(language: str) -> Any:
    try:
        from faker import Factory
    except ImportError:
        raise UsageError(
            "the demonstration invents its people with Faker, which is not installed",
            remedy="pip install 'troth[demo]', or run `make demo` in a checkout",
        ) from None
    return Factory.create(_LOCALES[language])


def _faker(rng: Random, language: str) -> Any:
    """Faker in one language, drawing from ``rng``: the same seed gives the same people."""
    faker = _made(language)
    faker.random = rng
    return faker


def first_name(rng: Random, language: str, female: bool) -> str:
    """A first name of the language's country. Raises UsageError when Faker is not installed."""
    faker = _faker(rng, language)
    return str(faker.first_name_female() if female else faker.first_name_male())


def last_name(rng: Random, language: str) -> str:
    """A family name. Raises UsageError when Faker is not installed."""
    return str(_faker(rng, language).last_name())


def street(rng: Random, language: str) -> str:
    """The name of a street, without a number. Raises UsageError when Faker is not installed."""
    return str(_faker(rng, language).street_name())


def town(rng: Random, language: str) -> tuple[str, str]:
    """A postcode and a town, which need not go together. Raises UsageError when Faker is not installed."""
    faker = _faker(rng, language)
    return str(faker.postcode()), str(faker.city())
