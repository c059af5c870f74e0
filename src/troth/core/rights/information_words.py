"""The fixed words of the Article 15 information, in English and French: periods, events, bases, rights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from troth.core.law import citations
from troth.core.policy.model import Basis, Event, Hold, Keep, LocalText
from troth.core.policy.values import Duration

Two = Mapping[str, str]
"""A text in ``en`` and ``fr``."""

LANGUAGES = ("en", "fr")


def two(en: str, fr: str) -> Two:
    """A text in both languages."""
    return {"en": en, "fr": fr}


BASES: Mapping[Basis, Two] = {
    Basis.CONSENT: two("your consent (GDPR Article 6(1)(a))", "votre consentement (RGPD, article 6, § 1, a)"),
    Basis.CONTRACT: two(
        "a contract with you, or steps before it (GDPR Article 6(1)(b))",
        "un contrat avec vous ou sa préparation (RGPD, article 6, § 1, b)",
    ),
    Basis.LEGAL_OBLIGATION: two(
        "a duty laid down by law (GDPR Article 6(1)(c))", "une obligation légale (RGPD, article 6, § 1, c)"
    ),
    Basis.VITAL_INTEREST: two(
        "the protection of somebody’s life (GDPR Article 6(1)(d))",
        "la sauvegarde de la vie d’une personne (RGPD, article 6, § 1, d)",
    ),
    Basis.PUBLIC_TASK: two(
        "a task in the public interest (GDPR Article 6(1)(e))", "une mission d’intérêt public (RGPD, article 6, § 1, e)"
    ),
    Basis.LEGITIMATE_INTEREST: two(
        "a legitimate interest (GDPR Article 6(1)(f))", "un intérêt légitime (RGPD, article 6, § 1, f)"
    ),
}

RIGHTS: Mapping[str, Two] = {
    "access": two("access (Article 15)", "accès (article 15)"),
    "rectification": two("rectification (Article 16)", "rectification (article 16)"),
    "erasure": two("erasure (Article 17)", "effacement (article 17)"),
    "restriction": two("restriction (Article 18)", "limitation (article 18)"),
    "portability": two("portability (Article 20)", "portabilité (article 20)"),
    "objection": two("objection (Article 21)", "opposition (article 21)"),
    "objection_marketing": two(
        "objection to marketing, always heeded (Article 21(2))",
        "opposition à la prospection, toujours suivie (article 21, § 2)",
    ),
    "withdrawal": two(
        "withdrawal of your consent at any time (Article 7(3))",
        "retrait de votre consentement à tout moment (article 7, § 3)",
    ),
    "human_review": two(
        "not to be subject to a decision by software alone (Article 22)",
        "ne pas faire l’objet d’une décision entièrement automatisée (article 22)",
    ),
    "complaint": two("complaint to the authority (Article 77)", "réclamation auprès de l’autorité (article 77)"),
}

TRANSFERS: Mapping[str, Two] = {
    "adequacy": two(
        "a decision of the European Commission that protection there is adequate (Article 45)",
        "une décision d’adéquation de la Commission européenne (article 45)",
    ),
    "standard_clauses": two(
        "standard contractual clauses (Article 46(2)(c))", "des clauses contractuelles types (article 46, § 2, c)"
    ),
    "binding_rules": two("binding corporate rules (Article 47)", "des règles d’entreprise contraignantes (article 47)"),
    "certification": two(
        "an approved certification (Article 46(2)(f))", "une certification approuvée (article 46, § 2, f)"
    ),
    "derogation": two("a derogation (Article 49)", "une dérogation (article 49)"),
}

_EVENTS: Mapping[str, Two] = {
    "last_contact": two("your last contact", "votre dernier contact"),
    "account_activity": two("the last use of your account", "la dernière utilisation de votre compte"),
    "contract_end": two("the end of your contract", "la fin de votre contrat"),
    "unsubscribed": two("you unsubscribe", "votre désinscription"),
    "last_order": two("your last order", "votre dernière commande"),
    "collected": two("it was collected", "leur collecte"),
    "document_date": two("the date of the document", "la date du document"),
    "closed": two("it is closed", "leur clôture"),
    "financial_year_end": two("the end of the financial year", "la fin de l’exercice comptable"),
}
_WHOLE: Mapping[str, tuple[str, ...]] = {
    "en": ("the ", "your ", "our ", "a ", "an ", "you ", "it "),
    "fr": ("le ", "la ", "les ", "l’", "l'", "votre ", "vos ", "notre ", "nos ", "leur ", "un ", "une "),
}
"""How a title begins that stands in a sentence by itself."""

_STATES: Mapping[str, Two] = {
    "contract": two("for the duration of the contract", "pendant la durée du contrat"),
    "employed": two("as long as you work for us", "tant que vous travaillez chez nous"),
    "subscribed": two("as long as you are subscribed", "tant que vous êtes abonné"),
    "unpaid": two("as long as something is unpaid", "tant qu’une somme reste due"),
}

_THEN: Mapping[str, Two] = {
    "erase": two("then erased", "puis effacées"),
    "anonymise": two("then made anonymous", "puis rendues anonymes"),
}

_UNITS = (
    (("year", "years"), ("an", "ans")),
    (("month", "months"), ("mois", "mois")),
    (("day", "days"), ("jour", "jours")),
    (("hour", "hours"), ("heure", "heures")),
    (("minute", "minutes"), ("minute", "minutes")),
)


def spoken(period: Duration) -> Two:
    """A period in words: ``3 years``, ``3 ans``."""
    # Thirteen months are spoken of as such.
    years, months = divmod(period.months, 12) if period.months % 12 == 0 or period.months > 24 else (0, period.months)
    hours, minutes = divmod(period.minutes, 60)
    amounts = (years, months, period.days, hours, minutes)
    parts: dict[str, list[str]] = {"en": [], "fr": []}
    for amount, (en, fr) in zip(amounts, _UNITS, strict=True):
        if amount:
            parts["en"].append(f"{amount} {en[amount > 1]}")
            parts["fr"].append(f"{amount} {fr[amount > 1]}")
    return two(_listed(parts["en"], "and") or "0 days", _listed(parts["fr"], "et") or "0 jour")


def _listed(parts: Iterable[str], last: str) -> str:
    words = list(parts)
    return f" {last} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def event_words(name: str, events: Mapping[str, Event], titles: Mapping[str, LocalText]) -> Two:
    """An event as people say it, to follow *after*. One that the publisher has named keeps that name: in quotes, unless
    it is worded so as to stand in a sentence (*the end of your order*)."""
    if name in titles:
        en, fr = _in(titles[name], "en"), _in(titles[name], "fr")
        return two(
            en if en.lower().startswith(_WHOLE["en"]) else f"“{en}”",
            fr if fr.lower().startswith(_WHOLE["fr"]) else f"«\u00a0{fr}\u00a0»",
        )
    event = events.get(name)
    if name not in _EVENTS and event is not None and event.computed == "financial_year_end":
        return _EVENTS["financial_year_end"]
    plain = name.replace("_", " ")
    return _EVENTS.get(name) or two(f"“{plain}”", f"«\u00a0{plain}\u00a0»")


def state_words(name: str) -> Two:
    """How long a state lasts."""
    plain = name.replace("_", " ")
    return _STATES.get(name) or two(f"as long as this holds: “{plain}”", f"tant que dure l’état «\u00a0{plain}\u00a0»")


def keep_words(keep: Keep, events: Mapping[str, Event], titles: Mapping[str, LocalText]) -> Two:
    """The retention rule of a purpose as a sentence without its subject (*your data is kept …*)."""
    words = {}
    for language, (also, archived) in {
        "en": ("and at least ", "then {period} after {event} in a sealed archive ({why})"),
        "fr": ("et au moins ", "puis {period} après {event} dans une archive scellée ({why})"),
    }.items():
        parts = [state_words(keep.while_state)[language]] if keep.while_state else []
        if keep.period is not None and keep.after is not None:
            span = _after(keep.period, event_words(keep.after, events, titles), language)
            parts.append(f"{also}{span}" if parts else span)
        if keep.archive is not None:
            why = _in(keep.archive.because_in, language) or keep.archive.because
            event = event_words(keep.archive.after, events, titles)[language]
            parts.append(archived.format(period=spoken(keep.archive.period)[language], event=event, why=why))
        words[language] = ", ".join([*parts, _THEN[keep.then][language]])
    return words


def hold_words(
    hold: Hold, events: Mapping[str, Event], titles: Mapping[str, LocalText], *, condition: bool = False
) -> Two:  # fmt: skip
    """Until when, and why, a hold keeps its fields. ``condition``: what it says of the rows need not be so."""
    words = {}
    for language in LANGUAGES:
        if hold.period is not None and hold.after is not None:
            span = _after(hold.period, event_words(hold.after, events, titles), language)
        else:
            span = state_words(hold.while_state or "")[language]
        why = _in(hold.because_in, language) or hold.because
        source = f" ({citations.spelt(hold.source, language)})" if hold.source else ""
        colon = ": " if language == "en" else "\u00a0: "
        only_if = {"en": "only if this is so – ", "fr": "seulement si tel est le cas – "}[language] if condition else ""
        words[language] = f"{only_if}{why}{source}{colon}{span}"
    return words


def _after(period: Duration, event: Two, language: str) -> str:
    after = "after" if language == "en" else "après"
    return f"{spoken(period)[language]} {after} {event[language]}"


def _in(text: LocalText, language: str) -> str:
    """The text in that language, else in whichever it exists."""
    return text.get(language) or next(iter(text.values()), "")
