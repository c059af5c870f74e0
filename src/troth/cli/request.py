"""``troth request``: what people have asked for, by letter, telephone or the site, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    LangOption,
    PolicyOption,
    StateOption,
    SubjectArgument,
    language,
    parse_date,
    parse_subject,
    print_json,
    shown_errors,
)
from troth.cli.request_approve import approve
from troth.cli.request_common import (
    AsOption,
    RefArgument,
    as_member,
    asking_house,
    check_vouched,
    request_json,
    tell,
)
from troth.cli.request_share import share
from troth.cli.request_show import details
from troth.cli.request_staff import assign
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.desk.files import Opened, Wish
    from troth.desk.house import House
    from troth.web.console.gate import Member

HELP = "What people have asked for, by letter, telephone or the site, and what becomes of it."
BecauseOption = Annotated[
    list[str],
    typer.Option("--because", metavar="CODE", help="A reason by its code; without one the codes are listed."),
]
_RIGHTS = (
    "access, rectification, erasure, restriction, portability, objection, withdrawal, human_review, "
    "directives_after_death"
)

_WAITS = {
    "identity": "who asks (identity)", "document": "a look at an identity document (console)",
    "approval": "your yes (approve)", "again": "your yes again: what would be done has changed since (approve)",
    "staff": "your hand or letter (done)",
    "shared": "a look at shared rows (share)", "refused_plan": "a fault to be mended (approve)",
    "cooling": "the person may still change their mind", "fetching": "the last day of the package",
    "working": "nobody, it is being carried out", "away": "a store or server that does not answer",
    "trying": "something did not work; it is tried again by itself",
    "stuck": "`troth jobs retry`",
}  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=HELP)
    for name, form in (
        ("new", new), ("list", show), ("show", details), ("approve", approve), ("assign", assign), ("share", share),
        ("identity", identity),
        ("extend", extend), ("refuse", refuse), ("withdraw", withdraw), ("done", done), ("directives", directives),
        ("may", may),
    ):  # fmt: skip
        group.command(name, help=form.__doc__)(shown_errors(form))
    app.add_typer(group, name="request")


def new(
    right: Annotated[str, typer.Argument(metavar="RIGHT", help=f"What is asked for: {_RIGHTS}.")],
    subject: SubjectArgument,
    channel: Annotated[
        str, typer.Option("--channel", help="How it came: post, phone, email, form, portal, api.")
    ] = "post",
    received: Annotated[str | None, typer.Option("--received", metavar="DATE", help="When, if not today.")] = None,
    verified: Annotated[
        str, typer.Option("--verified", metavar="HOW", help="How you know who asks: known, phone, customer_number …")
    ] = "",
    answer_to: Annotated[
        str, typer.Option("--answer-to", metavar="ADDRESS", help="E-mail for the answer; without: by letter.")
    ] = "",
    behalf: Annotated[
        str | None, typer.Option("--behalf", help="Who speaks for the person: mandate, parent, heir.")
    ] = None,
    purpose: Annotated[list[str] | None, typer.Option("--purpose", help="Only what serves this purpose.")] = None,
    category: Annotated[
        list[str] | None, typer.Option("--category", help="An erasure of this kind of data only (TelephoneNumber).")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="An erasure, objection or withdrawal for all uses: said, not left out.")
    ] = False,
    correct: Annotated[
        list[str] | None, typer.Option("--correct", metavar="FIELD=VALUE", help="What is to be corrected.")
    ] = None,
    client: Annotated[
        str, typer.Option("--client", help="The client whose data it is, if you are its processor.")
    ] = "",
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Enter a request. `troth worker` or `troth serve` carries it out, after approval where the policy asks for it."""
    with asking_house(policy, state) as house:
        from troth.core.requests.model import Behalf, Channel, Right
        from troth.core.rights.formats import check_fit
        from troth.desk.files import Wish
        from troth.desk.particulars import Particulars

        now = datetime.now(UTC)
        who = parse_subject(subject, house.policy)
        particulars = Particulars(who.identifiers, answer_to, language(lang), _corrections(correct))
        wish = Wish(
            _one_of(Right, right), particulars, _one_of(Channel, channel), frozenset(purpose or ()),
            _one_of(Behalf, behalf) if behalf else None, client, verified, "", _arrived(received, now),
            categories=frozenset(category or ()),
        )  # fmt: skip
        check_fit(house.policy, particulars.wanted)
        _named(wish.right, [*(purpose or ()), *(category or ())], everything=everything)
        check_vouched(particulars, verified)
        opened = _entered(house, as_member(house, by, needed=particulars.elsewhere), wish, now)
        tell(opened, output, joined=opened.joined)


def _entered(house: House, me: Member | None, wish: Wish, now: datetime) -> Opened:
    """The request; on record as entered by a member of staff, where one is named."""
    from troth.desk.files import open_file

    if me is None:
        return open_file(house, wish, now)
    from troth.web.console.enter import entered

    return entered(house, me, wish)


def show(
    everything: Annotated[bool, typer.Option("--all", help="Also those that have ended.")] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:
    """List requests, the most urgent first. Nobody is named. Exits with 1 when one is late."""
    with asking_house(policy, state) as house:
        from troth.core.requests.model import State
        from troth.core.requests.route import terms_of
        from troth.desk.ahead import Ahead, ahead_of
        from troth.desk.byhand import assigned
        from troth.desk.files import all_files
        from troth.web.console.staffing import people

        today = terms_of(house.policy).day(datetime.now(UTC))
        # While it is awaited who asks, the clock stands still.
        rows = [
            (request, due, request.open and request.state != State.IDENTITY_AWAITED and due < today)
            for request, due in all_files(only_open=not everything)
        ]
        waits, named, known = ahead_of(request.ref for request, _, _ in rows), assigned(), people()
        if output == "json":
            print_json({"requests": [
                {**request_json(request), "due": due.isoformat(), "late": late,
                 "waits_for": waits.get(request.ref, Ahead()).what or None, "assigned": named.get(request.ref)}
                for request, due, late in rows
            ]})  # fmt: skip
        elif not rows:
            typer.echo("● nothing is open")
        for request, due, late in rows if output == "text" else ():
            sign = "▲" if late else "○" if request.open else "●"
            coming = waits.get(request.ref, Ahead())
            what = "again" if coming.again else coming.what
            line = f"{sign} {request.ref}  {request.right}  {request.state}  due {due.isoformat()}"
            whose = (
                f"  ({known.get(named[request.ref], named[request.ref])} has it)"
                if request.ref in named and request.open
                else ""
            )
            typer.echo(line + (f"  waits for: {_WAITS.get(what, what)}" if what else "") + whose)
        raise typer.Exit(1 if any(late for _, _, late in rows) else 0)


def identity(
    ref: RefArgument,
    shown: Annotated[str, typer.Option("--shown", metavar="HOW", help="It is known who asks, in this way.")] = "",
    because: BecauseOption = ["identity_required"],  # noqa: B006
    document: Annotated[
        bool, typer.Option("--document", help="By a copy of an identity document: only on a reasonable doubt.")
    ] = False,
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """Ask the person who they are, which stops the clock; with --shown: say that it is known, and it goes on. A copy
    of an identity document shows it only once you (--as) have looked at it, in the console."""
    if shown:
        with asking_house(policy, state) as house:
            me = as_member(house, by, needed=False)
            who = me.public_id if me is not None else ""
            tell(_desk().identified(house, ref, shown, datetime.now(UTC), who=who), "text")
    else:
        _decide(policy, state, lambda house, now: _desk().ask_identity(
            house, ref, because[0], now, document=document
        ))  # fmt: skip


def extend(
    ref: RefArgument,
    because: BecauseOption = [],  # noqa: B006
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """Take two months more, and tell the person why; only within the first month (Article 12(3))."""
    _decide(policy, state, lambda house, now: _desk().extend(house, ref, "".join(because[:1]), now))


def refuse(
    ref: RefArgument,
    because: BecauseOption = [],  # noqa: B006
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """Refuse, with the reasons; the person is told them, and of the complaint and the courts (Article 12(4))."""
    _decide(policy, state, lambda house, now: _desk().refuse(house, ref, because, now))


def withdraw(ref: RefArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None) -> None:
    """Record that the person does not want it any more; they are told by mail."""
    from troth.core.requests.model import By

    _decide(policy, state, lambda house, now: _desk().withdraw(house, ref, now, By.STAFF))


def done(
    ref: RefArgument,
    evidence: Annotated[
        str, typer.Option("--evidence", metavar="NUMBER", help="Of the letter, file or ticket that shows it.")
    ] = "",
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="What you did, where no number shows it; kept encrypted.")
    ] = "",
    nothing: Annotated[
        bool, typer.Option("--nothing", help="In a system without a connector nothing of the person was there.")
    ] = False,
    result: Annotated[
        str, typer.Option("--result", metavar="RESULT", help="Of a review by a human: stays, changed, partly.")
    ] = "",
    reasons: Annotated[
        str, typer.Option("--reasons", metavar="TEXT", help="Of a review by a human: why; the person reads it so.")
    ] = "",
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
) -> None:
    """Say that what no connector can do has been done by hand, or that the letter with the answer has been sent."""
    with asking_house(policy, state) as house:
        me = as_member(house, by, needed=False)
        from troth.desk.byhand import COMMAND, Review

        done = _desk().done_by_hand(
            house, ref, evidence, datetime.now(UTC), note=note, found=not nothing,
            who=me.public_id if me is not None else COMMAND, review=Review(result, reasons),
        )  # fmt: skip
        tell(done, "text")


def directives(
    ref: RefArgument, policy: PolicyOption = DEFAULT_POLICY, state: StateOption = None, output: FormatOption = "text"
) -> None:
    """Show what somebody wanted to become of their data after their death, for the request of an heir or executor."""
    with asking_house(policy, state) as house:
        from troth.desk.directives import shown_for

        found = shown_for(house, ref, datetime.now(UTC))
    said = found.directives if found is not None else None
    if output == "json":
        print_json({
            "request": ref, "directives": found.ref if found else None,
            "whole": said.whole if said else None, "parts": dict(said.parts) if said else {},
            "heir": [said.heir.name, said.heir.contact] if said else None,
            "executor": [said.executor.name, said.executor.contact] if said else None,
            "words": said.words if said else None, "changed": found.changed.isoformat() if found else None,
        })  # fmt: skip
        return
    if found is None or said is None:
        typer.echo("○ no directives are on record")
        return
    typer.echo(f"● {found.ref}, changed {found.changed.date().isoformat()}")
    whole = {"everything but what follows" if said.parts else "everything": said.whole} if said.whole else {}
    parts = {**whole, **said.parts}
    for what, fate in parts.items():
        typer.echo(f"  {what}: {str(fate).replace('_', ' ')}")
    for role, person in (("to", said.heir), ("executor", said.executor)):
        if person.name or person.contact:
            typer.echo(f"  {role}: {', '.join(filter(None, (person.name, person.contact)))}")
    if said.words:
        typer.echo(f"  words: {said.words}")


def may(
    purpose: Annotated[str, typer.Argument(metavar="PURPOSE", help="A purpose of the policy.")],
    subject: SubjectArgument,
    consent_given: Annotated[
        bool, typer.Option("--consent-given", help="You hold a record of the person's consent to this purpose.")
    ] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:
    """Ask whether data may be used: nobody restricted it, objected or withdrew, and a consent, where one is needed, is
    known. Exits with 1 if not."""
    with asking_house(policy, state) as house:
        from troth.desk.may import may as asking

        identifiers = parse_subject(subject, house.policy).identifiers
        answer = asking(house, identifiers, purpose, consent_given=consent_given)
        if output == "json":
            print_json({"may": answer.may, "reason": answer.reason})
        else:
            typer.echo(f"{'● yes' if answer.may else '▲ no'}: {answer.reason}")
        raise typer.Exit(0 if answer.may else 1)


def _decide(
    policy: PolicyOption, state: StateOption, act: Callable[[House, datetime], Opened], output: str = "text"
) -> None:
    with asking_house(policy, state) as house:
        tell(act(house, datetime.now(UTC)), output)


def _desk() -> Any:
    from troth.desk import deciding

    return deciding


def _one_of(kind: Any, word: str) -> Any:
    try:
        return kind(word)
    except ValueError:
        raise UsageError(f"{word!r} is not known here", remedy=f"one of: {', '.join(kind)}") from None


def _corrections(words: list[str] | None) -> dict[str, str]:
    found = {}
    for word in words or ():
        field, separator, value = word.partition("=")
        if not separator or not field:
            raise UsageError("a correction is written FIELD=VALUE", remedy="for example customer.City=Lyon")
        found[field.strip()] = value
    return found


def _named(right: str, purpose: list[str] | None, *, everything: bool) -> None:
    """Nobody loses everything because an option was forgotten. Raises UsageError."""
    if right not in ("erasure", "objection", "withdrawal"):
        return
    if bool(purpose) == everything:
        raise UsageError(
            "it has to be said what is meant: some purposes, or all of them",
            remedy="--purpose NAME for each that was named (--category NAME for a kind of data), or --all",
        )


def _arrived(received: str | None, now: datetime) -> datetime | None:
    """A letter counts from noon of its day: the day is what matters (Regulation 1182/71, article 3(1))."""
    if received is None:
        return None
    at = datetime.combine(parse_date(received), time(12), UTC)
    return min(at, now) if at.date() == now.date() else at
