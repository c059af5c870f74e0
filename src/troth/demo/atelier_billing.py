"""The billing software of Atelier Passerelle: it knows people by mail address and accounts by uuid."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from troth.demo import words
from troth.demo.database import Row, days_between, moment
from troth.demo.people import Person, address

_PLANS = {"solo": 900, "team": 4900, "house": 14900}
_INVOICE_EVERY = 91


def billing(rng: Random, as_of: date, everyone: list[Person], uuids: dict[int, str]) -> dict[str, list[Row]]:
    """All tables of ``billing.sqlite``; ``uuids`` are the service's accounts by person."""
    names = ("companies", "contacts", "subscriptions", "invoices", "invoice_lines", "payments")
    tables: dict[str, list[Row]] = {name: [] for name in names}
    _companies(rng, tables)
    for person in everyone:
        if person.role == "client" and person.number in uuids:
            contact = _contact(rng, person, tables)
            _subscription(rng, as_of, person, contact, uuids[person.number], tables)
        elif rng.random() < 0.3:  # a prospect somebody typed in
            _contact(rng, person, tables)
    return tables


def _companies(rng: Random, tables: dict[str, list[Row]]) -> None:
    for number, name in enumerate(words.COMPANIES, start=1):
        where = address(rng, "fr" if number < 8 else "en")
        tables["companies"].append({
            "id": number, "parent_id": 2 if number in {5, 6} else None, "name": name,
            "vat_number": f"FR00{number:09d}" if where.country == "FR" else None,
            "address": f"{where.line}, {where.postcode} {where.city}", "country": where.country,
        })  # fmt: skip


def _contact(rng: Random, person: Person, tables: dict[str, list[Row]]) -> int:
    number = len(tables["contacts"]) + 1
    company = words.COMPANIES.index(person.company) + 1 if person.company else None
    tables["contacts"].append({
        "id": number, "company_id": company, "email": person.email, "first_name": person.first,
        "last_name": person.last, "phone": rng.choice([person.phone, person.phone, None, ""]),
        "job": rng.choice(["gérante", "comptable", "head of archives", None]),
        "wants_offers": int(rng.random() < 0.4),
        "last_contact_on": None if person.number > 10 and rng.random() < 0.05 else str(person.last_seen),
    })  # fmt: skip
    return number


def _subscription(
    rng: Random, as_of: date, person: Person, contact: int, account: str, tables: dict[str, list[Row]]
) -> None:
    plan = rng.choice(list(_PLANS))
    running = person.number in {1, 3, 6, 10} or (as_of - person.last_seen).days < 300
    if person.number == 1:  # Ana has left: nothing runs any more, her invoices are held
        running = False
    end = as_of if running else max(person.joined + timedelta(days=1), person.last_seen - timedelta(days=10))
    tables["subscriptions"].append({
        "id": len(tables["subscriptions"]) + 1, "contact_id": contact, "account_uuid": account, "plan": plan,
        "status": "active" if running else "ended", "started_on": str(person.joined),
        "ended_on": None if running else str(end),
    })  # fmt: skip
    day = person.joined
    while day <= end:
        _invoice(rng, as_of, person, contact, plan, day, tables)
        day += timedelta(days=_INVOICE_EVERY)


def _invoice(
    rng: Random, as_of: date, person: Person, contact: int, plan: str, day: date, tables: dict[str, list[Row]]
) -> None:
    number, cents = len(tables["invoices"]) + 1, _PLANS[plan]
    recent = (as_of - day).days < 100
    unpaid = recent and (person.number == 2 or (person.number > 10 and rng.random() < 0.15))
    paid = min(as_of, days_between(rng, day, day + timedelta(days=25)))
    where = person.address
    tables["invoices"].append({
        "id": number, "number": f"P{day:%Y}-{number:05d}", "contact_id": contact,
        "billing_name": f"{person.company}, {person.name}" if person.company else person.name,
        "billing_address": f"{where.line}, {where.postcode} {where.city}", "total_cents": cents,
        "issued_on": str(day), "due_on": str(day + timedelta(days=30)),
        "paid_on": None if unpaid else str(paid),
    })  # fmt: skip
    tables["invoice_lines"].append(
        {
            "invoice_id": number,
            "line_no": 1,
            "label": f"Abonnement {plan}, un trimestre",
            "amount_cents": cents,
        }
    )
    if not unpaid:
        tables["payments"].append({
            "id": len(tables["payments"]) + 1, "invoice_id": number,
            "partner_reference": f"tr_{rng.getrandbits(48):012x}", "payer_name": person.name,
            "amount_cents": cents, "paid_at": moment(rng, paid),
        })  # fmt: skip
