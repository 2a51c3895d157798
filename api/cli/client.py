"""A small HTTP client of the public API, as any shop or script would write one."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, Self
from uuid import UUID

import httpx

from primitives.errors import OperationError


class ApiRefused(OperationError):
    """The API answered with a problem; `status`, `code` and `problem` hold it."""


class ApiClient:
    """One person's session.

    Args:
        organisation: The organisation that the person acts for, if any.
        authority: PEM file of the one authority to trust (`quanbao up --tls` prints it); None: the machine's own.
    """

    def __init__(
        self,
        base: str,
        *,
        token: str | None = None,
        organisation: UUID | str | None = None,
        authority: str | None = None,
    ) -> None:
        self._base = base
        self._authority = authority
        headers = {"Accept-Language": "en"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if organisation:
            headers["Organisation-Id"] = str(organisation)
        self._token = token
        # Reading the machine's certificates takes longer than a whole command, and plain HTTP needs none.
        tls: ssl.SSLContext | bool = base.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if tls is True and authority:
            tls = ssl.create_default_context(cafile=authority)
        self._http = httpx.AsyncClient(
            base_url=f"{base}/api/v1", headers=headers, timeout=60, trust_env=False, verify=tls
        )

    def __repr__(self) -> str:
        return f"ApiClient({self._base!r})"

    def acting_for(self, organisation: UUID | str) -> ApiClient:
        return ApiClient(self._base, token=self._token, organisation=organisation, authority=self._authority)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def close(self) -> None:
        await self._http.aclose()

    async def get(self, path: str, **query: str) -> Any:
        return await self._exchange("GET", path, None, None, query)

    async def download(self, path: str) -> bytes:
        """The body as it is. Raises ApiRefused, OperationError."""
        body: bytes = (await self._answer("GET", path, None, None, {})).content
        return body

    async def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return await self._exchange("POST", path, body, key, {})

    async def document(self) -> Any:
        """The API's OpenAPI document. Raises ApiRefused, OperationError."""
        return await self.get("/openapi.json")

    async def call(
        self, method: str, path: str, query: Mapping[str, str], body: Any = None, *, key: str | None = None
    ) -> Any:
        """An operation by its whole path. JSON as it means, everything else as text, nothing as None.

        Raises:
            ApiRefused, OperationError
        """
        answer = await self._answer(method, f"{self._base}{path}", body, key, dict(query))
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers.get("content-type", "").partition(";")[0] else answer.text

    async def parts(self, method: str, path: str, query: Mapping[str, str]) -> AsyncIterator[bytes]:
        """The body of a large answer of a whole path, as it comes. Raises ApiRefused, OperationError."""
        try:
            async with self._http.stream(method, f"{self._base}{path}", params=dict(query)) as answer:
                if not answer.is_success:
                    await answer.aread()
                    raise _refused(method, path, answer)
                async for part in answer.aiter_bytes():
                    yield part
        except httpx.HTTPError as error:
            raise self._silent(error) from error

    async def _exchange(self, method: str, path: str, body: Any, key: str | None, query: dict[str, str]) -> Any:
        answer = await self._answer(method, path, body, key, query)
        return answer.json() if answer.content else None

    async def _answer(
        self, method: str, path: str, body: Any, key: str | None, query: dict[str, str]
    ) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        try:
            answer = await self._http.request(method, path, json=body, headers=headers, params=query)
        except httpx.HTTPError as error:
            raise self._silent(error) from error
        if answer.is_success:
            return answer
        raise _refused(method, path, answer)

    def _silent(self, error: httpx.HTTPError) -> OperationError:
        return OperationError(f"{self._base} does not answer ({type(error).__name__}): is `quanbao up` running?")


def _refused(method: str, path: str, answer: httpx.Response) -> ApiRefused:
    try:
        problem = answer.json()
    except ValueError:
        problem = {"code": "not_json", "detail": answer.text[:300]}
    return ApiRefused(
        f"{method} {path}: {answer.status_code} {problem.get('code')}: {problem.get('detail')}",
        status=answer.status_code,
        code=problem.get("code"),
        problem=problem,
    )


async def until(
    what: str, ask: Callable[[], Awaitable[Any]], good: Callable[[Any], bool], *, seconds: float = 90
) -> Any:
    """Ask again until the answer is good.

    Raises:
        OperationError: It was not within the bound; the last answer is quoted.
    """
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        answer = await ask()
        if good(answer):
            return answer
        if asyncio.get_running_loop().time() > deadline:
            raise OperationError(f"{what}: not within {seconds:.0f} s; the last answer was {answer!r}"[:600])
        await asyncio.sleep(0.25)
