"""Decides which columns of a table hold personal data, of which category, and how sure that is.

A column is heard twice: its name, in the table where it stands, and its values. Either carries it when it is
strong; together they strengthen or contradict each other. Confidences are meant as frequencies: of the guesses
at 0.8, eight in ten should be right. Nothing under ``LEAST_CONFIDENCE`` is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from troth.core.discover.classify_beside import as_it_holds, beside, secret_by_values
from troth.core.discover.classify_content import FEW, Heard, fit, heard, heard_beside_people
from troth.core.discover.classify_names import Told, is_flag, told
from troth.core.discover.classify_rest import rest_of_a_person
from troth.core.discover.classify_table import Setting, names_a_person, setting_of
from troth.core.discover.classify_typed import bare, called_back
from troth.core.discover.clocks import clocks_of, soft_delete_of
from troth.core.discover.key_values import key_and_value
from troth.core.discover.lexicon import Concept, Words, concept_named
from troth.core.discover.model import Catalogue, ClockGuess, Column, FieldGuess, Profile, Reason, Table
from troth.core.discover.names import kinds_of, sayings, singular, without_prefix, words_of
from troth.core.discover.paths import split

LEAST_CONFIDENCE = 0.5
_MOST = 0.99
_SURELY_PEOPLE = 0.8
"""From here on a table's key is taken for its people's number."""
_SESSIONS = frozenset({"session", "sessions", "sitzung", "sitzungen", "sesion", "sesiones", "sessione", "sessioni"})
_OF_PLACES = frozenset({"address", "address_more", "postcode", "city", "region", "country", "geo", "location"})
_PLACES_HAVE = frozenset({"City", "PostalCode", "Region", "Country", "GPSCoordinate", "Location"})
_MOST_OF_A_LIST = 8
"""Columns of a list of places."""
_OF_FIRMS_TOO = frozenset({"email", "phone", "address", "city", "website", "geo", "username", "full_name"})


@dataclass(frozen=True, slots=True)
class TableReading:
    """What one table's columns seem to hold. ``people``: how far the table is about people, from 0 to 1;
    ``written``: people write here; ``linked``: a column names a person; ``soft_delete``: the column that marks
    rows as deleted."""

    fields: tuple[FieldGuess, ...]
    clocks: tuple[ClockGuess, ...]
    soft_delete: str | None
    people: float
    written: bool
    linked: bool
    reasons: tuple[Reason, ...]

    @property
    def about_people(self) -> bool:
        """Whether each row seems to be a person."""
        return self.people >= 0.5


def classify(
    table: Table, profiles: Mapping[str, Profile], catalogue: Catalogue, *, linked: bool = False
) -> TableReading:
    """What the table's columns seem to hold. ``profiles`` by column; columns without one are judged by their
    names. ``catalogue`` is that of all tables: what stands in it decides what names mean. ``linked``: the rows are
    known to hang on people."""
    plain = bare(catalogue)
    if plain is None or table.qualified not in plain.tables:
        return _classified(table, profiles, catalogue, linked)
    names = plain.names[table.qualified]
    known = {names[name]: profile for name, profile in profiles.items() if name in names}
    found = _classified(plain.tables[table.qualified], known, plain.catalogue, linked)
    deleted = next((name for name, short in names.items() if short == found.soft_delete), found.soft_delete)
    return replace(
        found,
        fields=called_back(found.fields, names),
        clocks=called_back(found.clocks, names),
        soft_delete=deleted,
    )


def _classified(table: Table, profiles: Mapping[str, Profile], catalogue: Catalogue, linked: bool) -> TableReading:
    setting = setting_of(table, profiles, catalogue)
    if linked and not setting.linked:
        setting = replace(setting, linked=True, by_people=True)
    fields: list[FieldGuess] = []
    for column in table.columns:
        profile = profiles.get(column.name)
        fields.extend(_fields_of(table, as_it_holds(column, profile, setting), profile, setting))
    fields.extend(_unseen_particulars(table, profiles, setting, {one.column for one in fields}))
    if _is_list_of_places(table, fields, setting):
        fields = []
    return TableReading(
        tuple(fields),
        clocks_of(table, profiles, setting),
        soft_delete_of(table, profiles, setting),
        setting.people,
        setting.written,
        setting.linked,
        setting.reasons,
    )


def _is_place(setting: Setting) -> bool:
    """Whether a row is a place or a thing that stands in one, and nobody's."""
    return setting.kind == "thing" and not (setting.of_firms or setting.linked or setting.about_people)


def _is_list_of_places(table: Table, fields: Iterable[FieldGuess], setting: Setting) -> bool:
    """Whether a table tells of nothing but towns and their postcodes."""
    if setting.linked or setting.mentions or setting.about_people or len(table.columns) > _MOST_OF_A_LIST:
        return False
    return all(one.category in _PLACES_HAVE for one in fields)


def _unseen_particulars(
    table: Table, profiles: Mapping[str, Profile], setting: Setting, told_already: set[str]
) -> list[FieldGuess]:
    """The values of rows that hang on somebody and hold one value under a key, when none has been seen yet."""
    pair = key_and_value(table, {}) if setting.linked or setting.mentions else None
    if pair is None or pair[1] in told_already or setting.kind == "thing":
        return []
    profile = profiles.get(pair[1])
    if profile is not None and profile.filled:
        return []
    return [FieldGuess(pair[1], "IndividualProfile", 0.55, (Reason("names_a_person"), Reason("no_values")))]


def classify_keys(table: Table, keyed: Mapping[str, Profile], catalogue: Catalogue) -> tuple[FieldGuess, ...]:
    """What the values of a key/value table seem to hold, under each key; ``column`` is the key."""
    plain = bare(catalogue)
    if plain is not None:
        table, catalogue = plain.tables.get(table.qualified, table), plain.catalogue
    setting = setting_of(table, {}, catalogue)
    if setting.linked or setting.mentions:
        # The keys of rows that hang on a person are that person's particulars.
        setting = replace(setting, kind="people", people=max(setting.people, _SURELY_PEOPLE))
    found: list[FieldGuess] = []
    for key, profile in keyed.items():
        column = Column(key, "text", "text")
        guesses = list(_inner(column, profile, setting)) if profile.inner else []
        guess = _guess(column, profile, setting, inside=True)
        found.extend(guesses or ([guess] if guess else []))
    return tuple(found)


def _fields_of(table: Table, column: Column, profile: Profile | None, setting: Setting) -> list[FieldGuess]:
    if key := _key_of_people(table, column, setting):
        return [key]
    if _is_link(table, column):
        return []
    if key := _key_of_session(table, column, setting):
        return [key]
    inner = list(_inner(column, profile, setting)) if profile is not None and profile.inner else []
    guess = _guess(column, profile, setting)
    if inner:
        return inner
    return [guess] if guess is not None else []


def _key_of_people(table: Table, column: Column, setting: Setting) -> FieldGuess | None:
    if table.key != (column.name,) or setting.people < _SURELY_PEOPLE or setting.kind not in ("people", "unknown"):
        return None
    if (
        column.family not in ("integer", "uuid", "number")
        and not names_a_person(column)
        and column.name.lower() != "id"
    ):
        return None
    if any(column.name in key.columns for key in table.foreign_keys) or not _are_its_people(setting):
        return None
    kind = f"{singular(table.name)}_id"
    confidence = round(min(0.95, 0.25 + 0.75 * setting.people), 2)
    return FieldGuess(column.name, "UID", confidence, (Reason("key_of_people", {"kind": kind}),), identifier=kind)


def _are_its_people(setting: Setting) -> bool:
    """Whether the rows are people of their own, not what somebody keeps about others: those hang on a person, and
    nobody signs in with them."""
    if "password" in setting.said:
        return True
    return not setting.linked if setting.kind == "people" else not (setting.linked or setting.named_otherwise)


def _key_of_session(table: Table, column: Column, setting: Setting) -> FieldGuess | None:
    """Who holds the key of a session is let in as its person."""
    named = any(word in _SESSIONS for word in setting.words)
    if table.key != (column.name,) or column.family != "text" or not named or len(setting.words) > 2:
        return None
    return FieldGuess(column.name, "Authenticating", 0.7, (Reason("key_of_session"),), secret=True)


def _is_link(table: Table, column: Column) -> bool:
    """Whether the column leads to another row: a link is no field."""
    if column.family in ("integer", "uuid", "number", "binary"):
        declared = any(column.name in key.columns for key in table.foreign_keys)
        return declared or column.name in table.key or names_a_person(column)
    return False


def _inner(column: Column, profile: Profile, setting: Setting) -> list[FieldGuess]:
    """The personal values inside a structured column."""
    found = []
    for path, inside in profile.inner.items():
        steps = [step for step in split(path) if step != "*"]
        name = steps[-1] if steps else column.name
        parents = tuple(word for step in (column.name, *steps[:-1]) for word in words_of(step))
        guess = _guess(Column(name, "other", ""), inside, setting, parents, inside=True)
        if guess is not None and guess.category != "Preference":
            found.append(replace(guess, column=column.name, path=path, inner_format=profile.inner_format))
    return found


def _guess(
    column: Column, profile: Profile | None, setting: Setting, parents: Words = (), *, inside: bool = False
) -> FieldGuess | None:
    """The likeliest concept of a column, if any is likely enough. ``inside``: it is no column but a key or a path."""
    said = [
        beside(_with_values(one, profile, setting), column, profile, setting) for one in told(column, setting, parents)
    ]
    if secret := secret_by_values(column, profile, setting):
        said.append(secret)
    content = _by_content(column, profile, setting)
    best = max(said, key=lambda one: one.confidence, default=None)
    if content is not None:
        best = _joined(best, content, profile)
    if best is None or best.confidence < LEAST_CONFIDENCE:
        best = _prose(column, profile, setting) or (best if inside else rest_of_a_person(column, profile, setting))
    if best is None or best.confidence < LEAST_CONFIDENCE:
        return None
    return _field(column, best, profile)


def _with_values(one: Told, profile: Profile | None, setting: Setting) -> Told:
    """What the name says, after the values have been asked."""
    if profile is None:
        return replace(one, confidence=one.confidence * 0.9, reasons=(*one.reasons, Reason("no_values")))
    factor, proven, sign = fit(one.concept, profile, setting.one_person)
    if one.concept.name in _OF_PLACES and _is_place(setting):
        factor, proven = factor * 0.8, 0.0  # that it is an address makes it nobody's
    confidence = one.confidence * factor
    reasons = one.reasons
    if profile.filled < FEW:
        reasons = (*reasons, Reason("few_values" if profile.filled else "no_values"))
    if proven and one.confidence >= 0.2:
        confidence = 1 - (1 - confidence) * (1 - proven)
        reasons = (*reasons, _values_are(sign, profile))
    return Told(one.concept, confidence, reasons)


def _by_content(column: Column, profile: Profile | None, setting: Setting) -> Told | None:
    if profile is None or is_flag(column):
        return None
    someone = any("people" in kinds for kinds in _kinds(column, setting))
    found: Heard | None = heard(profile, setting.about_people or setting.linked, someone)
    if (
        found is None
        and setting.people >= 0.7
        and column.family in ("text", "other")
        and _says_nothing(column, setting)
    ):
        found = heard_beside_people(profile)
    if found is None:
        return None
    confidence = found.confidence * _content_place(found, setting)
    if any("negating" in kinds for kinds in _kinds(column, setting)) and found.concept in _OF_FIRMS_TOO:
        confidence *= 0.85
    return Told(concept_named(found.concept), confidence, (_values_are(found.sign, profile),))


def _says_nothing(column: Column, setting: Setting) -> bool:
    """Whether the name has no word that is known: ``c17``, ``fld_4``."""
    return not any(kinds - {"neutral"} for kinds in _kinds(column, setting)) and not sayings(words_of(column.name))


def _kinds(column: Column, setting: Setting) -> tuple[frozenset[str], ...]:
    return kinds_of(without_prefix(words_of(column.name), setting.prefix))


def _content_place(found: Heard, setting: Setting) -> float:
    """How far values of that kind are a person's in such a table."""
    if setting.about_people or setting.kind in ("people", "written", "activity", "session"):
        return 1.0
    if found.concept in ("city", "gender", "marital", "blood", "geo", "last_name"):
        return 0.85 if setting.linked else 0.6
    if found.concept in _OF_PLACES and _is_place(setting):
        return 0.5
    if setting.kind == "thing":
        return 0.68 if found.concept in _OF_FIRMS_TOO else 0.85
    return 0.95


def _joined(name: Told | None, content: Told, profile: Profile | None) -> Told:
    """Name and values together: they agree, or the surer one is right."""
    if name is None or name.concept.category != content.concept.category:
        return content if name is None or content.confidence > name.confidence else name
    reasons = tuple(dict.fromkeys((name.reasons[0], *content.reasons, *name.reasons[1:])))
    surer = 1 - (1 - name.confidence) * (1 - 0.8 * content.confidence)
    return Told(name.concept, max(name.confidence, content.confidence, surer if name.confidence >= 0.4 else 0), reasons)


def _prose(column: Column, profile: Profile | None, setting: Setting) -> Told | None:
    """Sentences under a name that says nothing, where people write."""
    if profile is None or profile.filled < FEW or not (setting.written or (setting.linked and setting.kind != "thing")):
        return None
    share = profile.share("sentence")
    if (
        share < 0.5
        or profile.distinct < profile.filled * 0.5
        or any(k & {"negating", "thing"} for k in _kinds(column, setting))
    ):
        return None
    confidence = 0.72 if setting.written else 0.6
    return Told(concept_named("content"), confidence, (_values_are("sentence", profile),))


def _values_are(sign: str, profile: Profile) -> Reason:
    share = f"{round(100 * profile.share(sign))} %"
    return Reason("values_are", {"sign": sign, "share": share, "n": str(profile.closely)})


def _field(column: Column, best: Told, profile: Profile | None) -> FieldGuess:
    concept: Concept = best.concept
    long = profile is not None and profile.mean_words >= 3
    return FieldGuess(
        column.name,
        concept.category,
        round(min(_MOST, best.confidence), 2),
        best.reasons,
        identifier=concept.identifier,
        secret=concept.secret,
        free_text=concept.free_text and (profile is None or profile.filled < FEW or long),
        given="observed" if concept.observed else "given",
    )
