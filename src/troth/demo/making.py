"""Making the examples in a process of its own: what inventing people takes in memory is given back when it ends.

``python -m troth.demo.making FOLDER DATE`` ends with 2 after a message and its remedy, on a line each.
"""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

from troth.core.errors import UsageError
from troth.demo.generate import EXAMPLES, Example


def make_apart(folder: Path, as_of: date) -> dict[Example, Path]:
    """As ``folder.make``. Raises UsageError as it does."""
    done = subprocess.run(
        [sys.executable, "-m", "troth.demo.making", str(folder), str(as_of)],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    if done.returncode == UsageError.exit_code:
        message, _, remedy = done.stdout.partition("\n")
        raise UsageError(message, remedy=remedy.strip())
    done.check_returncode()
    return {example: folder / example for example in EXAMPLES}


def main(arguments: list[str]) -> int:
    """Make them."""
    from troth.demo.folder import make

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    folder, as_of = arguments
    try:
        make(Path(folder), date.fromisoformat(as_of))
    except UsageError as error:
        sys.stdout.write(f"{error.message}\n{error.remedy or ''}\n")
        return UsageError.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
