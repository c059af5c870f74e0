"""The application of accounts."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Its tables begin with ``accounts_``."""

    name = "troth.web.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
