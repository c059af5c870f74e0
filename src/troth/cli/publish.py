"""``troth publish``: put a version of the policy on record, for people to read from now on."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
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
    shown_errors,
)

if TYPE_CHECKING:
    from troth.publishing.publish import Published


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("publish", help=publish.__doc__)(shown_errors(publish))


def publish(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    html: Annotated[
        Path | None, typer.Option("--html", help="Also write each language's text there as an HTML fragment.")
    ] = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Put this version of the policy on record: version, date and digest go into the ledger, the text is kept.

    A text that has changed needs a new `version:`. Publishing the same text again changes nothing.
    """
    from troth import bootstrap
    from troth.publishing.words import say

    done = bootstrap.publish(policy, state, datetime.now(UTC))
    made = done.publication
    told = _queued(policy, state, done) if done.notices else None
    if html is not None:
        bootstrap.write_fragments(made, html, done.address)
    if output == "json":
        print_json({
            "version": made.version, "number": made.number, "policy": made.policy, "published": done.fresh,
            "published_at": made.published_at.isoformat(), "position": made.position, "pdf": done.pdf,
            "account_holders": told,
        })  # fmt: skip
        return
    place = {"version": made.version, "number": str(made.number), "position": str(made.position), "told": str(told)}
    lines = ["p_made" if done.fresh else "p_known"]
    lines += [] if done.pdf else ["p_no_pdf"]
    lines += [] if done.address or html is None else ["p_no_address"]
    if done.before and (done.fresh or told):
        lines += [("p_queued" if told else "p_nobody") if done.notices else "p_no_notices"]
    for line in lines:
        typer.echo(say(line, language(lang), **place))


def _queued(policy: Path, state: Path | None, done: Published) -> int | None:
    """Queue the mails to account holders; how many these are, or None where there is no site with accounts."""
    from troth.cli.serve import prepare
    from troth.state.environment import secret
    from troth.state.state import Place
    from troth.web.notices.queue import accounts_in, announce

    if not accounts_in(Place.find(state).directory, secret("TROTH_STATE_URL")):
        return None
    prepare(policy, state, None)
    return announce(done.publication, datetime.now(UTC))
