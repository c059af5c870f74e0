"""The service database of Atelier Passerelle: accounts, projects, shared documents, tickets, logins."""

from __future__ import annotations

import base64
import json
import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from troth.demo import words
from troth.demo.database import Row, days_between, epoch, moment
from troth.demo.invented import first_name, last_name
from troth.demo.people import YEARS, Person, ip, mail, phone, plain

_KEYS = {"profiles": "", "settings": "", "sessions": "", "document_shares": ""}
_LOGIN_DAYS = 390


@dataclass
class Service:
    """The tables while they are being filled, and what the billing software must know of them."""

    rng: Random
    as_of: date
    tables: dict[str, list[Row]] = field(default_factory=dict)
    uuids: dict[int, str] = field(default_factory=dict)
    """Account uuid by person number."""

    def add(self, table: str, row: dict[str, str | int | float | None]) -> int:
        """Append a row; tables with a plain number as key get the next one."""
        rows = self.tables.setdefault(table, [])
        number = len(rows) + 1
        key = _KEYS.get(table, "id")
        rows.append({key: number, **row} if key else row)
        return number

    def between(self, first: date, last: date) -> date:
        """A day between two."""
        return days_between(self.rng, first, last)

    def at(self, day: date) -> str:
        """A time of that day."""
        return moment(self.rng, day)


def service(rng: Random, as_of: date, everyone: list[Person]) -> Service:
    """All tables of ``service.sqlite``."""
    made = Service(rng, as_of)
    _staff(made)
    _clients(made)
    holders = [p for p in everyone if p.role != "reader"]
    seen: set[str] = set()
    for person in holders:
        if person.email not in seen:  # one account for one mail address
            seen.add(person.email)
            _account(made, person)
    with_account = [p for p in holders if p.number in made.uuids]
    accounts = {p.number: place for place, p in enumerate(with_account, start=1)}
    for person in with_account:
        _work(made, person, accounts)
        _tickets(made, person, accounts[person.number])
        _logins(made, person, accounts[person.number])
    _shares(made)
    _invitations(made, everyone, len(accounts))
    return made


def _staff(made: Service) -> None:
    for number in range(1, 7):
        first, last = first_name(made.rng, "fr", made.rng.random() < 0.5), last_name(made.rng, "fr")
        hired = made.between(made.as_of - timedelta(days=365 * YEARS), made.as_of - timedelta(days=100))
        made.add("staff", {
            "manager_id": None if number == 1 else 1, "email": f"{plain(first)}{number}@passerelle.test",
            "full_name": f"{first} {last}", "hired_on": str(hired),
            "left_on": str(made.between(hired, made.as_of)) if number == 6 else None,
        })  # fmt: skip


def _clients(made: Service) -> None:
    """The companies whose own customers' data lies in the service."""
    for number, name in enumerate(words.COMPANIES[:8], start=1):
        start = made.between(made.as_of - timedelta(days=365 * 9), made.as_of - timedelta(days=500))
        ended = number in {3, 6}
        # One left long enough ago that its data must be gone, the other is within the agreed time.
        end = made.as_of - timedelta(days=200 if number == 3 else 12)
        made.add("clients", {
            "code": f"client-{plain(name)[:12]}", "legal_name": name,
            "status": "ended" if ended else "active",
            "contract_from": str(min(start, end)), "contract_to": str(end) if ended else None,
        })  # fmt: skip
        for _ in range(made.rng.randrange(15, 40)):
            _client_record(made, number, min(start, end), end if ended else made.as_of)


def _client_record(made: Service, client: int, first: date, last: date) -> None:
    rng = made.rng
    language = rng.choice(["fr", "en"])
    name, family = first_name(rng, language, language == "fr"), last_name(rng, language)
    made.add("client_records", {
        "client_id": client, "full_name": f"{name} {family}",
        "email": mail(rng, name, family, 5000 + rng.randrange(4000)) if rng.random() < 0.8 else None,
        "phone": rng.choice([phone(rng, "fr"), None]),
        "details": json.dumps({"file": f"D-{rng.randrange(10_000)}", "remarks": "rappeler"}),
        "created_at": made.at(made.between(first, last)),
    })  # fmt: skip


def _account(made: Service, person: Person) -> None:
    rng = made.rng
    made.uuids[person.number] = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    idle = (made.as_of - person.last_seen).days
    closed = person.number > 10 and idle > 400 and rng.random() < 0.4
    seen: str | None = made.at(person.last_seen)
    if person.number > 10 and rng.random() < 0.03:
        seen = rng.choice([None, "0000-00-00 00:00:00"])
    account = made.add("accounts", {
        "uuid": made.uuids[person.number],
        "client_id": rng.randrange(1, 9) if person.company else None,
        "email": person.email, "username": f"{plain(person.first)[:12]}{person.number}",
        "password_hash": _argon2(rng), "status": "closed" if closed else "active",
        "is_restricted": 0, "is_manager": int(person.number in {5, 12}),
        "created_at": made.at(person.joined), "last_login_at": seen,
        "closed_at": made.at(made.between(person.last_seen, made.as_of)) if closed else None,
    })  # fmt: skip
    made.add("profiles", {
        "account_id": account, "first_name": person.first, "last_name": person.last,
        "phone": person.phone if rng.random() < 0.7 else None,
        "job": rng.choice(["archiviste", "editor", None]),
        "bio": rng.choice([None, "", f"{person.first}, passionnée d’archives.", "Keeps bees and old maps."]),
        "picture": f"avatars/{account}.jpg" if rng.random() < 0.3 else None,
        "preferences": json.dumps(_preferences(person, rng), ensure_ascii=False),
    })  # fmt: skip
    if rng.random() < 0.4 or person.number == 1:
        made.add("settings", {"name": f"user_{account}_layout", "value": json.dumps({"columns": 2})})


def _argon2(rng: Random) -> str:
    salt, key = (base64.b64encode(rng.randbytes(n)).decode().rstrip("=") for n in (16, 32))
    return f"$argon2id$v=19$m=65536,t=3,p=4${salt}${key}"


def _preferences(person: Person, rng: Random) -> dict[str, object]:
    return {
        "theme": rng.choice(["light", "dark"]), "language": person.language,
        "notifications": {"mail": True, "sms": rng.random() < 0.2, "phone": person.phone},
        "address": {"city": person.address.city, "country": person.address.country},
        "searches": rng.sample(["contrats", "plans", "invoices", "minutes"], k=rng.randrange(0, 4)),
    }  # fmt: skip


def _work(made: Service, person: Person, accounts: dict[int, int]) -> None:
    rng, account = made.rng, accounts[person.number]
    for _ in range(rng.randrange(0, 4) + (person.number == 1)):
        day = made.between(person.joined, person.last_seen)
        project = made.add("projects", {
            "owner_id": account, "name": rng.choice(["Inventaire", "Plans 1930", "Minutes", "Archives"]),
            "description": rng.choice([None, f"Confié à {person.name}."]), "created_at": made.at(day),
        })  # fmt: skip
        for _ in range(rng.randrange(1, 5)):
            # Sometimes a colleague writes in the project of another: two people in one chain of rows.
            author = account if account == 1 or rng.random() < 0.95 else rng.randrange(2, len(accounts) + 1)
            made.add("documents", {
                "project_id": project, "author_id": author,
                "title": rng.choice(["Note de synthèse", "Minutes of the board", "Liste des boîtes"]),
                "body": rng.choice([None, f"Rédigé par {person.name}.", "Draft, to be checked."]),
                "updated_at": made.at(made.between(day, person.last_seen)),
                "deleted_at": made.at(person.last_seen) if rng.random() < 0.08 else None,
            })  # fmt: skip


def _shares(made: Service) -> None:
    """Documents shared with another account; never Ana's, whose story in the tour stays simple."""
    rng = made.rng
    others = len(made.tables["accounts"])
    for place, document in enumerate(made.tables["documents"], start=1):
        guest = rng.randrange(2, others + 1)
        if document["author_id"] in {1, guest} or rng.random() > 0.1:
            continue
        made.add("document_shares", {
            "document_id": place, "account_id": guest, "role": rng.choice(["read", "write"]),
            "shared_at": str(document["updated_at"]),
        })  # fmt: skip


def _invitations(made: Service, everyone: list[Person], accounts: int) -> None:
    rng = made.rng
    for person in [p for p in everyone if p.role == "reader"] + rng.sample(everyone[1:], len(everyone) // 20):
        made.add("invitations", {
            "inviter_id": rng.randrange(2, accounts + 1), "email": person.email,
            "status": rng.choice(["sent", "accepted", "expired"]),
            "sent_on": str(made.between(made.as_of - timedelta(days=500), made.as_of)),
        })  # fmt: skip


def _tickets(made: Service, person: Person, account: int) -> None:
    rng = made.rng
    for _ in range(rng.choices([0, 1, 2], [60, 30, 10])[0] + (person.number == 1)):
        day = made.between(person.joined, person.last_seen)
        closed = (made.as_of - day).days > 15 or person.number == 1
        unknown = person.number > 10 and rng.random() < 0.05
        ticket = made.add("tickets", {
            "account_id": None if unknown else account, "contact_email": person.email,
            "subject": rng.choice(["Connexion impossible", "Export", "Facture", "Search is slow"]),
            "status": "closed" if closed else "open", "opened_at": made.at(day),
            "closed_at": made.at(min(made.as_of, day + timedelta(days=7))) if closed else None,
        })  # fmt: skip
        asked, answered = (
            rng.choice(words.QUESTIONS[person.language]),
            rng.choice(words.ANSWERS[person.language]),
        )
        for author_type, author, body in (
            ("account", account, f"{asked}\n{person.name}"), ("staff", rng.randrange(1, 7), answered),
        ):  # fmt: skip
            made.add("ticket_messages", {
                "ticket_id": ticket, "author_type": author_type, "author_id": author, "body": body,
                "sent_at": made.at(day),
            })  # fmt: skip


def _logins(made: Service, person: Person, account: int) -> None:
    rng = made.rng
    first = max(person.joined, made.as_of - timedelta(days=_LOGIN_DAYS))
    if person.last_seen < first:
        return
    for _ in range(rng.randrange(5, 40)):
        day, right = made.between(first, person.last_seen), rng.random() < 0.93
        made.add("login_log", {
            "account_id": account if right else None, "login_tried": person.email, "ip": ip(rng),
            "user_agent": rng.choice(words.BROWSERS), "succeeded": int(right),
            "at_ms": epoch(rng, day) * 1000,
        })  # fmt: skip
    if (made.as_of - person.last_seen).days < 60 or person.number == 1:
        # Some have run out weeks ago: nothing in the service ever cleaned up.
        started = epoch(rng, made.as_of - timedelta(days=rng.randrange(1, 13 if person.number == 1 else 55)))
        made.add("sessions", {
            "token": f"{rng.getrandbits(128):032x}", "account_id": account, "ip": ip(rng),
            "user_agent": rng.choice(words.BROWSERS), "started": started, "expires": started + 14 * 86_400,
        })  # fmt: skip
