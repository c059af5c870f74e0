"""The addresses of the site."""

from __future__ import annotations

from django.urls import include, path, re_path

from troth.web.accounts import urls as accounts
from troth.web.metrics import metrics
from troth.web.pages import machine, site, views
from troth.web.pages.proof import proof

_LANGUAGE = r"(?P<language>[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)"

urlpatterns = [
    path("", views.home, name="home"),
    path("policy.<str:language>.pdf", views.pdf, name="pdf"),
    path("history", views.history, name="history"),
    path("history/<str:version>", views.past, name="past"),
    path("history/<str:version>/<str:language>.pdf", views.past_pdf, name="past_pdf"),
    path("history/<str:before>/<str:after>", views.compare, name="compare"),
    path("proof", proof, name="proof"),
    path("assets/<str:name>", site.asset, name="asset"),
    path("favicon.ico", site.icon, name="icon"),
    path("fragment/<str:language>.html", views.fragment_of, name="fragment"),
    path(".well-known/privacy.json", machine.privacy, name="privacy"),
    path(".well-known/gpc.json", machine.gpc, name="gpc"),
    path(".well-known/change-password", machine.change_password, name="change_password"),
    path(".well-known/security.txt", machine.security, name="security"),
    path("sitemap.xml", machine.sitemap, name="sitemap"),
    path("robots.txt", machine.robots, name="robots"),
    path("healthz", machine.healthz, name="healthz"),
    path("readyz", machine.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/", include("troth.web.api.urls")),
    path("", include("troth.web.banner.urls")),
    path("", include("troth.web.csp.urls")),
    path("", include("troth.web.contact.urls")),
    path("", include("troth.web.portal.urls")),
    path("", include("troth.web.console.urls")),
    *accounts.urlpatterns,
    re_path(rf"^{_LANGUAGE}/$", views.policy, name="policy"),
]
handler404 = "troth.web.pages.views.not_found"
handler500 = "troth.web.pages.views.broken"
