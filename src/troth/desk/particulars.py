"""Who asks and what they wrote: sealed by the vault, opened only where it is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from troth.core.evidence.canonical import JSON, canonical
from troth.core.evidence.pseudonym import normalise
from troth.core.rights.rectify import Correction

if TYPE_CHECKING:
    from troth.state.vault import Vault

_KIND = "desk/request"


@dataclass(frozen=True, slots=True)
class Replaced:
    """The right value of a field where one of ``instead_of`` stands now (None: nothing); elsewhere it stays."""

    field: str
    value: str
    instead_of: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Particulars:
    """``identifiers`` (kind, value) find the person; ``answer_to`` is the e-mail address of the answer, empty for one
    by post; ``corrections`` are the right values by field; ``replaced`` those that stand in some rows only; ``speaker``
    says who speaks for the person."""

    identifiers: tuple[tuple[str, str], ...]
    answer_to: str = ""
    language: str = ""
    corrections: Mapping[str, str] = field(default_factory=dict)
    speaker: str = ""
    message: str = ""
    replaced: tuple[Replaced, ...] = ()

    @property
    def wanted(self) -> list[Correction]:
        """What is to stand where, for the engine."""
        everywhere = [Correction(name, value or None) for name, value in self.corrections.items()]
        return everywhere + [Correction(one.field, one.value or None, one.instead_of) for one in self.replaced]

    @property
    def said(self) -> list[tuple[str, str]]:
        """Each field with its right value, to be read."""
        return [*self.corrections.items(), *((one.field, one.value) for one in self.replaced)]

    @property
    def elsewhere(self) -> bool:
        """The answer would go to an address that is not among what finds the person."""
        known = {normalise("email", value) for _, value in self.identifiers}
        return bool(self.answer_to) and normalise("email", self.answer_to) not in known

    def seal(self, vault: Vault, ref: str) -> bytes:
        """Bound to the file of this name: in another it does not open."""
        data: JSON = {
            "identifiers": [list(one) for one in self.identifiers], "answer_to": self.answer_to,
            "language": self.language, "corrections": dict(self.corrections), "speaker": self.speaker,
            "message": self.message, "replaced": self._replaced(),
        }  # fmt: skip
        return vault.seal_json(data, f"desk/{ref}")

    def subject(self, vault: Vault) -> str:
        """The keyed hash of all that was given, in any order and spelling: by it a wish that comes twice is noticed."""
        said = sorted({(kind, normalise(kind, value)) for kind, value in self.identifiers})
        return vault.index(_KIND, _text([list(one) for one in said])).hex()

    def wish(self, vault: Vault) -> str:
        """The keyed hash of what is asked for; empty where nothing was written."""
        said: dict[str, JSON] = {**self.corrections, **({"message": self.message} if self.message else {})}
        if self.replaced:
            said[""] = self._replaced()
        return vault.index(_KIND, _text(said)).hex() if said else ""

    def _replaced(self) -> list[JSON]:
        return [[one.field, one.value, [*one.instead_of]] for one in self.replaced]


def unsealed(vault: Vault, ref: str, sealed: bytes) -> Particulars:
    """The inverse. Raises KeyUnavailable."""
    data = cast(dict[str, object], vault.open_json(bytes(sealed), f"desk/{ref}"))
    identifiers = cast(list[list[str]], data["identifiers"])
    return Particulars(
        tuple((kind, value) for kind, value in identifiers), str(data["answer_to"]), str(data["language"]),
        cast(dict[str, str], data["corrections"]), str(data["speaker"]), str(data["message"]),
        tuple(_read_replaced(one) for one in cast("list[list[JSON]]", data.get("replaced", []))),
    )  # fmt: skip


def _read_replaced(data: list[JSON]) -> Replaced:
    field_, value, instead_of = data
    return Replaced(str(field_), str(value), tuple(cast("list[str | None]", instead_of)))


def _text(value: JSON) -> str:
    return canonical(value).decode()
