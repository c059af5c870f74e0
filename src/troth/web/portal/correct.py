"""Correcting: everything that the person gave, with what stands there now; what they change is what they ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse

from troth.core.errors import TrothError
from troth.core.requests.model import Right
from troth.desk.correctable import Correctable, Entry, Group, correctable
from troth.desk.house import House, house
from troth.desk.particulars import Replaced
from troth.web.portal.door import draw, words_for
from troth.web.portal.entering import enter, language_of
from troth.web.portal.visitor import Visitor

LONGEST = 2000
"""Characters of a value."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry as it stands on the page; ``value`` is what was typed, if anything was."""

    entry: Entry
    value: str
    wrong: bool


@dataclass(frozen=True, slots=True)
class Sent:
    """The form as it was sent: the changed values by entry; ``lacks`` is the name of the entry that ``error``, a word
    of the space, is about."""

    typed: Mapping[str, str] = field(default_factory=dict)
    replaced: tuple[Replaced, ...] = ()
    error: str = ""
    lacks: str = ""


def correct(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The form, and taking what it brings."""
    language, sent = language_of(request), Sent()
    with house() as at:
        there = _there(at, visitor, language)
        if request.method == "POST":
            sent = read(request.POST, there.entries if there else {})
            if not sent.error:
                outcome = enter(at, request, visitor, Right.RECTIFICATION, replaced=sent.replaced)
                if isinstance(outcome, HttpResponse):
                    return outcome
                sent = Sent(sent.typed, error=outcome)
    words = words_for(request)
    groups = [(group, _shown(group, sent), _opens(group, sent)) for group in (there.groups if there else ())]
    return draw(
        request, "correct", 400 if sent.error else 200, error=sent.error, lacks=sent.lacks, groups=groups,
        title=words["ask_rectification"], away=there is None or there.away, unseen=there is None,
    )  # fmt: skip


def _there(at: House, visitor: Visitor, language: str) -> Correctable | None:
    """What can be corrected; None where that cannot be told just now."""
    try:
        return correctable(at, visitor.identifiers, language, datetime.now(UTC))
    except TrothError:
        return None


def _shown(group: Group, sent: Sent) -> list[Shown]:
    return [Shown(one, sent.typed.get(one.name, one.now), one.name == sent.lacks) for one in group.entries]


def _opens(group: Group, sent: Sent) -> bool:
    """What was typed is to be seen."""
    return any(one.name in sent.typed for one in group.entries)


def read(data: Mapping[str, str], entries: Mapping[str, Entry]) -> Sent:
    """The changed values. What stood on the page and stands there no longer is said, and nothing is taken."""
    typed = {
        name: _spelt(data[name], one)[:LONGEST] for name, one in entries.items()
        if name in data and _spelt(data[name], one) != _spelt(one.now, one)
    }  # fmt: skip
    if any(name.startswith("v-") and name not in entries for name in data):
        return Sent(typed, error="moved")
    if not typed:
        return Sent(error="lacks_change", lacks="first")
    for name, value in typed.items():
        wrong = _wrong(value, entries[name], [entries[other] for other in typed])
        if wrong:
            return Sent(typed, error=wrong, lacks=name)
    return Sent(typed, tuple(entries[name].corrected(value) for name, value in typed.items()))


def _spelt(value: str, entry: Entry) -> str:
    """As one line, or with the line ends of what stands there: a browser sends its own."""
    value = value.replace("\r\n", "\n").strip()
    return value.replace("\n", "\r\n") if "\r\n" in entry.now else value


def _wrong(value: str, entry: Entry, changed: list[Entry]) -> str:
    if not value and entry.required:
        return "lacks_value"
    if entry.kind == "choice" and value not in dict(entry.options):
        return "lacks_value"
    if entry.kind == "day" and value and not _is_day(value):
        return "lacks_day"
    if entry.longest and len(value) > entry.longest:
        return "too_long"
    # Both at once, neither of the two rows could be told from the other any more.
    crossed = any(other.field == entry.field and value in other.instead_of for other in changed if other != entry)
    return "crossed" if crossed else ""


def _is_day(value: str) -> bool:
    try:
        return bool(datetime.strptime(value, "%Y-%m-%d"))  # noqa: DTZ007  a day has no zone
    except ValueError:
        return False
