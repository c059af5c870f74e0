"""``troth verify``: evidence checked offline, by anybody."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Literal

import typer

from troth.cli.common import FormatOption, shown_errors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from troth.core.evidence.note import VerifyKey
    from troth.core.evidence.report import Finding, Report
    from troth.core.evidence.verify import Held

LangOption = Annotated[Literal["en", "fr"], typer.Option("--lang", help="Language of the result.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("verify")(shown_errors(verify))


def verify(
    bundle: Annotated[Path, typer.Argument(help="The file to verify; - for standard input.")],
    key: Annotated[
        str | None, typer.Option(help="The publisher's public key, or a file that holds it, got elsewhere.")
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint got elsewhere, such as with an earlier answer.")
    ] = None,
    lang: LangOption = "en",
    format: FormatOption = "text",
) -> None:
    """Check a bundle of evidence: offline, needing no policy, no database and no trust in its publisher.

    Exits with 0 when it holds, 1 when it does not, 2 when it cannot be read. A checkpoint alone is no bundle: what it
    is and what it is good for is said, and the exit is 2 (1 when the key given did not sign it).
    """
    from troth.core.evidence.verify import verify_bundle

    trusted = _key(key) if key else None
    held = [_held(path) for path in checkpoint or []]
    with _opened(bundle) as file:
        alone, lines = _begun(file)
        if alone is not None:
            _tell_checkpoint(alone, trusted, lang, format)
        report = verify_bundle(lines, key=trusted, held=held)
    typer.echo(_json(report, lang) if format == "json" else _text(str(bundle), report, lang))
    raise typer.Exit(0 if report.passed else 1)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    from troth.core.errors import UsageError

    if str(path) == "-":
        yield sys.stdin.buffer
        return
    try:
        with open(path, "rb") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None


def _begun(file: IO[bytes]) -> tuple[Held | None, Iterable[bytes]]:
    """The checkpoint that the file is, if it is nothing else; and its lines."""
    from troth.core.evidence.checkpoint import parse_checkpoint
    from troth.core.evidence.note import BadNote

    first = file.readline()
    if first.startswith(b"{"):
        return None, chain([first], file)
    rest = file.read(_LONGEST_NOTE)
    try:
        return parse_checkpoint((first + rest).decode("utf-8").replace("\r\n", "\n")), ()
    except (BadNote, UnicodeDecodeError):
        return None, chain([first, rest], file)


_LONGEST_NOTE = 8192
"""Bytes of a checkpoint; they have a few hundred."""


def _tell_checkpoint(held: Held, key: VerifyKey | None, lang: str, format: str) -> None:
    """Say what it is and what to do with it. Raises Exit, never with 0: nothing of a bundle was verified."""
    from troth.core.evidence.words import checkpoint_lines

    checkpoint, note = held
    signed = None if key is None else note.signed_by(key) and key.name == checkpoint.origin
    if format == "json":
        said = {"origin": checkpoint.origin, "events": checkpoint.size, "signed": signed}
        typer.echo(json.dumps({"passed": False, "checkpoint": said}, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(checkpoint_lines(checkpoint.origin, checkpoint.size, signed, lang)))
    raise typer.Exit(1 if signed is False else 2)


def _key(text: str) -> VerifyKey:
    from troth.core.errors import UsageError
    from troth.core.evidence.note import BadNote, parse_vkey

    try:
        if "+" not in text:
            text = _read(Path(text)).strip()
        return parse_vkey(text)
    except BadNote as problem:
        raise UsageError(
            f"--key is not a public key: {problem}", remedy="it looks like example.org/troth+1a2b3c4d+AZ…"
        ) from None


def _held(path: Path) -> Held:
    from troth.core.errors import UsageError
    from troth.core.evidence.checkpoint import parse_checkpoint
    from troth.core.evidence.note import BadNote

    try:
        return parse_checkpoint(_read(path))
    except BadNote as problem:
        raise UsageError(f"{path} is not a checkpoint: {problem}") from None


def _read(path: Path) -> str:
    from troth.core.errors import UsageError

    try:
        return path.read_bytes().decode("utf-8").replace("\r\n", "\n")  # mail programs turn line ends
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read") from None


def _json(report: Report, lang: str) -> str:
    from troth.core.evidence.words import check_name, sentence

    def spoken(finding: Finding) -> dict[str, Any]:
        return {"code": finding.code, "message": sentence(finding, lang), **finding.values}

    return json.dumps(
        {
            "passed": report.passed,
            "events": report.leaves,
            "checkpoints": report.checkpoints,
            "checks": [
                {
                    "number": check.number,
                    "name": check_name(check.number, lang),
                    "state": check.state.value,
                    "failures": check.failures,
                    "findings": [spoken(finding) for finding in check.findings],
                }
                for check in report.checks
            ],
            "proven": [spoken(finding) for finding in report.proven],
            "not_proven": [spoken(finding) for finding in report.not_proven],
        },
        ensure_ascii=False,
        indent=2,
    )


_TITLES = {
    "en": ("{events} events, {checkpoints} checkpoints", "Proven", "Not proven", "Verified.", "REFUSED."),
    "fr": (
        "{events} événements, {checkpoints} points de contrôle",
        "Prouvé",
        "Non prouvé",
        "Vérifié.",
        "REFUSÉ.",
    ),
}


def _text(name: str, report: Report, lang: str) -> str:
    from troth.core.evidence.words import sentence

    counts, proven, not_proven, good, bad = _TITLES[lang]
    lines = [f"{name}: " + counts.format(events=report.leaves, checkpoints=report.checkpoints), ""]
    lines += [line for check in report.checks for line in _check_lines(check, lang)]
    for title, mark, findings in (
        (proven, "●", report.proven),
        (not_proven, "○", report.not_proven),
    ):
        if findings:
            lines += ["", title, *(f"  {mark} {sentence(finding, lang)}" for finding in findings)]
    return "\n".join([*lines, "", good if report.passed else bad])


def _check_lines(check: Any, lang: str) -> Iterator[str]:
    from troth.core.evidence.report import State
    from troth.core.evidence.words import check_name, sentence, state_word

    mark = {State.OK: "●", State.FAILED: "▲"}.get(check.state, "○")
    yield f"  {mark} {check.number:2}  {check_name(check.number, lang):<26}{state_word(check.state, lang)}"
    for finding in check.findings:
        yield f"        {sentence(finding, lang)}"
    if check.failures > len(check.findings):
        yield f"        … {check.failures - len(check.findings)} +"
