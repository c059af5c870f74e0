"""The console's requests: who asks is seen on record, and every act does what the page has said."""

from __future__ import annotations

import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from desk.house_of import Front
from desk.officer import Officer, opened


@pytest.fixture
def officer(front: Front) -> Officer:
    return opened(front, "privacy")


def traced(front: Front, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    """Events of staff in the ledger, in order."""
    from troth.core.evidence.canonical import parse
    from troth.core.evidence.leaf import decode
    from troth.state.state import open_state

    found = []
    with open_state(front.folder / "troth-state") as state:
        for position in range(state.ledger.size):
            kind, opening = decode(state.ledger.leaf(position)).kind, state.ledger.body(position)
            if kind in kinds and opening is not None:
                found.append((kind, dict(parse(opening.body))))  # type: ignore[arg-type]
    return found


def file_of(ref: str) -> Any:
    from troth.desk.models import File

    return File.objects.get(ref=ref)


def test_today_shows_each_request_where_it_is_most_urgent(officer: Officer) -> None:
    ref, late = officer.front.ask("erasure").request.ref, officer.front.ask("erasure", "bo@example.org").request.ref
    officer.front.work()
    row = file_of(late)
    row.due = row.due - timedelta(days=40)
    row.save()
    assert officer.get("/console") == 200
    assert "Past their day (1)" in officer.text
    assert "Waiting for you (1)" in officer.text
    assert "10 days late" in officer.text or "9 days late" in officer.text
    assert officer.colleague.page.count(ref) == 2, "a link and a name, once"
    assert "ana@example.org" not in officer.text


def test_the_list_says_what_each_waits_for_and_names_nobody(officer: Officer) -> None:
    ref = officer.front.ask("erasure").request.ref
    assert officer.get("/console/requests") == 200
    assert ref in officer.text
    assert "Waits for" in officer.text
    officer.front.work()
    for which, there in (("open", True), ("waiting", True), ("late", False), ("ended", False)):
        assert officer.get(f"/console/requests?show={which}") == 200
        assert (ref in officer.text) is there, which
    assert "ana" not in officer.text
    assert traced(officer.front, "staff.seen") == [], "no person's data was shown"


def test_opening_a_request_is_on_record_before_anything_is_shown(
    officer: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.core.errors import LedgerBusy
    from troth.state.state import State

    ref = officer.front.ask("erasure").request.ref
    officer.front.work()
    assert officer.get(f"/console/requests/{ref}") == 200
    assert "ana@example.org" in officer.text
    assert "accounting documents" in officer.text, "the plan says what stays and why"
    ((_, body),) = traced(officer.front, "staff.seen")
    assert body["who"] == officer.colleague.staff().public_id
    assert (body["what"], body["request"], body["ground"]) == ("request", ref, "request")
    assert "ana" not in str(body)

    def busy(self: State, *events: Any) -> Any:
        raise LedgerBusy("somebody else writes", remedy="try again")

    monkeypatch.setattr(State, "record", busy)
    assert officer.get(f"/console/requests/{ref}") == 503
    assert "ana@example.org" not in officer.text


def test_a_request_that_does_not_exist_is_not_found(officer: Officer) -> None:
    assert officer.get("/console/requests/req-nosuch") == 404
    assert traced(officer.front, "staff.seen") == []


def test_approving_shows_the_consequence_first_and_then_carries_it_out(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure").request.ref
    front.work()
    page = f"/console/requests/{ref}/approve"
    assert officer.get(page) == 200
    assert "This goes" in officer.text
    assert "This stays" in officer.text
    assert officer.post(page) == 400, "the box is not ticked"
    assert front.state_of(ref) == "received"
    seen = officer.field("seen")
    front.change("INSERT INTO invoices VALUES (11, 1, 100, '2026-06-06')")
    assert officer.post(page, sure="1", seen=seen) == 400, "what would be done is not what was shown"
    assert front.state_of(ref) == "received"
    assert officer.post(page, sure="1", seen=officer.field("seen")) == 302
    assert "Approved." in officer.text
    assert "approved (privacy@essai.test)" in officer.text, "colleagues read who did it"
    front.work()
    assert front.rows("SELECT email FROM customers WHERE id = 1") == [(None,)]
    assert front.state_of(ref) == "partly_refused"
    officer.get(f"/console/requests/{ref}")
    for said in (
        "our databases were changed",
        "Messager",
        "told by e-mail",
        "same base",
        "The answer that was sent",
        "accounting documents",
    ):
        assert said in officer.text, said
    assert [body["what"] for _, body in traced(front, "staff.changed")] == ["request.approve"]
    officer.get("/console/requests/new?right=access")
    assert officer.post(page, sure="1") == 302
    assert "no longer" in officer.text


def test_refusing_shows_what_the_person_will_read_and_sends_nothing_else(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", language="fr").request.ref
    front.work()
    page = f"/console/requests/{ref}/refuse"
    officer.get(page)
    assert officer.post(page) == 400, "a refusal needs a reason"
    assert officer.post(page, reason="manifestly_unfounded") == 200
    assert "la demande est manifestement infondée" in officer.text, "in the person's language"
    assert front.state_of(ref) == "received", "only shown"
    seen = officer.field("seen")
    assert officer.post(page, reason="malicious_intent", seen=seen) == 200, "another text was not seen"
    assert front.state_of(ref) == "received"
    seen = officer.field("seen")
    assert officer.post(page, reason="malicious_intent", seen=seen) == 302
    front.work()
    assert front.state_of(ref) == "refused"
    assert "la demande est faite pour nuire" in front.box.received[-1].text()
    assert front.rows("SELECT count(*) FROM customers") == [(2,)]


def test_asking_who_it_is_stops_the_clock_and_an_answer_starts_it(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", verified="").request.ref
    front.work()
    officer.get(f"/console/requests/{ref}")
    assert "It is not known yet who asks" in officer.text
    assert "/approve" not in officer.colleague.page, "nobody says yes to somebody unknown"
    page = f"/console/requests/{ref}/ask-identity"
    officer.get(page)
    assert officer.post(page, reason="identity_required") == 200
    assert officer.post(page, reason="identity_required", seen=officer.field("seen")) == 302
    assert "the clock stands still" in officer.text
    assert front.state_of(ref) == "identity_awaited"
    page = f"/console/requests/{ref}/identify"
    officer.get(page)
    assert officer.post(page, how="a hunch") == 400
    assert officer.post(page, how="phone") == 400, "the policy does not name it"
    assert officer.post(page, how="known") == 302
    front.work()
    assert file_of(ref).verified == "known"
    officer.get("/console/requests?show=waiting")
    assert "an approval" in officer.text


def read_clock(ref: str) -> Any:
    from troth.desk.files import file_of as file_at
    from troth.desk.house import house

    with house() as at:
        return file_at(at, ref, datetime.now(UTC))[0].clock


def day(value: Any) -> str:
    from troth.package import locale

    return locale.day(value, "en").replace("\xa0", " ")


def test_it_is_extended_only_in_time_and_with_a_reason(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure").request.ref
    front.work()
    page = f"/console/requests/{ref}/extend"
    officer.get(f"/console/requests/{ref}")
    assert f"tell the person by {day(read_clock(ref).extend_by)}" in officer.text
    assert "with the two months" not in officer.text
    told = re.search(r"you may answer as late as (\d+ \w+ \d{4})", officer.text)
    officer.get(page)
    officer.post(page, reason="complexity")
    assert officer.post(page, reason="complexity", seen=officer.field("seen")) == 302
    assert front.state_of(ref) == "extended"
    assert told is not None
    assert told[1] == day(read_clock(ref).due), "what the page has said is what the extension gave"
    officer.get(f"/console/requests/{ref}")
    assert "Your policy’s promise (30 days), with the two months of the extension" in officer.text
    officer.get(f"/console/requests/{ref}?lang=fr")
    assert "Promesse de votre politique (30 jours), avec les deux mois de la prolongation" in officer.text
    late = front.ask("erasure", "bo@example.org", received=datetime.now(UTC) - timedelta(days=70)).request.ref
    front.work()
    assert officer.get(f"/console/requests/{late}/extend") == 302
    assert "no longer" in officer.text


def test_a_letter_is_entered_for_somebody_else_and_waits_for_the_officer(officer: Officer) -> None:
    front = officer.front
    assert officer.get("/console/requests/new") == 200
    assert officer.get("/console/requests/new?right=erasure") == 200
    fields = {"right": "erasure", "kind": "email", "value_of_person": "ana@example.org", "channel": "post"}
    day = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()
    assert officer.post("/console/requests/new", **{**fields, "value_of_person": "nobody"}) == 400
    assert officer.post("/console/requests/new", **fields, received="2999-01-01") == 400
    more = {"received": day, "behalf": "mandate", "speaker": "Maître Exemple", "verified": "known"}
    assert officer.post("/console/requests/new", **fields, **more) == 400, "everything is said, not left out"
    assert officer.post("/console/requests/new", **fields, **more, everything="1") == 302
    assert "Entered." in officer.text
    assert "Maître Exemple" in officer.text
    from troth.desk.models import File

    row = File.objects.get()
    assert "12:00" not in officer.text, "nobody said at which hour the letter came"
    assert (row.channel, row.behalf, row.received.date().isoformat()) == ("post", "mandate", day)
    front.work()
    assert officer.get(f"/console/requests/{row.ref}/approve") == 200
    assert [b["what"] for _, b in traced(front, "staff.changed")] == ["request.enter"]


def test_a_correction_is_shown_with_its_new_value_before_it_is_approved(officer: Officer) -> None:
    front = officer.front
    officer.get("/console/requests/new?right=rectification")
    fields = {"right": "rectification", "kind": "email", "value_of_person": "bo@example.org", "channel": "phone"}
    assert officer.post("/console/requests/new", **fields, verified="known") == 400, "nothing is said to be corrected"
    assert officer.post(
        "/console/requests/new", **fields, verified="known", field="shop.customers.name", value="Bo Neuf",
        behalf="parent", answer_to="bo@example.org",
    ) == 302  # fmt: skip
    from troth.desk.models import File

    ref = File.objects.get().ref
    front.work()
    officer.get(f"/console/requests/{ref}/approve")
    assert "This is written" in officer.text
    assert "Bo Neuf" in officer.text
    assert officer.post(f"/console/requests/{ref}/approve", sure="1", seen=officer.field("seen")) == 302
    front.work()
    assert front.rows("SELECT name FROM customers WHERE id = 2") == [("Bo Neuf",)]


def test_what_is_done_by_hand_is_said_with_a_number_and_never_a_name(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("human_review").request.ref
    front.work()
    officer.get(f"/console/requests/{ref}/approve")
    officer.post(f"/console/requests/{ref}/approve", sure="1", seen=officer.field("seen"))
    front.work()
    page = f"/console/requests/{ref}/done"
    assert officer.get(page) == 200
    said = {"outcome": "stays", "why": "We counted again."}
    assert officer.post(page, evidence="told Ana", **said) == 400
    assert officer.post(page, evidence="ticket-4711", **said) == 400, "the box is not ticked"
    assert officer.post(page, evidence="ticket-4711", sure="1", **said) == 302
    front.work()
    assert front.state_of(ref) == "answered"


def test_who_gave_no_address_gets_a_letter_whose_text_is_on_the_page(officer: Officer) -> None:
    front = officer.front
    ref = front.ask("erasure", answer_to="").request.ref
    front.work()
    officer.get(f"/console/requests/{ref}/approve")
    officer.post(f"/console/requests/{ref}/approve", sure="1", seen=officer.field("seen"))
    front.work()
    officer.get("/console/requests?show=waiting")
    assert "the answer has to go by post" in officer.text
    assert officer.get(f"/console/requests/{ref}/done") == 200
    assert "you asked for the erasure of the data" in officer.text
    assert "31 December 2036" in officer.text, "what stays, and until when"
    for said in (f"Reference: {ref}", "/proof", "— verdier.test/troth "):
        assert said in officer.text, "what a mail brings beside its text"
    officer.get(f"/console/requests/{ref}")
    assert "What was changed in the stores" in officer.text, "as soon as it was done"
    assert "Messager told by e-mail" in officer.text
    assert "Done by hand" in officer.text
    for said in ("Ask who it is", "Take more time", "you may answer as late as"):
        assert said not in officer.text, "what cannot help any more"
    officer.get(f"/console/requests/{ref}/extend")
    assert "can no longer be done" in officer.text
    officer.get(f"/console/requests/{ref}/done")
    assert officer.post(f"/console/requests/{ref}/done", sure="1") == 400, "nothing shows it"
    assert officer.post(f"/console/requests/{ref}/done", sure="1", note="Registered, this morning.") == 302
    front.work()
    assert front.state_of(ref) == "partly_refused"
    officer.get(f"/console/requests/{ref}")
    assert "The letter that was sent" in officer.text
    assert "31 December 2036" in officer.text


def picture() -> bytes:
    """A small picture, as a telephone could have made it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    wide, high = 40, 30
    rows = zlib.compress(b"".join(b"\0" + b"\x40\x80\xc0" * wide for _ in range(high)))
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_an_identity_document_is_seen_by_its_role_only_and_destroyed_by_the_decision(front: Front) -> None:
    from troth.desk import documents
    from troth.desk.house import house
    from troth.desk.models import Document
    from troth.web.pages.published import kept

    policy = front.folder / "troth.yaml"
    asks = (
        "answer_within: 30 days\n  verify: [email_link, identity_document]\n  identity_document: {seen_by: [privacy]}"
    )
    policy.write_text(policy.read_text().replace("answer_within: 30 days", asks))
    officer, other = opened(front, "privacy"), opened(front, "second")
    kept.forget()
    ref = front.ask("erasure", verified="").request.ref
    front.work()
    page = f"/console/requests/{ref}/ask-identity"
    officer.get(page)
    assert officer.post(page, reason="identity_required", document="1") == 200
    assert "a copy of an identity document" in officer.text
    assert officer.post(page, reason="identity_required", document="1", seen=officer.field("seen")) == 302
    assert officer.get(f"/console/requests/{ref}/document/1.png") == 404, "nothing has come yet"
    officer.get(f"/console/requests/{ref}/identify")
    assert "has not come" in officer.text
    assert 'value="known"' not in officer.colleague.page, "there was a doubt: nobody knows them now"
    assert officer.post(f"/console/requests/{ref}/identify", how="known") == 400
    now = datetime.now(UTC)
    with house() as at:
        arriving = documents.Arriving(at)
        arriving.put(picture())
        arriving.end()
        documents.take(at, Document.objects.get(), arriving, now)
    officer.get(f"/console/requests/{ref}")
    assert f"{ref}/document" in officer.colleague.page
    officer.get(f"/console/requests/{ref}/identify")
    assert officer.post(f"/console/requests/{ref}/identify", how="identity_document") == 400
    assert "once you have looked at it" in officer.text
    for colleague, status in ((officer, 200), (other, 404)):
        assert colleague.get(f"/console/requests/{ref}/document") == status
        assert colleague.get(f"/console/requests/{ref}/document/1.png") == status
    assert [b["what"] for _, b in traced(front, "staff.seen")].count("identity_document") == 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("troth.desk.watermark.SECONDS", 0.001)
        assert officer.get(f"/console/requests/{ref}/document/1.png") == 422
    assert "cannot be shown" in officer.text
    assert "No document has been sent" not in officer.text
    officer.get(f"/console/requests/{ref}/identify")
    assert officer.post(f"/console/requests/{ref}/identify", how="identity_document") == 302
    assert officer.get(f"/console/requests/{ref}/document/1.png") == 404
    assert not list((front.folder / "troth-state").rglob("id-*.sealed"))


def test_the_person_finds_who_looked_and_another_person_does_not(officer: Officer) -> None:
    from troth.desk.house import house
    from troth.web.console import trace

    ref = officer.front.ask("erasure").request.ref
    officer.front.work()
    officer.get(f"/console/requests/{ref}")
    with house() as at:
        (mine,) = trace.about(at, (("email", "Ana@example.org"),))
        assert (mine.kind, mine.what, mine.ref) == ("seen", "request", ref)
        assert trace.about(at, (("email", "bo@example.org"),)) == []
        assert trace.clear(at, datetime.now(UTC) + trace.KEPT + timedelta(days=1)) == 1
        assert trace.about(at, (("email", "ana@example.org"),)) == []
    assert traced(officer.front, "staff.seen") == [], "the ledger keeps that there was an event, not its content"


def test_a_role_without_the_right_sees_no_request(front: Front) -> None:
    ref = front.ask("erasure").request.ref
    clerk = opened(front, "clerk")
    assert clerk.get("/console") == 200
    assert ref not in clerk.text
    for path in ("", f"/{ref}", f"/{ref}/approve", "/new"):
        assert clerk.get(f"/console/requests{path}") == 403, path
    assert traced(front, "staff.seen") == []
