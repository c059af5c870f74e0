"""Names of columns are read as the schema at hand writes them, and links are found by what it teaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from core.discover.fake_source import FakeSource, numbered, simple_classify, table
from troth.core.discover.inclusion import falls_short, reaches
from troth.core.discover.link_index import TableIndex
from troth.core.discover.link_reading import column_start, skeleton, type_words
from troth.core.discover.model import Catalogue, Profile, Table
from troth.core.discover.profile import new_profiler
from troth.core.discover.run import discover


def read(child: Table, name: str, *others: Table) -> tuple[tuple[str, ...], bool]:
    return TableIndex(Catalogue("sqlite", (child, *others)), {}).read(child, name)


def links(*tables: Table, data: Mapping[str, Sequence[Any]] | None = None) -> dict[str, str]:
    """``child.column`` to ``parent.column`` of every link that is followed or remarked."""
    draft = discover(FakeSource(tables, data or {}), "shop", classify=simple_classify)
    return {
        f"{guess.table.name}.{ours}": f"{link.parent}.{theirs}"
        for guess in draft.tables
        for link in guess.links
        for ours, theirs in link.columns
    }


USERS = table("users", "id:int email login")
FIFTY = numbered(50, email=lambda n: f"p{n}@example.test", login=lambda n: f"login{n:03}")

TYPED = (
    table("tblMembers", "lngMemberID:int strName strMail dtmBorn:date strTown", key="lngMemberID"),
    table("tblDues", "lngDueID:int lngMemberID:int curSum:num strNote", key="lngDueID"),
)


def test_beginnings_that_tell_the_type_are_a_habit_of_the_whole_schema() -> None:
    assert type_words(TYPED) == {"lng", "str", "dtm", "cur"}
    assert type_words([USERS, table("notes", "id:int str_name int_level")]) == frozenset()


def test_a_beginning_that_tells_the_type_is_not_read() -> None:
    assert read(TYPED[1], "lngMemberID", TYPED[0]) == (("member",), True)


def test_the_beginning_of_a_table_s_columns_is_its_short_name() -> None:
    patients = table("ANAG_PAZ", "PAZ_ID:int PAZ_NAME PAZ_TOWN UTE_INS", key="PAZ_ID")
    bookings = table("PRENOT", "PRE_ID:int PRE_IDPAZ:int PRE_DAY:date PRE_NOTE", key="PRE_ID")
    assert column_start(patients) == ("paz",)
    assert read(bookings, "PRE_IDPAZ", patients) == (("paz",), True)
    named = TableIndex(Catalogue("sqlite", (patients, bookings)), {}).named_by(bookings, bookings.columns[1])
    assert [n.table.name for n in named] == ["ANAG_PAZ"]


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("relateduserid", ("related", "user")), ("usermodified", ("user", "modified")), ("useridfrom", ("user", "from")),
        ("iduser", ("user",)), ("coduser", ("user",)), ("nuser", ("nuser",)), ("user", ("user",)), ("colour", ("colour",)),
    ],
)  # fmt: skip
def test_words_run_together_are_parted_by_the_words_of_the_schema(column: str, words: tuple[str, ...]) -> None:
    assert read(table("notes", f"id:int {column}:int"), column, USERS)[0] == words


def test_consonants_stand_for_a_word() -> None:
    assert (skeleton("gruppe"), skeleton("user"), skeleton("")) == ("grp", "usr", "")


@pytest.mark.parametrize("column", ["user_from", "usermodified", "useridto", "user_creat", "id_user_resp"])
def test_the_table_may_be_named_first_and_the_part_behind_it(column: str) -> None:
    notes = table("notes", f"id:int {column}:int label")
    rows = numbered(60, **{column: lambda n: n % 50 + 1, "label": "x"})
    assert links(USERS, notes, data={"users": FIFTY, "notes": rows}) == {f"notes.{column}": "users.id"}


def test_a_thing_of_any_kind_is_that_after_which_the_table_is_called() -> None:
    tables = (USERS, table("bills", "id:int user_id:int sum:num"), table("bill_extras", "id:int object_id:int label"))
    data = {
        "users": FIFTY,
        "bills": numbered(40, user_id=lambda n: n),
        "bill_extras": numbered(40, object_id=lambda n: n),
    }
    assert links(*tables, data=data)["bill_extras.object_id"] == "bills.id"


def test_a_key_of_two_columns_is_called_after_its_table() -> None:
    members = table("member", "club:int id:int email", key="club id")
    notes = table("note", "id:int member_club:int member_id:int body")
    rows = [{"club": 1, "id": n, "email": f"p{n}@example.test"} for n in range(1, 41)]
    data = {"member": rows, "note": numbered(40, member_club=1, member_id=lambda n: n, body="x")}
    draft = discover(FakeSource((members, notes), data), "shop", classify=simple_classify)
    (link,) = draft.guess("note").links  # type: ignore[union-attr]
    assert link.columns == (("member_club", "club"), ("member_id", "id"))


def test_a_name_means_in_an_empty_table_what_it_means_elsewhere() -> None:
    full = [table(f"thing{n}", "id:int assgn:int label") for n in range(3)]
    empty = table("other", "id:int assgn_to:int assgn:int label")
    keyed = table("people", "assgn:int email", key="assgn")
    people = [{"assgn": n, "email": f"p{n}@example.test"} for n in range(1, 51)]
    data = {"people": people, **{t.name: numbered(60, assgn=lambda n: n % 50 + 1, label="x") for t in full}}
    assert links(keyed, empty, *full, data=data)["other.assgn"] == "people.assgn"


def test_a_number_of_nobody_knows_whom_reaches_as_far_as_the_people_s() -> None:
    reports = table("reports", "id:int reportee_id:int batch_id:int label")
    rows = numbered(45, reportee_id=lambda n: n + 4, batch_id=lambda n: n % 50 + 1, label="x")
    source = {"users": FIFTY, "reports": rows}
    found = discover(Counting((USERS, reports), source), "shop", classify=simple_classify).guess("reports")
    assert found is not None
    assert [link.columns for link in found.links] == [(("reportee_id", "id"),)]


class Counting(FakeSource):
    """Profiles made by the real profiler, which tells how far numbers reach."""

    def profiles(self, table: Table) -> tuple[Mapping[str, Profile], Sequence[Any]]:
        rows = self.data.get(table.qualified, ())
        made = {}
        for column in table.columns:
            profiler = new_profiler(column.family)
            profiler.add_all(row.get(column.name) for row in rows)
            made[column.name] = profiler.profile()
        return made, ()


@pytest.mark.parametrize(
    ("ours", "theirs", "far", "short"),
    [(290, 300, True, False), (310, 300, False, False), (60, 300, False, True), (None, 300, False, False)],
)  # fmt: skip
def test_numbers_reach_as_far_as_those_they_are_drawn_from(
    ours: int | None, theirs: int, far: bool, short: bool
) -> None:
    mine, others = (
        Profile(100, distinct=30, highest=ours),
        Profile(300, distinct=300, highest=theirs),
    )
    assert (reaches(mine, others), falls_short(mine, others)) == (far, short)


@pytest.mark.parametrize(("highest", "told"), [(7, 7), (99, 99), (300, 300), (1_234, 1_300), (0, None)])
def test_how_far_numbers_reach_is_told_to_two_figures(highest: int, told: int | None) -> None:
    profiler = new_profiler("integer")
    profiler.add_all([1, highest] if highest else [0])
    assert profiler.profile().highest == told


def test_links_are_no_longer_looked_for_when_the_time_is_up() -> None:
    tables = [USERS, *(table(f"thing{n}", "id:int user_id:int") for n in range(300))]
    source = FakeSource(tables, seconds=0)
    draft = discover(source, "shop", classify=simple_classify)
    assert [t.message for t in draft.troubles if t.code == "budget"] == [
        "links of 301 of 301 tables were not looked for: the time was up"
    ]
    assert not any(question[0] == "inclusion" for question in source.asked)
