"""The audit routes over HTTP: who may call them, and how refusals look."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from fastapi import FastAPI
from sqlalchemy import text

from api.app import create_app
from api.services import Services
from audit.access import VoucherAccess
from audit.auditors.service import AuditorService
from audit.proofs.service import ProofService
from audit.provenance.service import ProvenanceService
from audit.search.service import SearchService
from chains.events import TokenEvent, VoucherIssued
from keystore.audit import AuditLog
from people.roles import PlatformRole
from persistence.database import Database
from primitives.clock import SystemClock
from primitives.hashing import keccak256
from primitives.position import ChainPosition
from tests.fakes.vouchers import EVM, HOLDER, voucher_id
from tests.integration.api.conftest import SignIn
from vouchers.ledger.model import ChainCursor, LedgerEntry
from vouchers.ledger.projection import record
from vouchers.ledger.sql import put_cursor

VOUCHER = voucher_id()
TX_HASH = "0x" + "cd" * 32


class NoAccounts:
    async def list(self, tenant_id: UUID) -> Sequence[Any]:
        return []


@pytest_asyncio.fixture
async def app(services: Services, database: Database) -> FastAPI:
    """One voucher is issued in block 7, which is final."""
    access = VoucherAccess(database, NoAccounts())
    services.provenance = ProvenanceService(database, access)
    services.search = SearchService(database)
    services.proofs = ProofService(database, access, {})
    auditors = AuditorService(database, AuditLog(database, SystemClock()))
    services.auditing = SimpleNamespace(auditors=auditors)  # type: ignore[assignment]
    position = ChainPosition(7, 0, 2, keccak256(b"block 7"))
    entry = LedgerEntry(EVM, TokenEvent(position, TX_HASH, 1_800_000_000, VoucherIssued(VOUCHER, HOLDER)))
    async with database.transaction() as tx:
        await record(tx, EVM, [entry])
        await put_cursor(tx, ChainCursor(EVM, 8, None, 10, 9, 8))
    return create_app(services, web_dist=None)


async def auditor(sign_in: SignIn, services: Services) -> dict[str, str]:
    signed_in = await sign_in("an")
    await services.persons.grant(signed_in.person_id, PlatformRole.AUDITOR)
    return signed_in.headers


async def test_an_auditor_reads_the_provenance(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    headers = await auditor(sign_in, services)
    answer = await client.get(f"/api/v1/vouchers/{VOUCHER}/provenance", headers=headers)
    assert answer.status_code == 200, answer.text
    (issue,) = answer.json()["root"]["children"]
    assert issue["act"] == "issue"
    assert issue["details"] == {"holder": str(HOLDER)}
    assert issue["place"] == {
        "chain": str(EVM),
        "height": 7,
        "block_hash": "0x" + keccak256(b"block 7").hex(),
        "transaction_index": 0,
        "event_index": 2,
        "transaction": TX_HASH,
        "block_time": "2027-01-15T08:00:00Z",
        "finality": "finalized",
    }


async def test_others_are_told_that_there_is_no_such_voucher(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    """The same answer for a voucher that is not theirs and for one that does not exist."""
    headers = (await sign_in("mei")).headers
    for voucher in (VOUCHER, voucher_id(2, 5)):
        for resource in ("provenance", "proof"):
            answer = await client.get(f"/api/v1/vouchers/{voucher}/{resource}", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "voucher_not_found")
    anonymous = await client.get(f"/api/v1/vouchers/{VOUCHER}/provenance")
    assert anonymous.status_code == 401


async def test_only_auditors_search(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    refused = await client.get(f"/api/v1/audit/search?q={VOUCHER}", headers=(await sign_in("mei")).headers)
    assert refused.status_code == 403
    headers = await auditor(sign_in, services)
    found = await client.get("/api/v1/audit/search", params={"q": TX_HASH}, headers=headers)
    assert {(hit["kind"], hit["id"]) for hit in found.json()["items"]} == {
        ("transaction", TX_HASH),
        ("voucher", str(VOUCHER)),
    }
    async with services.database.transaction() as tx:
        noted = await tx.execute(text("SELECT facts FROM keystore_audit_entry WHERE event = 'audit.read.search'"))
        assert [row.facts for row in noted] == [{"q": TX_HASH}]
    nonsense = await client.get("/api/v1/audit/search", params={"q": "满减"}, headers=headers)
    assert nonsense.status_code == 422


async def test_a_proof_waits_for_the_redemption(client: httpx.AsyncClient, sign_in: SignIn, services: Services) -> None:
    headers = await auditor(sign_in, services)
    answer = await client.get(f"/api/v1/vouchers/{VOUCHER}/proof", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (409, "proof_unavailable")


async def test_a_bad_bundle_is_refused_with_its_check(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    headers = (await sign_in("mei")).headers
    for body, check in ((b"{}", "shape"), (b"{ }", "canonical"), (b"", "canonical"), (b"\xff", "canonical")):
        answer = await client.post("/api/v1/audit/verify", content=body, headers=headers)
        assert answer.status_code == 422, answer.text
        assert (answer.json()["code"], answer.json()["check"]) == ("proof_rejected", check)


async def test_a_malformed_id_is_refused(client: httpx.AsyncClient, sign_in: SignIn) -> None:
    headers = (await sign_in("mei")).headers
    for wrong in ("zz" * 32, "AB" * 32, "00"):
        answer = await client.get(f"/api/v1/vouchers/{wrong}/provenance", headers=headers)
        assert answer.status_code == 422
