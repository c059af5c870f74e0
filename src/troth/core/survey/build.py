"""The report, put together from the draft, the answers of the source, and the inspection of the store."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from troth.core.discover.model import Draft, Trouble
from troth.core.policy.model import Policy, Store
from troth.core.ports import StoreFacts
from troth.core.survey.ages import Older, ages
from troth.core.survey.blocks import blocks, blocks_of_schema
from troth.core.survey.gaps import gaps, mapped_tables, store_of
from troth.core.survey.links import orphans, shared
from troth.core.survey.measure import Measures
from troth.core.survey.model import BlockLine, Survey, Unseen
from troth.core.survey.notes import notes
from troth.core.survey.secrets import secrets
from troth.core.survey.tables import categories, people, table_lines


@dataclass(frozen=True, slots=True)
class Inspected:
    """The draft's store as the connector sees it, or why it could not look (a code)."""

    store: Store | None = None
    facts: StoreFacts | None = None
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Against:
    """The policy to compare with, and the name of the store that is meant, if it was said."""

    policy: Policy
    store: str | None = None


def build(
    draft: Draft, measures: Measures, inspected: Inspected, as_of: date, sample: int, against: Against | None = None
) -> tuple[Survey, tuple[Older, ...]]:
    """The report but for its headline, and what may still be counted. ``finish`` ends it."""
    policy = against.policy if against else None
    theirs = store_of(policy, draft, against.store) if policy and against else None
    tables = table_lines(draft, measures.rows)
    persons, names = people(tables)
    lines, questions = ages(draft, measures.ends, as_of, mapped_tables(theirs, draft), policy)
    survey = Survey(
        store=draft.store, engine=draft.catalogue.engine, as_of=as_of, sample=sample,
        tables_in_all=len(draft.catalogue.tables), tables=tables, people=persons, people_tables=names,
        oldest=min((line.oldest for line in lines), default=None), categories=categories(tables), ages=lines,
        secrets=secrets(draft), orphans=orphans(measures.links), links_asked=len(measures.links),
        shared=shared(draft), blocks=_blocks(draft, inspected), blocks_unknown=inspected.unknown,
        gaps=gaps(draft, theirs) if theirs is not None else None, unseen=_unseen(draft, measures),
    )  # fmt: skip
    return survey, questions


def finish(survey: Survey) -> Survey:
    """The report with its headline."""
    return replace(survey, notes=notes(survey))


def _blocks(draft: Draft, inspected: Inspected) -> tuple[BlockLine, ...]:
    if inspected.store is not None and inspected.facts is not None:
        return blocks(draft, inspected.store, inspected.facts)
    return blocks_of_schema(draft)


def _unseen(draft: Draft, measures: Measures) -> tuple[Unseen, ...]:
    troubles: list[Trouble] = [*draft.catalogue.troubles, *draft.troubles, *measures.troubles]
    found = {(t.code, t.table, t.column): Unseen(t.code, t.table, t.column, t.message) for t in troubles}
    return tuple(sorted(found.values(), key=lambda u: (u.code, u.table, u.column)))
