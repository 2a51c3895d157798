"""The HTTP application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from api.edge import Edge
from api.errors import install_error_handlers, problems
from api.metrics import HttpMetrics
from api.openapi import document
from api.pace import Pace
from api.page import Page
from api.routes import API_ROUTERS, ROOT_ROUTERS
from api.services import Services
from api.version import VERSION
from primitives.errors import DatabaseUnavailable, InvalidValue

PREFIX = "/api/v1"

_DESCRIPTION = """A self-hosted multi-chain crypto wallet with on-chain vouchers.

Errors are RFC 9457 problem+json with a stable `code`. Chain amounts are integers in text, with their asset;
lists are `{"items": […], "next_cursor": …}`; writes that move value need an `Idempotency-Key`."""


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    services: Services = app.state.services
    async with AsyncExitStack() as stack:
        if services.events:
            await stack.enter_async_context(services.events.listening())
        yield


def _operation_id(route: APIRoute) -> str:
    """The function's name: unique over all routes, and the name of the act in generated clients."""
    return route.name


def _look_only_below(route: BaseRoute, prefix: str) -> None:
    """Pass an included router over unless the path begins with its prefix: the framework would try each of its
    routes."""
    look = route.matches

    def matches(scope: Scope) -> tuple[Match, Scope]:
        return look(scope) if scope["path"].startswith(prefix) else (Match.NONE, {})

    route.matches = matches  # type: ignore[method-assign]


def create_app(
    services: Services,
    *,
    web_dist: Path | None = None,
    cors_origins: Sequence[str] = (),
    pace: Pace | None = None,
) -> FastAPI:
    """Build the application over its services.

    Args:
        web_dist: Folder of the built page; None or unbuilt, only the API is served.
        cors_origins: Other sites whose pages may call the API with a bearer token. None by default; the session cookie
            is never sent from there.
        pace: How many requests one address and one account may make.
    """
    app = FastAPI(
        title="Quanbao",
        version=VERSION,
        summary="Multi-chain wallet and on-chain vouchers",
        description=_DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
        redirect_slashes=False,
    )
    metrics = HttpMetrics()
    app.openapi = partial(document, app)  # type: ignore[method-assign]
    app.state.services = services
    app.state.metrics = metrics
    for router in API_ROUTERS:
        # Each straight into the application: a router between them has every route built once more, and is gone
        # through three times for every request.
        app.include_router(router, prefix=PREFIX, responses=problems(InvalidValue, DatabaseUnavailable))
        # A prefix may name something itself: only what stands before that is the same in every path.
        _look_only_below(app.router.routes[-1], PREFIX + router.prefix.partition("{")[0])
    for router in ROOT_ROUTERS:
        app.include_router(router)
    app.router.default = Page(web_dist)
    templates = {context.endpoint: str(context.path) for context in iter_route_contexts(app.routes)}
    if cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(cors_origins),
            allow_credentials=False,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Organisation-Id", "Accept-Language"],
            expose_headers=["X-Request-Id", "Retry-After"],
        )
    app.add_middleware(Edge, metrics=metrics, templates=templates, pace=pace or Pace())
    install_error_handlers(app)
    return app
