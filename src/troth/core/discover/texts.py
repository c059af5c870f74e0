"""What a person reads about why something is guessed, in English and in French, by the reason's code."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.discover.model import Reason
from troth.core.discover.texts_things import CONCEPTS, EVENTS, SIGNS_SHOWN

REASONS: Mapping[str, tuple[str, str]] = {
    "name_says": ("the name says {what}", "le nom dit : {what}"),
    "comment_says": ("the comment says {what}", "le commentaire dit : {what}"),
    "values_are": ("{share} of {n} values are {sign}", "{share} de {n} valeurs sont {sign}"),
    "no_values": ("no values to look at", "aucune valeur à regarder"),
    "few_values": ("too few values to judge by", "trop peu de valeurs pour en juger"),
    "table_of_people": (
        "the table's name speaks of people (“{word}”)",
        "le nom de la table parle de personnes (« {word} »)",
    ),
    "columns_speak_of_people": (
        "its columns together describe people",
        "ses colonnes, ensemble, décrivent des personnes",
    ),
    "names_a_person": ("a column names a person", "une colonne désigne une personne"),
    "people_write_here": ("people write in this table", "des personnes écrivent dans cette table"),
    "key_of_people": (
        "each row is a person, and this is its number",
        "chaque ligne est une personne, et voici son numéro",
    ),
    "key_of_session": ("this is the key of a session", "c'est la clé d'une session"),
    "clock_name": ("the name says {event}", "le nom dit : {event}"),
    "clock_values": ("all but a few of {n} values tell a moment", "sauf exceptions, les {n} valeurs disent un moment"),
    "clock_type": ("the column's type is {type}", "le type de la colonne est {type}"),
}
"""By code. ``what``, ``sign`` and ``event`` are put into words as well."""

_TABLES = {"what": CONCEPTS, "sign": SIGNS_SHOWN, "event": EVENTS}
_TYPES = {"date": ("date", "date"), "datetime": ("date and time", "date et heure")}


def reason_in(language: str, reason: Reason) -> str:
    """The sentence of a reason. Unknown languages get English; KeyError for an unknown code."""
    index = 1 if language.startswith("fr") else 0
    values = dict(reason.params)
    for name, words in (*_TABLES.items(), ("type", _TYPES)):
        if name in values and values[name] in words:
            values[name] = words[values[name]][index]
    if index == 0 and "share" in values:
        values["share"] = values["share"].replace(" ", "")
    return REASONS[reason.code][index].format_map(values)
