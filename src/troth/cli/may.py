"""``troth may``: *may I use this person's data?* as SQL, in the publisher's own database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import DEFAULT_POLICY, FormatOption, PolicyOption, StateOption, print_json, shown_errors

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.ports import RefusalTables

StoreArgument = Annotated[str, typer.Argument(metavar="STORE", help="A store of the policy.")]


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(
        no_args_is_help=True, rich_markup_mode=None,
        help="Whose data may be used for what, as views in your own database.",
    )  # fmt: skip
    group.command("sql", help=sql.__doc__)(shown_errors(sql))
    group.command("fill", help=fill.__doc__)(shown_errors(fill))
    app.add_typer(group, name="may")


def sql(store: StoreArgument, policy: PolicyOption = DEFAULT_POLICY, output: FormatOption = "text") -> None:
    """Print the statements, for an administrator to run, that make a table of refusals beside each collection that
    finds people, and for each of its purposes a view of the rows that may be used (of a purpose on consent: that have
    not refused). Connects, and changes nothing."""
    from troth.bootstrap import load_policy

    loaded = load_policy(policy)
    with _tables(loaded, policy, store) as tables:
        listed = tables.statements(_purposes(loaded, store), consent=_on_consent(loaded))
    if output == "json":
        print_json({"store": store, "statements": [{"statement": one.statement, "why": one.why} for one in listed]})
        return
    typer.echo(f"-- store {store}: then run `troth may fill {store}` once")
    for one in listed:
        text = " ".join(one.statement.split("\n"))
        typer.echo(f"\n-- {one.why}\n{text};")
    if loaded.stores[store].mode == "observe":
        typer.echo("\n-- This store is only observed: say `mode: enforce`, so that Troth may keep the tables up.")


def fill(
    store: StoreArgument,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    output: FormatOption = "text",
) -> None:
    """Make the tables of refusals say what Troth knows now. A worker does it every night too."""
    from datetime import UTC, datetime

    from troth.cli.request_common import asking_house
    from troth.core.errors import StoreUnreachable, UsageError

    with asking_house(policy, state) as house:
        from troth.desk import mirror
        from troth.desk.house import stores

        _known(house.policy, store)
        now = datetime.now(UTC)
        with stores(house.policy, now) as session:
            if store in session.unreachable:
                raise StoreUnreachable(session.unreachable[store], store=store)
            filled = mirror.fill(house, session, store, now)
    if not filled:
        raise UsageError("there is no table of refusals", remedy=f"`troth may sql {store}` prints what makes them")
    rows = [
        {"store": one.store, "collection": one.collection, "refusals": one.refusals, "added": one.added,
         "removed": one.removed} for one in filled
    ]  # fmt: skip
    if output == "json":
        print_json({"tables": rows})
        return
    for one in filled:
        typer.echo(f"● {one.collection}: {one.refusals} refusals, {one.added} added, {one.removed} removed")


@contextmanager
def _tables(policy: Policy, path: Any, store: str) -> Iterator[RefusalTables]:
    from contextlib import closing

    from troth.bootstrap import open_connector
    from troth.core.errors import UsageError
    from troth.core.ports import KeepsRefusals

    _known(policy, store)
    with closing(open_connector(policy.stores[store], path.resolve().parent)) as connector:
        if not isinstance(connector, KeepsRefusals):
            raise UsageError(f"store {store} is no database", remedy="ask by the API: POST /api/may")
        yield connector.refusals()


def _purposes(policy: Policy, store: str) -> dict[str, list[str]]:
    """What each collection that finds people serves; asked without Django."""
    from troth.core.errors import UsageError
    from troth.core.rights.refusals import purposes_of

    found = purposes_of(policy, policy.stores[store])
    if not found:
        raise UsageError(f"no collection of store {store} finds people", remedy="give one of them a `subject:`")
    return found


def _on_consent(policy: Policy) -> frozenset[str]:
    from troth.core.policy.model import Basis

    return frozenset(name for name, purpose in policy.purposes.items() if purpose.basis == Basis.CONSENT)


def _known(policy: Policy, store: str) -> None:
    from troth.core.errors import UsageError

    if store not in policy.stores:
        raise UsageError(f"the policy has no store {store!r}", remedy=f"it has: {', '.join(policy.stores)}")
