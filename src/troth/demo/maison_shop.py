"""The shop database of Maison Verdier: customers, orders, invoices, messages, server log."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from troth.demo import words
from troth.demo.database import Row, days_between, epoch, moment, php
from troth.demo.invented import first_name, last_name
from troth.demo.people import YEARS, Person, ip, mail, phone, plain

PRODUCTS = (
    ("Carnet de lin, 96 pages", 1850), ("Carnet de cuir, 192 pages", 4900), ("Album photo relié", 7200),
    ("Papier vergé, 100 feuilles", 1290), ("Encre violette, 30 ml", 990), ("Boîte d’archive", 2350),
    ("Reliure d’un mémoire", 6400), ("Restauration d’un livre", 14500), ("Porte-plume en buis", 1650),
)  # fmt: skip

_CLOSED = ("delivered", "delivered", "delivered", "delivered", "delivered", "cancelled", "refunded")
_ODD_TIMES = (None, "", "0000-00-00 00:00:00", "1970-01-01 00:00:00")
_LOG_DAYS = 380
"""The server log reaches a little beyond the twelve months that the policy allows."""


@dataclass
class Shop:
    """The tables while they are being filled."""

    rng: Random
    as_of: date
    tables: dict[str, list[Row]] = field(default_factory=dict)

    def add(self, table: str, row: dict[str, str | int | float | None]) -> int:
        """Append a row and give it the next number unless it has one."""
        rows = self.tables.setdefault(table, [])
        number = len(rows) + 1
        key = {"customer_meta": "meta_id", "order_lines": "", "options": ""}.get(table, "id")
        rows.append({key: number, **row} if key else row)
        return number

    def day(self, first: date, last: date) -> date:
        """A day between two."""
        return days_between(self.rng, first, last)

    def at(self, day: date) -> str:
        """A time of that day."""
        return moment(self.rng, day)


def shop(rng: Random, as_of: date, everyone: list[Person]) -> dict[str, list[Row]]:
    """All tables of ``shop.sqlite``."""
    made = Shop(rng, as_of)
    for name, cents in PRODUCTS:
        made.add("products", {"name": name, "price_cents": cents})
    _employees(made)
    clients = [p for p in everyone if p.role == "client"]
    numbers = {p.number: _customer(made, p) for p in clients}
    for person in clients:
        _orders(made, person, numbers[person.number])
        _around(made, person, numbers[person.number])
    _letters(made, clients, numbers)
    for person in everyone:
        if person.role == "prospect" or (person.role == "client" and rng.random() < 0.1):
            _prospect(made, person)
    _comments(made, clients, numbers)
    _orphans(made)
    _web_log(made, clients, numbers)
    return made.tables


def _employees(made: Shop) -> None:
    for number in range(1, 9):
        first, last = first_name(made.rng, "fr", made.rng.random() < 0.5), last_name(made.rng, "fr")
        hired = made.day(made.as_of - timedelta(days=365 * YEARS), made.as_of - timedelta(days=200))
        made.add("employees", {
            "manager_id": None if number == 1 else made.rng.randrange(1, min(number, 4)),
            "first_name": first, "last_name": last, "email": f"{plain(first)}.{plain(last)}@verdier.test",
            "phone": phone(made.rng, "fr"), "hired_on": str(hired),
            "job": made.rng.choice(["reliure", "boutique", "expéditions", "comptabilité"]),
            "left_on": str(made.day(hired, made.as_of)) if number > 6 else None,
        })  # fmt: skip


def _customer(made: Shop, person: Person) -> int:
    rng = made.rng
    number = len(made.tables.get("customers", [])) + 1
    seen: str | None = made.at(person.last_seen)
    if person.number > 10 and rng.random() < 0.08:
        odd = sum(row["last_seen_at"] in _ODD_TIMES for row in made.tables.get("customers", []))
        seen = _ODD_TIMES[odd % len(_ODD_TIMES)]
    guest = person.number > 10 and rng.random() < 0.1
    return made.add("customers", {
        "reference": f"C-{number:06d}", "civility": person.civility,
        "first_name": person.first, "last_name": person.last, "company": person.company,
        "email": person.email if person.number < 11 or rng.random() > 0.1 else person.email.title(),
        "password_hash": None if guest else _bcrypt(rng),
        "phone": person.phone if rng.random() < 0.8 or person.number < 11 else rng.choice([None, ""]),
        "birth_date": str(person.birth) if rng.random() < 0.4 else "0000-00-00",
        "language": person.language, "settings": _settings(person, rng),
        "staff_note": _note(person, rng), "is_guest": int(guest),
        "is_deleted": int(person.number > 10 and rng.random() < 0.04), "is_restricted": 0,
        "signup_ip": _recent_ip(made, person.joined), "created_at": made.at(person.joined), "last_seen_at": seen,
        "account_rep_id": rng.randrange(1, 7),
    })  # fmt: skip


def _recent_ip(made: Shop, day: date) -> str | None:
    """The shop has long emptied addresses on the network that are older than about a year."""
    return ip(made.rng) if _is_recent(made, day) else None


def _is_recent(made: Shop, day: date) -> bool:
    return (made.as_of - day).days < _LOG_DAYS


def _bcrypt(rng: Random) -> str:
    letters = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    return "$2y$12$" + "".join(rng.choices(letters, k=53))


def _settings(person: Person, rng: Random) -> str:
    return php({
        "theme": rng.choice(["clair", "sombre"]), "currency": "EUR", "mails": bool(rng.randrange(2)),
        "billing": {"phone": person.phone, "contact": person.name},
        "wishes": rng.sample(["cuir", "lin", "encre", "papier vergé", "dorure"], k=2),
    })  # fmt: skip


def _note(person: Person, rng: Random) -> str | None:
    if person.number == 10:  # looks like the mark of an erasure, but somebody typed it
        return "mail refusé : erased-0000@erased.invalid (saisi par la boutique)"
    if rng.random() < 0.15:
        return rng.choice(["Préfère être appelé le matin.", "Client fidèle, remise 5 %.", "Sonnette en panne."])
    return None


def _orders(made: Shop, person: Person, customer: int) -> None:
    rng = made.rng
    span = (person.last_seen - person.joined).days
    wanted = 4 if person.number == 1 else max(1, min(14, span // rng.randrange(90, 400) + 1))
    days = sorted(made.day(person.joined, person.last_seen) for _ in range(wanted))
    if person.number in {1, 2}:  # Ana's invoices are all held; Bruno has not paid his last
        days[-1] = made.as_of - timedelta(days=45)
    for place, day in enumerate(days):
        age = (made.as_of - day).days
        still_open = person.number == 10 and place == len(days) - 1
        status = "open" if still_open else rng.choice(_CLOSED) if age > 30 else rng.choice(["paid", "shipped"])
        _order(made, person, customer, day, "delivered" if person.number in {1, 2} else status)


def _order(made: Shop, person: Person, customer: int, day: date, status: str) -> None:
    rng = made.rng
    number = len(made.tables.get("orders", [])) + 1
    lines = [(rng.randrange(1, len(PRODUCTS) + 1), rng.randrange(1, 4)) for _ in range(rng.randrange(1, 4))]
    total = sum(PRODUCTS[product - 1][1] * quantity for product, quantity in lines)
    closed = status in {"delivered", "cancelled", "refunded"}
    order = made.add("orders", {
        "reference": f"O{day:%y}-{number:06d}", "customer_id": customer, "status": status,
        "delivery_name": person.name, "delivery_address": _address_text(person),
        "gift_message": "Bon anniversaire de la part d’" + person.first if rng.random() < 0.06 else None,
        "customer_ip": _recent_ip(made, day),
        "user_agent": rng.choice(words.BROWSERS) if _is_recent(made, day) else None,
        "total_cents": total,
        "placed_at": made.at(day),
        "closed_at": made.at(min(made.as_of, day + timedelta(days=rng.randrange(2, 20)))) if closed else None,
    })  # fmt: skip
    for line, (product, quantity) in enumerate(lines, start=1):
        made.add("order_lines", {
            "order_id": order, "line_no": line, "product_id": product, "quantity": quantity,
            "unit_price_cents": PRODUCTS[product - 1][1],
            "embossing": f"{person.first[0]}. {person.last[0]}." if rng.random() < 0.15 else None,
        })  # fmt: skip
    if status not in {"open", "cancelled"}:
        _invoice(made, person, customer, f"O{day:%y}-{number:06d}", day, lines, total)


def _address_text(person: Person) -> str:
    where = person.address
    return f"{where.line}\n{where.postcode} {where.city}\n{where.country}"


def _invoice(
    made: Shop, person: Person, customer: int, order: str, day: date, lines: list[tuple[int, int]], total: int
) -> None:
    rng = made.rng
    number = len(made.tables.get("invoices", [])) + 1
    recent = (made.as_of - day).days < 120
    unpaid = recent and (person.number == 2 or (person.number > 10 and rng.random() < 0.2))
    paid = min(made.as_of, day + timedelta(days=rng.randrange(0, 25)))
    invoice = made.add("invoices", {
        "number": f"F{day:%Y}-{number:05d}", "customer_id": customer, "order_reference": order,
        "billing_name": person.company or person.name, "billing_address": _address_text(person),
        "sent_to": person.email, "total_cents": total, "issued_on": str(day),
        "due_on": str(day + timedelta(days=30)), "paid_on": None if unpaid else str(paid),
    })  # fmt: skip
    for product, quantity in lines:
        name, cents = PRODUCTS[product - 1]
        made.add("invoice_lines", {
            "invoice_id": invoice, "label": name, "quantity": quantity, "amount_cents": cents * quantity,
        })  # fmt: skip
    if not unpaid:
        made.add("payments", {
            "invoice_id": invoice, "method": rng.choice(["card", "card", "transfer"]),
            "partner_reference": f"pi_{rng.randrange(16**12):012x}", "payer_name": person.name,
            "amount_cents": total, "paid_at": made.at(paid),
        })  # fmt: skip


def _around(made: Shop, person: Person, customer: int) -> None:
    """Addresses, key/value rows, preferences, cart."""
    rng, where = made.rng, person.address
    for alias in ["Domicile", "Bureau"][: 1 + (rng.random() < 0.25)]:
        made.add("addresses", {
            "customer_id": customer, "alias": alias, "recipient": person.name, "line1": where.line,
            "line2": rng.choice([None, None, "", "Bâtiment B"]), "postcode": where.postcode,
            "city": where.city, "country": where.country, "phone": rng.choice([person.phone, None]),
            "is_deleted": int(rng.random() < 0.05), "updated_at": made.at(person.last_seen),
        })  # fmt: skip
    meta = {
        "billing_phone": person.phone, "shipping_first_name": person.first, "shipping_city": where.city,
        "loyalty_points": str(rng.randrange(0, 900)),
        "profile_url": f"https://social.test/{plain(person.first)}" if rng.random() < 0.1 else None,
        "session_tokens": php({f"{rng.randrange(16**8):08x}": {"ip": ip(rng), "ua": words.BROWSERS[0]}}),
    }  # fmt: skip
    for key, value in meta.items():
        if person.number == 1 or rng.random() < 0.7:
            made.add("customer_meta", {"customer_id": customer, "meta_key": key, "meta_value": value})
    if rng.random() < 0.3 or person.number == 1:
        made.add("options", {"name": f"customer_{customer}_preferences", "value": php({"font": "grande"})})
    if rng.random() < 0.08 or person.number == 1:
        day = made.day(max(person.joined, made.as_of - timedelta(days=200)), made.as_of)
        items = [{"product": rng.randrange(1, 9), "for": person.first}]
        made.add("carts", {
            "customer_id": customer, "items": json.dumps(items), "updated_ms": epoch(rng, day) * 1000
        })  # fmt: skip


def _prospect(made: Shop, person: Person) -> None:
    rng = made.rng
    contact = person.last_seen if person.role == "prospect" else person.joined
    odd = rng.random() < 0.06
    made.add("prospects", {
        "source": rng.choice(["salon du livre", "devis", "boutique"]), "first_name": person.first,
        "last_name": person.last, "company": person.company, "email": person.email,
        "phone": rng.choice([person.phone, None]), "address": rng.choice([_address_text(person), None]),
        "wishes": rng.choice(["reliure de thèse", "papeterie d’entreprise", None]),
        "collected_on": "0000-00-00" if odd else str(person.joined),
        "last_contact_on": None if odd else str(contact), "last_contact_kind": rng.choice(["mail", "visit"]),
    })  # fmt: skip


def _letters(made: Shop, clients: list[Person], numbers: dict[int, int]) -> None:
    """Questions to the shop and, for gift lists, letters between two customers."""
    rng = made.rng
    chatty = [p for p in clients if p.number == 1 or rng.random() < 0.35]
    for person in chatty:
        day = made.day(max(person.joined, made.as_of - timedelta(days=365 * 3)), made.as_of)
        thread = _thread(made, "Question", "support", day)
        asked, answered = (
            rng.choice(words.QUESTIONS[person.language]),
            rng.choice(words.ANSWERS[person.language]),
        )
        if rng.random() < 0.2:
            asked += f"\nVous pouvez m’appeler au {person.phone} ou écrire à {person.email}."
        _message(made, thread, asked, day, sender=numbers[person.number])
        _message(made, thread, answered, day, recipient=numbers[person.number], employee=rng.randrange(1, 7))
    pairs = [(3, 4), (10, 3)] + [tuple(p.number for p in rng.sample(clients[8:], 2)) for _ in range(6)]
    for one, other in pairs:
        day = made.day(made.as_of - timedelta(days=300), made.as_of)
        thread = _thread(made, "Liste de mariage", "gift list", day)
        _message(made, thread, "Nous partageons l’album ?", day, numbers[one], numbers[other])
        _message(made, thread, "Oui, bonne idée !", day, numbers[other], numbers[one])


def _thread(made: Shop, subject: str, kind: str, day: date) -> int:
    state = "open" if (made.as_of - day).days < 20 else "closed"
    return made.add("message_threads", {"subject": subject, "kind": kind, "status": state, "opened_at": made.at(day)})


def _message(
    made: Shop, thread: int, body: str, day: date, sender: int | None = None, recipient: int | None = None,
    employee: int | None = None,
) -> None:  # fmt: skip
    made.add("messages", {
        "thread_id": thread, "sender_id": sender, "recipient_id": recipient, "employee_id": employee,
        "body": body, "sent_at": made.at(day),
    })  # fmt: skip


def _comments(made: Shop, clients: list[Person], numbers: dict[int, int]) -> None:
    """Reviews of products, by whoever typed a name, and notes of the staff about customers."""
    rng = made.rng
    for _ in range(90):
        person = rng.choice(clients[1:])  # never Ana: a review is under an address nobody checked
        made.add("comments", {
            "object_type": "product", "object_id": rng.randrange(1, len(PRODUCTS) + 1),
            "author_name": person.first, "author_email": person.email, "author_ip": ip(rng),
            "content": rng.choice(["Très beau papier.", "Lovely binding.", "Livré vite, merci."]),
            "created_at": made.at(made.day(person.joined, made.as_of)),
        })  # fmt: skip
    for person in clients[:1] + rng.sample(clients, 25):
        made.add("comments", {
            "object_type": "customer", "object_id": numbers[person.number], "author_name": None,
            "author_email": None, "author_ip": None, "content": f"A appelé, rappeler {person.first}.",
            "created_at": made.at(made.day(person.joined, made.as_of)),
        })  # fmt: skip


def _orphans(made: Shop) -> None:
    """Rows whose owner went years ago, in tables where nothing forbade it."""
    rng = made.rng
    for number in range(7):
        first, last = first_name(rng, "fr", True), last_name(rng, "fr")
        gone = 90_000 + number
        made.add("addresses", {
            "customer_id": gone, "alias": "Domicile", "recipient": f"{first} {last}",
            "line1": "3 rue aux Ours",
            "postcode": "69099", "city": "Lyon", "country": "FR", "is_deleted": 0, "updated_at": None,
        })  # fmt: skip
        made.add("customer_meta", {
            "customer_id": gone, "meta_key": "billing_phone", "meta_value": phone(rng, "fr"),
        })  # fmt: skip
        made.add("comments", {
            "object_type": "customer", "object_id": gone, "content": f"Ancienne cliente, {first}.",
            "author_email": mail(rng, first, last, gone) if number == 0 else None,
            "created_at": made.at(made.as_of - timedelta(days=4000)),
        })  # fmt: skip


def _web_log(made: Shop, clients: list[Person], numbers: dict[int, int]) -> None:
    rng = made.rng
    recent = [p for p in clients if (made.as_of - p.last_seen).days < _LOG_DAYS]
    for _ in range(len(clients) * 30):
        day = made.as_of - timedelta(days=rng.randrange(1, _LOG_DAYS))
        person = rng.choice(recent) if rng.random() < 0.15 else None
        made.add("web_log", {
            "ts": 0 if rng.random() < 0.001 else epoch(rng, day), "ip": ip(rng),
            "customer_id": numbers[person.number] if person else None, "method": "GET",
            "path": rng.choice(["/", "/carnets", "/albums", "/panier", "/contact", "/wp-login.php"]),
            "status": rng.choices([200, 304, 404, 500], [80, 12, 7, 1])[0],
            "referer": rng.choice([None, "https://search.test/?q=reliure"]),
            "user_agent": rng.choice(words.BROWSERS),
        })  # fmt: skip
