"""A copy of an identity document is taken once, seen by few, and destroyed: nothing of it stays on the disk."""

from __future__ import annotations

import io
import re
import struct
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.house_of import Front
from desk.test_portal import Browser, browser  # noqa: F401  (a fixture)
from desk.test_space import rewritten
from desk.test_standing import at_the_desk
from troth.core.errors import UsageError


def picture(width: int = 40, height: int = 30) -> bytes:
    """A PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x40\x80\xc0" * min(width, 100) for _ in range(min(height, 40_000)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def asked_for_document(browser: Browser) -> tuple[str, str]:  # noqa: F811
    """The request, and the path of the link in the mail."""
    from troth.desk import deciding
    from troth.desk.house import house

    front = browser.front
    rewritten(front, "  answer_within: 30 days", "  answer_within: 30 days\n  verify: [email_link, identity_document]")
    ref = front.ask("access", verified="").request.ref
    front.work()
    with house() as at:
        deciding.ask_identity(at, ref, "identity_required", datetime.now(UTC), document=True)
    link = re.search(r"/identity/\S+", front.box.the_only().text())
    assert link is not None
    return ref, link[0]


def send(browser: Browser, link: str, content: bytes) -> tuple[int, str]:  # noqa: F811
    file = io.BytesIO(content)
    file.name = "my-card.png"
    answer = browser.client.post(link, {"document": file})
    return answer.status_code, answer.content.decode()


def whoever_looked_at(ref: str) -> str:
    """The name of a member of staff who has looked, as the console records it before it shows a page."""
    from troth.web.console.models import Look, Staff

    staff = Staff.objects.create(public_id="staff-aaaabbbb", roles=["privacy"], added=datetime.now(UTC))
    Look.objects.create(
        staff=staff, kind="seen", what="identity_document", ref=ref, at=datetime.now(UTC), ground="request", position=1
    )
    return str(staff.public_id)


def waits_for_staff(ref: str) -> tuple[str, bool]:
    """What it waits for, and whether that is somebody of staff."""
    from troth.desk.ahead import ahead
    from troth.desk.files import request_of
    from troth.desk.models import File
    from troth.web.console import lines

    coming = ahead(ref)
    return coming.what, lines.waits_for_staff(request_of(File.objects.get(ref=ref)), coming)


def on_the_disk(folder: Path, wanted: bytes) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and wanted in path.read_bytes()]


def test_a_document_is_taken_once_seen_with_a_watermark_and_destroyed_on_the_decision(browser: Browser) -> None:  # noqa: F811
    from troth.desk import deciding, packages
    from troth.desk.house import house
    from troth.desk.models import Document

    ref, link = asked_for_document(browser)
    assert browser.client.get(link).status_code == 200
    content = picture()
    browser.come_in()
    page = browser.get(f"/me/requests/{ref}")[1]
    assert ("by the link in that mail" in page, "answer that mail" in page) == (True, False)
    assert waits_for_staff(ref) == ("identity", False)
    assert send(browser, link, content)[0] == 200
    assert waits_for_staff(ref) == ("document", True)
    page = browser.get(f"/me/requests/{ref}")[1]
    assert ("copy of an identity document has come" in page, "document came, encrypted" in page) == (True, True)
    assert send(browser, link, content)[0] == 410  # good once
    row = Document.objects.get()
    assert (row.kind, row.name != "") == ("png", True)
    assert on_the_disk(browser.front.folder, content[:60]) == []
    assert on_the_disk(browser.front.folder, b"my-card") == []
    seen = at_the_desk("look", "documents", ref, "Noémie, 22 November 2026")
    assert seen.startswith(b"\x89PNG")
    assert seen != content
    with house() as at:
        with pytest.raises(UsageError, match="not looked at the copy"):
            deciding.identified(at, ref, "identity_document", datetime.now(UTC))
        with pytest.raises(UsageError, match="nobody has looked at it"):
            deciding.identified(at, ref, "known", datetime.now(UTC))
        deciding.identified(at, ref, "identity_document", datetime.now(UTC), who=whoever_looked_at(ref))
    assert list(packages.folder().glob("id-*")) == []
    assert list(packages.folder().glob(".id-*")) == []
    with pytest.raises(packages.PackageGone):
        at_the_desk("look", "documents", ref, "x")
    browser.front.work()
    kinds = browser.front.ledger(ref)
    assert kinds.index("identity.document_received") < kinds.index("identity.document_destroyed")


def test_nobody_says_that_they_know_who_was_asked_for_a_copy_until_it_is_seen_or_asked_without(
    browser: Browser,  # noqa: F811
) -> None:
    from troth.desk import deciding
    from troth.desk.house import house

    ref, _ = asked_for_document(browser)
    front = browser.front
    with house() as at:
        assert "known" not in deciding.ways_to_know(at, ref)
        with pytest.raises(UsageError, match="nobody has looked at it"):
            deciding.identified(at, ref, "known", datetime.now(UTC))
        assert front.state_of(ref) == "identity_awaited"
        deciding.ask_identity(at, ref, "identity_required", datetime.now(UTC))
        deciding.identified(at, ref, "known", datetime.now(UTC))
    assert front.state_of(ref) == "in_progress"
    with pytest.raises(UsageError, match="for a request that is new"):
        front.ask("erasure", "bo@example.org", verified="identity_document")


def test_what_is_no_document_is_refused_and_leaves_nothing(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    from troth.desk import documents, packages
    from troth.desk.models import Document

    _, link = asked_for_document(browser)
    for content, status, said in (
        (b"<svg onload=alert(1)>" * 9, 400, "neither" if False else "not a JPEG"),
        (b"", 400, "No file came"),
        (b"%PDF-1.7 cut short", 400, "not a JPEG"),
        (picture(60_000, 60_000), 400, "too many dots"),
        (picture(10, 1000), 400, "four times"),
    ):
        found = send(browser, link, content)
        assert found[0] == status
        assert said in found[1]
    monkeypatch.setattr(documents, "LARGEST", 1000)
    assert "larger than 8 MB" in send(browser, link, picture() + b"\0" * 2000)[1]
    answer = browser.client.post(link, b"x" * 10, content_type="text/plain", headers={"Content-Length": str(9 * 2**20)})
    assert answer.status_code in (400, 413)
    assert browser.client.post(link, {}, headers={"Origin": "https://evil.test"}).status_code == 403
    assert list(packages.folder().iterdir()) == []
    assert Document.objects.get().given is None


def test_a_document_passes_through_little_memory(front: Front) -> None:
    import tracemalloc

    from troth.desk.documents import LARGEST, Arriving
    from troth.desk.house import house
    from troth.desk.packages import read
    from troth.desk.pictures import ends, faults

    piece = b"%PDF-1.7" + b"0" * (64 * 1024 - 8)
    with house() as at:
        arriving = Arriving(at)
        tracemalloc.start()
        for _ in range(LARGEST // len(piece)):
            arriving.put(piece)
        arriving.end()
        assert faults("pdf", *ends(read(at.records.state.keys.vault, arriving.name))) == "not_a_document"
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < LARGEST  # some copies of one piece, never the whole


@pytest.mark.parametrize(("content", "kind", "why"), [
    (picture(), "png", ""), (picture(9000, 9000), "png", "too_many_pixels"),
    (picture(10, 40_000), "png", "too_many_pixels"), (picture(10, 1000), "png", "too_narrow"),
    (picture(1000, 10), "png", "too_narrow"), (picture(100, 400), "png", ""), (picture()[:20], "png", "not_a_document"),
    (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x10\x00\x20\x03" + b"0" * 9, "jpg", ""),
    (b"\xff\xd8\xff\xc0\x00\x11\x08\xff\xff\xff\xff\x03" + b"0" * 9, "jpg", "too_many_pixels"),
    (b"\xff\xd8\xff\xe0\x00\x00" + b"\0" * 40, "jpg", "not_a_document"),
    (b"%PDF-1.4 %%EOF\n", "pdf", ""), (b"%PDF-1.4", "pdf", "not_a_document"),
])  # fmt: skip
def test_the_size_of_a_picture_is_known_before_it_is_opened(content: bytes, kind: str, why: str) -> None:
    from troth.desk.pictures import ends, faults, kind_of

    assert kind_of(content) == kind
    assert faults(kind, *ends([content[:9], content[9:]])) == why


TALL_AS_IT_IS = """
#set page(width: 18cm, height: auto, margin: 4mm)
#image("/" + sys.inputs.file, width: 100%)
"""


def test_a_drawing_that_takes_all_memory_or_time_ends_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.desk import watermark

    ribbon = picture(10, 40_000)
    assert watermark.drawn(picture(), "png", "Noémie")[16:24] == watermark.drawn(ribbon, "png", "Noémie")[16:24]
    with monkeypatch.context() as patch:
        patch.setattr(watermark, "_PAGE", TALL_AS_IT_IS)  # nine gigabytes
        with pytest.raises(UsageError, match="cannot be drawn"):
            watermark.drawn(ribbon, "png", "Noémie")
    monkeypatch.setattr(watermark, "SECONDS", 0.001)
    with pytest.raises(UsageError, match="cannot be drawn"):
        watermark.drawn(picture(), "png", "Noémie")


def test_the_process_that_draws_cannot_take_more_than_its_bounds() -> None:
    import subprocess
    import sys

    code = "import troth.desk.watermark_child as c; c.limit(); bytearray(c.MEMORY)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MemoryError" in done.stderr


def test_who_draws_a_strangers_file_is_told_no_secret_and_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    import subprocess

    from troth.desk import watermark

    asked: list[Any] = []

    def run(command: list[str], **how: Any) -> Any:
        asked.append((command, how["env"]))
        return subprocess.CompletedProcess(command, -6, b"")

    monkeypatch.setenv("TROTH_STATE_URL", "postgresql://secret.test")
    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(UsageError):
        watermark.drawn(picture(), "png", "Noémie")
    ((command, environment),) = asked
    assert "Noémie" not in " ".join(command), "other users of the machine see the words of a command"
    assert not [name for name in environment if name.startswith("TROTH_")]


def test_whoever_is_asked_for_a_copy_later_on_the_way_reads_that_they_are_waited_for(browser: Browser) -> None:  # noqa: F811
    from troth.desk import deciding
    from troth.desk.house import house

    rewritten(
        browser.front, "  answer_within: 30 days", "  answer_within: 30 days\n  verify: [email_link, identity_document]"
    )
    ref = browser.front.ask("erasure").request.ref
    browser.front.work()
    assert waits_for_staff(ref) == ("approval", True)
    with house() as at:
        deciding.ask_identity(at, ref, "identity_required", datetime.now(UTC), document=True)
    assert waits_for_staff(ref) == ("identity", False)
    browser.come_in()
    page = browser.get(f"/me/requests/{ref}")[1]
    assert ("by the link in that mail" in page, "looks at what would be done" in page) == (True, False)


def test_who_has_not_answered_can_be_asked_again_and_what_they_sent_before_is_destroyed(browser: Browser) -> None:  # noqa: F811
    from troth.desk import deciding, packages
    from troth.desk.daily import waiting
    from troth.desk.house import house

    ref, first = asked_for_document(browser)
    today = datetime.now(UTC).date()
    assert [waiting(today + timedelta(days=days)).unknown for days in (13, 15)] == [0, 1]
    send(browser, first, picture())
    with house() as at:
        deciding.ask_identity(at, ref, "identity_required", datetime.now(UTC), document=True)
    assert list(packages.folder().iterdir()) == []
    second = re.findall(r"/identity/\S+", browser.front.box.received[-1].text())[-1]
    assert [browser.client.get(link).status_code for link in (first, second)] == [410, 200]
    assert send(browser, second, picture())[0] == 200
    browser.front.work()
    with house() as at:
        bodies = [body for kind, body in at.records.state.events_of(ref) if kind == "identity.document_destroyed"]
    assert [body and body["because"] for body in bodies] == ["asked_again"]


def test_a_document_goes_when_its_time_is_over_whatever_was_decided(browser: Browser) -> None:  # noqa: F811
    from troth.desk import packages
    from troth.desk.daily import sweep_packages

    _, link = asked_for_document(browser)
    send(browser, link, picture())
    later = datetime.now(UTC) + timedelta(days=29)
    assert at_the_desk("tidy", "documents", later) == 0
    assert sweep_packages(later) == 0
    assert len(list(packages.folder().iterdir())) == 1
    assert at_the_desk("tidy", "documents", later + timedelta(days=2)) == 1
    assert list(packages.folder().iterdir()) == []
    assert browser.client.get(link).status_code == 410


def test_nobody_is_asked_for_a_document_where_the_policy_does_not_speak_of_it(front: Front) -> None:
    ref = front.ask("access", verified="").request.ref
    with pytest.raises(UsageError, match="asks nobody"):
        at_the_desk("ask_identity", "deciding", ref, "identity_required", datetime.now(UTC), document=True)
    assert front.box.received == []
