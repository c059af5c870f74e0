"""The addresses of the console. Each names a view behind the gate."""

from __future__ import annotations

from django.urls import path

from troth.web.console import (
    acts,
    assigning,
    client,
    enter,
    entering,
    papers,
    requests,
    review,
    stopped,
    today,
    urls_data,
)

urlpatterns = [
    *urls_data.urlpatterns,
    path("console", today.today, name="console"),
    path("console/undertaking", entering.undertaking, name="console_undertaking"),
    path("console/second", entering.second, name="console_second"),
    path("console/stopped", stopped.stopped, name="console_stopped"),
    path("console/requests", requests.requests, name="console_requests"),
    path("console/requests/new", enter.enter, name="console_enter"),
    path("console/requests/<slug:ref>", requests.one, name="console_request"),
    path("console/requests/<slug:ref>/assign", assigning.assign, name="console_assign"),
    path("console/requests/<slug:ref>/client", client.answered, name="console_client"),
    path("console/requests/<slug:ref>/anew", review.anew, name="console_anew"),
    path("console/requests/<slug:ref>/document", papers.document, name="console_document"),
    path("console/requests/<slug:ref>/document/<int:page>.png", papers.picture, name="console_document_page"),
    path("console/requests/<slug:ref>/directives", papers.will, name="console_directives"),
    path("console/requests/<slug:ref>/<slug:name>", acts.act, name="console_act"),
]
