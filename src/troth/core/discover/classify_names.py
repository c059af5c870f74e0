"""How far a column's name is believed to speak of a person, in the table where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.core.discover.classify_table import Setting
from troth.core.discover.lexicon import Concept, Words
from troth.core.discover.model import Column, Reason
from troth.core.discover.names import Saying, kinds_of, run_together, sayings, without_prefix, words_of

_LETTERS = {
    "text": "t", "enum": "t", "uuid": "t", "integer": "i", "number": "i", "boolean": "b", "date": "d", "datetime": "d",
    "time": "d", "json": "j", "array": "j", "binary": "x",
}  # fmt: skip

_KINDS = ("people", "written", "activity", "session", "thing", "unknown")
_WHERE: dict[str, dict[str, float]] = {
    where: dict(zip(_KINDS, believed, strict=True))
    for where, believed in {
        "person": (1.0, 0.55, 0.62, 0.45, 0.08, 0.5),
        "linked": (1.0, 0.9, 0.92, 0.85, 0.15, 0.66),
        "written": (0.25, 1.0, 0.5, 0.3, 0.15, 0.42),
        "session": (0.8, 0.3, 0.3, 1.0, 0.2, 0.45),
    }.items()
}
"""How far a name that depends on its table is believed in each kind of table."""

_HELD_FOR_PEOPLE = frozenset(
    {"preference_user", "meta_user", "timezone", "language", "about_person", "picture_weak", "location", "website"}
)
"""What a table holds for somebody when its name only mentions people: ``user_settings``."""

_BODILY = frozenset({"blood", "health", "gender", "birth_date", "prescription"})
_MEASURED = frozenset({"body", "height", "vital"})
_ADDRESS_WORDS = frozenset(
    {
        "address",
        "addr",
        "adresse",
        "direccion",
        "indirizzo",
        "anschrift",
        "billing",
        "shipping",
        "delivery",
        "home",
        "postal",
    }
)
_OF_ADDRESSES = frozenset({"city", "region", "country", "geo"})
_STORAGE = frozenset(
    {"path", "file", "filename", "url", "uri", "dir", "ext", "fichier", "datei", "archivo", "percorso", "pfad"}
)
LEAST = 0.05


@dataclass(frozen=True, slots=True)
class Told:
    """A concept, how far the name is believed to say it, and why."""

    concept: Concept
    confidence: float
    reasons: tuple[Reason, ...]


def told(column: Column, setting: Setting, parents: Words = ()) -> Iterator[Told]:
    """Every concept that the name or the comment of a column says. ``parents``: words above it in a path."""
    for saying in _said(column, setting):
        confidence = _believed(saying, column, setting, parents)
        if confidence >= LEAST:
            yield Told(saying.concept, confidence, _reasons("name_says", saying, setting))
    if column.comment:
        for saying in sayings(words_of(column.comment)[:10]):
            confidence = 0.8 * _believed(saying, column, setting, parents)
            if saying.concept.where == "any" and confidence >= LEAST:
                yield Told(saying.concept, confidence, _reasons("comment_says", saying, setting))


def _said(column: Column, setting: Setting) -> tuple[Saying, ...]:
    """What the name says behind the prefix of its table, and what it only says with it: ``user_name``."""
    whole = setting.parted(column.name)
    words = without_prefix(whole, setting.prefix)
    found = sayings(words) or sayings(run_together(column.name))
    if words == whole:
        return found
    cut = len(whole) - len(words)
    longer = [one for one in sayings(whole) if len(one.before) < cut and one.after == () and len(one.words) > cut]
    return (*found, *longer)


def _reasons(code: str, saying: Saying, setting: Setting) -> tuple[Reason, ...]:
    name = Reason(code, {"what": saying.concept.name, "words": " ".join(saying.words)})
    if saying.concept.where == "any":
        return (name,)
    return (name, *setting.reasons[:1])


def _believed(saying: Saying, column: Column, setting: Setting, parents: Words) -> float:
    concept = saying.concept
    fitting = _family(concept, column)
    if not fitting:
        return 0.0
    return concept.weight * fitting * _place(concept, saying, setting, parents) * _beside(concept, saying, setting)


def _family(concept: Concept, column: Column) -> float:
    if is_flag(column):
        return 1.0 if "b" in concept.families else 0.0
    if column.family == "enum" or column.enum:
        return 1.0 if concept.chosen else 0.0
    if column.family == "other":
        return 0.9
    letter = _LETTERS[column.family]
    if letter == "x" and "x" not in concept.families and "t" in concept.families:
        return 0.85  # many a binary column holds text
    if letter not in concept.families:
        return 0.0
    if column.family == "text" and column.length is not None:
        return _length(concept, column.length)
    return 1.0


def is_flag(column: Column) -> bool:
    """Whether it can only say yes or no."""
    declared = column.declared.lower().replace(" ", "")
    return column.family == "boolean" or declared.startswith(("tinyint(1)", "bit(1)"))


def _length(concept: Concept, length: int) -> float:
    if length <= 1 and not concept.chosen:
        return 0.1
    least = {"email": 10, "password": 8, "user_agent": 20, "ip": 7, "iban": 8, "content": 20, "remark": 20, "name": 5}
    if length < least.get(concept.name, 0):
        return 0.4
    return 1.0


def _place(concept: Concept, saying: Saying, setting: Setting, parents: Words) -> float:
    """How far the table is one where the concept would be a person's."""
    if concept.name == "display_name" and setting.kind in ("thing", "unknown") and not setting.about_people:
        return 0.55 if not _of_people((*saying.beside, *parents)) else 0.9
    if concept.where == "any":
        if setting.kind != "thing" or setting.about_people:
            return 1.0 if setting.kind != "unknown" or setting.people >= 0.4 else 0.95
        if concept.name == "username":
            return 0.85 if setting.linked else 0.6
        if concept.name == "password" and not setting.linked:
            return 0.5
        return (0.85 if setting.mentions else 0.55) if concept.firms else 0.85
    if concept.name in _MEASURED and not setting.said & _BODILY and len(setting.said & _MEASURED) < 2:
        return 0.3
    if concept.name == "session_data" and not any(
        "session" in word or word.startswith("sitz") for word in setting.words
    ):
        return 0.2
    believed = _WHERE[concept.where][setting.kind]
    if concept.name == "username_weak" and setting.linked:
        believed = max(believed, 0.85)  # a text that is called after a user, beside another column that is
    if concept.name in _MEASURED and setting.linked and setting.kind != "thing":
        believed = max(believed, 0.9)
    if concept.where == "written" and _of_what_is_posted(saying):
        return max(believed, 0.85)
    if concept.where == "written" and setting.kind == "written" and not setting.by_people:
        return believed * 0.6
    if concept.name in _OF_ADDRESSES and _of_an_address(saying, setting):
        believed = max(believed, 0.9)
    if setting.about_people and concept.where in ("person", "linked"):
        believed = max(believed, 0.75 + 0.25 * setting.people)
    elif setting.kind == "unknown" and (setting.linked or setting.mentions) and concept.name != "described":
        of_them = 0.8 if setting.mentions or concept.where in ("linked", "written") else 0.62
        believed = max(believed, of_them if concept.where != "session" else 0.5)
    if concept.where in ("person", "linked") and _of_people((*saying.beside, *parents, *_owner(saying))):
        in_thing = 0.8 if concept.category == "Name" else 0.5
        believed = max(believed, in_thing if setting.kind == "thing" else 0.97)
    if concept.name == "name" and setting.named and not saying.beside:
        believed = max(believed, 0.4 if setting.kind == "thing" else 0.93)
    if concept.name in _HELD_FOR_PEOPLE and setting.mentions and setting.kind != "thing":
        believed = max(believed, 0.95)
    return believed


def _owner(saying: Saying) -> Words:
    """The words of a phrase that may name whose it is, as in ``author url``."""
    return saying.words if len(saying.words) > 1 and saying.concept.category != "Username" else ()


def _of_people(words: Words) -> bool:
    return any("people" in kind for kind in kinds_of(words))


_POSTED = frozenset(
    {"post", "topic", "thread", "comment", "message", "review", "reply", "question", "answer", "poll", "commentaire",
     "beitrag", "nachricht", "kommentar", "comentario", "mensaje", "commento", "messaggio"}
)  # fmt: skip


def _of_what_is_posted(saying: Saying) -> bool:
    """Whether the word directly before says that people wrote it: ``last_post_subject``."""
    return (*saying.before, *saying.words)[-2:-1] != () and (*saying.before, *saying.words)[-2] in _POSTED


def _of_an_address(saying: Saying, setting: Setting) -> bool:
    """Whether it is part of an address: its name says so, or a street or a postcode stands beside it."""
    if any(word in _ADDRESS_WORDS for word in (*saying.beside, *saying.words)):
        return True
    return (setting.kind != "thing" or setting.of_firms) and bool(setting.said & {"address", "postcode"})


def _beside(concept: Concept, saying: Saying, setting: Setting) -> float:
    """What the other words of the name leave of it. Of several in front of it the last decides; the table's own
    name says nothing new."""
    left, unknown = 1.0, 0
    stored = concept.category in ("Picture", "PersonalDocuments")
    beside = [word for word in saying.beside if not (stored and word in _STORAGE)]
    near = {*saying.before[-1:], *saying.after} - setting.own_words
    for word, kinds in zip(beside, kinds_of(beside), strict=True):
        if "people" in kinds or "neutral" in kinds:
            continue
        if "negating" in kinds:
            return 0.1
        if kinds & {"thing", "turning"}:
            left *= 0.75 if concept.where == "any" or word not in near else 0.2
        elif not kinds:
            unknown += 1
    return left * max(0.75, 1 - 0.1 * unknown)
