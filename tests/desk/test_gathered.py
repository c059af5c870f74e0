"""The personal space shows each value once, with the uses that it serves."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from effort import usually
from troth.desk.gathered import Column, Sheet, gather
from troth.package.html_cells import foldable

TITLES = {"orders": "Your orders", "offers": "Offers", "logs": "Faults"}


def column(label: str, *cells: str, uses: str = "orders") -> Column:
    return Column(label, cells, frozenset(uses.split()))


def test_a_value_that_stands_in_two_places_is_told_once_with_all_its_uses() -> None:
    found = gather(
        [
            Sheet("Clients", (), (column("Name", "Ana"), column("E-mail", "a@b.test"))),
            Sheet("Readers", (), (column("Name", "Ana", uses="offers"), column("E-mail", "a@c.test", uses="offers"))),
        ],
        TITLES,
    )
    name, mail = found.facts
    assert [(one.cell, one.places, one.uses) for one in name.values] == [
        ("Ana", ("Clients", "Readers"), ("Your orders", "Offers"))
    ]
    assert [(one.cell, one.uses) for one in mail.values] == [("a@b.test", ("Your orders",)), ("a@c.test", ("Offers",))]
    assert found.count == 3
    assert found.what["offers"].facts == ("name", "e-mail")
    assert found.what["logs"].count == 0


def test_of_a_list_what_is_the_same_in_all_rows_is_told_once_and_each_part_with_its_use() -> None:
    sheet = Sheet(
        "Orders", (("Date", ("1 May", "2 May")),),
        (column("To", "Ana", "Ana"), column("Amount", "€4", "€5"), column("IP address", "::1", "", uses="logs")),
    )  # fmt: skip
    (found,) = gather([sheet], TITLES).lists
    assert found.same == (("To", "Ana"),)
    assert found.heads == ("Date", "Amount", "IP address")
    assert found.rows[0] == (("Date", "1 May"), ("Amount", "€4"), ("IP address", "::1"))
    assert found.uses == ((("Your orders",), ("To", "Amount")), (("Faults",), ("IP address",)))
    assert gather([sheet], TITLES).what["logs"].lists == ((found.anchor, "Orders", 1, ("IP address",)),)


def test_what_is_not_whole_is_not_said_to_be_the_same_everywhere() -> None:
    (found,) = gather([Sheet("Log", (), (column("Page", "/", "/"),), more=True)], TITLES).lists
    assert (found.same, found.more, len(found.rows)) == ((), True, 2)


_SHEETS = st.lists(
    st.integers(1, 3).flatmap(
        lambda rows: st.builds(
            Sheet,
            st.sampled_from(["Clients", "Orders", "Log"]),
            st.just(()),
            st.lists(
                st.builds(
                    Column,
                    st.sampled_from(["Name", "Town", "IP address"]),
                    st.tuples(*[st.sampled_from(["x", "y", "z"])] * rows),
                    st.frozensets(st.sampled_from([*TITLES]), min_size=1),
                ),
                min_size=1,
                max_size=3,
                unique_by=lambda one: one.label,
            ).map(tuple),
            st.booleans(),
        )
    ),
    max_size=4,
)


@settings(max_examples=usually(25, 500))
@given(_SHEETS)
def test_nothing_that_is_held_is_lost(sheets: list[Sheet]) -> None:
    found = gather(sheets, TITLES)
    shown = {(fact.label, one.cell, title) for fact in found.facts for one in fact.values for title in one.uses}
    for one in found.lists:
        uses = {label: titles for titles, labels in one.uses for label in labels or _labels(one)}
        cells = [*one.same, *(pair for row in one.rows for pair in row)]
        shown |= {(label, cell, title) for label, cell in cells for title in uses[label]}
    held = {
        (part.label, cell, TITLES[use]) for sheet in sheets for part in sheet.columns for cell in part.cells
        for use in part.uses
    }  # fmt: skip
    assert shown == held


def _labels(one: object) -> list[str]:
    return [*(label for label, _ in one.same), *one.heads]  # type: ignore[attr-defined]


def test_a_long_address_breaks_after_its_signs_and_a_short_one_not_at_all() -> None:
    assert foldable("ana@example.org") == "ana@example.org"
    assert foldable("Alfred.Thierry249@Example.Org") == "Alfred.<wbr>Thierry249@<wbr>Example.<wbr>Org"
    assert foldable("write to somebody.long@example.org") == "write to somebody.long@example.org"
