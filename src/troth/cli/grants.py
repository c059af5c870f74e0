"""``troth grants``: the database rights that Troth needs, and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from troth.cli.common import DEFAULT_POLICY, FormatOption, PolicyOption, print_json, shown_errors

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.ports import Grant, StoreFacts

Account = Literal["inspect", "act"]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("grants")(grants)


@shown_errors
def grants(
    store: Annotated[list[str] | None, typer.Argument(help="Stores; all of them by default.")] = None,
    account: Annotated[Account | None, typer.Option(help="For this account only: inspect or act.")] = None,
    policy: PolicyOption = DEFAULT_POLICY,
    format: FormatOption = "text",
) -> None:
    """Print the database rights Troth needs, as statements for an administrator, and why each is needed.

    Two accounts: `inspect` sees the schema, at set-up and when it changes; `act` works every day with the least
    it needs. Connects with the account of the policy, which should see the whole schema when this is run.
    """
    from troth.bootstrap import load_policy

    loaded = load_policy(policy)
    names = _chosen(loaded, store)
    folder = policy.resolve().parent
    found = [_of_store(loaded, name, folder, [account] if account else ["inspect", "act"]) for name in names]
    if format == "json":
        print_json({"stores": found})
        return
    typer.echo("\n".join(line for one in found for line in _lines(one)))


def _chosen(policy: Policy, asked: list[str] | None) -> list[str]:
    from troth.core.errors import UsageError

    for name in asked or ():
        if name not in policy.stores:
            raise UsageError(f"the policy has no store {name!r}", remedy=f"it has: {', '.join(policy.stores)}")
    return asked or list(policy.stores)


def _of_store(policy: Policy, name: str, folder: Path, accounts: list[Account]) -> dict[str, Any]:
    from contextlib import closing

    from troth.bootstrap import open_connector

    with closing(open_connector(policy.stores[name], folder)) as connector:
        facts = connector.inspect()
        listed = {account: [_spoken(g) for g in connector.grants(account)] for account in accounts}
    return {"store": name, "engine": facts.engine, "accounts": listed, "unknown": _unknown(facts)}


def _spoken(grant: Grant) -> dict[str, str]:
    return {"statement": grant.statement, "why": grant.why}


def _unknown(facts: StoreFacts) -> list[str]:
    """What this account could not see: rights for it may be missing from the list."""
    missing = [f.message for f in facts.findings if f.code in ("table_missing", "column_missing")]
    return [*missing, *facts.not_visible]


def _lines(one: dict[str, Any]) -> list[str]:
    sql = one["engine"] != "sqlite"
    mark = "-- " if sql else ""
    lines = [f"{mark}store {one['store']} ({one['engine']})"]
    for account, listed in one["accounts"].items():
        lines += ["", f"{mark}account {account}"]
        for grant in listed:
            lines.append(f"{grant['statement']};" if sql else f"  {grant['statement']}")
            lines.append(f"{mark}  {grant['why']}" if sql else f"    {grant['why']}")
    if one["unknown"]:
        lines += ["", f"{mark}not visible to the account of the policy, so perhaps missing above:"]
        lines += [f"{mark}  {text}" for text in one["unknown"]]
    return [*lines, ""]
