"""Between plan and act: print it, compare the digest, ask."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import typer

from troth.cli.common import Format, print_json
from troth.cli.render import plan_json, print_plan
from troth.core.errors import PlanRefused, UsageError

if TYPE_CHECKING:
    from troth.core.rights.plan import Plan


def decide(
    plan: Plan, *, dry_run: bool, yes: bool, digest: str | None, output: Format, lang: str,
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> bool:  # fmt: skip
    """Whether to carry out the plan. Prints it, unless JSON of the outcome is all that is wanted. ``beside``: what the
    JSON of a dry run says beside the plan.

    Raises PlanRefused when ``digest`` is another one than the plan's, UsageError when nobody can be asked.
    """
    if dry_run and (yes or digest):
        raise UsageError("--dry-run and --yes or --plan contradict each other")
    if dry_run:
        print_json({**plan_json(plan), **beside}) if output == "json" else print_plan(plan, lang)
        return False
    if digest is not None:
        _same(plan, digest)
        return True
    if output == "text":
        print_plan(plan, lang)
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "a change needs --yes, or --plan with the digest of the plan", remedy="--dry-run prints the plan"
        )
    question = "Carry out this plan?" if lang == "en" else "Exécuter ce plan ?"
    return typer.confirm(question, default=False)


def _same(plan: Plan, digest: str) -> None:
    if len(digest) < 8 or not plan.digest.startswith(digest.lower()):
        raise PlanRefused(
            "this is no longer the plan that you looked at: rows, schema or policy have changed since",
            remedy="print it again with --dry-run",
        )
