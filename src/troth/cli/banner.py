"""``troth banner``: is the banner's promise kept in the browser, and what makes it so."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    FormatOption,
    LangOption,
    PolicyOption,
    StateOption,
    language,
    parse_date,
    print_json,
    shown_errors,
)
from troth.cli.serve import DatabaseOption

if TYPE_CHECKING:
    from troth.audit.judging import Finding
    from troth.audit.seen import Visit
    from troth.audit.selftest import Tested
    from troth.core.consent.rules import Rules
    from troth.web.csp.summing import Total
    from troth.web.wording import Words

TrothOption = Annotated[
    str | None, typer.Option("--troth", metavar="URL", help="Where Troth answers (default: the policy's address).")
]
_SHAPES = {"problem": "▲", "note": "△"}
_REPORT_DAYS = 30


def register(app: typer.Typer) -> None:
    """Add the verb and its forms."""
    group = typer.Typer(invoke_without_command=True, no_args_is_help=True, rich_markup_mode=None)
    group.callback(help=banner.__doc__)(shown_errors(banner))
    group.command("snippet", help=snippet.__doc__)(shown_errors(snippet))
    group.command("export", help=export.__doc__)(shown_errors(export))
    group.command("reports", help=reports.__doc__)(shown_errors(reports))
    app.add_typer(group, name="banner")


def banner(
    context: typer.Context,
    url: Annotated[
        str | None, typer.Option("--self-test", metavar="URL", help="Look at this page with a real browser.")
    ] = None,
    policy: PolicyOption = DEFAULT_POLICY,
    as_of: AsOfOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Whether a site really waits for consent, and what makes the browser enforce it.

    With --self-test URL: opens the page in Chromium before any choice, after refusal, after acceptance and without the
    banner's script, and says what loads that should not, which tag asks for it, and what to change. Exit 1: something
    does.
    """
    if context.invoked_subcommand is not None:
        return
    from troth import bootstrap
    from troth.core.errors import UsageError

    if url is None:
        raise UsageError("say what to do", remedy="troth banner --self-test URL, or snippet, export or reports")
    speech = language(lang)
    loaded = bootstrap.load_policy(policy)
    from troth.audit.selftest import self_test

    tested = self_test(loaded, url, parse_date(as_of))
    if output == "json":
        print_json(_as_json(url, tested, speech))
    else:
        _print(tested, speech)
    raise typer.Exit(1 if any(one.level == "problem" for one in tested.findings) else 0)


def snippet(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="nginx, apache, caddy, php or html.", show_default=False)],
    policy: PolicyOption = DEFAULT_POLICY,
    troth: TrothOption = None,
    base: Annotated[
        str | None, typer.Option("--base", metavar="POLICY", help="The site's own Content-Security-Policy.")
    ] = None,
) -> None:
    """Print what goes into a web server's configuration, so that the browser enforces each visitor's choice."""
    from troth.core.consent.snippets import snippet as written

    rules = _rules(policy, troth)
    typer.echo(written(kind, rules, base, today=parse_date(None)), nl=False)
    for one in rules.composed(base).taken_out:
        why = f"it would let in {one.service} unasked" if one.service else "it would let in anything"
        typer.echo(f"note: {one.source} was taken out of {one.directive}: {why}; name the hosts you need", err=True)


def export(
    policy: PolicyOption = DEFAULT_POLICY,
    troth: TrothOption = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="Write it there instead of printing it.")] = None,
) -> None:
    """Write csp.json, which the middlewares for WSGI, ASGI and Django read."""
    from troth.core.errors import UsageError

    text = _rules(policy, troth).to_json()
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        fresh = out.with_name(f".{out.name}.new")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(out)  # whoever reads it meanwhile reads a whole file
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror or 'no reason given'}") from None


def reports(
    days: Annotated[int, typer.Option("--days", min=1, max=90, help="Since how many days.")] = _REPORT_DAYS,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    as_of: AsOfOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Tell what visitors' browsers have stopped: sums by host, kind and page, and what each means."""
    from troth import bootstrap
    from troth.cli.serve import prepare

    loaded = bootstrap.load_policy(policy)
    prepare(policy, state, database_url)
    from troth.jobs.running import ready

    ready()
    from troth.web.csp.summing import sums

    since = parse_date(as_of) - timedelta(days=days)
    found = sums(loaded, since)
    if output == "json":
        listed = [{**asdict(one), "last": one.last.isoformat()} for one in found]
        print_json({"since": since.isoformat(), "stopped": listed})
        return
    _print_sums(found, language(lang))


def _rules(policy: Path, troth: str | None) -> Rules:
    from troth import bootstrap
    from troth.core.consent.enforcing import rules_of
    from troth.core.errors import UsageError

    loaded = bootstrap.load_policy(policy)
    where = troth if troth is not None else loaded.document.policy.address
    if not where:
        raise UsageError("where does Troth answer?", remedy="--troth https://privacy.example.org, or policy.address")
    return rules_of(loaded, where.rstrip("/"))


def _print(tested: Tested, speech: str) -> None:
    from troth.web.wording import Words

    words = Words("csp", speech)
    for visit in tested.visits:
        typer.echo(f"\n{words[f't_{visit.phase}']}")
        typer.echo(f"  {_seen(visit, words)}")
        for one in tested.findings:
            if one.phase == visit.phase:
                typer.echo(f"  {_SHAPES[one.level]} {_said(one, one.name, words)}")
                if one.tag:
                    typer.echo(f"      {one.tag}")
                typer.echo(f"    → {_said(one, f'r_{one.name}', words)}")
    count = sum(one.level == "problem" for one in tested.findings)
    total = words.say("t_problems", count=count) if count > 1 else words["t_problem" if count else "t_fine"]
    typer.echo(f"\n{'▲' if count else '●'} {total}")


def _seen(visit: Visit, words: Words) -> str:
    hosts = sorted({one.host for one in visit.asked if not one.held})
    kept = sorted({one.name for one in visit.kept})
    stopped = sorted({host for _, host in visit.stopped})
    parts = [words.say("t_asks", hosts=", ".join(hosts))]
    parts += [words.say("t_keeps", names=", ".join(kept)) if kept else words["t_keeps_nothing"]]
    parts += [words.say("t_stopped", hosts=", ".join(stopped))] if stopped else []
    return "; ".join(parts)


def _said(one: Finding, name: str, words: Words) -> str:
    return words.say(name, service=one.service, host=one.host, kept=one.kept)


def _as_json(url: str, tested: Tested, speech: str) -> dict[str, object]:
    from troth.web.wording import Words

    words = Words("csp", speech)
    findings = [
        {**asdict(one), "message": _said(one, one.name, words), "remedy": _said(one, f"r_{one.name}", words)}
        for one in tested.findings
    ]
    visits = [
        {"phase": visit.phase, "asked": [asdict(one) for one in visit.asked],
         "kept": [asdict(one) for one in visit.kept],
         "stopped": [{"directive": directive, "blocked": host} for directive, host in visit.stopped],
         "policies": list(visit.policies)}
        for visit in tested.visits
    ]  # fmt: skip
    return {"url": url, "problems": sum(one.level == "problem" for one in tested.findings), "visits": visits,
            "findings": findings}  # fmt: skip


def _print_sums(found: list[Total], speech: str) -> None:
    from troth.web.csp.summing import meaning
    from troth.web.wording import Words

    words = Words("csp", speech)
    if not found:
        typer.echo(f"● {words['nothing']} {words['nothing_next']}")
    for one in found:
        typer.echo(f"△ {one.count:>6} × {one.blocked}  {one.directive}  {one.page}  {one.last.isoformat()}")
        typer.echo(f"         {words.say(meaning(one), service=one.service)}")
