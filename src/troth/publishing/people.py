"""The chapters about people's side: rights, children, breaches, complaints; and the legal notice."""

from __future__ import annotations

from troth.core.law.ages import joint_consent
from troth.core.law.authorities import Authority, authority
from troth.core.policy.sections.publishing import ContactPoint
from troth.publishing.model import Cell, Chapter, Foreign, Link, Paragraph, Points, Table, Terms
from troth.publishing.speaker import Speaker
from troth.publishing.ways import telephone, way_to


def rights(voice: Speaker) -> Chapter | None:
    """Each right with what it means, and the way to ask."""
    section = voice.policy.document.rights
    if section is None:
        return None
    rows: list[tuple[Cell, ...]] = []
    for right in section.offered:
        name = voice.say(f"n_{right}")
        where = way_to(voice.policy, right, name)
        rows.append(((Link(name, where) if where else name,), (voice.say(f"r_{right}"),)))
    table = Table(
        voice.say("c_rights"), (voice.say("h_right"), voice.say("h_how")), tuple(rows),
        tuple(f"right-{right}" for right in section.offered),
    )  # fmt: skip
    contact = voice.policy.document.publisher.privacy_contact
    reach = (Paragraph(_reach(contact, voice)),) if contact else ()
    answer = Paragraph((voice.say("answer", period=voice.period(section.answer_within)),))
    return Chapter("detail-rights", voice.say("your_rights"), (
        table, answer, Paragraph((voice.say("identity"),)), *reach,
    ))  # fmt: skip


def _reach(point: ContactPoint, voice: Speaker, *, text: str = "") -> Cell:
    """Name, mail, telephone and an address of its own in a row."""
    parts: list[str | Link] = [point.name or text] if point.name or text else []
    parts += [_linked(said, kind) for said, kind in ((point.email, "mailto:"), (point.phone, "tel:")) if said]
    address = voice.text(point.address)
    if address and address != voice.policy.document.publisher.address:
        parts.append(address)
    return _row(parts)


def _row(parts: list[str | Link]) -> Cell:
    spaced: list[str | Link] = []
    for part in parts:
        spaced += [", ", part] if spaced else [part]
    return tuple(spaced)


def children(voice: Speaker) -> Chapter | None:
    """From which age somebody consents alone."""
    section = voice.policy.document.minors
    if section is None:
        return None
    name = "joint" if joint_consent(voice.policy.country) else "parental"
    said = [voice.say(name, age=str(section.joint_consent_under)), voice.text(section.text)]
    return Chapter("detail-children", voice.say("children"), tuple(Paragraph((text,)) for text in said if text))


def breach(voice: Speaker) -> Chapter | None:
    """Who is told of a breach, and when."""
    section = voice.policy.document.breach
    if section is None or not section.notify_people:
        return None
    name = "told_any" if section.threshold == "any" else "told_high"
    said = voice.say(name, period=voice.period(section.authority_within))
    return Chapter("detail-breach", voice.say("breach"), (Paragraph((said,)),))


_SPOKEN = {
    "AT": "de", "BE": "fr", "BG": "bg", "HR": "hr", "CY": "el", "CZ": "cs", "DK": "da", "EE": "et", "FI": "fi",
    "FR": "fr", "DE": "de", "GR": "el", "HU": "hu", "IS": "is", "IE": "en", "IT": "it", "LV": "lv", "LI": "de",
    "LT": "lt", "LU": "fr", "MT": "en", "NL": "nl", "NO": "no", "PL": "pl", "PT": "pt", "RO": "ro", "SK": "sk",
    "SI": "sl", "ES": "es", "SE": "sv",
}  # fmt: skip
"""The language of the authority's own name."""


def complaint(voice: Speaker) -> Chapter | None:
    """The authority: the one the policy names, else that of the publisher's country."""
    named = voice.policy.document.publisher.authority
    known = authority(voice.policy.country)
    name: Cell
    if named is not None:
        name, address, website = (named.name,), named.address, named.website
    elif known is not None:
        name, address, website = _named(voice, known), known.address, known.complaint
    else:
        return None
    points: list[Cell] = [(text,) for text in (address,) if text]
    if website:
        points.append((Link(website, website),))
    before, _, after = voice.say("complain", name="\0").partition("\0")
    said = Paragraph((before, *name, after))
    return Chapter("detail-complaint", voice.say("complaint"), (said, Points(tuple(points))))


def _named(voice: Speaker, known: Authority) -> Cell:
    """By its own name, which says to English readers also what it is."""
    spoken = _SPOKEN.get(known.country, "")
    if spoken == voice.own:
        return (known.name,)
    return (known.english, ", ", Foreign(known.name, spoken)) if voice.own == "en" else (Foreign(known.name, spoken),)


def legal(voice: Speaker) -> Chapter:
    """Who publishes the site, who hosts it, whom to ask."""
    document = voice.policy.document
    publisher, host = document.publisher, document.recipients.get(document.publisher.host or "")
    items: list[tuple[str, Cell]] = [(voice.say("l_publisher"), (publisher.name,))]
    for name, value, scheme in (
        ("form", publisher.legal_form, ""), ("capital", publisher.capital, ""), ("address", publisher.address, ""),
        ("registration", publisher.registration, ""), ("vat", publisher.vat, ""), ("phone", publisher.phone, "tel:"),
        ("email", publisher.email, "mailto:"), ("website", publisher.website, "https:"),
        ("director", publisher.publication_director, ""),
    ):  # fmt: skip
        if value:
            items.append((voice.say(f"l_{name}"), (_linked(value, scheme),)))
    if host is not None:
        known: list[str | Link] = [host.name, *(text for text in (host.address,) if text)]
        known += [_linked(text, kind) for text, kind in ((host.phone, "tel:"), (host.website, "https:")) if text]
        items.append((voice.say("l_host"), _row(known)))
    points = (
        ("l_contact", publisher.privacy_contact), ("l_officer", publisher.data_protection_officer),
        ("l_representative", publisher.representative),
    )  # fmt: skip
    for name, point in points:
        if point is not None:
            items.append((voice.say(name), _reach(point, voice, text=publisher.name)))
            if point.hours:
                items.append((voice.say("l_hours"), (voice.text(point.hours),)))
    return Chapter("detail-legal", voice.say("legal"), (Terms(tuple(items)),))


def _linked(text: str, scheme: str) -> str | Link:
    if scheme == "tel:":
        return Link(text, telephone(text))
    return Link(text, text if scheme == "https:" else f"{scheme}{text}") if scheme else text
