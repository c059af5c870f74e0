"""What stands behind the pages: the rule for passwords, limits, what the policy has to declare, tables."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from troth.bootstrap import load_policy
from troth.core.errors import UsageError
from troth.core.policy.sections.site import PasswordRule
from troth.web.accounts import cookies
from troth.web.accounts.cookies import Declared
from troth.web.accounts.limits import Limit
from troth.web.accounts.sessions import browser_of, hashed
from troth.web.accounts.strength import bits_of, classes_of, counted, faults
from web.conftest import GOOD, Person, Post, Site

RULE = PasswordRule(min_length=14, min_bits=80, classes=3)


# --- passwords


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        (GOOD, []),
        ("tK7#vQ2!mZ9$wR", []),
        ("les deux trois quatre cinq sept huit", []),
        ("tK7#vQ2", ["password_short"]),
        ("abcdefghijklmnopqrst", ["password_classes"]),
        ("Aa1aaaaaaaaaaaaaaaaa", ["password_weak"]),
        ("Aa1Aa1Aa1Aa1Aa1Aa1", ["password_weak"]),
        ("Abcdefghijklm123456", ["password_weak"]),
        ("Password20241234567", ["password_common"]),
        ("trois mots ici", ["password_classes"]),
        ("un un un un un un un un un", ["password_classes"]),
        ("x" * 1001, ["password_long"]),
        ("", ["password_short", "password_classes"]),
    ],
)
def test_a_password_is_judged_by_the_rule_of_the_policy(password: str, wrong: list[str]) -> None:
    assert faults(password, RULE) == wrong


def test_what_others_know_of_the_person_is_no_password() -> None:
    assert "password_personal" in faults("Zephyrine-est-2-la!", RULE, ("zephyrine@example.org",))
    assert faults("tK7#vQ2!mZ9$wR", RULE, ("ana@example.org", "Ana")) == []


def test_the_deliberation_s_own_examples_count_as_it_counts_them() -> None:
    """CNIL 2022-100: 12 characters of four classes, 14 of three, are 80 bits."""
    assert round(bits_of("tK7#vQ2!mZ9$")) == 80
    assert round(bits_of("tK7mvQ2kmZ9bwR")) >= 80
    assert faults("tK7#vQ2!mZ9$", PasswordRule(min_length=12, min_bits=80, classes=4)) == []


@given(st.text(max_size=60), st.text(max_size=20))
def test_more_of_the_same_never_counts_for_more(start: str, part: str) -> None:
    assert counted(start) <= len(start)
    assert counted(part * 5) <= max(2, counted(part) + 1) or len(part) < 2


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_text_is_judged(password: str) -> None:
    found = faults(password, RULE, ("ana@example.org",))
    assert set(found) <= {"password_short", "password_classes", "password_weak", "password_common", "password_personal"}
    assert bool(classes_of(password)) == bool(password)


def test_it_is_kept_as_argon2id_that_fits_into_the_memory() -> None:
    from django.contrib.auth.hashers import check_password, make_password

    kept = make_password(GOOD)
    assert kept.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(GOOD, kept)
    assert not check_password(GOOD + " ", kept)


def test_not_more_than_two_hashes_are_made_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from django.contrib.auth.hashers import Argon2PasswordHasher

    from troth.web.accounts.hashing import AT_ONCE, Argon2id

    now, most, lock = 0, 0, threading.Lock()
    full = threading.Barrier(AT_ONCE, timeout=60)

    def slow(*_: Any) -> str:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        full.wait()
        with lock:
            now -= 1
        return ""

    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    threads = [threading.Thread(target=Argon2id().encode, args=("", "")) for _ in range(3 * AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == AT_ONCE


# --- limits


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_gives_back_little_by_little() -> None:
    clock = Clock()
    limit = Limit(3, 60, clock)
    assert [limit.take("a") for _ in range(4)] == [True, True, True, False]
    assert limit.open("b")
    clock.now = 19.9
    assert not limit.open("a")
    clock.now = 20.1
    assert [limit.take("a"), limit.take("a")] == [True, False]
    clock.now = 10_000
    assert [limit.take("a") for _ in range(4)] == [True, True, True, False]
    limit.forget("a")
    assert limit.take("a")


def test_a_limit_keeps_neither_names_nor_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.accounts import limits

    monkeypatch.setattr(limits, "_MOST", 10)
    limit = Limit(1, 60)
    for n in range(50):
        limit.take("ana@example.org", str(n))
    assert len(limit._left) == 10
    assert all(isinstance(key, bytes) and b"ana" not in key for key in limit._left)
    assert not limit.open("ana@example.org", "49")
    assert limit.open("ana@example.org", "0")


# --- what the policy declares


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("2 days", datetime(2026, 2, 27, 23, 30, tzinfo=UTC), datetime(2026, 3, 1, 23, 30, tzinfo=UTC)),
        ("1 year", datetime(2028, 2, 29, 8, 0, tzinfo=UTC), datetime(2029, 2, 28, 8, 0, tzinfo=UTC)),
        ("90 minutes", datetime(2026, 1, 1, 23, 0, tzinfo=UTC), datetime(2026, 1, 2, 0, 30, tzinfo=UTC)),
        ("session", datetime(2026, 1, 1, tzinfo=UTC), None),
    ],
)
def test_a_period_of_the_file_ends_on_the_calendar(period: str, start: datetime, end: datetime | None) -> None:
    assert Declared("x", period).ends(start) == end


def test_remembered_counts_only_where_it_is_declared() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert Declared("x", "2 days", "2 weeks").ends(now, remembered=True) == now + timedelta(days=14)
    assert Declared("x", "2 days").ends(now, remembered=True) == now + timedelta(days=2)


@pytest.mark.parametrize(
    ("cut", "named"),
    [
        (("  __Host-verdier_test:", "  __Host-verdier_session:"), "exempt: test_of_cookies"),
        (("  __Host-verdier_session:", "  verdier_basket:"), "exempt: authentication"),
        (("mail:\n", None), "mail: {sender"),
    ],
)
def test_the_site_does_not_start_without_what_accounts_need(
    site: Site, cut: tuple[str, str | None], named: str
) -> None:
    cookies.check(load_policy(site.folder / "troth.yaml"))
    path = site.folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    start = text.index(cut[0])
    path.write_text(text[:start] + (text[text.index(cut[1]) :] if cut[1] else ""), encoding="utf-8")
    with pytest.raises(UsageError, match=re.escape(named)):
        cookies.check(load_policy(site.folder / "troth.yaml"))


# --- tables


def test_the_models_are_those_of_the_migrations(database: Path) -> None:
    from django.core.management import call_command

    # It ends the program when something would have to be made.
    assert call_command("makemigrations", "accounts", check=True, dry_run=True, verbosity=0) is None


def test_missing_tables_are_seen_without_django_and_made_once(site: Site, site_database: Path) -> None:
    from troth.web import migrations

    assert "accounts.0001_initial" in migrations.pending(site.state)
    (site.state / "site.db").write_bytes(b"")
    assert migrations.pending(site.state) == sorted(".".join(one) for one in migrations.known())
    (site.state / "site.db").write_bytes(site_database.read_bytes())
    assert migrations.pending(site.state) == []


@pytest.mark.slow
def test_the_file_is_seen_to_at_the_start(site: Site) -> None:
    from troth.web import migrations

    (site.state / "site.db").unlink(missing_ok=True)
    assert "accounts.0001_initial" in migrations.apply(site.state)
    assert migrations.apply(site.state) == []
    assert (site.state / "site.db").stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_told_with_a_remedy(site: Site) -> None:
    from troth.core.errors import StoreUnreachable
    from troth.web import migrations

    (site.state / "site.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreUnreachable, match="cannot be read"):
        migrations.pending(site.state)


def test_a_failed_change_of_the_tables_names_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.core.errors import StoreRefused
    from troth.web import migrations

    said = (
        "Traceback (most recent call last):\n  File x\npsycopg.errors.UniqueViolation: could not create unique index\n"
        "DETAIL:  Key (email)=(ana@example.org) is duplicated.\n\nThe above exception was the direct cause…\n\n"
        "django.db.utils.IntegrityError: could not create unique index\nDETAIL:  Key (email)=(ana@example.org) is duplicated.\n"
    )
    done = subprocess.CompletedProcess([], 1, "", said)
    monkeypatch.setattr(migrations.subprocess, "run", lambda *_, **__: done)
    with pytest.raises(StoreRefused) as told:
        migrations.apply(site.state)
    assert told.value.message == "the site's tables could not be made: IntegrityError: could not create unique index"


def test_what_is_over_is_removed(ana: Person) -> None:
    from troth.web.accounts.clearing import clear
    from troth.web.accounts.models import Letter, Session, Spent

    past = datetime.now(UTC) - timedelta(seconds=1)
    Person().post("/account/signup", email="bo@example.org")
    Spent(mark="x", expires_at=past).save()
    assert clear() == 1
    Session.objects.update(expire_date=past)
    Letter.objects.update(expires_at=past)
    assert clear() == 2
    assert not Session.objects.exists()
    assert not Letter.objects.exists()


def test_an_address_is_forgotten_when_its_writer_was_told_so(letters: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.accounts import clearing
    from troth.web.accounts.models import Letter

    class Rest:
        """Lets time pass, to the end of the letter and then as long as it is asked to."""

        rested = 0.0

        def wait(self, seconds: float) -> None:
            if Rest.rested:
                raise SystemExit
            Rest.rested = seconds
            Letter.objects.update(expires_at=datetime.now(UTC) - timedelta(seconds=1))

    assert Person().post("/account/signup", email="bo@example.org").status_code == 302
    monkeypatch.setattr(clearing.threading, "Event", Rest)
    monkeypatch.setattr(clearing.connections, "close_all", lambda: None)
    with pytest.raises(SystemExit):
        clearing.regular._work()
    assert not Letter.objects.exists()
    assert Rest.rested <= 3600


# --- mails


def test_mails_that_wait_leave_before_the_process_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from troth.web.accounts.post import Mail, Post

    gate, sent = threading.Event(), []

    def slowly(mail: Mail) -> None:
        gate.wait(60)
        sent.append(mail.to)

    monkeypatch.setattr(Mail, "send", slowly)
    post = Post()
    assert post.later(Mail("ana@example.org", "known", "en", "Maison Verdier"))
    assert not post.drain(0.05)
    gate.set()
    assert post.drain()
    assert sent == ["ana@example.org"]


def test_when_too_many_mails_wait_people_are_asked_to_come_back(letters: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    from troth.web.accounts import post

    monkeypatch.setattr(post.post, "later", lambda mail: False)
    person = Person()
    assert person.post("/account/signup", email="ana@example.org").status_code == 503
    assert "Too many mails wait" in person.page


# --- small things


@pytest.mark.parametrize(
    ("agent", "kind"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit Version/18.0 Safari/604.1",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 16; Pixel) Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_told_by_its_kind_only(agent: str, kind: str) -> None:
    assert browser_of(agent) == kind


def test_a_key_is_kept_as_its_hash() -> None:
    assert hashed("a") != hashed("b")
    assert re.fullmatch("[0-9a-f]{40}", hashed("a"))


def test_every_word_of_the_pages_exists_in_both_languages() -> None:
    from troth.web import accounts

    folder = Path(accounts.__file__).parent
    lines = (folder / "words.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split(" | ") for line in lines if line and not line.startswith("#")]
    assert all(len(row) == 3 and all(part.strip() for part in row) for row in rows)
    names = [row[0] for row in rows]
    assert len(names) == len(set(names))
    for row in rows:
        assert sorted(re.findall(r"\{\w+\}", row[1])) == sorted(re.findall(r"\{\w+\}", row[2])), row[0]
        assert "'" not in row[2], row[0]
    templates = (folder.parent / "templates" / "accounts").glob("*.html")
    used = {name for path in templates for name in re.findall(r"\bt\.(\w+)", path.read_text(encoding="utf-8"))}
    assert used <= set(names), used - set(names)
