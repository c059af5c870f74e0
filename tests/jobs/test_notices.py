"""Account holders are told of a new version once, whatever happens to the worker on the way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from letterbox import Mailbox, mailbox
from troth.bootstrap import load_policy
from troth.jobs import journal as protocol
from troth.jobs.models import Job, Step
from troth.jobs.worker import Tally, Worker
from troth.state.state import open_state
from troth.web.notices import steps
from troth.web.notices.queue import accounts_in, announce
from web.conftest import NOW, Site, _standing, database, site, site_database

__all__ = ["_standing", "database", "site", "site_database"]


@pytest.fixture
def box(site: Site, database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """The site with its database, a mail server, and a first version that people have read."""
    monkeypatch.setenv("TROTH_STATE", str(site.state))
    monkeypatch.delenv("TROTH_STATE_URL", raising=False)
    site.publish()
    with mailbox() as made:
        monkeypatch.setenv("TROTH_MAIL_URL", made.url)
        yield made


def people(count: int, language: str = "fr") -> list[Any]:
    from django.contrib.auth import get_user_model

    users = get_user_model()
    return [users.objects.create(email=f"person{n}@example.test", language=language) for n in range(count)]


def new_version(site: Site, version: str = "2026-12-24", at: datetime = NOW) -> int | None:
    """``troth publish`` of a changed policy, and what it queues."""
    site.edit("troth.yaml", f"version: {load_policy(site.folder / 'troth.yaml').version}", f"version: {version}")
    site.publish(at)
    with open_state(site.state) as state:
        made = state.publications.last()
    assert made is not None
    return announce(made, at)


def worked() -> Tally:
    """Everything that is there to do, without the pauses between batches."""
    total = Worker().run(until_idle=True)
    while Step.objects.filter(state="ready", error="").exists():
        Step.objects.filter(state="ready", error="").update(free_at=0)
        more = Worker().run(until_idle=True)
        if more == Tally():
            break
        total.done += more.done
    return total


def addresses(box: Mailbox) -> list[str]:
    return [mail.recipients[0] for mail in box.received]


def told(site: Site) -> list[dict[str, Any]]:
    """What the ledger says of notices."""
    with open_state(site.state) as state:
        bodies = [state.ledger.body(position) for job in Job.objects.all() for position in state.ledger.find(job.ref)]
    said = [json.loads(body.body) for body in bodies if body is not None]
    return [{name: value for name, value in one.items() if name != "policy"} for one in said]


def test_every_account_holder_gets_one_mail_and_the_ledger_says_how_many(site: Site, box: Mailbox) -> None:
    users = people(25)
    assert new_version(site) == 25
    assert worked().done == 2 + 2  # batches of twenty, the late ones, the ledger
    assert sorted(addresses(box)) == sorted(user.email for user in users)
    job = Job.objects.get(kind="policy.notify")
    assert told(site) == [{"request": job.ref, "version": "2026-12-24", "told": 25, "refused": 0}]
    assert job.state == "done"


def test_the_mail_says_what_has_changed_in_the_readers_language_and_where_to_look(site: Site, box: Mailbox) -> None:
    people(1, "fr")
    new_version(site)
    worked()
    mail = box.the_only()
    assert mail.message["Subject"] == "Notre politique de confidentialité a changé"
    text = " ".join(mail.text().split())
    assert "celle du 24 décembre 2026" in text
    assert "Ce qu’elle change : Les journaux du serveur ne sont plus gardés que douze mois" in text
    assert "parce que vous avez un compte chez nous" in text
    assert "https://privacy.verdier.test/history/2026-11-22/2026-12-24" in text


@pytest.mark.parametrize("language", ["en", "en-GB"])
def test_who_reads_english_gets_english(site: Site, box: Mailbox, language: str) -> None:
    people(1, language)
    new_version(site)
    worked()
    mail = box.the_only()
    text = " ".join(mail.text().split())
    assert mail.message["Subject"] == "Our privacy policy has changed"
    assert "that of 24 December 2026" in text
    assert "What it changes: Server logs are kept for twelve months" in text


def test_who_never_chose_a_language_gets_the_one_that_prevails(site: Site, box: Mailbox) -> None:
    people(1, "")
    new_version(site)
    worked()
    assert box.the_only().message["Subject"].startswith("Notre politique")


def test_asking_again_tells_nobody_twice(site: Site, box: Mailbox) -> None:
    people(3)
    assert new_version(site) == 3
    worked()
    with open_state(site.state) as state:
        made = state.publications.last()
    assert made is not None
    assert announce(made, NOW) == 3
    worked()
    assert len(box.received) == 3
    assert announce(made, NOW + timedelta(days=8)) is None


def test_the_first_version_is_news_to_nobody(site: Site, box: Mailbox) -> None:
    people(2)
    with open_state(site.state) as state:
        made = state.publications.last()
    assert made is not None
    assert announce(made, NOW) is None
    assert Job.objects.count() == 0


def test_without_a_site_there_is_nobody_to_tell(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not accounts_in(site.state)
    assert not (site.state / "site.db").exists()


def test_a_site_with_its_tables_has_accounts(site: Site, database: Path) -> None:
    assert accounts_in(site.state)


def test_no_address_and_no_name_lies_in_the_journal(site: Site, box: Mailbox) -> None:
    users = people(5)
    box.mode = "refuse_recipient"
    new_version(site)
    worked()
    kept = repr(list(Job.objects.values())) + repr(list(Step.objects.values()))
    assert not any(user.email in kept for user in users)
    assert "@" not in kept


def test_who_cannot_be_reached_is_counted_and_stops_nobody(site: Site, box: Mailbox) -> None:
    people(4)
    box.mode = "refuse_recipient"
    new_version(site)
    worked()
    assert told(site)[0]["refused"] == 4


def test_while_the_mail_server_is_away_the_mails_wait(
    site: Site, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(3)
    monkeypatch.setenv("TROTH_MAIL_URL", "smtp://localhost:9")
    new_version(site)
    assert Worker().run(until_idle=True).retried == 1
    step = Step.objects.get(kind="policy.notify-1")
    assert (step.state, step.error.partition(":")[0]) == ("ready", "MailRefused[unreachable] at web/mail/backend.py")
    monkeypatch.setenv("TROTH_MAIL_URL", box.url)
    Step.objects.filter(pk=step.pk).update(free_at=0)
    worked()
    assert len(box.received) == 3


def test_who_has_to_wait_is_told_later_and_holds_nobody_up(
    site: Site, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.mail.errors import MailRefused

    slow = people(5)[1]
    really, grey = steps.send, [True]

    def send(message: Any) -> None:
        if message.to == [slow.email] and grey:
            raise MailRefused("later", code=451)
        really(message)

    monkeypatch.setattr(steps, "send", send)
    new_version(site)
    worked()
    assert len(box.received) == 4
    [step] = Step.objects.filter(kind="policy.notify.late-1")
    assert (step.state, step.error, step.progress["late"]) == ("ready", "mail_server_asks_to_wait", [slow.pk])
    Step.objects.filter(pk=step.pk).update(free_at=0)
    worked()
    assert len(box.received) == 4
    grey.clear()
    Step.objects.filter(pk=step.pk).update(free_at=0)
    worked()
    assert addresses(box)[4:] == [slow.email]
    assert told(site)[0]["told"] == 5


def test_who_never_can_be_told_is_counted_after_some_rounds(
    site: Site, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from troth.web.mail.errors import MailRefused

    def send(message: Any) -> None:
        raise MailRefused("later", code=451)

    people(2)
    monkeypatch.setattr(steps, "send", send)
    new_version(site)
    for _ in range(10):
        worked()
        Step.objects.filter(state="ready").update(free_at=0)
    worked()
    assert [(said["told"], said["refused"]) for said in told(site)] == [(0, 2)]


@pytest.mark.slow
def test_a_worker_that_dies_between_two_mails_is_noticed_by_nobody(
    site: Site, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The moments of a batch, each once: before a mail, after it, after its note."""
    for moment in range(1, 4):
        users = people(4) if moment == 1 else []
        box.received.clear()
        new_version(site, f"2027-01-0{moment}", NOW + timedelta(days=moment))
        with monkeypatch.context() as death:
            _die_at(death, moment)
            with pytest.raises(_Death):
                Worker().run(until_idle=True)
        Step.objects.filter(state="claimed").update(free_at=0)
        worked()
        twice = len(box.received) - len(set(addresses(box)))
        assert len(set(addresses(box))) == 4, moment
        assert twice == (1 if moment == 2 else 0), moment
        if twice:
            [first, again] = [
                m.message["Message-ID"] for m in box.received if addresses(box).count(m.recipients[0]) == 2
            ]
            assert first == again
        assert users or moment > 1
    assert [said["told"] for said in told(site)] == [4, 4, 4]


class _Death(BaseException):
    """As kill -9 would do it: nothing is released."""


def _die_at(patch: pytest.MonkeyPatch, moment: int) -> None:
    """In the third mail: 1 before it is sent, 2 after, 3 after the journal knows."""
    send, note = steps.send, protocol.note
    sent = 0

    def sending(message: Any) -> None:
        nonlocal sent
        sent += 1
        if sent == 3 and moment == 1:
            raise _Death
        send(message)
        if sent == 3 and moment == 2:
            raise _Death

    def noting(claim: Any, progress: Any) -> None:
        note(claim, progress)
        if sent == 3 and moment == 3:
            raise _Death

    patch.setattr(steps, "send", sending)
    patch.setattr(protocol, "note", noting)
    patch.setattr(protocol, "release", lambda claim: None)


def test_the_ledger_is_told_once_even_when_the_worker_died_after_telling_it(
    site: Site, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    people(2)
    new_version(site)
    really = protocol.end

    def end(claim: Any, outcome: Any, **more: Any) -> Any:
        if claim.kind == "policy.notified-1":
            raise _Death
        return really(claim, outcome, **more)

    with monkeypatch.context() as death:
        death.setattr(protocol, "end", end)
        with pytest.raises(_Death):
            worked()
    assert len(told(site)) == 1
    Step.objects.filter(state="claimed").update(free_at=0)
    worked()
    assert len(told(site)) == 1
    assert Job.objects.get(kind="policy.notify").state == "done"
