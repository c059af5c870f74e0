"""An invented publisher's answers, as they are typed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from troth.core.check.run import law_problems
from troth.core.law.territories import home_of
from troth.core.policy.loader import Examined, examine
from troth.core.policy_writing.answers import Answers
from troth.core.policy_writing.questions import QUESTIONS, answers_from
from troth.core.policy_writing.write import policy_yaml

TODAY = date(2026, 11, 22)

EVERYTHING = "contact,newsletter,accounts,orders,audience,logs"

TYPED = {
    "language": "fr,en", "name": "Lampes d’Iris SARL", "country": "FR", "timezone": "Europe/Paris",
    "address": "3 rue des Ateliers, 69099 Lyon", "registration": "RCS Lyon 000 000 000", "legal_form": "SARL",
    "capital": "8 000 €", "phone": "04 65 71 00 12", "director": "Iris Verdon", "contact_name": "Iris Verdon",
    "contact_email": "donnees@lampes.test", "contact_phone": "04 65 71 00 13", "site": "https://lampes.test/",
    "does": EVERYTHING, "host_name": "Nuages SAS", "host_country": "FR", "host_address": "4 montée, 69099 Lyon",
    "host_phone": "04 65 71 00 50", "host_agreement": "2024-03-01", "mailing_name": "Brieftaube GmbH",
    "mailing_country": "DE", "mailing_agreement": "2024-03-02", "payment_name": "Caisse du Pont SA",
    "payment_country": "FR", "payment_agreement": "2023-09-15", "accounting_years": "10",
    "accounting_law": "C. com. art. L123-22", "audience_tool": "Matomo",
}  # fmt: skip


def typed(**changes: str) -> dict[str, str]:
    """All answers, some of them changed. Elsewhere than in France, its time zone and law are not given."""
    answers = {**TYPED, **changes}
    if home_of(answers["country"]) != "FR":
        for key in ("timezone", "accounting_law"):
            answers.pop(key) if key not in changes else None
    return answers


def read(answers: Mapping[str, str]) -> Answers:
    """What the questions make of them; those that are not asked are left out."""
    known: dict[str, Any] = {}
    for question in QUESTIONS:
        if question.asked(known):
            text = answers.get(question.key)
            known[question.key] = question.read(text if text is not None else question.default(known) or "", TODAY)
    return answers_from(known)


def examined(text: str) -> Examined:
    """The policy file, loaded."""
    return examine(text.encode(), name="troth.yaml", read=lambda name: b"", env={}, folder=".")


def complaints(text: str) -> list[str]:
    """Errors and warnings, of structure and of law."""
    found = examined(text)
    problems = [*found.problems, *law_problems(found, TODAY)]
    return [f"{p.line}: {p.code}: {p.message}" for p in problems if p.severity != "note"]


def text_of(**changes: str) -> str:
    """The policy that the answers give."""
    return policy_yaml(read(typed(**changes)), TODAY)
