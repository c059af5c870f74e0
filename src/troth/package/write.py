"""Puts a package together: reads each collection once and hands its rows to every writer.

    plan ─► read ─► values ─► data.json
                         ├──► STORE.COLLECTION.csv
                         ├──► files/…
                         └──► index.html (access) · metadata.json (portability)

Memory holds one row, and the first rows of one collection for the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from troth.core.errors import StoreError, StoreUnreachable
from troth.core.policy.model import Policy
from troth.core.rights.access import AccessPlan, LeftOut, Reading
from troth.core.rights.information import DisclosureInformation, Information, inform
from troth.package.csv_writer import CsvWriter, cell
from troth.package.describe import CSV_DIALECT, describe_columns, describe_left_out, information_json
from troth.package.files import Names, ValueFiles, create, finish
from troth.package.folder_or_zip import Destination
from troth.package.html_writer import HtmlWriter, Summary
from troth.package.json_writer import JsonWriter
from troth.package.values import Plain, dumps, plain

FORMATS = {"access": "troth-access/1", "portability": "troth-portable/1"}

Rows = Iterator[Mapping[str, object]]


@dataclass(frozen=True)
class Order:
    """What is to be written. ``read`` gives the rows of a reading, streamed; it may raise StoreError at any row.

    ``asked`` are the identifiers that the person was found by, as given.
    """

    policy: Policy
    plan: AccessPlan
    read: Callable[[Reading], Rows]
    asked: Sequence[tuple[str, str]]
    generated_at: datetime
    language: str = ""
    """The person's, in which the page opens; empty: that of the policy."""
    disclosures: tuple[DisclosureInformation, ...] = ()
    """What was given to whom, as far as the person may know."""


@dataclass
class Written:
    """What is in a package: rows by (store, collection), what is not, how many values became files."""

    counts: dict[tuple[str, str], int] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    files: int = 0

    @property
    def complete(self) -> bool:
        """Whether nobody has to do anything before the answer is complete."""
        return not any(entry.asks_for_action for entry in self.left_out)


def write_package(order: Order, destination: Destination, before: Callable[[Written], None]) -> Written:
    """Write the package and put it in place. ``before`` is called when it is complete and durable, just before.

    Raises UsageError when the destination is taken, TrothError when the disk does not take it; whatever
    ``before`` raises leaves no package behind.
    """
    with destination.workspace() as work:
        written = _Writing(order, work).run()
        sealed = destination.seal(work, order.generated_at)
        before(written)
        destination.publish(sealed)
        return written


class _Writing:
    """One package under way in a private folder."""

    def __init__(self, order: Order, work: Path) -> None:
        self.order = order
        self.work = work
        self.written = Written(left_out=list(order.plan.left_out))
        self.files = ValueFiles(work)
        self.names = Names()
        self.csv_names: dict[tuple[str, str], str] = {}
        self.json = JsonWriter(create(work / "data.json"), self._head())
        self.page = HtmlWriter(order.policy, work.parent, order.language) if order.plan.right == "access" else None

    def run(self) -> Written:
        """Write everything."""
        try:
            self._stores()
            self._tail()
        finally:
            self.json.close()
            if self.page is not None:
                self.page.close()
        self.written.files = self.files.count
        return self.written

    def _head(self) -> dict[str, Plain]:
        policy = self.order.policy
        asked: dict[str, list[Plain]] = {}
        for kind, value in self.order.asked:
            asked.setdefault(kind, []).append(value)
        return {
            "format": FORMATS[self.order.plan.right],
            "subject": {kind: list(values) for kind, values in asked.items()},
            "generated_at": self.order.generated_at.isoformat(),
            "policy": {"version": policy.version, "digest": policy.digest, "publisher": policy.publisher},
        }

    def _stores(self) -> None:
        broken: set[str] = set()
        for reading in self.order.plan.readings:
            store, name = reading.place
            if store in broken:
                self.written.left_out.append(LeftOut(store, name, "unreachable"))
                continue
            failure = self._collection(reading)
            if failure is not None:
                self.written.left_out.append(LeftOut(store, name, "interrupted"))
            if isinstance(failure, StoreUnreachable):
                broken.add(store)

    def _collection(self, reading: Reading) -> StoreError | None:
        """Write one collection; what kept it from being read to its end, if anything."""
        stem = self.names.take(*reading.place)
        self.csv_names[reading.place] = f"{stem}.csv"
        self.written.counts[reading.place] = 0
        self.files.enter(stem)
        self.json.collection(*reading.place)
        if self.page is not None:
            self.page.begin(reading, f"{stem}.csv")
        with create(self.work / f"{stem}.csv") as file:
            table = CsvWriter(file, [column.name for column in reading.columns])
            failure = self._rows(reading, table)
            finish(file)
        if self.page is not None:
            self.page.end(self.written.counts[reading.place], complete=failure is None)
        return failure

    def _rows(self, reading: Reading, table: CsvWriter) -> StoreError | None:
        place, names = reading.place, [column.name for column in reading.columns]
        count = 0
        try:
            for row in self.order.read(reading):
                raws = [row[name] for name in names]
                values = self._values(reading, raws)
                self.json.row(dict(zip(names, values, strict=True)))
                table.line(map(cell, raws, values))
                if self.page is not None:
                    self.page.row(raws, values)
                count += 1
        except StoreError as failure:
            return failure
        finally:
            self.written.counts[place] = count
        return None

    def _values(self, reading: Reading, raws: Iterable[object]) -> list[Plain]:
        values: list[Plain] = []
        for column, raw in zip(reading.columns, raws, strict=True):

            def keep(data: bytes, suffix: str, name: str = column.name) -> dict[str, Plain]:
                return self.files.keep(data, suffix, name)

            values.append(plain(raw, column.family, keep))
        return values

    def _tail(self) -> None:
        """What is only known when all rows were read."""
        order = self.order
        columns = describe_columns(order.policy, order.plan.readings, self.csv_names, self.written.counts)
        left_out = describe_left_out(self.written.left_out)
        if self.page is None:
            self.json.end({"left_out": left_out})
            with create(self.work / "metadata.json") as file:
                head = {**self._head(), "csv": CSV_DIALECT, "collections": columns, "left_out": left_out}
                file.write(dumps(head).encode("utf-8") + b"\n")
                finish(file)
            return
        found = [r for r in order.plan.readings if self.written.counts.get(r.place)]
        information = inform(order.policy, found, order.generated_at.date(), order.disclosures)
        self.json.end({"information": information_json(information, columns, left_out)})
        self.page.finish(self.work / "index.html", self._summary(information))

    def _summary(self, information: Information) -> Summary:
        counts = {place: (rows, self.csv_names[place]) for place, rows in self.written.counts.items()}
        order = self.order
        return Summary(information, self.written.left_out, counts, order.asked, order.generated_at)
