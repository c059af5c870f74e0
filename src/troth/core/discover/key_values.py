"""Tables whose rows hold one value under a key: which of their keys are personal."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from troth.core.discover.link_names import words_of
from troth.core.discover.link_words import words_in
from troth.core.discover.model import Column, FieldGuess, KeyValueGuess, Profile, Source, Table, Trouble

_KEY_WORDS = words_in(
    "key name option attribute setting field property variable param parameter code label meta preference cle nom "
    "attribut champ propriete parametre schluessel eigenschaft feld clave nombre campo atributo"
)
_VALUE_WORDS = words_in("value val content data valeur contenu donnee wert inhalt valor contenido dato valore")
_ALSO_RUN_TOGETHER = words_in("key value option property attribute setting")
"""Words that end others with no mark between: ``optionkey``."""
_MOST_COLUMNS = 9
"""A table with more columns than this says other things in them."""

_OF_KEYS, _OF_VALUES = ("text", "enum", "binary"), ("text", "json", "other", "binary")
"""Families; some schemas keep every text in bytes."""

Judge = Callable[[Table, Mapping[str, Profile]], Sequence[FieldGuess]]
"""What seems personal under each key of a table."""


def key_and_value(table: Table, profiles: Mapping[str, Profile]) -> tuple[str, str] | None:
    """The columns with the key and the value, when names and values speak for such a table."""
    if len(table.columns) > _MOST_COLUMNS:
        return None
    values = [
        c for c in table.columns if _last_word(c, _VALUE_WORDS) and c.family in ("text", "json", "other", "binary")
    ]
    keys = [c for c in table.columns if _last_word(c, _KEY_WORDS) and c.family in ("text", "enum", "binary")]
    for value in values:
        for key in sorted(keys, key=lambda c: not _same_start(c, value)):
            if key.name != value.name and _few_keys(profiles.get(key.name), _same_start(key, value)):
                return key.name, value.name
    return None


def _last_word(column: Column, words: frozenset[str]) -> bool:
    found = words_of(column.name)
    return bool(found) and (
        found[-1] in words or "".join(found) in words or any(found[-1].endswith(w) for w in words & _ALSO_RUN_TOGETHER)
    )


def _same_start(key: Column, value: Column) -> bool:
    """``meta_key`` and ``meta_value``, or the plain ``key`` and ``value``."""
    ours, theirs = words_of(key.name)[:-1], words_of(value.name)[:-1]
    return ours == theirs


def _few_keys(profile: Profile | None, named_alike: bool) -> bool:
    """Keys come back row after row; names of things do not."""
    if profile is None or profile.filled < 5:
        return named_alike
    return profile.distinct <= max(3, 0.5 * profile.filled)


def key_value_guess(
    table: Table, profiles: Mapping[str, Profile], source: Source, judge: Judge
) -> tuple[KeyValueGuess | None, Sequence[Trouble]]:
    """The personal keys of a key/value table; None when it is none."""
    columns = key_and_value(table, profiles)
    if columns is None:
        return None, ()
    key, value = columns
    keyed, troubles = source.keyed_profiles(table, key, value) if table.readable else ({}, ())
    fields = judge(table, {name: profile for name, profile in keyed.items() if name})
    if not keyed:
        return None, troubles
    return KeyValueGuess(key, value, tuple(replace(f, identifier=None) for f in fields)), troubles
