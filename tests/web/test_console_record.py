"""The console's rooms that show no person: what comes, stores, versions, the ledger, staff."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from hashlib import sha256

import pytest

from databases import CHECKOUT
from troth.web import wording
from web.conftest import Post, Site
from web.console_house import look_up, shop, site, work
from web.staff import employ
from web.test_console_gate import events

__all__ = ["site"]  # the shop takes the place of Maison Verdier


# --- what comes, and the stores -----------------------------------------------------------------------------


def test_what_comes_is_counted_by_a_job_and_the_page_never_asks_a_store(
    letters: Post, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.console import outlook

    auditor = employ("ada@example.org", "auditor")
    assert auditor.get("/console/sweeps").status_code == 200
    assert "Nothing has been counted yet" in auditor.page
    answer = auditor.post("/console/count")
    assert answer["Location"] == "/console/sweeps?said=asked"
    auditor.get("/console/sweeps")
    assert "It is being counted" in auditor.page
    shop(site, "UPDATE customers SET last_seen = date('now', '-3 years', '+9 days') WHERE id = 2")
    work()
    monkeypatch.setattr(outlook, "stores", None)
    response = auditor.get("/console/sweeps")
    assert "customers: 1 row deleted" in auditor.page
    assert 'data-purpose="orders"' in auditor.page
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "ana@example.org" not in str(outlook.found(outlook.SWEEPS))


def test_a_store_that_is_down_is_named_and_the_page_stays(letters: Post, site: Site) -> None:
    auditor = employ("ada@example.org", "auditor")
    (site.folder / "shop.sqlite").unlink()
    (site.folder / "shop.sqlite").write_text("this is no database", encoding="utf-8")
    auditor.get("/console/stores")
    assert "not been looked at yet" in auditor.page
    auditor.post("/console/count", stores="1")
    work()
    assert auditor.get("/console/stores").status_code == 200
    assert "Does not answer" in auditor.page
    auditor.get("/console/sweeps")
    assert "could not be asked" in auditor.page


def test_the_stores_tell_their_mode_and_their_last_sweep(letters: Post, site: Site) -> None:
    from troth.core.evidence.leaf import Event
    from troth.desk.house import house
    from troth.web.console import outlook

    auditor = employ("ada@example.org", "auditor")
    with house() as at:
        now = datetime.now(UTC)
        at.records.sweep_start("digest:2026-11-22:shop", "sweep-1", now)
        at.records.note(Event("sweep.intended", now, {"request": "sweep-1"}))
        at.records.note(Event("sweep.failed", now, {"request": "sweep-1"}))
        at.records.sweep_end("sweep-1", now, {"shop.customers/delete": 3, "other.x/delete": 9})
        outlook.look(at, now)
    auditor.get("/console/stores")
    assert wording.Words("console", "en")["mode_enforce"] in auditor.page
    assert re.search(r"with failures; 3 rows changed", auditor.page)
    assert "SQLite" in auditor.page


def test_without_staff_nobodys_stores_are_asked(letters: Post, site: Site) -> None:
    from troth.web.console import outlook

    outlook.ask()
    work()
    assert outlook.found(outlook.STORES) is None


# --- versions -----------------------------------------------------------------------------------------------


def test_versions_and_problems_are_told_in_the_readers_language(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    officer.get("/console/versions")
    assert "No version is on record yet" in officer.page
    site.publish()
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2026-11-23")
    site.publish()
    officer.get("/console/versions?lang=fr")
    assert "22\u00a0novembre 2026" in officer.page or "22 novembre 2026" in officer.page
    assert "/history/2026-11-22/2026-11-23" in officer.page
    assert "Erreurs" in officer.page
    assert "Le fichier diffère" not in officer.page
    site.edit("troth.yaml", "Maison Essai", "Maison Autre")
    officer.get("/console/versions?lang=fr")
    assert "Le fichier diffère" in officer.page
    site.edit("troth.yaml", "country: FR, timezone", "cuntry: FR, timezone")
    officer.get("/console/versions?lang=fr")
    assert "cuntry" in officer.page
    assert "troth.yaml:" in officer.page
    assert str(site.folder) not in officer.page


def test_a_text_of_another_day_is_not_said_to_be_in_force(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    site.publish()
    site.edit("troth.yaml", "version: 2026-11-22", "version: 2999-01-01")
    site.publish()
    officer.get("/console/versions")
    rows = re.findall(r"</a> · ([^<]+)</td>", officer.page)
    assert rows[:2] == ["published; it holds from its day", "in force"]


# --- ledger -------------------------------------------------------------------------------------------------


def test_the_ledger_is_read_newest_first_and_filtered(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    look_up(officer)
    officer.get("/console/ledger")
    assert officer.page.index("staff.seen") < officer.page.index("key.created")
    officer.get("/console/ledger?kind=staff.seen")
    assert "staff.signed" not in re.sub(r"<select.*?</select>", "", officer.page, flags=re.DOTALL)
    officer.get("/console/ledger?day=2020-01-01")
    assert "No event of this choice" in officer.page
    assert officer.get("/console/ledger?day=x&before=-3&kind=%27&request=%3Cscript%3E").status_code == 200
    assert "<script>" not in officer.page


def test_an_event_is_verified_on_its_page_and_a_deleted_body_is_said_to_be(letters: Post, site: Site) -> None:
    from troth.desk.house import house

    auditor, officer = employ("ada@example.org", "auditor"), employ("olga@example.org", "officer")
    look_up(officer)
    with house() as at:
        position = at.records.state.ledger.size - 1
    auditor.get(f"/console/ledger/{position}")
    assert "olga@example.org · " in auditor.page, "who stands behind the name"
    assert auditor.page.count("● ") == 3
    with house() as at:
        at.records.state.ledger.redact([position])
    auditor.get(f"/console/ledger/{position}")
    assert "The content was deleted" in auditor.page
    auditor.get("/console/ledger")
    assert "content deleted" in auditor.page
    assert auditor.get("/console/ledger/999999").status_code == 404


# --- staff --------------------------------------------------------------------------------------------------


def test_who_has_not_signed_is_told_and_staff_come_and_go(letters: Post, site: Site) -> None:
    from troth.web.console.models import Staff

    officer = employ("olga@example.org", "officer")
    officer.get("/console/staff")
    assert "● Everybody with access (1) has signed" in officer.page
    assert officer.post("/console/staff", email="nora@example.org", role="clerk")["Location"].endswith("added_staff")
    assert "/account/letter/" in letters.last("nora@example.org")
    officer.get("/console/staff")
    assert "▲ 1 of 2 with access have signed" in officer.page
    nora = Staff.objects.get(user__email="nora@example.org")
    officer.get(f"/console/staff/{nora.public_id}")
    officer.post(f"/console/staff/{nora.public_id}", role="auditor", do="roles")
    nora.refresh_from_db()
    assert nora.roles == ["auditor"]
    officer.get(f"/console/staff/{nora.public_id}")
    assert officer.post(f"/console/staff/{nora.public_id}", do="end").status_code == 400
    officer.post(f"/console/staff/{nora.public_id}", do="end", sure="1")
    nora.refresh_from_db()
    assert nora.ended is not None
    by = officer.staff().public_id
    kinds = [(kind, body["by"]) for kind, body in events(site, "staff.added", "staff.role", "staff.ended")]
    assert kinds == [("staff.added", by), ("staff.role", by), ("staff.ended", by)]


def test_nobody_changes_their_own_access(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    own = f"/console/staff/{officer.staff().public_id}"
    officer.get(own)
    assert officer.post(own, do="end", sure="1").status_code == 400
    assert officer.post(own, do="roles", role="clerk").status_code == 400
    assert officer.staff().roles == ["officer"]


def test_nobody_gives_rights_that_they_do_not_have(letters: Post, site: Site) -> None:
    site.edit(
        "troth.yaml",
        "    auditor: {title",
        "    hirer: {title: {fr: RH, en: Hirer}, may: [manage_staff, audit]}\n    auditor: {title",
    )
    site.publish()
    hirer, clerk = employ("hana@example.org", "hirer"), employ("carl@example.org", "clerk")
    hirer.get("/console/staff")
    assert hirer.post("/console/staff", email="nora@example.org", role="officer").status_code == 400
    assert "may do what you may not do yourself" in hirer.page
    assert hirer.post("/console/staff", email="nora@example.org", role="auditor").status_code == 302
    page = f"/console/staff/{clerk.staff().public_id}"
    hirer.get(page)
    assert hirer.post(page, role="officer", do="roles").status_code == 400
    assert clerk.staff().roles == ["clerk"]


NOT_LET_IN = [
    ({"email": "nobody"}, "That is no e-mail address"), ({"role": "king"}, "Choose at least one role"),
    ({"email": "olga@example.org"}, "belongs to staff already"),
]  # fmt: skip


def test_whoever_cannot_be_let_in_is_told_why(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    officer.get("/console/staff")
    for fields, said in NOT_LET_IN:
        answer = officer.post("/console/staff", **{"email": "n@example.org", "role": "clerk", **fields})
        assert answer.status_code == 400
        assert said in officer.page, fields


def test_a_role_that_is_taken_is_said_to_be_taken_whoever_it_was_to_be_given_to(letters: Post, site: Site) -> None:
    from troth.web.pages.published import kept

    officer, clerk = employ("olga@example.org", "officer"), employ("carl@example.org", "clerk")
    employ("aude@example.org", "auditor")
    site.edit("troth.yaml", "may: [audit]}", "may: [audit], people: 1}")
    kept.forget()
    for path, fields in (
        ("staff", {"email": "nora@example.org"}), (f"staff/{clerk.staff().public_id}", {"do": "roles"}),
    ):  # fmt: skip
        officer.get(f"/console/{path}?lang=fr")
        assert officer.post(f"/console/{path}?lang=fr", role="auditor", **fields).status_code == 400
        said = html.unescape(officer.page).replace("\xa0", " ")
        assert "Une seule personne peut avoir la fonction « Auditeur »" in said, path
        assert "Retirez-la-lui d’abord" in said, "with what helps"
        assert "fait déjà partie" not in said


def test_every_word_of_these_rooms_is_there_in_both_languages() -> None:
    """Each is used somewhere, and none is missing."""
    folder = wording._WEB / "console"
    named = {
        line.partition(" | ")[0]
        for line in (folder / "words-data.txt").read_text().splitlines()
        if " | " in line and not line.startswith("#")
    }
    used = "\n".join(
        path.read_text(encoding="utf-8")
        for path in [*folder.glob("*.py"), *(wording._WEB / "templates" / "console").glob("*.html")]
    )
    made = ("room_", "ground_", "due_", "swept_", "severity_", "check_", "event_", "said_", "told_by_", "trace_", "mark_",
            "refused_", "proof_", "unfit_", "mode_", "store_", "second_", "bound_")  # fmt: skip
    idle = [name for name in named if not name.startswith(made) and not name.endswith("_title") and name not in used]
    assert idle == []


def test_the_vendored_library_is_what_its_record_says() -> None:
    """docs/decisions/0020: whoever changes the file has to say so there."""
    record = next((CHECKOUT / "docs" / "decisions").glob("*-a-chart-from-uplot.md")).read_text(encoding="utf-8")
    assets = wording._WEB / "console" / "assets"
    for name, end in (("uplot.js", b"*/\n/*! https"), ("uplot.css", b"*/\n")):
        content = (assets / name).read_bytes()
        original = content[content.index(end) + 3 :]
        assert sha256(original).hexdigest() in record, name
    assert "MIT License" in (assets.parent / "uplot.LICENSE.txt").read_text(encoding="utf-8")
