"""The ``troth`` command. Each verb is a file of this folder, imported only when it is called."""

from __future__ import annotations

import importlib
import sys

import typer

VERBS: dict[str, str] = {
    "demo": "Show what Troth does, on generated data, in a folder of its own.",
    "init": "Write a first policy, from a dozen answers.",
    "discover": "Draft the map of a database: where people's data seems to lie.",
    "survey": "A report on a database for people to read: what is held, how old, what an erasure would break.",
    "check": "Check the policy file: structure, law and coherence.",
    "services": "The services that the catalogue knows: who they are, what they keep in the browser.",
    "publish": "Put a version of the policy on record, for people to read.",
    "serve": "Show people the policy on the web.",
    "banner": "Whether a site really waits for consent, and what makes the browser enforce it.",
    "migrate": "Bring the tables of state and site up to this Troth.",
    "doctor": "Say in plain words what is not set up as it should be, and what to do.",
    "backup": "Save Troth's own state in one encrypted file, while everything goes on.",
    "restore": "Put such a file back, verified first.",
    "worker": "Carry out what waits in the journal, step by step.",
    "jobs": "What waits in the journal, and what is stuck there.",
    "access": "Hand over everything that is held about a person (Article 15).",
    "export-portable": "Hand over what a person gave, for use elsewhere (Article 20).",
    "rectify": "Correct a person's data (Article 16).",
    "erase": "Erase a person, except what the law makes the publisher keep (Article 17).",
    "restrict": "Freeze a person's data: keep it, use it for nothing else (Article 18).",
    "hold": "Add, list or release holds by hand.",
    "request": "Enter, follow and decide what people have asked for.",
    "disclosures": "What was given to recipients and authorities, for the person to know.",
    "staff": "Who of the publisher's people may enter the console, and what they may do there.",
    "may": "Whose data may be used for what, as views in your own database.",
    "tokens": "Tokens for programs that use the API.",
    "webhooks": "Who is told of what happens to requests.",
    "sweep": "Erase what is past its time.",
    "replay": "After a restore: erase again who had been erased.",
    "archive": "List or open what lies in the sealed archive.",
    "grants": "Print the database rights Troth needs.",
    "bundle": "Write the evidence to a file.",
    "verify": "Check such a file, offline, without trusting anybody.",
    "keys": "Make, rotate, escrow and destroy keys.",
}


def build(verb: str | None = None) -> typer.Typer:
    """The application with one verb fully loaded; the others are names and one line of help."""
    app = typer.Typer(
        name="troth", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
        help="A privacy policy that runs: one file, executed on real databases, and proved.",
        rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )  # fmt: skip
    app.callback()(lambda: None)
    for name, text in VERBS.items():
        if name == verb:
            importlib.import_module(f"troth.cli.{name.replace('-', '_')}").register(app)
        else:
            app.command(name, help=text)(_not_loaded)
    return app


def _not_loaded() -> None:
    """Stands for a verb that is not the one being called."""


def run(arguments: list[str] | None = None) -> None:
    """Entry point of the ``troth`` command."""
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == ["--version"]:
        from importlib.metadata import version

        typer.echo(f"troth {version('troth')}")
        return
    verb = next((w for w in words if not w.startswith("-")), None)
    build(verb)(args=words, prog_name="troth")


if __name__ == "__main__":
    run()
