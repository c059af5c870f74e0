"""The site's part of a backup: what its database has, and its tables."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from troth.state.backup.make import Site
from troth.web import migrations


def site(state: Path, url: str = "") -> Site:
    """What has to be known of the site's database to save it. Raises StoreUnreachable."""
    waiting = set(migrations.pending(state, url))
    done = [name for name in known() if name not in waiting]
    return Site(tuple(done), tuple(_tables()) if url and done else (), version("troth"))


def known() -> tuple[str, ...]:
    """Every migration of this Troth, as ``accounts.0001_initial``."""
    return tuple(sorted(".".join(one) for one in migrations.known()))


def _tables() -> list[str]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "troth.web.settings")
    import django

    django.setup()
    from django.db import connection

    try:
        names = connection.introspection.django_table_names(only_existing=True, include_views=False)
        return sorted({*names, "django_migrations"})
    finally:
        connection.close()
