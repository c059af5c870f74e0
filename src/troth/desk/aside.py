"""Somebody asked in a person's place and got an answer: the person hears of it (GDPR Articles 5(1)(a) and 12(2)). Who
may speak for them was judged by papers; if that was wrong, they are the one who can say so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from troth.core.policy.sections.people import Minors
from troth.core.requests.model import ENDED, Behalf, Request, State
from troth.core.requests.route import terms_of
from troth.desk.correctable import correctable
from troth.desk.house import House
from troth.desk.particulars import Particulars
from troth.package.locale import day as spelt_day
from troth.publishing.ways import SPACE, has_space
from troth.web.addresses import site_address
from troth.web.wording import Words

_SILENT = frozenset({State.REFUSED, State.WITHDRAWN, State.FORWARDED})


def heard_at(at: House, request: Request, who: Particulars, result: Mapping[str, Any], now: datetime) -> str:
    """The address at which the person hears of it; empty where they do not: nothing was done or told, no address of
    theirs is known, they have died, or they are a child too young to consent alone, whose parents read for them."""
    if request.behalf not in (Behalf.MANDATE, Behalf.PARENT) or not who.elsewhere:
        return ""
    if request.state not in ENDED or request.state in _SILENT or result.get("nobody") or result.get("idle"):
        return ""
    theirs = next((value for kind, value in who.identifiers if kind == "email"), "")
    return "" if request.behalf == Behalf.PARENT and _too_young(at, who, now) else theirs


def tell(at: House, request: Request, who: Particulars, result: Mapping[str, Any], now: datetime) -> bool:
    """Write to them; whether they were written to. Raises MailRefused."""
    address = heard_at(at, request, who, result, now)
    if not address:
        return False
    from troth.web.mail.messages import compose, send, the_same

    language = at.policy.authoritative if at.policy.authoritative in ("fr", "en") else "en"
    words = Words("portal", language)
    day = spelt_day(terms_of(at.policy).day(request.received), language)
    said = [
        words.say("aside", day=day, right=words[f"right_{request.right}"], who=who.speaker or words["about_no_name"]),
        words[f"aside_{request.behalf}"], words["aside_object"],
    ]  # fmt: skip
    base = site_address(at.policy) if has_space(at.policy) else ""
    button = (words["aside_button"], f"{base}{SPACE}") if base else None
    footer = [words.say("reference", ref=request.ref)]
    message = compose(address, words["aside_subject"], said, language=language, button=button, footer=footer)
    send(the_same(message, f"{request.ref}.aside"))
    return True


def _too_young(at: House, who: Particulars, now: datetime) -> bool:
    """Whether a date of birth in the stores says that they could not consent alone (``minors: joint_consent_under``).
    Where none is known they are written to: silence towards somebody who can judge would be worse."""
    minors: Minors | None = at.policy.document.minors
    known = any(one.category == "BirthDate" for place in at.policy.collections() for one in place.fields)
    if minors is None or not known:
        return False
    today = terms_of(at.policy).day(now)
    entries = correctable(at, who.identifiers, at.policy.authoritative, now).entries.values()
    births = [one.now[:10] for one in entries if one.category == "BirthDate"]
    return any(_age(born, today) < minors.joint_consent_under for born in births if _is_day(born))


def _age(born: str, today: date) -> int:
    day = date.fromisoformat(born)
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _is_day(said: str) -> bool:
    try:
        return bool(date.fromisoformat(said))
    except ValueError:
        return False
