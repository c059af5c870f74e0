"""What somebody has ended in their space, told by mail: a refusal that they took back is confirmed to them; the end of
a request for somebody else is told to the other one of the two."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from troth.core.requests.model import Act, Behalf, Request
from troth.core.requests.route import terms_of
from troth.desk.asked import titles
from troth.desk.files import file_of
from troth.desk.house import House, at_work
from troth.desk.models import File, Refusal
from troth.desk.particulars import Particulars
from troth.desk.telling import spelt
from troth.jobs.enqueue import Planned, enqueue
from troth.jobs.registry import StepKind, name_of
from troth.jobs.registry import register as known_kind
from troth.jobs.work import Done, Outcome, Work
from troth.package.locale import day as spelt_day
from troth.publishing.ways import SPACE, has_space
from troth.web.addresses import site_address
from troth.web.wording import Words

LIFTED, CALLED_OFF = "refusal.lifted", "request.called_off"
PERSON, SPEAKER = "person", "speaker"
"""Who ended a request for somebody else: whom it is about, or whoever asked."""


def lifted(files: Collection[int], purpose: str) -> None:
    """A refusal of this purpose, which these files had put in force, is taken back: let it be confirmed, once, where
    the last of the person's own was answered. Nobody knows an address for one without a file left; and whoever refused
    in somebody's name long ago need not learn what that person allows today."""
    found = File.objects.filter(pk__in=files, behalf="").order_by("-received").first()
    if found is not None:
        enqueue(LIFTED, f"{found.ref}/{purpose}", [Planned(LIFTED, found.ref)], plan={"purpose": purpose})


def called_off(request: Request, by: str) -> None:
    """A request for somebody else has been ended by one of the two: let the other hear of it."""
    if request.behalf is not None:
        enqueue(CALLED_OFF, request.ref, [Planned(CALLED_OFF, request.ref)], plan={"by": by})


def _confirm(work: Work) -> Outcome:
    ref, purpose = work.claim.reference, str(work.claim.plan["purpose"])
    row = Refusal.objects.filter(file__ref=ref, purpose=purpose, ended__isnull=False).order_by("-ended").first()
    with at_work() as at:
        if row is None or purpose not in at.policy.purposes:
            return Done()
        opened, who = file_of(at, ref, datetime.now(UTC))
        if who.answer_to:
            work.still_mine()
            _write_lifted(at, opened.request, who, row)
    return Done()


def _write_lifted(at: House, request: Request, who: Particulars, row: Refusal) -> None:
    language = _language(at, who)
    words, kind = Words("portal", language), "withdrawal" if row.ground == "withdrawal" else "objection"
    what = ", ".join(titles(at.policy, {row.purpose}, language))
    said = [
        words.say(f"lifted_{kind}", when=spelt(at.policy, row.ended, language), purpose=what),
        words["lifted_again"],
    ]  # fmt: skip
    _send(at, who.answer_to, f"lifted_{kind}_subject", said, language, request.ref, f"lifted.{row.purpose}")


def _tell(work: Work) -> Outcome:
    ref, by = work.claim.reference, str(work.claim.plan["by"])
    if not File.objects.filter(ref=ref).exists():
        return Done()
    with at_work() as at:
        opened, who = file_of(at, ref, datetime.now(UTC))
        request = opened.request
        address = who.answer_to if by == PERSON else _theirs(request, who)
        if address:
            work.still_mine()
            _write_called_off(at, request, who, by, address)
    return Done()


def _theirs(request: Request, who: Particulars) -> str:
    """The address of whom a request is about, once a human has found that the other one may speak for them: before,
    anybody could have any address written to. A child's parents read for it, and an heir's request has nobody else."""
    shown = any(one.act == Act.IDENTITY_SHOWN for one in request.history)
    if request.behalf != Behalf.MANDATE or not who.elsewhere or not shown:
        return ""
    return next((value for kind, value in who.identifiers if kind == "email"), "")


def _write_called_off(at: House, request: Request, who: Particulars, by: str, address: str) -> None:
    language = _language(at, who) if by == PERSON else _ours(at)
    words = Words("portal", language)
    said = [
        words.say(
            f"called_off_{by}", day=spelt_day(terms_of(at.policy).day(request.received), language),
            right=words[f"right_{request.right}"], who=who.speaker or words["about_no_name"],
        ),
        words[f"called_off_then_{by}"],
    ]  # fmt: skip
    _send(at, address, f"called_off_subject_{by}", said, language, request.ref, "called_off")


def _send(at: House, to: str, subject: str, said: list[str], language: str, ref: str, name: str) -> None:
    from troth.web.mail.messages import compose, send, the_same

    words, base = Words("portal", language), site_address(at.policy) if has_space(at.policy) else ""
    button = (words["to_space"], f"{base}{SPACE}") if base else None
    footer = [words.say("reference", ref=ref)]
    send(the_same(compose(to, words[subject], said, language=language, button=button, footer=footer), f"{ref}.{name}"))


def _language(at: House, who: Particulars) -> str:
    return who.language if who.language in ("fr", "en") else _ours(at)


def _ours(at: House) -> str:
    return at.policy.authoritative if at.policy.authoritative in ("fr", "en") else "en"


def register() -> None:
    """Make the steps known to the journal."""
    known_kind(StepKind(name_of(LIFTED, 1), _confirm, tries=12))
    known_kind(StepKind(name_of(CALLED_OFF, 1), _tell, tries=12))
