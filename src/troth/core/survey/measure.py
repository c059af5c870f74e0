"""What the report asks of the database beyond the draft: rows, ends of clocks, links that lead nowhere.

Every question is bounded by the source's own budget; one that is not answered leaves a trouble, nothing worse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from troth.core.discover.model import ClockGuess, Draft, Inclusion, LinkGuess, Source, TableGuess, Trouble
from troth.core.discover.pacing import Paced
from troth.core.policy.model import Clock
from troth.core.survey.model import Figure

SURE = 0.5
"""Guesses of less confidence are remarks of the draft and no part of the report."""
LINKS = 200
"""Links that are followed at most; the report says how many were."""

Progress = Callable[[str, int, int], None]
"""Told of each question: which part of the work, which one, of how many."""

_CLOCKS = (
    "last_contact", "account_activity", "last_order", "document_date", "financial_year_end", "closed",
    "contract_end", "unsubscribed", "collected",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ends:
    """The earliest and latest day of a table's clock; ``whole``: over all rows, else in the sample only."""

    clock: ClockGuess
    earliest: date
    latest: date | None
    whole: bool


@dataclass(frozen=True, slots=True)
class Followed:
    """A link and what became of a sample of its values."""

    table: str
    link: LinkGuess
    column: str
    inclusion: Inclusion


@dataclass(frozen=True, slots=True)
class Measures:
    """The answers. Rows and ends by qualified table name."""

    rows: Mapping[str, Figure] = field(default_factory=dict)
    ends: Mapping[str, Ends] = field(default_factory=dict)
    links: tuple[Followed, ...] = ()
    troubles: tuple[Trouble, ...] = ()


def sure(guess: TableGuess) -> tuple[LinkGuess, ...]:
    """The links that the draft follows; it keeps less likely ones as remarks."""
    return tuple(link for link in guess.links if link.confidence >= SURE)


def best_clock(guess: TableGuess, promised: Mapping[str, Clock]) -> ClockGuess | None:
    """The clock that tells best how old a table's rows are: the one a period would be counted from. ``promised``:
    by table, the clock that a policy counts from."""
    clock = promised.get(guess.table.qualified)
    if clock is not None and guess.table.column(clock.column) is not None:
        return ClockGuess(clock.column, "", clock.kind, 1.0, (), clock.format)

    def rank(clock: ClockGuess) -> tuple[int, float, str]:
        known = _CLOCKS.index(clock.event) if clock.event in _CLOCKS else len(_CLOCKS)
        return known, -clock.confidence, clock.column

    return min(guess.clocks, key=rank, default=None)


_LEFT_BY_ROWS = 0.6
_LEFT_BY_ENDS = 0.3
_LEFT_BY_LINKS = 0.15
"""Shares of the time that are left when the counts, the ages and the links have had theirs."""


def measure(
    source: Source, draft: Draft, progress: Progress = lambda *_: None, promised: Mapping[str, Clock] | None = None
) -> Measures:
    """Ask about every table that concerns people, each kind of question within its share of the source's time."""
    personal = [t for t in draft.tables if t.role != "none" and t.table.readable]
    troubles: list[Trouble] = []
    paced = Paced(source)
    paced.leave(_LEFT_BY_ROWS)
    rows = _rows(paced, personal, troubles, progress)
    paced.leave(_LEFT_BY_ENDS)
    ends = _ends(paced, personal, troubles, progress, promised or {})
    paced.leave(_LEFT_BY_LINKS)
    links = _links(paced, draft, personal, troubles, progress)
    return Measures(rows, ends, links, tuple(dict.fromkeys(troubles)))


def _left_out(code: str, count: int, of: int, what: str) -> Trouble:
    return Trouble(code, f"{what} of {count} of {of} tables were not asked for: the time was used up")


def _rows(source: Paced, personal: list[TableGuess], troubles: list[Trouble], progress: Progress) -> dict[str, Figure]:
    found = {}
    left_out = 0
    for number, guess in enumerate(personal, 1):
        table = guess.table
        progress("rows", number, len(personal))
        value, exact = table.rows, table.rows_exact
        if not exact and source.over:
            left_out += 1
        elif not exact:
            counted, exact, new = source.rows(table)
            troubles += new
            value = counted if counted is not None else value
        found[table.qualified] = Figure(value, "counted" if exact else "estimated")
    troubles += [_left_out("rows_left", left_out, len(personal), "the rows")] if left_out else []
    return found


def _ends(
    source: Paced,
    personal: list[TableGuess],
    troubles: list[Trouble],
    progress: Progress,
    promised: Mapping[str, Clock],
) -> dict[str, Ends]:
    found = {}
    left_out = 0
    for number, guess in enumerate(personal, 1):
        progress("ages", number, len(personal))
        clock = best_clock(guess, promised)
        if clock is None:
            continue
        earliest = latest = None
        if source.over:
            left_out += 1
        else:
            earliest, latest, new = source.bounds(guess.table, clock.column, clock.kind, clock.format)
            troubles += new
        if earliest is not None:
            found[guess.table.qualified] = Ends(clock, earliest, latest, whole=True)
        elif clock.earliest is not None:
            found[guess.table.qualified] = Ends(clock, clock.earliest, clock.latest, whole=False)
    troubles += [_left_out("ends_left", left_out, len(personal), "the oldest and latest days")] if left_out else []
    return found


def _links(
    source: Paced, draft: Draft, personal: list[TableGuess], troubles: list[Trouble], progress: Progress
) -> tuple[Followed, ...]:
    asked = [(g, link) for g in personal for link in sure(g) if len(link.columns) == 1 and link.text is None]
    # Those that the database does not vouch for come first: time may run out.
    asked.sort(key=lambda pair: pair[1].declared)
    found = []
    for number, (guess, link) in enumerate(asked[:LINKS], 1):
        if source.over:
            break
        progress("links", number, min(len(asked), LINKS))
        parent = draft.catalogue.table(link.parent)
        ours, theirs = link.columns[0]
        if parent is None or not parent.readable or not theirs:
            continue
        inclusion, new = source.inclusion(guess.table, ours, parent, theirs, link.where)
        troubles += new
        if inclusion.asked:
            found.append(Followed(guess.table.qualified, link, ours, inclusion))
    return tuple(found)
