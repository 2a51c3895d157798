"""The served OpenAPI document against the served API: schemathesis walks every operation of it.

No answer is 5xx, and each has a status, a content type and a body that the document describes. The default run tries a
few examples of each operation; `pytest -m soak tests/e2e/test_schema.py` tries many, of one resource after the other
(`-k cases`), from a newcomer and from people whose orders, vouchers and cases exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from unittest import SkipTest

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.e2e.role_stage import Stage
from tests.e2e.running import PASSWORD, Person, RunningUp, good

pytestmark = [pytest.mark.long, pytest.mark.timeout(400), pytest.mark.xdist_group("running_up")]

ANYWHERE = {400, 401, 403, 404, 405, 408, 413, 422, 429, 431}
"""What the edge and the rules refuse on any route, beside what its document lists."""

STREAMS = {"GET /api/v1/events"}
ENDS_THE_SESSION = {
    "POST /api/v1/auth/logout",
    "POST /api/v1/auth/refresh",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "PUT /api/v1/auth/password",
}
ENDS_ITS_PERSON = ENDS_THE_SESSION | {
    "POST /api/v1/auth/lock",
    "DELETE /api/v1/auth/sessions",
    "PUT /api/v1/auth/passphrase",
    "POST /api/v1/people/me/erase",
    "POST /api/v1/freezes",
}
"""What would leave the people of the stage without session, keys or accounts."""
HARMFUL_TO_OTHERS = {
    # Mints test money on the shared testnets for whatever account is named.
    "POST /api/v1/chains/{chain}/faucet",
}


def _resource(path: str) -> str:
    """`cases` of `/api/v1/cases/{case_id}`."""
    return path.removeprefix("/api/v1").split("/")[1]


_DOCUMENT = json.loads((Path(__file__).parents[2] / "docs" / "openapi.json").read_text(encoding="utf-8"))
RESOURCES = sorted({_resource(path) for path in _DOCUMENT["paths"]} - {"events"})


class Walker:
    """One person who calls every operation, member of an organisation and auditor of nothing."""

    def __init__(self, up: RunningUp) -> None:
        self.up = up
        self.person = up.newcomer("schema")
        self.person.unlock()
        self.organisation = good(self.person.post("/organisations", {"name": "Schema"}))["id"]
        with up.client() as http:
            document = good(http.get("/openapi.json"))
        self.schema = schemathesis.openapi.from_dict(document)
        self.http = requests.Session()
        self.http.trust_env = False

    def operations(self) -> Iterator[Any]:
        for found in self.schema.get_all_operations():
            yield found.ok()

    def caller(self, label: str) -> Person:
        """Who calls the operation."""
        return self.person

    def _headers(self, label: str) -> dict[str, str]:
        token = self.caller(label).token
        if label in ENDS_THE_SESSION:
            with self.up.client() as http:
                login = http.post("/auth/login", json={"email": self.person.email, "password": PASSWORD})
            token = good(login)["token"]
        return {"Authorization": f"Bearer {token}"}

    def call(self, case: Any, label: str) -> None:
        """Send one example and judge the answer."""
        headers = self._headers(label)
        if "Organisation-Id" in (case.headers or {}):
            case.headers["Organisation-Id"] = self.organisation
        answer = case.call(base_url=self.up.base, headers=headers, session=self.http, timeout=60)
        documented = {int(status) for status in case.operation.definition.raw["responses"] if status.isdigit()}
        assert answer.status_code in documented | ANYWHERE, f"{label}: {answer.status_code} {answer.text[:500]}"
        if str(answer.status_code) in case.operation.definition.raw["responses"]:
            checks = [not_a_server_error, response_schema_conformance, content_type_conformance]
        else:
            checks = [not_a_server_error]
            assert answer.headers["content-type"][0] == "application/problem+json"
        case.validate_response(answer, checks=checks)


class WalkerAmongThings(Walker):
    """Two shops, a holder and an auditor, who call every operation of theirs mostly by ids that exist, and with much of
    a body that fits: so the examples get behind what only looks at ids and shapes."""

    def __init__(self, up: RunningUp) -> None:
        super().__init__(up)
        self.stage = Stage(up)
        self.organisation = self.stage.shop.organisation
        self._known = {f"{one.method} /api/v1{one.path}": one for one in self.stage.operations}
        self._random = Random(20261122)

    def operations(self) -> Iterator[Any]:
        """What removes comes last, so that the others find it."""
        found = [one for one in super().operations() if one.label in self._known and one.label not in ENDS_ITS_PERSON]
        yield from sorted(found, key=lambda one: one.method.upper() == "DELETE")

    def caller(self, label: str) -> Person:
        rule = self._known[label].rule
        if rule == "auditor":
            return self.stage.auditor
        return self.stage.shop.owner if rule.startswith("member:") else self.stage.holder

    def call(self, case: Any, label: str) -> None:
        operation = self._known[label]
        for name in case.path_parameters or ():
            if name in self.stage.ids and self._mostly():
                case.path_parameters[name] = self.stage.ids[name]
        fits = self.stage.bodies.get(str(operation))
        if isinstance(case.body, dict) and isinstance(fits, dict) and self._mostly():
            case.body = {**case.body, **{name: value for name, value in fits.items() if self._mostly()}}
        super().call(case, label)

    def _mostly(self) -> bool:
        return self._random.random() < 0.8


@pytest.fixture(scope="module")
def walker(running_up: RunningUp) -> Walker:
    return Walker(running_up)


@pytest.fixture(scope="module")
def walker_among_things(running_up: RunningUp) -> Walker:
    return WalkerAmongThings(running_up)


def _try(walker: Walker, operation: Any, examples: int, mode: GenerationMode) -> None:
    """Raises AssertionError, or a failure of schemathesis."""

    @seed(20261122)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def tried(case: Any) -> None:
        walker.call(case, operation.label)

    tried()


def _walk(walker: Walker, examples: int, only: Callable[[str], bool] = lambda label: True) -> int:
    """Call each operation with examples that fit its document, and with as many that do not; how many operations."""
    walked, wrong = 0, []
    for operation in walker.operations():
        if operation.label in STREAMS | HARMFUL_TO_OTHERS or not only(operation.label):
            continue
        walked += 1
        for mode in GenerationMode:
            try:
                _try(walker, operation, examples, mode)
            except (Unsatisfiable, SkipTest):
                # Nothing about an operation without parameters can be wrong.
                assert mode.is_negative
            except (Exception, BaseExceptionGroup) as error:
                # All are told at the end, not only the first.
                wrong.append(f"{operation.label} ({mode.value}): {error}"[:1500])
    assert wrong == [], f"{len(wrong)} of {walked}\n\n" + "\n\n".join(wrong)
    return walked


def test_every_operation_answers_as_its_document_says(walker: Walker) -> None:
    assert _walk(walker, 1) >= 95


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("resource", RESOURCES)
def test_many_examples_of_every_operation(walker: Walker, resource: str) -> None:
    assert _walk(walker, 40, lambda label: _resource(label.partition(" ")[2]) == resource) > 0


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("resource", RESOURCES)
def test_many_examples_among_things(walker_among_things: Walker, resource: str) -> None:
    _walk(walker_among_things, 40, lambda label: _resource(label.partition(" ")[2]) == resource)
