"""``troth bundle``: the evidence, in one file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.common import FormatOption, StateOption, shown_errors

if TYPE_CHECKING:
    from troth.core.evidence.bundle import Choice
    from troth.state import State


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("bundle")(shown_errors(bundle))


def bundle(
    output: Annotated[Path, typer.Option("-o", "--output", help="The file to write; - for standard output.")] = Path(
        "troth-evidence.jsonl"
    ),
    request: Annotated[str | None, typer.Option(help="Only the events of this request, each with its proof.")] = None,
    redacted: Annotated[
        bool, typer.Option("--redacted", help="Without the content of events: their kind and time only.")
    ] = False,
    checkpoint: Annotated[
        list[Path] | None,
        typer.Option(help="A checkpoint that somebody holds and wants to find again (with --request)."),
    ] = None,
    state: StateOption = None,
    format: FormatOption = "text",
) -> None:
    """Write the evidence to one file that anybody can check with `troth verify`."""
    from troth.core.evidence.bundle import Choice
    from troth.state import open_state

    sizes = tuple(_size(path) for path in checkpoint or [])
    with open_state(state) as opened:
        opened.checkpoint()
        choice = Choice(request, redacted, sizes)
        if str(output) == "-":
            _to_stdout(opened, choice)
            return
        lines = _to_file(opened, choice, output)
        key = str(opened.checkpoint_key)
    if format == "json":
        typer.echo(json.dumps({"file": str(output), "lines": lines, "key": key}))
    else:
        typer.echo(f"{output} holds the evidence. Check it, here or anywhere, with:")
        typer.echo(f"  troth verify {output} --key {key}")


def _to_stdout(state: State, choice: Choice) -> None:
    from troth.core.evidence.bundle import write_bundle

    for line in write_bundle(state.ledger, choice):
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def _to_file(state: State, choice: Choice, path: Path) -> int:
    """Whole or not at all: a bundle that was cut off would look like one that was tampered with."""
    from troth.core.errors import UsageError
    from troth.core.evidence.bundle import write_bundle

    new = path.with_name(f".{path.name}.{os.getpid()}")
    lines = 0
    try:
        with open(new, "xb") as file:
            for line in write_bundle(state.ledger, choice):
                file.write(line)
                lines += 1
        os.replace(new, path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    finally:
        new.unlink(missing_ok=True)
    return lines


def _size(path: Path) -> int:
    from troth.core.errors import UsageError
    from troth.core.evidence.checkpoint import parse_checkpoint
    from troth.core.evidence.note import BadNote

    try:
        return parse_checkpoint(path.read_text(encoding="utf-8"))[0].size
    except (OSError, UnicodeDecodeError, BadNote):
        raise UsageError(f"{path} is not a checkpoint that can be read") from None
