"""What an error report of Django may show: nothing of the request or its settings."""

from __future__ import annotations

from typing import Any

from django.views.debug import SafeExceptionReporterFilter


class Nothing(SafeExceptionReporterFilter):
    """Leaves out everything that could name somebody."""

    def is_active(self, request: Any) -> bool:
        """Always: there is no request whose values may be shown."""
        return True

    def get_safe_settings(self) -> dict[str, Any]:
        """None."""
        return {}

    def get_post_parameters(self, request: Any) -> dict[str, Any]:
        """None."""
        return {}

    def get_traceback_frame_variables(self, request: Any, tb_frame: Any) -> list[tuple[str, Any]]:
        """None."""
        return []
