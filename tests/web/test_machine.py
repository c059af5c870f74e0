"""What programs read: well-known files, site map, health."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

from web.conftest import Site


def test_the_policy_for_machines_names_every_purpose(site: Site) -> None:
    site.publish()
    status, text, headers = site.get("/.well-known/privacy.json")
    assert status == 200
    assert headers["Content-Type"] == "application/ld+json"
    names = {p["@id"] for p in json.loads(text)["dpv:hasProcess"]}
    assert "#purpose-contact" in names


def test_the_global_privacy_control_is_heeded_and_since_when(site: Site) -> None:
    site.publish()
    assert json.loads(site.get("/.well-known/gpc.json")[1]) == {"gpc": True, "lastUpdate": "2026-11-22"}


def test_security_txt_has_what_rfc_9116_asks_for(site: Site) -> None:
    site.publish()
    _, text, headers = site.get("/.well-known/security.txt")
    fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
    assert headers["Content-Type"].startswith("text/plain")
    assert fields["Contact"] == "mailto:donnees@verdier.test"
    ends = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=7) < ends - datetime.now(UTC) < timedelta(days=366)
    assert fields["Preferred-Languages"] == "fr, en"


def test_every_page_of_the_site_map_is_there(site: Site) -> None:
    site.publish()
    root = ET.fromstring(site.get("/sitemap.xml")[1])  # noqa: S314  our own
    pages = [loc.text or "" for loc in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(pages) == 5
    for page in pages:
        assert site.get(page.removeprefix("http://testserver"))[0] == 200, page


def test_ready_means_that_policy_and_state_can_be_read(site: Site) -> None:
    assert site.get("/healthz")[0] == 200
    assert site.get("/readyz")[:2] == (200, "ready\n")


def test_not_ready_says_why(site: Site) -> None:
    (site.state / "state.db").unlink()
    status, text, _ = site.get("/readyz")
    assert status == 503
    assert "there is no Troth state" in text
    answer = site.client.get("/readyz", headers={"X-Forwarded-For": "203.0.113.7"})
    assert (answer.status_code, answer.content) == (503, b"not ready\n")
    assert site.get("/healthz")[0] == 200


def test_addresses_are_read_with_or_without_a_scheme() -> None:
    from troth.web.addresses import addresses

    assert addresses("https://a.test, b.test:8440,[::1],127.0.0.1,,http://[::2]:80") == {
        "a.test": "https", "b.test": "", "[::1]": "", "127.0.0.1": "", "[::2]": "http",
    }  # fmt: skip


def test_behind_a_proxy_absolute_addresses_have_the_scheme_that_people_use(site: Site) -> None:
    site.publish()
    text = site.get("/sitemap.xml", Host="privacy.verdier.test")[1]
    assert "<loc>https://privacy.verdier.test/fr/</loc>" in text


def test_how_to_check_evidence_is_on_a_page_with_the_key_that_signs_it(site: Site) -> None:
    from troth.state.state import open_state

    site.publish()
    with open_state(site.state) as state:
        key = str(state.checkpoint_key)
    status, page, headers = site.get("/proof?lang=en")
    assert (status, headers["Cache-Control"]) == (200, "public, max-age=300")
    assert page.count(key) == 2
    assert "verdier.test/troth\n" in page  # the newest checkpoint
    assert "Notre clé publique" in site.get("/proof?lang=fr")[1]
    assert 'href="/proof?lang=en"' in site.get("/en/")[1]
