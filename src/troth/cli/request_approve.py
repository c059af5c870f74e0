"""``troth request approve``: what would be done is shown in words, and only what was shown is approved."""

from __future__ import annotations

import hashlib
import html
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    DryRunOption,
    FormatOption,
    LangOption,
    PolicyOption,
    StateOption,
    language,
    print_json,
)
from troth.cli.request_common import AsOption, RefArgument, as_member, asking_house, put_on_record, tell
from troth.core.errors import PlanRefused, UsageError

if TYPE_CHECKING:
    from troth.core.requests.model import Request
    from troth.desk.foretold import Foreseen, Written
    from troth.desk.house import House
    from troth.desk.particulars import Particulars
    from troth.desk.preview import Line
    from troth.web.console.gate import Member
    from troth.web.wording import Words


def approve(
    ref: RefArgument,
    plan: Annotated[
        str, typer.Option("--plan", metavar="DIGEST", help="Approve what was shown under this digest, nothing else.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Approve what is shown now, without asking.")] = False,
    dry_run: DryRunOption = False,
    values: Annotated[
        bool, typer.Option("--values", help="Also print values of the person: what a correction overwrites and writes.")
    ] = False,
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Show what would be done now, and say yes to it: what waits for staff, or for what a refused plan needs mended,
    goes on. When the data have changed by the time it is carried out, it waits for approval again."""
    if dry_run and (yes or plan):
        raise UsageError("--dry-run and --yes or --plan contradict each other")
    with asking_house(policy, state) as house:
        from troth.desk.deciding import approve as approving
        from troth.desk.files import file_of
        from troth.web.wording import Words

        now, spoken = datetime.now(UTC), language(lang)
        opened, who = file_of(house, ref, now)
        me = _member(house, opened.request, who, by, needed=not dry_run)
        if values:
            put_on_record(house, me, ref, who, now)
        found = _foreseen(house, opened.request, who, spoken, now)
        digest = _digest(opened.request, found)
        shown = [*lines(found, Words("console", spoken), values=values)]
        if not _agreed(ref, shown, digest, plan=plan, yes=yes, dry_run=dry_run, output=output, lang=spoken):
            return
        if me is not None:
            _changed(house, me, ref, who)
        tell(approving(house, ref, now, found.digest), output)


def _member(house: House, request: Request, who: Particulars, by: str, *, needed: bool) -> Member | None:
    """Who approves. Where two people are asked for, not whoever entered the request. Raises UsageError."""
    from troth.core.requests.model import Channel

    two = needed and who.elsewhere and request.channel not in (Channel.PORTAL, Channel.API)
    me = as_member(house, by, needed=two)
    if me is not None:
        from troth.web.console.acts import entered_it

        if who.elsewhere and entered_it(me, request.ref):
            raise UsageError(
                "you entered this request, and its answer goes to an address that is not the person’s",
                remedy="somebody else of staff approves it: --as THEIR ADDRESS",
            )
    return me


def _changed(house: House, me: Member, ref: str, who: Particulars) -> None:
    from troth.web.console import trace

    trace.changed(me, "request.approve", at=house, ref=ref, person=who.identifiers, ground="request")


def _foreseen(house: House, request: Request, who: Particulars, lang: str, now: datetime) -> Foreseen:
    """What carrying out would do. Raises StoreUnreachable, PlanRefused: nobody can say yes to what cannot be seen."""
    from troth.desk import foretold

    if request.begun or request.controller:
        return foretold.Foreseen()
    found = foretold.foresee(house, request, who, lang, now, hurried=False)
    if found.blind:
        foretold.check_seen(found)
    return found


def _digest(request: Request, found: Foreseen) -> str:
    """Of what is approved: the rows, or, where it is not about rows, the request and what it is limited to."""
    from troth.core.evidence.canonical import canonical

    if found.digest:
        return found.digest
    return hashlib.sha256(canonical([request.ref, str(request.right), [*sorted(request.scope)]])).hexdigest()


def _agreed(
    ref: str, shown: list[str], digest: str, *, plan: str, yes: bool, dry_run: bool, output: str, lang: str
) -> bool:
    """Whether somebody says yes to what is shown. Raises PlanRefused when it is not what they were shown before,
    UsageError when nobody can be asked."""
    if plan:
        if len(plan) < 8 or not digest.startswith(plan.lower()):
            raise PlanRefused(
                "this is no longer what you looked at: rows or values have changed since, or it was something else",
                remedy=f"`troth request approve {ref} --dry-run` shows what would be done now",
            )
        return True
    if dry_run and output == "json":
        print_json({"request": ref, "plan": digest, "lines": shown})
        return False
    if output == "text" or dry_run:
        for line in shown:
            typer.echo(line)
        typer.echo(f"to approve exactly this: troth request approve {ref} --plan {digest}")
    if dry_run:
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "an approval needs --plan with the digest of what was shown, or --yes", remedy="--dry-run shows it"
        )
    return typer.confirm("Do you approve this?" if lang == "en" else "Donnez-vous votre accord ?", default=False)


def lines(found: Foreseen, words: Words, *, values: bool) -> Iterator[str]:
    """What would be done, in words: as the console tells it, without values of the person unless they are asked for."""
    if found.nobody:
        yield f"○ {words['foreseen_nobody']}"
    if found.waiting:
        yield f"▲ {words['foreseen_waiting']} {found.waiting}"
    if found.erasure is not None:
        if found.erasure.idle:
            yield f"○ {words['foreseen_idle']}"
        if found.erasure.hanging:
            yield f"▲ {words['foreseen_hanging']}"
        yield from (f"    {plain(what)} ({rows}) · {plain(held)}" for what, held, rows in found.erasure.hanging)
        yield from _kept_or_gone(words["foreseen_goes"], found.erasure.goes, words)
        yield from _kept_or_gone(words["foreseen_stays"], found.erasure.stays, words)
    if found.writes:
        yield words["foreseen_writes"]
        for one in found.writes:
            yield from _written(one, words, values=values)
    if found.purposes:
        yield words["foreseen_purposes"]
        yield from (f"  {title}" for title in found.purposes)


def _kept_or_gone(title: str, found: tuple[Line, ...], words: Words) -> Iterator[str]:
    if found:
        yield title
    for line in found:
        yield f"  {plain(line.place)} ({_rows(line.rows, words)})"
        for why in line.whys:
            until = f", {words['until']} {why.until}" if why.until else ""
            yield "    " + (f"{plain(why.what)} – " if why.what else "") + why.why + until


def _written(one: Written, words: Words, *, values: bool) -> Iterator[str]:
    field = f", {plain(one.field)}" if one.field else ""
    yield f"  {plain(one.place)}{field} ({_rows(one.rows, words)})"
    if one.doubt:
        yield f"    ▲ {words[one.doubt]}"
    if values and one.standing:
        yield f"    {words['foreseen_standing']} " + " · ".join(v or words["foreseen_empty"] for v in one.standing)
    if values and one.value:
        yield f"    {words['foreseen_then']} {one.value}"


def _rows(count: int, words: Words) -> str:
    return words["row_one"] if count == 1 else f"{count} {words['row_many']}"


def plain(markup: Any) -> str:
    """Finished markup as text."""
    return html.unescape(re.sub(r"<[^>]+>", "", str(markup)))
