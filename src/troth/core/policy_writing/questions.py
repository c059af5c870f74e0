"""The questions of `troth init`: in which order, when, and what is assumed if nobody answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from troth.core.law.facts import LocalText, both
from troth.core.law.periods import ACCOUNTING
from troth.core.law.territories import home_of
from troth.core.policy_writing import parsing
from troth.core.policy_writing.answers import Answers, Does, Provider
from troth.core.policy_writing.timezones import TIMEZONES

Given = Mapping[str, Any]
"""The answers so far, by the question's key."""

_COMPANY = re.compile(r"\b(SARL|SASU?|SA|SNC|EURL|SCOP|SCA|SELARL|SCIC)\b")
"""Forms of French companies, which have a share capital."""


def _always(given: Given) -> bool:
    return True


def _must(given: Given) -> str | None:
    return None


def _empty(given: Given) -> str | None:
    return ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``read`` checks the answer; ``default`` gives what is assumed (None: it must be answered);
    ``asked`` tells whether it matters, from the answers before it."""

    key: str
    text: LocalText
    read: Callable[[str, date], Any]
    default: Callable[[Given], str | None] = _must
    asked: Callable[[Given], bool] = _always

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return "--" + self.key.replace("_", "-")


def _plain(read: Callable[[str], Any]) -> Callable[[str, date], Any]:
    return lambda text, today: read(text)


_required, _optional = _plain(parsing.required), _plain(parsing.optional)


def _french(given: Given) -> bool:
    return home_of(given.get("country", "")) == "FR"


def _with(does: Does) -> Callable[[Given], bool]:
    return lambda given: does in given.get("does", ())


def _french_company(given: Given) -> bool:
    return _french(given) and bool(given.get("registration") or _COMPANY.search(given.get("name", "")))


def _mailed(given: Given) -> bool:
    return _with(Does.NEWSLETTER)(given) and bool(given.get("mailing_name"))


def _paid(given: Given) -> bool:
    return _with(Does.ORDERS)(given) and bool(given.get("payment_name"))


def _in_france(default: str) -> Callable[[Given], str | None]:
    return lambda given: default if _french(given) else None


def _unless_french(given: Given) -> str | None:
    """French law wants it; elsewhere it may be left out."""
    return None if _french(given) else ""


def _law_of(given: Given) -> str | None:
    return ACCOUNTING.source if _french(given) else f"accounting law ({given.get('country', '')})"


_AGREEMENT_EN = "On which day was the processing agreement with it signed (YYYY-MM-DD, or none)?"
_AGREEMENT_FR = "Quel jour le contrat de sous-traitance avec lui a-t-il été signé (AAAA-MM-JJ, ou aucun) ?"

QUESTIONS: tuple[Question, ...] = (
    Question(
        "language",
        both("Languages of the policy, the one that prevails first (en, fr, or fr,en)?",
             "Langues de la politique, celle qui fait foi d’abord (fr, en, ou fr,en) ?"),
        _plain(parsing.languages),
    ),
    Question("name", both("Full legal name of the publisher?", "Nom légal complet de l’éditeur ?"), _required),
    Question("country", both("Its country (two letters)?", "Son pays (deux lettres) ?"), parsing.home),
    Question("timezone", both("Its time zone?", "Son fuseau horaire ?"), _plain(parsing.timezone),
             lambda given: TIMEZONES.get(given.get("country", ""))),
    Question("address", both("Its postal address, on one line?", "Son adresse postale, sur une ligne ?"), _required),
    Question(
        "registration",
        both("Its registration, such as RCS Lyon 000 000 000 (empty: none)?",
             "Son immatriculation, comme RCS Lyon 000 000 000 (vide : aucune) ?"),
        _optional, _empty,
    ),
    Question(
        "legal_form",
        both("Its legal form, such as SARL or sole trader?",
             "Sa forme juridique, comme SARL ou entreprise individuelle ?"),
        _required, asked=_french_company,
    ),
    Question("capital", both("Its share capital?", "Son capital social ?"), _required,
             asked=lambda given: _french_company(given) and bool(_COMPANY.search(given.get("legal_form", "")))),
    Question("phone", both("Its telephone number?", "Son numéro de téléphone ?"),
             _optional, _unless_french),
    Question(
        "director",
        both("Who answers for what the site publishes (publication director)?",
             "Qui est le directeur ou la directrice de la publication ?"),
        _required, asked=_french,
    ),
    Question(
        "contact_name",
        both("Whom can people turn to about their data (a person or a function)?",
             "À qui s’adresser au sujet de ses données (une personne ou une fonction) ?"),
        _required,
    ),
    Question("contact_email", both("At which mail address?", "À quelle adresse électronique ?"), _plain(parsing.email)),
    Question("contact_phone", both("At which telephone number (empty: none)?", "À quel numéro (vide : aucun) ?"),
             _optional, _empty),
    Question("site", both("Address of the site?", "Adresse du site ?"), _plain(parsing.site)),
    Question(
        "does",
        both("What does the site do (contact, newsletter, accounts, orders, audience, logs; separated by commas)?",
             "Que fait le site (contact, newsletter, accounts, orders, audience, logs ; séparés par des virgules) ?"),
        _plain(parsing.does),
    ),
    Question("host_name", both("Who hosts the site (legal name)?", "Qui héberge le site (nom légal) ?"), _required),
    Question("host_country", both("In which country does it keep the data?", "Dans quel pays garde-t-il les données ?"),
             parsing.provider_country),
    Question("host_address", both("The host's postal address?", "L’adresse postale de l’hébergeur ?"),
             _optional, _unless_french),
    Question("host_phone", both("The host's telephone number?", "Le téléphone de l’hébergeur ?"),
             _optional, _unless_french),
    Question("host_agreement", both(_AGREEMENT_EN, _AGREEMENT_FR), parsing.past_day_or_none),
    Question(
        "mailing_name",
        both("Who sends the newsletter for you (empty: your own server)?",
             "Qui envoie la lettre pour vous (vide : votre propre serveur) ?"),
        _optional, _empty, _with(Does.NEWSLETTER),
    ),
    Question("mailing_country", both("In which country?", "Dans quel pays ?"), parsing.provider_country, asked=_mailed),
    Question("mailing_agreement", both(_AGREEMENT_EN, _AGREEMENT_FR), parsing.past_day_or_none, asked=_mailed),
    Question(
        "payment_name",
        both("Who takes the payments (empty: nobody but you)?", "Qui encaisse les paiements (vide : vous seul) ?"),
        _optional, _empty, _with(Does.ORDERS),
    ),
    Question("payment_country", both("In which country?", "Dans quel pays ?"), parsing.provider_country, asked=_paid),
    Question("payment_agreement", both(_AGREEMENT_EN, _AGREEMENT_FR), parsing.past_day_or_none, asked=_paid),
    Question(
        "accounting_years",
        both("For how many years must invoices be kept in your country?",
             "Pendant combien d’années les factures doivent-elles être gardées dans votre pays ?"),
        _plain(parsing.years), _in_france("10"), _with(Does.ORDERS),
    ),
    Question(
        "accounting_law",
        both("By which law?", "Par quelle loi ?"),
        _required, _law_of, _with(Does.ORDERS),
    ),
    Question("audience_tool", both("Which tool measures the audience?", "Quel outil mesure l’audience ?"), _required,
             asked=_with(Does.AUDIENCE)),
)  # fmt: skip

BY_KEY: Mapping[str, Question] = {question.key: question for question in QUESTIONS}


def answers_from(given: Given) -> Answers:
    """All answers as one; what was not asked is empty."""
    keys = ("name", "country", "timezone", "address", "registration", "legal_form", "capital", "phone", "director",
            "contact_name", "contact_email", "contact_phone", "site", "audience_tool", "accounting_law")  # fmt: skip
    return Answers(
        languages=given["language"],
        **{key: given.get(key, "") for key in keys},
        does=given["does"],
        host=_provider("host", given),
        mailing=_provider("mailing", given) if given.get("mailing_name") else None,
        payment=_provider("payment", given) if given.get("payment_name") else None,
        accounting_years=given.get("accounting_years", 10),
    )


def _provider(kind: str, given: Given) -> Provider:
    return Provider(
        given[f"{kind}_name"], given[f"{kind}_country"], given[f"{kind}_agreement"],
        given.get(f"{kind}_address", ""), given.get(f"{kind}_phone", ""),
    )  # fmt: skip
