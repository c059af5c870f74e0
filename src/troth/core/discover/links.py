"""Which rows belong to which: foreign keys that are declared, and those that only the names and values tell of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from troth.core.discover.inclusion import (
    KEPT,
    Asking,
    Candidate,
    Profiles,
    as_long,
    falls_short,
    named_once,
    reaches,
    telling,
    wraps,
)
from troth.core.discover.link_composite import prefixed_keys
from troth.core.discover.link_index import (
    COMPARABLE,
    Named,
    TableIndex,
    alike,
    is_real,
    is_thing,
    shared_start,
    unique_columns,
)
from troth.core.discover.link_names import is_about, names_a_person, singulars
from troth.core.discover.link_words import GENERIC_KEYS, ORGANISATION_WORDS, THING_WORDS, words_in
from troth.core.discover.model import Catalogue, Column, FieldGuess, LinkGuess, Profile, Reason, Table
from troth.core.discover.polymorphic import polymorphic_links, told_apart
from troth.core.ports import ForeignKeyFacts

_MOST_WRAPPED = 2
"""Tables of people, and identifiers of each, that are looked for within longer texts."""
_MOST_PARENTS = 6
"""Tables of people whose identifiers are looked for elsewhere."""

_MOST_REACHED = 3
"""Tables of people whose numbers are compared with unknown ones."""
_DESPITE_KIND = 0.9
"""How clear a name must be where another column tells which table is meant."""
_NAMED = 0.65
"""How clear a name must be to be called after a table."""
_CLEARLY = 0.8
_WHOLE = 0.9
"""Of tables with one key, the first has nearly as many rows as any."""
_VOTES = 2
_AGREED = 0.75
_VOTED = 0.75
"""How far a name is believed that means the same in so many other tables, and in this share of them."""
_NO_PEOPLE = (
    ORGANISATION_WORDS
    | THING_WORDS
    | words_in(
        "external remote foreign transaction session batch thread sort order position level version left right lft rgt "
        "cur current revision class "
        "entry line row ticket tracking provider message payment event job process request parent"
    )
)
"""Words for what is numbered and is nobody."""

_MANY = 5
"""With so few rows, as many elsewhere say nothing."""

Fields = Mapping[str, Sequence[FieldGuess]]
"""The fields that seem personal, by qualified table name."""
Links = dict[str, list[LinkGuess]]


class LinkFinder:
    """Finds the links of one catalogue. ``people`` tells how much each table is about persons (0 to 1)."""

    def __init__(
        self, catalogue: Catalogue, profiles: Profiles, fields: Fields, people: Mapping[str, float], asking: Asking
    ) -> None:
        self.catalogue = catalogue
        self.profiles = profiles
        self.fields = fields
        self.people = people
        self.asking = asking
        self.index = TableIndex(catalogue, people)
        self._tables = {t.qualified: t for t in catalogue.tables}
        self._bare = {t.name: t for t in reversed(catalogue.tables)}
        self.found: Links = defaultdict(list)
        self._taken: dict[str, set[str]] = defaultdict(set)

    def all(self) -> Links:
        """Every link that is likely enough, by qualified name of the child, likeliest first."""
        real = [t for t in self.catalogue.tables if is_real(t)]
        for table in real:
            self._declared(table)
        for table in real:
            for link, columns in polymorphic_links(table, self.index, self.asking):
                self._take(table, link, columns)
        self._ask(prefixed_keys(self._in_time(real), real, self.index, self._taken))
        self._ask(c for c in self._composite(real) if not self._names_others(c))
        self._ask(self._named(real))
        self._ask(self._voted(real))
        self._ask(self._reaching(real))
        self._ask(self._composite(real))
        self._ask(self._shared_keys(real))
        self._ask(self._coded(real))
        for table in real:
            self._templates(table)
        self._ask(self._by_values(real))
        return {name: sorted(links, key=lambda g: -g.confidence) for name, links in self.found.items()}

    def _take(self, child: Table, link: LinkGuess, columns: Iterable[str]) -> None:
        if len(link.columns) > 1 and not link.declared:
            for part in self._singly(child, self._tables[link.parent]):
                self.found[child.qualified].remove(part)
        self.found[child.qualified].append(link)
        self._taken[child.qualified] |= set(columns)

    # --- declared -----------------------------------------------------------------------------------

    def target_of(self, key: ForeignKeyFacts) -> Table | None:
        """The table a declared key refers to, if it is in the catalogue."""
        return self._tables.get(key.target) or self._bare.get(key.target.rsplit(".", 1)[-1])

    def _declared(self, table: Table) -> None:
        for key in table.foreign_keys:
            parent = self.target_of(key)
            self._taken[table.qualified] |= set(key.columns)
            if parent is None or parent.qualified == table.qualified or not key.columns:
                continue
            theirs = key.target_columns or parent.key
            if len(theirs) != len(key.columns):
                continue
            pairs = tuple(zip(key.columns, theirs, strict=True))
            reasons = (Reason("link_declared", {"name": key.name}),)
            self.found[table.qualified].append(LinkGuess(parent.qualified, pairs, 0.99, reasons, declared=True))

    # --- put to the source --------------------------------------------------------------------------

    def _ask(self, candidates: Iterable[Candidate]) -> None:
        """Ask about candidates place by place: those that lead to people first, then the clearest."""
        places: dict[object, list[Candidate]] = defaultdict(list)
        for candidate in candidates:
            places[candidate.place].append(candidate)

        def interest(group: list[Candidate]) -> float:
            return max(c.evidence + self.people.get(c.parent.qualified, 0.0) for c in group)

        for group in sorted(places.values(), key=interest, reverse=True):
            for link in self.asking.best(group):
                self._take(group[0].child, link, (ours for ours, _ in link.columns))

    # --- by name ------------------------------------------------------------------------------------

    def _named(self, tables: Sequence[Table]) -> Iterator[Candidate]:
        for child in self._in_time(tables):
            kinded = told_apart(child, self.index.reader.typed)
            for column in child.columns:
                if self._may_refer(child, column):
                    for named in self.index.named_by(child, column):
                        if column.name not in kinded or named.evidence >= _DESPITE_KIND:
                            yield from self._candidate(child, column, named)

    def _in_time(self, tables: Sequence[Table]) -> Iterator[Table]:
        """The tables, until the time is used up: in a schema of thousands the names alone take long."""
        for place, table in enumerate(tables):
            if self.asking.late:
                self.asking.left_out(len(tables) - place, len(tables))
                return
            yield table

    def _candidate(self, child: Table, column: Column, named: Named) -> Iterator[Candidate]:
        upside_down = child.key == (column.name,) and named.column != column.name and self._is_own_key(child, column)
        same = named.table.qualified == child.qualified
        # A second number of a row is no link to the row itself.
        numbered = same and (child.key != (named.column,) or column.name in unique_columns(child))
        if upside_down or numbered:
            return
        if named.evidence < _CLEARLY and self._is_small(child, column, named):
            return
        evidence = named.evidence
        if named.reason.code == "link_role":
            ours, theirs = self._profile(child, column.name), self._profile(named.table, named.column)
            evidence += 0.1 * reaches(ours, theirs) - 0.05 * falls_short(ours, theirs)
        yield Candidate(child, named.table, ((column.name, named.column),), evidence, (named.reason,))

    def _is_small(self, child: Table, column: Column, named: Named) -> bool:
        """Whether all of many numbers are low: kinds and places are, and stand among the first numbers of anything.
        Of people, a few may have done everything."""
        if named.table in self.index.people:
            return False
        ours, theirs = self._profile(child, column.name), self._profile(named.table, named.column)
        return falls_short(ours, theirs)

    def _may_refer(self, child: Table, column: Column) -> bool:
        if column.family not in COMPARABLE or column.name in self._taken[child.qualified]:
            return False
        return not (child.key == (column.name,) and self._is_own_key(child, column))

    def _is_own_key(self, child: Table, column: Column) -> bool:
        """Whether the key is a number of the table itself, and not its parent's taken over."""
        if column.name.lower() in GENERIC_KEYS:
            return True
        words, had_id = self.index.read(child, column.name)
        if had_id and is_thing(words) and any(True for _ in self.index.above(child)):
            return False
        named = [n for n in self.index.named_by_any(column) if n.evidence >= 0.9]
        if named:
            return any(n.table.qualified == child.qualified for n in named)
        mine = self.index.words(child)
        if not words or set(words) & {form for word in mine for form in singulars(word)}:
            return True
        return not any(n.evidence >= _CLEARLY for n in self.index.named_by(child, column))

    # --- by the same name elsewhere ------------------------------------------------------------------

    def _voted(self, tables: Sequence[Table]) -> Iterator[Candidate]:
        """A name that leads to the same row in most other tables where it was understood leads there here as well."""
        votes: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
        for name, links in self.found.items():
            for link in links:
                if len(link.columns) == 1 and link.where is None and link.confidence >= KEPT:
                    (ours, theirs), *_ = link.columns
                    votes[ours.lower()].append((name, link.parent, theirs))
        for child in self._in_time(tables):
            for column in child.columns:
                cast = votes.get(column.name.lower(), ())
                if len(cast) >= _VOTES and self._may_refer(child, column):
                    yield from self._elected(child, column, cast)

    def _elected(self, child: Table, column: Column, cast: Sequence[tuple[str, str, str]]) -> Iterator[Candidate]:
        """Who names a row of its own kin may mean something that is nobody else's."""
        tally = Counter(
            (parent, theirs)
            for voter, parent, theirs in cast
            if self._kin(child.qualified, parent) or not self._kin(voter, parent)
        )
        (name, theirs), count = tally.most_common(1)[0] if tally else (("", ""), 0)
        if count < _VOTES or count < _AGREED * tally.total() or name == child.qualified:
            return
        target = self._tables[name].column(theirs)
        if target is not None and alike(column, target):
            reason = Reason("link_as_elsewhere", {"column": column.name, "table": name, "count": str(count)})
            yield Candidate(child, self._tables[name], ((column.name, theirs),), _VOTED, (reason,))

    def _kin(self, one: str, other: str) -> bool:
        """Whether the names of two tables begin alike."""
        words = (self.index.words(self._tables[name]) for name in (one, other))
        return shared_start(*words) > 0

    # --- by a number of somebody ---------------------------------------------------------------------

    def _reaching(self, tables: Sequence[Table]) -> Iterator[Candidate]:
        """``reportee_id``: the number of nobody knows whom, whose values reach as far as the people's numbers do."""
        parents = self.index.people[:_MOST_REACHED]
        for child in self._in_time(tables):
            for column in child.columns:
                if self._may_refer(child, column) and self._numbers_something(child, column):
                    for parent in parents:
                        yield from self._as_far(child, column, parent)

    def _numbers_something(self, child: Table, column: Column) -> bool:
        """Whether it says "the number of" what no table is called after, and is none of the row's own."""
        words, had_id = self.index.read(child, column.name)
        named = any(n.evidence >= _NAMED for n in self.index.named_by(child, column))
        unknown = had_id and not named and not is_about(words, _NO_PEOPLE)
        own = column.name in unique_columns(child) or column.name in child.key[:1]
        return unknown and column.family == "integer" and not (own and len(child.key) == 1)

    def _as_far(self, child: Table, column: Column, parent: Table) -> Iterator[Candidate]:
        theirs = parent.column(parent.key[0]) if len(parent.key) == 1 else None
        if theirs is None or theirs.family != "integer" or parent.qualified == child.qualified:
            return
        if reaches(self._profile(child, column.name), self._profile(parent, theirs.name)):
            reason = Reason("link_values", {"column": theirs.name, "table": parent.qualified})
            yield Candidate(child, parent, ((column.name, theirs.name),), 0.45, (reason,), alone=True)

    def _coded(self, tables: Sequence[Table]) -> Iterator[Candidate]:
        """``erp_code``: a code that is written as the texts by which some rows of people are numbered."""
        parents = [
            (parent, theirs)
            for parent in tables
            if parent in self.index.people or self._leads_to_people(parent.qualified, set())
            for theirs in self._coding(parent)
        ]
        for child in self._in_time(tables) if parents else ():
            for column in child.columns:
                if column.family == "text" and self._may_refer(child, column) and self._is_code(child, column):
                    yield from self._written_alike(child, column, parents)

    def _coding(self, parent: Table) -> list[Column]:
        found = (parent.column(name) for name in unique_columns(parent))
        return [c for c in found if c is not None and c.family == "text"]

    def _is_code(self, child: Table, column: Column) -> bool:
        words, had_id = self.index.read(child, column.name)
        known = had_id or (words and words[0] in self.index.reader.short)
        return bool(known) and column.name not in child.key[:1] and named_once(self._profile(child, column.name))

    def _written_alike(
        self, child: Table, column: Column, parents: Sequence[tuple[Table, Column]]
    ) -> Iterator[Candidate]:
        ours, found = self._profile(child, column.name), 0
        for parent, theirs in parents:
            if parent.qualified != child.qualified and as_long(ours, self._profile(parent, theirs.name)):
                reason = Reason("link_values", {"column": theirs.name, "table": parent.qualified})
                yield Candidate(child, parent, ((column.name, theirs.name),), 0.45, (reason,), alone=True)
                found += 1
                if found == _MOST_REACHED:
                    return

    # --- several columns ----------------------------------------------------------------------------

    def _composite(self, tables: Sequence[Table]) -> Iterator[Candidate]:
        by_first: dict[str, list[Table]] = defaultdict(list)
        for table in tables:
            if len(table.key) > 1:
                by_first[table.key[0]].append(table)
        for child in tables:
            names = {c.name: c for c in child.columns}
            for first in names.keys() & by_first.keys():
                for parent in by_first[first]:
                    if parent.qualified != child.qualified and self._has_key_of(names, parent, child):
                        pairs = tuple((k, k) for k in parent.key)
                        reason = Reason("link_same_key", {"table": parent.qualified, "columns": ", ".join(parent.key)})
                        yield Candidate(child, parent, pairs, 0.6, (reason,))

    def _names_others(self, candidate: Candidate) -> bool:
        """Whether a column of a common key is called after a table of its own: then the key pairs two of these."""
        clear = (
            named
            for column in candidate.child.columns
            if column.name in candidate.parent.key
            for named in self.index.named_by(candidate.child, column)
            if named.evidence >= _CLEARLY and named.table.qualified != candidate.parent.qualified
        )
        return any(len(named.table.key) == 1 for named in clear)

    def _has_key_of(self, names: Mapping[str, Column], parent: Table, child: Table) -> bool:
        for key in parent.key:
            theirs, ours = parent.column(key), names.get(key)
            if theirs is None or ours is None or not alike(ours, theirs):
                return False
        # Two lists that pair the same two things are not each other's.
        single = {ours for link in self._singly(child, parent) for ours, _ in link.columns}
        taken = (self._taken[child.qualified] - single) | self._taken[parent.qualified]
        larger = len(child.key) <= len(parent.key) and set(child.key) <= set(parent.key)
        return not taken & set(parent.key) and not larger

    def _singly(self, child: Table, parent: Table) -> list[LinkGuess]:
        """The links by which a part of the parent's key was taken for all of it."""
        return [
            link
            for link in self.found[child.qualified]
            if link.parent == parent.qualified and len(link.columns) == 1 and link.columns[0][1] in parent.key
        ]

    # --- one to one ---------------------------------------------------------------------------------

    def _shared_keys(self, tables: Iterable[Table]) -> Iterator[Candidate]:
        """Tables that split one row between them have one key: each belongs to the one that is most about people,
        or whose name is the plainest."""
        for child in tables:
            if len(child.key) != 1 or child.key[0] in self._taken[child.qualified]:
                continue
            alike_keyed = self.index.keyed_like(child) if self.index.keyed_like(child) else self._extended(child)
            root = max(alike_keyed, key=lambda one: self._plainness(one, alike_keyed), default=child)
            ours, theirs = child.column(child.key[0]), root.column(root.key[0]) if root.key else None
            if root is child or ours is None or theirs is None or not alike(ours, theirs):
                continue
            near = shared_start(self.index.words(child), self.index.words(root)) > 0
            if near or root in self.index.people:
                reason = Reason("link_same_key", {"table": root.qualified, "columns": theirs.name})
                pair = ((ours.name, theirs.name),)
                yield Candidate(child, root, pair, 0.75 if near else 0.6, (reason,))

    def _plainness(self, table: Table, alike_keyed: Sequence[Table]) -> tuple[bool, bool, bool, float, int, int]:
        words = self.index.words(table)
        most = max(one.rows or 0 for one in alike_keyed)
        whole = (table.rows or 0) >= _WHOLE * most
        begins = any(self.index.words(one)[: len(words)] == words for one in alike_keyed if one is not table)
        score = self.people.get(table.qualified, 0.0)
        return table in self.index.people, whole, begins, score, -len(words), -len(table.name)

    def _extended(self, child: Table) -> list[Table]:
        """Tables called as the beginning of this one, with as many rows: ``user`` for ``user_details``."""
        words, found = self.index.words(child), []
        led = {link.parent for link in self.found.get(child.qualified, ())}
        for stop in range(1, len(words)):
            parent = self.index.called("_".join(words[:stop]))
            same = parent is not None and parent.key == child.key and parent.qualified not in led
            if parent is not None and same and as_many(child, parent):
                found.append(parent)
        return found

    # --- by values alone ----------------------------------------------------------------------------

    def _by_values(self, tables: Iterable[Table]) -> Iterator[Candidate]:
        parents = self.index.people[:_MOST_PARENTS]
        ranks = {p.qualified: place for place, p in enumerate(parents)}
        for child in tables:
            if child.qualified in ranks or self._leads_to_people(child.qualified, set()):
                continue
            for column in child.columns:
                if self._may_refer(child, column):
                    for parent in parents:
                        yield from self._same_values(child, column, parent)

    # --- a key within a text ------------------------------------------------------------------------

    def _templates(self, child: Table) -> None:
        """``people/KEY``: a fixed text before the key of a person. Asked where nothing else leads to people."""
        if not child.readable or self._leads_to_people(child.qualified, set()):
            return
        for column in child.columns:
            profile = self._profile(child, column.name)
            if column.family != "text" or not self._may_refer(child, column) or not wraps(profile):
                continue
            for parent in self.index.people[:_MOST_WRAPPED]:
                for theirs in self._identifying(parent)[:_MOST_WRAPPED]:
                    link = self.asking.template(child, column, parent, theirs)
                    if link is not None and parent.qualified != child.qualified:
                        self._take(child, link, (column.name,))
                        return

    def leading(self) -> list[str]:
        """The tables of which a row leads to people, and that are not people themselves."""
        return [
            name for name in self._tables if self.people.get(name, 0.0) < KEPT and self._leads_to_people(name, set())
        ]

    def _leads_to_people(self, name: str, seen: set[str]) -> bool:
        seen.add(name)
        for link in self.found.get(name, ()):
            if self.people.get(link.parent, 0.0) >= 0.5 and link.parent != name:
                return True
            if link.parent not in seen and self._leads_to_people(link.parent, seen):
                return True
        return False

    def _same_values(self, child: Table, column: Column, parent: Table) -> Iterator[Candidate]:
        for theirs in self._identifying(parent):
            if not alike(column, theirs):
                continue
            evidence = self._likeness(child, column, parent, theirs)
            if evidence:
                reason = Reason("link_values", {"column": theirs.name, "table": parent.qualified})
                yield Candidate(child, parent, ((column.name, theirs.name),), evidence, (reason,), alone=True)

    def _identifying(self, parent: Table) -> list[Column]:
        """Columns by which a person is known: identifiers, and whatever is unique."""
        known = [f.column for f in self.fields.get(parent.qualified, ()) if f.identifier and f.path is None]
        names = dict.fromkeys([*known, *unique_columns(parent)])
        return [c for c in (parent.column(name) for name in names) if c is not None]

    def _likeness(self, child: Table, column: Column, parent: Table, theirs: Column) -> float:
        """What speaks for two columns holding the same, before their values are compared."""
        ours, other = self._profile(child, column.name), self._profile(parent, theirs.name)
        kinds = self._category(child, column.name), self._category(parent, theirs.name)
        if kinds[0] is not None and kinds[0] == kinds[1]:
            return 0.5
        if column.name.lower() == theirs.name.lower() and column.name.lower() not in GENERIC_KEYS:
            return 0.45
        if column.family == "text" and names_a_person(column.name):
            return 0.4
        if theirs.family == "text" and named_once(ours) and kinds[0] is None:
            return 0.3
        if telling(ours) and telling(other) and ours is not None and other is not None:
            same_length = abs(ours.mean_length - other.mean_length) <= 1
            return (0.35 if column.family == "uuid" or ours.mean_length >= 20 else 0.2) if same_length else 0.0
        return 0.0

    def _profile(self, table: Table, column: str) -> Profile | None:
        return self.profiles.get(table.qualified, {}).get(column)

    def _category(self, table: Table, column: str) -> str | None:
        guesses = [f for f in self.fields.get(table.qualified, ()) if f.column == column and f.path is None]
        identifying = [f.category for f in guesses if f.identifier and f.confidence >= 0.5]
        return identifying[0] if identifying else None


def as_many(child: Table, parent: Table) -> bool:
    """Whether two tables have nearly the same number of rows, and more than a few."""
    mine, theirs = child.rows or 0, parent.rows or 0
    return mine > _MANY and 0.9 * mine <= theirs <= 1.1 * mine
