"""The version of Maison Verdier's policy before the present one, so that its history has something to compare."""

from __future__ import annotations

import shutil
from pathlib import Path

FOLDER = "earlier"
VERSION = "2025-03-03"

# File, what stands there now, what stood there then.
_THEN = (
    ("troth.yaml", "  version: 2026-11-22\n", f"  version: {VERSION}\n"),
    ("troth.yaml", "  answer_within: 30 days\n", "  answer_within: 1 month\n"),
    ("troth.yaml", "    keep: {for: 12 months, after: collected}\n", "    keep: {for: 18 months, after: collected}\n"),
    ("site.yaml", "    keep: 12 months\n", "    keep: 18 months\n"),
    ("clauses.yaml", "Journaux du serveur : douze mois au plus.", "Journaux du serveur : dix-huit mois au plus."),
    ("clauses.yaml", "Server logs: twelve months at most.", "Server logs: eighteen months at most."),
    (
        "clauses.yaml",
        "Nous répondons dans les trente jours, ou dans le délai d’un mois de la loi s’il est plus court.",
        "Nous répondons dans le délai d’un mois que fixe la loi.",
    ),
    (
        "clauses.yaml",
        "We answer within thirty days, or within the law’s one month where that is shorter.",
        "We answer within the one month that the law sets.",
    ),
)


def write_earlier(home: Path) -> None:
    """Put the earlier version into ``home/earlier``, from the present one in ``home``.

    Raises ValueError when a sentence that it changes is no longer in the present one.
    """
    folder = home / FOLDER
    folder.mkdir()
    for file in sorted(home.iterdir()):
        if file.is_file() and file.suffix != ".md" and not file.name.startswith("policy-2018"):
            shutil.copyfile(file, folder / file.name)
    for name, now, then in _THEN:
        text = (folder / name).read_text(encoding="utf-8")
        if text.count(now) != 1:
            raise ValueError(f"{name} holds {text.count(now)} times, not once: {now.strip()}")
        (folder / name).write_text(text.replace(now, then), encoding="utf-8")
    _without_changes(folder / "troth.yaml")


def _without_changes(file: Path) -> None:
    """The first version on record has nothing to compare itself with."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    start = lines.index("  changes:\n")
    end = next(n for n in range(start + 1, len(lines)) if not lines[n].startswith("    "))
    file.write_text("".join(lines[:start] + lines[end:]), encoding="utf-8")
