"""The chapters that are made from the file's sections: purposes, recipients, stores, cookies."""

from __future__ import annotations

from collections.abc import Mapping

from troth.core.consent.services import site_services
from troth.core.law.territories import in_eea
from troth.core.policy.sections.purposes import Purpose, Recipient
from troth.core.policy.sections.site import Cookie, Service
from troth.core.rights.information_words import BASES, TRANSFERS, keep_words
from troth.publishing.model import Block, Cell, Chapter, Link, Paragraph, Points, Table
from troth.publishing.speaker import Speaker
from troth.publishing.words import EXEMPT, LANGUAGE_NAMES, browsers, pair


def purposes(voice: Speaker) -> Chapter | None:
    """Each purpose with basis, people, data, recipients and period, and what goes with its basis."""
    policy, document = voice.policy, voice.policy.document
    if not policy.purposes:
        return None
    titles = {name: event.title for name, event in document.events.items() if event.title is not None}
    rows: list[tuple[Cell, ...]] = []
    notes: list[Paragraph] = []
    for name, purpose in policy.purposes.items():
        section = document.purposes[name]
        receivers = [document.recipients[r].name for r in purpose.recipients]
        rows.append((
            (voice.text(purpose.title),), (BASES[purpose.basis][voice.own],),
            (voice.listed(voice.people(p) for p in purpose.people),),
            (voice.listed(voice.category(c) for c in purpose.categories),),
            (voice.listed(receivers),), (keep_words(purpose.keep, policy.events, titles)[voice.own],),
        ))  # fmt: skip
        told = _companions(voice, section)
        if told:
            notes.append(Paragraph((told,), f"about-{name}", voice.text(purpose.title)))
    head = tuple(voice.say(f"h_{h}") for h in ("purpose", "basis", "people", "categories", "recipients", "kept"))
    anchors = tuple(f"purpose-{name}" for name in policy.purposes)
    return Chapter("detail-purposes", voice.say("purposes"), (
        Table(voice.say("c_purposes"), head, tuple(rows), anchors), *notes,
    ))  # fmt: skip


def _companions(voice: Speaker, section: Purpose) -> str:
    """What goes with a purpose: its description, the law or the weighing behind its basis, what must be given."""
    balance = section.balance
    labelled = [
        ("", voice.text(section.description)), ("n_law", section.law or ""),
        ("n_interest", voice.text(balance.interest) if balance else ""),
        ("n_necessity", voice.text(balance.necessity) if balance else ""),
        ("n_outcome", voice.text(balance.outcome) if balance else ""),
        ("n_required", voice.text(section.required)),
    ]  # fmt: skip
    sentences = [voice.say(name, text=text) if name else text for name, text in labelled if text]
    return " ".join(f"{s[0].upper()}{s[1:]}".rstrip(".") + "." for s in sentences)


def recipients(voice: Speaker) -> Chapter | None:
    """Who receives data, where, and on what ground it leaves the Area."""
    document = voice.policy.document
    if not document.recipients:
        return None
    rows: list[tuple[Cell, ...]] = []
    for recipient in document.recipients.values():
        name: Cell = (Link(recipient.name, recipient.website),) if recipient.website else (recipient.name,)
        role, country = voice.role(recipient.role), voice.country(recipient.country)
        rows.append((name, (role,), (country,), (_ground(voice, recipient),)))
    head = tuple(voice.say(f"h_{h}") for h in ("name", "role", "country", "ground"))
    anchors = tuple(f"recipient-{name}" for name in document.recipients)
    table = Table(voice.say("c_recipients"), head, tuple(rows), anchors)
    return Chapter("detail-recipients", voice.say("recipients"), (table,))


def _ground(voice: Speaker, recipient: Recipient) -> str:
    if in_eea(recipient.country, voice.as_of):
        return voice.say("in_eea")
    return TRANSFERS[recipient.transfer.basis][voice.own] if recipient.transfer else voice.say("no_ground")


def stores(voice: Speaker) -> Chapter | None:
    """Where the data lies and who keeps it."""
    document = voice.policy.document
    if not document.stores:
        return None
    rows: list[tuple[Cell, ...]] = []
    for name, store in document.stores.items():
        host = document.recipients[store.recipient].name if store.recipient else voice.say("us")
        rows.append(((voice.text(store.title) or name,), (voice.country(store.location),), (host,)))
    head = tuple(voice.say(f"h_{h}") for h in ("place", "country", "host"))
    anchors = tuple(f"store-{name}" for name in document.stores)
    text = document.data_location.text if document.data_location else None
    said = (Paragraph((voice.text(text),)),) if text else ()
    return Chapter(
        "detail-stores", voice.say("stores"), (*said, Table(voice.say("c_stores"), head, tuple(rows), anchors))
    )


def trackers(voice: Speaker) -> Chapter | None:
    """The site's own cookies, and each service with what it keeps in the browser."""
    document = voice.policy.document
    active = {name: service for name, service in document.services.items() if service.active}
    if not document.cookies and not active:
        return None
    tables = [t for t in (_cookies(voice, active), _services(voice, active)) if t.rows]
    return Chapter("detail-trackers", voice.say("trackers"), tuple(tables))


def _cookies(voice: Speaker, services: Mapping[str, Service]) -> Table:
    mine = [(name, cookie, None) for name, cookie in voice.policy.document.cookies.items()]
    theirs = [(name, cookie, service) for service in services.values() for name, cookie in service.cookies.items()]
    rows: list[tuple[Cell, ...]] = []
    for name, cookie, service in (*mine, *theirs):
        purpose = cookie.purpose or (service.purpose if service else None)
        what = voice.text(cookie.description) or voice.text(cookie.title)
        if not what and service is not None:
            what = voice.text(service.title) or voice.text(service.description)
        title = voice.text(voice.policy.purposes[purpose].title) if purpose else "—"
        exempt = cookie.exempt or (service.exempt if service else None)
        asked = _asked(voice, exempt)
        rows.append(((name,), (_kind(voice, cookie),), (what or "—",), (title,), (_life(voice, cookie),), (asked,)))
    head = tuple(voice.say(f"h_{h}") for h in ("name", "kind", "what", "purpose", "life", "consent"))
    return Table(voice.say("c_cookies"), head, tuple(rows), tuple(f"cookie-{n}" for n, _, _ in (*mine, *theirs)))


def _kind(voice: Speaker, cookie: Cookie) -> str:
    kind = voice.say(f"kind_{cookie.storage}")
    return voice.say("kind_of_others", kind=kind) if cookie.party == "third" else kind


def _life(voice: Speaker, cookie: Cookie) -> str:
    said = voice.life(cookie.lifetime)
    if cookie.remembered:
        said = voice.say("remembered", short=said, long=voice.period(cookie.remembered))
    return voice.say("life_logout", life=said) if cookie.until_logout else said


def _asked(voice: Speaker, exempt: str | None) -> str:
    return voice.say("exempt", why=pair(EXEMPT, exempt, voice.own)) if exempt else voice.say("needed")


def _services(voice: Speaker, services: Mapping[str, Service]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for service in site_services(voice.policy):
        if service.name not in services:
            continue
        title = voice.text(service.title)
        rows.append((
            (Link(title, service.policy_url),) if service.policy_url else (title,),
            (voice.text(service.description) or "—",), (service.company or "—",),
            (voice.country(service.country) if service.country else "—",), (_asked(voice, service.exempt),),
        ))  # fmt: skip
    head = tuple(voice.say(f"h_{h}") for h in ("service", "what", "company", "country", "consent"))
    return Table(voice.say("c_services"), head, tuple(rows), tuple(f"service-{name}" for name in services))


def browser(voice: Speaker) -> Chapter | None:
    """How to set the browser, where the policy promises to say so."""
    consent = voice.policy.document.consent
    if consent is None or not consent.browser_help:
        return None
    links: list[Cell] = [
        (Link(name, href), *((f" ({pair(LANGUAGE_NAMES, other, voice.own)})",) if other else ()))
        for name, href, other in browsers(voice.language)
    ]
    blocks: list[Block] = [Paragraph((voice.say("browser_1"),)), Points(tuple(links))]
    if consent.global_privacy_control == "refuse":
        blocks.append(Paragraph((voice.say("browser_2"),)))
    return Chapter("detail-browser", voice.say("browser"), tuple(blocks))
