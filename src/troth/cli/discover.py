"""``troth discover``: the draft of a policy for a database that nobody has described yet."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from troth.cli.common import FormatOption, LangOption, language, print_json, shown_errors
from troth.core.errors import UsageError

if TYPE_CHECKING:
    from troth.cli.databases import Address
    from troth.core.discover.changes import Change
    from troth.core.discover.model import Draft
    from troth.core.policy.model import Policy

Part = Literal["policy", "stores"]


def register(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command("discover", help=discover.__doc__)(shown_errors(discover))


def discover(
    url: Annotated[
        str | None, typer.Argument(metavar="URL", help="The database, or '${NAME}' of a variable.", show_default=False)
    ] = None,
    url_from: Annotated[
        str | None, typer.Option("--url-from", metavar="VAR", help="The environment variable that holds the URL.")
    ] = None,
    name: Annotated[str | None, typer.Option("--as", metavar="NAME", help="What to call the store.")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--output", help="Write into this new file.")] = None,
    part: Annotated[Part, typer.Option(help="A whole policy, or the stores: section to include.")] = "policy",
    policy: Annotated[
        Path | None, typer.Option("--policy", "-p", help="Tell what differs from this policy's store NAME.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option("--since", help="Tell what differs from an earlier --format json.")
    ] = None,
    rows: Annotated[int, typer.Option(min=1, max=100_000, help="Rows of each table to look at.")] = 1_000,
    seconds: Annotated[float, typer.Option(min=1, help="Time for it all.")] = 120.0,
    location: Annotated[
        str | None, typer.Option("--location", metavar="XX", help="The country where the database lies.")
    ] = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Draft the map of a database: where people's data seems to lie, and how the tables hang together around them.

    Only reads, and keeps no value. The draft is a policy file that loads; everything in it waits to be confirmed.
    With --policy or --since: what has changed. Exit 1 when a change touches personal data, 2 when the database
    cannot be read.
    """
    speech = language(lang)
    if out is not None and out.exists():
        raise UsageError(f"{out} is there already", remedy="choose another name; nothing is overwritten")
    place = _country(location)
    loaded = _loaded(policy, name)
    address = _address(url, url_from, loaded, policy)
    store = name or (loaded[1] if loaded else None) or address.name
    draft = _look(address, store, rows, seconds)
    if policy is not None or since is not None:
        _tell_changes(_changes(loaded, since, draft), output, speech, out)
        return
    text = _json_text(draft, speech) if output == "json" else _yaml_text(draft, address, part, speech, out, place)
    _hand_over(text, out)
    typer.echo(summary(draft, speech, str(out) if out else None), err=True)


# --- where the database is ------------------------------------------------------------------------


def _address(url: str | None, url_from: str | None, loaded: tuple[Policy, str] | None, policy: Path | None) -> Address:
    """As the command line names it, else as the policy does."""
    from troth.cli.databases import Address, asked, given

    found = given(url, url_from, "discover")
    if found is None and loaded is not None and policy is not None:
        from troth.core.policy.environment import expand_url

        return Address(expand_url(loaded[0].stores[loaded[1]], os.environ), None, policy.resolve().parent)
    return found or asked(url, url_from, "discover")


def _country(code: str | None) -> str | None:
    """Raises UsageError for what no policy takes as a country."""
    if code is None:
        return None
    from troth.core.policy.countries import COUNTRIES

    if code.upper() not in COUNTRIES:
        raise UsageError(f"--location {code!r} is no country", remedy="give its two letters, such as FR or DE")
    return code.upper()


# --- looking --------------------------------------------------------------------------------------


def _look(address: Address, store: str, rows: int, seconds: float) -> Draft:
    from contextlib import closing

    from troth.bootstrap import open_source
    from troth.cli.databases import progress
    from troth.core.discover.model import Budget
    from troth.core.discover.run import discover as looked_at

    budget = Budget(rows=rows, seconds=seconds, statement_seconds=min(5.0, seconds))
    with (
        closing(open_source(address.url, name=store, budget=budget, folder=address.folder)) as source,
        progress() as tell,
    ):
        return looked_at(source, store, progress=tell)


# --- the draft ------------------------------------------------------------------------------------


def _yaml_text(draft: Draft, address: Address, part: Part, speech: str, out: Path | None, location: str | None) -> str:
    from troth.core.discover.draft import policy_yaml, stores_yaml

    write = policy_yaml if part == "policy" else stores_yaml
    variable = address.variable_for(draft.store)
    url = address.written(out)
    return write(draft, url_variable=variable, languages=(speech,), url=url, location=location)


def _json_text(draft: Draft, speech: str) -> str:
    import json

    from troth.core.discover.draft_json import draft_json

    return json.dumps(draft_json(draft, speech), ensure_ascii=False, indent=2) + "\n"


def _hand_over(text: str, out: Path | None) -> None:
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise UsageError(f"cannot write {out}: {(error.strerror or 'error').lower()}") from None


_SUMMARY = {
    "en": (
        "{tables} tables: {person} about people, {belongs} that hang on them, {loose} with data of people"
        " nobody is found from, {none} without; {fields} personal columns",
        "could not be seen: {count} (listed at the end of the draft)",
        "written to {out}; next: troth check {out}",
    ),
    "fr": (
        "{tables} tables : {person} sur des personnes, {belongs} qui en dépendent, {loose} avec des données de"
        " personnes introuvables, {none} sans ; {fields} colonnes personnelles",
        "n’ont pas pu être vus : {count} (en liste à la fin du brouillon)",
        "écrit dans {out} ; ensuite : troth check {out}",
    ),
}


def summary(draft: Draft, speech: str, out: str | None = None) -> str:
    """What was found, in numbers."""
    from collections import Counter

    from troth.core.discover.changes import personal_columns

    roles = Counter(guess.role for guess in draft.tables)
    counts: dict[str, Any] = {role: roles[role] for role in ("person", "belongs", "loose", "none")}
    fields = sum(len(personal_columns(g)) for g in draft.tables if g.role != "none")
    found, unseen, written = _SUMMARY[speech]
    lines = [found.format(tables=len(draft.tables), fields=fields, **counts)]
    if draft.troubles:
        lines.append(unseen.format(count=len(draft.troubles)))
    if out is not None:
        lines.append(written.format(out=out))
    return "\n".join(lines)


# --- what changed ---------------------------------------------------------------------------------


def _loaded(path: Path | None, name: str | None) -> tuple[Policy, str] | None:
    """The policy to compare with, and the name of its store that is meant."""
    if path is None:
        return None
    from troth.bootstrap import load_policy

    policy = load_policy(path)
    if name is None and len(policy.stores) == 1:
        name = next(iter(policy.stores))
    if name is None or name not in policy.stores:
        known = ", ".join(policy.stores) or "none"
        wrong = "which store of the policy?" if name is None else f"the policy has no store {name!r}"
        raise UsageError(wrong, remedy=f"name it with --as NAME; it has: {known}")
    return policy, name


def _changes(loaded: tuple[Policy, str] | None, since: Path | None, draft: Draft) -> list[Change]:
    import json

    from troth.core.discover.changes import changes_since_look, changes_since_policy

    found: list[Change] = []
    if loaded is not None:
        policy, name = loaded
        found += changes_since_policy(policy.stores[name], policy.document.stores[name].collections, draft)
    if since is not None:
        try:
            earlier = json.loads(since.read_text("utf-8"))
        except OSError as error:
            raise UsageError(f"cannot read {since}: {(error.strerror or 'error').lower()}") from None
        except ValueError:
            raise UsageError(f"{since} is not JSON", remedy="make it with --format json -o FILE") from None
        found += changes_since_look(earlier, draft)
    return found


_CHANGES = {
    "en": ("nothing has changed", "personal"),
    "fr": ("rien n'a changé", "personnel"),
}


def _tell_changes(changes: list[Change], output: str, speech: str, out: Path | None) -> None:
    import json

    nothing, personal = _CHANGES[speech]
    if output == "json":
        listed = {"changes": [c.as_json(speech) for c in changes]}
        if out is None:
            print_json(listed)
        else:
            _hand_over(json.dumps(listed, ensure_ascii=False, indent=2) + "\n", out)
    else:
        lines = [f"{c.message(speech)}{f' [{personal}]' if c.personal else ''}" for c in changes] or [nothing]
        _hand_over("\n".join(lines) + "\n", out)
    if any(c.personal for c in changes):
        raise typer.Exit(1)
