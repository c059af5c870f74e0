"""Which tables are about people, which hang on one that is, and along which links.

A link is followed when the row is *about* the person it names. Somebody who only dealt with a row (the clerk who
entered it, the manager of a shop) is not whom it is about: erasing that person must not take the row away. Such
links are kept in the draft with little confidence and a reason, and become remarks in the policy.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Literal, Protocol

from troth.core.discover.inclusion import Profiles
from troth.core.discover.link_index import TableIndex, is_real, unique_columns
from troth.core.discover.link_names import ABOUT, HANDLED, MADE, STAFF, is_about, rank_of_part, singulars
from troth.core.discover.link_words import CUSTOMER_WORDS, FIRM_WORDS, HANDLER_ROLES, ORGANISATION_WORDS, PERSON_WORDS
from troth.core.discover.model import Catalogue, ClockGuess, FieldGuess, LinkGuess, Reason

Role = Literal["person", "belongs", "loose", "none"]

SURE = 0.5
"""From here on a guess is taken into the policy; what is less likely becomes a remark."""
_REMARK = 0.45
_DOUBT = 0.4
"""What the tables of a split row may leave of doubt that it is a person's."""
_ALONE = 0.6
"""A single field that nothing else speaks for must be surer than others."""
_BY_NAME = 0.6
_ROOTS = PERSON_WORDS - {"account", "compte", "konto", "cuenta", "login", "profile", "contact", "lead", "tenant"}
"""Words by which a table is called that is about people whatever its columns say."""
_DEEPEST = 7
"""Steps from a row to its person; the engine follows eight."""
_TELLING = frozenset({"Name", "City", "Country", "Region", "Language", "PostalCode", "Communication", "Job"})
"""Categories that a list of places or kinds may seem to hold as well: alone they make nobody's data."""


class Reading(Protocol):
    """What was read off one table by itself."""

    @property
    def fields(self) -> Sequence[FieldGuess]:
        """The columns that seem personal."""

    @property
    def clocks(self) -> Sequence[ClockGuess]:
        """The columns that tell when something happened."""

    @property
    def soft_delete(self) -> str | None:
        """The column that marks rows as deleted."""

    @property
    def people(self) -> float:
        """How much the table seems to be about people (0 to 1)."""

    @property
    def written(self) -> bool:
        """Whether people write in it."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a table is, and the links along which its rows are somebody's, likeliest first."""

    role: Role
    links: tuple[LinkGuess, ...] = ()
    reasons: tuple[Reason, ...] = ()


def people_scores(catalogue: Catalogue, readings: Mapping[str, Reading]) -> dict[str, float]:
    """How much each table seems to be about people (0 to 1). One that is called by nothing but a word for people is,
    even where their particulars lie in other tables."""
    scores = {name: reading.people for name, reading in readings.items()}
    index = TableIndex(catalogue, {})
    for table in catalogue.tables:
        words = index.words(table)
        if is_real(table) and len(words) == 1 and is_about(words, _ROOTS) and len(table.key) == 1:
            scores[table.qualified] = max(scores.get(table.qualified, 0.0), _BY_NAME)
    return scores


class People:
    """Decides about all tables of one catalogue."""

    def __init__(
        self, catalogue: Catalogue, readings: Mapping[str, Reading], scores: Mapping[str, float], profiles: Profiles,
        links: Mapping[str, Sequence[LinkGuess]], index: TableIndex,
    ) -> None:  # fmt: skip
        self.tables = {t.qualified: t for t in catalogue.tables if is_real(t)}
        self.readings = readings
        self._scores = scores
        self.profiles = profiles
        self.index = index
        self.links = {name: [g for g in links.get(name, ()) if g.parent in self.tables] for name in self.tables}
        self.persons = {name for name in self.tables if self._score(name) >= SURE}
        self._ranks = {_place(name, g): self._rank(name, g) for name, found in self.links.items() for g in found}
        self._steps: dict[str, int] = {}
        self._why: dict[str, Reason] = {}

    def all(self) -> dict[str, Standing]:
        """What each table is, by qualified name."""
        self._settle_persons()
        self._spread()
        self._turn_round()
        self._spread()
        self._identify_the_rest()
        self._spread()
        return {name: self._standing(name) for name in self.tables}

    # --- what is known of one table -----------------------------------------------------------------

    def _score(self, name: str) -> float:
        return self._scores.get(name, 0.0)

    def personal(self, name: str) -> list[FieldGuess]:
        """Its fields that are likely enough to be mapped."""
        reading = self.readings.get(name)
        return [f for f in reading.fields if f.confidence >= SURE] if reading else []

    def _identifiers(self, name: str) -> list[FieldGuess]:
        return [f for f in self.personal(name) if f.identifier and f.path is None]

    def _rank(self, name: str, link: LinkGuess) -> int:
        """How much a row is about whom the link names (see ``link_names``)."""
        words = self.index.words(self.tables[link.parent])
        column = link.columns[0][0]
        stem, _ = self.index.read(self.tables[name], column)
        if is_about(words[-1:], ORGANISATION_WORDS) or is_about(stem[-1:], ORGANISATION_WORDS):
            return STAFF if self._is_firm_of_people(link.parent) else HANDLED
        forms = {form for word in words for form in singulars(word)}
        named = link.where is not None or all(forms & set(singulars(word)) for word in stem)
        rank = (STAFF if is_about(words[-1:], HANDLER_ROLES) else ABOUT) if named else rank_of_part(stem)
        place = is_about(self.index.words(self.tables[name])[-1:], ORGANISATION_WORDS)
        return min(rank, MADE) if place else rank

    def _is_firm_of_people(self, name: str) -> bool:
        """Whether firms are kept with what finds a person: what hangs on them is somebody's if it is nobody else's."""
        return is_about(self.index.words(self.tables[name])[-1:], FIRM_WORDS) and bool(self._identifiers(name))

    def _rank_of(self, name: str, link: LinkGuess) -> int:
        return self._ranks[_place(name, link)]

    def _one_to_one(self, name: str, link: LinkGuess) -> bool:
        ours = tuple(c for c, _ in link.columns)
        table = self.tables[name]
        if len(ours) == 1 and ours[0] in unique_columns(table):
            return True
        profile = self.profiles.get(name, {}).get(ours[0])
        return bool(profile and profile.filled >= 5 and profile.distinct >= 0.95 * profile.filled)

    # --- persons that hang on persons ---------------------------------------------------------------

    def _settle_persons(self) -> None:
        """A profile or an address of somebody is theirs; a contact of somebody is another person."""
        self._join_halves()
        for name in sorted(self.persons, key=self._score):
            for link in list(self.links[name]):
                if link.parent in self.persons and link.parent != name:
                    self._settle(name, link)

    def _join_halves(self) -> None:
        """A person's row that is split between tables: what each says a little makes the first one people."""
        halves: dict[str, list[str]] = defaultdict(list)
        for name, found in self.links.items():
            for link in found:
                if link.confidence >= SURE and self._shares_key(name, link) and self._holds_details(name):
                    halves[link.parent].append(name)
        for root, names in halves.items():
            doubt = prod(1 - self._score(n) for n in (root, *names))
            if (doubt <= _DOUBT or any(map(self._identifiers, names))) and not self._above(root):
                self.persons.add(root)

    def _above(self, name: str) -> bool:
        """Whether the table itself belongs to a row of people."""
        return any(g.confidence >= SURE and g.parent in self.persons for g in self.links[name])

    def _shares_key(self, name: str, link: LinkGuess) -> bool:
        ours, theirs = (tuple(pair) for pair in zip(*link.columns, strict=True))
        same = self.tables[name].key == ours and self.tables[link.parent].key == theirs
        return same and link.parent != name and link.where is None

    def _settle(self, name: str, link: LinkGuess) -> None:
        rank = self._rank_of(name, link)
        own = self._identifiers(name)
        shares_key = self.tables[name].key == tuple(c for c, _ in link.columns)
        if rank >= STAFF and link.confidence >= SURE and (shares_key or not own):
            self.persons.discard(name)
            self._why[name] = Reason("role_part_of", {"table": link.parent})
        elif rank < STAFF or not self._one_to_one(name, link):
            self._lower(name, link, Reason("link_other_person", {"table": link.parent}))

    def _lower(self, name: str, link: LinkGuess, why: Reason) -> None:
        place = self.links[name].index(link)
        lowered = replace(link, confidence=min(link.confidence, _REMARK), reasons=(*link.reasons, why))
        self.links[name][place] = lowered

    # --- along the links ----------------------------------------------------------------------------

    def _spread(self) -> None:
        """Find which tables lead to a person, nearest first."""
        self._steps = dict.fromkeys(self.persons, 0)
        below: dict[str, list[str]] = defaultdict(list)
        for name, found in self.links.items():
            for link in found:
                if self._may_carry(name, link):
                    below[link.parent].append(name)
        frontier = list(self.persons)
        while frontier:
            reached = []
            for parent in frontier:
                for name in below[parent]:
                    if name not in self._steps and self._steps[parent] < _DEEPEST:
                        self._steps[name] = self._steps[parent] + 1
                        reached.append(name)
            frontier = reached

    def _may_carry(self, name: str, link: LinkGuess) -> bool:
        if link.confidence < SURE or link.parent == name:
            return False
        if name in self.persons and self._rank_of(name, link) < STAFF:
            return False
        return self._rank_of(name, link) >= STAFF or bool(self.personal(name))

    def carrying(self, name: str) -> list[LinkGuess]:
        """The links of a table along which its rows are somebody's: of the highest rank only."""
        leading = [g for g in self.links[name] if self._may_carry(name, g) and self._leads_on(name, g)]
        highest = max((self._rank_of(name, g) for g in leading), default=0)
        chosen = [g for g in leading if self._rank_of(name, g) == highest]
        return self._without_clerks(chosen)

    def _leads_on(self, name: str, link: LinkGuess) -> bool:
        return link.parent in self._steps and (name in self.persons or self._steps[link.parent] < _DEEPEST)

    def _without_clerks(self, links: list[LinkGuess]) -> list[LinkGuess]:
        """Where a row names a customer and a user who is no customer, the user is who keyed it in."""
        direct = [g for g in links if g.parent in self.persons]
        customers = {g.parent for g in direct if is_about(self.index.words(self.tables[g.parent])[-1:], CUSTOMER_WORDS)}
        others = {g.parent for g in direct} - customers
        if not customers or not others:
            return links
        same = {g.parent for c in customers for g in self.links[c] if g.confidence >= SURE}
        return [g for g in links if g.parent not in others or g.parent in same]

    # --- links that point the other way -------------------------------------------------------------

    def _turn_round(self) -> None:
        """An address to which a customer's row points is the customer's, though it does not say whose it is."""
        pointing: dict[str, list[tuple[str, LinkGuess]]] = defaultdict(list)
        for name, found in self.links.items():
            for link in found:
                pointing[link.parent].append((name, link))
        for name in self.tables:
            if name not in self._steps and self._holds_details(name):
                for other, link in pointing[name]:
                    if other in self._steps and self._like_many(name, other) and link.where is None:
                        self._add_turned(name, other, link)

    def _add_turned(self, name: str, other: str, link: LinkGuess) -> None:
        pairs = tuple((theirs, ours) for ours, theirs in link.columns)
        reason = Reason("link_turned", {"table": other, "column": link.columns[0][0]})
        turned = LinkGuess(other, pairs, min(link.confidence, 0.85), (*link.reasons, reason))
        self.links[name].append(turned)
        self._ranks[_place(name, turned)] = ABOUT

    def _holds_details(self, name: str) -> bool:
        fields = self.personal(name)
        return any(f.category not in _TELLING and not f.free_text for f in fields)

    def _like_many(self, name: str, other: str) -> bool:
        """Not a short list to which many rows point (kinds, countries, shops), but nearly a row for each."""
        if is_about(self.index.words(self.tables[name])[-1:], ORGANISATION_WORDS):
            return False
        mine, theirs = self.tables[name].rows, self.tables[other].rows
        return mine is None or theirs is None or mine >= theirs * 0.4

    # --- the rest -----------------------------------------------------------------------------------

    def _identify_the_rest(self) -> None:
        """Who is found by nothing but what the row itself says: a list of subscribers."""
        for name in self.tables:
            if name not in self._steps and any(f.identifier == "email" for f in self._identifiers(name)):
                self.persons.add(name)
                self._why[name] = Reason("role_by_identifier", {"column": self._identifiers(name)[0].column})

    def _standing(self, name: str) -> Standing:
        carrying = self.carrying(name)
        links = tuple(sorted(carrying, key=lambda g: -g.confidence)) + self._remarks(name, carrying)
        why = (self._why[name],) if name in self._why else ()
        if name in self.persons:
            return Standing("person", links, why)
        if carrying:
            return Standing("belongs", links, why)
        personal = self.personal(name)
        if len(personal) > 1 or any(f.confidence >= _ALONE for f in personal):
            return Standing("loose", links, why)
        return Standing("none", self._remarks(name, ()), why)

    def _remarks(self, name: str, carrying: Sequence[LinkGuess]) -> tuple[LinkGuess, ...]:
        """Links to people along which nothing follows, with little confidence."""
        rest = [g for g in self.links[name] if g not in carrying and g.parent in self._steps]
        why = Reason("link_handled")
        return tuple(
            g if g.confidence < SURE else replace(g, confidence=_REMARK, reasons=(*g.reasons, why)) for g in rest
        )


def _place(name: str, link: LinkGuess) -> tuple[object, ...]:
    """What tells a link from the others of all tables."""
    return name, link.parent, link.columns, link.where


def ordered(standings: Mapping[str, Standing]) -> list[str]:
    """The tables in the order in which a person reads them: people, then what hangs on them, then the rest."""
    places = {"person": 0, "belongs": 1, "loose": 2, "none": 3}
    above: dict[str, str] = {
        name: s.links[0].parent for name, s in standings.items() if s.role == "belongs" and s.links
    }
    return sorted(standings, key=lambda name: (places[standings[name].role], _chain(name, above), name))


def _chain(name: str, above: Mapping[str, str]) -> tuple[str, ...]:
    """The way from the person down to the table, so that what hangs together stands together."""
    chain = [name]
    while chain[-1] in above and above[chain[-1]] not in chain:
        chain.append(above[chain[-1]])
    return tuple(reversed(chain))
