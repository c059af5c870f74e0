"""The OpenAPI 3.1 document, made of the shapes that check the bodies, and the pages of the problems' types."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from troth.core.requests.model import State
from troth.web.addresses import base_of
from troth.web.api import shapes
from troth.web.api.door import Answer, Call
from troth.web.api.problems import KINDS, TYPE, Problem, told
from troth.web.api.tokens import Scope

_REF = "#/components/schemas/{model}"
_ALWAYS = ("malformed", "too-many", "broken", "unavailable")
_LET_IN = ("unauthorized", "missing-scope")
_BODY = ("length-required", "too-large", "unsupported-media-type", "invalid")
_SHAPES: tuple[type[BaseModel], ...] = (
    shapes.NewRequest, shapes.CreatedOut, shapes.FullRequestOut, shapes.PageOut, shapes.MayIn, shapes.OneMayOut,
    shapes.ManyMayOut, shapes.NewWebhook, shapes.NewWebhookOut, shapes.WebhookOut, shapes.WebhooksOut, shapes.TestOut,
    shapes.ProblemOut, shapes.KindOut,
)  # fmt: skip
_IN = frozenset({shapes.NewRequest, shapes.MayIn, shapes.NewWebhook})
_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "Sent again within a day with the same body, the first answer is repeated and nothing done twice.",
    "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
}  # fmt: skip


def document(call: Call) -> Answer:
    """``GET /api/openapi.json``."""
    return Answer({**whole(), "servers": [{"url": base_of(call.request)}]})


def problem(call: Call) -> Answer:
    """``GET /api/problems/NAME``."""
    found = told(call.named["name"])
    if found is None:
        raise Problem("not-found")
    return Answer(shapes.KindOut(**found))


@cache
def whole() -> dict[str, Any]:
    """The document without the address of the site."""
    return {
        "openapi": "3.1.0",
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "info": {
            "title": "Troth", "version": version("troth"),
            "summary": "Requests about personal data, and whether it may be used.",
            "description": "Programs of the publisher enter requests and follow them, ask before they use somebody's "
            "data, and are told by webhooks (Standard Webhooks). Errors are RFC 9457 problems.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"token": []}],
        "paths": _paths(),
        "webhooks": {"request": {"post": _event()}},
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"token": {
                "type": "http", "scheme": "bearer",
                "description": f"`troth tokens new NAME --scope …`; scopes: {', '.join(Scope)}.",
            }},
        },
    }  # fmt: skip


def _paths() -> dict[str, Any]:
    ref, hook = _named("ref", "^req-[a-z]{12}$"), _named("ref", "^hook-[a-z]{12}$")
    return {
        "/api/requests": {
            "get": _does(
                "List requests", Scope.READ, {200: shapes.PageOut}, _filters(), more=("invalid", "bad-cursor")
            ),
            "post": _does(
                "Enter a request", Scope.CREATE, {201: shapes.CreatedOut, 200: shapes.CreatedOut}, [_KEY],
                body=shapes.NewRequest, more=("key-reused", "not-vouched"),
            ),
        },
        "/api/requests/{ref}": {
            "get": _does("Follow a request", Scope.READ, {200: shapes.FullRequestOut}, [ref], more=("not-found",)),
        },
        "/api/requests/{ref}/withdraw": {
            "post": _does(
                "Take back a request that this token has entered", Scope.CREATE, {200: shapes.FullRequestOut},
                [ref, _KEY], more=("not-found", "not-yours", "conflict", "key-reused"),
            ),
        },
        "/api/may": {
            "get": _does(
                "Ask about one person by a handle", Scope.MAY, {200: shapes.OneMayOut}, _question(), more=("invalid",)
            ),
            "post": _does(
                "Ask about one person or up to a thousand", Scope.MAY, {200: (shapes.OneMayOut, shapes.ManyMayOut)}, [],
                body=shapes.MayIn,
            ),
        },
        "/api/webhooks": {
            "get": _does("List webhooks", Scope.WEBHOOKS, {200: shapes.WebhooksOut}, []),
            "post": _does(
                "Add a webhook", Scope.WEBHOOKS, {201: shapes.NewWebhookOut}, [_KEY], body=shapes.NewWebhook,
                more=("key-reused",),
            ),
        },
        "/api/webhooks/{ref}": {
            "get": _does("Look at a webhook", Scope.WEBHOOKS, {200: shapes.WebhookOut}, [hook], more=("not-found",)),
            "delete": _does("End a webhook", Scope.WEBHOOKS, {200: shapes.WebhookOut}, [hook], more=("not-found",)),
        },
        "/api/webhooks/{ref}/test": {
            "post": _does(
                "Send a test event", Scope.WEBHOOKS, {202: shapes.TestOut}, [hook], more=("not-found", "conflict")
            ),
        },
        "/api/problems/{name}": {
            "get": _does(
                "What a type of problem means", None, {200: shapes.KindOut}, [_named("name", "^[a-z-]{1,40}$")],
                more=("not-found",),
            ),
        },
    }  # fmt: skip


Shapes = type[BaseModel] | tuple[type[BaseModel], ...]


def _does(
    summary: str, scope: Scope | None, fine: dict[int, Shapes], parameters: list[dict[str, Any]], *,
    body: type[BaseModel] | None = None, more: Iterable[str] = (),
) -> dict[str, Any]:  # fmt: skip
    answers = {str(status): _answer(found) for status, found in fine.items()}
    wrong = [*_ALWAYS, *(_LET_IN if scope else ()), *(_BODY if body else ()), *more]
    found: dict[str, Any] = {"summary": summary, "responses": {**answers, **_problems(wrong)}}
    if parameters:
        found["parameters"] = parameters
    if body is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": _ref(body)}}}
    if scope is None:
        found["security"] = []
    else:
        found["description"] = f"Needs the scope `{scope}`."
    return found


def _answer(found: Shapes) -> dict[str, Any]:
    some = found if isinstance(found, tuple) else (found,)
    schema = _ref(some[0]) if len(some) == 1 else {"anyOf": [_ref(one) for one in some]}
    return {"description": (some[0].__doc__ or "").strip(), "content": {"application/json": {"schema": schema}}}


def _problems(names: Iterable[str]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = {}
    for name in names:
        by_status.setdefault(KINDS[name].status, []).append(name)
    content = {TYPE: {"schema": _ref(shapes.ProblemOut)}}
    return {
        str(status): {"description": "; ".join(f"`{name}`: {KINDS[name].title}" for name in some), "content": content}
        for status, some in sorted(by_status.items())
    }


def _ref(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _REF.format(model=shape.__name__)}


def _schemas() -> dict[str, Any]:
    wanted: list[Any] = [(shape, "validation" if shape in _IN else "serialization") for shape in _SHAPES]
    _, schema = models_json_schema(wanted, ref_template=_REF)
    found: dict[str, Any] = schema["$defs"]
    return found


def _named(name: str, pattern: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}


def _filters() -> list[dict[str, Any]]:
    states = ["open", "ended", "all", *map(str, State)]
    return [
        _asked("state", {"type": "string", "enum": states, "default": "open"}, "Which; `open` unless said otherwise."),
        _asked("due_before", {"type": "string", "format": "date"}, "Due before this day."),
        _asked("limit", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, "How many on a page."),
        _asked("cursor", {"type": "string", "maxLength": 40}, "`next` of the page before."),
    ]


def _question() -> list[dict[str, Any]]:
    about = (
        "A handle (`handle:…`) that POST has given. `KIND=VALUE` is understood too, but whatever lies between keeps "
        "addresses: see the documentation."
    )
    return [
        {**_asked("subject", {"type": "string", "minLength": 1, "maxLength": 2000}, about), "required": True},
        {**_asked("purpose", {"type": "string", "minLength": 1, "maxLength": 60}, "Of the policy."), "required": True},
    ]


def _asked(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _event() -> dict[str, Any]:
    from troth.web.api.events import KINDS as TOLD

    text = {"type": "string"}
    data = {"type": "object", "properties": {"request": text, "right": text, "state": text, "due": text}}
    schema = {
        "type": "object", "required": ["type", "timestamp", "data"],
        "properties": {"type": {"enum": list(TOLD)}, "timestamp": {**text, "format": "date-time"}, "data": data},
    }  # fmt: skip
    headers = [
        {"name": f"webhook-{name}", "in": "header", "required": True, "schema": text}
        for name in ("id", "timestamp", "signature")
    ]
    return {
        "summary": "Something happened to a request", "parameters": headers,
        "requestBody": {"content": {"application/json": {"schema": schema}}},
        "responses": {"2XX": {"description": "Received."}, "410": {"description": "Nothing more is to be sent here."}},
    }  # fmt: skip
