"""What browsers stopped: the rules that servers read, what is kept of a report, and what never is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from troth.bootstrap import load_policy
from troth.core.consent.enforcing import rules_of
from troth.core.consent.rules import from_json
from troth.web.csp.reading import Pages, Seen, read, template
from web.conftest import Site

TODAY = date(2026, 11, 22)
KNOWN = Pages(
    frozenset({"www.verdier.test", "localhost:8450"}), frozenset({"/", "/carnets", "/en/legal"}), frozenset({"fr"})
)
WHERE = "/consent/csp-report"
DAYS, LARGEST = 90, 64 * 1024


def old(
    page: str = "https://www.verdier.test/carnets",
    blocked: str = "https://www.lanterne.test/v?id=ana",
    directive: str = "frame-src",
) -> Any:
    return {
        "csp-report": {
            "document-uri": page,
            "effective-directive": directive,
            "blocked-uri": blocked,
            "referrer": "https://ana.test/",
            "script-sample": "ana",
        }
    }


def new(
    page: str = "https://www.verdier.test/carnets",
    blocked: str = "https://www.lanterne.test/v",
    directive: str = "frame-src",
) -> Any:
    return {
        "type": "csp-violation",
        "age": 3,
        "url": page,
        "user_agent": "x",
        "body": {"documentURL": page, "effectiveDirective": directive, "blockedURL": blocked, "sample": "ana"},
    }


def body(*told: Any) -> bytes:
    return json.dumps(told[0] if len(told) == 1 and "csp-report" in told[0] else list(told)).encode()


# --- reading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [old(), new()])
def test_both_forms_of_report_are_read(told: Any) -> None:
    assert read(body(told), KNOWN) == [Seen("frame-src", "www.lanterne.test", "/carnets")]


@pytest.mark.parametrize(
    ("blocked", "kept"),
    [
        ("https://Stats.Example.test:8443/a/b?user=ana#x", "stats.example.test:8443"), ("https://x.test:443/", "x.test"),
        ("inline", "inline"), ("eval", "eval"), ("data", "data"), ("data:text/html,ana", "data"), ("blob:https://x.test/ana", "blob"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"), ("http://user:secret@x.test/", "x.test"),
    ],
)  # fmt: skip
def test_of_what_was_blocked_the_host_is_kept(blocked: str, kept: str) -> None:
    assert [one.blocked for one in read(body(old(blocked=blocked)), KNOWN)] == [kept]


@pytest.mark.parametrize(
    "told",
    [
        old(page="https://stranger.test/"), old(page="https://www.verdier.test.evil.test/"), old(page="about"), old(page="https://[/"),
        old(directive="ana"), old(blocked="chrome-extension://abc/x.js"), old(blocked="https://é.test/"), old(blocked="https://a b/"),
        old(blocked=""), old(directive=""), {"csp-report": 1}, {"csp-report": {}}, {"type": "deprecation", "body": {}}, {},
    ],
)  # fmt: skip
def test_what_is_not_ours_or_no_report_is_not_kept(told: Any) -> None:
    assert read(body(told), KNOWN) == []


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff", b"[" * 100_000, b"1", b'"x"', b"[[1]]", b"null"])
def test_what_is_no_json_is_nothing(raw: bytes) -> None:
    assert read(raw, KNOWN) == []


@given(st.text(max_size=80).map(lambda text: "/" + text))
def test_no_part_of_a_path_is_kept_that_the_policy_does_not_name(path: str) -> None:
    parts = template(path, KNOWN.paths, KNOWN.parts).strip("/").split("/")
    assert set(parts) <= {"*", "", "carnets", "legal", "en", "fr"}
    assert set(parts[1:]) <= {"*", "legal"}


def test_a_path_is_kept_as_far_as_it_is_known() -> None:
    made = {
        path: template(path, KNOWN.paths, KNOWN.parts)
        for path in ("/carnets/", "/en/notebooks", "/ana-lopez", "/carnets/ana/7", "//", "/fr/x", "/zz/x")
    }
    assert list(made.values()) == ["/carnets", "/en/*", "/*", "/carnets/*/*", "/", "/fr/*", "/*/*"]


def rows() -> Any:
    from troth.web.csp.models import Stopped

    return Stopped.objects


def add(seen: list[Seen], day: date) -> None:
    from troth.web.csp import summing

    summing.add(seen, day)


def bucket(*how: Any) -> Any:
    from troth.web.csp.summing import Bucket

    return Bucket(*how)


# --- the site -------------------------------------------------------------------------------------


def post(site: Site, told: bytes, kind: str = "application/csp-report") -> int:
    answer = site.client.post(WHERE, told, content_type=kind)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert not answer.cookies
    return int(answer.status_code)


def test_reports_become_sums_without_anybody_in_them(site: Site, database: Any) -> None:
    site.publish()
    assert post(site, body(old())) == 204
    assert (
        post(site, body(new(), new(page="https://www.verdier.test/x?mail=ana@example.org")), "application/reports+json")
        == 204
    )
    found = list(rows().order_by("page").values_list("directive", "blocked", "page", "count"))
    assert found == [("frame-src", "www.lanterne.test", "/*", 1), ("frame-src", "www.lanterne.test", "/carnets", 2)]
    assert {field.name for field in rows().model._meta.fields} == {"id", "day", "directive", "blocked", "page", "count"}


def test_what_is_too_large_of_another_kind_or_too_much_is_refused(
    site: Site, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.publish()
    assert post(site, b"x" * (LARGEST + 1)) == 413
    assert post(site, body(old()), "text/plain") == 415
    monkeypatch.setattr("troth.web.csp.views._bucket", bucket(2, 0))
    assert [post(site, body(old())) for _ in range(4)] == [204, 204, 429, 429]
    assert site.client.get(WHERE).status_code == 405
    asked = site.client.options(WHERE)
    assert (asked.status_code, asked.headers["Access-Control-Allow-Headers"]) == (204, "Content-Type")


def test_a_bucket_fills_again() -> None:
    now = [0.0]
    one = bucket(1, 0.5, lambda: now[0])
    assert (one.take(), one.take()) == (True, False)
    now[0] = 2
    assert one.take()


def test_a_flood_of_invented_hosts_makes_few_rows(site: Site, database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("troth.web.csp.summing.MOST_OF_A_DAY", 3)
    add([Seen("img-src", f"h{n}.test", "/") for n in range(9)], TODAY)
    assert sorted(rows().values_list("blocked", "count")) == [
        ("*", 6),
        ("h0.test", 1),
        ("h1.test", 1),
        ("h2.test", 1),
    ]
    add([Seen("img-src", f"h{n}.test", f"/{n}") for n in range(9)], TODAY)
    add([Seen("font-src", "h1.test", "/"), Seen("img-src", "h1.test", "/")], TODAY)
    beyond = rows().filter(blocked="*").order_by("directive").values_list("directive", "page", "count")
    assert list(beyond) == [("font-src", "*", 1), ("img-src", "*", 15)]
    assert rows().get(blocked="h1.test").count == 2


def test_a_message_is_one_transaction_of_few_statements(site: Site, database: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    add([Seen("img-src", "h0.test", "/")] * 3, TODAY)
    with CaptureQueriesContext(connection) as asked:
        add([Seen("img-src", f"h{n}.test", f"/{n % 7}") for n in range(100)], TODAY)
    assert len([one for one in asked if not one["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"))]) <= 6
    assert rows().count() == 101
    assert sorted(set(rows().values_list("count", flat=True))) == [1, 3]


def test_sums_go_after_their_time(site: Site, database: Any) -> None:
    add([Seen("img-src", "x.test", "/")], TODAY)
    add([Seen("img-src", "x.test", "/")], TODAY + timedelta(days=DAYS))
    assert rows().count() == 2
    add([Seen("img-src", "x.test", "/")], TODAY + timedelta(days=DAYS + 1))
    assert rows().filter(day=TODAY).count() == 0


def test_the_sums_say_whose_host_it_was(site: Site, database: Any) -> None:
    from troth.web.csp.summing import sums

    policy = load_policy(site.folder / "troth.yaml", {})
    add([Seen("frame-src", "www.lanterne.test", "/"), Seen("frame-src", "www.lanterne.test", "/")], TODAY)
    add(
        [Seen("frame-src", "www.lanterne.test", "/"), Seen("script-src", "stranger.test", "/")],
        TODAY + timedelta(days=1),
    )
    found = [(one.blocked, one.count, one.service, one.asked, one.last.day) for one in sums(policy, TODAY)]
    assert found == [("www.lanterne.test", 3, "video", True, 23), ("stranger.test", 1, None, False, 23)]
    assert [one.count for one in sums(policy, TODAY + timedelta(days=1))] == [1, 1]


def test_servers_read_the_rules_of_the_policy_in_force(site: Site) -> None:
    site.publish()
    answer = site.client.get("/consent/csp.json", headers={"host": "privacy.verdier.test"})
    assert answer.headers["Content-Type"] == "application/json"
    policy = load_policy(site.folder / "troth.yaml", {})
    assert from_json(answer.content.decode()) == rules_of(policy, "https://privacy.verdier.test")


def test_the_room_of_the_console_says_what_each_sum_means(letters: Any, site: Site) -> None:
    from web.staff import employ

    site.publish()
    member = employ("ada@example.org", "shop")
    assert member.get("/console/stopped").status_code == 200
    assert "Nothing was stopped" in member.page
    add(
        [
            Seen("frame-src", "www.lanterne.test", "/"),
            Seen("img-src", "stranger.test", "/*"),
            Seen("style-src", "inline", "/"),
        ],
        datetime.now(UTC).date(),
    )
    member.get("/console/stopped")
    assert "data-troth=&quot;video&quot;" in member.page
    assert "Declared nowhere" in member.page
    assert "Something written into the page itself" in member.page
