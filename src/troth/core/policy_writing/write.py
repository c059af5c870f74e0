"""A whole policy file from a publisher's answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from troth.core.policy_writing import clauses, house, publishing, purposes, site
from troth.core.policy_writing.answers import Answers
from troth.core.policy_writing.mapped import NOTHING, Mapped
from troth.core.policy_writing.pen import Pen


def policy_yaml(answers: Answers, today: date, mapped: Mapped = NOTHING) -> str:
    """The text of a commented policy that loads, and that `troth check` finds in order.

    ``today`` becomes its version. ``mapped`` is what the draft of a database adds: its store at the end, and the
    purposes that its collections serve.
    """
    pen = Pen(answers.languages)
    sections: tuple[Iterable[str], ...] = (
        publishing.heading(answers, pen, today),
        publishing.publisher(answers, pen),
        publishing.sites(answers, pen),
        publishing.people(answers, pen, mapped),
        mapped.declarations(),
        publishing.recipients(answers, pen, today),
        purposes.purposes(answers, pen, today, mapped),
        site.cookies(answers, pen),
        site.services(answers, pen),
        site.forms(answers, pen),
        site.logs(answers, pen),
        house.rights(answers, pen, mapped),
        house.minors(answers, pen, today),
        house.breach(answers, pen),
        house.decisions(answers, pen),
        house.house(answers, pen, today),
        clauses.clauses(answers, pen),
    )
    written = ("\n".join(section).strip("\n") for section in sections)
    return "\n\n".join([*filter(None, written), *filter(None, [mapped.stores.strip("\n")])]) + "\n"
