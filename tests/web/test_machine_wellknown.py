"""The well-known addresses, by the documents that define them."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime

import pytest

from web.conftest import Site


def test_the_answer_about_global_privacy_control_has_the_members_of_its_specification(site: Site) -> None:
    site.publish()
    _, text, headers = site.get("/.well-known/gpc.json")
    data = json.loads(text)
    assert headers["Content-Type"] == "application/json"
    assert set(data) == {"gpc", "lastUpdate"}
    assert data["gpc"] is True
    assert date.fromisoformat(data["lastUpdate"]) <= datetime.now(UTC).date() or data["lastUpdate"] == "2026-11-22"


def test_a_publisher_that_ignores_the_signal_says_so(site: Site) -> None:
    site.edit("site.yaml", "global_privacy_control: refuse", "global_privacy_control: ignore")
    site.publish()
    assert json.loads(site.get("/.well-known/gpc.json")[1])["gpc"] is False


KNOWN = {
    "Acknowledgments",
    "Canonical",
    "Contact",
    "CSAF",
    "Encryption",
    "Expires",
    "Hiring",
    "Policy",
    "Preferred-Languages",
}
"""The registry of RFC 9116, section 6.2, with what was added since."""


def test_security_txt_keeps_to_the_fields_and_forms_of_rfc_9116(site: Site) -> None:
    site.publish()
    _, text, headers = site.get("/.well-known/security.txt", Host="privacy.verdier.test")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert text.endswith("\n")
    fields = [line.partition(": ") for line in text.splitlines()]
    names = [name for name, _, _ in fields]
    assert set(names) <= KNOWN
    assert names.count("Expires") == 1
    assert names.count("Preferred-Languages") <= 1
    assert "Contact" in names
    said = {name: value for name, _, value in fields}
    assert re.fullmatch(r"(mailto:|https://|tel:)\S+", said["Contact"])
    assert said["Canonical"] == "https://privacy.verdier.test/.well-known/security.txt"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", said["Expires"])
    # `Policy` is about how weaknesses are told of, which is not what a privacy policy says.
    assert "Policy" not in names


def test_a_password_is_changed_where_the_accounts_are(site: Site) -> None:
    site.publish()
    answer = site.client.get("/.well-known/change-password")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account/password/change"


def without_accounts(site: Site) -> None:
    text = (site.folder / "site.yaml").read_text(encoding="utf-8")
    cut = re.sub(r"^accounts:\n(?:[ #].*\n|\n(?=[ ]))*", "", text, flags=re.MULTILINE)
    assert cut != text
    (site.folder / "site.yaml").write_text(cut, encoding="utf-8")
    site.edit("clauses.yaml", ", accounts.password", "")
    site.edit("clauses.yaml", ", accounts.people_may", "")


def test_without_accounts_of_ours_it_is_the_publishers_own_login(site: Site) -> None:
    without_accounts(site)
    answer = site.client.get("/.well-known/change-password")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "https://www.verdier.test/compte"


def test_without_any_login_there_is_no_such_address(site: Site) -> None:
    without_accounts(site)
    site.edit("site.yaml", "    login_page: /compte\n", "")
    assert site.client.get("/.well-known/change-password").status_code == 404


@pytest.mark.parametrize("path", ["/.well-known/privacy.json", "/.well-known/gpc.json", "/sitemap.xml", "/robots.txt"])
def test_what_machines_read_may_be_kept_for_an_hour_and_asked_for_by_head(site: Site, path: str) -> None:
    site.publish()
    answer = site.client.head(path)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["ETag"] == site.client.get(path).headers["ETag"]
