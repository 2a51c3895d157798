"""Every route declares exactly one rule, and the committed document is the application's."""

from typing import Any

import pytest
from fastapi import FastAPI
from openapi_spec_validator import validate

from api.app import create_app
from api.openapi import COMMITTED, document, render, ruled_routes
from api.security import PUBLIC, CallingPerson
from api.services import Services


def _routes_without_one_rule(app: FastAPI) -> list[str]:
    return [f"{','.join(route.methods)} {route.path}" for route in ruled_routes(app) if len(route.rules) != 1]


def _app() -> FastAPI:
    return create_app(Services(), web_dist=None)


def test_every_route_has_exactly_one_rule() -> None:
    app = _app()
    assert len(ruled_routes(app)) > 15
    assert _routes_without_one_rule(app) == []


def test_a_route_without_a_rule_is_found() -> None:
    app = _app()

    @app.get("/api/v1/open-door")
    async def open_door() -> None: ...

    assert _routes_without_one_rule(app) == ["GET /api/v1/open-door"]


def test_a_route_with_two_rules_is_found() -> None:
    app = _app()

    @app.get("/api/v1/two-doors", dependencies=[PUBLIC])
    async def two_doors(caller: CallingPerson) -> None: ...

    assert _routes_without_one_rule(app) == ["GET /api/v1/two-doors"]


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """The application's document; making it takes seconds."""
    return document(_app())


def test_every_operation_says_its_rule_and_what_it_does(made: dict[str, Any]) -> None:
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            assert operation.get("x-rule"), (method, path)
            assert operation.get("description"), (method, path)


def test_operation_ids_are_unique(made: dict[str, Any]) -> None:
    operations = [operation for methods in made["paths"].values() for operation in methods.values()]
    ids = [operation["operationId"] for operation in operations]
    assert sorted(ids) == sorted(set(ids))


def test_the_document_is_valid_openapi(made: dict[str, Any]) -> None:
    assert made["openapi"].startswith("3.1")
    validate(made)


def test_the_committed_document_is_current() -> None:
    """Mend with `make openapi`."""
    assert COMMITTED.read_text(encoding="utf-8") == render(_app())
