"""The addresses of the API. The door (``door.py``) answers them; as views they are shut."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import re_path

from troth.web.api import asking, hook_pages, openapi, requests
from troth.web.api.door import Endpoint, Route, view
from troth.web.api.shapes import MayIn, NewRequest, NewWebhook
from troth.web.api.tokens import Scope

_REQUEST, _HOOK = r"requests/(?P<ref>req-[a-z]{12})", r"webhooks/(?P<ref>hook-[a-z]{12})"

ROUTES: Mapping[str, tuple[str, Route]] = {
    "api_requests": (r"requests", {
        "GET": Endpoint(requests.several, Scope.READ), "POST": Endpoint(requests.create, Scope.CREATE, NewRequest),
    }),
    "api_request": (_REQUEST, {"GET": Endpoint(requests.one, Scope.READ)}),
    "api_withdraw": (rf"{_REQUEST}/withdraw", {"POST": Endpoint(requests.withdraw, Scope.CREATE)}),
    "api_may": (r"may", {
        "GET": Endpoint(asking.by_get, Scope.MAY), "POST": Endpoint(asking.by_post, Scope.MAY, MayIn),
    }),
    "api_webhooks": (r"webhooks", {
        "GET": Endpoint(hook_pages.every, Scope.WEBHOOKS),
        "POST": Endpoint(hook_pages.create, Scope.WEBHOOKS, NewWebhook),
    }),
    "api_webhook": (_HOOK, {
        "GET": Endpoint(hook_pages.one, Scope.WEBHOOKS), "DELETE": Endpoint(hook_pages.end, Scope.WEBHOOKS),
    }),
    "api_webhook_test": (rf"{_HOOK}/test", {"POST": Endpoint(hook_pages.test, Scope.WEBHOOKS)}),
    "api_problem": (r"problems/(?P<name>[a-z-]{1,40})", {"GET": Endpoint(openapi.problem, None)}),
    "api_openapi": (r"openapi\.json", {"GET": Endpoint(openapi.document, None)}),
}  # fmt: skip
"""Name to path below ``/api/`` and what each method does there."""

urlpatterns = [re_path(rf"^{path}$", view(name, route), name=name) for name, (path, route) in ROUTES.items()]
