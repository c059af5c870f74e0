"""``troth backup``: Troth's own state in one encrypted file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
from troth.cli.serve import DatabaseOption

if TYPE_CHECKING:
    from troth.state import State
    from troth.state.backup.check import Verified
    from troth.state.backup.locks import Opener

PassphraseOption = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File with the passphrase; else $TROTH_PASSPHRASE.")
]
KeyOption = Annotated[Path | None, typer.Option("--key", help="The key that opens it, from `troth keys backup`.")]

_WORDS = {
    "en": {
        "made": "● {file}: {size}, {parts} parts, {events} events of the ledger, consistent as of {made}",
        "digest": "  SHA-256 {sha256}",
        "gone": "  {count} packages were deleted while it was made, and are not in it",
        "keys": "  The keys are not in it. Keep a copy of them elsewhere: troth keys escrow",
        "passphrase": "  It opens with the passphrase.",
        "verified": "● {file}: whole; made {made} by Troth {troth}, {parts} parts, {events} events that hash "
        "to its head",
    },
    "fr": {
        "made": "● {file} : {size}, {parts} parties, {events} événements du journal, cohérent au {made}",
        "digest": "  SHA-256 {sha256}",
        "gone": "  {count} dossiers ont été supprimés pendant ce temps et n’y sont pas",
        "keys": "  Les clés n’y sont pas. Gardez-en une copie ailleurs : troth keys escrow",
        "passphrase": "  Elle s’ouvre avec la phrase secrète.",
        "verified": "● {file} : entière ; faite le {made} par Troth {troth}, {parts} parties, {events} événements "
        "dont l’empreinte est celle de sa tête",
    },
}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("backup", help=backup.__doc__)(shown_errors(backup))


def backup(
    to: Annotated[Path | None, typer.Option("--to", metavar="FILE", help="The file to write.")] = None,
    verify: Annotated[
        Path | None, typer.Option("--verify", metavar="FILE", help="Read such a file to its end, and check it.")
    ] = None,
    key: KeyOption = None,
    passphrase_file: PassphraseOption = None,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Save Troth's own state in one encrypted file, while everything goes on: ledger, records, site, packages.

    Never the keys. It opens with the key that `troth keys backup` made, else with a passphrase.
    """
    from troth.core.errors import UsageError

    speech = language(lang)
    if verify is not None and to is None:
        from troth.state.backup.check import verify as verifying

        _tell_verified(verify, verifying(verify, opener(key, passphrase_file)), output, speech)
    elif to is not None and verify is None:
        from troth.cli.serve import prepare

        prepare(policy, state, database_url)
        _make(to, passphrase_file, output, speech)
    else:
        raise UsageError("name the file to write (--to FILE) or the one to check (--verify FILE)")


def opener(key: Path | None, passphrase_file: Path | None) -> Opener:
    """What somebody has to open a backup with. Raises UsageError, KeyUnavailable."""
    from troth.state.backup.locks import Opener, read_private

    return Opener(read_private(key) if key else b"", _passphrase(passphrase_file))


def _passphrase(path: Path | None) -> str:
    from troth.core.errors import UsageError

    if path is None:
        return os.environ.get("TROTH_PASSPHRASE", "")
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read", remedy="name a file with the passphrase on one line") from None


def _make(to: Path, passphrase_file: Path | None, output: str, speech: str) -> None:
    from datetime import UTC, datetime

    from troth.state import Place, open_state
    from troth.state.backup.make import make
    from troth.web.tables import site

    place = Place.find()
    with open_state() as opened:
        lock, by_passphrase = _lock(opened, passphrase_file)
        about, now = site(place.directory, place.url), datetime.now(UTC)
        made = make(opened, place, to, lock, about, now)
    told = {
        "file": str(to), "bytes": made.size, "sha256": made.digest, "made": now.isoformat(timespec="seconds"),
        "events": made.head.size, "parts": [{"name": p.name, "bytes": p.size, "sha256": p.digest} for p in made.parts],
        "gone": list(made.gone),
    }  # fmt: skip
    if output == "json":
        print_json(told)
        return
    words = _WORDS[speech]
    lines = ["made", "digest", *(["gone"] if made.gone else []), "keys", *(["passphrase"] if by_passphrase else [])]
    for line in lines:
        typer.echo(words[line].format(**_said(told, speech), count=len(made.gone)))


def _lock(opened: State, passphrase_file: Path | None) -> tuple[tuple[bytes, bytes], bool]:
    """For the recipient, if there is one and no passphrase was named; else for a passphrase."""
    from troth.core.errors import UsageError
    from troth.state.backup.locks import RECIPIENT, for_passphrase, for_recipient

    keys = opened.keys.files
    if passphrase_file is None and RECIPIENT in keys.names():
        return for_recipient(keys.read(RECIPIENT)), False
    passphrase = _passphrase(passphrase_file)
    if not passphrase:
        raise UsageError(
            "there is nobody who could open this backup",
            remedy="make a key for it once (`troth keys backup -o FILE`, and keep that file elsewhere), or put a "
            "passphrase in a file (--passphrase-file) or in $TROTH_PASSPHRASE",
        )
    return for_passphrase(passphrase), True


def _tell_verified(path: Path, found: Verified, output: str, speech: str) -> None:
    told = verified_json(path, found)
    if output == "json":
        print_json(told)
        return
    for line in ("verified", "digest"):
        typer.echo(_WORDS[speech][line].format(**_said(told, speech)))


def verified_json(path: Path, found: Verified) -> dict[str, Any]:
    """What is known of a backup that was read to its end."""
    return {
        "file": str(path), "bytes": found.size, "sha256": found.digest,
        "made": found.about.made.isoformat(timespec="seconds"), "troth": found.about.version,
        "origin": found.about.origin, "engine": found.about.engine, "events": found.about.head.size,
        "root": found.about.head.root.hex(),
        "parts": [{"name": p.name, "bytes": p.size, "sha256": p.digest} for p in found.parts],
    }  # fmt: skip


def _said(told: dict[str, Any], speech: str) -> dict[str, Any]:
    from datetime import datetime

    from troth.package.locale import day, size

    at = datetime.fromisoformat(told["made"])
    return {
        **told, "parts": len(told["parts"]), "size": size(told["bytes"], speech),
        "made": f"{day(at.date(), speech)} {at:%H:%M} UTC",
    }  # fmt: skip
