"""Routes that are asked hundreds of times a second: the functions that a route depends on are called with what they
take, in the framework's order, without finding out anew for each request what that is.

Only requests that are in order go this way. A route with parameters that the plan does not know, and every request
whose headers or body are not as declared, is left to the framework, which answers as it does everywhere.
"""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Request, Response
from fastapi.params import Depends, Header
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import HTTPConnection

_NONE = inspect.Parameter.empty


class _NotInOrder(Exception):
    """The framework answers this one."""


class _NotKnown(Exception):
    """A parameter that the plan cannot fill."""


@dataclass(frozen=True, slots=True)
class _FromHeader:
    """`default`: `_NONE` where the header must be there."""

    alias: str
    adapter: TypeAdapter[Any]
    default: Any

    def read(self, request: Request) -> Any:
        found = request.headers.getlist(self.alias)
        if not found and self.default is not _NONE:
            return self.default
        if len(found) != 1:
            raise _NotInOrder
        try:
            return self.adapter.validate_python(found[0])
        except ValidationError:
            raise _NotInOrder from None


@dataclass(slots=True)
class Step:
    """One function and what it takes: the request, headers, answers of earlier steps by their places, the body."""

    call: Callable[..., Any]
    requests: list[str] = field(default_factory=list)
    headers: list[tuple[str, _FromHeader]] = field(default_factory=list)
    answers: list[tuple[str, int]] = field(default_factory=list)
    body: tuple[str, type[BaseModel]] | None = None

    def arguments(self, request: Request, answers: Sequence[Any]) -> dict[str, Any]:
        """All but the body. Raises _NotInOrder."""
        found: dict[str, Any] = {name: answers[place] for name, place in self.answers}
        for name in self.requests:
            found[name] = request
        for name, header in self.headers:
            found[name] = header.read(request)
        return found


def plan(endpoint: Callable[..., Any]) -> Sequence[Step] | None:
    """What is to be called, the endpoint last; None where there is something that only the framework knows."""
    steps: list[Step] = []
    try:
        _add(endpoint, steps, {}, is_endpoint=True)
    except _NotKnown:
        return None
    return steps


def _add(call: Callable[..., Any], steps: list[Step], known: dict[Any, int], *, is_endpoint: bool = False) -> int:
    function = call if inspect.isroutine(call) else type(call).__call__
    if not inspect.iscoroutinefunction(function):
        # The framework gives it a thread, or runs it to its end after the answer.
        raise _NotKnown
    step = Step(call)
    types = typing.get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(call).parameters.items():
        kind = types[name]
        base, *markers = typing.get_args(kind) if typing.get_origin(kind) is Annotated else (kind,)
        marker = markers[-1] if markers else None
        if kind in (Request, HTTPConnection):
            step.requests.append(name)
        elif type(marker) is Depends and _is_plain(marker):
            assert marker.dependency is not None
            place = known.get(marker.dependency)
            step.answers.append((name, _add(marker.dependency, steps, known) if place is None else place))
        elif isinstance(marker, Header):
            alias = marker.alias or name.replace("_", "-")
            step.headers.append((name, _FromHeader(alias, TypeAdapter(kind), parameter.default)))
        elif is_endpoint and step.body is None and inspect.isclass(base) and issubclass(base, BaseModel):
            step.body = (name, base)
        else:
            raise _NotKnown
    steps.append(step)
    known[call] = len(steps) - 1
    return known[call]


def _is_plain(marker: Depends) -> bool:
    return marker.dependency is not None and marker.use_cache and not (marker.scope or marker.max_concurrency)


class LeanRoute(APIRoute):
    """Route class of routers that are in haste: `APIRouter(…, route_class=LeanRoute)`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Answers with `response_model`, as the framework does."""
        usual = super().get_route_handler()
        steps = plan(self.endpoint)
        model, status = self.response_model, self.status_code or 200
        if steps is None or self.dependencies or not (inspect.isclass(model) and issubclass(model, BaseModel)):
            return usual

        async def lean(request: Request) -> Response:
            if request.app.dependency_overrides:
                return await usual(request)
            try:
                arguments = await _before(steps, request)
            except _NotInOrder:
                return await usual(request)
            answer = await steps[-1].call(**arguments)
            return Response(answer.model_dump_json(), status_code=status, media_type="application/json")

        return lean


async def _before(steps: Sequence[Step], request: Request) -> dict[str, Any]:
    """The endpoint's arguments. Raises _NotInOrder, and whatever one of the functions refuses the request with."""
    last = steps[-1]
    data = None if last.body is None else await _json(request)
    answers: list[Any] = []
    for step in steps[:-1]:
        answers.append(await step.call(**step.arguments(request, answers)))
    arguments = last.arguments(request, answers)
    if last.body is not None:
        name, model = last.body
        try:
            arguments[name] = model.model_validate(data)
        except ValidationError:
            raise _NotInOrder from None
    return arguments


async def _json(request: Request) -> Any:
    if request.headers.get("content-type") != "application/json":
        raise _NotInOrder
    try:
        return json.loads(await request.body())
    except ValueError:
        raise _NotInOrder from None
