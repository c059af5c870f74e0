"""The newsletter tool of Maison Verdier: subscribers by mail address, dates as text, day first."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random

from troth.demo import words
from troth.demo.database import Row, days_between, french
from troth.demo.people import Person, ip

_CAMPAIGN_EVERY = 45
_CAMPAIGN_YEARS = 4
_ODD_DATES = ("00/00/0000", "31/02/2019", "12/25/2021", "", "31/12/2999", None)


def mailing(rng: Random, as_of: date, everyone: list[Person]) -> dict[str, list[Row]]:
    """All tables of ``mailing.sqlite``."""
    tables: dict[str, list[Row]] = {
        "subscribers": [], "campaigns": [], "clicks": [], "opens": [], "suppression": [],
    }  # fmt: skip
    sent = _campaigns(as_of, tables)
    known: set[str] = set()
    for person in everyone:
        wanted = person.number in {1, 3, 8} or (person.number > 10 and (person.role == "reader" or rng.random() < 0.45))
        if wanted and person.email not in known:
            known.add(person.email)
            _subscriber(rng, as_of, person, tables, sent)
    return tables


def _campaigns(as_of: date, tables: dict[str, list[Row]]) -> list[date]:
    days = [as_of - timedelta(days=age) for age in range(365 * _CAMPAIGN_YEARS, 0, -_CAMPAIGN_EVERY)]
    for number, day in enumerate(days, start=1):
        tables["campaigns"].append(
            {"id": number, "subject": f"La lettre de l’atelier no {number}", "sent_on": french(day)}
        )
    return days


def _subscriber(rng: Random, as_of: date, person: Person, tables: dict[str, list[Row]], sent: list[date]) -> None:
    number = len(tables["subscribers"]) + 1
    since = days_between(rng, person.joined, person.last_seen)
    cast = person.number < 11
    status = "subscribed" if cast else rng.choices(
        ["subscribed", "unsubscribed", "pending", "bounced", "complained"], [60, 28, 5, 5, 2]
    )[0]  # fmt: skip
    left = days_between(rng, since, as_of) if status in {"unsubscribed", "complained"} else None
    odd = not cast and rng.random() < 0.1
    seen = sum(row["subscribed_on"] in _ODD_DATES for row in tables["subscribers"])
    tables["subscribers"].append({
        "id": number, "email": person.email,
        "first_name": person.first if rng.random() < 0.8 else None, "language": person.language,
        "interests": json.dumps({"topics": rng.sample(["reliure", "papier", "ateliers", "encre"], k=2)}),
        "status": status, "source": rng.choice(["site", "boutique", "salon"]), "signup_ip": ip(rng),
        "subscribed_on": _ODD_DATES[seen % len(_ODD_DATES)] if odd else french(since),
        "confirmed_on": french(since) if status != "pending" else None,
        "unsubscribed_on": french(left) if left else None,
    })  # fmt: skip
    if left:
        reason = "complaint" if status == "complained" else "unsubscribed"
        tables["suppression"].append({"id": number, "email": person.email, "reason": reason, "added_on": french(left)})
    if status in {"subscribed", "unsubscribed", "complained"}:
        _reads(rng, number, since, left or person.last_seen, tables, sent)


def _reads(
    rng: Random, subscriber: int, since: date, until: date, tables: dict[str, list[Row]], sent: list[date]
) -> None:
    """Who opened and clicked what: the tool keeps opens for thirteen months, or should."""
    for campaign, day in enumerate(sent, start=1):
        if not since <= day <= until or rng.random() > 0.3:
            continue
        if (sent[-1] - day).days < 430:
            tables["opens"].append({
                "subscriber_id": subscriber, "campaign_id": campaign,
                "user_agent": rng.choice(words.BROWSERS), "opened_on": french(day),
            })  # fmt: skip
        if rng.random() < 0.35:
            tables["clicks"].append({
                "id": len(tables["clicks"]) + 1, "subscriber_id": subscriber, "campaign_id": campaign,
                "url": f"https://www.verdier.test/carnets?lettre={campaign}", "ip": ip(rng),
                "clicked_on": french(day),
            })  # fmt: skip
