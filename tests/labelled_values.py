"""What the columns of the labelled schemas are filled with: invented people, and values of every kind.

A *content* is a word, perhaps with an argument, such as `email`, `pick(a|b)` or `json(shape)`. `Maker.make` turns
it into a value for one person. Everything comes from a seeded generator.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import random
import re
import string
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from faker import Faker

from troth.demo.database import php

TODAY = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
LOCALES = ("fr_FR", "en_GB", "de_DE", "es_ES")
_COUNTRIES = {"fr_FR": ("France", "FR"), "en_GB": ("United Kingdom", "GB"), "de_DE": ("Deutschland", "DE"),
              "es_ES": ("España", "ES")}  # fmt: skip
_ZONES = {"fr_FR": "Europe/Paris", "en_GB": "Europe/London", "de_DE": "Europe/Berlin", "es_ES": "Europe/Madrid"}
_DOMAINS = ("example.org", "example.com", "example.net", "courriel.test", "post.test", "mail.test")

WORDS = (
    "harbour", "lantern", "meadow", "copper", "window", "garden", "bridge", "summer", "winter", "paper", "silver",
    "market", "station", "river", "orchard", "kettle", "button", "ladder", "thunder", "pepper", "velvet", "timber",
    "canvas", "marble", "saddle", "anchor", "candle", "basket", "cotton", "ribbon", "jardin", "maison", "rivière",
    "fenêtre", "bateau", "cuisine", "école", "marché", "hiver", "printemps", "forêt", "chemin", "lumière",
    "montagne", "Garten", "Fenster", "Brücke", "Sommer", "Winter", "Markt", "Straße", "Küche", "Schule", "Wald",
    "Lampe", "Wagen", "Brief", "Wasser", "Himmel",
)  # fmt: skip
_OPENINGS = (
    "I think that", "Can somebody tell me whether", "Thanks,", "We met last week and", "Please note that",
    "Je pense que", "Pouvez-vous me dire si", "Merci beaucoup,", "Nous avons vu que", "Ich glaube, dass",
    "Vielen Dank,", "Kann mir jemand sagen, ob",
)  # fmt: skip
_MIDDLES = (
    "the delivery was late", "my account does not open", "the new version is much better", "the meeting moves to Monday",
    "la commande est arrivée", "le site ne répond plus", "cette page est très utile", "le rendez-vous est reporté",
    "das Paket noch nicht da ist", "die Seite sehr langsam ist", "der Termin verschoben wird",
)  # fmt: skip
_SETTINGS = (
    "site_title", "max_upload", "cache_lifetime", "smtp_port", "theme_default", "cron_interval", "log_level",
    "enable_search", "date_format", "items_per_page", "backup_path", "maintenance_mode", "feed_length", "allow_guests",
)  # fmt: skip
_FILES = ("png", "jpg", "pdf", "odt", "zip", "csv", "docx")
_MIMES = ("image/png", "image/jpeg", "application/pdf", "text/plain", "application/zip")
_BITS = ("core", "admin", "view", "edit", "module", "system", "files", "news", "shop", "report", "index", "panel")


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    number: int
    locale: str
    first: str
    last: str
    login: str
    email: str
    phone: str
    mobile: str
    street: str
    city: str
    postcode: str
    region: str
    company: str
    job: str
    birth: date
    ip: str
    agent: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def country(self) -> tuple[str, str]:
        """Name and ISO code."""
        return _COUNTRIES[self.locale]


def plain(text: str) -> str:
    """In lower case, without accents, letters and digits only."""
    folded = unicodedata.normalize("NFKD", text.replace("ß", "ss"))
    return re.sub(r"[^a-z0-9]", "", folded.encode("ascii", "ignore").decode().lower())


@cache
def _faker(locale: str, seed: int) -> Faker:
    fake = Faker(locale)
    fake.seed_instance(seed)
    return fake


@cache
def people(group: str, count: int, seed: int = 7) -> tuple[Person, ...]:
    """So many different people of a group; the same for the same seed."""
    spread = int(hashlib.sha256(group.encode()).hexdigest()[:6], 16)
    chance = random.Random(seed * 1_000_003 + spread)
    made: list[Person] = []
    taken: set[str] = set()
    for number in range(count):
        locale = chance.choice(LOCALES)
        made.append(_person(number, locale, _faker(locale, seed + spread), chance, taken))
    return tuple(made)


def _person(number: int, locale: str, fake: Faker, chance: random.Random, taken: set[str]) -> Person:
    first, last = fake.first_name(), fake.last_name()
    login = plain(first)[: chance.choice((1, 20))] + chance.choice(("", ".", "_")) + plain(last)
    login = f"{login}{number}" if login in taken or chance.random() < 0.3 else login
    taken.add(login)
    region = {"fr_FR": "region", "en_GB": "county", "de_DE": "administrative_unit", "es_ES": "state"}[locale]
    return Person(
        number, locale, first, last, login,
        f"{plain(first)}.{plain(last)}{number}@{chance.choice(_DOMAINS)}", fake.phone_number(), fake.phone_number(),
        fake.street_address().replace("\n", ", "), fake.city(), fake.postcode(), str(getattr(fake, region)()),
        fake.company(), fake.job(), date(1945, 1, 1) + timedelta(days=chance.randrange(23_000)),
        _ip(chance), fake.user_agent(),
    )  # fmt: skip


def _ip(chance: random.Random) -> str:
    if chance.random() < 0.25:
        return str(ipaddress.IPv6Address((0x20010DB8 << 96) | chance.getrandbits(64)))
    return f"{chance.choice(('192.0.2', '198.51.100', '203.0.113', '10.1.4'))}.{chance.randrange(1, 255)}"


class Maker:
    """Makes values. ``shapes`` are the structures that `json(…)` and `php(…)` name."""

    def __init__(self, chance: random.Random, shapes: Mapping[str, Any] | None = None) -> None:
        self.chance = chance
        self.shapes = shapes or {}

    def make(self, content: str, person: Person, number: int) -> Any:
        """A value of that content; ``number`` is the row's. Raises KeyError for a word that is not known."""
        word, _, argument = content.partition("(")
        if argument:
            return self._with_argument(word, argument.removesuffix(")"), person, number)
        simple = _SIMPLE.get(word)
        return simple(person) if simple else _MADE[word](self.chance, person, number)

    def _with_argument(self, word: str, argument: str, person: Person, number: int) -> Any:
        chance = self.chance
        if word in ("json", "php"):
            return json.dumps(self.shape(argument, person, number), ensure_ascii=False) if word == "json" else php(
                self.shape(argument, person, number)
            )  # fmt: skip
        if word == "number":
            low, _, high = argument.partition("..")
            return chance.randint(int(low), int(high))
        made: dict[str, Callable[[], Any]] = {
            "pick": lambda: chance.choice(argument.split("|")),
            "constant": lambda: argument,
            "words": lambda: " ".join(chance.choices(WORDS, k=int(argument))).capitalize(),
            "digits": lambda: "".join(chance.choices(string.digits, k=int(argument))),
            "prefixed": lambda: f"{argument}{chance.randrange(1, 99_999)}",
            "prefixed_login": lambda: f"{argument}{person.login}",
            "serial_text": lambda: f"{argument}{number + 1:05d}"[: max(len(argument) + 5, 1)],
        }
        return made[word]()

    def shape(self, name: str, person: Person, number: int) -> Any:
        """The structure of that name, filled for a person."""

        def fill(node: Any) -> Any:
            if isinstance(node, Mapping):
                return {key: fill(item) for key, item in node.items()}
            if isinstance(node, list):
                return [fill(item) for item in node]
            value = self.make(str(node), person, number)
            return value.isoformat() if isinstance(value, date) else value

        return fill(self.shapes[name])


def moment(chance: random.Random) -> datetime:
    """Some second of the last seven years, UTC; more of them lately."""
    return TODAY - timedelta(seconds=int(chance.random() ** 2 * 7 * 365 * 86_400))


def _hex(chance: random.Random, digits: int) -> str:
    return f"{chance.getrandbits(digits * 4):0{digits}x}"


def _key(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(string.ascii_lowercase + string.digits, k=length))


def _noise(chance: random.Random) -> str:
    return "".join(chance.choices(string.ascii_letters + string.digits + "+/", k=chance.randint(60, 200)))


def _sentence(chance: random.Random, person: Person) -> str:
    tail = chance.choice(("", "", "", f", {person.first}", f" ({person.phone})"))
    return f"{chance.choice(_OPENINGS)} {chance.choice(_MIDDLES)}{tail}."


def _text(chance: random.Random, person: Person) -> str:
    return " ".join(_sentence(chance, person) for _ in range(chance.randint(2, 5)))


def _title(chance: random.Random) -> str:
    return f"{chance.choice(_MIDDLES)} {chance.choice(WORDS)}".capitalize()


def _crypt(chance: random.Random, prefix: str, length: int) -> str:
    return prefix + "".join(chance.choices(string.ascii_letters + string.digits + "./", k=length))


def _ip_hex(person: Person) -> str:
    address = ipaddress.ip_address(person.ip)
    return f"{int(address):08X}" if address.version == 4 else f"v6-{int(address):032X}"


def _path(chance: random.Random) -> str:
    return "/" + "/".join(chance.choices(_BITS, k=chance.randint(1, 4)))


def _wiki_title(chance: random.Random, number: int) -> str:
    return f"{chance.choice(WORDS).capitalize()}_{chance.choice(WORDS)}_{number % 97}"


def _address(person: Person) -> str:
    return f"{person.street}, {person.postcode} {person.city}"


def _vcard(person: Person) -> str:
    lines = ("BEGIN:VCARD", "VERSION:3.0", f"FN:{person.name}", f"N:{person.last};{person.first};;;",
             f"EMAIL;TYPE=HOME:{person.email}", f"TEL;TYPE=CELL:{person.mobile}", "END:VCARD")  # fmt: skip
    return "\r\n".join(lines)


def _ical(chance: random.Random, person: Person) -> str:
    lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "BEGIN:VEVENT", f"SUMMARY:{_title(chance)}",
             f"ATTENDEE;CN={person.name}:mailto:{person.email}", "END:VEVENT", "END:VCALENDAR")  # fmt: skip
    return "\r\n".join(lines)


def _iban(chance: random.Random, person: Person) -> str:
    """As long as the country's are, with check digits that are right."""
    country = person.country[1]
    bank = "".join(chance.choices(string.ascii_uppercase, k=4)) if country == "GB" else ""
    bban = bank + "".join(chance.choices(string.digits, k={"FR": 23, "DE": 18, "ES": 20, "GB": 14}[country]))
    digits = "".join(str(int(letter, 36)) for letter in f"{bban}{country}00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"


def _nif(chance: random.Random) -> str:
    number = chance.randrange(10_000_000, 99_999_999)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def _uuid(chance: random.Random) -> str:
    digits = _hex(chance, 32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


_SIMPLE: dict[str, Callable[[Person], Any]] = {
    "email": lambda p: p.email, "login": lambda p: p.login, "login_lower": lambda p: p.login.lower(),
    "person_name": lambda p: p.name, "staff_name": lambda p: p.name, "first_name": lambda p: p.first,
    "last_name": lambda p: p.last, "phone": lambda p: p.phone, "mobile": lambda p: p.mobile,
    "street": lambda p: p.street, "city": lambda p: p.city, "postcode": lambda p: p.postcode,
    "region": lambda p: p.region, "country": lambda p: p.country[0], "country_code": lambda p: p.country[1],
    "company": lambda p: p.company, "job": lambda p: p.job, "ip": lambda p: p.ip, "user_agent": lambda p: p.agent,
    "ip_hex": _ip_hex, "ip_packed": lambda p: ipaddress.ip_address(p.ip).packed, "address": _address,
    "vcard": _vcard, "birthday": lambda p: p.birth, "birthday_iso": lambda p: p.birth.isoformat(),
    "birthday_dmy": lambda p: f"{p.birth.day:2d}-{p.birth.month:2d}-{p.birth.year}",
    "lang": lambda p: p.locale[:2], "locale": lambda p: p.locale, "locale2": lambda p: p.locale[:2],
    "timezone": lambda p: _ZONES[p.locale], "mailto": lambda p: f"mailto:{p.email}",
    "company_email": lambda p: f"contact@{plain(p.company)[:20]}.example", "domain": lambda p: p.email.split("@")[1],
    "name_semicolons": lambda p: f"{p.last};{p.first};;;", "principal": lambda p: f"principals/users/{p.login}",
    "home_path": lambda p: f"/{p.login}/", "avatar": lambda p: f"avatars/{p.number}.jpg",
    "personal_url": lambda p: f"https://{plain(p.last)}.example.net/", "empty": lambda p: "",
    "subnet": lambda p: str(ipaddress.ip_network(f"{p.ip}/{24 if '.' in p.ip else 64}", strict=False)),
    "person_or_company": lambda p: p.company if p.number % 3 == 0 else p.name,
}  # fmt: skip
"""Contents that follow from the person alone."""

_MADE: dict[str, Callable[[random.Random, Person, int], Any]] = {
    "serial": lambda c, p, n: n + 1,
    "login_or_ip": lambda c, p, n: p.login if n % 5 else p.ip,
    "epoch": lambda c, p, n: int(moment(c).timestamp()),
    "datetime": lambda c, p, n: moment(c).replace(tzinfo=None, microsecond=0),
    "date": lambda c, p, n: moment(c).date(),
    "time": lambda c, p, n: time(c.randrange(24), c.randrange(60), c.randrange(60)),
    "ts14": lambda c, p, n: moment(c).strftime("%Y%m%d%H%M%S"),
    "bcrypt": lambda c, p, n: _crypt(c, "$2y$10$", 53),
    "argon": lambda c, p, n: _crypt(c, "3|$argon2id$v=19$m=65536,t=4,p=1$", 65),
    "phpass": lambda c, p, n: _crypt(c, "$P$B", 30),
    "wiki_hash": lambda c, p, n: _crypt(c, ":pbkdf2:sha512:30000:64:", 60),
    "md5": lambda c, p, n: _hex(c, 32),
    "sha1": lambda c, p, n: _hex(c, 40),
    "sha256": lambda c, p, n: _hex(c, 64),
    "sha512": lambda c, p, n: _hex(c, 128),
    "base36": lambda c, p, n: _key(c, 31),
    "token": lambda c, p, n: _crypt(c, "", 43).replace(".", "-").replace("/", "_"),
    "secret": lambda c, p, n: "".join(c.choices(string.ascii_uppercase + "234567", k=32)),
    "key8": lambda c, p, n: _key(c, 8),
    "key10": lambda c, p, n: _key(c, 10),
    "key13": lambda c, p, n: _hex(c, 13),
    "key16": lambda c, p, n: _key(c, 16),
    "key23": lambda c, p, n: _key(c, 23),
    "noise": lambda c, p, n: _noise(c),
    "sentence": lambda c, p, n: _sentence(c, p),
    "text": lambda c, p, n: _text(c, p),
    "html": lambda c, p, n: f"<p>{_text(c, p)}</p>\n<p>{_sentence(c, p)}</p>",
    "wikitext": lambda c, p, n: f"'''{c.choice(WORDS).capitalize()}''' {_text(c, p)}\n\n[[Category:{c.choice(WORDS)}]]",
    "title": lambda c, p, n: _title(c),
    "slug": lambda c, p, n: f"{c.choice(_BITS)}-{c.choice(_BITS)}-{n}" if n % 2 else f"{c.choice(_BITS)}{n}",
    "url": lambda c, p, n: f"https://www.example.com{_path(c)}?id={c.randrange(1, 900)}",
    "path": lambda c, p, n: _path(c),
    "filename": lambda c, p, n: f"{c.choice(WORDS)}_{n}.{c.choice(_FILES)}",
    "mime": lambda c, p, n: c.choice(_MIMES),
    "size": lambda c, p, n: c.randrange(100, 4_000_000),
    "counter": lambda c, p, n: c.randrange(0, 400),
    "fraction": lambda c, p, n: round(c.random(), 9),
    "flag": lambda c, p, n: int(c.random() < 0.5),
    "amount": lambda c, p, n: round(c.random() * 900, 2),
    "colour": lambda c, p, n: _hex(c, 6).upper(),
    "version": lambda c, p, n: f"{c.randrange(1, 18)}.{c.randrange(0, 9)}",
    "classname": lambda c, p, n: f"App\\{c.choice(_BITS).capitalize()}\\{c.choice(_BITS).capitalize()}{n}",
    "setting_name": lambda c, p, n: f"{c.choice(_SETTINGS)}_{n}" if n >= len(_SETTINGS) else _SETTINGS[n],
    "setting_value": lambda c, p, n: c.choice(("1", "0", "25", "default", "localhost", "Y-m-d", "/var/www/data")),
    "cache_key": lambda c, p, n: f"{c.choice(_BITS)}:{c.choice(_BITS)}:{_hex(c, 12)}",
    "code": lambda c, p, n: f"{c.choice(_BITS)}_count > {c.randrange(9)} & !{c.choice(_BITS)}_flag",
    "unique_word": lambda c, p, n: f"{WORDS[n % len(WORDS)]}{n // len(WORDS) or ''}",
    "wiki_title": lambda c, p, n: _wiki_title(c, n),
    "reversed_domain": lambda c, p, n: f"https://org.example.{c.choice(_BITS)}.",
    "message_id": lambda c, p, n: f"<{_key(c, 20)}@mail.test>",
    "ical": lambda c, p, n: _ical(c, p),
    "thread": lambda c, p, n: f"{n % 100:02x}/",
    "street2": lambda c, p, n: c.choice(("Bâtiment B", "2nd floor", "Hinterhaus", "Appartement 4")),
    "uuid": lambda c, p, n: _uuid(c),
    "latitude": lambda c, p, n: round(43 + c.random() * 10, 6),
    "longitude": lambda c, p, n: round(-3 + c.random() * 12, 6),
    "iban": lambda c, p, n: _iban(c, p),
    "bic": lambda c, p, n: "".join(c.choices(string.ascii_uppercase, k=4)) + p.country[1] + "PPXXX",
    "siren": lambda c, p, n: "".join(c.choices(string.digits, k=9)),
    "siret": lambda c, p, n: "".join(c.choices(string.digits, k=14)),
    "vat": lambda c, p, n: p.country[1] + "".join(c.choices(string.digits, k=11)),
    "nif": lambda c, p, n: _nif(c),
}
"""Contents that need chance or the number of the row."""
