"""``troth export-portable``: Article 20, what the person gave or what was observed, for use elsewhere."""

from __future__ import annotations

import typer

from troth.cli.access import ForceOption, OutOption, hand_over
from troth.cli.common import (
    DEFAULT_POLICY,
    AsOfOption,
    FormatOption,
    LangOption,
    PolicyOption,
    SharedOption,
    StateOption,
    SubjectArgument,
    UnverifiedOption,
    opened,
    parse_subject,
    shown_errors,
)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export-portable", help=export_portable.__doc__)(shown_errors(export_portable))


def export_portable(
    subject: SubjectArgument,
    to: OutOption,
    policy: PolicyOption = DEFAULT_POLICY,
    state: StateOption = None,
    as_of: AsOfOption = None,
    force: ForceOption = False,
    confirm_shared: SharedOption = False,
    confirm_unverified: UnverifiedOption = False,
    output: FormatOption = "text",
    lang: LangOption = None,
) -> None:
    """Hand over what a person gave or what was observed, by consent or contract, for use elsewhere (Article 20)."""
    from troth.core.rights.identity import Decisions
    from troth.package.folder_or_zip import Destination

    destination = Destination(to, force=force)
    destination.check()
    with opened(policy, state, as_of, lang) as work:
        who = parse_subject(subject, work.policy)
        hand_over(work, who, destination, Decisions(confirm_shared, confirm_unverified), "portability", output)
