"""``troth keys``: the keys that sign, pseudonymise and encrypt."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import FormatOption, StateOption, shown_errors

if TYPE_CHECKING:
    from datetime import datetime

    from troth.core.evidence.pseudonym import Epoch
    from troth.state import State

Yes = Annotated[bool, typer.Option("--yes", help="Really do it.")]
HashesKept = Annotated[
    int, typer.Option(help="Days for which erased people must be recognised: the longest life of a backup.")
]


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    keys = typer.Typer(no_args_is_help=True, help="The keys that sign, pseudonymise and encrypt.")
    for verb in (init, show, rotate, escrow, destroy):
        keys.command(verb.__name__)(shown_errors(verb))
    keys.command("accept-loss")(shown_errors(accept_loss))
    keys.command("backup")(shown_errors(backup))
    app.add_typer(keys, name="keys")


def init(
    origin: Annotated[str, typer.Option(help="The log's name, such as example.org/troth.")],
    hashes_kept: HashesKept = 400,
    state: StateOption = None,
    format: FormatOption = "text",
) -> None:
    """Make Troth's state and its keys. Existing keys are never replaced."""
    from troth.state import init_state

    with init_state(state, origin=origin, at=_now(), keep_days=hashes_kept) as opened:
        _show(opened, format)
    if format == "text":
        typer.echo("\nPublish the public key. Keep a copy of the keys elsewhere: troth keys escrow")


def show(state: StateOption = None, format: FormatOption = "text") -> None:
    """The public key and the epochs. Exits with 1 when an epoch is past its day."""
    from troth.state import open_state
    from troth.state.rotation import overdue

    with open_state(state) as opened:
        _show(opened, format)
        late = overdue(opened, _now().date())
    raise typer.Exit(1 if late else 0)


def rotate(hashes_kept: HashesKept = 400, state: StateOption = None, format: FormatOption = "text") -> None:
    """A new signing key, vouched for by the old one in the ledger, and a new epoch."""
    from troth.state import open_state
    from troth.state.rotation import rotate as rotate_keys

    with open_state(state) as opened:
        rotated = rotate_keys(opened, _now(), keep_days=hashes_kept)
        _show(opened, format)
    if format == "text":
        typer.echo(f"\nThe old key {rotated.old} is destroyed; the ledger says what followed it.")
        if rotated.ended:
            typer.echo(f"Destroy epoch {rotated.ended.id} after {rotated.ended.destroy_after}.")
        typer.echo("Publish the new public key, and make a new copy of the keys: troth keys escrow")


def escrow(
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Write a copy of all keys here.")] = None,
    restore: Annotated[Path | None, typer.Option(help="Put keys back from this copy.")] = None,
    passphrase_file: Annotated[
        Path | None, typer.Option(help="File with the passphrase; else $TROTH_PASSPHRASE.")
    ] = None,
    state: StateOption = None,
    format: FormatOption = "text",
) -> None:
    """Copy all keys to one file under a passphrase, or put them back."""
    from troth.core.errors import UsageError

    if (output is None) == (restore is None):
        raise UsageError("name the copy to make (-o FILE) or the one to put back (--restore FILE)")
    passphrase = _passphrase(passphrase_file)
    if output:
        result = _make_copy(state, output, passphrase)
    else:
        result = _put_back(state, restore or Path(), passphrase)
    typer.echo(json.dumps(result) if format == "json" else result["message"])


def backup(
    output: Annotated[Path, typer.Option("-o", "--output", help="Write the key that opens backups here.")],
    replace: Annotated[bool, typer.Option("--replace", help="Although there is one already.")] = False,
    state: StateOption = None,
    format: FormatOption = "text",
) -> None:
    """Make the key that opens backups. Here only the half stays that closes them: keep the file elsewhere."""
    from troth.core.errors import UsageError
    from troth.state import Place
    from troth.state.backup.locks import RECIPIENT, id_of, new_pair
    from troth.state.keyfiles import DirectoryFiles

    files = DirectoryFiles(Place.find(state).keys)
    if RECIPIENT in files.names() and not replace:
        raise UsageError(
            "there is a key for backups already",
            remedy="add --replace; what was made for the old one needs the old one",
        )
    public, private = new_pair()
    _write_new(output, private.encode())
    files.write(RECIPIENT, public)
    if format == "json":
        typer.echo(json.dumps({"file": str(output), "id": id_of(public)}))
    else:
        typer.echo(f"{output} opens the backups that are made from now on. Keep it on another machine, and a copy on")
        typer.echo("paper or with somebody you trust: without it no backup opens, and nobody can make it again.")


def destroy(
    epoch: Annotated[str, typer.Option(help="The epoch whose key is destroyed, such as e1.")],
    early: Annotated[bool, typer.Option("--early", help="Also before its day.")] = False,
    yes: Yes = False,
    state: StateOption = None,
    format: FormatOption = "text",
) -> None:
    """Destroy an epoch's key: its hashes mean nothing any more, and cannot recognise anybody."""
    from troth.core.errors import UsageError
    from troth.state import open_state
    from troth.state.rotation import destroy_epoch

    if not yes:
        raise UsageError(
            f"destroying {epoch} cannot be undone: a restored backup could no longer be cleaned of the people "
            "erased in that time",
            remedy="add --yes if that is meant",
        )
    with open_state(state) as opened:
        hashes = destroy_epoch(opened, epoch, _now(), early=early)
    if format == "json":
        typer.echo(json.dumps({"epoch": epoch, "hashes": hashes}))
    else:
        typer.echo(f"The key of {epoch} and {hashes} hashes are destroyed. Destroy older copies of the keys too.")


def accept_loss(yes: Yes = False, state: StateOption = None) -> None:
    """Go on after newer events were lost for good, recording the loss in the ledger."""
    from troth.core.errors import UsageError
    from troth.state import open_state
    from troth.state.rotation import accept_loss as accept

    if not yes:
        raise UsageError(
            "this tells everyone who verifies that events of this log were lost",
            remedy="restore the newest backup of the state instead, or add --yes",
        )
    with open_state(state, check_last=False) as opened:
        accept(opened, _now())
    typer.echo("The loss is recorded. Checkpoints handed out for the lost events will not verify any more.")


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _show(state: State, format: str) -> None:
    epochs = state.keys.epochs.epochs
    gone = state.keys.destroyed_epochs()
    former = [vkey for _, vkey in state.ledger.signers()][:-1]
    if format == "json":
        result: dict[str, Any] = {
            "origin": state.origin,
            "key": str(state.verify_key),
            "former_keys": former,
            "epochs": [{"id": e.id, "created": str(e.created), "destroy_after": str(e.destroy_after)} for e in epochs],
            "destroyed_epochs": gone,
        }
        typer.echo(json.dumps(result, indent=2))
        return
    typer.echo(f"log          {state.origin}, {state.ledger.size} events")
    typer.echo(f"public key   {state.verify_key}")
    for vkey in former:
        typer.echo(f"former key   {vkey}")
    for epoch in epochs:
        typer.echo(f"epoch        {_epoch(epoch, last=epoch is epochs[-1])}")
    if gone:
        typer.echo(f"destroyed    {', '.join(gone)}")


def _epoch(epoch: Epoch, *, last: bool) -> str:
    if epoch.destroy_after < _now().date():
        return f"{epoch.id} ▲ was to be destroyed after {epoch.destroy_after}: troth keys destroy"
    use = "in use since" if last else "made"
    return f"{epoch.id} {use} {epoch.created}, to be destroyed after {epoch.destroy_after}"


def _make_copy(state: Path | None, output: Path, passphrase: str) -> dict[str, Any]:
    from troth.state import Place
    from troth.state.escrow import export_keys
    from troth.state.keyfiles import DirectoryFiles
    from troth.state.keyring import Keyring

    sealed = export_keys(Keyring(DirectoryFiles(Place.find(state).keys)), passphrase)
    _write_new(output, sealed)
    return {"file": str(output), "message": f"{output} holds a copy of all keys. Keep it apart from the state."}


def _write_new(path: Path, content: bytes) -> None:
    from troth.core.errors import UsageError

    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise UsageError(f"{path} exists already") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _put_back(state: Path | None, copy: Path, passphrase: str) -> dict[str, Any]:
    from troth.core.errors import UsageError
    from troth.state import Place
    from troth.state.escrow import restore_keys
    from troth.state.keyfiles import DirectoryFiles
    from troth.state.keyring import Keyring

    try:
        sealed = copy.read_bytes()
    except OSError as error:
        raise UsageError(f"{copy} cannot be read: {error.strerror}") from None
    keys = Keyring(DirectoryFiles(Place.find(state).keys, create=True))
    restored = restore_keys(keys, sealed, passphrase, _now().date())
    return {"restored": restored, "message": f"put back: {', '.join(restored) or 'nothing was missing'}"}


def _passphrase(path: Path | None) -> str:
    from troth.core.errors import UsageError

    if path is None:
        found = os.environ.get("TROTH_PASSPHRASE", "")
    else:
        try:
            found = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"{path} cannot be read") from None
    if not found:
        raise UsageError(
            "no passphrase",
            remedy="put it in a file (--passphrase-file) or in $TROTH_PASSPHRASE; never on the command line",
        )
    return found
