"""The register of disclosures: nothing without a ground, and the person learns of it when they may."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from desk.house_of import Front
from desk.officer import opened
from desk.test_portal import Browser
from desk.test_set_apart import packed
from troth.core.errors import UsageError

TODAY = datetime.now(UTC).date()
ANA = [("email", "ana@example.org")]


def entry(**other: Any) -> Any:
    from troth.desk.disclosures import Entry

    said = Entry(
        "authority", "Tribunal d’Exemple", "legal_obligation", "CPP art. 77-1-1", ("Name",), date(2026, 5, 3),
        "la gérante", TODAY,
    )  # fmt: skip
    return replace(said, **other)


def recorded(said: Any, person: Any = ANA) -> Any:
    from troth.desk import disclosures
    from troth.desk.house import house

    with house() as at:
        return disclosures.record(at, person, said, "command", datetime.now(UTC))


def known_to(email: str, day: date | None = None) -> list[str]:
    """On a day, by default the publisher's own: near midnight it is not that of UTC."""
    from troth.desk import disclosures
    from troth.desk.house import house

    with house() as at:
        day = day or datetime.now(ZoneInfo(at.policy.timezone)).date()
        return [one.entry.to for one in disclosures.of(at, [("email", email)], day)]


@pytest.mark.parametrize(("wrong", "why"), [
    ({"ground": "curiosity"}, "without a legal ground"), ({"law": " "}, "without a legal ground"),
    ({"to": ""}, "to whom"), ({"categories": ()}, "what was given"), ({"categories": ("Soul",)}, "what was given"),
    ({"day": TODAY + timedelta(days=2)}, "still to come"), ({"kind": "friend"}, "nobody"), ({"to": "x" * 201}, "200"),
])  # fmt: skip
def test_nothing_is_entered_without_a_ground_and_what_was_given(front: Front, wrong: Any, why: str) -> None:
    from troth.desk.models import Disclosure

    with pytest.raises(UsageError, match=why):
        recorded(entry(**wrong))
    assert not Disclosure.objects.exists()


def test_a_secrecy_ends_on_its_day_or_by_somebodys_word(front: Front) -> None:
    from troth.desk import disclosures
    from troth.desk.house import house

    later = TODAY + timedelta(days=10)
    recorded(entry(to="Juge A", told_from=later))
    secret = recorded(entry(to="Juge B", told_from=None))
    recorded(entry(to="Transports"), [("customer_id", "1")])  # known by the store as the same person
    assert known_to("ana@example.org") == ["Transports"]
    assert known_to("bo@example.org") == []
    assert sorted(known_to("ana@example.org", later)) == ["Juge A", "Transports"]
    with house() as at:
        disclosures.let_tell(at, secret.ref, TODAY, "command", datetime.now(UTC))
        assert [one.entry.to for one in disclosures.every(at)][:1] == ["Transports"]
        told = bodies(at)
    assert sorted(known_to("ana@example.org")) == ["Juge B", "Transports"]
    assert "disclosure.told_from" in told
    assert all(word not in told for word in ("Juge", "ana@", "77-1-1", "gérante")), "the ledger names nobody"


def bodies(at: Any) -> str:
    """All events of the ledger, as text."""
    from troth.core.evidence.browse import Wanted, page

    return str(page(at.records.state.ledger, Wanted(), ZoneInfo("UTC")))


def test_the_package_of_an_access_tells_what_may_be_known(front: Front) -> None:
    recorded(entry())
    recorded(entry(to="Juge secret", told_from=None))
    front.ask("access")
    front.work()
    told = packed(front)
    assert "Tribunal d’Exemple" in told
    assert "Juge secret" not in told


def test_an_officer_enters_one_and_the_person_reads_it(front: Front) -> None:
    officer = opened(front, "privacy")
    officer.get("/console/people")
    officer.post("/console/people", who="ana@example.org", ground="asked_by_person")
    assert officer.get("/console/person/disclosure") == 200
    fields = {"kind": "authority", "to": "Tribunal d’Exemple", "day": TODAY.isoformat(), "category": "Name",
              "ground": "legal_obligation", "told": "not"}  # fmt: skip
    assert officer.post("/console/person/disclosure", **fields) == 400, "no text that it rests on"
    officer.get("/console/person/disclosure")
    assert officer.post("/console/person/disclosure", **fields, law="CPP art. 77-1-1") == 302
    assert "may not know yet" in officer.text
    assert "ana@example.org" not in officer.text
    assert known_to("ana@example.org") == []
    from troth.desk.models import Disclosure

    page = f"/console/disclosures/{Disclosure.objects.get().ref}"
    officer.get(page)
    assert officer.post(page, act="tell") == 400, "without a tick"
    officer.get(page)
    assert officer.post(page, act="tell", sure="1") == 302
    assert known_to("ana@example.org") == ["Tribunal d’Exemple"]
    assert "Tribunal d’Exemple" in space_of("ana@example.org", front)


def test_at_the_command_line_one_is_entered_told_and_removed(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from troth.cli import disclosures, main
    from troth.desk.house import house

    monkeypatch.setattr(disclosures, "asking_house", lambda policy, state: house())

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main.build("disclosures"), ["disclosures", *words])
        return done.exit_code, done.output

    given = ("ana@example.org", "--to", "Juge B", "--kind", "authority", "--law", "CPP art. 99", "--category", "Name")
    assert run("list") == (0, "● nothing was given to anybody, as far as the register knows\n")
    assert run("add", *given, "--ground", "curiosity")[0] == 2
    code, said = run("add", *given, "--ground", "public_task", "--secret", "--format", "json")
    [one] = json.loads(said)["disclosures"]
    assert (code, one["to"], one["told_from"]) == (0, "Juge B", None)
    assert known_to("ana@example.org") == []
    assert "may not know yet" in run("list")[1]
    assert run("tell", one["disclosure"])[0] == 0
    assert known_to("ana@example.org") == ["Juge B"]
    assert run("remove", one["disclosure"])[0] == 0
    assert run("remove", one["disclosure"])[0] == 2
    assert known_to("ana@example.org") == []


def space_of(email: str, front: Front) -> str:
    """What the person reads under /me."""
    visitor = Browser(front)
    visitor.come_in(email)
    return visitor.get("/me")[1]
