"""Writes `docs/reference/services.md` from the catalogue; with data sets at hand, holds the catalogue against them.

    python tools/services.py
    python tools/services.py --against open-cookie-database.json entities.json

The first writes the page; a test tells when that was forgotten. The second names the facts that say they were read
from the Open Cookie Database or from Third Party Web and are not there: run it when a data set has a new version. It
is needed neither at run time nor in CI.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from troth.core.consent.catalogue import Entry, entry, names, sources

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference" / "services.md"

HEAD = """# Services that Troth knows

`uses: NAME` in a policy's `services:` takes the facts of one of these ([how](../howto/declare-a-service.md)).
`troth services NAME` tells all of it: hosts, what it keeps in the browser and how long, and for each fact the data
set or document that it was read from. **What is empty here could not be read anywhere: it is not known, and nothing
was guessed.** The country is that of the company, to which the data goes, not of its servers.

`tools/services.py` writes this page from `src/troth/packs/services/`.

| name | service | company | country | kind | in the browser |
|---|---|---|---|---|---|
"""


def reference_text() -> str:
    """The page."""
    rows = [_row(name, entry(name)) for name in names()]
    return HEAD + "\n".join(rows) + "\n\n## Read from\n\n" + "\n".join(_sources()) + "\n"


def _row(name: str, known: Entry) -> str:
    ended = f" (until {known.discontinued})" if known.discontinued else ""
    kept = str(len(known.keeps)) if known.keeps else ""
    cells = (f"`{name}`", known.name + ended, known.company or "", known.country or "", known.kind, kept)
    return "| " + " | ".join(cells) + " |"


def _sources() -> Iterator[str]:
    for name, source in sources().items():
        where = f"[{source.title}]({source.address})" if source.address else source.title
        more = ", ".join(filter(None, (source.package, source.licence)))
        yield f"- `{name}`: {where}{f' ({more})' if more else ''}, read on {source.read}"


def faults(cookies: dict[str, list[dict[str, Any]]], entities: list[dict[str, Any]]) -> list[str]:
    """Facts that are not in the data sets that they name."""
    patterns = {(c["cookie"].rstrip("*"), c["wildcardMatch"] == "1") for listed in cookies.values() for c in listed}
    domains = [domain for one in entities for domain in one["domains"]]
    found = []
    for name in names():
        known = entry(name)
        if known.sources.get("hosts", ()) == ("third-party-web",):
            found += [f"{name}: host {host}" for host in known.hosts if not _covered(host, domains)]
        for pattern, kept in known.keeps.items():
            listed = any((pattern.rstrip("*"), wild) in patterns for wild in (True, False))
            if kept.sources == ("open-cookie-database",) and not listed:
                found.append(f"{name}: cookie {pattern}")
    return found


def _covered(host: str, domains: list[str]) -> bool:
    bare = host.removeprefix("*.")
    return any(host == d or (d.startswith("*.") and re.search(rf"(^|\.){re.escape(d[2:])}$", bare)) for d in domains)


def main() -> int:
    """Write the page, or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", nargs=2, type=Path, metavar=("COOKIES", "ENTITIES"))
    given = parser.parse_args()
    if given.against is None:
        REFERENCE.write_text(reference_text(), encoding="utf-8")
        print(f"written: {REFERENCE.relative_to(ROOT)}")
        return 0
    found = faults(*(json.loads(path.read_text("utf-8")) for path in given.against))
    print("\n".join(found) or "every fact is where it says it was read")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
