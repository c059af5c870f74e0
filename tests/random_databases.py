"""Databases nobody designed, with what is true of them: for tests that must hold on any database.

`databases()` is a Hypothesis strategy; `example(seed)` gives one without Hypothesis. A database is about people whose
tables and columns bear names in one of five languages (or names that say nothing), with links declared or not,
composite keys, key/value rows, JSON, cycles, self-references, views, reserved words and odd letters in names, NULLs,
empty tables and repeated rows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from hypothesis import strategies as st

from labelled import Keyed, Labelled, LabelledColumn, LabelledTable, Reference, fill

LANGUAGES = ("en", "fr", "de", "es", "it")

CONCEPTS: dict[str, tuple[str, str, str, tuple[str, str, str, str, str]]] = {
    "email": ("varchar(190)", "email", "EmailAddress", ("email", "courriel", "mailadresse", "correo", "posta elettronica")),
    "first": ("varchar(80)", "first_name", "Name", ("given name", "prenom", "vorname", "nombre", "nome")),
    "last": ("varchar(80)", "last_name", "Name", ("family name", "nom famille", "nachname", "apellidos", "cognome")),
    "name": ("varchar(120)", "person_name", "Name", ("full name", "nom complet", "name", "nombre completo", "nominativo")),
    "login": ("varchar(60)", "login", "Username", ("login", "identifiant connexion", "benutzername", "usuario", "nome utente")),
    "phone": ("varchar(40)", "phone", "TelephoneNumber", ("phone", "telephone", "telefon", "telefono", "telefono")),
    "mobile": ("varchar(40)", "mobile", "TelephoneNumber", ("mobile", "portable", "handy", "movil", "cellulare")),
    "street": ("varchar(160)", "street", "Street", ("street", "rue", "strasse", "calle", "via")),
    "address": ("text", "address", "PhysicalAddress", ("address", "adresse", "anschrift", "direccion", "indirizzo")),
    "city": ("varchar(90)", "city", "City", ("city", "ville", "ort", "ciudad", "citta")),
    "postcode": ("varchar(20)", "postcode", "PostalCode", ("postcode", "code postal", "plz", "codigo postal", "cap")),
    "birth": ("date", "birthday", "BirthDate", ("birth date", "date naissance", "geburtsdatum", "fecha nacimiento", "data nascita")),
    "gender": ("varchar(10)", "pick(male|female|other)", "Gender", ("gender", "sexe", "geschlecht", "sexo", "sesso")),
    "ip": ("varchar(45)", "ip", "IPAddress", ("ip address", "adresse ip", "ip adresse", "direccion ip", "indirizzo ip")),
    "packed": ("binary(16)", "ip_packed", "IPAddress", ("ip", "ip", "ip", "ip", "ip")),
    "agent": ("text", "user_agent", "UserAgent", ("user agent", "navigateur", "browser", "navegador", "browser")),
    "password": ("varchar(80)", "bcrypt", "Password", ("password", "mot de passe", "passwort", "contrasena", "parola chiave")),
    "iban": ("varchar(40)", "iban", "FinancialAccountNumber", ("iban", "iban", "iban", "iban", "iban")),
    "message": ("text", "text", "Communication", ("message", "message", "nachricht", "mensaje", "messaggio")),
    "note": ("text", "sentence", "Communication", ("comment", "commentaire", "bemerkung", "comentario", "commento")),
    "subject": ("varchar(160)", "title", "Communication", ("subject", "objet", "betreff", "asunto", "oggetto")),
}  # fmt: skip
"""What a column may hold: its type, content, category, and its name in each language."""

SHOWS_ITSELF = {"email", "ip", "iban", "password", "agent", "birth"}
"""Concepts whose values can be told under a name that says nothing. The others are then arguable."""

PEOPLE = {"en": ("customer", "member", "patient"), "fr": ("client", "adherent", "patient"),
          "de": ("kunde", "mitglied", "patient"), "es": ("cliente", "socio", "paciente"),
          "it": ("cliente", "socio", "paziente")}  # fmt: skip
EVENTS = {"en": ("order", "booking"), "fr": ("commande", "reservation"), "de": ("bestellung", "buchung"),
          "es": ("pedido", "reserva"), "it": ("ordine", "prenotazione")}  # fmt: skip
LETTERS = {"en": "letter", "fr": "courrier", "de": "brief", "es": "carta", "it": "lettera"}
LINES = {"en": "line", "fr": "ligne", "de": "position", "es": "linea", "it": "riga"}
VISITS = {"en": "visit", "fr": "visite", "de": "besuch", "es": "visita", "it": "visita"}
EXTRAS = {"en": "extra", "fr": "complement", "de": "zusatz", "es": "adicional", "it": "aggiunta"}
GOODS = {"en": "product", "fr": "produit", "de": "artikel", "es": "producto", "it": "prodotto"}
OPTIONS = {"en": "setting", "fr": "reglage", "de": "einstellung", "es": "ajuste", "it": "impostazione"}
SHAPES = {
    "contact": {"mail": "email", "since": "epoch", "tags": ["words(1)"]},
    "options": {"theme": "pick(dark|light)", "columns": "counter"},
}
RESERVED = ("order", "group", "user", "select", "table", "Key", "from", "primary")


@dataclass(frozen=True, repr=False)
class RandomDatabase:
    """A schema with its labels, the views over it, and the table and column by which a person is known."""

    schema: Labelled
    views: tuple[tuple[str, str], ...]
    people: str
    email: str
    seed: int

    def __repr__(self) -> str:
        return f"example({self.seed})"

    def build(self, url: str, *, empty: bool = False) -> None:
        """Make it in an empty database."""
        fill(self.schema, url, empty=empty, seed=self.seed)
        engine = sa.create_engine(url, hide_parameters=True)
        quote = engine.dialect.identifier_preparer.quote
        try:
            with engine.begin() as connection:
                for view, table in self.views:
                    connection.execute(sa.text(f"CREATE VIEW {quote(view)} AS SELECT * FROM {quote(table)}"))
        finally:
            engine.dispose()

    def somebody(self, url: str) -> str | None:
        """The e-mail address of a person who is in it, if there is one."""
        engine = sa.create_engine(url, hide_parameters=True)
        column: sa.ColumnClause[str] = sa.column(self.email)
        try:
            with engine.connect() as connection:
                question = sa.select(column).select_from(sa.table(self.people)).where(column.is_not(None), column != "")
                return connection.execute(question.order_by(column).limit(1)).scalar()
        finally:
            engine.dispose()


def databases() -> st.SearchStrategy[RandomDatabase]:
    """Any such database. A failing one is printed as `example(number)`."""
    return st.integers(0, 1_000_000).map(example)


def example(seed: int) -> RandomDatabase:
    """The database of that number."""
    return _Builder(random.Random(seed), seed).database()


class _Builder:
    """Makes one database by a chain of choices."""

    def __init__(self, chance: random.Random, seed: int) -> None:
        self.chance = chance
        self.seed = seed
        self.language = chance.choice(LANGUAGES)
        self.style = chance.choice(("snake", "snake", "camel", "pascal", "upper", "spaced", "prefixed"))
        self.opaque = chance.random() < 0.15
        self.declares = chance.random()
        self.plural = chance.random() < 0.5
        self.count = 0
        self.tables: dict[str, LabelledTable] = {}

    def maybe(self, share: float) -> bool:
        return self.chance.random() < share

    def named(self, words: str, table: str = "") -> str:
        """A name in this database's manner."""
        self.count += 1
        if self.opaque:
            return f"f{self.count:03d}" if table else f"t{self.count:02d}"
        parts = words.split()
        title = "".join(p.capitalize() for p in parts)
        return {
            "snake": "_".join(parts), "camel": title[:1].lower() + title[1:], "pascal": title,
            "upper": "_".join(parts).upper(), "spaced": " ".join(parts),
            "prefixed": f"{table[:3].lower()}_{'_'.join(parts)}" if table else f"app_{'_'.join(parts)}",
        }[self.style]  # fmt: skip

    def table_name(self, words: str) -> str:
        """A free name of a table, at times a reserved word."""
        name = self.named(words + ("s" if self.plural and self.language != "de" else ""))
        if self.maybe(0.08):
            name = self.chance.choice(RESERVED)
        while name.lower() in {taken.lower() for taken in self.tables}:
            name = f"{name}_{len(self.tables)}"
        return name

    def column(self, table: str, concept: str, taken: set[str]) -> LabelledColumn:
        """A column of that concept."""
        kind, content, category, names = CONCEPTS[concept]
        name = self.free(self.named(names[LANGUAGES.index(self.language)], table), taken)
        plain = not self.opaque or concept in SHOWS_ITSELF
        return LabelledColumn(
            name, kind, content, null=self.chance.choice((0, 5, 40)), personal=category if plain else "", either=not plain
        )  # fmt: skip

    @staticmethod
    def free(name: str, taken: set[str]) -> str:
        while name.lower() in taken:
            name = f"{name}2"
        taken.add(name.lower())
        return name

    def thing(self, table: str, words: str, kind: str, content: str, taken: set[str]) -> LabelledColumn:
        """A column that is not personal."""
        return LabelledColumn(self.free(self.named(words, table), taken), kind, content)

    def add(
        self, name: str, columns: list[LabelledColumn], key: tuple[str, ...], rows: int, **more: Any
    ) -> LabelledTable:
        made = LabelledTable(name, tuple(columns), key, rows=rows, **more)
        self.tables[name] = made
        return made

    # --- tables ----------------------------------------------------------------------------------

    def database(self) -> RandomDatabase:
        person = self.person_table()
        orders = self.events(person)
        if self.maybe(0.6):
            self.lines(orders)
        if self.maybe(0.6):
            self.letters(person)
        if self.maybe(0.5):
            self.visits(person)
        if self.maybe(0.4):
            self.key_values(person)
        if self.maybe(0.3) and len(person.key) == 1:
            self.cycle(person, orders)
        for words, goods in ((GOODS, True), (OPTIONS, False)):
            if self.maybe(0.7):
                self.technical(words[self.language], goods)
        views = ((self.table_name("view all"), person.name),) if self.maybe(0.3) else ()
        schema = Labelled(f"random-{self.seed}", "random", tuple(self.tables.values()), SHAPES)
        email = next(c.name for c in person.columns if c.content == "email")
        return RandomDatabase(schema, views, person.name, email, self.seed)

    def key_columns(self, table: str, taken: set[str]) -> list[LabelledColumn]:
        """The key: a number, a uuid, a text code or two columns."""
        kind = self.chance.choice(("number", "number", "number", "uuid", "code", "two"))
        if kind == "uuid":
            return [self.thing(table, "id", "uuid", "uuid", taken)]
        if kind == "code":
            return [self.thing(table, "code", "varchar(20)", "serial_text(K)", taken)]
        number = self.thing(table, "id", self.chance.choice(("int", "bigint")), "serial", taken)
        tenant = [self.thing(table, "mandant", "int", "pick(1|2)", taken)] if kind == "two" else []
        return [*tenant, number]

    def person_table(self) -> LabelledTable:
        words = self.chance.choice(PEOPLE[self.language])
        name, taken = self.table_name(words), set[str]()
        keys = self.key_columns(name, taken)
        wanted = ["email", *self.chance.sample([c for c in CONCEPTS if c not in ("email", "message", "subject")], 6)]
        columns = [*keys, *(self.column(name, concept, taken) for concept in wanted)]
        columns += [
            self.thing(name, "status", "smallint", "pick(0|1|2)", taken),
            self.thing(name, "created at", self.chance.choice(("datetime", "date")), "datetime", taken),
        ]
        if columns[-1].type == "date":
            columns[-1] = replace(columns[-1], content="date")
        if self.maybe(0.3):
            inner = self.thing(name, "data", self.chance.choice(("json", "text")), "json(contact)", taken)
            columns.append(replace(inner, either=True))
        if self.maybe(0.3) and len(keys) == 1 and keys[0].content == "serial":
            parent = self.thing(name, "parent id", keys[0].type, "", taken)
            columns.append(replace(parent, null=60, references=(Reference(name, keys[0].name, belongs=False),)))
        # One row under names that say nothing can be read by nobody.
        rows = self.chance.choice((30, 120) if self.opaque else (1, 30, 120))
        return self.add(name, columns, tuple(k.name for k in keys), rows, people="people")

    def link(self, table: str, parent: LabelledTable, taken: set[str], word: str) -> Iterator[LabelledColumn]:
        """The columns by which rows belong to a parent's."""
        declared = self.maybe(self.declares)
        null = 0 if len(parent.key) > 1 else self.chance.choice((0, 0, 20))
        for key in (parent.column(k) for k in parent.key):
            mark = "owner" if len(parent.key) > 1 else ""
            to = Reference(parent.name, key.name, belongs=True, declared=declared, together=mark)
            name = self.named(f"{word} {key.name.split('_')[-1].lower()}" if not self.opaque else "link", table)
            yield LabelledColumn(self.free(name, taken), key.type, references=(to,), null=null)

    def owned(self, parent: LabelledTable, words: str, concepts: list[str]) -> LabelledTable:
        """A table whose rows belong to the parent's."""
        name, taken = self.table_name(words), set[str]()
        own = self.thing(name, "id", "int", "serial", taken)
        columns = [own, *self.link(name, parent, taken, parent.name.rstrip("sS").replace("_", " "))]
        columns += [self.column(name, concept, taken) for concept in concepts]
        columns += [
            self.thing(name, "total", "decimal(10,2)", "amount", taken),
            self.thing(name, "at", self.chance.choice(("int", "datetime")), "epoch", taken),
        ]
        if columns[-1].type == "datetime":
            columns[-1] = replace(columns[-1], content="datetime")
        keyless = self.maybe(0.08)
        rows = self.chance.choice((0, 60, 200))
        return self.add(name, columns, () if keyless else (own.name,), rows)

    def events(self, person: LabelledTable) -> LabelledTable:
        words = self.chance.choice(EVENTS[self.language])
        return self.owned(person, words, self.chance.sample(("street", "city", "postcode", "note", "phone"), 2))

    def lines(self, orders: LabelledTable) -> None:
        if orders.key:
            self.owned(orders, f"{LINES[self.language]}", [])

    def letters(self, person: LabelledTable) -> None:
        self.owned(person, LETTERS[self.language], ["subject", "message"])

    def visits(self, person: LabelledTable) -> None:
        self.owned(person, VISITS[self.language], [self.chance.choice(("ip", "packed")), "agent"])

    def key_values(self, person: LabelledTable) -> None:
        name, taken = self.table_name(EXTRAS[self.language]), set[str]()
        links = list(self.link(name, person, taken, person.name.rstrip("sS").replace("_", " ")))
        links = [replace(link, null=0) for link in links]
        key = self.thing(name, "field", "varchar(60)", "", taken)
        value = replace(self.thing(name, "value", "text", "", taken), personal="Contact")
        keys = {
            "email": LabelledColumn("email", "text", "email", personal="EmailAddress"),
            "phone": LabelledColumn("phone", "text", "phone", personal="TelephoneNumber"),
            "visits": LabelledColumn("visits", "text", "counter"),
        }
        self.add(
            name, [*links, key, value], (*(link.name for link in links), key.name), 150,
            keyed=Keyed(key.name, value.name, keys),
        )  # fmt: skip

    def cycle(self, person: LabelledTable, orders: LabelledTable) -> None:
        """The person's row refers to the latest of its orders, which refer to the person."""
        if not orders.key:
            return
        taken = {c.name.lower() for c in person.columns}
        last = LabelledColumn(
            self.free(self.named("last event", person.name), taken), "int", null=50,
            references=(Reference(orders.name, orders.key[0], belongs=False),),
        )  # fmt: skip
        self.tables[person.name] = replace(person, columns=(*person.columns, last))

    def technical(self, words: str, goods: bool) -> None:
        name, taken = self.table_name(words), set[str]()
        own = self.thing(name, "id", "int", "serial", taken)
        label = self.thing(name, "label", "varchar(120)", "words(3)" if goods else "setting_name", taken)
        columns = [own, label, self.thing(name, "active", "bool", "flag", taken)]
        if goods:
            columns.append(self.thing(name, "price", "decimal(10,2)", "amount", taken))
        else:
            columns.append(self.thing(name, "content", "text", "setting_value", taken))
        self.add(name, columns, (own.name,), 25)
