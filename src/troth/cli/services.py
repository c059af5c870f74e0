"""``troth services``: the catalogue of known services, and how its facts are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.common import FormatOption, LangOption, language, print_json, shown_errors

if TYPE_CHECKING:
    from troth.core.consent.catalogue import Entry, Kept


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("services")(shown_errors(services))


def services(
    name: Annotated[str | None, typer.Argument(help="One service, in full.", show_default=False)] = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="WORD", help="Those whose name, company, kind or hosts have it.")
    ] = None,
    format: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """List the services that the catalogue knows, or tell all about one.

    In the policy, `services: {youtube: {uses: youtube, purpose: videos}}` takes its facts from here; what the policy
    says itself wins. Each fact tells the data set or document that it was read from; what nobody could read anywhere
    is left out.
    """
    speech = language(lang)
    if name is not None:
        _one(name, format, speech)
        return
    found = {key: known for key, known in _all().items() if search is None or _has(key, known, search)}
    if format == "json":
        print_json({"services": [_as_json(key, known, in_full=False) for key, known in found.items()]})
        return
    width = max((len(key) for key in found), default=0)
    for key, known in found.items():
        whose = ", ".join(filter(None, (known.company, known.country)))
        ended = f" †{known.discontinued}" if known.discontinued else ""
        typer.echo(f"{key:{width}}  {known.kind:11}  {known.name}{f' ({whose})' if whose else ''}{ended}")
    typer.echo(_COUNTED[speech].format(count=len(found)), err=True)


_COUNTED = {"en": "{count} services; `troth services NAME` tells all about one",
            "fr": "{count} services ; `troth services NOM` dit tout de l’un d’eux"}  # fmt: skip


def _all() -> dict[str, Entry]:
    from troth.core.consent.catalogue import entry, names

    return {name: entry(name) for name in names()}


def _has(key: str, known: Entry, word: str) -> bool:
    told = " ".join((key, known.name, known.company or "", known.kind, *known.hosts))
    return word.lower() in told.lower()


def _one(name: str, output: str, speech: str) -> None:
    from troth.core.consent.catalogue import entry, names
    from troth.core.errors import UsageError
    from troth.core.policy.problems import nearest

    if name not in names():
        near = nearest(name, names())
        remedy = f"did you mean {near!r}?" if near else "`troth services` lists those it has"
        raise UsageError(f"the catalogue has no service {name!r}", remedy=remedy)
    known = entry(name)
    if output == "json":
        print_json(_as_json(name, known, in_full=True))
        return
    typer.echo("\n".join(_lines(name, known, speech)))


def _lines(name: str, known: Entry, speech: str) -> list[str]:
    lines = [f"{known.name} ({name})", f"  {known.does[speech]}"]
    facts = {
        "company": known.company, "country": known.country, "kind": known.kind, "hosts": ", ".join(known.hosts),
        "embeds": ", ".join(known.embeds), "privacy": known.privacy, "consent_mode": ", ".join(known.consent_mode),
        "discontinued": known.discontinued,
    }  # fmt: skip
    for fact, value in facts.items():
        said = value or (_UNKNOWN[speech] if fact in ("company", "country") else "")
        if said:
            lines.append(f"  {fact:13} {said}{_from(known, fact)}")
    if known.own_host:
        lines.append(f"  {'hosts':13} {_OWN_HOST[speech]}")
    lines += [f"  {_kept(pattern, kept, speech)}" for pattern, kept in known.keeps.items()]
    return lines + _read(known)


_UNKNOWN = {"en": "not known", "fr": "non connu"}
_OWN_HOST = {"en": "a host of the publisher's, in the policy's `host:`",
             "fr": "un hôte de l’éditeur, dans le `host:` de la politique"}  # fmt: skip


def _from(known: Entry, fact: str) -> str:
    return f"  [{', '.join(known.sources[fact])}]" if fact in known.sources else ""


def _kept(pattern: str, kept: Kept, speech: str) -> str:
    from troth.core.consent.words import USES

    where = f", {kept.domain}" if kept.domain else ""
    return f"{pattern}: {kept.lifetime}{where}; {USES[kept.use][speech]}  [{', '.join(kept.sources)}]"


def _named(known: Entry) -> list[str]:
    """The names of all sources of an entry, each once."""
    own = [source for listed in known.sources.values() for source in listed]
    return list(dict.fromkeys([*own, *(source for kept in known.keeps.values() for source in kept.sources)]))


def _read(known: Entry) -> list[str]:
    from troth.core.consent.catalogue import sources

    listed = []
    for name in _named(known):
        source = sources()[name]
        where = source.package or source.address
        listed.append(f"  [{name}] {source.title}{f', {where}' if where else ''} ({source.read})")
    return listed


def _as_json(name: str, known: Entry, *, in_full: bool) -> dict[str, Any]:
    """The shape of ``--format json``."""
    if not in_full:
        told = known.model_dump(mode="json", include={"company", "country", "kind", "discontinued"})
        return {"name": name, "title": known.name, **told}
    from troth.core.consent.catalogue import sources

    told = known.model_dump(mode="json", by_alias=True, exclude={"name"})
    read = {source: sources()[source].model_dump(mode="json") for source in _named(known)}
    return {"name": name, "title": known.name, **told, "sources": read}
