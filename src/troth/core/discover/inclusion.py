"""Guesses about links put to the data: do the values of a column stand in the parent's?

Every question costs a query, so they are asked of the best candidates first and end with the budget. What the
answer is worth depends on the values: small numbers from 1 upwards are included in everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from troth.core.discover.model import Column, Inclusion, LinkGuess, Profile, Reason, Source, Table, Trouble

KEPT = 0.5
"""Less likely links are forgotten."""
_MOST_QUESTIONS = 600
_MOST_WRAPPED = 100
"""Questions about keys within longer texts."""
_SOME = 3
_CLEAR = 0.8
"""A name from which on it needs no help from the values."""
_CLEAR_UNSEEN = 0.61
"""A name from which on it is believed although there are no values to ask."""
_TOO_FEW = 4
"""So few values prove nothing where nothing else speaks for a link."""
_MANY = 20
_LOW = 0.4
"""The part of the highest under which so many numbers fall by chance once in a million times."""
_SPREAD = 8
_REACH = 0.7
"""Of so many numbers drawn from 1 to n, the highest is under this part of n once in twenty times."""
_FEW = 5
"""So many values or fewer prove little."""

Profiles = Mapping[str, Mapping[str, Profile]]
"""By qualified table name, then column."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that may be there. ``evidence`` (0 to 1) is what speaks for it before any value is compared;
    ``alone``: nothing but the values will speak for it."""

    child: Table
    parent: Table
    columns: tuple[tuple[str, str], ...]
    evidence: float
    reasons: tuple[Reason, ...]
    where: tuple[str, str] | None = None
    alone: bool = False

    @property
    def place(self) -> tuple[str, tuple[str, ...], tuple[str, str] | None]:
        """What it is about: of several candidates for one place, one can be right."""
        return self.child.qualified, tuple(ours for ours, _ in self.columns), self.where


@dataclass
class Asking:
    """Puts candidates to the source, within the budget."""

    source: Source
    asked: int = 0
    wrapped: int = 0
    cut_short: bool = False
    troubles: list[Trouble] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether no more may be asked."""
        return self.asked >= _MOST_QUESTIONS or self.source.remaining_seconds() <= 0

    @property
    def late(self) -> bool:
        """Whether the time is used up; even what costs no query is left then."""
        return self.source.remaining_seconds() <= 0

    def left_out(self, count: int, of: int) -> None:
        """Note, at the first way of looking that is cut short, in how many tables no links were looked for."""
        if not self.cut_short:
            self.cut_short = True
            said = f"links of {count} of {of} tables were not looked for: the time was up"
            self.troubles.append(Trouble("budget", said))

    def inclusion(self, candidate: Candidate) -> Inclusion | None:
        """The answer for the column of the candidate that has fewest values in the parent; None when not asked."""
        if self.over or not (candidate.child.readable and candidate.parent.readable):
            return None
        answers = []
        for ours, theirs in candidate.columns:
            self.asked += 1
            answer, troubles = self.source.inclusion(
                candidate.child, ours, candidate.parent, theirs, where=candidate.where
            )
            self.troubles += troubles
            answers.append(answer)
        return min(answers, key=_share)

    def template(self, child: Table, column: Column, parent: Table, theirs: Column) -> LinkGuess | None:
        """The link by a text that wraps the parent's key, if nearly all values are so."""
        if self.over or self.wrapped >= _MOST_WRAPPED or not parent.readable:
            return None
        self.asked += 1
        self.wrapped += 1
        text, answer, troubles = self.source.template(child, column.name, parent, theirs.name)
        self.troubles += troubles
        if text is None or answer.asked < _SOME or _share(answer) < 0.9:
            return None
        reason = Reason("link_values", {"column": theirs.name, "table": parent.qualified})
        told = Reason("link_included", {"found": str(answer.found), "asked": str(answer.asked)})
        return LinkGuess(parent.qualified, ((column.name, theirs.name),), 0.85, (reason, told), text=text)

    def best(self, candidates: Iterable[Candidate]) -> list[LinkGuess]:
        """The likeliest link of one place, or none. The clearest candidate is asked about first, and the others
        only when it does not convince."""
        found: list[LinkGuess] = []
        for candidate in sorted(candidates, key=lambda c: c.evidence, reverse=True):
            if found and found[0].confidence >= candidate.evidence:
                break
            guess = judged(candidate, self.inclusion(candidate))
            if guess is not None:
                found = sorted([*found, guess], key=lambda g: g.confidence, reverse=True)
        return found[:1]


def _share(answer: Inclusion) -> float:
    return answer.found / answer.asked if answer.asked else 1.0


def judged(candidate: Candidate, answer: Inclusion | None) -> LinkGuess | None:
    """The link as it stands after the answer, or None when the values speak against it."""
    confidence, reason = _weighed(candidate, answer)
    if confidence < KEPT:
        return None
    reasons = (*candidate.reasons, reason) if reason else candidate.reasons
    return LinkGuess(
        parent=candidate.parent.qualified,
        columns=candidate.columns,
        confidence=round(confidence, 2),
        reasons=reasons,
        where=candidate.where,
    )


def _weighed(candidate: Candidate, answer: Inclusion | None) -> tuple[float, Reason | None]:
    evidence = candidate.evidence
    if answer is None or answer.asked == 0:
        reason = Reason("link_unseen") if answer is None else Reason("link_no_values")
        return (0.0, None) if candidate.alone else (evidence * (0.85 if evidence >= _CLEAR_UNSEEN else 0.6), reason)
    if candidate.alone and answer.asked < _TOO_FEW:
        return 0.0, None
    share = _share(answer)
    told = Reason("link_included", {"found": str(answer.found), "asked": str(answer.asked)})
    if share >= 0.9:
        gain = 0.65 if answer.asked > _FEW else 0.3
        return min(0.97, evidence + (1 - evidence) * gain), told
    if share >= 0.6:
        return evidence * (0.85 if evidence >= _CLEAR else 0.7), told
    if share >= 0.3 and not candidate.alone:
        return evidence * 0.6, told
    return (evidence * 0.5 if answer.asked <= 3 and not candidate.alone else 0.0), told


# --- values alone ---------------------------------------------------------------------------------


def reaches(ours: Profile | None, theirs: Profile | None) -> bool:
    """Whether numbers are spread over as much as those of some rows are: so many different ones drawn from these
    would hardly all be small, and other numbers would hardly end where these do."""
    if ours is None or theirs is None or ours.highest is None or theirs.highest is None:
        return False
    return ours.distinct >= _SPREAD and _REACH * theirs.highest <= ours.highest <= theirs.highest


def falls_short(ours: Profile | None, theirs: Profile | None) -> bool:
    """Whether many numbers are all low among those of some rows, as they would not be if they were drawn from them."""
    if ours is None or theirs is None or ours.highest is None or theirs.highest is None:
        return False
    return ours.filled >= _MANY and theirs.highest >= _MANY and ours.highest < _LOW * theirs.highest


def as_long(ours: Profile | None, theirs: Profile | None) -> bool:
    """Whether texts are as long as those of another column, none longer."""
    if ours is None or theirs is None or not theirs.filled:
        return False
    return abs(ours.mean_length - theirs.mean_length) <= 1 and ours.max_length <= theirs.max_length


def telling(profile: Profile | None) -> bool:
    """Whether values of this kind, found elsewhere, can hardly be there by chance: long, and many different."""
    if profile is None or profile.filled < 3:
        return False
    return profile.distinct >= 5 and profile.mean_length >= 5


def named_once(profile: Profile | None) -> bool:
    """Whether values may be the names by which people log in: single words, several different."""
    return profile is not None and profile.distinct >= 4 and profile.mean_words <= 1.2 and profile.max_length <= 64


def wraps(profile: Profile | None) -> bool:
    """Whether values may hold a key behind a fixed text: single words, not short, and not mail addresses."""
    if profile is None or profile.filled < _SOME or profile.distinct < _SOME:
        return False
    return 6 <= profile.mean_length <= 120 and profile.mean_words <= 1.2 and profile.share("email") < 0.5
