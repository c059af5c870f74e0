"""A draft of `troth discover` held against the labels: what was found, what was missed, what was a false alarm."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from labelled import Labelled, LabelledColumn, LabelledTable, Reference
from troth.core.discover.model import Draft, FieldGuess, LinkGuess, TableGuess
from troth.core.vocabulary import falls_under, personal_data_terms


@dataclass
class Tally:
    """How often a thing that is so was found, was missed, and was claimed without being so."""

    found: int = 0
    missed: int = 0
    false: int = 0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.found + other.found, self.missed + other.missed, self.false + other.false)


@dataclass
class Score:
    """One database. ``exact`` and ``branch`` count found columns whose category is right, or nearly."""

    columns: Tally = field(default_factory=Tally)
    links: Tally = field(default_factory=Tally)
    keys: Tally = field(default_factory=Tally)
    exact: int = 0
    branch: int = 0
    clocks: int = 0
    clocks_there: int = 0
    notes: list[str] = field(default_factory=list)
    """One line for each miss and false alarm, for `--show`."""

    def __add__(self, other: Score) -> Score:
        return Score(
            self.columns + other.columns, self.links + other.links, self.keys + other.keys, self.exact + other.exact,
            self.branch + other.branch, self.clocks + other.clocks, self.clocks_there + other.clocks_there,
        )  # fmt: skip


def score(schema: Labelled, draft: Draft) -> Score:
    """What the draft is worth."""
    made = Score()
    for table in schema.tables:
        guess = draft.guess(table.name)
        _columns(schema, table, guess, made)
        _links(schema, table, guess, made)
        _clocks(table, guess, made)
    return made


# --- columns ----------------------------------------------------------------------------------------


def carries_a_key(schema: Labelled, column: LabelledColumn) -> bool:
    """Whether it is a foreign key that holds a personal value of its parent, such as a login name."""
    return any(schema.by_name[to.parent].column(to.column).personal for to in column.references)


def is_their_key(schema: Labelled, table: LabelledTable, column: LabelledColumn) -> bool:
    """Whether it is the key of people's own rows, or of rows one to one with them: it finds the person, and says
    nothing."""
    keys = [(t.name, t.key[0]) for t in schema.tables if t.people and len(t.key) == 1]
    return any(schema.same((table.name, column.name), key) for key in keys)


def guessed_fields(guess: TableGuess | None) -> dict[str, list[FieldGuess]]:
    """Column to what is guessed of it; the value column of key/value rows stands for its keys."""
    found: dict[str, list[FieldGuess]] = {}
    if guess is None:
        return found
    for one in guess.fields:
        found.setdefault(one.column, []).append(one)
    if guess.key_value and guess.key_value.fields:
        found.setdefault(guess.key_value.value, []).extend(guess.key_value.fields)
    return found


def _columns(schema: Labelled, table: LabelledTable, guess: TableGuess | None, made: Score) -> None:
    guesses = guessed_fields(guess)
    for column in table.columns:
        claimed = guesses.get(column.name, [])
        place = f"{table.name}.{column.name}"
        silent = carries_a_key(schema, column) or is_their_key(schema, table, column)
        if column.either or (silent and not column.personal):
            continue
        if column.personal and claimed:
            made.columns.found += 1
            names = [one.category for one in claimed]
            _category(place, column.personal, names, bool(table.keyed and column.name == table.keyed.into), made)
        elif column.personal:
            made.columns.missed += 1
            made.notes.append(f"missed  {place}  {column.personal}  ({column.type} {column.content})")
        elif claimed:
            made.columns.false += 1
            made.notes.append(f"false   {place}  {claimed[0].category}  ({column.type} {column.content})")
    _keys(table, guess, made)


def _category(place: str, wanted: str, names: list[str], keyed: bool, made: Score) -> None:
    exact = wanted in names
    near = exact or keyed or any(near_to(name, wanted) for name in names)
    made.exact += exact
    made.branch += near
    if not near:
        made.notes.append(f"categ.  {place}  {wanted}, said to be {', '.join(sorted(set(names)))}")


def near_to(one: str, other: str) -> bool:
    """Whether two categories lie on one branch: one under the other, or both directly under a third."""
    terms = personal_data_terms()
    if falls_under(one, other) or falls_under(other, one):
        return True
    return bool(set(terms[one].broader) & set(terms[other].broader)) if one in terms and other in terms else False


def _keys(table: LabelledTable, guess: TableGuess | None, made: Score) -> None:
    """Of key/value rows: which keys are personal."""
    if table.keyed is None:
        return
    said = {one.column for one in guess.key_value.fields} if guess and guess.key_value else set()
    said |= {str(one.path) for one in guess.fields if one.path} if guess else set()
    for key, value in table.keyed.keys.items():
        if value.either:
            continue
        if value.personal:
            made.keys.found += key in said
            made.keys.missed += key not in said
        else:
            made.keys.false += key in said
        if bool(value.personal) != (key in said):
            made.notes.append(f"key     {table.name} [{key}]  {value.personal or 'is not personal'}")


# --- links ------------------------------------------------------------------------------------------


def truths(table: LabelledTable) -> Iterator[tuple[str, Reference]]:
    """The columns of a table that refer somewhere, with where."""
    return ((column.name, to) for column in table.columns for to in column.references)


def _links(schema: Labelled, table: LabelledTable, guess: TableGuess | None, made: Score) -> None:
    claims = list(_pairs(guess.links if guess else ()))
    for column, to in truths(table):
        if not to.belongs:
            continue
        if any(_agree(schema, table, column, to, claim) for claim in claims):
            made.links.found += 1
        else:
            made.links.missed += 1
            made.notes.append(f"nolink  {table.name}.{column} -> {to.parent}.{to.column} {to.when or ''}")
    for claim in claims:
        if not _true(schema, table, claim):
            link, mine, theirs = claim
            made.links.false += 1
            made.notes.append(f"badlink {table.name}.{mine} -> {link.parent}.{theirs} {link.where or ''}")


Claim = tuple[LinkGuess, str, str]


def _pairs(links: Iterable[LinkGuess]) -> Iterator[Claim]:
    return ((link, mine, theirs) for link in links for mine, theirs in link.columns)


def _agree(schema: Labelled, table: LabelledTable, column: str, to: Reference, claim: Claim) -> bool:
    link, mine, theirs = claim
    if to.when is not None and link.where != to.when:
        return False
    if mine == column and schema.same((link.parent, theirs), (to.parent, to.column)):
        return True
    here, there = (table.name, mine), (link.parent, theirs)
    return to.one_to_one and here != there and schema.same(here, there) and mine == column


_KNOWS = frozenset({"EmailAddress", "Username"})
"""What two rows may both hold because they are about one person."""


def _true(schema: Labelled, table: LabelledTable, claim: Claim) -> bool:
    """Whether there is such a reference, of whatever kind. One to one, it may be read in either direction; so may
    one that says nothing about whose the row is. Two columns that hold the same kind of identifier agree too."""
    link, mine, theirs = claim
    here, there = (table.name, mine), (link.parent, theirs)
    if here != there and schema.same(here, there):
        return True
    parent = schema.by_name.get(link.parent)
    if parent is not None:
        known = {table.column(mine).personal, parent.column(theirs).personal}
        if len(known) == 1 and known <= _KNOWS:
            return True
        back = [to for column, to in truths(parent) if column == theirs and not to.belongs]
        if any(schema.same((to.parent, to.column), here) for to in back):
            return True
    return any(_agree(schema, table, column, to, claim) for column, to in truths(table))


# --- clocks -----------------------------------------------------------------------------------------


def _clocks(table: LabelledTable, guess: TableGuess | None, made: Score) -> None:
    there = {column.name for column in table.columns if column.clock}
    said = {clock.column for clock in guess.clocks} if guess else set()
    made.clocks_there += len(there)
    made.clocks += len(there & said)
