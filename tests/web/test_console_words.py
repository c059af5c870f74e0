"""What stands in the rooms of the console: in words, and not all of it at once."""

from __future__ import annotations

import re
from datetime import UTC, datetime

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
    assert "limité à scope orders" in said
    assert " odd 0" in said, "what has no words stands as it is"
    row = auditor.page.partition("erase-1</dd>")[2]
    assert row.index("<details>") < row.index("erasure"), "a line is short: the rest opens"


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
    with house() as at:
        kinds = _Telling(at.policy, "fr", Words("console", "fr"))._grouped(found)
    assert [(len(kind["first"]), len(kind["rest"])) for kind in kinds] == [(1, 0), (2, 42)]
    assert kinds[0]["first"][0]["code"] == "missing"
    assert kinds[1]["more"] == "et 42 autres de cette nature"
