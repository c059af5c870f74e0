"""The first sentences that people read beside the tables: each tied to what carries it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from troth.core.policy_writing.answers import Answers, Does
from troth.core.policy_writing.pen import Pen, indented, listed


@dataclass(frozen=True, slots=True)
class _Clause:
    name: str
    chapter: str
    en: str
    fr: str
    about: tuple[str, ...]
    promise: str
    when: Does | None = None


_CHAPTERS = {
    "reading": ("Reading this policy", "Lire cette politique"),
    "collecting": ("What we collect", "Ce que nous recueillons"),
    "rights": ("Your rights", "Vos droits"),
    "safety": ("How your data is protected", "Comment vos données sont protégées"),
}

_CLAUSES = (
    _Clause(
        "dated", "reading",
        "This policy carries its date. Earlier versions stay readable, with what has changed.",
        "Cette politique porte sa date. Les versions précédentes restent lisibles, avec ce qui a changé.",
        ("policy",), "versions_recorded",
    ),
    _Clause(
        "messages", "collecting",
        "A message sent by the contact form leaves by e-mail; nothing of it stays on the site.",
        "Un message envoyé par le formulaire de contact part par courriel ; rien n’en reste sur le site.",
        ("contact",), "contact_leaves_nothing", Does.CONTACT,
    ),
    _Clause(
        "server_log", "collecting",
        "The site can be read without giving anything of oneself. Only the IP address, itself personal data, passes "
        "through the server log.",
        "Le site se lit sans rien donner de soi. Seule l’adresse IP, donnée personnelle elle aussi, passe par le "
        "journal du serveur.",
        ("sites.main", "logs.web"), "site_readable_without_data", Does.LOGS,
    ),
    _Clause(
        "no_tracker_before", "collecting",
        "Audience measurement waits for your agreement, and refusing is as simple as accepting.",
        "La mesure d’audience attend votre accord, et refuser est aussi simple qu’accepter.",
        ("services", "consent"), "no_tracker_before_choice", Does.AUDIENCE,
    ),
    _Clause(
        "answers", "rights",
        "We answer a request within one month. If it takes longer we tell you why within that month.",
        "Nous répondons à une demande dans le mois. S’il faut plus de temps, nous vous disons pourquoi dans ce mois.",
        ("rights.answer_within",), "answers_in_time",
    ),
    _Clause(
        "complaint", "rights",
        "You may complain to the supervisory authority named on this page.",
        "Vous pouvez vous plaindre auprès de l’autorité de contrôle nommée sur cette page.",
        ("publisher.authority",), "authority_named",
    ),
    _Clause(
        "breaches", "safety",
        "If an incident puts people at high risk, we tell those concerned as soon as possible: what happened, what to "
        "fear, what we do, what they can do.",
        "Si un incident fait courir un risque élevé, nous prévenons les personnes concernées au plus tôt : ce qui "
        "s’est passé, ce qu’il faut craindre, ce que nous faisons, ce qu’elles peuvent faire.",
        ("breach",), "people_told_of_breaches",
    ),
)  # fmt: skip


def clauses(answers: Answers, pen: Pen) -> Iterator[str]:
    """Chapters and clauses, those that the site's doings call for."""
    yield from pen.note(
        "Sentences that people read. `about` names the part of this file that carries one out, `promise` the check "
        "that proves it. Add your own; what you no longer hold stays as `kind: history`.",
        "Les phrases que les gens lisent. `about` nomme la partie de ce fichier qui la met en œuvre, `promise` le "
        "contrôle qui la prouve. Ajoutez les vôtres ; ce que vous ne tenez plus reste en `kind: history`.",
    )
    wanted = [c for c in _CLAUSES if c.when is None or c.when in answers.does]
    used = {c.chapter for c in wanted}
    yield "chapters:"
    yield from (f"  {name}: {{title: {pen.text(*title)}}}" for name, title in _CHAPTERS.items() if name in used)
    yield ""
    yield "clauses:"
    for clause in wanted:
        yield f"  {clause.name}:"
        yield from indented(_lines(clause, pen), 4)


def _lines(clause: _Clause, pen: Pen) -> Iterator[str]:
    yield f"chapter: {clause.chapter}"
    yield f"text: {pen.text(clause.en, clause.fr)}"
    yield f"about: {listed(clause.about)}"
    yield f"promise: {clause.promise}"
