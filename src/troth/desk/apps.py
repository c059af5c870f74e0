"""The desk as an application of the site's database."""

# mypy: allow-subclassing-any

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Its tables: ``desk_file``, ``desk_package``."""

    name = "troth.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The stops of a request's way are kinds of steps."""
        from troth.desk import daily, ended, informed, newcomers, way

        way.register()
        daily.register()
        ended.register()
        informed.register()
        newcomers.register()
