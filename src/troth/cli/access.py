"""``troth access``: Article 15, a copy of everything with its explanations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    Format,
    FormatOption,
    LangOption,
    Opened,
    PolicyOption,
    SharedOption,
    StateOption,
    SubjectArgument,
    UnverifiedOption,
    opened,
    parse_subject,
    print_json,
    shown_errors,
)

if TYPE_CHECKING:
    from troth.core.rights.access import LeftOut, Reading, Right
    from troth.core.rights.identity import Decisions, Identity, Subject
    from troth.package.folder_or_zip import Destination
    from troth.package.write import Written

OutOption = Annotated[
    Path, typer.Option("--output", "-o", metavar="PATH", help="Where to: a folder, or a file that ends in .zip.")
]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace a package that is there already.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("access", help=access.__doc__)(shown_errors(access))


def access(
    subject: SubjectArgument,
    to: OutOption,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    force: ForceOption = False,
    confirm_shared: SharedOption = False,
    confirm_unverified: UnverifiedOption = False,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Hand over everything that is held about a person (Article 15): data.json, CSV files and a page to read."""
    from troth.core.rights.identity import Decisions
    from troth.package.folder_or_zip import Destination

    destination = Destination(to, force=force)
    destination.check()
    with opened(policy, state, as_of, lang) as work:
        who = parse_subject(subject, work.policy)
        hand_over(work, who, destination, Decisions(confirm_shared, confirm_unverified), "access", output)


def hand_over(
    work: Opened, who: Subject, destination: Destination, decisions: Decisions, right: Right, output: Format
) -> None:
    """Find the person, write the package, record it, say what is in it. Ends with 1 when it is not complete."""
    from troth.core.evidence.leaf import Event
    from troth.core.rights.access import given, plan_access, rows_read, with_archive
    from troth.core.rights.erase import identify
    from troth.package.write import Order, Written, write_package

    identity = identify(work.session, who, decisions, work.records)
    archived = work.records.archived(identity.certain) if right == "access" else []
    plan = with_archive(plan_access(work.session, identity, decisions, right), work.policy, archived)
    found = identity.found or bool(archived)
    runner = work.runner(right)

    def record(written: Written) -> None:
        form = destination.form if found else "none"
        body = given(right, runner.ref, work.policy, written.counts, written.left_out, form)
        work.records.note(Event(f"{right}.given", runner.now, body))

    def read(reading: Reading) -> Iterator[Mapping[str, object]]:
        return iter(rows_read(work.session, reading, archived))

    if found:
        order = Order(work.policy, plan, read, who.identifiers, runner.now)
        written = write_package(order, destination, record)
    else:
        written = Written(left_out=list(plan.left_out))
        record(written)
    _tell(work, identity, written, destination, output)
    if not written.complete:
        raise typer.Exit(1)


def _tell(work: Opened, identity: Identity, written: Written, destination: Destination, output: Format) -> None:
    if output == "json":
        print_json(_as_json(identity, written, destination))
        return
    from troth.cli.words import REASONS as FOR_STAFF
    from troth.cli.words import words_for
    from troth.package.reasons import REASONS

    words = words_for(work.lang)
    if not written.counts and not identity.flags:
        typer.echo(words.nobody)
    for (store, collection), rows in written.counts.items():
        typer.echo(f"{'●' if rows else '·'} {store}.{collection}: {words.rows(rows)}")
    for entry in written.left_out:
        mark = "▲" if entry.asks_for_action else "○"
        why = FOR_STAFF[work.lang].get(entry.reason) or REASONS[entry.reason][work.lang]
        typer.echo(f"{mark} {_what(entry)}: {why}")
    for store, message in identity.unreachable.items():
        typer.echo(f"  {store}: {message}")
    if written.counts:
        made = "Package" if work.lang == "en" else "Dossier"
        typer.echo(f"{made}: {destination.path}")


def _what(entry: LeftOut) -> str:
    place = f"{entry.store}.{entry.collection}" if entry.collection != "*" else entry.store
    columns = f" ({', '.join(entry.what)})" if entry.what else ""
    rows = f" [{entry.rows}]" if entry.rows else ""
    return f"{place}{columns}{rows}" if entry.store != "*" else ", ".join(entry.what)


def _as_json(identity: Identity, written: Written, destination: Destination) -> dict[str, Any]:
    return {
        "found": identity.found,
        "package": str(destination.path) if identity.found else None,
        "complete": written.complete,
        "collections": [
            {"store": store, "collection": collection, "rows": rows}
            for (store, collection), rows in written.counts.items()
        ],
        "files": written.files,
        "left_out": [
            {"store": e.store, "collection": e.collection, "what": list(e.what), "rows": e.rows, "reason": e.reason}
            for e in written.left_out
        ],
    }
