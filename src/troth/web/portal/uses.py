"""What the personal space says beside a use: what stands against it, and what an erasure has left of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from troth.core.requests.route import terms_of
from troth.desk import remains, standing
from troth.desk.gathered import What
from troth.desk.holdings import Held
from troth.desk.house import House
from troth.desk.kept import kept_lines
from troth.package import locale
from troth.web.portal.visitor import Visitor
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Stands:
    """A restriction, an objection or a withdrawn consent: ``what`` in words, ``beside`` in the words beside a use,
    ``do`` of the button that ends it. ``name`` and ``theirs`` as in ``desk.standing``."""

    kind: str
    name: str
    theirs: bool
    what: str
    beside: str
    do: str
    title: str = ""
    """Of the use; empty for a restriction."""


@dataclass(frozen=True, slots=True)
class Use:
    """A use with its data. ``why`` no longer names a consent that was withdrawn; ``against``: what stands against it;
    ``frozen``: since when the data is only stored, in words; ``ways``: address and label of what can be done; ``what``:
    which of the values on the page."""

    held: Held
    why: str
    against: tuple[Stands, ...]
    frozen: tuple[str, ...]
    ways: tuple[tuple[str, str], ...]
    what: What


def in_force(at: House, visitor: Visitor, words: Words) -> list[Stands]:
    """Everything that the visitor has put in force, or staff about them."""
    found = []
    for one in standing.in_force(at, visitor.identifiers, datetime.now(UTC)):
        purpose = at.policy.purposes.get(one.name)
        titles = purpose.title if purpose is not None else {}
        title = titles.get(words.language) or next(iter(titles.values()), "")
        day = locale.day(terms_of(at.policy).day(one.since), words.language)
        found.append(Stands(
            str(one.kind), one.name, one.theirs, words.say(f"stands_{one.kind}", purpose=title, day=day),
            words.say(f"beside_{one.kind}", day=day), words[f"do_lift_{one.kind}"], title,
        ))  # fmt: skip
    return found


def use(
    held: Held, what: What, against: Sequence[Stands], frozen: Sequence[Stands], ways: Sequence[tuple[str, str]],
    words: Words,
) -> Use:  # fmt: skip
    """One use, as things stand."""
    withdrawn = any(one.kind == "withdrawal" for one in against)
    why = words["why_withdrawn"] if withdrawn else held.why
    return Use(held, why, tuple(against), tuple(one.beside for one in frozen), tuple(ways), what)


def nothing(at: House, visitor: Visitor, words: Words) -> str:
    """What is said where nothing is found: never that nothing is held, where an erasure has left something, nor without
    a word of what clients have put in."""
    if remains.of(at, visitor.identifiers, datetime.now(UTC)):
        return f"{words['me_nothing_found']} {words['remains_in_space']}"
    return " ".join([words["me_nothing"], *([words["clients_in_space"]] if at.policy.document.clients else [])])


def left(at: House, visitor: Visitor, words: Words) -> list[dict[str, Any]]:
    """What stays after each erasure, with the way to the answer."""
    day = terms_of(at.policy).day
    return [
        {
            "ref": one.ref, "lines": kept_lines(at.policy, words, one.kept, words.language),
            "of": words.say("remains_of", day=locale.day(day(one.settled), words.language)),
        }
        for one in remains.of(at, visitor.identifiers, datetime.now(UTC))
    ]  # fmt: skip
