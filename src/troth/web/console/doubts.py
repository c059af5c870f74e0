"""The page on which somebody says whose the rows in doubt are: the rows, what they say, and what would then be done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from troth.core.requests.model import Request
from troth.desk import sharing
from troth.desk.doubtful import rows_in_doubt
from troth.desk.foretold import Foreseen, foresee_shared
from troth.package.html_names import Namer
from troth.web.console.drawing import stores_called
from troth.web.console.member import digest_of
from troth.web.console.saying import said
from troth.web.wording import Words

if TYPE_CHECKING:
    from troth.desk.house import House
    from troth.desk.particulars import Particulars


@dataclass(frozen=True, slots=True)
class Asked:
    """Of which request, in which language, and when."""

    at: House
    found: Request
    who: Particulars
    language: str
    now: datetime


def planned(asked: Asked, apart: tuple[str, ...] | None) -> tuple[Foreseen | None, str]:
    """What would be done if all rows in doubt but these are the person's, and a digest of it as the page shows it; no
    plan for a copy, which changes nothing. Raises UsageError for a row that is not in doubt."""
    foreseen = foresee_shared(asked.at, asked.found, asked.who, asked.language, asked.now, apart)
    return foreseen, digest_of(repr(foreseen)) if foreseen is not None else ""


def drawn(asked: Asked, apart: tuple[str, ...] | None) -> dict[str, Any]:
    """What the page shows: the rows in doubt one by one, all that would be opened, and the plan."""
    words, namer = Words("console", asked.language), Namer(asked.at.policy, asked.language)
    found = sharing.doubt(asked.at, asked.found, asked.who, asked.now, hurried=True)
    each = rows_in_doubt(asked.at, asked.who, asked.language, asked.now, words["doubt_another"], hurried=True)
    foreseen, shown = planned(asked, apart)
    doubt = {
        "each": each.rows, "more": each.more, "digest": found.digest, "shown": shown,
        "rows": [(namer.place(r.store, r.collection), r.rows, words[f"doubt_{r.reason}"]) for r in found.rows],
        "opens": [(namer.place(store, name), rows) for store, name, rows in found.opens] if foreseen is None else [],
        "final": words[f"share_final_{asked.found.right}"] if foreseen is not None else "",
    }  # fmt: skip
    if foreseen is None:
        return {"doubt": doubt}
    return {
        "doubt": doubt, "foreseen": foreseen, "away": stores_called(asked.at.policy, foreseen.away, asked.language),
        "why_not": [said(*one, asked.language) for one in foreseen.why_not],
        "doubts": [(one.place, one.field, words[one.doubt]) for one in foreseen.writes if one.doubt],
    }  # fmt: skip
