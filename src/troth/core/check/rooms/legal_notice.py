"""The legal notice of a site: who publishes it, who hosts it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from troth.core.check.rule import ERROR, NOTE, Case, Place, place, rule
from troth.core.check.sources import LEGAL_NOTICE_FRANCE, LEGAL_NOTICE_UNION, gdpr
from troth.core.law.authorities import authority

_COMPANY = re.compile(r"\b(SARL|SASU?|SA|SNC|EURL|SCOP|SCA|SELARL|SCIC)\b")
"""Forms of French companies, which have a share capital."""

_FEDERAL = {"DE"}
"""Where each Land has an authority of its own."""


def _published(case: Case) -> bool:
    """Whether a site is spoken of."""
    return bool(case.document.sites or case.document.publisher.website)


@rule(
    "legal_notice_incomplete", ERROR, LEGAL_NOTICE_FRANCE, scope="france",
    en=(
        "the legal notice lacks `{missing}`",
        "add them under `publisher:`; they must be easy to find on the site",
    ),
    fr=(
        "il manque aux mentions légales `{missing}`",
        "ajoutez-les sous `publisher:` ; elles doivent être faciles à trouver sur le site",
    ),
)  # fmt: skip
def legal_notice_incomplete(case: Case) -> Iterator[Place]:
    """A company tells more than a natural person."""
    publisher = case.document.publisher
    keys = ["address", "phone", "publication_director"]
    if publisher.legal_form or publisher.registration or _COMPANY.search(publisher.name):
        keys += ["registration", "capital"]
    if publisher.legal_form and not _COMPANY.search(publisher.legal_form):
        keys.remove("capital")
    missing = tuple(key for key in keys if getattr(publisher, key) is None)
    if _published(case) and missing:
        yield place("publisher", "name", missing=missing)


@rule(
    "host_incomplete", ERROR, LEGAL_NOTICE_FRANCE, scope="france",
    en=(
        "the legal notice names no host with `{missing}`",
        "write `publisher.host:` and the host's `address:` and `phone:` under `recipients:`; who hosts itself names "
        "itself",
    ),
    fr=(
        "les mentions légales ne nomment pas d'hébergeur avec `{missing}`",
        "écrivez `publisher.host:`, et `address:` et `phone:` de l'hébergeur sous `recipients:` ; qui s'héberge se "
        "nomme",
    ),
)  # fmt: skip
def host_incomplete(case: Case) -> Iterator[Place]:
    """Name, address and telephone of who hosts."""
    name = case.document.publisher.host
    host = case.document.recipients.get(name or "")
    if not _published(case):
        return
    if host is None:
        yield place("publisher", "host", missing=("name", "address", "phone"))
        return
    missing = tuple(key for key in ("address", "phone") if getattr(host, key) is None)
    if name is not None and missing:
        yield place("recipients", name, missing=missing)


@rule(
    "imprint_incomplete", ERROR, LEGAL_NOTICE_UNION,
    en=(
        "who runs the site does not tell `{missing}`",
        "add them under `publisher:`; the law of {country} may ask for more",
    ),
    fr=(
        "qui tient le site ne dit pas `{missing}`",
        "ajoutez-les sous `publisher:` ; le droit de {country} peut en demander davantage",
    ),
)  # fmt: skip
def imprint_incomplete(case: Case) -> Iterator[Place]:
    """The least that every Member State asks for; France has a rule of its own above."""
    publisher = case.document.publisher
    if case.french or not case.in_eea or not _published(case):
        return
    missing = tuple(key for key in ("address", "email") if getattr(publisher, key) is None)
    if missing:
        yield place("publisher", "name", missing=missing, country=publisher.country)


@rule(
    "authority_differs", NOTE, gdpr(77), gdpr(55),
    en=(
        "'{found}' is named as the authority; the one of {country} is {expected}",
        "make sure that people are sent to the right one",
    ),
    fr=(
        "« {found} » est nommée comme autorité ; celle de {country} est {expected}",
        "assurez-vous que les personnes sont adressées à la bonne",
    ),
)  # fmt: skip
def authority_differs(case: Case) -> Iterator[Place]:
    """People may complain where they live; the policy names the publisher's."""
    named, country = case.document.publisher.authority, case.document.publisher.country
    expected = _names(country)
    if named is not None and expected and not any(name.lower() in named.name.lower() for name in expected):
        yield place("publisher", "authority", "name", found=named.name, country=country, expected=expected[0])


def _names(country: str) -> tuple[str, ...]:
    """What the authority of a country is called, in full and for short; nothing where it is not known, or where it
    depends on the part of the country."""
    found = authority(country)
    if found is None or found.country in _FEDERAL:
        return ()
    name, _, short = found.name.rstrip(")").partition(" (")
    return (name, *filter(None, re.split("[-/ ]", short)), found.english)
