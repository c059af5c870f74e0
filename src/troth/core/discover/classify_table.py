"""What kind of table it is, by its name, its columns and its neighbours: about people, written by people, hanging
on people, or about things. A column called ``name`` is somebody's name in one and a thing's in the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from troth.core.discover.lexicon import Words, forms
from troth.core.discover.link_reading import column_start
from troth.core.discover.model import Catalogue, Column, Profile, Reason, Table
from troth.core.discover.names import common_prefix, kinds_of, sayings, without_prefix, words_of

Kind = Literal["people", "written", "activity", "session", "thing", "unknown"]

_ORDER: tuple[Kind, ...] = ("people", "written", "session", "activity", "thing")
_GOODS = frozenset({"price", "stock", "sku", "ean", "upc", "barcode", "prix", "preis", "precio", "prezzo", "isbn"})
_VALUES = frozenset(
    {"data", "value", "values", "answer", "answers", "donnees", "valeur", "valeurs", "daten", "wert", "werte"}
)
"""What the last word of ``profile_field_values`` makes of it: not the fields, but what people put into them."""
_GENERIC = frozenset(
    {"tbl", "table", "tab", "tb", "entity", "entities", "master", "stamm", "base", "main", "all", "new", "old", "view"}
)
"""Words behind a table's name that leave its meaning as it is."""
_ID_WORDS = frozenset({"id", "ids", "uid", "uuid", "guid", "key", "fk", "ref", "nr", "no", "num", "by", "code"})

_COLUMN_SAYS = {
    "first_name": 0.4, "last_name": 0.45, "full_name": 0.2, "display_name": 0.3, "username": 0.35, "email": 0.3,
    "password": 0.5, "birth_date": 0.55, "phone": 0.15, "gender": 0.4, "salutation": 0.3, "national_id": 0.5,
    "marital": 0.4, "nationality": 0.35, "birth_place": 0.4, "address": 0.1, "salary": 0.2, "customer_number": 0.2,
    "passport": 0.4, "blood": 0.4, "salt": 0.2, "bio": 0.2,
}  # fmt: skip
"""How far one column of that name makes its table one about people."""

_ALSO_SAID = frozenset({"name", "health", "prescription", "username_weak", "company", "job", "body", "height", "vital"})
"""Concepts that say little by themselves, but that a table of people would have at least one of."""

_VALUES_SAY = {
    "email": 0.3, "full_name": 0.35, "given_name": 0.3, "phone": 0.2, "password_hash": 0.5, "nir": 0.5,
    "before_1990": 0.35, "address_line": 0.15,
}  # fmt: skip
"""The same of a column most of whose values look like that."""


@dataclass(frozen=True, slots=True)
class Setting:
    """The table as the setting of its columns. ``people``: how far it is about people, from 0 to 1; ``linked``:
    a column names a person; ``mentions``: a word of its name does; ``named``: a column is called first or
    family name; ``said``: the concepts that columns say; ``prefix``: the words with which all its columns begin.

    ``has_width``: a column is called so, and a height beside it is a picture's; ``bytes_are_text``: the schema keeps
    its texts in bytes; ``heads``: beginnings that several columns share without a mark behind them;
    ``named_otherwise``: the table's name says something else than people; ``by_people``: something tells who writes
    here; ``own_words``: those of the table's name, in the singular as well; ``one_person``: all rows of the sample
    are the same person's; ``translated``: rows exist once for each language; ``of_firms``: the rows are firms, some
    of which are one person."""

    kind: Kind
    people: float
    linked: bool
    mentions: bool
    named: bool
    said: frozenset[str]
    prefix: Words
    words: Words
    reasons: tuple[Reason, ...] = ()
    has_width: bool = False
    bytes_are_text: bool = False
    heads: frozenset[str] = frozenset()
    named_otherwise: bool = False
    by_people: bool = True
    own_words: frozenset[str] = frozenset()
    one_person: bool = False
    translated: bool = False
    of_firms: bool = False

    @property
    def about_people(self) -> bool:
        """Whether a bare ``name`` is somebody's here."""
        return self.people >= 0.5

    def parted(self, name: str) -> Words:
        """The words of a column's name, a beginning that it shares with others taken off: ``shopcity``."""
        whole = words_of(name)
        if len(whole) == 1 and (cut := _tail(whole[0])) and cut[0] in self.heads:
            return cut
        return whole

    @property
    def written(self) -> bool:
        """Whether people write here."""
        return self.kind == "written"


class Same:
    """A catalogue as a key: the same object, not an equal one, which would cost reading all of it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.catalogue is self.catalogue


def setting_of(table: Table, profiles: Mapping[str, Profile], catalogue: Catalogue) -> Setting:
    """What the table is, seen beside the others of its catalogue."""
    prefix = _schema_prefix(Same(catalogue))
    people_tables = _people_tables(Same(catalogue))
    setting = _setting(table, profiles, prefix, people_tables)
    return replace(setting, bytes_are_text=_bytes_are_text(Same(catalogue)))


def _setting(
    table: Table, profiles: Mapping[str, Profile], schema_prefix: Words, people_tables: frozenset[str]
) -> Setting:
    words = without_prefix(words_of(table.name), schema_prefix)
    columns_prefix = common_prefix(column.name for column in table.columns) or column_start(table)
    kind = _kind(words)
    if (
        kind in ("written", "unknown", "activity")
        and _is_of_goods(table, 2 if kind == "written" else 1)
        and not _mentions_people(words)
    ):
        kind = "thing"
    linked = _is_linked(table, people_tables, kind)
    mentions = _mentions_people(words)
    reasons: list[Reason] = []
    by_column = _by_columns(table, profiles, columns_prefix)
    said = _together(by_column)
    people = _by_name(kind, words, reasons)
    if kind == "people" and not by_column:
        people = 0.4
    named = "first_name" in by_column or "last_name" in by_column
    damping = {"people": 1.0, "unknown": 0.85, "thing": 0.35}.get(kind, 0.45)
    people = 1 - (1 - people) * (1 - said * damping)
    if said * damping >= 0.4:
        reasons.append(Reason("columns_speak_of_people"))
    if linked:
        reasons.append(Reason("names_a_person"))
    if kind == "written":
        reasons.append(Reason("people_write_here", {"table": table.name}))
    return Setting(
        kind, round(people, 3), linked, mentions, named, frozenset(by_column), columns_prefix, words, tuple(reasons),
        has_width=any("width" in words_of(column.name) for column in table.columns),
        heads=_heads(table),
        named_otherwise=kind == "unknown" and any(kinds_of(words)),
        by_people=linked or mentions or _by_people(table),
        of_firms=any(form in _FIRMS for word in words[-1:] for form in forms(word)),
        translated=_is_translated(table),
        one_person=_of_one_person(table, profiles),
        own_words=frozenset(form for word in words for form in forms(word)),
    )  # fmt: skip


_TAILS = (
    "firstname", "lastname", "username", "password", "postcode", "zipcode", "country", "address", "street", "email",
    "phone", "state", "city", "name", "website", "title", "fax", "zip", "ville", "adresse", "telefon", "strasse", "ort",
)  # fmt: skip
"""Words that are known behind a beginning that is not."""


def _tail(word: str) -> Words:
    tail = next((tail for tail in _TAILS if word.endswith(tail) and len(word) - len(tail) >= 3), None)
    return (word[: -len(tail)], tail) if tail else ()


def _heads(table: Table) -> frozenset[str]:
    """The beginnings that three or more columns share: ``velocity`` alone is no ``city``."""
    cuts = (_tail(words[0]) for words in (words_of(c.name) for c in table.columns) if len(words) == 1)
    return frozenset(head for head, count in Counter(cut[0] for cut in cuts if cut).items() if count >= 3)


_FIRMS = frozenset(
    {"company", "firm", "business", "organisation", "organization", "societe", "entreprise", "firma", "unternehmen",
     "empresa", "azienda", "ditta", "supplier", "vendor"}
)  # fmt: skip
LANGUAGES = frozenset({"lang", "language", "langcode", "locale", "langue", "sprache", "idioma", "lingua"})


def _is_translated(table: Table) -> bool:
    """Whether a language is part of the key, or a column tells the row's first one."""
    unique = {name for key in (table.key, *(u.columns for u in table.uniques)) if len(key) > 1 for name in key}
    for column in table.columns:
        words = set(words_of(column.name))
        if words & LANGUAGES and (column.name in unique or words & {"default", "source", "original"}):
            return True
    return False


def _of_one_person(table: Table, profiles: Mapping[str, Profile]) -> bool:
    seen = [profiles[c.name] for c in table.columns if c.name in profiles and names_a_person(c)]
    return any(profile.filled >= _FEW and profile.distinct == 1 for profile in seen)


_FEW = 5
_WRITERS = frozenset({"username", "username_weak", "maker", "user_key", "email", "ip", "full_name", "display_name"})


def _by_people(table: Table) -> bool:
    """Whether a column tells who wrote a row, or to which other row it belongs, whose writer it then has."""
    for column in table.columns:
        words = words_of(column.name)
        if {saying.concept.name for saying in sayings(words)} & _WRITERS:
            return True
        if len(words) > 1 and words[-1] == "id" and any("written" in kinds for kinds in kinds_of(words[:-1])):
            return True
    return False


def _kind(words: Words) -> Kind:
    kinds = kinds_of(words)
    holds_values = words[-1:] and words[-1] in _VALUES
    if len(words) > 1 and any("turning" in kind for kind in kinds) and not holds_values:
        return "thing"
    known = [kind for word, kind in zip(words, kinds, strict=True) if kind & set(_ORDER) and word not in _GENERIC]
    if not known:
        return "unknown"
    if not kinds[-1] and words[-1] not in _GENERIC and "people" in known[-1]:
        return "unknown"
    head = next(kind for kind in _ORDER if kind in known[-1])
    if head == "thing" and any(kind & {"people", "written", "activity", "session"} for kind in known[:-1]):
        return "activity"
    return head


def _mentions_people(words: Words) -> bool:
    return any("people" in kind for kind in kinds_of(words))


def _is_of_goods(table: Table, least: int) -> bool:
    """Whether so many columns tell of goods; where people write, one only says about which."""
    return sum(not _GOODS.isdisjoint(words_of(column.name)) for column in table.columns) >= least


def _by_name(kind: Kind, words: Words, reasons: list[Reason]) -> float:
    if kind == "people":
        reasons.append(Reason("table_of_people", {"word": words[-1]}))
        return 0.75
    return 0.1 if kind == "thing" else 0.2


def _by_columns(table: Table, profiles: Mapping[str, Profile], prefix: Words) -> Mapping[str, float]:
    """What the columns say of people: each kind counts once."""
    said: dict[str, float] = {}
    for column in table.columns:
        if column.family == "boolean":
            continue
        words = without_prefix(words_of(column.name), prefix)
        for saying in sayings(words):
            name = saying.concept.name
            if (name in _COLUMN_SAYS or name in _ALSO_SAID) and not any(
                "negating" in kind for kind in kinds_of(saying.beside)
            ):
                said[name] = _COLUMN_SAYS.get(name, 0.02)
        profile = profiles.get(column.name)
        if profile is not None and profile.filled >= 5:
            said.update((sign, weight) for sign, weight in _VALUES_SAY.items() if profile.share(sign) >= 0.5)
    return said


def _together(said: Mapping[str, float]) -> float:
    left = 1.0
    for weight in said.values():
        left *= 1 - weight
    return 1 - left


def _is_linked(table: Table, people_tables: frozenset[str], kind: Kind) -> bool:
    if any(key.target in people_tables for key in table.foreign_keys):
        return True
    others = [column for column in table.columns if kind != "people" or table.key != (column.name,)]
    return any(map(names_a_person, others)) or (kind != "people" and any(map(_is_user_key, others)))


def _is_user_key(column: Column) -> bool:
    """Whether the column is called by nothing but the number of a user (``userid``, ``uid``)."""
    words = words_of(column.name)
    return any(one.concept.name == "user_key" and not one.beside for one in sayings(words))


def names_a_person(column: Column) -> bool:
    """Whether the column's name is the number of somebody (``customer_id``, ``id_client``, ``auteur_id``)."""
    words = words_of(column.name)
    if not 1 < len(words) <= 4 or not any(word in _ID_WORDS for word in words):
        return False
    rest = [word for word in words if word not in _ID_WORDS]
    return bool(rest) and any("people" in kind for kind in kinds_of(rest)) and "turning" not in kinds_of(rest)[-1]


@lru_cache(maxsize=4)
def _schema_prefix(same: Same) -> Words:
    """The words with which nearly all tables begin (``tx_``, ``app_``), unless they say what the tables are."""
    prefix = common_prefix(table.name for table in same.catalogue.tables)
    kept: list[str] = []
    for word in prefix:
        if len(same.catalogue.tables) < 8 and kinds_of((word,))[0] - {"neutral"}:
            break
        kept.append(word)
    return tuple(kept)


@lru_cache(maxsize=4)
def _bytes_are_text(same: Same) -> bool:
    families = Counter(column.family for table in same.catalogue.tables for column in table.columns)
    return families["binary"] >= 10 and families["binary"] > 2 * families["text"]


@lru_cache(maxsize=4)
def _people_tables(same: Same) -> frozenset[str]:
    prefix = _schema_prefix(same)
    empty: dict[str, Profile] = {}
    settings = ((table, _setting(table, empty, prefix, frozenset())) for table in same.catalogue.tables)
    return frozenset(table.qualified for table, setting in settings if setting.about_people)
