"""Staff and undertakings: who may enter, what they signed, who comes and who goes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods

from troth.core.errors import UsageError
from troth.core.policy.model import Policy
from troth.package import locale
from troth.web.accounts import factors
from troth.web.accounts.joining import is_address
from troth.web.accounts.models import Session, folded
from troth.web.accounts.passkeys import has_passkey
from troth.web.console import member, staffing
from troth.web.console.drawing import Problem, draw, language_of, to, words_for
from troth.web.console.gate import Member, staff_only
from troth.web.console.models import Look, Signature, Staff
from troth.web.mail.errors import MailRefused
from troth.web.pages.published import kept
from troth.web.wording import Words


@staff_only("manage_staff")
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest, me: Member) -> HttpResponse:
    """Everybody with access, whether each has signed, and a form to add somebody."""
    policy, error = kept.get().policy, Problem()
    if request.method == "POST":
        error, said = _added(request, me, policy)
        if not error:
            return to(request, "console_staff", said=said)
    language, words = language_of(request), words_for(request)
    rows = [telling(row, policy, language, words) for row in Staff.objects.select_related("user").order_by("added")]
    here = [row for row in rows if not row["ended"]]
    return draw(
        request, me, "staff", 400 if error else 200, error=error, room="staff", staff=here,
        gone=[row for row in rows if row["ended"]], bound=_bound(here, words),
        version=member.undertaking(policy).version, email=request.POST.get("email", "")[:254],
        roles=roles_of(policy, set(request.POST.getlist("role")), language, words),
    )  # fmt: skip


def _added(request: HttpRequest, me: Member, policy: Policy) -> tuple[Problem, str]:
    """Add them, and write to who has no account yet: what is wrong where something is; else what to say. Raises
    EvidenceError."""
    email, names = request.POST.get("email", "").strip()[:254], request.POST.getlist("role")
    if not is_address(folded(email)):
        return Problem("staff_bad_address"), ""
    if not names or not set(names) <= set(member.roles(policy)):
        return Problem("staff_no_role"), ""
    if _beyond(policy, me, names):
        return Problem("staff_beyond"), ""
    try:
        row, new = staffing.add(policy, email, names, datetime.now(UTC), me.public_id)
    except UsageError as refused:
        return _why(refused, policy, language_of(request)), ""
    if new:
        try:
            staffing.invite(policy, row)
        except MailRefused:
            return Problem(), "added_unwritten"
    return Problem(), "added_staff"


def _why(refused: UsageError, policy: Policy, language: str) -> Problem:
    """What is really wrong, in the words of this room."""
    if isinstance(refused, staffing.RoleFullError):
        title = member.role_title(policy, refused.role, language)
        return Problem("staff_full_one" if refused.most == 1 else "staff_full_many", {"role": title, "n": refused.most})
    if isinstance(refused, staffing.AlreadyStaffError):
        return Problem("staff_known")
    return Problem("member_ended" if isinstance(refused, staffing.HasLeftError) else "staff_refused")


def _beyond(policy: Policy, me: Member, names: list[str], has: list[str] | None = None) -> bool:
    """Whether these roles would give somebody, who has the roles ``has``, what the giver may not do themselves."""
    return not member.rights_of(policy, names) - member.rights_of(policy, has or []) <= me.may


def _bound(rows: list[dict[str, Any]], words: Words) -> str:
    """Whether everybody with access has signed the version in force: clause by clause a promise of the policy."""
    signed = sum(row["is_signed"] for row in rows)
    if signed == len(rows):
        return words.say("bound_all", n=len(rows))
    return words.say("bound_some", signed=signed, n=len(rows))


def telling(row: Any, policy: Policy, language: str, words: Words) -> dict[str, Any]:
    """A member of staff, as the page tells of them."""
    me = Member(row, "", frozenset())
    last = Signature.objects.filter(staff=row).order_by("-at").first()
    is_signed = member.signed(me)
    signed = words["signed_never"]
    if last is not None:
        when = _day(last.at, policy, language)
        name = "signed_on" if is_signed else "signed_old"
        signed = words.say(name, version=last.version, day=when)
    second = row.user is not None and (factors.asks_for_second(row.user) or has_passkey(row.user))
    return {
        "public_id": row.public_id, "email": row.user.email if row.user is not None else words["staff_no_account"],
        "roles": ", ".join(member.role_title(policy, name, language) for name in row.roles),
        "since": _day(row.added, policy, language), "ended": _day(row.ended, policy, language) if row.ended else "",
        "is_signed": is_signed, "mark": "●" if is_signed else "▲", "signed": signed,
        "second": words["second_yes" if second else "second_no"], "last": _last(row, policy, language, words),
    }  # fmt: skip


def _day(when: datetime, policy: Policy, language: str) -> str:
    return locale.day(when.astimezone(ZoneInfo(policy.timezone)).date(), language)


def _last(row: Any, policy: Policy, language: str, words: Words) -> str:
    """When they last logged in or looked at somebody's data, as far as that is still known."""
    looks = Look.objects.filter(staff=row).order_by("-at").values_list("at", flat=True)[:1]
    entered = (
        Session.objects.filter(user=row.user, created_at__isnull=False).order_by("-created_at")
        .values_list("created_at", flat=True)[:1] if row.user is not None else ()
    )  # fmt: skip
    known = [*looks, *entered]
    return _day(max(known), policy, language) if known else words["last_never"]


def roles_of(policy: Policy, chosen: set[str], language: str, words: Words) -> list[tuple[str, str, str, bool]]:
    """Every role with what it may do in words."""
    colon = " : " if language == "fr" else ": "
    return [
        (
            name, member.role_title(policy, name, language),
            words["may_word"] + colon + (", ".join(words[f"right_{one}"] for one in role.may) or words["may_nothing"]),
            name in chosen,
        )
        for name, role in member.roles(policy).items()
    ]  # fmt: skip


@staff_only("manage_staff")
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, me: Member, public_id: str) -> HttpResponse:
    """Other roles, or the end. Nobody changes or ends themselves: the last one who manages staff must not lock all
    out."""
    row = Staff.objects.select_related("user").filter(public_id=public_id).first()
    if row is None:
        raise Http404
    policy, error = kept.get().policy, Problem()
    if request.method == "POST":
        error = _changed(request, me, row, policy)
        if not error:
            return to(request, "console_staff", said="changed_staff")
    language, words = language_of(request), words_for(request)
    return draw(
        request, me, "member", 400 if error else 200, error=error, room="staff", ended=row.ended is not None,
        one=telling(row, policy, language, words), roles=roles_of(policy, set(row.roles), language, words),
    )  # fmt: skip


def _changed(request: HttpRequest, me: Member, row: Any, policy: Policy) -> Problem:
    if row.pk == me.staff.pk:
        return Problem("member_self")
    now = datetime.now(UTC)
    try:
        if request.POST.get("do") == "end":
            if "sure" not in request.POST:
                return Problem("member_unsure")
            staffing.end(row, now, me.public_id)
        else:
            names = request.POST.getlist("role")
            if not names or not set(names) <= set(member.roles(policy)):
                return Problem("staff_no_role")
            if _beyond(policy, me, names, row.roles):
                return Problem("staff_beyond")
            staffing.give(policy, row, names, now, me.public_id)
    except UsageError as refused:
        return _why(refused, policy, language_of(request))
    return Problem()
