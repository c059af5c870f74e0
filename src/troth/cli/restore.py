"""``troth restore``: a backup of Troth's own state, put back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from troth.cli.backup import KeyOption, PassphraseOption, opener, verified_json
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
    from troth.state.backup.restore import Restored

_WORDS = {
    "en": {
        "restored": "● {state} holds the state of {made} again: {events} events of the ledger, {packages} packages",
        "drilled": "● the backup of {made} can be restored: {events} events of the ledger, {packages} packages. The "
        "ledger says that it was tried; nothing was changed.",
        "lost": "▲ {lost} newer events are lost, at least. The ledger says so. Erasures among them are not known any "
        "more and cannot be replayed.",
        "fenced": "  {fenced} steps were taken from workers of then.",
        "waiting": "  {waiting} requests are open as they were then: what was done for them since is not known here, "
        "and their people may be told a second time.",
        "closed": "  {sessions} sessions and {letters} letters with a link or a code are void: everybody logs in anew.",
        "doors": "▲ {accounts} accounts, {staff} members of staff and {tokens} API tokens are as they were then, with "
        "their passwords and second factors. Whoever has left or was ended since is in again: end them, before the "
        "site is served (troth staff list, troth tokens list).",
        "forgotten": "  {forgotten} hashes went whose keys had been destroyed.",
        "copy": "  This is a copy of the state. Never let two copies write: stop the other one for good.",
        "replay": "Were databases of the stores restored too? Then erase again who had been erased:",
        "replay_do": "  troth replay --dry-run --since {day}     then: troth replay --yes --since {day}",
        "by_hand": "  Both name the corrections that somebody has to do again by hand: their values are not kept.",
        "replaying": "Erasures since {day} are replayed on the stores:",
    },
    "fr": {
        "restored": "● {state} contient à nouveau l’état du {made} : {events} événements du journal, "
        "{packages} dossiers",
        "drilled": "● la sauvegarde du {made} peut être restaurée : {events} événements du journal, {packages} "
        "dossiers. "
        "Le journal dit que cela a été essayé ; rien n’a été changé.",
        "lost": "▲ {lost} événements plus récents au moins sont perdus. Le journal le dit. Les effacements parmi eux "
        "ne sont plus connus et ne peuvent pas être rejoués.",
        "fenced": "  {fenced} étapes ont été reprises aux travailleurs d’alors.",
        "waiting": "  {waiting} demandes sont ouvertes comme elles l’étaient alors : ce qui a été fait depuis n’est "
        "pas connu ici, et les personnes pourraient être informées une seconde fois.",
        "closed": "  {sessions} sessions et {letters} lettres avec un lien ou un code ne valent plus rien : chacun se "
        "reconnecte.",
        "doors": "▲ {accounts} comptes, {staff} membres du personnel et {tokens} jetons de l’API sont tels qu’ils "
        "étaient alors, avec leurs mots de passe et seconds facteurs. Ceux qui sont partis ou ont été retirés depuis "
        "sont revenus : retirez-les avant d’ouvrir le site (troth staff list, troth tokens list).",
        "forgotten": "  {forgotten} empreintes dont la clé avait été détruite ont disparu.",
        "copy": "  C’est une copie de l’état. Ne laissez jamais deux copies écrire : arrêtez l’autre pour de bon.",
        "replay": "Des bases de données ont-elles été restaurées aussi ? Effacez alors de nouveau qui l’avait été :",
        "replay_do": "  troth replay --dry-run --since {day}     puis : troth replay --yes --since {day}",
        "by_hand": "  Les deux nomment les rectifications à refaire à la main : leurs valeurs ne sont pas gardées.",
        "replaying": "Les effacements depuis le {day} sont rejoués :",
    },
}


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("restore", help=restore.__doc__)(shown_errors(restore))


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `troth backup --to` made.")],
    key: KeyOption = None,
    passphrase_file: PassphraseOption = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that somebody holds: is the backup as new? May be repeated.")
    ] = None,
    accept_loss: Annotated[
        bool, typer.Option("--accept-loss", help="Newer events are lost for good: go on, and record that.")
    ] = False,
    drill: Annotated[
        bool, typer.Option("--drill", help="Only try it, beside the state in use, and record that it was tried.")
    ] = False,
    replay_since: Annotated[
        str | None,
        typer.Option(
            "--replay-since", metavar="DATE", help="Databases were restored too, of that day: replay erasures."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Carry out the replay without asking.")] = False,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    database_url: DatabaseOption = None,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Put a backup back where there is nothing but the keys: verified first, whole or not at all.

    Put the keys there before: `troth keys escrow --restore FILE`.
    """
    from troth.cli.common import parse_date
    from troth.cli.serve import prepare

    speech = language(lang)
    since = parse_date(replay_since) if replay_since else None
    prepare(policy, state, database_url)
    opening = opener(key, passphrase_file)
    restored = _drill(file, opening) if drill else _restore(file, opening, checkpoint or [], accept_loss)
    _tell(file, restored, drill, output, speech)
    if since is not None and not drill:
        _replay(policy, state, since.isoformat(), yes, output, speech)


def _wanted(checkpoints: list[Path], accept_loss: bool) -> Any:
    from troth.state.backup.restore import Wanted, read_checkpoints
    from troth.web.tables import known

    return Wanted(read_checkpoints(checkpoints), accept_loss, known())


def _restore(file: Path, opening: Any, checkpoints: list[Path], accept_loss: bool) -> Restored:
    from datetime import UTC, datetime

    from troth.state import Place
    from troth.state.backup.check import contents
    from troth.state.backup.restore import restore as restoring
    from troth.web import migrations

    place = Place.find()
    if place.url:
        with contents(file, opening):
            pass  # it opens with this key: only then are tables made
        migrations.apply(place.directory, place.url)
    return restoring(file, place, opening, _wanted(checkpoints, accept_loss), datetime.now(UTC))


def _drill(file: Path, opening: Any) -> Restored:
    from datetime import UTC, datetime

    from troth.state import Place, open_state
    from troth.state.backup.restore import drill

    with open_state() as opened:
        return drill(file, opened, Place.find(), opening, _wanted([], False), datetime.now(UTC))


def _tell(file: Path, restored: Restored, drilled: bool, output: str, speech: str) -> None:
    from troth.package.locale import day
    from troth.state import Place

    about, fence = restored.backup.about, restored.fence
    told = {
        "backup": verified_json(file, restored.backup), "drill": drilled,
        "lost": restored.lost.events if restored.lost else 0, "fenced": fence.steps, "waiting": fence.waiting,
        "sessions": fence.sessions, "letters": fence.letters, "accounts": fence.accounts, "staff": fence.staff,
        "tokens": fence.tokens, "packages": restored.packages, "forgotten": restored.forgotten,
    }  # fmt: skip
    if output == "json":
        print_json(told)
        return
    words = _WORDS[speech]
    said = {
        **told, "made": f"{day(about.made.date(), speech)} {about.made:%H:%M} UTC", "events": about.head.size,
        "state": Place.find().directory, "day": about.made.date().isoformat(),
    }  # fmt: skip
    for line in ["drilled"] if drilled else _lines(told):
        typer.echo(words[line].format(**said))


def _lines(told: dict[str, Any]) -> list[str]:
    """What there is to say of a restore, by the names of the words."""
    there = {
        "lost": told["lost"], "fenced": told["fenced"], "waiting": told["waiting"],
        "closed": told["sessions"] or told["letters"],
        "doors": told["accounts"] or told["staff"] or told["tokens"],
        "forgotten": told["forgotten"],
    }  # fmt: skip
    return ["restored", *(name for name, any_of in there.items() if any_of), "copy", "replay", "replay_do", "by_hand"]


def _replay(policy: Path, state: Path | None, since: str, yes: bool, output: str, speech: str) -> None:
    """As `troth replay`: without --yes it shows what would be erased again."""
    from troth.cli.replay import replay

    if output == "text":
        typer.echo(_WORDS[speech]["replaying"].format(day=since))
    replay(policy=policy, state=state, since=since, dry_run=not yes, yes=yes, output=output, lang=speech)  # type: ignore[arg-type]
