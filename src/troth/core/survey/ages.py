"""How old the data is, against the period it may be kept or usually is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from troth.core.discover.model import Draft, TableGuess
from troth.core.policy.model import Clock, Collection, Policy
from troth.core.survey.measure import Ends
from troth.core.survey.model import AgeLine, Figure, Usual
from troth.core.survey.usual import cutoff, is_over, usual_by_law, usual_by_policy


@dataclass(frozen=True, slots=True)
class Older:
    """A question worth asking: how many rows of the table lie before the day."""

    table: str
    clock: Clock
    before: date


def ages(draft: Draft, ends: Mapping[str, Ends], as_of: date, mapped: Mapping[str, Collection], policy: Policy | None
         ) -> tuple[tuple[AgeLine, ...], tuple[Older, ...]]:  # fmt: skip
    """A line for each table with a clock that could be read, those past their time and the oldest first, and
    what to ask to know how much of each is past its time. ``mapped``: the policy's collection of a table."""
    lines, questions = [], []
    for guess in draft.tables:
        found = ends.get(guess.table.qualified)
        if found is None or found.earliest > as_of:
            continue
        key, usual = _usual(guess, mapped.get(guess.table.qualified), policy)
        over = usual is not None and not usual.elsewhere and is_over(found.earliest, key, usual.period, as_of)
        lines.append(_line(guess, found, as_of, usual, over))
        if over and usual is not None:
            clock = Clock(found.clock.column, found.clock.kind, found.clock.format)
            questions.append(Older(guess.table.qualified, clock, cutoff(key, usual.period, as_of)))
    lines.sort(key=lambda a: (not a.over, a.oldest, a.table))
    return tuple(lines), tuple(questions)


def _usual(guess: TableGuess, collection: Collection | None, policy: Policy | None) -> tuple[str, Usual | None]:
    if policy is not None and collection is not None:
        return "", usual_by_policy(collection, policy)
    return usual_by_law(guess) or ("", None)


def _line(guess: TableGuess, ends: Ends, as_of: date, usual: Usual | None, over: bool) -> AgeLine:
    return AgeLine(
        table=guess.table.qualified, column=ends.clock.column, event=ends.clock.event, oldest=ends.earliest,
        newest=ends.latest, basis="counted" if ends.whole else "sampled", months=months_between(ends.earliest, as_of),
        usual=usual, over=over,
    )  # fmt: skip


def months_between(start: date, end: date) -> int:
    """Whole months from one day to a later one."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return max(0, months - (end.day < start.day))


def with_counts(lines: tuple[AgeLine, ...], counted: Mapping[str, int]) -> tuple[AgeLine, ...]:
    """The lines with how many rows are past their time, where that was counted."""
    return tuple(
        replace(line, beyond=Figure(counted[line.table])) if line.over and line.table in counted else line
        for line in lines
    )
