"""Rows in doubt at the console: each is shown before anybody says whose it is, and holds up nothing else."""

from __future__ import annotations

from desk.house_of import Front
from desk.officer import Officer, opened
from desk.test_console_requests import file_of

REVIEWS = """      reviews:
        for: orders
        subject: {customer_id: client, email: {column: email, verified: false}}
        fields: {email: EmailAddress, client: Name, words: Communication, secret: Password}
      invoices:
"""


def with_reviews(front: Front) -> Officer:
    """A collection that is found by an address which nobody has checked."""
    path = front.folder / "troth.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("      invoices:\n", REVIEWS, 1), encoding="utf-8")
    front.change(
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, client INTEGER, email TEXT, words TEXT, secret TEXT)"
    )  # fmt: skip
    front.change(
        "INSERT INTO reviews VALUES (71, NULL, 'ana@example.org', 'A fine lamp', 'hunter2'),"
        " (72, NULL, 'bo@example.org', 'Broken', 'x'), (73, 2, 'ana@example.org', 'From the desk of Bo', 'y')"
    )  # fmt: skip
    return opened(front, "privacy")


def test_each_row_in_doubt_is_shown_before_anybody_says_whose_it_is(front: Front) -> None:
    officer = with_reviews(front)
    ref = front.ask("access").request.ref
    front.work()
    assert officer.get(f"/console/requests/{ref}/share") == 200
    assert "no. 71" in officer.text
    assert "A fine lamp" in officer.text
    assert "an identifier of somebody else" in officer.text, "Bo’s own number is not shown"
    assert "hunter2" not in officer.text, "a secret is not read"
    assert "no. 72" not in officer.text, "what is not in doubt is not here"
    assert "Ana Exemple" not in officer.text, "nor what is certain"
    assert officer.post(f"/console/requests/{ref}/share", sure="1", seen=officer.field("seen")) == 302
    front.work()
    assert front.state_of(ref) == "answered"


def test_a_correction_elsewhere_is_not_held_up_by_rows_in_doubt(front: Front) -> None:
    officer = with_reviews(front)
    ref = front.ask("rectification", corrections={"customers.name": "Ana Neuve"}).request.ref
    officer.get(f"/console/requests/{ref}")
    assert "to be decided about first" not in officer.text
    front.work()
    assert front.state_of(ref) == "answered"
    assert front.rows("SELECT name FROM customers WHERE id = 1") == [("Ana Neuve",)]
    held = front.ask("rectification", corrections={"reviews.words": "A finer lamp"}).request.ref
    front.work()
    assert front.rows("SELECT words FROM reviews WHERE id = 71") == [("A fine lamp",)]
    assert file_of(held).settled is None


def test_nobody_reads_that_it_is_carried_out_while_rows_are_to_be_decided_about(front: Front) -> None:
    officer = with_reviews(front)
    ref = front.ask("erasure").request.ref
    front.work()
    page = f"/console/requests/{ref}/approve"
    officer.get(page)
    officer.post(page, sure="1", seen=officer.field("seen"))
    assert "Nothing is carried out yet" in officer.text
    front.work()
    officer.get(f"/console/requests/{ref}/share")
    fields = {name: officer.field(name) for name in ("seen", "shown")}
    assert officer.post(f"/console/requests/{ref}/share", sure="1", **fields) == 302
    assert "to be decided about first" not in officer.text


def test_an_approval_of_a_copy_speaks_of_no_erasure(front: Front) -> None:
    path = front.folder / "troth.yaml"
    path.write_text(path.read_text().replace("rectification: automatic", "access: staff"), encoding="utf-8")
    officer = opened(front, "privacy")
    ref = front.ask("access").request.ref
    front.work()
    assert officer.get(f"/console/requests/{ref}/approve") == 200
    assert "erased" not in officer.text
    assert "What would be done" not in officer.text
