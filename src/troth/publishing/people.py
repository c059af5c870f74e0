"""The chapters about people's side: rights, children, breaches, complaints; and the legal notice."""

from __future__ import annotations

from troth.core.law.ages import joint_consent
from troth.core.law.authorities import authority
from troth.core.policy.sections.publishing import ContactPoint
from troth.publishing.model import Cell, Chapter, Link, Paragraph, Points, Table, Terms
from troth.publishing.speaker import Speaker


def rights(voice: Speaker) -> Chapter | None:
    """Each right with what it means, and the way to ask."""
    section = voice.policy.document.rights
    if section is None:
        return None
    rows: list[tuple[Cell, ...]] = []
    for right in section.offered:
        where = "#detail-complaint" if right == "complaint" else section.portal
        name = voice.say(f"n_{right}")
        rows.append(((Link(name, where) if where else name,), (voice.say(f"r_{right}"),)))
    table = Table(
        voice.say("c_rights"), (voice.say("h_right"), voice.say("h_how")), tuple(rows),
        tuple(f"right-{right}" for right in section.offered),
    )  # fmt: skip
    contact = voice.policy.document.publisher.privacy_contact
    reach = (Paragraph(_reach(contact)),) if contact else ()
    answer = Paragraph((voice.say("answer", period=voice.period(section.answer_within)),))
    return Chapter("detail-rights", voice.say("your_rights"), (
        table, answer, Paragraph((voice.say("identity"),)), *reach,
    ))  # fmt: skip


def _reach(point: ContactPoint, *, text: str = "") -> Cell:
    """Name, mail and telephone in a row."""
    parts: list[str | Link] = [point.name or text]
    if point.email:
        parts.append(Link(point.email, f"mailto:{point.email}"))
    if point.phone:
        parts.append(Link(point.phone, f"tel:{''.join(c for c in point.phone if c.isdigit() or c == '+')}"))
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


def complaint(voice: Speaker) -> Chapter | None:
    """The authority: the one the policy names, else that of the publisher's country."""
    named = voice.policy.document.publisher.authority
    known = authority(voice.policy.country)
    if named is not None:
        name, address, website = named.name, named.address, named.website
    elif known is not None:
        name, address, website = known.name, known.address, known.complaint
    else:
        return None
    points: list[Cell] = [(text,) for text in (address,) if text]
    if website:
        points.append((Link(website, website),))
    said = Paragraph((voice.say("complain", name=name),))
    return Chapter("detail-complaint", voice.say("complaint"), (said, Points(tuple(points))))


def legal(voice: Speaker) -> Chapter:
    """Who publishes the site, who hosts it, whom to ask."""
    publisher = voice.policy.document.publisher
    host = voice.policy.document.recipients.get(publisher.host or "")
    items: list[tuple[str, Cell]] = [
        (voice.say("l_publisher"), (publisher.name,)),
        *(
            (voice.say(f"l_{name}"), (value,))
            for name, value in (
                ("form", publisher.legal_form), ("capital", publisher.capital), ("address", publisher.address),
                ("registration", publisher.registration), ("vat", publisher.vat),
                ("phone", publisher.phone), ("email", publisher.email), ("director", publisher.publication_director),
            )
            if value
        ),
    ]  # fmt: skip
    if host is not None:
        items.append((voice.say("l_host"), (", ".join(p for p in (host.name, host.address, host.phone) if p),)))
    points = (
        ("l_contact", publisher.privacy_contact), ("l_officer", publisher.data_protection_officer),
        ("l_representative", publisher.representative),
    )  # fmt: skip
    for name, point in points:
        if point is not None:
            items.append((voice.say(name), _reach(point, text=publisher.name)))
            if point.hours:
                items.append((voice.say("l_hours"), (voice.text(point.hours),)))
    return Chapter("detail-legal", voice.say("legal"), (Terms(tuple(items)),))
