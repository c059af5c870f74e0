"""``troth serve``: the site."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from troth.cli.common import DEFAULT_POLICY, PolicyOption, StateOption, shown_errors

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database-url", metavar="URL",
        help="Keep state and site in this PostgreSQL database (else $TROTH_STATE_URL, or the file that "
        "$TROTH_STATE_URL_FILE names, which keeps a password out of the list of processes).",
    ),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("serve", help=serve.__doc__)(shown_errors(serve))


def serve(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")] = 8440,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer.")] = 1,
    hosts: Annotated[
        list[str] | None, typer.Option("--site", help="An address under which people reach the site; may be repeated.")
    ] = None,
    grace: Annotated[
        int, typer.Option("--grace", min=1, max=600, help="Seconds that requests under way have at the end.")
    ] = 30,
) -> None:
    """Show people the policy on the web, until Ctrl-C. Put a server that speaks TLS in front of it."""
    from troth.web import serving

    prepare(policy, state, database_url, hosts)
    serving.check_port(host, port)
    version = serving.check()
    serving.run(host, port, workers, grace, version)


def prepare(policy: Path, state: Path | None, database_url: str | None, hosts: list[str] | None = None) -> None:
    """What the processes of the site read from their environment."""
    from troth.state.environment import secret

    os.environ["TROTH_POLICY"] = str(Path(policy).resolve())
    os.environ["TROTH_STATE"] = str(Path(state or os.environ.get("TROTH_STATE") or "troth-state").resolve())
    url = database_url or secret("TROTH_STATE_URL")
    if url:
        os.environ["TROTH_STATE_URL"] = checked_url(url)
    if hosts:
        os.environ["TROTH_HOSTS"] = ",".join(hosts)
    os.environ["TROTH_STARTED"] = f"{time.time():.3f}"


def checked_url(url: str) -> str:
    """An address of PostgreSQL as it stands. Raises UsageError, without repeating it: it holds a password."""
    from urllib.parse import urlsplit

    from troth.core.errors import UsageError

    try:
        split = urlsplit(url)
        fine = split.scheme in ("postgresql", "postgresql+psycopg") and bool(split.path.strip("/")) and split.port != 0
    except ValueError:
        fine = False
    if not fine:
        raise UsageError(
            "the address of the database is not one of PostgreSQL",
            remedy="write it as postgresql://USER:PASSWORD@HOST/NAME; percent-encode what is special in a password",
        )
    return url
