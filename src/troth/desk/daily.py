"""Once a day: staff are told what waits for them, files whose time is over go, and so do packages nobody fetched."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from troth.core.evidence.leaf import Event
from troth.core.policy.sections.people import Rights
from troth.core.policy.values import add, parse_duration
from troth.core.requests.clock import REMINDERS
from troth.core.requests.route import terms_of
from troth.desk import packages
from troth.desk.house import House, house
from troth.desk.models import File, Package
from troth.desk.way import REFUSED, SHARED, WAITS
from troth.jobs import schedule
from troth.jobs.enqueue import Planned
from troth.jobs.models import WAITING_FOR, Step
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work
from troth.web.wording import Words

KIND = "request.daily"
_HOUR = time(7)
_STAFF = (*WAITS.values(), SHARED, REFUSED)


@dataclass(frozen=True, slots=True)
class Waiting:
    """``staff``: requests that cannot go on without somebody; ``soon`` and ``late``: open ones by their day."""

    staff: int
    soon: int
    late: int

    @property
    def worth_a_mail(self) -> bool:
        """Somebody has something to do."""
        return bool(self.staff or self.soon or self.late)


def waiting(today: date) -> Waiting:
    """What is open. Nobody is named: these are numbers."""
    refs = Step.objects.filter(kind__startswith="request.", state=WAITING_FOR, waits_for__in=_STAFF)
    staff = refs.values_list("reference", flat=True).distinct().count()
    dues = list(File.objects.filter(settled__isnull=True).values_list("due", flat=True))
    late = sum(due < today for due in dues)
    soon = sum(0 <= (due - today).days <= max(REMINDERS) for due in dues)
    return Waiting(staff, soon, late)


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
        for name, count in (("late", found.late), ("soon", found.soon), ("staff", found.staff)) if count
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
        packages.delete(f"{ref}.sealed")
    File.objects.filter(pk__in=[pk for pk, _ in old]).delete()
    if old:
        at.records.note(Event("requests.forgotten", datetime.now(UTC), {"files": len(old)}))
    return len(old)


def sweep_packages(now: datetime, known: Iterable[str] | None = None) -> int:
    """Files that belong to no row or whose day is over; how many went. A crash may leave one."""
    alive = set(Package.objects.filter(until__gt=now).values_list("name", flat=True)) if known is None else set(known)
    gone = 0
    for path in packages.folder().iterdir():
        old = now.timestamp() - path.stat().st_mtime > 86400
        if path.is_file() and path.name not in alive and old:
            gone += packages.delete(path.name)
    return gone


def _run(work: Work) -> Outcome:
    with house() as at:
        now = datetime.now(UTC)
        today = terms_of(at.policy).day(now)
        gone, forgotten = sweep_packages(now), forget(at, today)
        work.still_mine()
        return Done({"told": remind(at, today), "packages": gone, "files": forgotten})


def register() -> None:
    """Every morning."""
    known_kind(StepKind(name_of(KIND, 1), _run))
    schedule.register(schedule.Schedule(KIND, schedule.daily(_HOUR, "Europe/Paris"), [Planned(KIND)]))
