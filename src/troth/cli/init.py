"""``troth init``: a first policy, from a dozen answers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    FormatOption,
    LangOption,
    language,
    parse_date,
    print_json,
    shown_errors,
)
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.core.discover.model import Draft
    from troth.core.policy_writing.answers import Answers
    from troth.core.policy_writing.questions import Question

Ask = Callable[["Question", "str | None"], str]
"""Puts a question to a person; the second is what an empty answer means."""

_STORE = "[A-Za-z][A-Za-z0-9_-]{0,99}"


def _option(help_text: str, metavar: str = "TEXT") -> Any:
    return typer.Option(help=help_text, metavar=metavar, show_default=False)


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("init", help=init.__doc__)(shown_errors(init))


def init(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")] = DEFAULT_POLICY,
    language_: Annotated[
        str | None, typer.Option("--language", help="Languages of the policy: en, fr or fr,en.", show_default=False)
    ] = None,
    name: Annotated[str | None, _option("The publisher's legal name.")] = None,
    country: Annotated[str | None, _option("Its country.", "XX")] = None,
    timezone: Annotated[str | None, _option("Its time zone (default: its capital's).")] = None,
    address: Annotated[str | None, _option("Its postal address.")] = None,
    registration: Annotated[str | None, _option("Its registration.")] = None,
    legal_form: Annotated[str | None, _option("Its legal form (France).")] = None,
    capital: Annotated[str | None, _option("Its share capital (French companies).")] = None,
    phone: Annotated[str | None, _option("Its telephone number.")] = None,
    director: Annotated[str | None, _option("The publication director (France).")] = None,
    contact_name: Annotated[str | None, _option("Whom people turn to about their data.")] = None,
    contact_email: Annotated[str | None, _option("The mail address for that.")] = None,
    contact_phone: Annotated[str | None, _option("The telephone number for that.")] = None,
    site: Annotated[str | None, _option("The site's address.", "URL")] = None,
    does: Annotated[str | None, _option("contact, newsletter, accounts, orders, audience, logs.", "LIST")] = None,
    host_name: Annotated[str | None, _option("Who hosts the site.")] = None,
    host_country: Annotated[str | None, _option("Where.", "XX")] = None,
    host_address: Annotated[str | None, _option("The host's address.")] = None,
    host_phone: Annotated[str | None, _option("The host's telephone number.")] = None,
    host_agreement: Annotated[str | None, _option("When its agreement was signed.", "DATE|none")] = None,
    mailing_name: Annotated[str | None, _option("Who sends the newsletter.")] = None,
    mailing_country: Annotated[str | None, _option("Where.", "XX")] = None,
    mailing_agreement: Annotated[str | None, _option("When its agreement was signed.", "DATE|none")] = None,
    payment_name: Annotated[str | None, _option("Who takes the payments.")] = None,
    payment_country: Annotated[str | None, _option("Where.", "XX")] = None,
    payment_agreement: Annotated[str | None, _option("When its agreement was signed.", "DATE|none")] = None,
    accounting_years: Annotated[str | None, _option("How long invoices are kept (France: 10).", "YEARS")] = None,
    accounting_law: Annotated[str | None, _option("By which law.")] = None,
    audience_tool: Annotated[str | None, _option("What measures the audience.")] = None,
    database: Annotated[
        str | None, _option("Also draft the map of this database: its address, or '${NAME}' of a variable.", "URL")
    ] = None,
    store: Annotated[str, typer.Option("--store", help="What to call that database.")] = "main",
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing: what is not given takes its default.")] = False,
    as_of: AsOfOption = None,
    format_: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Write a first policy, commented, that `troth check` finds in order: asks a dozen questions, or takes the
    answers as options. Nothing is overwritten.

    What it writes is a beginning: read every line. This is not legal advice.
    """
    given = {key.rstrip("_"): value for key, value in locals().items() if value is None or isinstance(value, str)}
    today, speech = parse_date(as_of), language(lang)
    refuse_existing(output)
    looked = look(database, store) if database is not None else None
    asking = None if yes or not sys.stdin.isatty() else asks(speech)
    answers = collected(given, today, speech, asking)
    written(output, answers, today, looked)
    told(output, answers, format_, speech, looked)


# --- asking -------------------------------------------------------------------------------------------


def collected(given: Mapping[str, str | None], today: date, speech: str, ask: Ask | None) -> Answers:
    """All answers: those given as options, the others asked for, or assumed where nobody can be asked.

    Raises UsageError that names every option that is missing, or the one that does not fit or has no use.
    """
    from troth.core.policy_writing.questions import QUESTIONS, answers_from

    known: dict[str, Any] = {}
    missing: list[str] = []
    for question in QUESTIONS:
        text = given.get(question.key)
        if not question.asked(known):
            if text is not None and not missing:
                raise UsageError(_said(speech, "useless", flag=question.flag))
            continue
        default = question.default(known)
        if text is not None:
            known[question.key] = _read(question, text, today, speech)
        elif ask is not None:
            known[question.key] = _asked(question, default, today, speech, ask)
        elif default is not None:
            known[question.key] = _read(question, default, today, speech)
        else:
            missing.append(question.flag)
    if missing:
        raise UsageError(_said(speech, "missing", flags=", ".join(missing)), remedy=_said(speech, "terminal"))
    return answers_from(known)


def _read(question: Question, text: str, today: date, speech: str) -> Any:
    from troth.core.policy_writing.parsing import Unfit

    try:
        return question.read(text.strip(), today)
    except Unfit as error:
        raise UsageError(f"{question.flag}: {error.by_language[speech]}") from None


def _asked(question: Question, default: str | None, today: date, speech: str, ask: Ask) -> Any:
    """Asked until the answer fits."""
    from troth.core.policy_writing.parsing import Unfit

    while True:
        try:
            return question.read(ask(question, default).strip(), today)
        except Unfit as error:
            typer.echo(f"  {error.by_language[speech]}", err=True)


def asks(speech: str) -> Ask:
    """Questions on the terminal."""

    def ask(question: Question, default: str | None) -> str:
        text = question.text[speech]
        return str(typer.prompt(text, default=default, show_default=bool(default), prompt_suffix=" "))

    return ask


# --- the database -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen of the database; ``variable`` is the environment variable that stands for its address."""

    draft: Draft
    variable: str


def look(url: str, store: str) -> Looked:
    """Look at the database as `troth discover` does. Raises UsageError for a name or an address that cannot be used,
    StoreError when the database cannot be read."""
    from troth.bootstrap import open_source
    from troth.cli.databases import asked
    from troth.core.discover.run import discover

    if not re.fullmatch(_STORE, store):
        raise UsageError("--store takes a name of letters, digits, hyphens and underscores")
    address = asked(url, None, "discover")
    with closing(open_source(address.url, name=store)) as source:
        return Looked(discover(source, store), address.variable_for(store))


# --- writing ------------------------------------------------------------------------------------------


def refuse_existing(path: Path) -> None:
    """Raises UsageError when something is there already."""
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already", remedy="choose another name with -o; nothing is overwritten")


def written(path: Path, answers: Answers, today: date, looked: Looked | None = None) -> None:
    """The file, new. Raises UsageError if it cannot be written."""
    from troth.core.policy_writing.mapped import NOTHING, mapped
    from troth.core.policy_writing.write import policy_yaml

    found = NOTHING
    if looked is not None:
        country = answers.host.country
        found = mapped(looked.draft, variable=looked.variable, languages=answers.languages, country=country)
    text = policy_yaml(answers, today, found)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        refuse_existing(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", remedy="choose another place with -o") from None


def told(path: Path, answers: Answers, output: str, speech: str, looked: Looked | None = None) -> None:
    """What was written, and what comes next."""
    unsigned = [provider.name for provider in answers.providers().values() if provider.agreement is None]
    if output == "json":
        print_json({"policy": str(path), "without_agreement": unsigned})
        return
    typer.echo(_said(speech, "written", path=str(path)))
    for name in unsigned:
        typer.echo(_said(speech, "unsigned", name=name))
    if looked is not None:
        from troth.cli.discover import summary

        typer.echo(summary(looked.draft, speech))
        typer.echo(_said(speech, "variable", variable=looked.variable))
    typer.echo(_said(speech, "next", path=str(path)))


_WORDS = {
    "written": ("{path} is written. Read every line: it is a beginning, and no legal advice.",
                "{path} est écrit. Lisez chaque ligne : c’est un début, et non un avis juridique."),
    "unsigned": ("{name}: no agreement is signed, so `troth check` reports it until there is one (GDPR Article 28).",
                 "{name} : aucun contrat n’est signé, et `troth check` le signale tant qu’il en manque un (RGPD, "
                 "article 28)."),
    "variable": ("The file names the database as ${{{variable}}}: set that variable to its address, which stays out "
                 "of the file.",
                 "Le fichier nomme la base ${{{variable}}} : donnez à cette variable son adresse, qui reste hors du "
                 "fichier."),
    "next": ("Next: troth check {path}", "Ensuite : troth check {path}"),
    "missing": ("these answers are missing: {flags}", "il manque ces réponses : {flags}"),
    "terminal": ("give them as options, or run `troth init` in a terminal to be asked",
                 "donnez-les en options, ou lancez `troth init` dans un terminal pour être interrogé"),
    "useless": ("{flag} has no use with the other answers", "{flag} ne sert à rien avec les autres réponses"),
}  # fmt: skip


def _said(speech: str, key: str, **values: str) -> str:
    return _WORDS[key][speech == "fr"].format(**values)
