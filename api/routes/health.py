"""/healthz, /readyz and /metrics, for machines that watch the process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from fastapi import APIRouter, Request, Response

from api.dependencies import AllServices
from api.metrics import HttpMetrics
from api.schemas.health import Health, Readiness
from api.security import LOOPBACK, PUBLIC
from primitives.errors import QuanbaoError

log = structlog.get_logger()

router = APIRouter(tags=["health"])

_CHECK_SECONDS = 3.0


@router.get("/healthz", dependencies=[PUBLIC])
async def read_health() -> Health:
    """The process runs; asks no other part."""
    return Health()


@router.get("/readyz", dependencies=[PUBLIC], responses={503: {"model": Readiness, "description": "A part is missing"}})
async def read_readiness(services: AllServices, response: Response) -> Readiness:
    """The database and every chain answer."""
    checks = {"database": services.database.ping, **services.readiness}
    answers = await asyncio.gather(*(_outcome(name, check) for name, check in checks.items()))
    parts = dict(zip(checks, answers, strict=True))
    ready = all(answer == "ok" for answer in answers)
    if not ready:
        response.status_code = 503
    return Readiness(status="ready" if ready else "not_ready", parts=parts)


async def _outcome(name: str, check: Callable[[], Awaitable[None]]) -> str:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except QuanbaoError as error:
        return error.code
    except TimeoutError:
        return "timeout"
    except Exception as error:
        log.error("readiness_check_crashed", part=name, error=type(error).__name__, exc_info=error)
        return "internal_error"
    return "ok"


@router.get("/metrics", dependencies=[LOOPBACK], response_class=Response)
async def read_metrics(request: Request, services: AllServices) -> Response:
    """Prometheus text exposition; from this machine, or for an operator."""
    metrics: HttpMetrics = request.app.state.metrics
    work = await services.operation.render() if services.operation else b""
    return Response(metrics.render() + work, media_type="text/plain; version=0.0.4; charset=utf-8")
