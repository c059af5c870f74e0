"""``troth serve``: the site."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from troth.cli.common import DEFAULT_POLICY, PolicyOption, StateOption, shown_errors


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("serve", help=serve.__doc__)(shown_errors(serve))


def serve(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    host: Annotated[str, typer.Option("--host", help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="The port to listen on.")] = 8440,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes that answer.")] = 1,
    hosts: Annotated[
        list[str] | None, typer.Option("--site", help="An address under which people reach the site; may be repeated.")
    ] = None,
) -> None:
    """Show people the policy on the web, until Ctrl-C. Put a server that speaks TLS in front of it."""
    from troth import bootstrap

    # Faults of the file and of the state are told here, not by a worker that dies.
    bootstrap.load_policy(policy)
    bootstrap.check_state(state)
    _prepare(policy, state, hosts)
    from granian import Granian
    from granian.constants import Interfaces

    Granian(
        "troth.web.wsgi:application", address=host, port=port, interface=Interfaces.WSGI, workers=workers,
        blocking_threads=4, backpressure=64, websockets=False, log_access=False,
    ).serve()  # fmt: skip


def _prepare(policy: Path, state: Path | None, hosts: list[str] | None) -> None:
    """What the workers read from their environment."""
    os.environ["TROTH_POLICY"] = str(Path(policy).resolve())
    os.environ["TROTH_STATE"] = str(Path(state or os.environ.get("TROTH_STATE") or "troth-state").resolve())
    if hosts:
        os.environ["TROTH_HOSTS"] = ",".join(hosts)
