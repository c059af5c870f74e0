"""The collections of a draft as lines of YAML, each guess with its confidence and reasons behind it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from troth.core.discover import yaml_text as yaml
from troth.core.discover.draft_words import HEADS, REMARKS, confidence_text, reason_text, say
from troth.core.discover.keeping import STATE
from troth.core.discover.mapping_draft import Entry, Remark, Subject
from troth.core.discover.model import ClockGuess, Column, FieldGuess, LinkGuess, Reason
from troth.core.discover.refusing import refusal_of

_TECHNICAL = frozenset({"boolean", "date", "datetime", "time", "enum", "integer", "number"})
"""Families of columns that are not worth a remark when nothing personal is seen in them."""
_MOST_LISTED = 40
_LONGEST_COMMENT = 300


@dataclass(frozen=True)
class CollectionWriter:
    """Writes collections in one language. ``brief`` leaves out reasons and remarks, for very large drafts."""

    language: str
    states: frozenset[str]
    brief: bool = False

    def lines(self, entry: Entry) -> Iterator[str]:
        """The lines of one collection, without indentation of its own."""
        yield from self._remarks(entry)
        yield f"{yaml.key(entry.name)}:" + self._note(self._rows(entry))
        yield from (f"  {line}" for line in self._body(entry))

    def _body(self, entry: Entry) -> Iterator[str]:
        table = entry.table
        if table.name != entry.name:
            yield f"table: {yaml.value(table.name)}"
        if table.schema:
            yield f"schema: {yaml.value(table.schema)}"
        yield from self._subjects(entry.subjects)
        yield from self._links(entry)
        if entry.unidentified:
            yield "unidentified: true"
        yield f"for: {entry.purpose}"
        yield from self._row_fields(entry) if entry.rows else self._fields(entry)
        yield from self._events(entry)
        if entry.name in self.states and entry.state_column is not None:
            yield "states:" + self._note(say(HEADS, "state", self.language))
            yield f"  {STATE}: {{{yaml.key(entry.state_column)}: {{not: null}}}}"
        if entry.purpose == "orders" and entry.links and not self.brief and entry.events:
            yield f"# {say(HEADS, 'hold', self.language)}"

        if not self.brief:
            yield from self._refusals(entry)

    # --- parts --------------------------------------------------------------------------------------

    def _subjects(self, subjects: Sequence[Subject]) -> Iterator[str]:
        if subjects:
            yield "subject:"
        for subject in subjects:
            if subject.verified:
                yield f"  {yaml.key(subject.kind)}: {yaml.value(subject.column)}"
            else:
                note = self._note(say(HEADS, "unverified", self.language))
                yield f"  {yaml.key(subject.kind)}: {{column: {yaml.value(subject.column)}, verified: false}}{note}"

    def _refusals(self, entry: Entry) -> Iterator[str]:
        """How the software knows that somebody does not want something, for a person to decide."""
        found = [refusal for column in entry.table.columns if (refusal := refusal_of(column)) is not None]
        if entry.subjects and found:
            yield f"# {say(HEADS, 'refused', self.language)}"
            yield from (f"# refused: {{PURPOSE: {yaml.comment(refusal)}}}" for refusal in found)

    def _links(self, entry: Entry) -> Iterator[str]:
        if entry.links:
            yield "belongs_to:"
        for parent, link in entry.links:
            by = ", ".join(f"{yaml.key(ours)}: {yaml.value(theirs)}" for ours, theirs in link.columns)
            parts = [f"to: {yaml.value(parent)}", f"by: {{{by}}}"]
            if link.where is not None:
                parts.append(f"where: {{{yaml.key(link.where[0])}: {yaml.value(link.where[1])}}}")
            if link.text is not None:
                parts.append(f"text: {yaml.value(link.text)}")
            yield f"  - {{{', '.join(parts)}}}" + self._why(link.confidence, link.reasons)

    def _fields(self, entry: Entry) -> Iterator[str]:
        if entry.fields or entry.inner:
            yield "fields:"
        for guess in entry.fields:
            yield f"  {yaml.key(guess.column)}: {_meaning(guess)}" + self._why(guess.confidence, guess.reasons)
        for column, inner in entry.inner.items():
            yield f"  {yaml.key(column)}:"
            yield f"    {inner[0].inner_format}:"
            for guess in inner:
                yield f"      {yaml.key(guess.path or '')}: {_meaning(guess)}" + self._why(
                    guess.confidence, guess.reasons
                )

    def _row_fields(self, entry: Entry) -> Iterator[str]:
        rows = entry.rows
        if rows is None:
            return
        yield "rows:"
        yield f"  key: {yaml.value(rows.key)}"
        yield f"  value: {yaml.value(rows.value)}"
        yield "  fields:"
        for guess in rows.fields:
            yield f"    {yaml.key(guess.column)}: {_meaning(guess)}" + self._why(guess.confidence, guess.reasons)

    def _events(self, entry: Entry) -> Iterator[str]:
        if entry.events:
            yield "events:"
        for event, clock in entry.events.items():
            yield f"  {yaml.key(event)}: {_clock(clock)}" + self._why(clock.confidence, clock.reasons)

    # --- comments -----------------------------------------------------------------------------------

    def _rows(self, entry: Entry) -> str:
        table = entry.table
        if table.rows is None:
            return self._joined(self._reasons(entry.guess.reasons))
        count = f"{table.rows:,}" if self.language == "en" else f"{table.rows:,}".replace(",", "\u202f")
        told = say(HEADS, "rows_exact" if table.rows_exact else "rows_about", self.language, {"count": count})
        return self._joined([told, *self._reasons(entry.guess.reasons)])

    def _note(self, text: str) -> str:
        cleaned = yaml.comment(text)[:_LONGEST_COMMENT]
        return f"  # {cleaned}" if cleaned and not self.brief else ""

    def _why(self, confidence: float, reasons: Iterable[Reason]) -> str:
        return self._note(self._told(confidence, reasons))

    def _told(self, confidence: float, reasons: Iterable[Reason]) -> str:
        told = confidence_text(confidence, self.language)
        why = self._joined(self._reasons(reasons))
        colon = " : " if self.language.startswith("fr") else ": "
        return f"{told}{colon}{why}" if why else told

    def _joined(self, parts: Iterable[str]) -> str:
        return (" ; " if self.language.startswith("fr") else "; ").join(parts)

    def _reasons(self, reasons: Iterable[Reason]) -> list[str]:
        return [reason_text(reason, self.language) for reason in reasons]

    def _remarks(self, entry: Entry) -> Iterator[str]:
        if self.brief:
            return
        for remark in entry.remarks[:_MOST_LISTED]:
            yield f"# {yaml.comment(self._remark(remark))[:_LONGEST_COMMENT]}"
        columns = _unjudged(entry)
        if columns:
            listed = ", ".join(columns[:_MOST_LISTED]) + (", …" if len(columns) > _MOST_LISTED else "")
            yield f"# {yaml.comment(say(HEADS, 'unmapped_columns', self.language) + ' ' + listed)}"

    def _remark(self, remark: Remark) -> str:
        params = dict(remark.params)
        about = remark.about
        if about is None:
            return say(REMARKS, remark.code, self.language, params)
        params |= _about(about)
        said = say(REMARKS, remark.code, self.language, params)
        return self._joined([said, self._told(about.confidence, about.reasons)])


def _about(guess: FieldGuess | LinkGuess | ClockGuess) -> dict[str, str]:
    if isinstance(guess, FieldGuess):
        return {"place": f"{guess.column}.{guess.path}" if guess.path else guess.column, "category": guess.category}
    if isinstance(guess, LinkGuess):
        return {"place": ", ".join(ours for ours, _ in guess.columns), "parent": guess.parent}
    return {"place": guess.column, "event": guess.event}


def _meaning(guess: FieldGuess) -> str:
    parts = [f"is: {guess.category}"]
    if guess.given != "given":
        parts.append(f"given: {guess.given}")
    if guess.secret:
        parts.append("export: false")
    return guess.category if len(parts) == 1 else f"{{{', '.join(parts)}}}"


def _clock(clock: ClockGuess) -> str:
    if clock.kind == "datetime":
        return yaml.value(clock.column)
    form = f", format: {yaml.value(clock.format)}" if clock.format is not None else ""
    return f"{{of: {yaml.value(clock.column)}, is: {clock.kind}{form}}}"


def _unjudged(entry: Entry) -> list[str]:
    """Columns with text or a structure of which nothing was said."""
    guess = entry.guess
    told = {f.column for f in guess.fields} | {c.column for c in guess.clocks}
    told |= {ours for link in guess.links for ours, _ in link.columns} | set(entry.table.key)
    told |= {c for key in entry.table.foreign_keys for c in key.columns}
    if guess.key_value is not None:
        told |= {guess.key_value.key, guess.key_value.value}
    return [c.name for c in entry.table.columns if c.name not in told and _worth_a_word(c)]


def _worth_a_word(column: Column) -> bool:
    return column.family not in _TECHNICAL
