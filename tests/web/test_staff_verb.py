"""``troth staff``: the first officer comes by the command line, and leaves by it."""

from __future__ import annotations

import json
import os
import re
from typing import Any

import pytest
from typer.testing import CliRunner

from web.conftest import GOOD, Person, Post, Site
from web.staff import employ

ADDRESS = "olga@verdier.test"


@pytest.fixture
def verb(site: Site, letters: Post, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``troth staff …`` in this process, on this state."""
    from troth.cli.main import build

    for name, value in {
        "TROTH_STATE": site.state,
        "TROTH_POLICY": site.folder / "troth.yaml",
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, str(value))

    def run(*words: str) -> tuple[int, str]:
        before = dict(os.environ)
        try:
            done = CliRunner().invoke(build("staff"), [
                "staff", *words, "--state", str(site.state), "--policy", str(site.folder / "troth.yaml")
            ])  # fmt: skip
        finally:
            os.environ.clear()
            os.environ.update(before)
        return done.exit_code, done.output

    return run


def test_the_first_officer_gets_a_letter_and_comes_in_by_it(verb: Any, letters: Post) -> None:
    assert verb("list") == (0, "nobody: `troth staff add ADDRESS --role ROLE` lets the first one in\n")
    code, said = verb("add", ADDRESS, "--role", "privacy")
    assert (code, "a letter to choose a password has been sent" in said) == (0, True)
    assert f"● {ADDRESS}" in said
    assert "/console" in letters.last(ADDRESS), "the letter says where"
    link = re.search(r"(/account/letter/\S+)", letters.last(ADDRESS))
    assert link is not None
    person = Person()
    page = person.get(link[1]).content.decode()
    assert "nouveau" not in page, "there was no password before"
    chosen = person.post(link[1], password=GOOD)
    assert (chosen.status_code, "next=/console" in chosen["Location"]) == (302, True)
    assert person.get(link[1]).status_code == 410, "good once"
    person.get("/account/login?next=/console")
    assert person.post("/account/login", email=ADDRESS, password=GOOD, next="/console")["Location"] == "/console"
    assert person.get("/console")["Location"].startswith("/console/undertaking")
    code, said = verb("list")
    assert (code, said) == (1, f"▲ {ADDRESS}  privacy  (undertaking not signed, no second factor)\n")


def test_the_link_can_be_printed_where_no_mail_leaves(verb: Any, letters: Post) -> None:
    code, said = verb("add", ADDRESS, "--role", "privacy", "--link")
    assert code == 0
    link = re.search(r"(/account/letter/\S+)", said)
    assert link is not None
    assert Person().get(link[1]).status_code == 200
    assert letters.box.received == []


def test_roles_change_and_end_at_once_and_are_on_record(verb: Any, site: Site) -> None:
    from web.test_console_gate import events

    officer = employ(ADDRESS, "accounts")
    assert officer.get("/console/requests").status_code == 403
    assert verb("role", ADDRESS, "--role", "privacy")[0] == 0
    assert officer.get("/console/requests").status_code == 200
    assert json.loads(verb("list", "--format", "json")[1])["staff"][0]["roles"] == ["privacy"]
    assert verb("end", ADDRESS)[0] == 0
    assert officer.get("/console").status_code == 403
    assert verb("end", ADDRESS)[0] == 2
    assert verb("add", ADDRESS, "--role", "shop")[0] == 0
    assert officer.get("/console").status_code == 200
    who = officer.staff().public_id
    assert events(site, "staff.added", "staff.role", "staff.ended") == [
        ("staff.role", {"who": who, "by": "command", "roles": ["privacy"]}),
        ("staff.ended", {"who": who, "by": "command"}),
        ("staff.added", {"who": who, "by": "command", "roles": ["shop"]}),
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", ADDRESS, "--role", "boss"), "no role 'boss'"),
        (("add", "nobody", "--role", "privacy"), "no e-mail address"),
        (("role", ADDRESS, "--role", "privacy"), "nobody of staff has this address"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(verb: Any, words: tuple[str, ...], said: str) -> None:
    from troth.web.console.models import Staff

    code, output = verb(*words)
    assert (code, said in output) == (2, True), output
    assert not Staff.objects.exists()


def test_a_role_that_one_person_may_hold_is_given_to_no_second(verb: Any, letters: Post) -> None:
    """The policy of this publisher says so of its officer, who alone opens identity documents."""
    assert verb("add", ADDRESS, "--role", "privacy", "--link")[0] == 0
    code, said = verb("add", "paul@verdier.test", "--role", "privacy", "--link")
    assert (code, "the policy lets 1 hold the role privacy" in said) == (2, True)
    assert verb("add", "paul@verdier.test", "--role", "shop", "--link")[0] == 0
    assert verb("role", "paul@verdier.test", "--role", "privacy")[0] == 2
    assert verb("role", ADDRESS, "--role", "privacy", "--role", "shop")[0] == 0, "who holds it keeps it"
