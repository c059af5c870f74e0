"""The application of the console."""

# mypy: allow-subclassing-any

from __future__ import annotations

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    """Its tables begin with ``console_``."""

    name = "troth.web.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """What jobs find out for its pages is a kind of step."""
        from troth.web.console import outlook

        outlook.register()
