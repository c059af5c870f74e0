"""The journal as an application of the site's database."""

# mypy: allow-subclassing-any

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Its tables: ``jobs_job``, ``jobs_step``, ``jobs_tick``."""

    name = "troth.jobs"
    label = "jobs"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The journal's own housekeeping is a kind of step too."""
        from troth.jobs.prune import register

        register()
