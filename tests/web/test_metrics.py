"""Numbers for the operator: right over several processes, and about nobody."""

from __future__ import annotations

import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from troth.web import metrics
from web.conftest import Site
from web.served import publisher, served

TOKEN = "a-token-of-the-operator"


def numbers(text: str) -> dict[str, float]:
    """Value by series, of an answer with its head."""
    body = text.partition("\r\n\r\n")[2] if text.startswith("HTTP/") else text
    lines = [line for line in body.splitlines() if line and not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_the_counts_of_all_processes_are_added_up(tmp_path: Path) -> None:
    with served(publisher(tmp_path / "maison"), "--workers", "3") as site:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(site.ask, ["/en/"] * 60 + ["/nothing"] * 20))
        said = numbers(site.ask("/metrics"))
        assert said['troth_requests_total{route="policy",status="2xx"}'] == 60
        assert said['troth_requests_total{route="none",status="4xx"}'] == 20
        assert said['troth_request_duration_seconds_count{route="policy"}'] == 60
        assert said['troth_request_duration_seconds_bucket{route="policy",le="+Inf"}'] == 60
        assert said["troth_processes"] == len(site.tree()) >= 4
        assert 20e6 < said["troth_memory_bytes"] < 200e6
        assert 0 < said["troth_uptime_seconds"] < 300


def test_threads_that_come_first_at_once_count_into_the_same_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))
    real, opened = metrics.Counts, []

    def slowly(folder: str) -> metrics.Counts:
        time.sleep(0.05)
        opened.append(folder)
        return real(folder)

    monkeypatch.setattr(metrics, "Counts", slowly)
    monkeypatch.setattr(metrics, "_counts", {})
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: metrics.mail(sent=True), range(64)))
    assert opened == [str(tmp_path)]
    assert metrics.total()["mail", "sent", ""] == 64


def test_only_this_machine_itself_may_ask_without_a_token(site: Site) -> None:
    assert site.client.get("/metrics").status_code == 200
    assert site.client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 403
    assert site.client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 403
    assert site.client.get("/metrics", headers={"X-Real-IP": ""}).status_code == 403
    assert (
        site.client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="203.0.113.9").status_code == 403
    )


@pytest.mark.parametrize("by_file", [False, True])
def test_with_the_token_anybody_may_ask(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, by_file: bool
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8")
    if by_file:
        monkeypatch.setenv("TROTH_METRICS_TOKEN_FILE", str(tmp_path / "token"))
    else:
        monkeypatch.setenv("TROTH_METRICS_TOKEN", TOKEN)
    for given, status in ((TOKEN, 200), (f"{TOKEN}x", 403), (TOKEN[:-1], 403), ("é", 403)):
        answer = site.client.get("/metrics", headers={"Authorization": f"Bearer {given}"}, REMOTE_ADDR="203.0.113.9")
        assert answer.status_code == status, given


def test_the_format_is_the_one_that_prometheus_reads(site: Site) -> None:
    site.publish()
    site.get("/en/")
    status, text, headers = site.get("/metrics")
    assert status == 200
    assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert headers["Cache-Control"] == "no-store"
    line = re.compile(
        r'# (HELP \w+ .+|TYPE \w+ (counter|gauge|histogram))|\w+(\{\w+="[^"\n]*"(,\w+="[^"\n]*")*\})? [0-9.]+'
    )
    assert [bad for bad in text.splitlines() if not line.fullmatch(bad)] == []
    assert 'policy="2026-11-22"' in text
    names = re.findall(r"^# TYPE (\w+)", text, re.MULTILINE)
    assert len(names) == len(set(names))


def test_a_histogram_never_falls_from_bound_to_bound(site: Site) -> None:
    for took in (0.001, 0.02, 0.3, 4, 100):
        metrics.request("history", 2, took)
    said = numbers(site.get("/metrics")[1])
    label = 'troth_request_duration_seconds_bucket{route="history",le='
    steps = [value for name, value in said.items() if name.startswith(label)]
    assert steps == sorted(steps)
    assert steps[-1] >= steps[-2] + 1  # the hundred seconds are beyond the last bound


def test_a_route_that_nobody_named_is_counted_as_other(site: Site) -> None:
    metrics.request("canary@example.org", 9, 0.1)
    text = site.get("/metrics")[1]
    assert "canary" not in text
    assert 'troth_requests_total{route="other",status="5xx"}' in text


def test_every_address_of_the_site_has_a_name(site: Site) -> None:
    from django.urls import URLPattern, get_resolver

    unnamed = [str(one.pattern) for one in get_resolver().url_patterns if isinstance(one, URLPattern) and not one.name]
    assert unnamed == []
    assert {"home", "policy", "metrics", "none", "other"} <= set(metrics.routes())
    assert site.get("/healthz")[0] == 200


def test_a_file_of_another_version_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: Site) -> None:
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))
    (tmp_path / "1.counts").write_bytes(b"\0" * 24)
    assert site.get("/metrics")[0] == 200
    assert metrics.total()["mail", "sent", ""] >= 0
