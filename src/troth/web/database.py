"""Where the site keeps its own rows: accounts, sessions, the journal of steps."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

FILE = "site.db"

_SQLITE = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON"


def databases(state: Path, url: str) -> dict[str, dict[str, Any]]:
    """Django's ``DATABASES``: a file beside the state, or the PostgreSQL database in which the state is kept."""
    if not url:
        options = {"timeout": 10, "transaction_mode": "IMMEDIATE", "init_command": _SQLITE}
        return {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(state / FILE), "OPTIONS": options}}
    split = urlsplit(url)
    return {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(split.path.lstrip("/")),
            "USER": unquote(split.username or ""), "PASSWORD": unquote(split.password or ""),
            "HOST": split.hostname or "", "PORT": str(split.port or ""),
            "OPTIONS": dict(parse_qsl(split.query)),
            "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True,
        }
    }  # fmt: skip
