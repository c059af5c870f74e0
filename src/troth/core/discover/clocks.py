"""Which columns of a table are clocks, and of which event each seems to tell.

A clock tells when something happened to the row or its person. A day of birth is no clock: it is data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from troth.core.discover.classify_table import Setting, names_a_person
from troth.core.discover.lexicon import Words, clock_phrases, forms
from troth.core.discover.model import ClockGuess, Column, Profile, Reason, Table
from troth.core.discover.names import kinds_of, sayings, without_prefix, words_of
from troth.core.discover.recognise_dates import Kind

UNKNOWN_EVENT = "moment"
"""The event of a clock whose name says nothing."""

_TIME_WORDS = frozenset(
    {"date", "dt", "time", "at", "on", "datum", "zeit", "zeitpunkt", "fecha", "hora", "data", "ora", "heure", "ts",
     "utc", "gmt", "datetime", "epoch", "unix", "stamp", "day", "jour", "tag", "le", "am", "um", "timestamp",
     "tstamp", "moment", "unixtime", "el", "il"}
)  # fmt: skip
_CONTRACTS = frozenset(
    {"contract", "employment", "subscription", "membership", "contrat", "abonnement", "adhesion", "vertrag", "abo",
     "contrato", "suscripcion", "contratto", "abbonamento", "employee", "employe", "mitarbeiter", "empleado",
     "dipendente", "lease", "bail", "mietvertrag"}
)  # fmt: skip
_LAST = frozenset(
    {"last", "lastlogin", "dernier", "derniere", "letzter", "letzte", "ultimo", "ultima"}
)  # fmt: skip
_ENDS = frozenset(
    {"end", "ends", "ended", "fin", "ende", "fine", "until", "to", "bis", "hasta", "al", "finish", "sortie"}
)  # fmt: skip
_STARTS = frozenset(
    {"start", "starts", "started", "begin", "debut", "beginn", "inicio", "inizio", "from", "von", "desde", "dal"}
)  # fmt: skip
_DELETED = frozenset(
    {"deleted", "delete", "removed", "trashed", "trash", "supprime", "supprimee", "efface", "geloscht", "borrado",
     "eliminado", "eliminato", "cancellato", "deletedat", "erased", "verwijderd", "del", "suppression",
     "corbeille", "papierkorb"}
)  # fmt: skip
_NOT_A_MARK = frozenset(
    {"by", "user", "reason", "can", "permission", "allow", "auto", "count", "right", "id", "author", "role", "par",
     "von", "por"}
)  # fmt: skip
_DATED = frozenset(
    {"invoice", "order", "facture", "commande", "rechnung", "bestellung", "factura", "pedido", "fattura", "ordine",
     "quote", "devis", "purchase", "sale", "vente", "achat", "verkauf", "donation", "transaction", "booking",
     "reservation", "payment", "paiement", "appointment", "rendezvous", "rdv", "cita", "consulta", "termin",
     "appuntamento", "visita", "prescription", "receta"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Event:
    name: str
    confidence: float
    words: str


def clocks_of(table: Table, profiles: Mapping[str, Profile], setting: Setting) -> tuple[ClockGuess, ...]:
    """The clocks of a table, in the order of its columns."""
    found = (_clock(column, profiles.get(column.name), setting) for column in table.columns)
    return tuple(guess for guess in found if guess is not None)


def _clock(column: Column, profile: Profile | None, setting: Setting) -> ClockGuess | None:
    words = without_prefix(words_of(column.name), setting.prefix)
    if _is_data(words) or column.family in ("boolean", "time", "json", "array", "binary", "uuid"):
        return None
    event = event_of(words, setting)
    kind = _kind(column, profile, words, event is not None)
    if kind is None:
        return None
    reasons: list[Reason] = []
    told = event or _Event(UNKNOWN_EVENT, 0.35, "")
    confidence = told.confidence
    if event is not None:
        reasons.append(Reason("clock_name", {"event": told.name, "words": told.words}))
    seen = profile is not None and profile.clock is not None
    if seen and profile is not None:
        reasons.append(Reason("clock_values", {"n": str(profile.filled)}))
    elif column.family in ("date", "datetime"):
        reasons.append(Reason("clock_type", {"type": column.family}))
        confidence *= 0.95
    else:
        confidence *= 0.6
    return ClockGuess(
        column.name,
        told.name,
        kind,
        round(confidence, 2),
        tuple(reasons),
        format=profile.clock_format if seen and profile is not None else None,
        earliest=profile.earliest if profile is not None else None,
        latest=profile.latest if profile is not None else None,
    )


def _is_data(words: Words) -> bool:
    """Whether the name says birth, or until when a card is good: dates about a person, not of a row."""
    said = [saying.concept for saying in sayings(words)]
    return any(c.category in ("BirthDate", "PaymentCardExpiry", "BirthPlace") for c in said)


def _kind(column: Column, profile: Profile | None, words: Words, named: bool) -> Kind | None:
    """How the column tells the time; None when it tells none."""
    timely = any(word in _TIME_WORDS for word in words)
    if profile is not None and profile.clock is not None:
        if profile.clock.startswith("epoch"):
            if column.family not in ("integer", "number", "other", "date", "datetime", "text") or names_a_person(
                column
            ):
                return None
            return profile.clock if named or timely or _unmistakable(profile, words) else None
        return profile.clock
    if column.family in ("date", "datetime"):
        return "date" if column.family == "date" else "datetime"
    if column.family == "integer" and (profile is None or profile.filled == 0) and named:
        return "epoch_s" if timely or words[0] in _LAST or words[-1].endswith("ed") else None
    return None


def _unmistakable(profile: Profile, words: Words) -> bool:
    """Whether numbers under a name that says nothing are seconds: many, different, of our days, not dialled."""
    if any(saying.concept.where == "any" for saying in sayings(words)) or "id" in words:
        return False
    recent = profile.earliest is not None and profile.latest is not None and profile.earliest.year >= 2000
    return recent and profile.latest is not None and profile.latest.year <= 2040 and profile.distinct >= 5


def event_of(words: Words, setting: Setting) -> _Event | None:
    """The event that a clock's name speaks of, in its table."""
    core = tuple(word for word in words if word not in _TIME_WORDS)
    if not core:
        return _bare(words, setting)
    if _of_contracts(core, setting):
        if any(word in _ENDS for word in core):
            return _Event("contract_end", 0.75, " ".join(core))
        if any(word in _STARTS for word in core):
            return _Event("collected", 0.65, " ".join(core))
    return _by_phrase(core, setting)


def _of_contracts(core: Words, setting: Setting) -> bool:
    """Whether the row is about people or what binds them: there an end is a contract's."""
    return setting.about_people or any(form in _CONTRACTS for word in (*core, *setting.words) for form in forms(word))


def _bare(words: Words, setting: Setting) -> _Event | None:
    """A column called ``date`` or ``time`` and no more."""
    if not words:
        return None
    if any(form in _DATED for word in setting.words for form in forms(word)):
        return _Event("document_date", 0.75, " ".join(words))
    if setting.kind in ("written", "session", "activity"):
        return _Event("collected", 0.7, " ".join(words))
    return _Event("collected", 0.5, " ".join(words))


def _by_phrase(core: Words, setting: Setting) -> _Event | None:
    phrases, longest = clock_phrases()
    for size in range(min(longest, len(core)), 0, -1):
        for start in range(len(core) - size, -1, -1):
            phrase = core[start : start + size]
            found = phrases.get(phrase) or _inflected(phrase, phrases)
            if found is not None:
                event, weight = found
                if event == "contract_end" and not _of_contracts(core, setting):
                    event = "closed"
                rest = core[:start] + core[start + size :]
                unknown = sum(1 for kinds in kinds_of(rest) if not kinds & {"people", "neutral", "activity", "written"})
                return _Event(event, round(weight * max(0.7, 1 - 0.1 * unknown), 2), " ".join(phrase))
    return None


def _inflected(phrase: Words, phrases: Mapping[Words, tuple[str, float]]) -> tuple[str, float] | None:
    if len(phrase) != 1:
        return None
    return next((phrases[(form,)] for form in forms(phrase[0])[1:] if (form,) in phrases), None)


def soft_delete_of(table: Table, profiles: Mapping[str, Profile], setting: Setting) -> str | None:
    """The column that marks a row as deleted while it stays: a flag, or a clock that is mostly NULL."""
    for column in table.columns:
        words = set(without_prefix(words_of(column.name), setting.prefix))
        if not words & _DELETED or words & _NOT_A_MARK or len(words) > 3:
            continue
        if column.family in ("boolean", "datetime", "date", "enum") or column.declared.lower().startswith(
            ("tinyint", "bit")
        ):
            return column.name
        profile = profiles.get(column.name)
        if column.family in ("integer", "other", "text", "number"):
            flagged = profile is None or profile.filled == 0 or profile.share("flag") >= 0.9
            if flagged or (profile is not None and profile.clock is not None):
                return column.name
    return None
