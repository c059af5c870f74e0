"""The notices as an application of the site: no tables, three kinds of step."""

from __future__ import annotations

from django.apps import AppConfig


class NoticesConfig(AppConfig):
    """Makes the kinds of step known to workers."""

    name = "troth.web.notices"
    label = "notices"

    def ready(self) -> None:
        """Once in each process."""
        from troth.web.notices.steps import register

        register()
