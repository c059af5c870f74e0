"""The addresses of the banner."""

from __future__ import annotations

from django.urls import path, re_path

from troth.web.banner.views import banner, forget, named

urlpatterns = [
    path("banner.js", banner, name="banner"),
    re_path(r"^banner/(?P<mark>[0-9a-f]{16})\.js$", named, name="banner-named"),
    path("consent/forget", forget, name="consent-forget"),
]
