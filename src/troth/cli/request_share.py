"""``troth request share``: the rows in doubt, whose they may be said to be, and what would then be done."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    FormatOption,
    LangOption,
    PolicyOption,
    StateOption,
    language,
    print_json,
)
from troth.cli.request_approve import lines
from troth.cli.request_common import AsOption, RefArgument, as_member, asking_house, put_on_record, tell
from troth.cli.request_show import in_doubt
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.desk.foretold import Foreseen
    from troth.desk.sharing import Doubt


def share(
    ref: RefArgument,
    seen: Annotated[
        str, typer.Option("--seen", metavar="DIGEST", help="Open what was shown under this digest, and nothing else.")
    ] = "",
    not_theirs: Annotated[
        list[str] | None,
        typer.Option("--not-theirs", metavar="ROW", help="This row is somebody else's: it is left aside."),
    ] = None,
    none_theirs: Annotated[
        bool, typer.Option("--none-theirs", help="No row in doubt is theirs: all of them are left aside.")
    ] = False,
    values: Annotated[
        bool, typer.Option("--values", help="Also what the rows in doubt say; who looks is put on record.")
    ] = False,
    by: AsOption = "",
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:  # fmt: skip
    """Show which rows also concern somebody else, or were found by an unverified sign, and what would be done if they
    are the person's, but for those that are named; with --seen: they are, and it is done."""
    apart = None if none_theirs else tuple(not_theirs or ())
    with asking_house(policy, state) as house:
        from troth.desk import deciding, sharing
        from troth.desk.files import file_of
        from troth.web.console.doubts import Asked, planned

        now = datetime.now(UTC)
        opened, who = file_of(house, ref, now)
        found = sharing.doubt(house, opened.request, who, now)
        foreseen, _ = planned(Asked(house, opened.request, who, language(lang), now), apart)
        digest = _digest(found, foreseen)
        if seen:
            if seen != digest:
                raise UsageError(
                    "these are not the rows that you were shown, or with them something else would be done",
                    remedy=f"`troth request share {ref}`, with the same --not-theirs, shows what would be done now",
                )
            plan = foreseen.digest if foreseen is not None else ""
            tell(deciding.share(house, ref, found.digest, now, apart, plan), output)
            return
        if values:
            put_on_record(house, as_member(house, by, needed=False), ref, who, now)
        each = [*in_doubt(house, who, language(lang), now, values=values)]
        one_by_one = sharing.tagged(house, who, now) if output == "json" else []
    then = _then(foreseen, language(lang), values=values)
    if output == "json":
        _print(ref, digest, found, one_by_one, then)
        return
    _show(found, [*each, *(then or _opens(found))])
    chosen = " --none-theirs" if none_theirs else "".join(f" --not-theirs {tag}" for tag in apart or ())
    typer.echo(f"to say so: troth request share {ref} --seen {digest}{chosen}")
    if found.rows:
        typer.echo("of those that are somebody else's say first, without --seen: --not-theirs ROW, or --none-theirs")


def _show(found: Doubt, said: list[str]) -> None:
    for one in found.rows:
        typer.echo(f"▲ {one.store}.{one.collection}: {one.rows} rows, {one.reason}" + f" ({one.kind})" * bool(one.kind))
    if not found.rows:
        typer.echo("● nothing is in doubt")
    for line in said:
        typer.echo(line)


def _digest(found: Doubt, foreseen: Foreseen | None) -> str:
    """Of the rows in doubt and of what would be done with them. Raises StoreUnreachable, PlanRefused: nobody can say
    yes to what cannot be seen."""
    from troth.desk.foretold import check_seen

    if foreseen is None:
        return found.digest
    check_seen(foreseen)
    return hashlib.sha256(f"{found.digest} {foreseen.digest}".encode()).hexdigest()


def _then(foreseen: Foreseen | None, spoken: str, *, values: bool) -> list[str]:
    """What would be done, and that it is final; nothing for a copy."""
    if foreseen is None:
        return []
    from troth.web.wording import Words

    words = Words("console", spoken)
    final = [f"▲ {words['share_final_cli']}"] if foreseen.erasure is not None else []
    return [f"{words['foreseen_title']}:", *lines(foreseen, words, values=values), *final]


def _opens(found: Doubt) -> list[str]:
    return [
        "this would count as the person's:",
        *(f"  {store}.{name}: {rows} rows" for store, name, rows in found.opens),
    ]


def _print(ref: str, digest: str, found: Doubt, each: list[tuple[str, str, str]], then: list[str]) -> None:
    print_json({
        "request": ref, "digest": digest,
        "doubtful": [{"store": r.store, "collection": r.collection, "rows": r.rows, "reason": r.reason,
                      "identifier": r.kind or None} for r in found.rows],
        "rows": [{"store": store, "collection": name, "row": tag or None} for store, name, tag in each],
        "opens": [{"store": store, "collection": name, "rows": rows} for store, name, rows in found.opens],
        "lines": then,
    })  # fmt: skip
