"""The OpenAPI document: `python -m api.openapi` writes docs/openapi.json, `--check` compares it.

Each operation carries its rule as `x-rule`, so that the document says who may call what.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute, iter_route_contexts

from api.schemas.events import EventRead
from api.schemas.problem import Problem
from api.security import AccessRule

EVENTS_PATH = "/api/v1/events"
COMMITTED = Path(__file__).parent.parent / "docs" / "openapi.json"


@dataclass(frozen=True, slots=True)
class RuledRoute:
    """One route with every rule found among its dependencies; exactly one is right."""

    path: str
    methods: tuple[str, ...]
    rules: tuple[AccessRule, ...]


def _rules(dependant: Dependant) -> Iterator[AccessRule]:
    for inner in dependant.dependencies:
        if isinstance(inner.call, AccessRule):
            yield inner.call
        yield from _rules(inner)


def ruled_routes(app: FastAPI) -> list[RuledRoute]:
    """Every route that the application's routers serve; the framework's own document route is public by nature."""
    return [
        RuledRoute(
            path=str(context.path),
            methods=tuple(sorted(context.methods or ())),
            rules=tuple(_rules(context.dependant)) if isinstance(context.original_route, APIRoute) else (),
        )
        for context in iter_route_contexts(app.routes)
        if context.path != app.openapi_url
    ]


def document(app: FastAPI) -> dict[str, Any]:
    """The document of an application, made once."""
    if app.openapi_schema is not None:
        return app.openapi_schema
    made = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        routes=app.routes,
        separate_input_output_schemas=app.separate_input_output_schemas,
    )
    schemas = made.setdefault("components", {}).setdefault("schemas", {})
    for model in (Problem, EventRead):
        schemas[model.__name__] = model.model_json_schema(ref_template="#/components/schemas/{model}")
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for route in ruled_routes(app):
        for method in route.methods:
            operation = made["paths"].get(route.path, {}).get(method.lower())
            if operation is not None and route.rules:
                operation["x-rule"] = route.rules[0].name
    # `itemSchema` is of OpenAPI 3.2; in 3.1 a stream is text.
    stream = made["paths"][EVENTS_PATH]["get"]["responses"]["200"]["content"]["text/event-stream"]
    del stream["itemSchema"]
    stream["schema"] = {"type": "string", "contentMediaType": "text/event-stream"}
    stream["x-data-schema"] = {"$ref": "#/components/schemas/EventRead"}
    app.openapi_schema = made
    return made


def render(app: FastAPI) -> str:
    """The committed form: two spaces, characters as they are, a newline at the end."""
    return json.dumps(document(app), indent=2, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the document, or say whether the committed one is current."""
    from api.app import create_app
    from api.services import Services

    text = render(create_app(Services(), web_dist=None))
    if "--check" in arguments:
        current = COMMITTED.exists() and COMMITTED.read_text(encoding="utf-8") == text
        if not current:
            sys.stderr.write("docs/openapi.json is not current: run `make openapi` and commit it\n")
        return 0 if current else 1
    COMMITTED.parent.mkdir(exist_ok=True)
    COMMITTED.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
