"""Correcting: everything that the person gave, with what stands there now; what they change is what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from troth.core.errors import TrothError
from troth.core.rights.fitting import is_day, of_family
from troth.core.rights.formats import unfit
from troth.desk.correctable import Correctable, Entry, Group, correctable
from troth.desk.house import House, house
from troth.desk.particulars import Replaced
from troth.web.portal import uses
from troth.web.portal.confirm import corrected
from troth.web.portal.door import draw, words_for
from troth.web.portal.entering import language_of
from troth.web.portal.visitor import Visitor, to_proof

SPREAD = ("EmailAddress", "TelephoneNumber")
"""What stands in several places and is one thing: corrected in one of them only, it makes two people of one."""
LONGEST = 2000
"""Characters by which a value may grow where the column has no end."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it stands on the page; ``value`` is what was typed, if anything was."""

    entry: Entry
    value: str
    wrong: bool
    room: int


@dataclass(frozen=True, slots=True)
class Sent:
    """The form as it was sent: the changed values by entry; ``lacks`` is the name of the entry that ``error``, a word
    of the space, is about."""

    typed: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[Replaced, ...] = ()
    error: str = ""
    lacks: str = ""
    identifies: bool = False
    """Something by which the person is found would be another."""
    everywhere: bool = True
    """What is ``SPREAD`` is corrected wherever the same stands."""


def correct(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The form, and taking what it brings. Whoever would change what they are found by shows again who they are: from
    then on somebody else's letters open this space."""
    language, sent = language_of(request), Sent()
    with house() as at:
        there, nothing = _there(at, visitor, language), uses.nothing(at, visitor, words_for(request))
        if request.method == "POST":
            sent = read(request.POST, there.entries if there else {})
            if not sent.error:
                if sent.identifies and not visitor.fresh:
                    return to_proof(request, visitor)
                outcome = corrected(at, request, visitor, sent.replaced)
                if isinstance(outcome, HttpResponse):
                    return outcome
                sent = Sent(sent.typed, error=outcome, everywhere=sent.everywhere)
    words = words_for(request)
    groups = [(group, _shown(group, sent), _opens(group, sent)) for group in (there.groups if there else ())]
    return draw(
        request, "correct", 400 if sent.error else 200, error=sent.error, lacks=sent.lacks, groups=groups,
        title=words["ask_rectification"], nothing=nothing, away=there is None or there.away, unseen=there is None,
        by_address=there is not None and any(_is_address(one) for one in there.entries.values()),
        spread=there is not None and any(twins(one, there.entries) for one in there.entries.values()),
        everywhere=sent.everywhere,
    )  # fmt: skip


def _is_address(entry: Entry) -> bool:
    """Of which a new one is confirmed first."""
    return entry.identifies and entry.category == "EmailAddress"


def _there(at: House, visitor: Visitor, language: str) -> Correctable | None:
    """What can be corrected; None where that cannot be told just now."""
    try:
        return correctable(at, visitor.identifiers, language, datetime.now(UTC))
    except TrothError:
        return None


def _shown(group: Group, sent: Sent) -> list[Shown]:
    return [
        Shown(one, sent.typed.get(one.name, one.now), one.name == sent.lacks, _room(one)) for one in group.entries
    ]  # fmt: skip


def _room(entry: Entry) -> int:
    """Characters that a value may have."""
    return entry.longest or len(entry.now) + LONGEST


def _opens(group: Group, sent: Sent) -> bool:
    """What was typed is to be seen."""
    return any(one.name in sent.typed for one in group.entries)


def read(data: Mapping[str, str], entries: Mapping[str, Entry]) -> Sent:
    """The changed values. What stood on the page and stands there no longer is said, and nothing is taken."""
    typed = {
        name: _spelt(data[name], one) for name, one in entries.items()
        if name in data and _plain(data[name]) != _plain(one.now)
    }  # fmt: skip
    everywhere = bool(data.get("everywhere"))
    if any(name.startswith("v-") and name not in entries for name in data):
        return Sent(typed, error="moved", everywhere=everywhere)
    if not typed:
        return Sent(error="lacks_change", lacks="first", everywhere=everywhere)
    wanted = _spread(typed, entries) if everywhere else typed
    for name, value in wanted.items():
        wrong = _wrong(value, entries[name], [entries[other] for other in wanted])
        if wrong:
            return Sent(wanted, error=wrong, lacks=name, everywhere=everywhere)
    replaced = tuple(entries[name].corrected(value) for name, value in wanted.items())
    identifies = any(entries[name].identifies for name in wanted)
    return Sent(wanted, replaced, identifies=identifies, everywhere=everywhere)


def twins(entry: Entry, entries: Mapping[str, Entry]) -> list[str]:
    """The other places in which the same address or number stands, however it is spelt there. Of addresses only those
    by which somebody is found: to which one an invoice was sent remains true."""
    if not (entry.now and _spreads(entry)):
        return []
    return [name for name, one in entries.items() if one is not entry and _spreads(one) and _same(one, entry)]


def _spreads(entry: Entry) -> bool:
    return entry.category in SPREAD and (entry.identifies or entry.category != "EmailAddress")


def _same(one: Entry, other: Entry) -> bool:
    return one.category == other.category and one.now.strip().casefold() == other.now.strip().casefold()


def _spread(typed: Mapping[str, str], entries: Mapping[str, Entry]) -> dict[str, str]:
    """What was typed, and the same in place of the same elsewhere, unless something else was typed there. Nothing is
    spread of what was typed differently in two places where the same stood."""
    found = dict(typed)
    for name, value in typed.items():
        others = twins(entries[name], entries)
        if value and all(typed.get(other, value) == value for other in others):
            found |= dict.fromkeys(others, value)
    return found


def _plain(value: str) -> str:
    """Whatever a browser makes of it: line ends are its own, and it knows no NUL."""
    return value.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd").strip()


def _spelt(value: str, entry: Entry) -> str:
    """As it was typed, with the line ends of what stands there."""
    end = "\r\n" if "\r\n" in entry.now else "\r" if "\r" in entry.now and "\n" not in entry.now else "\n"
    return _plain(value).replace("\n", end)


_UNFIT = {"integer": "lacks_whole", "number": "lacks_number", "date": "lacks_day"}
"""Words for what a column does not take."""


def _wrong(value: str, entry: Entry, changed: list[Entry]) -> str:
    if not value and entry.required:
        return "lacks_value"
    if entry.kind == "choice" and value not in dict(entry.options):
        return "lacks_value"
    if entry.kind == "day" and value and not is_day(value):
        return "lacks_day"
    if value and not of_family(entry.family, value):
        return _UNFIT.get(entry.family, "lacks_kind")
    if entry.kind != "choice" and (code := unfit(entry.category, value, (entry.now,), entry.longest)):
        return code
    if len(value) > _room(entry):
        return "too_long"
    # Both at once, neither of the two rows could be told from the other any more.
    crossed = any(other.field == entry.field and value in other.instead_of for other in changed if other != entry)
    return "crossed" if crossed else ""
