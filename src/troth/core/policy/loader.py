"""Bytes to ``Policy``, or to everything that is wrong with them.

In five steps, each of which goes on with what the one before could use:

1. ``include``, ``yaml_source``: bytes to one tree that knows its places;
2. ``plain``: variables put in, secrets refused; ``consent.uses``: services filled in from the catalogue;
3. ``structure``: keys, types and spellings;
4. ``references``, ``mapping``, ``reach``: what the words mean together;
5. ``resolve``: the ``Policy``.

Nothing here reads a file, the network or a clock: ``read`` gives the included files.
"""

from __future__ import annotations

import copy
import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from troth.core.consent.uses import with_catalogue
from troth.core.policy.colours import colour_problems
from troth.core.policy.document import FORMAT, PolicyDocument
from troth.core.policy.environment import expand_url
from troth.core.policy.include import Files
from troth.core.policy.mapping import map_problems
from troth.core.policy.model import Policy
from troth.core.policy.places import Places
from troth.core.policy.plain import Plain
from troth.core.policy.problems import PolicyError, Problem, problem
from troth.core.policy.reach import reach_problems
from troth.core.policy.references import reference_problems
from troth.core.policy.resolve import resolve
from troth.core.policy.sections.base import LANGUAGE_PATTERN
from troth.core.policy.structure import structural_problems, validated, without_faults
from troth.core.policy.tree import MapNode, ScalarNode

__all__ = ["Examined", "PolicyError", "examine", "expand_url", "load"]

Reader = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a policy file: the policy, unless there are errors, and all problems in order."""

    policy: Policy | None
    problems: tuple[Problem, ...]
    document: PolicyDocument | None = None
    """What was written, if its structure is sound; names in it may still refer to nothing."""
    places: Places | None = None
    """Where in the files each part of it stands."""


def load(source: bytes, *, name: str, read: Reader, env: Mapping[str, str], folder: str | None = None) -> Policy:
    """The policy in ``source``.

    ``name`` is what to call the file; ``read`` gives the bytes of an included file by its path from the
    policy's folder (and raises OSError when it cannot); ``env`` holds the variables of ``${NAME}``.
    ``folder`` is where relative SQLite addresses count from; by default the folder part of ``name``.

    Raises PolicyError with every problem when there is an error among them.
    """
    examined = examine(source, name=name, read=read, env=env, folder=folder)
    if examined.policy is None:
        raise PolicyError(examined.problems)
    return examined.policy


def examine(source: bytes, *, name: str, read: Reader, env: Mapping[str, str], folder: str | None = None) -> Examined:
    """As ``load``, but tells warnings too and raises nothing."""
    files = Files(name, read)
    plain = Plain(env)
    tree = files.tree(source)
    problems = list(files.problems)
    policy = document = None
    if tree is not None:
        found, document = _read_off(tree, plain)
        problems += found
        if document is not None and not any(p.severity == "error" for p in problems):
            policy = resolve(document, tree, posixpath.dirname(name) if folder is None else folder)
    places = Places.of(tree, files.sources, plain.secrets)
    return Examined(policy, _finished(problems, files, places), document, places)


def _read_off(tree: MapNode, plain: Plain) -> tuple[list[Problem], PolicyDocument | None]:
    faults = _format_problems(tree)
    if any(p.code == "format_newer" for p in faults):
        # What a newer format means cannot be judged.
        return faults, None
    data = plain.data(tree)
    data["format"] = FORMAT
    data.pop("include", None)  # followed already, and judged there
    languages = _languages(data)
    data = with_catalogue(data, languages)
    document, errors = validated(data, languages)
    problems = [*faults, *plain.problems, *structural_problems(errors, tree, plain.judged)]
    whole = document is not None and not problems
    examined = document or without_faults(copy.deepcopy(data), errors, languages)
    if examined is not None:
        meaning = [
            *reference_problems(examined, tree), *map_problems(examined, tree), *colour_problems(examined, tree),
        ]  # fmt: skip
        problems += meaning
        # What lies beyond a fault cannot be seen, so nothing is said about reach until the rest is mended.
        if whole and not any(p.severity == "error" for p in meaning):
            problems += reach_problems(examined, tree)
    return problems, document


def _format_problems(tree: MapNode) -> list[Problem]:
    first = next(iter(tree.entries), None)
    entry = tree.entries.get("format")
    if entry is None or first != "format":
        at = tree.entries[first][0] if first is not None else tree.at
        return [problem("format_missing", at, format=str(FORMAT))]
    value = entry[1].value if isinstance(entry[1], ScalarNode) else None
    if isinstance(value, int) and not isinstance(value, bool) and value > FORMAT:
        return [problem("format_newer", entry[1].at, found=str(value), format=str(FORMAT))]
    if value != FORMAT or isinstance(value, bool):
        return [problem("format_wrong", entry[1].at, format=str(FORMAT))]
    return []


def _languages(data: Mapping[str, Any]) -> list[str]:
    """The languages as far as they can be told before validation."""
    policy = data.get("policy")
    languages = policy.get("languages") if isinstance(policy, dict) else None
    listed = languages if isinstance(languages, list) else [languages]
    return [text for text in listed if isinstance(text, str) and re.match(LANGUAGE_PATTERN, text)] or ["en"]


def _finished(problems: list[Problem], files: Files, places: Places) -> tuple[Problem, ...]:
    """As ``Places.finished``; what could not be read is not judged a second time by what it seems to mean."""
    unread = {(p.file, p.line, p.column) for p in files.problems}
    return places.finished(p for p in problems if p in files.problems or (p.file, p.line, p.column) not in unread)
