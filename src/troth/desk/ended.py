"""When something that a person had put in force has ended: who was told that data is restricted is told that it is so
no longer, and the person what has ended (GDPR Articles 18(3) and 19)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from troth.core.evidence.canonical import JSON
from troth.core.evidence.leaf import Event
from troth.core.requests.model import Request, Right
from troth.core.requests.route import Stop
from troth.desk.asked import identifier, titles
from troth.desk.files import file_of
from troth.desk.house import House, at_work
from troth.desk.models import File, Refusal
from troth.desk.particulars import Particulars
from troth.desk.recipients import told_by_hand
from troth.desk.way import result_of
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work
from troth.web.mail.errors import MailRefused
from troth.web.wording import Words

KIND = "restriction.ended"
_PATIENT = 5
"""Tries after which a recipient whose mail is refused is put on record as not told."""


def ends_of(house: House, request: Request) -> tuple[tuple[datetime, str], ...]:
    """When what a request put in force ended, and for which purpose; of a restriction, for none in particular."""
    if request.right == Right.RESTRICTION:
        mark = house.records.state.restrictions.get(request.ref)
        return ((mark.released_at, ""),) if mark is not None and mark.released_at is not None else ()
    rows = Refusal.objects.filter(file__ref=request.ref, ended__isnull=False).order_by("ended")
    found = dict(rows.values_list("purpose", "ended"))
    return tuple((ended, purpose) for purpose, ended in found.items())


def warn(house: House, ref: str, now: datetime) -> bool:
    """Before somebody else than the person ends a restriction: tell them that it ends (Article 18(3)); False where
    there is no request of that name, or no address to write to. Raises MailRefused: then it is not to be ended."""
    if not reachable(house, ref, now):
        return False
    _write(house, ref, file_of(house, ref, now)[1], "ends")
    return True


def reachable(house: House, ref: str, now: datetime) -> bool:
    """Whether whoever asked for this restriction can be written to."""
    return File.objects.filter(ref=ref).exists() and bool(file_of(house, ref, now)[1].answer_to)


def over(ref: str, *, theirs: bool) -> None:
    """A restriction has ended: let everybody hear of it who was told that it stood. ``theirs``: the person ended it,
    and it is confirmed to them. One that no request has made was told to nobody."""
    if File.objects.filter(ref=ref).exists():
        enqueue("restriction", ref, [Planned(KIND, ref)], plan={"theirs": theirs})


def _tell(work: Work) -> Outcome:
    ref = work.claim.reference
    if not File.objects.filter(ref=ref).exists():
        return Done()
    with at_work() as at:
        now = datetime.now(UTC)
        opened, who = file_of(at, ref, now)
        done: dict[str, Any] = dict(work.claim.progress or {})
        if work.claim.plan.get("theirs") and who.answer_to and not done.get("person"):
            work.still_mine()
            _write(at, ref, who, "ended")
            done["person"] = True
            work.note(done)
        if done.get("recipients"):
            return Done()
        told, not_told = _recipients(at, opened.request, who, done, work)
        if told or not_told:
            body: dict[str, JSON] = {"request": ref, "told": [*told], "not_told": [*not_told], "ended": True}
            at.records.note(Event("recipients.told", now, body))
        work.note({**done, "recipients": True})
    return Done({"told": told, "not_told": not_told})


def _recipients(
    at: House, request: Request, who: Particulars, done: dict[str, Any], work: Work
) -> tuple[list[str], list[str]]:  # fmt: skip
    """Those who were told that it stood; who is told by hand, or whose mail is refused, is not told here."""
    before = list(result_of(request.ref, Stop.RECIPIENTS).get("told", ()))
    by_hand, not_told = told_by_hand(at, [one for one in before if one in at.policy.document.recipients]), []
    told: list[str] = list(done.get("told", ()))
    for name in before:
        notices = getattr(at.policy.document.recipients.get(name), "notices", None)
        if name in told:
            continue
        if name in by_hand or notices is None or not notices.to:
            not_told.append(name)
            continue
        try:
            work.still_mine()
            _write_recipient(at, request.ref, who, name, str(notices.to))
        except MailRefused:
            if work.tries < _PATIENT:
                raise
            not_told.append(name)
            continue
        told.append(name)
        work.note({**done, "told": told})
    return sorted(told), sorted(not_told)


def _write(at: House, ref: str, who: Particulars, which: str) -> None:
    from troth.web.mail.messages import compose, send, the_same

    language = who.language if who.language in ("fr", "en") else _ours(at)
    words = Words("portal", language)
    other = "_other" if File.objects.get(ref=ref).behalf else ""
    refused = _refused(at, who)
    still = [words.say("freeze_still_refused", what=_named(at, refused, language))] if refused else []
    said = [words[f"freeze_{which}{other}"], *still, words["freeze_again"]]
    message = compose(
        who.answer_to, words[f"freeze_{which}_subject"], said,
        language=language, footer=[words.say("reference", ref=ref)],
    )  # fmt: skip
    send(the_same(message, f"{ref}.{which}"))


def _write_recipient(at: House, ref: str, who: Particulars, name: str, to: str) -> None:
    from troth.web.mail.messages import compose, send, the_same

    language = _ours(at)
    words = Words("portal", language)
    known = ", ".join(f"{identifier(at.policy, kind, language)} {value}" for kind, value in who.identifiers)
    refused = {use for use in _refused(at, who) if name in at.policy.purposes[use].recipients}
    still = [words.say("recipient_still_refused", what=_named(at, refused, language))] if refused else []
    said = [words.say("recipient_restriction_ended", person=known), *still, words.say("recipient_reference", ref=ref)]
    send(the_same(compose(to, words["recipient_subject"], said, language=language), f"{ref}.ended.{name}"))


def _refused(at: House, who: Particulars) -> set[str]:
    """The uses that the person has refused: the end of a freeze brings none of them back."""
    hashes = at.records.state.keys.vault.indexes(who.identifiers)
    rows = Refusal.objects.filter(hash__in=hashes, ended__isnull=True)
    return set(rows.values_list("purpose", flat=True)) & set(at.policy.purposes)


def _named(at: House, uses: set[str], language: str) -> str:
    return ", ".join(titles(at.policy, uses, language))


def _ours(at: House) -> str:
    return at.policy.authoritative if at.policy.authoritative in ("fr", "en") else "en"


def register() -> None:
    """Make the step known to the journal."""
    known_kind(StepKind(name_of(KIND, 1), _tell, tries=12))
