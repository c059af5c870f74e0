"""The addresses of the site."""

from __future__ import annotations

from django.urls import path, re_path

from troth.web.pages import machine, site, views

_LANGUAGE = r"(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)"

urlpatterns = [
    path("", views.home, name="home"),
    path("history", views.history, name="history"),
    path("history/<str:version>", views.past, name="past"),
    path("history/<str:before>/<str:after>", views.compare, name="compare"),
    path("assets/<str:name>", site.asset, name="asset"),
    path("fragment/<str:language>.html", views.fragment_of, name="fragment"),
    path(".well-known/privacy.json", machine.privacy, name="privacy"),
    path(".well-known/gpc.json", machine.gpc, name="gpc"),
    path(".well-known/security.txt", machine.security, name="security"),
    path("sitemap.xml", machine.sitemap, name="sitemap"),
    path("robots.txt", machine.robots, name="robots"),
    path("healthz", machine.healthz, name="healthz"),
    path("readyz", machine.readyz, name="readyz"),
    re_path(rf"^{_LANGUAGE}/$", views.policy, name="policy"),
]
handler404 = "troth.web.pages.views.not_found"
handler500 = "troth.web.pages.views.broken"
