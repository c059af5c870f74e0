"""Rules of law that carry no value: articles that the rules cite, and how far each was read.

Not legal advice. Marks as in ``core.law.facts``: C read on the text, S on a secondary page, T general knowledge.
"""

from __future__ import annotations

from troth.core.check.rule import Source
from troth.core.law.facts import Mark

_READ: dict[int, Mark] = {
    **dict.fromkeys((10, 12, 13, 15, 32, 33, 46), "C"),
    **dict.fromkeys((4, 5, 6, 7, 8, 9, 17, 18, 19, 20, 21, 22, 28, 30, 34, 44, 45, 49, 77), "S"),
}
"""Articles of the GDPR of which the text, or a page about it, was read; the others are general knowledge."""


def gdpr(article: int, rest: str = "") -> Source:
    """An article of the GDPR, with its paragraph: ``gdpr(13, "(2)(d)")``."""
    return Source(f"GDPR art. {article}{rest}", _READ.get(article, "T"))


TRACKERS_LAW = Source("Directive 2002/58/EC art. 5(3); Loi 78-17 art. 82", "S")
MARKETING_LAW = Source("Directive 2002/58/EC art. 13; CPCE art. L34-5", "S")
LEGAL_NOTICE_FRANCE = Source("LCEN (loi 2004-575) art. 6 III (since 2024 art. 1-1, unconfirmed)", "C")
LEGAL_NOTICE_UNION = Source("Directive 2000/31/EC art. 5", "C")
FRENCH_LANGUAGE = Source("Loi 94-665 art. 2; GDPR art. 12(1)", "T")
DEATH_LAW = Source("Loi 78-17 art. 84 to 86", "S")
ITSELF = Source("GDPR art. 5(1)(a)", "S")
"""For a policy that contradicts itself: what it tells people must be true (fairness and transparency)."""
