"""A request as the person follows it: what has happened, with its dates, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from troth.core.evidence.leaf import read_time
from troth.core.law.bases import DELAY_REASONS
from troth.core.policy.model import Policy
from troth.core.requests.model import Act, Happened, Request, Right, State
from troth.core.requests.route import Stop, terms_of
from troth.desk.ahead import WORKING, Ahead, ahead
from troth.desk.asked import narrowed
from troth.desk.models import File, Package
from troth.desk.telling import kept_lines, reasons_in, spelt
from troth.desk.told import told_of
from troth.desk.way import result_of
from troth.package import locale
from troth.web.wording import Words


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened; ``more`` are the lines under it."""

    when: str
    what: str
    more: tuple[str, ...] = ()


class Timeline:
    """One request, in one language."""

    def __init__(self, policy: Policy, request: Request, language: str) -> None:
        self._policy, self._request = policy, request
        self._language, self._words = language, Words("portal", language)
        self._row: Any = File.objects.get(ref=request.ref)

    def line(self) -> dict[str, Any]:
        """It in short: for a list."""
        one, words = self._request, self._words
        mark = "○" if one.open else "▲" if any(h.act == Act.REFUSED for h in one.history) else "●"
        return {
            "ref": one.ref, "right": words[f"ask_{one.right}"], "state": words[f"state_{one.state}"], "mark": mark,
            "received": self._day(one.received), "due": self._due(), "behalf": words["for_other"] if one.behalf else "",
        }  # fmt: skip

    def moments(self) -> list[Moment]:
        """Everything that has happened, the first first."""
        found = [(self._request.received, Moment(self._at(self._request.received), self._words["act_received"]))]
        found += [(h.at, self._moment(h)) for h in self._request.history]
        package = Package.objects.filter(file=self._row).first()
        if package is not None:
            fetched = map(read_time, package.fetched)
            found += [(at, Moment(self._at(at), self._words["act_fetched"])) for at in fetched]
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

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
        if found.what == "approval" and self._request.right == Right.HUMAN_REVIEW:
            name = "next_approval_review"
        if found.what == "identity" and self._request.state != State.IDENTITY_AWAITED:
            name = "next_speaker" if self._request.behalf else "next_unknown"
        return self._words.say(name, until=until, day=locale.day(self._row.due, self._language))

    def _moment(self, one: Happened) -> Moment:
        more: list[str] = []
        if one.act in (Act.IDENTITY_ASKED, Act.EXTENDED):
            more = [DELAY_REASONS[reason].text[self._language] for reason in one.reasons]
        elif one.act == Act.REFUSED:
            more = [line.removeprefix("– ") for line in reasons_in(self._request, self._language)]
        elif one.act in (Act.ANSWERED, Act.PARTLY_REFUSED):
            more = self._outcome()
        what = "act_shared" if one.reference == "shared" else f"act_{one.act}"
        return Moment(self._at(one.at), self._words[what], tuple(more))

    def _outcome(self) -> list[str]:
        """What was done, what stays, and who was told of it."""
        done = result_of(self._request.ref)
        right, words = self._request.right, self._words
        if done.get("nobody"):
            return [words["nobody_behalf" if self._request.behalf else "nobody"]]
        whose = "_behalf" if self._request.behalf else ""
        lines = [words[f"idle_{right}"] if done.get("idle") else words[f"done{whose}_{right}"]]
        if right in (Right.OBJECTION, Right.WITHDRAWAL) and not done.get("idle"):
            lines += narrowed(self._policy, self._request, self._language)
        if done.get("kept"):
            lines += [words["kept"], *kept_lines(self._policy, words, done["kept"], self._language)]
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
