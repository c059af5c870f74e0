"""The words of plans and outcomes, in English and French."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from troth.package import locale

if TYPE_CHECKING:
    from troth.core.rights.plan import Plan

REASONS: dict[str, dict[str, str]] = {
    "en": {
        "shared": "also belongs to somebody else, or the identifier is shared: a human has to decide "
        "(--confirm-shared)",
        "unverified": "found only by an identifier that nobody verified: a human has to decide (--confirm-unverified)",
        "too_many": "more rows than one person can have: is the identifier right?",
        "came_back": "an identifier of an erased person in a new row: registered anew?",
        "key_reused": "the row's key now seems to belong to somebody else",
        "rows that stay belong to it": "rows that stay belong to it",
        "rows of other uses are found by it": "rows of other uses are found by it",
        "undescribed": "the policy does not describe these keys, so they stay: add them under `rows:`",
    },
    "fr": {
        "shared": "appartient aussi à quelqu'un d'autre, ou l'identifiant est partagé : une personne doit décider "
        "(--confirm-shared)",
        "unverified": "trouvé seulement par un identifiant que personne n'a vérifié : une personne doit décider "
        "(--confirm-unverified)",
        "too_many": "plus de lignes qu'une personne ne peut en avoir : l'identifiant est-il le bon ?",
        "came_back": "un identifiant d'une personne effacée, dans une nouvelle ligne : nouvelle inscription ?",
        "key_reused": "la clé de la ligne semble appartenir maintenant à quelqu'un d'autre",
        "rows that stay belong to it": "des lignes qui restent en dépendent",
        "rows of other uses are found by it": "c'est par là que se retrouvent des lignes d'autres usages",
        "undescribed": "la politique ne décrit pas ces clés, elles restent donc : ajoutez-les sous `rows:`",
    },
}


@dataclass(frozen=True)
class Words:
    """One language."""

    lang: str
    delete: str
    clear: str
    anonymise: str
    unlink: str
    set: str
    keep: str
    flag: str
    hook: str
    until: str
    undated: str
    the_row: str
    nobody: str
    digest: str
    unreachable: str
    may_remain: str
    not_visible: str
    no_residue: str
    residue: str
    not_searched: str
    budget_over: str
    stopped: str
    not_stopped: str
    titles: dict[str, str]
    statuses: dict[str, str]
    row: tuple[str, str]

    def rows(self, number: int) -> str:
        """A number of rows, grouped as the language does it."""
        one, many = self.row
        grouped = f"{number:,}" if self.lang == "en" else f"{number:,}".replace(",", "\u202f")
        single = number == 1 or (self.lang == "fr" and number == 0)
        return f"{grouped} {one if single else many}"

    def date(self, day: date | None) -> str:
        """A day, written out."""
        if day is None:
            return ""
        return locale.day(day, self.lang)

    def status(self, status: str) -> str:
        """The word beside the shape."""
        return self.statuses[status]

    def plan_title(self, plan: Plan) -> str:
        """First line of a plan."""
        return f"{self.titles[plan.kind]} ({self.date(plan.as_of)}, {plan.policy_version})"


_EN = Words(
    lang="en", delete="delete from", clear="empty in", anonymise="anonymise in", unlink="unlink in", set="write in",
    keep="keep in", flag="undecided in", hook="then run", until="until",
    undated="without a readable date: kept until somebody looks",
    the_row="the row itself", nobody="Nobody is known by that.", digest="Digest of this plan",
    unreachable="cannot be used", may_remain="may remain in:", not_visible="not visible to this account:",
    no_residue="Residue: none found in {rows} rows of text.", residue="still found in",
    not_searched="not searched", budget_over="the time for the residue search was used up before its end",
    stopped="What stays is no longer used for:", not_stopped="could not be told that what stays is no longer used",
    titles={
        "erase": "Plan of erasure", "rectify": "Plan of rectification", "restrict": "Plan of restriction",
        "refuse": "Plan of refusal", "allow": "Plan of what is allowed again",
        "sweep": "Plan of the sweep", "replay": "Plan of the replay", "deferred": "Plan of the rest",
    },
    statuses={"done": "done", "kept": "kept", "failed": "failed"}, row=("row", "rows"),
)  # fmt: skip

_FR = Words(
    lang="fr", delete="supprimer dans", clear="vider dans", anonymise="anonymiser dans", unlink="délier dans",
    set="écrire dans", keep="garder dans", flag="à décider dans", hook="puis lancer", until="jusqu'au",
    undated="sans date lisible : gardées tant que personne n'a regardé", the_row="la ligne elle-même",
    nobody="Personne n'est connu sous cet identifiant.", digest="Empreinte de ce plan", unreachable="inutilisable",
    may_remain="peut rester dans :", not_visible="non visible pour ce compte :",
    no_residue="Traces : aucune trouvée dans {rows} lignes de texte.", residue="encore trouvé dans",
    not_searched="non fouillé", budget_over="le temps prévu pour chercher les traces s'est écoulé avant la fin",
    stopped="Ce qui reste ne sert plus à :", not_stopped="n'a pas pu savoir que ce qui reste ne sert plus",
    titles={
        "erase": "Plan d'effacement", "rectify": "Plan de rectification", "restrict": "Plan de limitation",
        "refuse": "Plan de refus", "allow": "Plan de ce qui est à nouveau permis",
        "sweep": "Plan du balayage", "replay": "Plan du rejeu", "deferred": "Plan du reste",
    },
    statuses={"done": "fait", "kept": "gardé", "failed": "échec"}, row=("ligne", "lignes"),
)  # fmt: skip


def words_for(lang: str) -> Words:
    """The words of a language."""
    return _FR if lang == "fr" else _EN
