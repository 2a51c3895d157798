"""Every route of the served OpenAPI document against everybody who may not call it, on things that exist.

A new route is in these tests by being in the document. It fails them until its rule, the ids in its path and a body
that passes validation are known to its stage, so that a refusal is about the caller and not about the request.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from people.api_keys.model import SCOPES
from tests.e2e.role_stage import QUERIES, Stage
from tests.e2e.running import Person, RunningUp, good

pytestmark = [pytest.mark.timeout(400), pytest.mark.xdist_group("running_up")]

PUBLIC = {
    "POST /auth/register",
    "POST /auth/login",
    "POST /auth/email/verify",
    "POST /auth/passkeys/login",
    "POST /auth/passkeys/login/options",
    "POST /auth/wallet/login",
    "POST /auth/wallet/message",
    "GET /auth/link",
    "GET /privacy",
    "GET /campaigns/{campaign_id}/rules",
    "GET /campaigns/{campaign_id}/powers",
    "GET /campaigns/{campaign_id}/drops/{chain}/{number}/leaves",
    "GET /campaigns/{campaign_id}/drops/{chain}/{number}/proof",
    "GET /claims/{code}",
    "GET /claims/{code}/qr",
    "GET /solana-pay/{request_id}",
    "POST /solana-pay/{request_id}",
    "GET /guidance/costs",
    "GET /guidance/glossary",
    "GET /guidance/questions",
    "GET /guidance/checklists/{role}",
    "GET /healthz",
    "GET /readyz",
}
"""Everybody may call these, and nothing else."""

LOOPBACK = {"GET /metrics", "GET /caught-mails"}

BY_LINK = {
    "GET /orders/{order_id}",
    "POST /orders/{order_id}/quote",
    "POST /orders/{order_id}/pay",
    "POST /orders/{order_id}/prepare",
    "POST /orders/{order_id}/submit",
    "POST /orders/{order_id}/unlock",
    "GET /orders/{order_id}/refunds",
}
"""Whoever has an order's link may look at it and pay it: its id is random, and paying takes the payer's own keys.
A quote is the person's who asked for it."""

FOR_ANYBODY_SIGNED_IN = {"POST /chains/{chain}/faucet"}
"""Chains are nobody's property."""

THE_CALLERS_OWN = {"PUT /consents/{purpose}", "DELETE /consents/{purpose}"} | {
    f"{method} /notifications/following/{{merchant_id}}" for method in ("PUT", "DELETE")
}
"""What the path names is no row of somebody's, but a kind that everybody has for themselves."""

IN_ONES_OWN_CATALOGUE = {"PUT /gifts/{sku}", "POST /gifts/{sku}/stock"}
"""A sku is a name in the caller's own catalogue: another shop's is neither found nor touched by it."""

AUDITOR_SEES = {"GET /vouchers/{voucher_id}/provenance", "GET /vouchers/{voucher_id}/proof"}


@pytest.fixture(scope="module")
def stage(running_up: RunningUp) -> Iterator[Stage]:
    stage = Stage(running_up)
    before = _everything(stage)
    yield stage
    assert _everything(stage) == before, "a refused call has changed something"


def _everything(stage: Stage) -> dict[str, Any]:
    """What belongs to the holder and the shop, as their own people see it."""
    owner, holder = stage.shop.owner, stage.holder
    return {
        "campaign": good(owner.get(f"/campaigns/{stage.shop.campaign}")),
        "members": {item["email"] for item in good(owner.get(f"/organisations/{owner.organisation}/members"))["items"]},
        "order": good(owner.get(f"/orders/{stage.shop.order}"))["order"]["status"],
        "vouchers": [item["id"] for item in good(holder.get("/vouchers"))["items"]],
        "gifts": good(owner.get("/gifts"))["items"],
        "transfers": [item["id"] for item in good(holder.get("/transfers"))["items"]],
        "wallets": [item["id"] for item in good(holder.get("/wallets"))["items"]],
        "sessions": len(good(holder.get("/auth/sessions"))["items"]),
    }


class TestDocument:
    def test_every_route_has_a_known_rule(self, stage: Stage) -> None:
        kinds = {operation.rule.partition(":")[0] for operation in stage.operations}
        assert kinds == {"public", "loopback", "person", "member", "auditor", "operator"}
        assert len(stage.operations) >= 95

    def test_public_routes_are_exactly_these(self, stage: Stage) -> None:
        assert {str(operation) for operation in stage.all("public")} == PUBLIC
        assert {str(operation) for operation in stage.all("loopback")} == LOOPBACK

    def test_every_exception_names_a_route_that_exists(self, stage: Stage) -> None:
        """A renamed route must not leave its permission behind."""
        known = {str(operation) for operation in stage.operations}
        exceptions = BY_LINK | FOR_ANYBODY_SIGNED_IN | THE_CALLERS_OWN | AUDITOR_SEES | IN_ONES_OWN_CATALOGUE
        assert exceptions | set(QUERIES) | set(stage.bodies) <= known

    def test_every_route_can_be_called_here(self, stage: Stage) -> None:
        for operation in stage.operations:
            operation.path.format_map(stage.ids)
            assert not operation.has_body or str(operation) in stage.bodies, f"add a valid body for {operation}"


def test_anonymous_gets_401(stage: Stage) -> None:
    closed = [operation for operation in stage.operations if str(operation) not in PUBLIC | LOOPBACK]
    told = {str(operation): stage.told(operation, None) for operation in closed}
    assert told == dict.fromkeys(told, (401, "not_authenticated"))


def test_an_unknown_token_gets_401(stage: Stage) -> None:
    nobody = Person(stage.up, "", "nobody", "A" * 43)
    closed = [operation for operation in stage.operations if str(operation) not in PUBLIC | LOOPBACK]
    told = {str(operation): stage.told(operation, nobody) for operation in closed}
    assert told == dict.fromkeys(told, (401, "not_authenticated"))


def test_what_is_another_persons_does_not_exist(stage: Stage) -> None:
    """The stranger is unlocked and has everything but the right."""
    operations = [
        operation
        for operation in stage.all("person")
        if operation.by_id and str(operation) not in BY_LINK | FOR_ANYBODY_SIGNED_IN | THE_CALLERS_OWN
    ]
    assert len(operations) >= 10
    told = {str(operation): stage.told(operation, stage.stranger)[0] for operation in operations}
    assert told == dict.fromkeys(told, 404)


def test_another_persons_quote_cannot_be_used(stage: Stage) -> None:
    """The order's link is not the right to another holder's vouchers."""
    quoted = [op for op in stage.all("person") if str(op) in BY_LINK and stage.bodies.get(str(op), {}).get("quote")]
    assert len(quoted) == 3
    told = {str(operation): stage.told(operation, stage.stranger) for operation in quoted}
    assert told == dict.fromkeys(told, (404, "order_not_found"))


@pytest.mark.parametrize("who", ["stranger", "other_owner", "auditor", "holder"])
def test_an_organisation_does_not_exist_for_outsiders(stage: Stage, who: str) -> None:
    """Neither another merchant, nor an auditor, nor the holder of its voucher acts for it."""
    person: Person = getattr(stage, who)
    outsider = Person(stage.up, person.person_id, person.email, person.token)
    told = {str(operation): stage.told(operation, outsider) for operation in stage.all("member")}
    assert len(told) >= 13
    assert told == dict.fromkeys(told, (404, "not_found"))


def test_another_organisations_things_do_not_exist(stage: Stage) -> None:
    """The other owner acts rightfully for the other organisation, and names this one's campaign and order."""
    operations = [
        op
        for op in stage.all("member")
        if op.by_id and "{organisation_id}" not in op.path and str(op) not in IN_ONES_OWN_CATALOGUE
    ]
    assert len(operations) >= 5
    told = {str(operation): stage.told(operation, stage.other_owner)[0] for operation in operations}
    assert told == dict.fromkeys(told, 404)


@pytest.mark.parametrize("role", ["manager", "cashier", "sponsor", "auditor"])
def test_a_role_that_does_not_suffice_gets_403(stage: Stage, role: str) -> None:
    member = stage.members[role]
    closed = [operation for operation in stage.all("member") if role not in operation.roles]
    assert len(closed) >= {"manager": 5, "cashier": 8, "sponsor": 10, "auditor": 12}[role]
    told = {str(operation): stage.told(operation, member) for operation in closed}
    assert told == dict.fromkeys(told, (403, "not_permitted"))


@pytest.mark.parametrize("role", ["manager", "cashier", "sponsor", "auditor"])
def test_a_role_reads_what_it_may(stage: Stage, role: str) -> None:
    """So that the refusals above are about the role."""
    member = stage.members[role]
    allowed = [op for op in stage.all("member") if role in op.roles and op.method == "GET"]
    assert len(allowed) >= 4
    told = {str(operation): stage.told(operation, member)[0] for operation in allowed}
    assert told == dict.fromkeys(told, 200)


@pytest.mark.parametrize("who", ["holder", "stranger", "other_owner", "auditor"])
def test_what_is_the_operators_is_nobody_elses(stage: Stage, who: str) -> None:
    """The holder whose document waits is among them."""
    told = {str(operation): stage.told(operation, getattr(stage, who)) for operation in stage.all("operator")}
    assert len(told) >= 3
    assert told == dict.fromkeys(told, (403, "not_permitted"))


class TestApiKeys:
    def _key(self, stage: Stage, owner: Person, scopes: list[str], organisation: str | None = None) -> Person:
        body = {"label": "Program", "scopes": scopes, "organisation_id": organisation}
        token = good(owner.post("/auth/api-keys", body))["token"]
        return Person(stage.up, owner.person_id, owner.email, token, organisation)

    def test_an_organisations_key_reads_in_its_scope_and_nothing_else(self, stage: Stage) -> None:
        key = self._key(stage, stage.shop.owner, ["orders:read"], stage.shop.organisation)
        inside = [op for op in stage.all("member") if op.method == "GET" and op.path.startswith("/orders")]
        assert {stage.told(operation, key)[0] for operation in inside} == {200}
        closed = [op for op in stage.operations if op.rule not in ("public", "loopback") and op not in inside]
        told = {str(operation): stage.told(operation, key) for operation in closed}
        assert told == dict.fromkeys(told, (403, "not_permitted"))

    def test_no_scope_opens_what_only_a_person_does(self, stage: Stage) -> None:
        key = self._key(stage, stage.holder, sorted(SCOPES))
        persons = ("/auth", "/people", "/consents", "/identity", "/invitations", "/dapps", "/wallets/import")
        closed = [
            op
            for op in stage.operations
            if op.rule not in ("public", "loopback")
            and (op.path.startswith(persons) or (op.path.startswith("/wallets") and op.method != "GET"))
        ]
        assert len(closed) >= 40
        told = {str(operation): stage.told(operation, key) for operation in closed}
        assert told == dict.fromkeys(told, (403, "not_permitted"))

    def test_an_auditors_key_audits(self, stage: Stage) -> None:
        key = self._key(stage, stage.auditor, ["audit:read"])
        assert key.get("/audit/search", q=stage.shop.voucher).status_code == 200
        without = self._key(stage, stage.auditor, ["orders:read"])
        assert without.get("/audit/search", q=stage.shop.voucher).status_code == 403


@pytest.mark.parametrize("who", ["holder", "stranger", "other_owner"])
def test_auditing_is_for_auditors(stage: Stage, who: str) -> None:
    person: Person = getattr(stage, who)
    assert {stage.told(operation, person) for operation in stage.all("auditor")} == {(403, "not_permitted")}
    assert stage.auditor.get("/audit/search", q=stage.shop.voucher).status_code == 200


def test_an_auditor_traces_every_voucher_and_owns_nothing(stage: Stage) -> None:
    by_id = [
        op
        for op in stage.all("person")
        if op.by_id and str(op) not in BY_LINK | FOR_ANYBODY_SIGNED_IN | THE_CALLERS_OWN
    ]
    told = {}
    for operation in by_id:
        status, code = stage.told(operation, stage.auditor)
        told[str(operation)] = code if str(operation) in AUDITOR_SEES else status
    expected = {str(operation): 404 for operation in by_id} | {
        "GET /vouchers/{voucher_id}/provenance": None,
        # Nobody has redeemed it yet.
        "GET /vouchers/{voucher_id}/proof": "proof_unavailable",
    }
    locked = {name: 423 for name, status in told.items() if status == 423}
    assert told == expected | locked
    signing = ("wallets", "retry", "speed-up", "cancel", "dapps", "transfer")
    assert all(any(word in name for word in signing) for name in locked), locked


def test_holder_merchant_and_stranger_at_the_voucher(stage: Stage) -> None:
    path = f"/vouchers/{stage.shop.voucher}"
    people = {"holder": stage.holder, "owner": stage.shop.owner, "stranger": stage.stranger, "other": stage.other_owner}
    told = {
        who: (person.get(path).status_code, person.get(f"{path}/provenance").status_code)
        for who, person in people.items()
    }
    assert told == {"holder": (200, 200), "owner": (200, 200), "stranger": (404, 404), "other": (404, 404)}


def test_the_link_of_an_order_lets_look_but_not_change(stage: Stage) -> None:
    order = stage.shop.order
    assert good(stage.stranger.get(f"/orders/{order}"))["order"]["id"] == order
    assert stage.stranger.get(f"/orders/{order}/receipt").status_code == 404
    assert stage.other_owner.post(f"/orders/{order}/cancel").status_code == 404
