"""The kinds of step and the code that carries them out, by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from troth.jobs.work import Outcome, Work


@dataclass(frozen=True, slots=True)
class StepKind:
    """How to carry out one kind of step, of one version of its plan (``name_of``).

    ``run`` must be idempotent under ``work.key``. ``done_already`` is asked before a step runs that an earlier
    holder may have carried out before it died. Pauses are in seconds.
    """

    name: str
    run: Callable[[Work], Outcome]
    done_already: Callable[[Work], bool] | None = None
    tries: int = 8
    first_pause: float = 5.0
    longest_pause: float = 3600.0


_KINDS: dict[str, StepKind] = {}


def name_of(kind: str, version: int) -> str:
    """The name of a kind of step in that version of its plan."""
    return f"{kind}-{version}"


def register(kind: StepKind) -> None:
    """Make a kind known; a kind of the same name is replaced."""
    _KINDS[kind.name] = kind


def forget(name: str) -> None:
    """As if a release did not know it."""
    _KINDS.pop(name, None)


def kind_named(name: str) -> StepKind:
    """That kind. Raises KeyError."""
    return _KINDS[name]


def known() -> list[str]:
    """The names of all."""
    return sorted(_KINDS)
