"""Sessions: rows whose key is a hash, that belong to a person and end on the day the policy says."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as Rows
from django.utils import timezone

OPENED = "opened"
BROWSER = "browser"


def hashed(key: str) -> str:
    """What the table has in place of a key: 160 bits, which nobody turns back."""
    return hashlib.sha256(key.encode()).hexdigest()[:40]


class SessionStore(Rows):
    """One browser's session."""

    @classmethod
    def get_model_class(cls) -> Any:
        from troth.web.accounts.models import Session

        return Session

    def _get_session_from_db(self) -> Any:
        try:
            return self.model.objects.get(session_key=hashed(self.session_key), expire_date__gt=timezone.now())
        except self.model.DoesNotExist:
            self._session_key = None
            return None

    def exists(self, session_key: str) -> bool:
        return self.model.objects.filter(session_key=hashed(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row: whose it is and since when stand beside the data, so that they can be listed and ended."""
        opened = data.get(OPENED)
        return self.model(
            session_key=hashed(self._get_or_create_session_key()), session_data=self.encode(data),
            expire_date=self.get_expiry_date(), user_id=data.get(SESSION_KEY), browser=data.get(BROWSER, ""),
            created_at=datetime.fromisoformat(opened) if opened else None,
        )  # fmt: skip

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            self.model.objects.filter(session_key=hashed(key)).delete()


_FAMILIES = (
    ("Edg", "Edge"), ("OPR", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def browser_of(agent: str) -> str:
    """The kind of a browser, ``Firefox, Linux``: no version, so that it tells no more than the person recognises."""
    family = next((name for mark, name in _FAMILIES if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return ", ".join(filter(None, (family, system)))
