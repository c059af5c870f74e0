"""What stands in the rooms of the console: in words, and not all of it at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from databases import CHECKOUT
from troth.core.evidence.browse import Entry
from troth.core.evidence.leaf import Event
from web.conftest import Post, Site
from web.console_house import look_up, site
from web.staff import employ

__all__ = ["site"]  # the shop takes the place of Maison Verdier


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page.partition("<main")[2]).replace("\xa0", " ").split())


def test_the_ledger_says_keys_and_codes_in_the_readers_words_and_opens_the_rest(letters: Post, site: Site) -> None:
    from troth.desk.house import house

    auditor = employ("aude@example.org", "auditor")
    with house() as at:
        body = {"request": "erase-1", "right": "erasure", "channel": "post", "by": "troth", "odd": "0"}
        at.records.note(Event("request.received", datetime.now(UTC), {**body, "scope": ["orders"]}))
    auditor.get("/console/ledger?lang=fr&request=erase-1")
    said = plain(auditor.page)
    assert "demande request erase-1" in said
    assert "droit right Effacement · erasure" in said
    assert "arrivée par channel courrier · post" in said
    assert "limité à scope Commandes · orders" in said
    assert " odd 0" in said, "what has no words stands as it is"
    assert "Une demande est arrivée request.received" in said, "what happened is a sentence"
    row = auditor.page.partition("erase-1</dd>")[2]
    assert row.index("<details>") < row.index("erasure"), "a line is short: the rest opens"


def test_an_officer_is_told_no_commands_and_nothing_of_workers() -> None:
    """Commands stand in their own small lines of a page, never in its sentences."""
    from troth.web.wording import Words

    for name in ("words.txt", "words-data.txt"):
        lines = (CHECKOUT / "src" / "troth" / "web" / "console" / name).read_text(encoding="utf-8").splitlines()
        told = [line for line in lines if not line.startswith("#")]
        assert told
        assert [line for line in told if re.search(r"\bworkers?\b|`|--[a-z]", line)] == [], name
    page = Words("console", "fr")
    assert (page["assign_who"], page["assign_anybody"].partition(" ")[0]) == ("À qui la confier", "à")


def test_every_kind_of_event_is_a_sentence_in_the_ledger() -> None:
    from troth.web.console.ledger import FAMILIES
    from troth.web.wording import Words

    words = Words("console", "fr")
    lines = (CHECKOUT / "docs" / "reference" / "events.md").read_text(encoding="utf-8").splitlines()
    kinds = [
        kind for line in lines if line.startswith("| `") for kind in re.findall(r"`([a-z._]+)`", line.split("|")[1])
    ]
    assert len(kinds) > 60
    assert [kind for kind in kinds if not words.has(f"what_{kind}")] == []
    assert {kind.partition(".")[0] for kind in kinds} == set(FAMILIES)


def test_the_rows_of_an_event_are_said_by_their_titles_and_the_same_once(letters: Post, site: Site) -> None:
    from troth.desk.house import house
    from troth.web.console.events import Telling
    from troth.web.wording import Words

    outcomes: list[Any] = [
        ["shop", "customers", "delete", 2, "done", None], ["shop", "customers", "delete", 1, "done", None],
        ["shop", "invoices", "clear", 4, "done", None], ["shop", "invoices", "clear", 4, "done", None],
        ["shop", "invoices", "keep", 4, "kept", "hold"], ["shop", "invoices", "keep", 4, "kept", "2036-12-31"],
        ["shop", "customers", "set", 1, "failed", None],
    ]  # fmt: skip
    left = [["shop", "customers", "secret", 0], ["shop", "invoices", "secret", 0]]
    with house() as at:
        telling = Telling(at.policy, Words("console", "en"), "en", {})
        event = Event(
            "erasure.done", datetime.now(UTC), {"outcomes": outcomes, "left_out": left, "rest_due": "2031-01-01"}
        )
        row = telling.row(Entry(7, event.kind, event.at, event.body))
    [lines] = [line["lines"] for line in row["body"] if line["name"] == "outcomes"]
    assert lines == [
        "customers: 3 rows deleted", "invoices: data taken out of 4 rows", "invoices: 4 rows kept (the law)",
        "invoices: 4 rows kept (until 31 December 2036)", "customers: 1 row written to: it failed",
    ]  # fmt: skip
    assert row["sum"][:3] == ["3 rows deleted", "data taken out of 4 rows", "4 rows kept"]
    [apart] = [line["lines"] for line in row["body"] if line["name"] == "left_out"]
    assert len(apart) == 1, "one reason, said once"
    assert apart[0].endswith("– customers, invoices")
    assert {line["value"] for line in row["body"] if line["name"] == "rest_due"} == {"1 January 2031"}


def test_fields_to_keep_are_called_as_people_call_them(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    look_up(officer)
    officer.get("/console/person/hold")
    fields = officer.page.partition('name="field"')[2]
    assert "<code>" not in fields
    assert re.search(r'value="email"[^>]*><label[^>]*>e-mail address</label>', officer.page)


def test_findings_of_one_kind_stand_together_the_gravest_first(letters: Post, site: Site) -> None:
    from troth.desk.house import house
    from troth.web.console.stores import _Telling
    from troth.web.wording import Words

    found = [{"severity": "note", "code": "big", "message": f"m{n}", "remedy": "", "collection": ""} for n in range(44)]
    found.append({"severity": "refuse", "code": "missing", "message": "gone", "remedy": "", "collection": ""})
    alike = {"severity": "warn", "code": "alike", "message": "same", "remedy": ""}
    found += [{**alike, "collection": name} for name in ("customers", "invoices", "customers")]
    with house() as at:
        kinds = _Telling(at.policy, "fr", Words("console", "fr"))._grouped("shop", found)
    assert [(len(kind["first"]), len(kind["rest"])) for kind in kinds] == [(1, 0), (1, 0), (2, 42)]
    assert kinds[0]["first"][0]["code"] == "missing"
    assert kinds[2]["more"] == "et 42 autres de cette nature"
    [one] = kinds[1]["first"]
    assert (one["times"].replace("\xa0", " "), one["place"]) == ("3 fois", "customers, invoices")


def test_a_month_that_a_store_cannot_tell_of_is_a_gap_in_words_and_in_the_picture(letters: Post, site: Site) -> None:
    from troth.core.retention.forecast import Due, Forecast, days_of
    from troth.web.console import outlook
    from troth.web.console.models import Outlook

    now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    days = days_of(now.date())
    due = (Due(days[-1], "shop", "customers", "delete", 3, (("orders", 3),)),)
    slow = Forecast(now.date(), due, coarse=(("shop", (days[0], days[-3], days[-1])),))
    Outlook.objects.create(kind="sweeps", made=now, found=outlook.forecast_json(slow))
    assert outlook.forecast_of(Outlook.objects.get().found) == slow
    auditor = employ("ada@example.org", "auditor")
    auditor.get("/console/sweeps")
    rows = re.findall(r"<tr(?: data-gaps=\"([^\"]*)\")?><td data-label=\"Month\">([^<]*)</td>(.*?)</tr>", auditor.page)
    assert [gaps for gaps, *_ in rows[-3:]] == ["", "orders", ""]
    assert "Not told by: shop" in plain("<main" + rows[-2][2])
    assert "not known" in auditor.page
    for _, month, cells in rows:
        numbers = re.findall(r"data-label=\"Rows\">([^<]*)<", cells)
        assert numbers != ["0"] or "Not told by" not in cells, f"nobody knows that nothing falls in {month}"
    assert "Where a line of the picture is broken" in auditor.page


def test_the_same_thing_in_places_of_one_name_is_said_once_with_its_sum(letters: Post, site: Site) -> None:
    from troth.core.retention.forecast import Due
    from troth.desk.house import house
    from troth.web.console.sweeps import _Saying
    from troth.web.wording import Words

    day = datetime(2026, 11, 22, tzinfo=UTC).date()
    due = [Due(day, "shop", "customers", "delete", 1), Due(day, "shop", "customers", "delete", 2)]
    with house() as at:
        [line] = _Saying(at.policy, "fr", Words("console", "fr")).lines(due)
    assert line.replace("\xa0", " ").replace("\u202f", " ") == "customers : 3 lignes à supprimer"


COLUMN = re.compile(r"[a-z]_[a-z]|[.\[(]|meta value|settings")


def test_fields_are_called_by_their_titles_and_told_apart_only_where_they_must_be() -> None:
    from troth.bootstrap import load_policy
    from troth.core.policy.model import Field, Within
    from troth.desk.fields import fields_of
    from troth.package.html_names import sign_of

    policy = load_policy(CHECKOUT / "examples" / "maison" / "troth.yaml")
    for language, expected in (("en", "telephone for billing"), ("fr", "téléphone de facturation")):
        titles = dict(fields_of(policy, language))
        assert titles["shop.customers.settings.billing.phone"].endswith(f" — {expected}")
        assert titles["shop.customer_meta[billing_phone].meta_value"].endswith(f" — {expected}")
        assert [one for one in titles.values() if COLUMN.search(one)] == []
        assert len(set(titles.values())) == len(titles)
    inside = Field(
        "settings.billing.phone", "settings", "x", frozenset(), within=Within("json", ("billing", "*", "phone"))
    )
    assert sign_of("customers", inside) == "billing phone"
    assert sign_of("meta[work_phone]", Field("meta_value", "meta_value", "x", frozenset())) == "work phone"
    assert sign_of("customers", Field("homePhone", "homePhone", "x", frozenset())) == "home phone"


def test_whoever_was_looked_up_by_a_number_is_said_with_what_it_is(letters: Post, site: Site) -> None:
    officer = employ("olga@example.org", "officer")
    look_up(officer, "customer_id=1")
    assert "Looked up: customer number 1 " in plain(officer.page)
    officer.get("/console/people?lang=fr")
    assert "customer_id (numéro de client)" in plain(officer.page)
