"""``troth request share``: the rows in doubt, whose they may be said to be, and what would then be done."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
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
from troth.cli.request_approve import lines, plain
from troth.cli.request_common import AsOption, RefArgument, as_member, asking_house, put_on_record, tell
from troth.cli.request_show import in_doubt
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.core.rights.identity import Flag
    from troth.desk.foretold import Foreseen
    from troth.desk.house import House
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
        from troth.desk.foretold import foresee_shared

        now = datetime.now(UTC)
        opened, who = file_of(house, ref, now)
        found = sharing.doubt(house, opened.request, who, now)
        foreseen = foresee_shared(house, opened.request, who, language(lang), now, apart)
        left = () if apart == () else sharing.rows_apart(house, who, now, apart)
        digest = _digest(found, foreseen, left)
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
    _show(house, found, each, then or _opens(house, found, left, language(lang)), language(lang))
    chosen = " --none-theirs" if none_theirs else "".join(f" --not-theirs {tag}" for tag in apart or ())
    _how_to_say(f"troth request share {ref} --seen {digest}{chosen}", language(lang), doubtful=bool(found.rows))


class _Places:
    """Places and rows in words; the names that a developer needs stand behind them."""

    def __init__(self, house: House, spoken: str) -> None:
        from troth.package.html_names import Namer
        from troth.web.wording import Words

        self.words, self._namer = Words("console", spoken), Namer(house.policy, spoken)

    def said(self, store: str, collection: str, rows: int) -> str:
        words = self.words
        count = words["row_one"] if rows == 1 else f"{rows} {words['row_many']}"
        return f"{plain(self._namer.table(store, collection))} [{store}.{collection}]{words['colon']} {count}"

    def doubtful(self, one: Flag) -> str:
        kind = f" ({plain(self._namer.identifier(one.kind))})" if one.kind else ""
        return f"▲ {self.said(one.store, one.collection, one.rows)}, {self.words[f'doubt_{one.reason}']}{kind}"


def _opens(house: House, found: Doubt, left: Sequence[str], spoken: str) -> list[str]:
    """What a copy would hold of the rows in doubt; ``left``: the rows that would be left aside."""
    places = _Places(house, spoken)
    doubtful = sum(one.rows for one in found.rows)
    if doubtful and len(left) >= doubtful:
        return [f"● {places.words['share_opens_none']}"]
    aside = [f"  – {tag}" for tag in left]
    opens = [f"{places.words['doubt_opens']}:", *(f"  {places.said(*one)}" for one in found.opens)]
    return [*opens, *([f"{places.words['share_left']}:", *aside] if aside else [])]


def _show(house: House, found: Doubt, each: list[str], then: list[str], spoken: str) -> None:
    places = _Places(house, spoken)
    lines = [*map(places.doubtful, found.rows)] or [f"● {places.words['doubt_none']}"]
    for line in [*lines, *each, *then]:
        typer.echo(line)


def _how_to_say(command: str, spoken: str, *, doubtful: bool) -> None:
    from troth.web.wording import Words

    words = Words("console", spoken)
    typer.echo(words.say("share_cli_yes", command=command))
    if doubtful:
        typer.echo(words["share_cli_apart"])


def _digest(found: Doubt, foreseen: Foreseen | None, left: Sequence[str]) -> str:
    """Of the rows in doubt, of those that are left aside, and of what would be done with the others. Raises
    StoreUnreachable, PlanRefused: nobody can say yes to what cannot be seen."""
    from troth.desk.foretold import check_seen

    if foreseen is None:
        return hashlib.sha256(" ".join((found.digest, *sorted(left))).encode()).hexdigest() if left else found.digest
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


def _print(ref: str, digest: str, found: Doubt, each: list[tuple[str, str, str]], then: list[str]) -> None:
    print_json({
        "request": ref, "digest": digest,
        "doubtful": [{"store": r.store, "collection": r.collection, "rows": r.rows, "reason": r.reason,
                      "identifier": r.kind or None} for r in found.rows],
        "rows": [{"store": store, "collection": name, "row": tag or None} for store, name, tag in each],
        "opens": [{"store": store, "collection": name, "rows": rows} for store, name, rows in found.opens],
        "lines": then,
    })  # fmt: skip
