"""Where data may go: the European Economic Area, and countries with an adequacy decision (GDPR Article 45)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from troth.core.law.facts import Fact, LocalText, both, in_force
from troth.core.law.territories import EEA, EFTA_EEA, EU, PART_OF, home_of, in_eea, in_eu

__all__ = ["ADEQUACY", "EEA", "EFTA_EEA", "EU", "PART_OF", "Adequacy", "adequacy", "home_of", "in_eea", "in_eu"]

Scope = Literal["full", "partial", "list"]


@dataclass(frozen=True, slots=True)
class Adequacy:
    """What a decision covers.

    ``full``: any recipient there. ``partial``: some kinds, told by ``condition``. ``list``: only organisations that
    stand on a public list, which must be looked up for each recipient.
    """

    scope: Scope
    condition: LocalText = field(default_factory=dict)


_ABOUT = both("Adequacy decision", "Décision d’adéquation")
_CONFIRMED = both(
    "confirmed by the Commission's report of 15 January 2024; the day of the decision is general knowledge",
    "confirmée par le rapport de la Commission du 15 janvier 2024 ; le jour de la décision relève de la "
    "connaissance générale",
)
_DAY_KNOWN = both(
    "the day of the decision is general knowledge",
    "le jour de la décision relève de la connaissance générale",
)


def _full(since: date, decision: str) -> tuple[Fact[Adequacy], ...]:
    return (Fact(Adequacy("full"), decision, "S", since, note=_CONFIRMED, about=_ABOUT),)


ADEQUACY: Mapping[str, tuple[Fact[Adequacy], ...]] = {
    "AD": _full(date(2010, 10, 19), "Decision 2010/625/EU"),
    "AR": _full(date(2003, 6, 30), "Decision 2003/490/EC"),
    "FO": _full(date(2010, 3, 5), "Decision 2010/146/EU"),
    "GG": _full(date(2003, 11, 21), "Decision 2003/821/EC"),
    "IL": _full(date(2011, 1, 31), "Decision 2011/61/EU"),
    "IM": _full(date(2004, 4, 28), "Decision 2004/411/EC"),
    "JE": _full(date(2008, 5, 8), "Decision 2008/393/EC"),
    "NZ": _full(date(2012, 12, 19), "Decision 2013/65/EU"),
    "UY": _full(date(2012, 8, 21), "Decision 2012/484/EU"),
    "CH": _full(date(2000, 7, 26), "Decision 2000/518/EC"),
    "CA": (
        Fact(
            Adequacy(
                "partial",
                both(
                    "only organisations under Canada's private-sector privacy law (PIPEDA)",
                    "seulement les organismes soumis à la loi canadienne du secteur privé (LPRPDE)",
                ),
            ),
            "Decision 2002/2/EC",
            "C",
            date(2001, 12, 20),
            note=_DAY_KNOWN,
            about=_ABOUT,
        ),
    ),
    "JP": (
        Fact(
            Adequacy("partial", both("only the private sector", "seulement le secteur privé")),
            "Decision (EU) 2019/419",
            "C",
            date(2019, 1, 23),
            note=_DAY_KNOWN,
            about=_ABOUT,
        ),
    ),
    "KR": (Fact(Adequacy("full"), "Decision (EU) 2022/254", "C", date(2021, 12, 17), about=_ABOUT),),
    "GB": (
        Fact(
            Adequacy("full"),
            "Decision (EU) 2021/1772",
            "T",
            date(2021, 6, 28),
            date(2025, 12, 18),
            note=both("was to end on 27 June 2025, then prolonged", "devait finir le 27 juin 2025, puis prolongée"),
            about=_ABOUT,
        ),
        Fact(
            Adequacy("full"),
            "Commission decision of 19 December 2025",
            "S",
            date(2025, 12, 19),
            date(2031, 12, 27),
            about=_ABOUT,
        ),
    ),
    "US": (
        Fact(
            Adequacy("list", both("only organisations on the Privacy Shield list", "seulement les organismes inscrits "
                                  "sur la liste du Bouclier de protection des données")),
            "Decision (EU) 2016/1250",
            "T",
            date(2016, 7, 12),
            date(2020, 7, 16),
            note=both("annulled by the Court of Justice, C-311/18", "annulée par la Cour de justice, C-311/18"),
            about=_ABOUT,
        ),
        Fact(
            Adequacy(
                "list",
                both(
                    "only organisations on the Data Privacy Framework list; look the recipient up",
                    "seulement les organismes inscrits sur la liste du Data Privacy Framework ; vérifiez le "
                    "destinataire",
                ),
            ),
            "Decision (EU) 2023/1795",
            "C",
            date(2023, 7, 10),
            note=both(
                "upheld by T-553/23 on 3 September 2025; an appeal (C-703/25 P) was pending when this was read",
                "confirmée par T-553/23 le 3 septembre 2025 ; un pourvoi (C-703/25 P) était pendant à la lecture",
            ),
            about=_ABOUT,
        ),
    ),
    "BR": (
        Fact(
            Adequacy("full"),
            "Commission decision of 26 January 2026",
            "S",
            date(2026, 1, 27),
            note=both("to be reviewed after four years", "à réexaminer après quatre ans"),
            about=_ABOUT,
        ),
    ),
}  # fmt: skip
"""By country, in the order of time. An end that is set and near is to be watched: after it, another ground of
Article 46 is needed. The European Patent Organisation has a decision too (15 July 2025, S); it is no country."""


def adequacy(country: str, as_of: date) -> Fact[Adequacy] | None:
    """The adequacy decision that covers a country on that day, or None. The EEA needs none and has none."""
    return in_force(ADEQUACY.get(country, ()), as_of)
