"""A rule: what is looked for, how grave it is, which law says so, and what to write instead.

``error``: against the law. ``warning``: against what a regulator recommends, or a policy that contradicts itself.
``note``: worth knowing; nothing is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from troth.core.check.speech import Value, citation, said, typeset
from troth.core.law.facts import Fact, Mark
from troth.core.law.territories import home_of, in_eea
from troth.core.policy.document import PolicyDocument
from troth.core.policy.model import Policy
from troth.core.policy.problems import Severity, Told
from troth.core.policy.tree import Path
from troth.core.policy.values import Duration

Scope = Literal["union", "france"]
"""``union``: law of the whole EEA. ``france``: French law, or what the French authority recommends."""

ERROR: Severity = "error"
WARNING: Severity = "warning"
NOTE: Severity = "note"

LANGUAGES = ("en", "fr")


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at: a policy on a day. ``policy`` is None when its names lead nowhere, so that only the
    document can be looked at."""

    document: PolicyDocument
    policy: Policy | None
    as_of: date

    @property
    def country(self) -> str:
        """The publisher's country; for a territory of a Member State, that State."""
        return home_of(self.document.publisher.country)

    @property
    def in_eea(self) -> bool:
        """Whether the publisher is established within the European Economic Area."""
        return in_eea(self.document.publisher.country, self.as_of)

    @property
    def french(self) -> bool:
        """Whether French law is the publisher's."""
        return self.country == "FR"


@dataclass(frozen=True, slots=True)
class Place:
    """Something that a rule found: where, what fills its words, and the law if the find itself names it."""

    path: Path
    params: Mapping[str, Value] = field(default_factory=dict)
    fact: Fact[Any] | None = None


def place(*path: str | int, fact: Fact[Any] | None = None, **params: Value) -> Place:
    """A find at a path of the document; ``fact`` is the law that applies just here."""
    return Place(path, params, fact)


@dataclass(frozen=True, slots=True)
class Source:
    """A rule of law without a value of its own, and how far it was read."""

    source: str
    mark: Mark


Finder = Callable[[Case], Iterator[Place]]
Words = tuple[str, str]
"""What is wrong, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of ``troth check``. Codes are stable."""

    code: str
    severity: Severity
    sources: tuple[Source, ...]
    words: Mapping[str, Words]
    find: Finder
    scope: Scope = "union"
    most: Value = ""
    """The law's number, if its first source has one: what a message calls ``{most}``."""

    @property
    def mark(self) -> Mark:
        """How far its sources were read: as far as the one that was read least."""
        return max((s.mark for s in self.sources), default="C")

    def applies(self, case: Case) -> bool:
        """Whether the publisher's country has this rule."""
        return self.scope == "union" or case.french

    def source_in(self, language: str) -> str:
        """Its rules of law, as they are cited in a language."""
        return citation(language, (s.source for s in self.sources))

    def told(self, found: Place) -> Mapping[str, Told]:
        """The words for a find, in each language."""
        return {language: self._told(language, found) for language in LANGUAGES}

    def in_general(self, language: str) -> Words:
        """Its words without a find: what differs from place to place is left as dots."""
        values = _Dots({"most": said(language, self.most)} if self.most else {})
        message, advice = (text.format_map(values) for text in self.words[language])
        return message, advice

    def _told(self, language: str, found: Place) -> Told:
        values = {name: said(language, value) for name, value in found.params.items()}
        message, advice = (text.format_map(values) for text in self.words[language])
        source = citation(language, [found.fact.source]) if found.fact else self.source_in(language)
        return Told(message, advice, source)


class _Dots(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def rule(
    code: str, severity: Severity, *sources: Source | Fact[Any], en: Words, fr: Words, scope: Scope = "union"
) -> Callable[[Finder], Rule]:
    """Makes a rule of the function that finds its places. Of a fact the source and its mark are taken."""
    cited = tuple(s if isinstance(s, Source) else Source(s.source, s.mark) for s in sources)
    words = {"en": en, "fr": (typeset(fr[0]), typeset(fr[1]))}
    numbers = [s.value for s in sources if isinstance(s, Fact) and type(s.value) in (int, Duration)]
    most: Value = numbers[0] if numbers else ""

    def made(find: Finder) -> Rule:
        return Rule(code, severity, cited, words, find, scope, most)

    return made
