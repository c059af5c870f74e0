"""Once a day: staff are told what waits for them, files whose time is over go, and so do packages nobody fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from django.db.models import Q

from troth.core.evidence.leaf import Event
from troth.core.policy.sections.people import Rights
from troth.core.policy.values import add, parse_duration
from troth.core.requests.clock import REMINDERS
from troth.core.requests.model import Act, State
from troth.core.requests.route import terms_of
from troth.desk import documents, packages, standing
from troth.desk.files import JOB, request_of
from troth.desk.house import House, house
from troth.desk.models import Document, File, Package
from troth.desk.way import REFUSED, SHARED, WAITS
from troth.jobs import schedule
from troth.jobs.enqueue import Planned
from troth.jobs.models import FAILED, READY, WAITING_FOR, Job, Step
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work
from troth.web.pages import published
from troth.web.wording import Words

KIND = "request.daily"
_HOUR = time(7)
LONG = 14
"""Days without an answer to who asks, after which somebody should ask again or decide: links end, mails are lost."""
_TROUBLES = ("unreachable", "failed")
_STAFF = (*WAITS.values(), SHARED, REFUSED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """``staff``: requests that cannot go on without somebody; ``soon`` and ``late``: open ones by their day;
    ``stuck``: those that go on by themselves only when something has been mended; ``unknown``: those whose clock stands
    still because who asks has not answered for ``LONG`` days."""

    staff: int
    soon: int
    late: int
    stuck: int
    unknown: int = 0

    @property
    def worth_a_mail(self) -> bool:
        """Somebody has something to do."""
        return bool(self.staff or self.soon or self.late or self.stuck or self.unknown)


def waiting(today: date) -> Waiting:
    """What is open. Nobody is named: these are numbers."""
    refs = Step.objects.filter(kind__startswith="request.", state=WAITING_FOR, waits_for__in=_STAFF)
    staff = refs.values_list("reference", flat=True).distinct().count()
    running = File.objects.filter(settled__isnull=True).exclude(state=State.IDENTITY_AWAITED)
    dues = list(running.values_list("due", flat=True))
    late = sum(due < today for due in dues)
    soon = sum(0 <= (due - today).days <= max(REMINDERS) for due in dues)
    return Waiting(staff, soon, late, len(_stuck()), _unanswered(today))


def _unanswered(today: date) -> int:
    """Requests whose person was asked long ago who they are, and has not been asked again."""
    rows = File.objects.filter(state=State.IDENTITY_AWAITED, settled__isnull=True)
    asked = [[one.at for one in request_of(row).history if one.act == Act.IDENTITY_ASKED] for row in rows]
    return sum(bool(times) and (today - max(times).date()).days >= LONG for times in asked)


def _stuck() -> set[str]:
    """Requests with a step that was given up or is put off for an outage, and open ones that no job carries."""
    trouble = Q(state=FAILED) | Q(state=READY, error__in=_TROUBLES)
    found = set(Step.objects.filter(trouble, kind__startswith="request.").exclude(reference="").values_list(
        "reference", flat=True
    ))  # fmt: skip
    open_ones = set(File.objects.filter(settled__isnull=True).values_list("ref", flat=True))
    carried = set(Job.objects.filter(kind=JOB, settled__isnull=True, key__in=open_ones).values_list("key", flat=True))
    return found | open_ones - carried


def remind(at: House, today: date) -> bool:
    """A mail to whom the policy names for questions about data; whether one was sent. Raises MailRefused."""
    found = waiting(today)
    point = at.policy.document.publisher.privacy_contact
    address = (point.email if point else None) or at.policy.document.publisher.email
    if not found.worth_a_mail or address is None or at.policy.document.mail is None:
        return False
    from troth.web.mail.messages import compose, send

    language = at.policy.authoritative
    words = Words("portal", language)
    lines = [
        words.say(f"daily_{name}", n=count)
        for name, count in (
            ("late", found.late), ("soon", found.soon), ("staff", found.staff), ("stuck", found.stuck),
            ("unknown", found.unknown),
        ) if count
    ]  # fmt: skip
    send(compose(address, words.say("daily_subject"), [*lines, words.say("daily_how")], language=language))
    return True


def forget(at: House, today: date) -> int:
    """Files of requests that ended so long ago as the policy says, with what is left of them; how many. Without
    ``requests_kept`` nothing is forgotten: `troth check` asks for a period."""
    kept = (at.policy.document.rights or Rights()).requests_kept
    if kept is None:
        return 0
    period, terms = parse_duration(kept), terms_of(at.policy)
    settled = File.objects.filter(settled__isnull=False).values_list("pk", "ref", "settled")
    old = [(pk, ref) for pk, ref, end in settled if add(terms.day(end), period) < today]
    for _, ref in old:
        packages.clear(ref)
    File.objects.filter(pk__in=[pk for pk, _ in old]).delete()
    if old:
        at.records.note(Event("requests.forgotten", datetime.now(UTC), {"files": len(old)}))
    return len(old)


def sweep_packages(now: datetime, known: Iterable[str] | None = None) -> int:
    """Files that belong to no row or whose day is over; how many went. A crash may leave one."""
    alive = set(Package.objects.filter(until__gt=now).values_list("name", flat=True)) if known is None else set(known)
    alive |= set(Document.objects.exclude(name="").values_list("name", flat=True))
    return packages.sweep(alive, now.timestamp() - 86400)


def _run(work: Work) -> Outcome:
    from troth.web.console import reminding, trace

    with house() as at:
        now = datetime.now(UTC)
        today = terms_of(at.policy).day(now)
        documents.tidy(at, now)
        trace.clear(at, now)
        gone, forgotten = sweep_packages(now), forget(at, today)
        work.still_mine()
        ended = standing.end_due(at, now)
        work.still_mine()
        colleagues = reminding.remind(at, today) if at.policy.document.accounts is not None else 0
        done = {"colleagues": colleagues, "packages": gone, "files": forgotten, "restrictions": ended}
        return Done({"told": remind(at, today), **done})


def _each_morning(now: datetime) -> datetime:
    """Seven by the clocks where the publisher is."""
    return schedule.daily(_HOUR, published.kept.get().policy.timezone)(now)


def register() -> None:
    """Every morning."""
    known_kind(StepKind(name_of(KIND, 1), _run))
    schedule.register(schedule.Schedule(KIND, _each_morning, [Planned(KIND)]))
