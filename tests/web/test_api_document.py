"""The OpenAPI document is true: what it describes is there, what comes back has its shape, whatever is sent."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator
from schemathesis.generation.modes import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from web.conftest import Site
from web.program import ANA, Program

MANY = bool(os.environ.get("TROTH_EXHAUSTIVE"))


@pytest.fixture
def program(site: Site, database: object, monkeypatch: pytest.MonkeyPatch) -> Program:
    from troth.web.accounts import limits

    limits.forget_all()
    monkeypatch.setenv("TROTH_API_PER_MINUTE", "100000")
    monkeypatch.setattr("troth.web.api.door._WRONG", limits.Limit(10**6, 1))
    return Program()


def whole() -> Any:
    from troth.web.api.openapi import whole as made

    return made()


def test_the_document_is_for_everybody_and_says_where_it_is_served(site: Site) -> None:
    status, text, headers = site.get("/api/openapi.json")
    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert '"openapi": "3.1.0"' in text
    assert '"servers": [{"url": "http://testserver"}]' in text


def test_every_route_and_method_is_in_the_document_and_nothing_else_is() -> None:
    import re

    from troth.web.api.urls import ROUTES

    there = set()
    for path, route in ROUTES.values():
        plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", path).replace("\\", "")
        there |= {(f"/api/{plain}", method.lower()) for method in route}
    there.remove(("/api/openapi.json", "get"))
    described = {(path, method) for path, item in whole()["paths"].items() for method in item}
    assert there == described


def test_every_answer_has_the_shape_that_is_described(program: Program) -> None:
    ref = program.ask(answer_to="ana@example.org")
    made = program.post("/api/webhooks", {"url": "https://receiver.test/"})
    hook = made.json()["webhook"]
    may = {"purpose": "newsletter", "subject": ANA}
    many = {"purpose": "newsletter", "subjects": [ANA], "handles": True}
    tried: list[tuple[str, str, Any]] = [
        ("post", "/api/requests", program.post("/api/requests", {"right": "erasure", "identifiers": ANA})),
        ("get", "/api/requests", program.get("/api/requests")),
        ("get", "/api/requests", program.get("/api/requests?cursor=x")),
        ("get", "/api/requests/{ref}", program.get(f"/api/requests/{ref}")),
        ("post", "/api/requests/{ref}/withdraw", program.post(f"/api/requests/{ref}/withdraw")),
        ("post", "/api/may", program.post("/api/may", may)),
        ("post", "/api/may", program.post("/api/may", many)),
        ("post", "/api/may", program.post("/api/may", b"{")),
        ("get", "/api/may", program.get("/api/may?purpose=orders&subject=email=ana@example.org")),
        ("get", "/api/may", program.get("/api/may")),
        ("post", "/api/webhooks", made),
        ("get", "/api/webhooks", program.get("/api/webhooks")),
        ("get", "/api/webhooks/{ref}", program.get(f"/api/webhooks/{hook}")),
        ("post", "/api/webhooks/{ref}/test", program.post(f"/api/webhooks/{hook}/test")),
        ("delete", "/api/webhooks/{ref}", program.delete(f"/api/webhooks/{hook}")),
        ("get", "/api/problems/{name}", program.get("/api/problems/invalid")),
    ]
    document = whole()
    for method, path, answer in tried:
        told = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]
        schema = told[answer.headers["Content-Type"]]["schema"]
        wrong = list(Draft202012Validator({**schema, "components": document["components"]}).iter_errors(answer.json()))
        assert not wrong, (method, path, wrong)
    assert {(method, path) for method, path, _ in tried} == {
        (method, path) for path, item in document["paths"].items() for method in item
    }


@pytest.fixture
def schema(program: Program) -> Any:
    from django.core.wsgi import get_wsgi_application

    program.ask()
    return schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application(), base_url="http://testserver")


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_whatever_is_sent_nothing_breaks_and_answers_are_as_described(schema: Any, program: Program, mode: Any) -> None:
    tried = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=200 if MANY else 6, deadline=None, database=None, phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck), derandomize=not MANY,
        )  # fmt: skip
        @given(case=operation.as_strategy(generation_mode=mode))
        def each(case: Any) -> None:
            nonlocal tried
            headers = {"Authorization": f"Bearer {program.secret}", "Host": "testserver"}
            # Whether a purpose exists is for the policy to say, not for the document.
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])
            tried += 1

        each()
    assert tried > 50
