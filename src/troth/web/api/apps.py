"""The API as an application of the site's database."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Its tables: ``api_token``, ``api_once``, ``api_webhook``."""

    name = "troth.web.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Webhooks hear of the acts on requests; deliveries are steps of the journal."""
        from troth.web.api.daily import register as daily
        from troth.web.api.delivery import register as delivery
        from troth.web.api.events import listen

        listen()
        delivery()
        daily()
