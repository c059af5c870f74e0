"""A request as the person follows it: what has happened, with its dates, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from troth.core.evidence.leaf import read_time
from troth.core.law.bases import DELAY_REASONS
from troth.core.policy.model import Policy
from troth.core.requests.model import Act, By, Channel, Happened, Request, Right, State
from troth.core.requests.route import Stop, terms_of
from troth.desk.ahead import WORKING, Ahead, ahead
from troth.desk.asked import narrowed
from troth.desk.deeds import Change, Deeds, place_of
from troth.desk.kept import answered
from troth.desk.models import File, Package
from troth.desk.telling import nobody, reasons_in, spelt, still
from troth.desk.told import told_of
from troth.desk.way import result_of
from troth.package import locale
from troth.web.portal.sides import Side, titled
from troth.web.wording import Words

_CHANGING = (Right.ERASURE, Right.RECTIFICATION, Right.RESTRICTION, Right.OBJECTION, Right.WITHDRAWAL)
"""Rights that change what stands in the stores, or that people expect to."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened; ``more`` are the lines under it."""

    when: str
    what: str
    more: tuple[str, ...] = ()


class Timeline:
    """One request, in one language, for whoever reads it (``side``); ``ended``: when what it put in force ended, and
    for which purpose (``desk.ended``); ``deeds``: what it has changed in the stores, None where that is not to be
    told."""

    def __init__(
        self, policy: Policy, request: Request, language: str, side: Side = Side.OWN,
        ended: Sequence[tuple[datetime, str]] = (), deeds: Deeds | None = None,
    ) -> None:  # fmt: skip
        self._policy, self._request, self._side, self._ended = policy, request, side, ended
        self._deeds = deeds
        self._language, self._words = language, Words("portal", language)
        self._row: Any = File.objects.get(ref=request.ref)

    def line(self) -> dict[str, Any]:
        """It in short: for a list."""
        one, words = self._request, self._words
        mark = "○" if one.open else "▲" if any(h.act == Act.REFUSED for h in one.history) else "●"
        return {
            "ref": one.ref, "right": titled(words, one, self._side), "state": self._state(),
            "mark": mark, "received": self._day(one.received), "due": self._due(),
            "behalf": words["for_other"] if self._side == Side.SPEAKER else "",
        }  # fmt: skip

    def _state(self) -> str:
        again = self._request.state == State.IN_PROGRESS and ahead(self._request.ref).again
        return self._word("state_again" if again else f"state_{self._request.state}")

    def moments(self) -> list[Moment]:
        """Everything that has happened, the first first."""
        one = self._request
        entered = one.channel not in (Channel.PORTAL, Channel.API)  # then only the day is known
        came = self._day(one.received) if entered else self._at(one.received)
        found = [(one.received, Moment(came, self._word("act_received")))]
        found += [(h.at, self._moment(h)) for h in self._request.history]
        package = Package.objects.filter(file=self._row).first()
        if package is not None:
            fetched = map(read_time, package.fetched)
            found += [(at, Moment(self._at(at), self._word("act_fetched"))) for at in fetched]
        found += [*self._documents(), *self._lifted(), *self._changed()]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    def _changed(self) -> list[tuple[datetime, Moment]]:
        """What was changed in the stores: where, and how many rows. What ended within one minute is one moment."""
        found: dict[tuple[str, str], tuple[datetime, list[Change]]] = {}
        for one in self._deeds.deeds if self._deeds is not None else ():
            said = "deed_cut_short" if one.cut_short else "deed_part" if one.failed else "deed_done"
            found.setdefault((self._at(one.at), said), (one.at, []))[1].extend(one.changes)
        return [
            (at, Moment(when, self._words[said], self._lines(changes))) for (when, said), (at, changes) in found.items()
        ]

    def _lines(self, changes: Sequence[Change]) -> tuple[str, ...]:
        """Each place once, by its title: several kinds of rows may share one."""
        rows: dict[tuple[str, str], int] = {}
        for one in changes:
            place = (place_of(self._policy, one, self._language), one.how)
            rows[place] = rows.get(place, 0) + one.rows
        return tuple(
            self._words.say(f"deed_{how}{'_one' if n == 1 else ''}", place=place, n=locale.whole(n, self._language))
            for (place, how), n in rows.items()
        )

    def _untouched(self) -> list[str]:
        """That nothing was changed in the stores, where that is known and somebody may have thought otherwise."""
        if self._deeds is None or not self._deeds.known or self._deeds.deeds or self._request.right not in _CHANGING:
            return []
        stands = self._request.right != Right.ERASURE and self._request.right != Right.RECTIFICATION
        answered = any(h.act == Act.ANSWERED for h in self._request.history)
        return [self._words["unchanged_noted" if stands and answered else "unchanged"]]

    def next(self) -> str:
        """What comes next, in a sentence; empty when it is over."""
        return self._said(ahead(self._request.ref))

    def _said(self, found: Ahead) -> str:
        if not found.what or self._request.state in (State.WITHDRAWN, State.REFUSED):
            return ""
        until = self._at(found.until) if found.until else ""
        if found.what == WORKING and found.stop == Stop.TIDY:
            return ""
        name = f"next_{found.what}" if found.what != "staff" or found.stop != Stop.RECIPIENTS else "next_recipients"
        if found.again:
            name = "next_approval_again"
        elif found.what == "approval" and self._request.right == Right.HUMAN_REVIEW:
            name = "next_approval_review"
        if found.what == "identity" and self._request.state != State.IDENTITY_AWAITED:
            name = "next_unknown"
        elif found.what == "identity" and (wanted := self._wanted()) is not None:
            name, until = "next_send_document", self._at(wanted.until)
        day = locale.day(self._row.due, self._language)
        return self._words.say(self._name(name, "next_person"), until=until, day=day)

    def _wanted(self) -> Any | None:
        """The link under which a copy of an identity document is awaited."""
        return self._row.documents.filter(given__isnull=True, destroyed__isnull=True).first()

    def _documents(self) -> list[tuple[datetime, Moment]]:
        """Copies of identity documents: when one came, and when it was destroyed."""
        found = []
        for one in self._row.documents.filter(given__isnull=False):
            found.append((one.given, Moment(self._at(one.given), self._word("act_document_came"))))
            if one.destroyed is not None:
                found.append((one.destroyed, Moment(self._at(one.destroyed), self._word("act_document_gone"))))
        return found

    def _lifted(self) -> list[tuple[datetime, Moment]]:
        """What stood in force and was ended."""
        what, language = self._words[f"ended_{self._request.right}"] if self._ended else "", self._language
        return [
            (at, Moment(self._at(at), what, tuple(narrowed(self._policy, self._of({name}), language) if name else ())))
            for at, name in self._ended
        ]

    def _of(self, scope: set[str]) -> Request:
        return replace(self._request, scope=frozenset(scope))

    def _name(self, name: str, otherwise: str = "") -> str:
        """The words of this name for whoever reads it; ``otherwise``: for whom it is about, where there are no own."""
        own = f"{name}_{self._side}"
        if self._side == Side.OWN or self._words.has(own):
            return name if self._side == Side.OWN else own
        return otherwise if otherwise and self._side == Side.PERSON else name

    def _word(self, name: str) -> str:
        return self._words[self._name(name)]

    def _moment(self, one: Happened) -> Moment:
        more: list[str] = []
        if one.act in (Act.IDENTITY_ASKED, Act.EXTENDED) and self._side != Side.PERSON:
            more = [DELAY_REASONS[reason].text[self._language] for reason in one.reasons]
        elif one.act == Act.REFUSED:
            more = [line.removeprefix("– ") for line in reasons_in(self._request, self._language)]
        elif one.act in (Act.ANSWERED, Act.PARTLY_REFUSED):
            more = self._outcome()
        if one.act in (Act.REFUSED, Act.WITHDRAWN, Act.ANSWERED, Act.PARTLY_REFUSED):
            more = [*more, *self._untouched()]
        given = one.reference if one.act == Act.APPROVED else ""
        what = "act_shared" if given == "shared" else "act_by_hand" if given else f"act_{one.act}"
        if what == "act_approved" and self._request.right == Right.HUMAN_REVIEW:
            what = "act_approved_review"
        if one.act == Act.WITHDRAWN and self._side != Side.OWN and (one.reference or one.by == By.STAFF):
            what = "act_withdrawn" if one.reference == self._side else f"act_called_off_{one.reference or one.by}"
            return Moment(self._at(one.at), self._words[what], tuple(more))
        return Moment(self._at(one.at), self._word(what), tuple(more))

    def _outcome(self) -> list[str]:
        """What was done, what stays, and that something was left aside."""
        done = result_of(self._request.ref)
        aside = self._words["set_apart" if self._side == Side.OWN else "set_apart_behalf"]
        return [*self._done(done), *([aside] if done.get("apart") and self._side != Side.PERSON else [])]

    def _done(self, done: dict[str, Any]) -> list[str]:
        right, words = self._request.right, self._words
        whose = "_behalf" if self._side == Side.SPEAKER else ""
        if done.get("nobody"):
            said = nobody(self._policy, words, done, self._language, whose)
            return [line for text, lines in said for line in (text, *lines)]
        if self._side == Side.PERSON and self._words.has(f"done_about_{right}"):
            whose = "_about"
        if done.get("over"):
            return [words[f"over_{right}"]]
        if right == Right.ERASURE and not done.get("idle"):
            said = answered(self._policy, words, self._request, done, self._language, whose)
            return [line for text, lines in said for line in (text, *lines)]
        lines = [words[f"idle_{right}"] if done.get("idle") else words[f"done{whose}_{right}"]]
        stands = still(self._request, done).scope - {name for _, name in self._ended}
        if self._ended and not stands:
            return [words[f"was_{right}"]]
        if right in (Right.OBJECTION, Right.WITHDRAWAL) and not done.get("idle"):
            lines += narrowed(self._policy, self._of({*stands}), self._language)
        return lines

    def told(self) -> list[tuple[str, str]]:
        """Each recipient with when and how they were told of it, or why not (GDPR Article 19)."""
        words = self._words
        return [
            (
                one.name,
                words.say(f"told_by_{one.how}", at=self._at(one.at)) if one.at is not None
                else one.why or words["told_refused"],
            )
            for one in told_of(self._policy, self._request, self._language)
        ]  # fmt: skip

    def _due(self) -> str:
        one = self._request
        if not one.open or one.state == State.IDENTITY_AWAITED:
            return ""
        return self._words.say("due", day=locale.day(self._row.due, self._language))

    def _day(self, at: datetime) -> str:
        return locale.day(terms_of(self._policy).day(at), self._language)

    def _at(self, at: datetime) -> str:
        return spelt(self._policy, at, self._language)
