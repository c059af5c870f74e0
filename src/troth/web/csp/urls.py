"""The addresses of enforcement."""

from __future__ import annotations

from django.urls import path

from troth.web.csp.views import report, rules

urlpatterns = [
    path("consent/csp.json", rules, name="csp-rules"),
    path("consent/csp-report", report, name="csp-report"),
]
