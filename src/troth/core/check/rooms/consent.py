"""Consent to trackers: what counts as one, how long it is remembered, how it is withdrawn and proved."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import asks_consent, length, longer, with_basis
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, TRACKERS_LAW, gdpr
from troth.core.law.exempt import GPC_IS_BINDING, SILENCE_IS_REFUSAL
from troth.core.law.periods import CHOICE_REMEMBERED
from troth.core.policy.document import PolicyDocument
from troth.core.policy.sections.base import ENDLESS


@rule(
    "silence_as_consent", ERROR, SILENCE_IS_REFUSAL, gdpr(4, "(11)"), gdpr(7),
    en=(
        "browsing on or closing the banner is taken for consent; it is a refusal",
        "write `silence: refuse`, and keep the old sentence only as a clause of `kind: history`",
    ),
    fr=(
        "poursuivre la navigation ou fermer le bandeau est pris pour un accord ; c'est un refus",
        "écrivez `silence: refuse` et ne gardez l'ancienne phrase que comme clause `kind: history`",
    ),
)  # fmt: skip
def silence_as_consent(case: Case) -> Iterator[Place]:
    """Only a clear act is consent."""
    if case.document.consent is not None and case.document.consent.silence == "accept":
        yield place("consent", "silence")


@rule(
    "visit_as_acceptance", ERROR, gdpr(4, "(11)"), gdpr(7),
    en=(
        "using the site is said to be acceptance of the policy; a visit is no agreement",
        "remove `use_means_acceptance`; a policy informs and needs nobody's acceptance",
    ),
    fr=(
        "l'usage du site vaudrait acceptation de la politique ; une visite n'est pas un accord",
        "retirez `use_means_acceptance` ; une politique informe et n'a besoin de l'acceptation de personne",
    ),
)  # fmt: skip
def visit_as_acceptance(case: Case) -> Iterator[Place]:
    """A policy is information, not a contract."""
    if case.document.policy.use_means_acceptance:
        yield place("policy", "use_means_acceptance")


@rule(
    "consent_narrowed", ERROR, TRACKERS_LAW,
    en=(
        "consent is asked only for persistent third-party trackers; every tracker that is not exempt needs it, "
        "first-party and session ones too",
        "write `required_for: all_trackers`, and `exempt:` with its reason on those that need none",
    ),
    fr=(
        "l'accord n'est demandé que pour les traceurs tiers persistants ; tout traceur non exempté l'exige, "
        "y compris les vôtres et ceux de session",
        "écrivez `required_for: all_trackers`, et `exempt:` avec sa raison sur ceux qui s'en passent",
    ),
)  # fmt: skip
def consent_narrowed(case: Case) -> Iterator[Place]:
    """The law knows exempt purposes, not exempt kinds of cookies."""
    if case.document.consent is not None and case.document.consent.required_for != "all_trackers":
        yield place("consent", "required_for")


@rule(
    "consent_not_set_up", ERROR, TRACKERS_LAW, gdpr(7),
    en=(
        "services or cookies need consent, but there is no `consent:` section: nobody is asked",
        "add `consent:` with the text of the banner, or say with `exempt:` why none is needed",
    ),
    fr=(
        "des services ou cookies exigent un accord, mais il n'y a pas de section `consent:` : il n'est pas demandé",
        "ajoutez `consent:` avec le texte du bandeau, ou dites par `exempt:` pourquoi il n'en faut pas",
    ),
)  # fmt: skip
def consent_not_set_up(case: Case) -> Iterator[Place]:
    """What waits for consent must be asked for."""
    if case.document.consent is None and asks_consent(case):
        yield place("services" if case.document.services else "cookies")


@rule(
    "choice_remembered_too_long", WARNING, CHOICE_REMEMBERED, scope="france",
    en=(
        "a choice is remembered for {found}; the authority recommends {most}",
        "write `ask_again_after: {most}`, for yes and for no alike",
    ),
    fr=(
        "un choix est retenu {found} ; l'autorité recommande {most}",
        "écrivez `ask_again_after: {most}`, pour le oui comme pour le non",
    ),
)  # fmt: skip
def choice_remembered_too_long(case: Case) -> Iterator[Place]:
    """Consent ages."""
    consent, most = case.document.consent, CHOICE_REMEMBERED.value
    if consent is not None and longer(length(consent.ask_again_after), most):
        yield place("consent", "ask_again_after", found=length(consent.ask_again_after), most=most)


@rule(
    "refusal_not_remembered", WARNING, CHOICE_REMEMBERED, scope="france",
    en=(
        "who has turned everything off is asked again on the next page, while a yes is remembered for {found}",
        "write `when_all_off: remember`: a no is remembered as long as a yes",
    ),
    fr=(
        "qui a tout désactivé est sollicité dès la page suivante, alors qu'un oui est retenu {found}",
        "écrivez `when_all_off: remember` : un refus est retenu aussi longtemps qu'un accord",
    ),
)  # fmt: skip
def refusal_not_remembered(case: Case) -> Iterator[Place]:
    """Yes and no are remembered equally long."""
    consent = case.document.consent
    if consent is not None and consent.when_all_off == "ask_on_next_page":
        yield place("consent", "when_all_off", found=length(consent.ask_again_after))


_ENDLESS = {
    "session": {"en": "the session", "fr": "la session"},
    "until_cleared": {"en": "ever", "fr": "toujours"},
    "unknown": {"en": "an unknown time", "fr": "un temps inconnu"},
}


@rule(
    "choice_cookie_differs", WARNING, ITSELF,
    en=(
        "the cookie '{name}' remembers the choice for {found}, but the policy asks again after {promised}",
        "give both the same period",
    ),
    fr=(
        "le cookie « {name} » retient le choix {found}, mais la politique redemande après {promised}",
        "donnez la même durée aux deux",
    ),
)  # fmt: skip
def choice_cookie_differs(case: Case) -> Iterator[Place]:
    """The memory and the promise about it are one thing."""
    consent = case.document.consent
    for name, cookie in case.document.cookies.items() if consent is not None else ():
        if cookie.exempt != "consent_choice" or consent is None:
            continue
        promised = length(consent.ask_again_after)
        if cookie.lifetime in ENDLESS:
            yield place("cookies", name, name=name, found=_ENDLESS[cookie.lifetime], promised=promised)
        elif longer(found := length(cookie.lifetime), promised) or longer(promised, found):
            yield place("cookies", name, name=name, found=found, promised=promised)


@rule(
    "gpc_ignored", NOTE, GPC_IS_BINDING,
    en=(
        "the browser's signal Global Privacy Control is ignored; no European text makes it binding",
        "`global_privacy_control: refuse` spares people who have already answered from being asked",
    ),
    fr=(
        "le signal Global Privacy Control du navigateur est ignoré ; aucun texte européen ne l'impose",
        "`global_privacy_control: refuse` épargne la question à qui a déjà répondu",
    ),
)  # fmt: skip
def gpc_ignored(case: Case) -> Iterator[Place]:
    """Not a duty, but a courtesy."""
    if case.document.consent is not None and case.document.consent.global_privacy_control == "ignore":
        yield place("consent", "global_privacy_control")


@rule(
    "consent_unproven", WARNING, gdpr(7, "(1)"),
    en=(
        "consent is asked, but no period says how long its receipts are kept",
        "write `proof_kept:`; while a consent is relied on, it must be possible to show it",
    ),
    fr=(
        "un accord est demandé, mais aucune durée ne dit combien de temps sa preuve est gardée",
        "écrivez `proof_kept:` ; tant qu'on s'appuie sur un accord, il faut pouvoir le montrer",
    ),
)  # fmt: skip
def consent_unproven(case: Case) -> Iterator[Place]:
    """The controller must be able to demonstrate consent."""
    if case.document.consent is not None and asks_consent(case) and case.document.consent.proof_kept is None:
        yield place("consent")


@rule(
    "no_way_back", WARNING, gdpr(7, "(3)"),
    en=(
        "no button lets visitors change their choice later; withdrawing must be as easy as giving",
        "write `button: bottom_right`, `bottom_left` or `footer`",
    ),
    fr=(
        "aucun bouton ne permet de changer d'avis ensuite ; retirer son accord doit être aussi simple que le donner",
        "écrivez `button: bottom_right`, `bottom_left` ou `footer`",
    ),
)  # fmt: skip
def no_way_back(case: Case) -> Iterator[Place]:
    """Withdrawal as simple as consent."""
    if case.document.consent is not None and asks_consent(case) and case.document.consent.button == "none":
        yield place("consent", "button")


@rule(
    "consent_nowhere_asked", WARNING, gdpr(6, "(1)(a)"), gdpr(7, "(1)"),
    en=(
        "'{purpose}' rests on consent, but nothing in this file asks for it: no service, cookie, form or newsletter",
        "say in `asked:` how it is asked for elsewhere (a box on an order form, a signature), or choose another basis",
    ),
    fr=(
        "« {purpose} » repose sur un accord, mais rien dans ce fichier ne le demande : ni service, ni cookie, "
        "ni formulaire, ni lettre",
        "dites dans `asked:` comment il est demandé ailleurs (case d'un bon, signature), ou changez de base",
    ),
)  # fmt: skip
def consent_nowhere_asked(case: Case) -> Iterator[Place]:
    """A consent that nobody was asked for is none."""
    asked = _asked(case.document)
    for name, purpose in with_basis(case.document, "consent").items():
        if name not in asked and purpose.asked is None:
            yield place("purposes", name, purpose=name)


def _asked(document: PolicyDocument) -> set[str]:
    """The purposes for which something on the site asks."""
    asked = {service.purpose for service in document.services.values() if service.active}
    asked |= {cookie.purpose for cookie in document.cookies.values() if cookie.purpose and not cookie.exempt}
    for service in document.services.values():
        asked |= {cookie.purpose for cookie in service.cookies.values() if cookie.purpose}
    return asked | {s.purpose for s in (document.contact, document.newsletter, document.accounts) if s is not None}
