"""The fields of people's data by the names that people know: all of them, those that somebody may correct on a person's
word, and of these the ones that a person has."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from troth.core.errors import StoreError
from troth.core.policy.model import Field, Policy
from troth.core.ports import Want
from troth.core.rights.access import SECRETS
from troth.core.rights.erase import identify
from troth.core.rights.identity import Decisions, Subject
from troth.core.rights.whose import person_rows
from troth.core.vocabulary import falls_under
from troth.desk.house import House, stores
from troth.package.html_names import Namer, humanised, sign_of

Named = tuple[str, str]
"""The full name of a field, and what people call it."""


def fields_of(policy: Policy, language: str) -> list[Named]:
    """Every field of which a single value can be named, with what tells it apart where its title is not enough; secrets
    are not among them."""
    namer, found = Namer(policy, language), []
    for collection in policy.collections():
        titles = collection.title or {}
        place = titles.get(language) or next(iter(titles.values()), "") or humanised(collection.name)
        for one in collection.fields:
            if _nameable(one):
                name = f"{collection.store}.{collection.name}.{one.name}"
                found.append((name, f"{place} — {namer.field_label(one)}", sign_of(collection.name, one)))
    often = Counter(said for _, said, _ in found)
    return [(name, f"{said} ({sign})" if often[said] > 1 else said) for name, said, sign in found]


def given(policy: Policy, language: str) -> list[Named]:
    """Those that hold what people gave: what a publisher has worked out, counted or noted is not corrected on a
    person's word."""
    theirs = {
        f"{collection.store}.{collection.name}.{one.name}"
        for collection in policy.collections() for one in collection.fields if one.given == "given" and one.export
    }  # fmt: skip
    return [(name, said) for name, said in fields_of(policy, language) if name in theirs]


def given_by(house: House, identifiers: tuple[Named, ...], language: str, now: datetime) -> list[Named]:
    """Of these the ones of collections in which somebody has rows; all of them where nobody is known, or where
    that cannot be told."""
    found = given(house.policy, language)
    try:
        places = _places(house, identifiers, now)
    except StoreError:
        return found
    theirs = [one for one in found if any(one[0].startswith(f"{place}.") for place in places)]
    return theirs or found


def _places(house: House, identifiers: tuple[Named, ...], now: datetime) -> set[str]:
    """Collections with rows of somebody, those in doubt too; a store that does not answer as a whole. Raises
    StoreError."""
    with stores(house.policy, now, hurried=True) as session:
        identity = identify(session, Subject(identifiers), Decisions(), house.records)
        found = {f"{flag.store}.{flag.collection}" for flag in identity.flags}
        for store, opened in session.stores.items():
            wants = [Want(name, rows) for name, rows in person_rows(opened, identity.anchors.get(store, {})).items()]
            counts = opened.connector.count(wants) if wants else []
            found |= {f"{store}.{want.collection}" for want, n in zip(wants, counts, strict=True) if n.rows}
        return found | {*session.unreachable, *identity.unreachable}


def _nameable(field: Field) -> bool:
    secret = falls_under(field.category, SECRETS) and field.category != "AuthenticationHistory"
    return not secret and (field.within is None or "*" not in field.within.path)
