"""What columns hold: by name, by values, and by the table where they stand. Five invented databases."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inventing import People, categories, profiled, read, table_of
from troth.core.discover.classify import LEAST_CONFIDENCE, TableReading, classify, classify_keys
from troth.core.discover.lexicon import concept_named
from troth.core.discover.model import Catalogue, FieldGuess, Profile, Table
from troth.core.discover.profile import new_profiler


def guess_of(reading: TableReading, column: str) -> FieldGuess:
    return next(field for field in reading.fields if field.column == column)


# --- a French shop whose columns say nothing --------------------------------------------------------


def french_shop() -> tuple[Table, dict[str, Profile]]:
    people = People("fr_FR")
    table = table_of("t_04", "k:i c1 c2 c3 c4 c5 c6 c7 c8:i c9:d c10 c11:n c12 c13")
    kinds = ["last_name", "first_name", "email", "phone_number", "street_address", "postcode", "city", "seconds", "birth",
             "bcrypt", "price", "status", "sku"]  # fmt: skip
    return table, profiled({f"c{i}": people(kind) for i, kind in enumerate(kinds, 1)})


def test_columns_that_say_nothing_are_known_by_their_values() -> None:
    table, profiles = french_shop()
    assert categories(read(table, profiles)) == {
        "c1": "Name",
        "c2": "Name",
        "c3": "EmailAddress",
        "c4": "TelephoneNumber",
        "c5": "PhysicalAddress",
        "c6": "PostalCode",
        "c7": "Name",  # a town among people: personal all the same
        "c9": "BirthDate",
        "c10": "Password",
    }


def test_the_clock_among_them_is_no_field() -> None:
    table, profiles = french_shop()
    assert [(c.column, c.kind) for c in read(table, profiles).clocks if c.kind == "epoch_s"] == [("c8", "epoch_s")]


def test_the_password_among_them_is_a_secret() -> None:
    table, profiles = french_shop()
    assert guess_of(read(table, profiles), "c10").secret


# --- a German CRM ----------------------------------------------------------------------------------

KUNDEN = table_of(
    "Kunden",
    "KundenNr:i Anrede Vorname Nachname Strasse PLZ Ort Telefon EMail Geburtsdatum:d Bemerkungen AngelegtAm:dt "
    "Kundengruppe:i Newsletter:b Bonitaet:i",
)
GRUPPEN = table_of("Kundengruppen", "id:i Bezeichnung Rabatt:n")
BESTELLUNGEN = table_of(
    "Bestellungen", "BestellNr:i KundenNr:i Bestelldatum:dt Lieferadresse Hinweis_Kunde Summe:n Status"
)
ARTIKEL = table_of("Artikel", "ArtikelNr:i Bezeichnung Beschreibung Preis:n Lagerbestand:i")


def german(table: Table) -> dict[str, str]:
    return categories(read(table, None, KUNDEN, GRUPPEN, BESTELLUNGEN, ARTIKEL))


def test_a_german_customer_is_read_by_names_alone() -> None:
    assert german(KUNDEN) == {
        "Anrede": "Gender",
        "Vorname": "Name",
        "Nachname": "Name",
        "Strasse": "PhysicalAddress",
        "PLZ": "PostalCode",
        "Ort": "City",
        "Telefon": "TelephoneNumber",
        "EMail": "EmailAddress",
        "Geburtsdatum": "BirthDate",
        "Bemerkungen": "Communication",
        "Newsletter": "Preference",
        "Bonitaet": "Financial",
    }


def test_groups_and_articles_are_nobodys() -> None:
    assert (german(GRUPPEN), german(ARTIKEL)) == ({}, {})


def test_an_order_holds_what_its_customer_gave() -> None:
    assert german(BESTELLUNGEN) == {"Lieferadresse": "PhysicalAddress", "Hinweis_Kunde": "Communication"}


def test_the_key_of_people_finds_them() -> None:
    guess = guess_of(read(KUNDEN), "KundenNr")
    assert (guess.category, guess.identifier) == ("UID", "kunde_id")


# --- a Spanish clinic ------------------------------------------------------------------------------

PACIENTES = table_of(
    "pacientes",
    "id:i nombre apellidos dni fecha_nacimiento:d sexo telefono correo direccion cp poblacion grupo_sanguineo alergias "
    "fecha_alta:dt activo:b",
)
CITAS = table_of("citas", "id:i paciente_id:i medico_id:i fecha:dt motivo diagnostico estado")
ESPECIALIDADES = table_of("especialidades", "id:i nombre descripcion")


def test_a_spanish_patient_is_read() -> None:
    assert categories(read(PACIENTES, None, CITAS, ESPECIALIDADES)) == {
        "nombre": "Name",
        "apellidos": "Name",
        "dni": "OfficialID",
        "fecha_nacimiento": "BirthDate",
        "sexo": "Gender",
        "telefono": "TelephoneNumber",
        "correo": "EmailAddress",
        "direccion": "PhysicalAddress",
        "cp": "PostalCode",
        "poblacion": "City",
        "grupo_sanguineo": "BloodType",
        "alergias": "HealthRecord",
    }


def test_an_appointment_holds_health_and_no_links() -> None:
    assert categories(read(CITAS, None, PACIENTES)) == {"motivo": "Communication", "diagnostico": "HealthRecord"}


def test_a_name_of_a_speciality_is_nobodys() -> None:
    assert categories(read(ESPECIALIDADES, None, PACIENTES, CITAS)) == {}


# --- an Italian school -----------------------------------------------------------------------------

ALUNNI = table_of(
    "alunni",
    "id:i nome cognome codice_fiscale data_nascita:d luogo_nascita indirizzo citta cap email_genitore telefono_genitore "
    "classe_id:i",
)
VOTI = table_of("voti", "id:i alunno_id:i materia_id:i voto:n giudizio data:d")
MATERIE = table_of("materie", "id:i nome descrizione")


def test_an_italian_pupil_is_read() -> None:
    assert categories(read(ALUNNI, None, VOTI, MATERIE)) == {
        "nome": "Name",
        "cognome": "Name",
        "codice_fiscale": "OfficialID",
        "data_nascita": "BirthDate",
        "luogo_nascita": "BirthPlace",
        "indirizzo": "PhysicalAddress",
        "citta": "City",
        "cap": "PostalCode",
        "email_genitore": "EmailAddress",
        "telefono_genitore": "TelephoneNumber",
    }


def test_marks_belong_to_pupils_and_subjects_to_nobody() -> None:
    assert categories(read(VOTI, None, ALUNNI)) == {
        "voto": "EducationQualification",
        "giudizio": "ProfessionalEvaluation",
    }
    assert categories(read(MATERIE, None, ALUNNI)) == {}


# --- an English forum ------------------------------------------------------------------------------

MEMBERS = table_of(
    "app_members",
    "id:i username email passwd salt avatar bio ip last_seen:dt post_count:i role_id:i is_admin:b email_verified:b",
)
POSTS = table_of("app_posts", "id:i thread_id:i member_id:i title body posted_at:dt ip user_agent likes:i")
BOARDS = table_of("app_boards", "id:i name description position:i")
SESSIONS = table_of("app_sessions", "id member_id:i payload ip_address last_activity:i")


def forum(table: Table) -> TableReading:
    return read(table, None, *(t for t in (MEMBERS, POSTS, BOARDS, SESSIONS) if t is not table))


def test_a_member_of_a_forum_is_read() -> None:
    assert categories(forum(MEMBERS)) == {
        "username": "Username",
        "email": "EmailAddress",
        "passwd": "Password",
        "salt": "Authenticating",
        "avatar": "Picture",
        "bio": "IndividualProfile",
        "ip": "IPAddress",
    }


def test_what_people_write_is_theirs() -> None:
    reading = forum(POSTS)
    assert categories(reading) == {
        "title": "Communication",
        "body": "Communication",
        "ip": "IPAddress",
        "user_agent": "UserAgent",
    }
    assert reading.written
    assert guess_of(reading, "body").free_text
    assert guess_of(reading, "ip").given == "observed"


def test_the_boards_of_a_forum_are_nobodys() -> None:
    assert categories(forum(BOARDS)) == {}


def test_the_key_and_content_of_a_session_are_secrets() -> None:
    reading = forum(SESSIONS)
    assert {f.column for f in reading.fields if f.secret} == {"id", "payload"}


# --- names and values against each other -----------------------------------------------------------


def test_values_confirm_a_name() -> None:
    people = People("en_GB")
    table = table_of("users", "id:i email")
    alone = guess_of(read(table), "email").confidence
    confirmed = guess_of(read(table, profiled({"email": people("email")})), "email").confidence
    assert 0.7 <= alone < 0.9 < confirmed


def test_an_empty_table_is_less_sure_than_one_of_few_rows() -> None:
    table = table_of("users", "id:i email")
    empty = guess_of(read(table, profiled({"email": []})), "email").confidence
    few = guess_of(read(table, profiled({"email": ["anna@example.org"]})), "email").confidence
    assert empty < few


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("email", ["1", "0", "yes", "no"] * 20),
        ("name", ["report.pdf", "photo.jpg", "a.png", "b.docx"] * 20),
        ("phone", [str(n) for n in range(1, 80)]),
        ("ip", ["open", "closed", "waiting"] * 20),
        ("address", ["1", "0"] * 40),
    ],
)
def test_values_contradict_a_name(column: str, values: list[Any]) -> None:
    table = table_of("users", f"id:i {column}")
    assert categories(read(table)) != {}
    assert categories(read(table, profiled({column: values}))) == {}


def test_an_address_in_a_column_called_otherwise_is_found() -> None:
    people = People("en_GB")
    reading = read(table_of("settings", "id:i value"), profiled({"value": people("email")}))
    assert categories(reading) == {"value": "EmailAddress"}


def test_names_of_products_are_not_taken_for_names_of_people() -> None:
    people = People("en_GB")
    table = table_of("products", "id:i name sku price:n")
    profiles = profiled({"name": people("product"), "sku": people("sku"), "price": people("price")})
    assert categories(read(table, profiles)) == {}


def test_names_of_firms_are_not_taken_for_names_of_people() -> None:
    firms = [f"{name} GmbH" for name in People("de_DE", 60)("last_name")]
    assert categories(read(table_of("f3", "id:i b2"), profiled({"b2": firms}))) == {}


@pytest.mark.parametrize(
    "column",
    [
        "email_verified:b",
        "email_count:i",
        "email_template",
        "is_phone_public:b",
        "address_type",
        "password_changed_at:dt",
    ],
)
def test_a_fact_about_a_thing_is_not_the_thing(column: str) -> None:
    assert categories(read(table_of("users", f"id:i {column}"))) == {}


def test_numbers_of_other_rows_are_links_and_no_fields() -> None:
    reading = read(table_of("likes", "id:i user_id:i author_id:i client_id:i"), profiled({"user_id": range(100, 400)}))
    assert reading.fields == ()
    assert reading.linked


def test_the_schemas_own_comment_is_heard() -> None:
    table = table_of("t1", "id:i f7")
    (key, column) = table.columns
    said = type(column)("f7", "text", "text", comment="Adresse e-mail du client")
    assert categories(read(Table("t1", (key, said), key=("id",)))) == {"f7": "EmailAddress"}


def test_the_same_name_means_another_thing_in_another_table() -> None:
    assert categories(read(table_of("customers", "id:i name"))) == {"name": "Name"}
    assert categories(read(table_of("roles", "id:i name"))) == {}
    assert categories(read(table_of("orders", "id:i customer_name"))) == {"customer_name": "Name"}


# --- what stands beside ----------------------------------------------------------------------------


def logins(rows: int = 120) -> list[str]:
    return [f"{'abcdefgh'[n % 8]}{name.lower()}{n}" for n, name in enumerate(People("en_GB", rows)("last_name"))]


def test_a_name_by_which_people_sign_in_is_a_login() -> None:
    table = table_of("accounts", "id:i name pass")
    profiles = profiled({"name": logins(), "pass": People("en_GB", 120)("bcrypt")})
    assert categories(read(table, profiles)) == {"name": "Username", "pass": "Password"}


def test_a_prefix_shared_by_all_columns_may_be_half_of_what_one_says() -> None:
    table = table_of("vault", "user_id:i user_name user_mail user_level:i user_seen:dt")
    assert categories(read(table))["user_name"] == "Username"


def test_contacts_that_somebody_keeps_have_no_key_of_people() -> None:
    theirs = table_of("contacts", "id:i user_id:i name email phone birthday:d")
    own = table_of("contacts", "id:i name email phone birthday:d password")
    assert [f.category for f in read(theirs).fields if f.column == "id"] == []
    assert guess_of(read(own), "id").category == "UID"


def test_texts_kept_in_bytes_are_read_as_texts() -> None:
    table = table_of("edits", "id:i user_id:i user_text:x")
    profiles = profiled({"user_text": [login.encode() for login in logins()]})
    assert categories(read(table, profiles)) == {"user_text": "Username"}


def test_a_schema_that_keeps_its_texts_in_bytes_is_read_by_names_alone() -> None:
    table = table_of("members", "id:i user_text:x nick:x city:x a:x b:x c:x d:x e:x f:x g:x")
    few = table_of("members", "id:i user_text:x nick:x city:x a b c d e f")
    assert guess_of(read(table), "city").confidence > guess_of(read(few), "city").confidence


def test_addresses_written_in_hexadecimal_are_found_under_any_name() -> None:
    values = [f"C00002{n:02X}" for n in range(60)] + [f"v6-20010DB8{n:024X}" for n in range(20)]
    assert categories(read(table_of("t1", "id:i span_end"), profiled({"span_end": values}))) == {
        "span_end": "IPAddress"
    }
    assert categories(read(table_of("t1", "id:i span_end"), profiled({"span_end": values[:60]}))) == {}


def test_what_one_person_says_again_and_again_is_theirs_all_the_same() -> None:
    table = table_of("bookings", "id:i client_id:i street ip")
    same = {"street": ["12 Test Road"] * 60, "ip": ["192.0.2.7"] * 60}
    one, many = profiled({**same, "client_id": [5] * 60}), profiled({**same, "client_id": range(1, 61)})
    assert categories(read(table, one)) == {"street": "PhysicalAddress", "ip": "IPAddress"}
    assert "ip" not in categories(read(table, many))


def test_texts_that_come_back_are_templates() -> None:
    table = table_of("notices", "id:i user_id:i message")
    own = [f"I think that parcel {n} is late, can you look?" for n in range(100)]
    again = profiled({"message": own[:4] * 25})
    assert categories(read(table, profiled({"message": own}))) == {"message": "Communication"}
    assert categories(read(table, again)) == {}


def test_the_language_of_a_row_is_nobodys() -> None:
    rows = table_of("members", "id:i email language default_language:b")
    assert "language" in categories(read(table_of("members", "id:i email language")))
    assert "language" not in categories(read(rows))


def test_a_height_beside_a_width_is_a_pictures() -> None:
    assert "height" in categories(read(table_of("patients", "id:i first_name birth_date:d height:i")))
    assert "height" not in categories(read(table_of("patients", "id:i first_name birth_date:d height:i width:i")))


def test_unique_numbers_are_no_login_names() -> None:
    unique = [f"3f2504e0-4f89-41d3-9a0c-0305e82c{n:04x}" for n in range(60)]
    assert categories(read(table_of("entries", "id:i uid"), profiled({"uid": unique}))) == {}
    assert categories(read(table_of("entries", "id:i uid"), profiled({"uid": logins(60)}))) == {"uid": "Username"}


def test_a_beginning_that_columns_share_without_a_mark_is_taken_off() -> None:
    shared = table_of("clients", "id:i zorocity zorostate zorostreet")
    assert set(categories(read(shared))) == {"zorocity", "zorostate", "zorostreet"}
    assert categories(read(table_of("clients", "id:i velocity interstate"))) == {}


def test_a_public_key_is_no_secret() -> None:
    assert "private_key" in categories(read(table_of("users", "id:i email private_key")))
    assert "public_key_hash" not in categories(read(table_of("users", "id:i email public_key_hash")))


def test_words_nobody_could_guess_under_a_word_for_a_key_are_a_secret() -> None:
    tokens = [f"{n * 7919 + 10**14:x}{n * 104729 + 10**15:x}" for n in range(80)]
    table = table_of("polls", "id:i user_id:i zz_key")
    assert guess_of(read(table, profiled({"zz_key": tokens})), "zz_key").secret
    assert categories(read(table)) == {}


def test_articles_that_nobody_is_named_beside_are_the_houses_own() -> None:
    staff, theirs = table_of("articles", "id:i title body"), table_of("articles", "id:i author_id:i title body")
    assert categories(read(staff)) == {}
    assert set(categories(read(theirs))) == {"title", "body"}


def test_particulars_under_a_key_are_told_of_before_any_are_seen() -> None:
    assert categories(read(table_of("user_extras", "user_id:i opt_key opt_value"))) == {
        "opt_value": "IndividualProfile"
    }
    assert categories(read(table_of("site_extras", "id:i opt_key opt_value"))) == {}


# --- values inside values --------------------------------------------------------------------------


def test_personal_values_inside_json_are_found_by_path() -> None:
    people = People("en_GB", 40)
    rows = [
        {"contact": {"email": mail, "first_name": first}, "plan": "gold", "seats": 3}
        for mail, first in zip(people("email"), people("first_name"), strict=True)
    ]
    reading = read(table_of("accounts", "id:i data:j"), profiled({"data": rows}))
    found = {field.path: field.category for field in reading.fields if field.column == "data"}
    assert found == {"contact.email": "EmailAddress", "contact.first_name": "Name"}
    assert guess_of(reading, "data").inner_format == "json"


def test_a_text_of_json_is_opened_as_well() -> None:
    rows = [json.dumps({"mail": mail}) for mail in People("fr_FR", 30)("email")]
    assert categories(read(table_of("t5", "id:i x"), profiled({"x": rows}))) == {"x/mail": "EmailAddress"}


def test_keys_of_key_value_rows_are_judged_like_columns() -> None:
    people = People("en_GB", 60)
    keyed = profiled(
        {"first_name": people("first_name"), "billing_phone": people("phone_number"), "theme_version": ["1.2"] * 60}
    )
    table = table_of("user_meta", "id:i user_id:i meta_key meta_value")
    fields = classify_keys(table, keyed, Catalogue("sqlite", (table,)))
    assert {field.column: field.category for field in fields} == {
        "first_name": "Name",
        "billing_phone": "TelephoneNumber",
    }


# --- the whole -------------------------------------------------------------------------------------


def test_nothing_below_the_least_confidence_is_told() -> None:
    tables = (KUNDEN, BESTELLUNGEN, PACIENTES, CITAS, ALUNNI, VOTI, MEMBERS, POSTS, SESSIONS)
    fields = [field for table in tables for field in read(table, None, *tables).fields]
    assert len(fields) > 40
    assert all(LEAST_CONFIDENCE <= field.confidence < 1 and field.reasons for field in fields)


def test_the_answer_is_the_same_each_time() -> None:
    table, profiles = french_shop()
    catalogue = Catalogue("sqlite", (table,))
    assert classify(table, profiles, catalogue) == classify(table, profiles, catalogue)


def test_a_column_without_a_name_or_values_harms_nothing() -> None:
    empty = new_profiler("text").profile()
    table = table_of("", "x: y:i z:b")
    assert classify(table, {"x": empty, "y": empty}, Catalogue("mysql", (table,))).fields == ()


def test_a_concept_that_is_not_listed_is_a_fault() -> None:
    with pytest.raises(KeyError):
        concept_named("nonsense")
