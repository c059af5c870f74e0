"""What browsers stopped, as an application of the site."""

from __future__ import annotations

from django.apps import AppConfig


class CspConfig(AppConfig):
    """One table, ``csp_stopped``."""

    name = "troth.web.csp"
    label = "csp"
    default_auto_field = "django.db.models.BigAutoField"
