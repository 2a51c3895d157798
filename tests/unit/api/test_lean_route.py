"""A lean route answers what the framework would, and calls everything that the framework would call."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Request
from fastapi.routing import APIRoute, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, Field

from api.app import create_app
from api.lean_route import LeanRoute, plan
from api.services import Services

_bearer = HTTPBearer(auto_error=False)
_asked: list[str] = []


async def _caller(request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str:
    _asked.append("caller")
    if bearer is None or bearer.credentials != "ann":
        raise HTTPException(401, f"{request.method}: who are you")
    return bearer.credentials


Caller = Annotated[str, Depends(_caller)]


async def _wallet(caller: Caller) -> str:
    _asked.append("wallet")
    return f"{caller}'s"


def _waits() -> str:
    return ""


class _Body(BaseModel):
    amount: int = Field(ge=1)
    memo: str | None = None


class _Answer(BaseModel):
    said: str


async def _pay(
    body: _Body,
    caller: Caller,
    wallet: Annotated[str, Depends(_wallet)],
    key: Annotated[str, Header(alias="Idempotency-Key", min_length=2, pattern=r"^[a-z]+$")],
    csrf: Annotated[str | None, Header(alias="X-CSRF-Token")] = None,
) -> _Answer:
    _asked.append("pay")
    if body.amount == 13:
        raise HTTPException(409, "not that one")
    return _Answer(said=f"{caller} {wallet} {body.amount} {body.memo} {key} {csrf}")


def _app(route_class: type[APIRoute]) -> FastAPI:
    router = APIRouter(prefix="/payments", route_class=route_class)
    router.add_api_route("", _pay, methods=["POST"], status_code=202)
    app = FastAPI()
    app.include_router(router, prefix="/v1")
    return app


@pytest.fixture(scope="module")
def apps() -> tuple[FastAPI, FastAPI]:
    return _app(APIRoute), _app(LeanRoute)


_GOOD = [("Authorization", "Bearer ann"), ("Idempotency-Key", "abc"), ("Content-Type", "application/json")]


def _but(name: str, *values: str) -> list[tuple[str, str]]:
    return [one for one in _GOOD if one[0] != name] + [(name, value) for value in values]


@pytest.mark.parametrize(
    ("headers", "content"),
    [
        (_GOOD, b'{"amount": 5}'),
        ([*_GOOD, ("X-CSRF-Token", "t")], b'{"amount": "5", "memo": "\\u00e9"}'),
        (_GOOD, b'{"amount": 13}'),
        (_GOOD, b'{"amount": 0}'),
        (_GOOD, b'{"amount": 1, "amount": 7}'),
        (_GOOD, b"[]"),
        (_GOOD, b"null"),
        (_GOOD, b'{"amount": 5'),
        (_GOOD, b""),
        (_but("Idempotency-Key"), b'{"amount": 5}'),
        (_but("Idempotency-Key", "A"), b'{"amount": 5}'),
        (_but("Idempotency-Key", "abc", "def"), b'{"amount": 5}'),
        (_but("Authorization"), b'{"amount": 0}'),
        (_but("Authorization", "Bearer bob"), b'{"amount": 5}'),
        (_but("Authorization", "Basic ann"), b'{"amount": 5}'),
        (_but("Content-Type", "text/plain"), b'{"amount": 5}'),
        (_but("Content-Type", "application/json; charset=utf-8"), b'{"amount": 5}'),
        (_but("Content-Type"), b'{"amount": 5}'),
    ],
)
def test_the_answer_is_the_frameworks(
    apps: tuple[FastAPI, FastAPI], headers: list[tuple[str, str]], content: bytes
) -> None:
    async def post(app: FastAPI) -> tuple[int, Any, str | None, int]:
        _asked.clear()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
            answer = await client.post("/v1/payments", content=content, headers=headers)
        return answer.status_code, answer.json(), answer.headers.get("content-type"), _asked.count("pay")

    usual, lean = [asyncio.run(post(app)) for app in apps]
    assert lean == usual


def test_each_dependency_is_called_once_and_in_order(apps: tuple[FastAPI, FastAPI]) -> None:
    async def post() -> None:
        _asked.clear()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(apps[1]), base_url="http://here") as client:
            await client.post("/v1/payments", content=b'{"amount": 5}', headers=_GOOD)

    asyncio.run(post())
    assert _asked == ["caller", "wallet", "pay"]


def test_what_the_plan_does_not_know_is_left_to_the_framework() -> None:
    async def asked(key: str) -> None: ...

    async def on_a_thread(value: Annotated[str, Depends(_waits)]) -> None: ...

    async def anew(value: Annotated[str, Depends(_wallet, use_cache=False)]) -> None: ...

    assert plan(_pay) is not None
    assert [plan(asked), plan(on_a_thread), plan(anew)] == [None, None, None]


def _calls(dependant: Any) -> set[Any]:
    return {dependant.call}.union(*(_calls(one) for one in dependant.dependencies))


def test_lean_routes_of_the_application_leave_nothing_out() -> None:
    """Whatever guards a route in the framework's eyes, by way of the router's inclusion too, is in the plan."""
    looked_at = 0
    for context in iter_route_contexts(create_app(Services(), web_dist=None).routes):
        route = context.original_route
        if isinstance(route, LeanRoute) and (steps := plan(route.endpoint)) is not None:
            assert {step.call for step in steps} == _calls(context.dependant), context.path
            looked_at += 1
    assert looked_at >= 3
