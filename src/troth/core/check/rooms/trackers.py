"""Services and cookies: which need consent, which are exempt, how long they live."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.check.look import cookies, length, longer, services
from troth.core.check.rule import ERROR, NOTE, WARNING, Case, Place, place, rule
from troth.core.check.sources import ITSELF, TRACKERS_LAW, gdpr
from troth.core.law.exempt import AUDIENCE_CONDITIONS, EXEMPT_KINDS
from troth.core.law.periods import AUDIENCE_DATA, TRACKER
from troth.core.policy.sections.base import ENDLESS

_NEVER_EXEMPT = {"advertising", "social", "video", "map", "badge"}
"""Kinds of services that serve others' purposes besides, or load content that is not strictly necessary."""

_AUDIENCE = "audience_measurement_exempt"


@rule(
    "service_without_consent", ERROR, TRACKERS_LAW, gdpr(6, "(1)(a)"),
    en=(
        "the service '{service}' is not exempt, but its purpose '{purpose}' rests on `{basis}`, not on consent",
        "set `basis: consent` on the purpose, or give the service the `exempt:` kind that it truly is",
    ),
    fr=(
        "le service « {service} » n'est pas exempté, mais sa finalité « {purpose} » repose sur `{basis}`, "
        "non sur l'accord",
        "mettez `basis: consent` sur la finalité, ou donnez au service le cas `exempt:` qui est vraiment le sien",
    ),
)  # fmt: skip
def service_without_consent(case: Case) -> Iterator[Place]:
    """What is not exempt waits for consent."""
    for name, service in services(case):
        purpose = case.document.purposes.get(service.purpose)
        if purpose is not None and not service.exempt and purpose.basis != "consent":
            yield place("services", name, service=name, purpose=service.purpose, basis=purpose.basis)


@rule(
    "cookie_without_consent", ERROR, TRACKERS_LAW, gdpr(6, "(1)(a)"),
    en=(
        "the cookie '{cookie}' is not exempt and no consent is asked for it",
        "give it the `exempt:` kind that it truly is, or a purpose on `basis: consent`",
    ),
    fr=(
        "le cookie « {cookie} » n'est pas exempté et aucun accord n'est demandé pour lui",
        "donnez-lui le cas `exempt:` qui est vraiment le sien, ou une finalité `basis: consent`",
    ),
)  # fmt: skip
def cookie_without_consent(case: Case) -> Iterator[Place]:
    """As for services."""
    for name, cookie in case.document.cookies.items():
        purpose = case.document.purposes.get(cookie.purpose or "")
        if not cookie.exempt and (purpose is None or purpose.basis != "consent"):
            yield place("cookies", name, cookie=name)


@rule(
    "exempt_kind_unfit", ERROR, EXEMPT_KINDS[_AUDIENCE], TRACKERS_LAW,
    en=(
        "'{service}' ({kind}) claims the exemption '{exempt}', which a service of this kind cannot have",
        "remove `exempt:` and let the service wait for consent",
    ),
    fr=(
        "« {service} » ({kind}) invoque l'exemption « {exempt} », qu'un tel service ne peut avoir",
        "retirez `exempt:` : le service attend l'accord",
    ),
)  # fmt: skip
def exempt_kind_unfit(case: Case) -> Iterator[Place]:
    """An exempt tracker serves its one exempt purpose and nothing else."""
    for name, service in services(case):
        claimed = {service.exempt, *(cookie.exempt for cookie in service.cookies.values())} - {None}
        unfit = service.kind in _NEVER_EXEMPT or (_AUDIENCE in claimed and service.kind != "audience")
        if claimed and unfit:
            kinds = ", ".join(sorted(map(str, claimed)))
            yield place("services", name, "exempt", service=name, kind=service.kind, exempt=kinds)


@rule(
    "audience_not_exempt", ERROR, AUDIENCE_CONDITIONS, TRACKERS_LAW,
    en=(
        "the audience measurement '{service}' claims the exemption, but does not meet `{missing}`",
        "configure it so that all four conditions hold, or remove `exempt:` and ask for consent",
    ),
    fr=(
        "la mesure d'audience « {service} » invoque l'exemption, mais ne remplit pas `{missing}`",
        "réglez-la pour que les quatre conditions soient remplies, ou retirez `exempt:` et demandez l'accord",
    ),
)  # fmt: skip
def audience_not_exempt(case: Case) -> Iterator[Place]:
    """All conditions of the exemption hold together."""
    for name, service in services(case):
        found = service.self_assessment
        if service.exempt == _AUDIENCE and found is not None:
            missing = tuple(c.key for c in AUDIENCE_CONDITIONS.value if not getattr(found, c.key))
            if missing:
                yield place("services", name, "self_assessment", missing[0], service=name, missing=missing)


@rule(
    "audience_not_assessed", WARNING, AUDIENCE_CONDITIONS, gdpr(5, "(2)"),
    en=(
        "the audience measurement '{service}' claims the exemption without a `self_assessment:`",
        "go through the conditions once and write what was found, with the date",
    ),
    fr=(
        "la mesure d'audience « {service} » invoque l'exemption sans `self_assessment:`",
        "examinez les conditions une fois et écrivez ce qui a été constaté, avec la date",
    ),
)  # fmt: skip
def audience_not_assessed(case: Case) -> Iterator[Place]:
    """Whoever claims an exemption shows why."""
    for name, service in services(case):
        if service.exempt == _AUDIENCE and service.self_assessment is None:
            yield place("services", name, "exempt", service=name)


@rule(
    "exemption_not_known_here", NOTE, AUDIENCE_CONDITIONS, TRACKERS_LAW,
    en=(
        "'{service}' claims an exemption for audience measurement that is known for France only; the publisher is in "
        "{country}",
        "ask the authority of {country}, or remove `exempt:` and ask for consent",
    ),
    fr=(
        "« {service} » invoque pour la mesure d'audience une exemption connue en France seulement ; l'éditeur est en "
        "{country}",
        "demandez à l'autorité de {country}, ou retirez `exempt:` et demandez l'accord",
    ),
)  # fmt: skip
def exemption_not_known_here(case: Case) -> Iterator[Place]:
    """Never a guess: the conditions are those of the French authority."""
    for name, service in services(case) if not case.french else ():
        if service.exempt == _AUDIENCE:
            yield place("services", name, "exempt", service=name, country=case.document.publisher.country)


@rule(
    "audience_data_too_long", WARNING, AUDIENCE_DATA, scope="france",
    en=(
        "data of the exempt audience measurement is kept {found}; the authority recommends {most} at most",
        "shorten `keep:` of the purpose '{purpose}'",
    ),
    fr=(
        "les données de la mesure d'audience exemptée sont gardées {found} ; l'autorité recommande {most} au plus",
        "raccourcissez `keep:` de la finalité « {purpose} »",
    ),
)  # fmt: skip
def audience_data_too_long(case: Case) -> Iterator[Place]:
    """Trends need no old individual data."""
    for _, service in services(case):
        purpose = case.document.purposes.get(service.purpose)
        if service.exempt != _AUDIENCE or purpose is None or purpose.keep.period is None:
            continue
        found, most = length(purpose.keep.period), AUDIENCE_DATA.value
        if longer(found, most):
            yield place("purposes", service.purpose, "keep", "for", found=found, most=most, purpose=service.purpose)


@rule(
    "tracker_too_long", WARNING, TRACKER, scope="france",
    en=(
        "the tracker '{cookie}' lives {found}; the authority recommends {most} at most, not prolonged by new visits",
        "shorten it",
    ),
    fr=(
        "le traceur « {cookie} » vit {found} ; l'autorité recommande {most} au plus, sans prolongation à chaque visite",
        "raccourcissez-le",
    ),
)  # fmt: skip
def tracker_too_long(case: Case) -> Iterator[Place]:
    """Said of exempt audience trackers; sound for all."""
    for path, name, cookie, _ in cookies(case):
        lifetime = cookie.remembered or cookie.lifetime
        if lifetime not in ENDLESS and longer(length(lifetime), TRACKER.value):
            yield place(*path, cookie=name, found=length(lifetime), most=TRACKER.value)


@rule(
    "trackers_live_too_long", WARNING, TRACKER, scope="france",
    en=(
        "accepted trackers may live {found}; the authority recommends {most} at most",
        "write `trackers_live: {most}` or less",
    ),
    fr=(
        "les traceurs acceptés peuvent vivre {found} ; l'autorité recommande {most} au plus",
        "écrivez `trackers_live: {most}` ou moins",
    ),
)  # fmt: skip
def trackers_live_too_long(case: Case) -> Iterator[Place]:
    """The general promise, beside each cookie's own."""
    consent = case.document.consent
    if consent is not None and longer(length(consent.trackers_live), TRACKER.value):
        yield place("consent", "trackers_live", found=length(consent.trackers_live), most=TRACKER.value)


@rule(
    "tracker_outlives_promise", WARNING, ITSELF,
    en=(
        "the tracker '{cookie}' lives {found}, but `trackers_live` promises {promised} at most",
        "shorten the tracker, or tell people the truth in `trackers_live`",
    ),
    fr=(
        "le traceur « {cookie} » vit {found}, mais `trackers_live` promet {promised} au plus",
        "raccourcissez le traceur, ou dites la vérité dans `trackers_live`",
    ),
)  # fmt: skip
def tracker_outlives_promise(case: Case) -> Iterator[Place]:
    """One promise, two numbers."""
    consent = case.document.consent
    for path, name, cookie, service in cookies(case) if consent is not None else ():
        exempt = cookie.exempt or (service is not None and service.exempt)
        if exempt or cookie.lifetime in ENDLESS or consent is None:
            continue
        found, promised = length(cookie.lifetime), length(consent.trackers_live)
        if longer(found, promised):
            yield place(*path, cookie=name, found=found, promised=promised)


@rule(
    "advertising_despite_promise", ERROR, ITSELF,
    en=(
        "`consent.advertising: none` promises no advertising trackers, but '{service}' is one",
        "remove the service, or write `advertising: asked`",
    ),
    fr=(
        "`consent.advertising: none` promet qu'il n'y a pas de traceur publicitaire, mais « {service} » en est un",
        "retirez le service, ou écrivez `advertising: asked`",
    ),
)  # fmt: skip
def advertising_despite_promise(case: Case) -> Iterator[Place]:
    """A negative promise is a promise."""
    if case.document.consent is not None and case.document.consent.advertising == "none":
        for name, service in services(case):
            if service.kind == "advertising":
                yield place("services", name, "kind", service=name)


@rule(
    "service_place_unknown", NOTE, gdpr(13, "(1)(f)"),
    en=(
        "the service '{service}' names neither a recipient nor a country: whether data leaves the Union is not known",
        "add `recipient:` or `country:`",
    ),
    fr=(
        "le service « {service} » ne nomme ni destinataire ni pays : on ne sait pas si des données quittent l'Union",
        "ajoutez `recipient:` ou `country:`",
    ),
)  # fmt: skip
def service_place_unknown(case: Case) -> Iterator[Place]:
    """Nothing can be said about a transfer to nowhere."""
    for name, service in services(case):
        if service.recipient is None and service.country is None:
            yield place("services", name, service=name)
