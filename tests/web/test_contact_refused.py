"""What the contact form refuses before anything leaves: strangers' pages, used forms, floods, and what is no form."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from letterbox import Mailbox
from web.contact_form import GIVEN, OURS, Writer, work


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "https://evil.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://testserver.evil.test"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver:81"},
        {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Referer": "https://evil.test/http://testserver/contact"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_a_form_of_a_strangers_page_is_refused(writer: Writer, box: Mailbox, headers: dict[str, str]) -> None:
    writer.headers = headers
    answer = writer.send()
    assert (answer.status, answer.heading) == (403, "This came from another site")
    assert GIVEN["message"] not in answer.text
    assert box.received == []


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}])
def test_a_browser_that_does_not_say_from_where_keeps_the_text_and_reads_another_way(
    writer: Writer, box: Mailbox, headers: dict[str, str]
) -> None:
    writer.headers = headers
    answer = writer.send()
    assert answer.status == 403
    assert "from which page" in answer.trouble
    assert GIVEN["message"] in answer.text
    assert "donnees@verdier.test" in answer.text
    assert box.received == []


@pytest.mark.parametrize(
    "headers",
    [{"Origin": OURS}, {"Referer": f"{OURS}/contact?lang=en"}, {"Origin": "null", "Sec-Fetch-Site": "same-origin"}],
)
def test_our_own_page_is_known_by_any_of_the_headers(writer: Writer, box: Mailbox, headers: dict[str, str]) -> None:
    writer.headers = headers
    assert writer.send().status == 200
    assert len(box.received) == 1


def test_behind_a_proxy_our_page_has_the_scheme_that_people_use(writer: Writer, box: Mailbox) -> None:
    writer.headers = {"Origin": "https://privacy.verdier.test", "Host": "privacy.verdier.test"}
    assert writer.send().status == 200
    writer.headers["Origin"] = "http://privacy.verdier.test"
    assert writer.send().status == 403
    assert len(box.received) == 1


def test_a_plain_form_of_the_publishers_own_site_is_shown_once_more_and_sent_from_here(
    writer: Writer, box: Mailbox
) -> None:
    writer.headers = {"Origin": "https://www.verdier.test", "Sec-Fetch-Site": "cross-site"}
    page = writer.post({**GIVEN, "submit": "Send"})
    assert (page.status, box.received) == (200, [])
    assert "check your message" in page.trouble
    assert GIVEN["message"] in page.text
    assert "checked" not in page.text
    writer.headers = {"Origin": OURS}
    writer.clock.pass_by(20)
    assert writer.post(writer.fill(page)).status == 200
    assert box.the_only().message["Reply-To"] == GIVEN["email"]


def test_the_frame_is_for_the_publishers_sites_only(writer: Writer, box: Mailbox) -> None:
    writer.path = "/contact/embed"
    page = writer.open()
    assert "frame-ancestors https://www.verdier.test;" in page.headers["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in page.headers
    assert "<header" not in page.text
    assert 'action="/contact/embed?lang=en"' in page.text
    sent = writer.send()
    assert sent.status == 200
    assert "frame-ancestors https://www.verdier.test" in sent.headers["Content-Security-Policy"]
    assert len(box.received) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"troth.token": ""}, {"troth.token": "x"}, {"troth.token": "x" * 5000}, {"troth.token": "\x00\xff:é"},
        {"troth.token": "0123456789abcdef.8.1.1.1:forged"},
    ],
)  # fmt: skip
def test_a_ticket_that_is_not_ours_brings_the_form_back(writer: Writer, box: Mailbox, change: dict[str, str]) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    back = writer.post({**writer.fill(page), **change})
    assert (back.status, box.received) == (422, [])
    assert "Your text is still here" in back.trouble
    assert GIVEN["message"] in back.text
    writer.clock.pass_by(20)
    assert writer.post(writer.fill(back)).status == 200


def test_a_form_is_stale_after_two_hours(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    fields = writer.fill(page)
    writer.clock.pass_by(7201)
    back = writer.post(fields)
    assert (back.status, box.received) == (422, [])
    assert "open for too long" in back.trouble


def test_a_form_is_good_for_one_message(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    fields = writer.fill(page)
    assert writer.post(fields).heading == "Your message has left"
    again = writer.post({**fields, "message": "another"})
    assert again.heading == "Your message has left"
    assert len(box.received) == 1


def test_a_form_that_came_back_cannot_be_used_instead_of_the_new_one(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    writer.post(writer.fill(page, email="nobody"))
    back = writer.post(writer.fill(page))
    assert (back.status, box.received) == (422, [])
    assert "used before" in back.trouble


@pytest.mark.parametrize("proof", ["", "0", "-1", "1e9", "١", "9" * 17, "é"])
def test_work_that_was_not_done(writer: Writer, box: Mailbox, proof: str) -> None:
    page = writer.open()
    right = work(page.nonce, page.bits)
    writer.clock.pass_by(20)
    back = writer.post({**writer.fill(page), "troth.proof": proof if proof != right else "1"})
    assert (back.status, box.received) == (422, [])


def test_work_for_another_form(writer: Writer, box: Mailbox) -> None:
    one, other = writer.open(), writer.open()
    writer.clock.pass_by(20)
    back = writer.post({**writer.fill(one), "troth.token": other.hidden("troth.token")})
    assert (back.status, box.received) == (422, [])
    assert "not finished its check" in back.trouble


def test_nobody_writes_in_two_seconds(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(2)
    back = writer.post(writer.fill(page))
    assert (back.status, box.received) == (422, [])
    assert "faster than people write" in back.trouble
    writer.clock.pass_by(2)
    assert writer.post(writer.fill(back)).status == 200


def test_a_field_that_nobody_sees_stays_empty(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    back = writer.post({**writer.fill(page), "troth.empty": "buy"})
    assert (back.status, box.received) == (422, [])
    assert "do not see" in back.trouble
    assert writer.post(writer.fill(back)).status == 200


def test_whoever_writes_often_works_harder_and_then_waits(writer: Writer, box: Mailbox) -> None:
    bits = []
    for _ in range(10):
        bits.append(writer.open().bits)
        assert writer.send().status == 200
    assert bits[0] == 8
    assert bits == sorted(bits)
    assert bits[-1] == 8 + 3
    back = writer.send()
    assert (back.status, len(box.received)) == (429, 10)
    assert GIVEN["message"] in back.text
    assert "donnees@verdier.test" in back.text
    writer.network = "203.0.113.10"
    assert writer.send().status == 200
    writer.network = "203.0.113.9"
    writer.clock.pass_by(3601)
    assert writer.send().status == 200


def test_addresses_of_one_ipv6_network_are_one_writer(writer: Writer, box: Mailbox) -> None:
    for place in range(10):
        writer.network = f"2001:db8:1:2::{place:x}"
        assert writer.send().status == 200
    writer.network = "2001:db8:1:2:ffff::1"
    assert writer.send().status == 429
    writer.network = "2001:db8:1:3::1"
    assert writer.send().status == 200


def test_the_way_without_work_is_narrow(writer: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.contact.guard import Guard, Proven
    from troth.web.contact.questions import question

    guard, now = Guard(), 1000.0
    for place in range(60):
        guard.rates.sent(f"198.51.100.{place}", now, slow=True)
    ticket = guard.ticket("203.0.113.9", now)
    answer = min(question(ticket.seed, "en").answers)
    assert guard.objection(ticket, Proven("", answer, ""), "203.0.113.9", "en", now + 60) == "gate_closed"
    assert guard.objection(ticket, Proven("", answer, ""), "203.0.113.9", "en", now + 3700) == ""


BODIES = [
    (b"--x\r\nContent-Disposition: form-data; name=\"message\"; filename=\"a\"\r\n\r\nxyzzy\r\n--x--\r\n",
     "multipart/form-data; boundary=x", 415, "A message without files"),
    (b'{"message": "xyzzy"}', "application/json", 415, "A message without files"),
    (b"message=xyzzy", "text/plain", 415, "A message without files"),
    (b"message=" + b"x" * 262_144, "application/x-www-form-urlencoded", 413, "This is too large"),
    (b"message=" + b"x" * 10_000_000, "application/x-www-form-urlencoded", 413, "This is too large"),
    (b"&".join(b"f%d=" % n for n in range(101)), "application/x-www-form-urlencoded", 400,
     "This is not our form"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "kind", "status", "heading"), BODIES)
def test_what_is_no_text_or_too_much_gets_a_page_that_says_so(
    writer: Writer, box: Mailbox, body: bytes, kind: str, status: int, heading: str
) -> None:
    answer = writer.post(body, content_type=kind)
    assert (answer.status, answer.heading) == (status, heading)
    assert "xyzzy" not in answer.text
    assert box.received == []


@pytest.mark.parametrize("length", ["", "x", "-1", "1.5"])
def test_a_body_of_unknown_length_is_not_read(writer: Writer, box: Mailbox, length: str) -> None:
    assert writer.post(b"email=x", CONTENT_LENGTH=length).status == 411
    assert box.received == []


def test_fields_that_the_form_does_not_have_or_has_once(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    fields = writer.fill(page)
    for more in ([("bcc", "eve@example.org")], [("email", "eve@example.org")], [("troth.read", "1")]):
        answer = writer.post([*fields.items(), *more])
        assert (answer.status, answer.heading) == (400, "This is not our form")
        assert "eve@" not in answer.text
    assert box.received == []


def test_only_get_and_post(writer: Writer) -> None:
    for method in ("put", "delete", "patch", "options"):
        assert getattr(writer.client, method)("/contact").status_code == 405
    assert writer.client.head("/contact").status_code == 200


def test_the_text_comes_back_as_text(writer: Writer, box: Mailbox) -> None:
    evil = '</textarea><script>alert(1)</script>"><img src=x>{{ t }}'
    back = writer.send(message=evil, first_name=evil, email="x")
    assert back.status == 422
    assert "<script>alert" not in back.text
    assert "<img src=x>" not in back.text
    assert "&lt;/textarea&gt;&lt;script&gt;" in back.text


def test_bytes_that_are_no_text_come_back_as_a_question(writer: Writer, box: Mailbox) -> None:
    page = writer.open()
    writer.clock.pass_by(20)
    fields = writer.fill(page)
    del fields["message"]
    back = writer.post(urlencode(fields).encode() + b"&message=%ff%fe%80abc")
    assert (back.status, box.received) == (422, [])
    assert "cannot be sent" in back.wrong["message"]


def test_an_error_says_nothing_of_the_message(
    writer: Writer, box: Mailbox, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from troth.web.contact import views

    def broken(*given: Any) -> None:
        raise RuntimeError("Bonjour, un devis ? ana@example.org")

    monkeypatch.setattr(views, "send", broken)
    writer.client.raise_request_exception = False
    answer = writer.send()
    assert answer.status == 500
    said = capfd.readouterr()
    assert "RuntimeError" in said.err
    for secret in ("devis", "ana@"):
        assert secret not in answer.text + said.out + said.err
