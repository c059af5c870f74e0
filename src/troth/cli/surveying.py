"""The steps of ``troth survey``: look, draft, inspect, count, write."""

from __future__ import annotations

import sys
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from troth.cli.databases import progress, store_name
from troth.cli.patience import Impatient
from troth.core.errors import StoreError, TrothError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from troth.core.discover.model import Draft, Source
    from troth.core.policy.model import Clock, Store
    from troth.core.ports import Connector
    from troth.core.survey.ages import Older
    from troth.core.survey.build import Against, Inspected
    from troth.core.survey.measure import Measures
    from troth.core.survey.model import Survey

_VARIABLE = "TROTH_SURVEYED_DATABASE"
"""Stands for the address in the policy drafted in memory; never set in the environment."""
_STATEMENT_SECONDS = 10
_CLOSING_SECONDS = 5.0
_AFTER_DRAFT = 0.35
"""The share of the time that is kept for what is asked when the tables are understood."""
_SECONDS_A_TABLE = 0.02
"""What drafting and inspecting a table may take; without so much time left only the schema is looked at."""


@dataclass(frozen=True)
class Asked:
    """What the command line asks for."""

    url: str
    name: str | None
    policy: Path | None
    as_of: date
    rows: int
    seconds: float


def look(asked: Asked) -> Survey:
    """Look at the database and draw the conclusions. Nothing is changed in it.

    Raises UsageError, PolicyError, and StoreError when it cannot be opened.
    """
    from troth.bootstrap import load_policy, open_source
    from troth.core.discover.model import Budget
    from troth.core.discover.run import discover
    from troth.core.survey.build import Against
    from troth.core.survey.measure import measure

    policy = load_policy(asked.policy) if asked.policy is not None else None
    name = asked.name or store_name(asked.url)
    budget = Budget(rows=asked.rows, statement_seconds=min(5.0, asked.seconds), seconds=asked.seconds)
    with closing(open_source(asked.url, name=name, budget=budget, folder=Path.cwd())) as source, progress() as line:
        draft = discover(source, name, progress=line, spare=_AFTER_DRAFT * asked.seconds)
        against = Against(policy, asked.name) if policy is not None else None
        measures = measure(source, draft, line, promised_to(against, draft) if against else None)
        line("erasure", 0, 1)
        with closing(Inspection(draft, asked.url, source)) as inspection:
            survey = _concluded(asked, draft, measures, inspection, against)
    return survey


def promised_to(against: Against, draft: Draft) -> Mapping[str, Clock]:
    """The clocks from which the policy counts."""
    from troth.core.survey.gaps import promised_clocks, store_of

    return promised_clocks(against.policy, store_of(against.policy, draft, against.store), draft)


def _concluded(
    asked: Asked, draft: Draft, measures: Measures, inspection: Inspection, against: Against | None
) -> Survey:
    from troth.core.survey.ages import with_counts
    from troth.core.survey.build import build, finish

    survey, questions = build(draft, measures, inspection.found, asked.as_of, asked.rows, against)
    counted = {q.table: rows for q in questions for rows in inspection.older(q)}
    return finish(replace(survey, ages=with_counts(survey.ages, counted)))


class Inspection:
    """The draft's store, opened in mode observe as every other verb opens one."""

    def __init__(self, draft: Draft, url: str, source: Source) -> None:
        self._source = source
        self._thread = Impatient()
        self._connector: Connector | None = None
        self._collections: dict[str, str] = {}
        self.found = self._inspect(draft, url)

    def _inspect(self, draft: Draft, url: str) -> Inspected:
        from troth.bootstrap import open_connector
        from troth.core.survey.build import Inspected

        mapped = sum(guess.role != "none" for guess in draft.tables)
        if self._source.remaining_seconds() <= _SECONDS_A_TABLE * mapped:
            return Inspected(unknown="why_skipped")
        store = drafted_store(draft, url)
        if store is None:
            return Inspected(unknown="why_draft")
        try:
            self._connector = open_connector(store, Path.cwd(), {_VARIABLE: url})
            facts = self._thread.ask(self._connector.inspect, self._seconds())
        except (StoreError, TimeoutError):
            return Inspected(unknown="why_store")
        for name, collection in store.collections.items():
            qualified = f"{collection.schema}.{collection.table}" if collection.schema else collection.table
            self._collections.setdefault(qualified, name)
        return Inspected(store, facts)

    def older(self, question: Older) -> Iterator[int]:
        """How many rows lie before the day; nothing where that cannot be counted in time."""
        from troth.core.ports import Want
        from troth.core.query import Before

        name = self._collections.get(question.table)
        if self._connector is None or name is None or self._source.remaining_seconds() <= 0:
            return
        connector, want = self._connector, Want(name, Before(question.clock, question.before))
        with suppress(TrothError, LookupError, TimeoutError):
            yield self._thread.ask(lambda: connector.count([want])[0].rows, self._seconds())

    def _seconds(self) -> float:
        return max(1.0, self._source.remaining_seconds())

    def close(self) -> None:
        """Give the connection back, unless the server has stopped answering."""
        if self._connector is not None:
            with suppress(TimeoutError, StoreError):
                self._thread.ask(self._connector.close, _CLOSING_SECONDS)


def drafted_store(draft: Draft, url: str) -> Store | None:
    """The store of the policy that ``troth discover`` would write; None where nothing can be drafted."""
    from troth.core.discover.draft import policy_yaml
    from troth.core.policy.loader import examine

    text = policy_yaml(draft, url_variable=_VARIABLE)
    read = examine(text.encode(), name="draft.yaml", read=_nothing, env={_VARIABLE: url}, folder=str(Path.cwd()))
    store = read.policy.stores.get(draft.store) if read.policy is not None else None
    return replace(store, statement_timeout=_STATEMENT_SECONDS) if store is not None else None


def _nothing(name: str) -> bytes:
    raise FileNotFoundError(name)


def write(found: Survey, target: Path | None, format: str, languages: Sequence[str], *, against_policy: bool) -> None:
    """The report, into a file or to standard output. Raises UsageError when the file cannot be written."""
    import json

    from troth.reports.survey_html import survey_page
    from troth.reports.survey_json import survey_json

    if format == "json":
        text = json.dumps(survey_json(found, languages[0]), ensure_ascii=False, indent=2) + "\n"
    else:
        text = "".join(survey_page(found, languages, against_policy=against_policy))
    data = text.encode("utf-8", "replace")
    try:
        if target is None:
            sys.stdout.buffer.write(data)
        else:
            target.write_bytes(data)
    except OSError as error:
        raise UsageError(
            f"cannot write {target}: {(error.strerror or 'error').lower()}", remedy="name another file with -o FILE"
        ) from None
