"""``python -m troth.web.migrating``: the work of ``troth.web.migrations.apply``, in a process of its own."""

from __future__ import annotations

import django
from django.core.management import call_command
from django.db import connection

_KEY = 0x74726F7468
"""Of the advisory lock that keeps two machines on one PostgreSQL apart."""


def main() -> None:
    """Apply what is missing, alone."""
    django.setup()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_KEY])
    call_command("migrate", verbosity=0, interactive=False)


if __name__ == "__main__":
    main()
