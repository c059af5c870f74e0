"""The rest of a person's row: what no list of words knows, and is theirs because all that stands beside it is.

A table of people tells about each of them in every column that is not a switch, a link or a moment. What a column
tells may have any name; that it differs from one person to the next is enough to take it for something about them.
"""

from __future__ import annotations

from troth.core.discover.classify_names import Told, is_flag
from troth.core.discover.classify_table import Setting
from troth.core.discover.lexicon import concept_named
from troth.core.discover.link_words import ID_WORDS
from troth.core.discover.model import Column, Profile, Reason
from troth.core.discover.names import kinds_of, without_prefix, words_of

_PEOPLE = 0.8
"""How far a table must be about people."""
_SEEN = 10
"""Filled values without which nothing is concluded."""
_TELLING = 4
"""Letters of a word; names that are all shorter may stand for anything."""
_THINGS = (
    "flag", "file", "path", "mime", "colour", "version", "timezone", "currency", "symbol", "json", "php", "token",
    "digest", "locale", "language_code", "moment", "amount",
)  # fmt: skip
_SAY_NOTHING = frozenset({"negating", "turning", "thing"})
_RUN_ON = ("cod", "num", "nro", "fk", "idx")
"""Words for a number or code that are run on before what it is of."""
_NUMBERS = ID_WORDS | {"reference", "code", "number"}


def _are_codes(profile: Profile) -> bool:
    """Whether few short values come back: those of a list of kinds."""
    return profile.share("code") >= 0.5 or (profile.mean_length <= 4 and profile.distinct < 0.5 * profile.filled)


def rest_of_a_person(column: Column, profile: Profile | None, setting: Setting) -> Told | None:
    """A number of one's own, or a fact about the person; None where the column may be about something else."""
    if setting.people < _PEOPLE or setting.kind not in ("people", "unknown") or is_flag(column):
        return None
    if profile is None or profile.filled < _SEEN or profile.clock is not None:
        return None
    if profile.max_length <= 1 or max(profile.share(sign) for sign in _THINGS) >= 0.3:
        return None
    words = without_prefix(words_of(column.name), setting.prefix)
    if all(len(word) < _TELLING for word in words):
        return None
    reasons = setting.reasons[:1] or (Reason("columns_speak_of_people"),)
    if set(words) & _NUMBERS or words[0].startswith(_RUN_ON):
        own = profile.distinct >= 0.95 * profile.filled and profile.mean_words <= 1.2
        known = column.family == "text" and own and words != ("id",)
        return Told(concept_named("person_number"), 0.6, reasons) if known else None
    if column.family not in ("text", "enum") or profile.distinct < 2 or _are_codes(profile):
        return None
    if any(kinds & _SAY_NOTHING for kinds in kinds_of(words)):
        return None
    return Told(concept_named("person_fact"), 0.55, reasons)
