"""``troth migrate``: the tables of state and site, as this Troth needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any

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

_WORDS = {
    "en": {
        "state": "state: the tables have format {found}, this Troth wants {wanted}",
        "state_fine": "state: up to date (format {wanted})",
        "site": "site: {count} steps to do",
        "site_one": "site: one step to do",
        "site_fine": "site: up to date",
        "pending": "Nothing was changed. `troth migrate` does it.",
        "done": "Done.",
    },
    "fr": {
        "state": "état : les tables ont le format {found}, cette version de Troth veut le {wanted}",
        "state_fine": "état : à jour (format {wanted})",
        "site": "site : {count} étapes à faire",
        "site_one": "site : une étape à faire",
        "site_fine": "site : à jour",
        "pending": "Rien n’a été changé. `troth migrate` le fait.",
        "done": "C’est fait.",
    },
}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("migrate", help=migrate.__doc__)(shown_errors(migrate))


def migrate(
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 if something is to do.")] = False,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Bring the tables of state and site up to this Troth: shows what is to do, and does it.

    Make a backup first. Several machines may run it at once: one does the work, the others wait.
    """
    from troth.cli.serve import prepare
    from troth.web import migrations

    speech = language(lang)
    prepare(policy, state, database_url)
    place, url = _place()
    found, wanted = place.format()
    steps = migrations.pending(place.directory, url)
    pending = bool(steps) or found < wanted
    told: dict[str, Any] = {"state": {"found": found, "wanted": wanted}, "site": steps, "changed": False}
    if output == "text":
        _show(told, _WORDS[speech])
    if pending and not check:
        _do(place, url, steps)
        told["changed"] = True
    if output == "json":
        print_json(told)
    elif pending:
        typer.echo(_WORDS[speech]["pending" if check else "done"])
    raise typer.Exit(1 if pending and check else 0)


def _place() -> tuple[Any, str]:
    import os

    from troth.state.state import Place

    return Place.find(), os.environ.get("TROTH_STATE_URL", "")


def _do(place: Any, url: str, steps: list[str]) -> None:
    from troth.web import migrations

    place.database().close()
    if steps:
        with _progress(len(steps), lambda: len(migrations.pending(place.directory, url))):
            migrations.apply(place.directory, url)


@contextmanager
def _progress(total: int, left: Callable[[], int]) -> Iterator[None]:
    """A bar on standard error, when somebody is looking; it asks the database how much is left."""
    import sys
    import threading

    from rich.console import Console
    from rich.progress import Progress

    from troth.core.errors import TrothError

    ended = threading.Event()
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=total)

        def look() -> None:
            while not ended.wait(0.5):
                try:
                    bar.update(task, completed=total - left())
                except TrothError:
                    continue  # locked at the moment

        watching = threading.Thread(target=look, daemon=True)
        if not bar.disable:
            watching.start()
        try:
            yield
        finally:
            ended.set()


def _show(told: dict[str, Any], words: dict[str, str]) -> None:
    state, steps = told["state"], told["site"]
    typer.echo(words["state" if state["found"] < state["wanted"] else "state_fine"].format(**state))
    count = len(steps)
    typer.echo(words["site" if count > 1 else "site_one" if count else "site_fine"].format(count=count))
    for step in steps:
        typer.echo(f"  {step}")
