"""``troth tokens`` and ``troth webhooks``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from troth.core.errors import UsageError
from web.conftest import Site
from web.program import Program, problem


@pytest.fixture
def verb(site: Site, database: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Says a verb in the publisher's folder: its exit code and what it printed."""
    from troth.cli.main import build

    monkeypatch.chdir(site.folder)
    for name in ("TROTH_POLICY", "TROTH_STATE", "TROTH_STARTED"):
        monkeypatch.setenv(name, "")  # put back at the end, whatever the verb sets

    def said(*words: str) -> tuple[int, Any]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            build(words[0])(args=list(words), prog_name="troth")
        printed = capsys.readouterr()
        text = printed.out or printed.err
        return int(end.value.code or 0), json.loads(text) if "json" in words and printed.out else text

    return said


def told(site: Site) -> list[str]:
    """What the ledger says of tokens."""
    from troth.core.evidence.leaf import decode
    from troth.state.state import open_state

    with open_state(site.state) as state:
        kinds = [decode(state.ledger.leaf(number)).kind for number in range(state.ledger.size)]
    return [kind for kind in kinds if kind.startswith("token.")]


def test_a_token_is_made_listed_and_ended(site: Site, verb: Any) -> None:
    from troth.web.api import tokens

    code, made = verb("tokens", "new", "crm", "--scope", "may:ask", "--for", "90d", "--format", "json")
    assert code == 0
    assert tokens.find(made["secret"], datetime.now(UTC)).ref == made["token"]
    assert datetime.fromisoformat(made["expires"]) - datetime.fromisoformat(made["created"]) == timedelta(days=90)
    _, listed = verb("tokens", "list", "--format", "json")
    assert [(one["name"], one["scopes"]) for one in listed["tokens"]] == [("crm", ["may:ask"])]
    assert made["secret"] not in verb("tokens", "list")[1]
    assert verb("tokens", "end", "crm")[0] == 0
    assert tokens.find(made["secret"], datetime.now(UTC)) is None
    assert verb("tokens", "list", "--format", "json")[1] == {"tokens": []}
    assert len(verb("tokens", "list", "--all", "--format", "json")[1]["tokens"]) == 1
    assert verb("tokens", "new", "crm", "--scope", "may:ask")[0] == 0  # the name is free again
    assert told(site) == ["token.made", "token.ended", "token.made"]


@pytest.mark.parametrize(
    "words", [("new", "x"), ("new", "x", "--scope", "may:guess"), ("new", "a@b", "--scope", "may:ask"), ("end", "nobody"),
              ("new", "x", "--scope", "may:ask", "--for", "soon")],
)  # fmt: skip
def test_a_token_that_makes_no_sense_is_refused_in_one_line(verb: Any, words: tuple[str, ...]) -> None:
    code, said = verb("tokens", *words)
    assert code == 2
    assert "Traceback" not in said


def test_two_tokens_never_have_one_name(site: Site, database: object) -> None:
    program = Program(name="shop")
    with pytest.raises(UsageError, match="exists"):
        Program(name="shop")
    assert program.get("/api/webhooks").status_code == 200


def test_a_webhook_is_added_tried_listed_and_ended(verb: Any) -> None:
    from troth.jobs.models import Job

    assert verb("webhooks", "list") == (0, "nobody is told; `troth webhooks add` adds somebody\n")
    assert verb("webhooks", "add", "http://receiver.test/")[0] == 2
    _, hook = verb("webhooks", "add", "https://receiver.test/x", "--event", "request.answered", "--format", "json")
    assert hook["secret"].startswith("whsec_")
    assert verb("webhooks", "test", hook["webhook"])[0] == 0
    assert Job.objects.get().key.endswith(hook["webhook"])
    code, listed = verb("webhooks", "list", "--format", "json")
    assert (code, listed["webhooks"][0]["events"]) == (0, ["request.answered"])
    from troth.web.api.models import Webhook

    Webhook.objects.update(failures=2, trouble="timeout")
    code, text = verb("webhooks", "list")
    assert (code, "failing: timeout" in text) == (1, True)
    Webhook.objects.update(trouble="not_allowed")
    assert "start it with TROTH_WEBHOOKS_LOCAL=1 too" in verb("webhooks", "list")[1]
    assert verb("webhooks", "end", hook["webhook"])[0] == 0
    assert verb("webhooks", "test", hook["webhook"])[0] == 2
    assert verb("webhooks", "list")[0] == 0


def test_there_are_no_more_webhooks_than_can_be_told(site: Site, database: object) -> None:
    program = Program()
    for number in range(20):
        assert program.post("/api/webhooks", {"url": f"https://r{number}.test/"}).status_code == 201
    problem(program.post("/api/webhooks", {"url": "https://one-more.test/"}), 422, "invalid")
