"""Run beside a served site: makes a member of staff who has signed and shown a second factor, has the stores looked at,
and prints the name and value of the cookie that opens the console."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from databases import CHECKOUT


def open_console(folder: Path, email: str, *roles: str) -> tuple[str, str]:
    """Name and value of the cookie, for the site of this folder."""
    done = subprocess.run(
        [sys.executable, "-m", "browser.staffed", email, *roles], cwd=folder, capture_output=True, text=True, check=False,
        env={
            **os.environ, "PYTHONPATH": str(CHECKOUT / "tests"), "TROTH_STATE": "troth-state",
            "TROTH_POLICY": "troth.yaml", "DJANGO_SETTINGS_MODULE": "troth.web.settings",
        },
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    name, _, value = done.stdout.strip().partition("=")
    return name, value


def main(email: str, *roles: str) -> None:
    """In a process of its own."""
    import django

    django.setup()
    from datetime import UTC, datetime

    from troth.desk.house import house
    from troth.web.console import outlook
    from web.staff import employ

    made = employ(email, *roles)
    with house() as at:
        outlook.look(at, datetime.now(UTC))
    ((name, value),) = made.person.cookies().items()
    sys.stdout.write(f"{name}={value}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
