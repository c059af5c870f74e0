"""What a column holds by all that stands beside it: the rest of a person's row, lists of towns, titles, hashes."""

from __future__ import annotations

from inventing import People, categories, profiled, read, table_of
from troth.core.discover.classify import classify
from troth.core.discover.model import Catalogue


def test_what_no_list_knows_is_somebody_s_among_all_that_is() -> None:
    table = table_of("members", "id:i first_name last_name email password lodgings membercard palette")
    people = People("en_GB")
    profiles = profiled(
        {
            "email": people("email"),
            "lodgings": ["with friends", "hostel room", "own house", "council flat"] * 15,
            "membercard": [f"card{n}ref" for n in range(60)],
            "palette": ["#ff0000", "#00ff00"] * 30,
        }
    )
    found = categories(read(table, profiles))
    assert found["lodgings"] == "IndividualProfile"
    assert "palette" not in found
    assert "lodgings" not in categories(read(table_of("buildings", "id:i label lodgings price:n"), profiles))


def test_a_list_of_towns_is_nobodys() -> None:
    people = People("de_DE")
    profiles = profiled({"plz": people("postcode"), "ort": people("city")})
    assert categories(read(table_of("Postleitzahlen", "id:i plz ort"), profiles)) == {}


def test_a_title_that_is_no_form_of_address_is_a_job() -> None:
    table = table_of("employees", "id:i first_name last_name title email")
    jobs = ["General Manager", "Sales Agent", "Accountant", "Warehouse Clerk"] * 3
    assert categories(read(table, profiled({"title": jobs})))["title"] == "Job"
    assert categories(read(table, profiled({"title": ["Mr", "Mrs", "Ms"] * 4})))["title"] == "Gender"


def test_a_hash_of_a_thing_is_no_secret() -> None:
    digests = [f"{n * 7919 + 10**30:032x}"[-32:] for n in range(60)]
    table = table_of("reminders", "id:i user_id:i event_hash login_hash")
    found = categories(
        read(table, profiled({"event_hash": digests, "login_hash": digests}), table_of("users", "id:i email"))
    )
    assert set(found) == {"login_hash"}


def test_columns_that_begin_with_their_type_are_read_behind_it() -> None:
    members = table_of("tblMembers", "lngMemberID:i strFirstName strHall strTown dtmBirth:d")
    halls = table_of("tblHalls", "lngHallID:i strLabel strKind curFee:n")
    found = categories(read(members, None, halls))
    assert found["strFirstName"] == "Name"
    assert found["dtmBirth"] == "BirthDate"
    assert "strHall" not in found
    assert categories(read(halls, None, members)) == {}


def test_a_bare_word_says_more_where_the_rows_are_known_to_hang_on_people() -> None:
    table = table_of("frobs", "id:i zz:i query")
    profiles = profiled({"query": [f"lamp for room {n}" for n in range(40)]})
    catalogue = Catalogue("sqlite", (table,))
    told = {
        linked: [field.column for field in classify(table, profiles, catalogue, linked=linked).fields]
        for linked in (False, True)
    }
    assert told == {False: [], True: ["query"]}
