"""The authorisation matrix, drawn from the OpenAPI document: every route × who may not call it.

A new route is in it by being in the document.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from api.openapi import document
from api.services import Services
from tests.integration.api.conftest import SignIn


class Operation(NamedTuple):
    method: str
    path: str
    rule: str
    parameters: list[dict[str, Any]]
    has_body: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def address(self) -> str:
        """The path with ids that belong to nobody."""
        path = self.path
        for parameter in self.parameters:
            if parameter["in"] == "path":
                is_id = parameter["schema"].get("format") == "uuid"
                path = path.replace("{" + parameter["name"] + "}", str(uuid4()) if is_id else "unknown")
        return path

    def aimed_at(self, organisation_id: str) -> Operation:
        """The same operation in this organisation's path, where it has one."""
        return self._replace(path=self.path.replace("{organisation_id}", organisation_id))


def _operations() -> list[Operation]:
    paths = document(create_app(Services(), web_dist=None))["paths"]
    return [
        Operation(method.upper(), path, drawn["x-rule"], drawn.get("parameters", []), "requestBody" in drawn)
        for path, methods in paths.items()
        for method, drawn in methods.items()
    ]


OPERATIONS = _operations()
CLOSED = [operation for operation in OPERATIONS if operation.rule not in {"public", "loopback"}]
FOR_MEMBERS = [operation for operation in OPERATIONS if operation.rule.startswith("member:")]
FOR_PLATFORM = [operation for operation in OPERATIONS if operation.rule in {"auditor", "operator"}]
FOR_PERSONS = [operation for operation in OPERATIONS if operation.rule == "person" and "{" in operation.path]


async def _call(client: httpx.AsyncClient, operation: Operation, headers: dict[str, str]) -> httpx.Response:
    body: Any = {} if operation.has_body else None
    sent = {"Idempotency-Key": "matrix", **headers}
    return await client.request(operation.method, operation.address(), json=body, headers=sent)


def test_the_matrix_is_not_empty() -> None:
    assert len(CLOSED) >= 13
    assert len(FOR_MEMBERS) >= 4
    assert {operation.rule.split(":")[0] for operation in OPERATIONS} <= {
        "public",
        "loopback",
        "person",
        "member",
        "auditor",
        "operator",
    }


def _told(answer: httpx.Response) -> tuple[int, str | None]:
    """Status, and the code of the problem if it is one."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return answer.status_code, answer.json()["code"] if is_problem else None


async def test_nobody_comes_in_without_a_session(client: httpx.AsyncClient) -> None:
    nobody = {"Organisation-Id": str(uuid4())}
    answers = {str(operation): _told(await _call(client, operation, nobody)) for operation in CLOSED}
    assert answers == dict.fromkeys(answers, (401, "not_authenticated"))


async def test_another_organisation_does_not_exist(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei, stranger = await sign_in("mei"), await sign_in("stranger")
    place = (await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
    answers = {
        str(operation): _told(await _call(client, operation.aimed_at(place), stranger.acting_for(place)))
        for operation in FOR_MEMBERS
    }
    assert answers == dict.fromkeys(answers, (404, "not_found"))


@pytest.mark.parametrize("role", ["manager", "cashier", "sponsor", "auditor"])
async def test_a_member_does_what_the_role_allows_and_nothing_else(
    client: httpx.AsyncClient, sign_in: SignIn, role: str
) -> None:
    mei, li = await sign_in("mei"), await sign_in("li")
    place = (await client.post("/api/v1/organisations", json={"name": "茶馆"}, headers=mei.headers)).json()["id"]
    await client.post(
        f"/api/v1/organisations/{place}/members", json={"email": li.email, "role": role}, headers=mei.headers
    )
    refused, expected = set(), set()
    for operation in FOR_MEMBERS:
        if role not in operation.rule.removeprefix("member:").split("|"):
            expected.add(str(operation))
        if _told(await _call(client, operation.aimed_at(place), li.acting_for(place))) == (403, "not_permitted"):
            refused.add(str(operation))
    assert refused == expected


async def test_a_person_without_the_platform_role_is_refused(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    mei = await sign_in("mei")
    answers = {str(operation): _told(await _call(client, operation, mei.headers)) for operation in FOR_PLATFORM}
    assert answers == dict.fromkeys(answers, (403, "not_permitted"))


async def test_what_belongs_to_nobody_is_not_given_to_a_person(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    """404, or a refusal that comes before anything is looked up; 503 for a part that this test does not start."""
    mei = await sign_in("mei")
    answers = {str(operation): _told(await _call(client, operation, mei.headers)) for operation in FOR_PERSONS}
    # What the path names is no row of somebody's, but a kind that everybody has for themselves.
    answers = {name: told for name, told in answers.items() if "/consents/" not in name}
    allowed = {404, 422, 423}
    wrong = {name: told for name, told in answers.items() if told[0] not in allowed and told != (503, "missing_part")}
    assert wrong == {}
