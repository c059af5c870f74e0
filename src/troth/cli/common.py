"""What all verbs share: options, the subject's name on the command line, errors and exit codes."""

from __future__ import annotations

import functools
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, ParamSpec, TypeVar

import typer

from troth.core.errors import StoreError, TrothError, UsageError

if TYPE_CHECKING:
    from troth.core.policy.model import Policy
    from troth.core.rights.erase import Runner
    from troth.core.rights.hooks import RunHook
    from troth.core.rights.identity import Subject
    from troth.core.rights.session import Session
    from troth.state.engine import StateRecords

P = ParamSpec("P")
R = TypeVar("R")

Format = Literal["text", "json"]

PolicyOption = Annotated[
    Path, typer.Option("--policy", "-p", envvar="TROTH_POLICY", help="The policy file.", show_default=True)
]
StateOption = Annotated[
    Path | None, typer.Option("--state", help="Folder of Troth's own state (default $TROTH_STATE or ./troth-state).")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print the result.")]
AsOfOption = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="Act as if today were DATE.")]
LangOption = Annotated[str | None, typer.Option("--lang", help="Language of the texts: en or fr.")]
YesOption = Annotated[bool, typer.Option("--yes", help="Carry out the plan without asking.")]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only print the plan.")]
PlanOption = Annotated[
    str | None, typer.Option("--plan", metavar="DIGEST", help="Carry out exactly the plan with this digest.")
]
PartialOption = Annotated[
    bool, typer.Option("--partial", help="Go on although a store does not answer; `troth sweep` does the rest.")
]
SharedOption = Annotated[
    bool, typer.Option("--confirm-shared", help="A human has decided: rows shared with others are this person's.")
]
UnverifiedOption = Annotated[
    bool, typer.Option("--confirm-unverified", help="A human has decided: unverified identifiers are this person's.")
]
SubjectArgument = Annotated[
    list[str], typer.Argument(metavar="SUBJECT", help="Who: KIND=VALUE, or an e-mail address.", show_default=False)
]
DEFAULT_POLICY = Path("troth.yaml")


def shown_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Show errors made on purpose as one line with its remedy, and end with their exit code."""

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except TrothError as error:
            show_error(error)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            typer.echo("interrupted; what was under way is taken up by the next run", err=True)
            raise typer.Exit(1) from None
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(1) from None
        except (typer.Exit, typer.Abort):
            raise
        except Exception as error:
            if os.environ.get("TROTH_DEBUG"):
                raise
            show_internal(error)
            raise typer.Exit(1) from None

    return wrapper


def show_internal(error: Exception) -> None:
    """A fault of Troth's own. Its message is not shown: it might hold somebody's data."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    typer.echo(f"error: a fault in Troth itself ({type(error).__name__} at {place}); please report it", err=True)
    typer.echo("       with TROTH_DEBUG=1 it shows the whole story, which may hold personal data", err=True)


def show_error(error: TrothError) -> None:
    """Print an error and what to do about it, on standard error."""
    where = f"store {error.store}: " if isinstance(error, StoreError) and error.store else ""
    where = "" if where and error.message.startswith(("store ", where)) else where
    typer.echo(f"error: {where}{error.message}", err=True)
    if error.remedy:
        typer.echo(f"       {error.remedy}", err=True)


def parse_date(text: str | None) -> date:
    """The date given, or today. Raises UsageError for anything but YYYY-MM-DD."""
    if text is None:
        return datetime.now(UTC).astimezone().date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a date", remedy="write it as 2026-11-22") from None


def parse_subject(words: list[str], policy: Policy) -> Subject:
    """Who is meant: each word is KIND=VALUE; a bare one with an @ is an e-mail address.

    Raises UsageError, without repeating the value.
    """
    from troth.core.rights.identity import Subject

    known = []
    for word in words:
        kind, separator, value = word.partition("=")
        if not separator or ("@" in kind):
            kind, value = ("email", word) if "@" in word else ("", "")
        if not kind or not value:
            raise UsageError(
                "a person is named KIND=VALUE, or by an e-mail address", remedy="for example email=ana@example.org"
            )
        if kind not in policy.identifiers:
            kinds = ", ".join(policy.identifiers) or "none"
            raise UsageError(f"the policy knows no identifier {kind!r}", remedy=f"it knows: {kinds}")
        known.append((kind, value))
    return Subject(tuple(known))


def language(asked: str | None, policy: Policy | None = None) -> str:
    """``--lang``, else the language of the terminal, else English."""
    if asked is not None:
        if asked not in ("en", "fr"):
            raise UsageError(f"there are no texts in {asked!r}", remedy="use --lang en or --lang fr")
        return asked
    system = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "fr" if system.startswith("fr") else "en"


@dataclass(frozen=True)
class Opened:
    """What a verb works with."""

    policy: Policy
    session: Session
    records: StateRecords
    as_of: date
    lang: str
    hook: RunHook

    def runner(self, prefix: str) -> Runner:
        """A new request."""
        from troth.bootstrap import new_ref
        from troth.core.rights.erase import Runner

        return Runner(self.records, datetime.now(UTC), new_ref(prefix), self.hook, time.sleep, random.random)


@contextmanager
def opened(
    policy_path: Path, state: Path | None, as_of: str | None, lang: str | None, only: list[str] | None = None
) -> Iterator[Opened]:
    """Load the policy, open state and stores; close them at the end."""
    from troth import bootstrap

    day = parse_date(as_of)
    policy = bootstrap.load_policy(policy_path)
    _check_stores(policy, only)
    records = bootstrap.open_records(state)
    try:
        session = bootstrap.open_session(policy, policy_path, day, only)
        with session:
            yield Opened(policy, session, records, day, language(lang, policy), bootstrap.hook_runner(policy_path))
    finally:
        records.state.close()


def _check_stores(policy: Policy, only: list[str] | None) -> None:
    for name in only or ():
        if name not in policy.stores:
            raise UsageError(f"the policy has no store {name!r}", remedy=f"it has: {', '.join(policy.stores)}")


def the_site(policy: Path, state: Path | None) -> bool:
    """Whether there is a site's database; then it is ready to be asked. Raises UsageError when its tables are not."""
    from troth.state.environment import secret
    from troth.web.database import FILE

    folder = Path(state or os.environ.get("TROTH_STATE") or "troth-state")
    if not (secret("TROTH_STATE_URL") or (folder / FILE).exists()):
        return False
    from troth.cli.serve import prepare
    from troth.jobs.running import ready

    prepare(policy, state, None)
    ready()
    return True


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))
