"""The picture: nothing touches, nothing is lost, the same tables make the same picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.scene import TODAY, FakeSource, a_field, draft, guess, link, shop, source, table
from troth.core.discover.model import Draft, TableGuess
from troth.core.survey.build import Inspected, build, finish
from troth.core.survey.measure import measure
from troth.core.survey.model import Survey
from troth.reports.graph import MOST, nodes_of
from troth.reports.layout import ACROSS, LETTER, Picture, label_lines, lay_out, overlap
from troth.reports.picture import NARROW


def surveyed(a_draft: Draft, of: FakeSource | None = None) -> Survey:
    answers = of or FakeSource()
    return finish(build(a_draft, measure(answers, a_draft), Inspected(unknown="why_draft"), TODAY, 1000)[0])


def picture(survey: Survey, across: int = ACROSS) -> Picture:
    nodes = nodes_of(survey)
    return lay_out(nodes, {n.id: label_lines(n.id if n.kind != "more" else "and 12 more") for n in nodes}, across)


Sketch = list[tuple[str, int, int, int]]
"""Tables as (letter of the name, length of the name, rows, what they hang on: 0 nothing, -1 a person, else so many
tables back)."""

SKETCHES = st.lists(
    st.tuples(st.sampled_from("aM_表"), st.integers(1, 70), st.sampled_from([0, 3, 900, 10**9]), st.integers(-1, 12)),
    min_size=1, max_size=80,
)  # fmt: skip


def drawn(sketch: Sketch) -> Draft:
    names = [f"{letter * length}{i}" for i, (letter, length, _, _) in enumerate(sketch)]
    tables: list[TableGuess] = []
    for i, (_, _, rows, back) in enumerate(sketch):
        role = "person" if back < 0 else "belongs" if 0 < back <= i else "loose"
        links = [link(names[i - back], "p")] if role == "belongs" else []
        tables.append(guess(table(names[i], "x", rows=rows), role, a_field("x", "Name"), links=links))
    return draft(*tables)


WIDTHS = st.sampled_from([NARROW, ACROSS])


@settings(max_examples=40)
@given(SKETCHES, WIDTHS)
def test_no_two_circles_or_labels_touch(sketch: Sketch, across: int) -> None:
    found = picture(surveyed(drawn(sketch)), across)
    assert [(a.node.id, b.node.id) for a, b in combinations(found.boxes, 2) if overlap(a, b)] == []


@settings(max_examples=40)
@given(SKETCHES, WIDTHS)
def test_every_table_is_in_the_picture_or_counted_in_a_group(sketch: Sketch, across: int) -> None:
    survey = surveyed(drawn(sketch))
    found = picture(survey, across)
    assert sum(box.node.count for box in found.boxes) == len(survey.personal)
    assert len(found.boxes) <= MOST


@settings(max_examples=20)
@given(SKETCHES, WIDTHS)
def test_every_box_lies_within_the_edges(sketch: Sketch, across: int) -> None:
    found = picture(surveyed(drawn(sketch)), across)
    left, top, right, bottom = found.edges
    for box in found.boxes:
        assert left <= box.edges[0] <= box.edges[2] <= right
        assert top <= box.edges[1] <= box.edges[3] <= bottom


def test_the_same_tables_make_the_same_picture_in_whatever_order_they_come() -> None:
    a_draft = shop()
    turned = replace(a_draft, tables=tuple(reversed(a_draft.tables)))
    assert picture(surveyed(a_draft, source())) == picture(surveyed(turned, source()))


def test_people_stand_nearest_to_the_middle_and_loose_tables_below_all() -> None:
    boxes = {box.node.id: box for box in picture(surveyed(shop(), source())).boxes}
    assert boxes["web_log"].edges[1] > max(box.edges[3] for name, box in boxes.items() if name != "web_log")
    middle = boxes["customers"]
    assert abs(middle.x) <= min(abs(boxes[n].x) for n in ("order_lines", "orders"))


def test_a_circle_grows_with_its_rows() -> None:
    boxes = {box.node.id: box for box in picture(surveyed(shop(), source())).boxes}
    assert boxes["order_lines"].r > boxes["orders"].r > boxes["messages"].r
    assert boxes["web_log"].r == max(box.r for box in boxes.values())


def test_lines_lead_from_each_table_to_what_it_belongs_to() -> None:
    assert ("order_lines", "orders") in picture(surveyed(shop(), source())).lines
    assert ("messages", "customers") in picture(surveyed(shop(), source())).lines


def test_beyond_sixty_tables_the_smallest_are_gathered_by_what_they_hang_on() -> None:
    people = [guess(table(p, "e", rows=1000), "person", a_field("e", "EmailAddress")) for p in ("a", "b")]
    rest = [guess(table(f"t{i:03}", "p", rows=i), "belongs", links=[link("ab"[i % 2], "p")]) for i in range(100)]
    boxes = picture(surveyed(draft(*people, *rest))).boxes
    groups = [box.node for box in boxes if box.node.kind == "more"]
    assert len(boxes) <= MOST
    assert sorted(g.parents for g in groups) == [("a",), ("b",)]
    assert {box.node.id for box in boxes} >= {"t099", "t098", "a", "b"}
    assert "t000" not in {box.node.id for box in boxes}


def test_a_cycle_of_tables_ends() -> None:
    tables = [
        guess(table("p", "e"), "person", links=[link("c", "x")]),
        guess(table("c", "e"), "belongs", links=[link("d", "x"), link("c", "y")]),
        guess(table("d", "e"), "belongs", links=[link("c", "x")]),
    ]
    assert len(picture(surveyed(draft(*tables))).boxes) == 3


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("orders", ("orders",)),
        ("customer_addresses_x", ("customer_", "addresses_x")),
        ("CustomerAddressHistory", ("CustomerAddress", "History")),
        ("x" * 40, ("x" * 17, "x" * 16 + "…")),
    ],
)
def test_a_long_name_is_broken_where_a_word_ends(name: str, lines: tuple[str, ...]) -> None:
    assert label_lines(name) == lines


def test_a_box_is_as_wide_as_its_label() -> None:
    boxes = {box.node.id: box for box in picture(surveyed(shop(), source())).boxes}
    assert boxes["order_lines"].width == pytest.approx(len("order_lines") * LETTER)


@settings(max_examples=20)
@given(SKETCHES)
def test_a_narrow_picture_has_at_most_three_beside_each_other(sketch: Sketch) -> None:
    found = picture(surveyed(drawn(sketch)), NARROW)
    rows: dict[float, int] = {}
    for box in found.boxes:
        rows[box.y] = rows.get(box.y, 0) + 1
    assert max(rows.values()) <= NARROW
