"""Whether the tables of the site's database are there, seen without starting Django; and making them."""

from __future__ import annotations

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from troth.core.errors import StoreRefused, StoreUnreachable, UsageError
from troth.web.database import FILE

_ERROR = re.compile(r"^(?:\w+\.)*([A-Z]\w*(?:Error|Exception|Refused)\b.*)$", re.MULTILINE)
LOCK = "site.lock"
PROVIDER = "TROTH_OIDC_ISSUER"
"""The variable that switches on the login by the publisher's own provider."""


def applications() -> list[str]:
    """The applications whose tables lie in the site's database."""
    always = [
        "django.contrib.auth", "django.contrib.contenttypes", "allauth.account", "allauth.mfa", "troth.web.accounts",
        "troth.jobs", "troth.desk", "troth.web.console", "troth.web.api", "troth.web.csp",
    ]  # fmt: skip
    provider = ["allauth.socialaccount", "allauth.socialaccount.providers.openid_connect"]
    return [*always, *provider] if os.environ.get(PROVIDER) else always


def known() -> set[tuple[str, str]]:
    """Every migration there is, as (application, name), from the names of the files."""
    found = set()
    for application in applications():
        spec = find_spec(f"{application}.migrations")
        for folder in spec.submodule_search_locations or () if spec else ():
            names = (path.stem for path in Path(folder).glob("[0-9]*.py"))
            found |= {(application.rpartition(".")[2], name) for name in names}
    return found


def pending(state: Path, url: str = "") -> list[str]:
    """Migrations that the database still needs, as ``accounts.0001_initial``; all of them when there is none yet.

    ``url`` is that of PostgreSQL (TROTH_STATE_URL); empty for the file in ``state``. Raises StoreUnreachable.
    """
    if not url and not (state / FILE).exists():
        return sorted(".".join(one) for one in known())
    return sorted(".".join(one) for one in known() - _done(state, url))


def _done(state: Path, url: str) -> set[tuple[str, str]]:
    import sqlalchemy as sa

    address = url.replace("postgresql://", "postgresql+psycopg://", 1) if url else f"sqlite:///{state / FILE}"
    engine = sa.create_engine(address, hide_parameters=True, poolclass=sa.NullPool)
    try:
        with engine.connect() as connection:
            if not sa.inspect(connection).has_table("django_migrations"):
                return set()
            columns = (sa.column("app"), sa.column("name"))
            rows = connection.execute(sa.select(*columns).select_from(sa.table("django_migrations", *columns)))
            return {(app, name) for app, name in rows}
    except sa.exc.SQLAlchemyError:
        raise StoreUnreachable(
            "the site's database cannot be read", remedy="look at TROTH_STATE_URL, the server and its rights"
        ) from None
    finally:
        engine.dispose()


def ready(state: Path, url: str = "") -> None:
    """The database has what the site needs: the file beside the state is seen to at once. A server is not changed
    unasked, since other machines may be at work on it: raises UsageError when it lacks something."""
    if not url:
        apply(state)
    elif missing := pending(state, url):
        raise UsageError(
            f"the site's database lacks {len(missing)} changes, the first is {missing[0]}",
            remedy="run `troth migrate` once, with the same TROTH_STATE_URL",
        )


def apply(state: Path, url: str = "") -> list[str]:
    """Make the tables that are missing; which migrations it took. One process at a time; others wait for it."""
    with _alone(state):
        missing = pending(state, url)
        if missing:
            if not url:  # SQLite gives its other files the rights of this one
                os.close(os.open(state / FILE, os.O_RDWR | os.O_CREAT, 0o600))
            _migrate(state, url)
        return missing


def _migrate(state: Path, url: str) -> None:
    """In a process of its own: Django's memory stays out of the one that only starts others."""
    environment = {**os.environ, "TROTH_STATE": str(state), "DJANGO_SETTINGS_MODULE": "troth.web.settings"}
    if url:
        environment["TROTH_STATE_URL"] = url
    done = subprocess.run(
        [sys.executable, "-m", "troth.web.migrating"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise StoreRefused(
            f"the site's tables could not be made: {_reason(done.stderr)}",
            remedy="look at the rights of the account and the space on the disk, then run `troth migrate`",
        )


def _reason(said: str) -> str:
    """The line that names the error; never those behind it (``DETAIL: …``), which quote rows."""
    return (_ERROR.findall(said) or ["no reason given"])[-1]


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(state / LOCK, os.O_RDWR | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
