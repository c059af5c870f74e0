"""Names of columns and tables: taken apart, and what they say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.core.discover.lexicon import lexicon
from troth.core.discover.lexicon_words import folded, given_names, surnames, word_lists
from troth.core.discover.names import common_prefix, kinds_of, run_together, sayings, singular, without_prefix, words_of
from troth.core.vocabulary import personal_data_terms

APART = [
    ("user_email", ("user", "email")),
    ("CustEMail2", ("cust", "e", "mail")),
    ("lastLoginIP", ("last", "login", "ip")),
    ("IPAddress", ("ip", "address")),
    ("DATE_DE_NAISSANCE", ("date", "naissance")),
    ("Straße", ("strasse",)),
    ("prénom", ("prenom",)),
    ("geloescht_am", ("geloscht", "am")),
    ("Kundenbemerkung", ("kunden", "bemerkung")),
    ("usertelephone", ("user", "telephone")),
    ("c17", ("c",)),
    ("!!", ()),
]


@pytest.mark.parametrize(("name", "words"), APART)
def test_a_name_is_taken_apart_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


SAID = [
    ("mail", "email"),
    ("adresse_mail", "email"),
    ("correo_electronico", "email"),
    ("Geburtsdatum", "birth_date"),
    ("fecha_nacimiento", "birth_date"),
    ("data_nascita", "birth_date"),
    ("dateOfBirth", "birth_date"),
    ("fname", "first_name"),
    ("Vorname", "first_name"),
    ("nom_de_famille", "last_name"),
    ("apellidos", "last_name"),
    ("pwd", "password"),
    ("mot_de_passe", "password"),
    ("codepostal", "postcode"),
    ("PLZ", "postcode"),
    ("codice_fiscale", "national_id"),
    ("num_secu", "national_id"),
    ("Kundennummer", "customer_number"),
    ("remote_addr", "ip"),
    ("ville", "city"),
    ("teléfono", "phone"),
    ("tel_portable", "phone"),
]


@pytest.mark.parametrize(("name", "concept"), SAID)
def test_a_name_says_what_its_words_say_in_their_language(name: str, concept: str) -> None:
    assert concept in {saying.concept.name for saying in sayings(words_of(name))}


def test_a_longer_phrase_silences_the_words_within_it() -> None:
    assert [saying.concept.name for saying in sayings(("ip", "address"))] == ["ip"]


def test_capitals_that_part_no_words_have_another_reading() -> None:
    assert run_together("UStID") == ("ustid",)


def test_the_words_beside_a_saying_are_kept() -> None:
    saying = next(s for s in sayings(words_of("email_template_id")) if s.concept.name == "email")
    assert saying.after == ("template", "id")
    assert any("negating" in kinds for kinds in kinds_of(saying.after))


def test_what_all_columns_begin_with_is_left_out() -> None:
    columns = ["usr_id", "usr_name", "usr_mail", "usr_pwd", "usr_created"]
    assert common_prefix(columns) == ("usr",)
    assert without_prefix(words_of("usr_mail"), ("usr",)) == ("mail",)
    assert without_prefix(("usr",), ("usr",)) == ("usr",)


def test_two_columns_that_begin_alike_have_no_common_prefix() -> None:
    assert common_prefix(["user_id", "user_name", "created", "total"]) == ()


@pytest.mark.parametrize(
    ("table", "row"),
    [
        ("customers", "customer"),
        ("tbl_Addresses", "tbl_address"),
        ("Kunden", "kunde"),
        ("pacientes", "paciente"),
        ("alunni", "alunno"),
        ("categories", "category"),
        ("t42", "t_42"),
        ("", "row"),
        ("17", "row_17"),
    ],
)
def test_one_row_of_a_table_has_a_name(table: str, row: str) -> None:
    assert singular(table) == row


@given(st.text(max_size=300))
def test_any_name_can_be_read(name: str) -> None:
    words = words_of(name)
    assert all(word and word == folded(word) for word in words)
    assert all(saying.words for saying in sayings(words))
    assert singular(name)


def test_every_category_is_one_of_the_vocabulary() -> None:
    categories = {concept.category for concepts in lexicon().phrases.values() for concept in concepts}
    assert categories <= set(personal_data_terms())


def test_every_listed_word_can_be_met() -> None:
    lists = [*lexicon().lists.values(), given_names(), surnames(), *word_lists().values(), lexicon().vocabulary]
    assert [word for words in lists for word in words if word != folded(word)] == []
