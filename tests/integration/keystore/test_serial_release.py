"""After a payment that failed for good its vouchers can be co-signed anew, and not a moment before."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from api.cosigning import RELEASE, SerialReleases
from keystore.service import Keystore
from persistence.database import Database
from persistence.jobs import Again, JobContext, Worker, enqueue
from primitives.account_id import AccountId
from tests.integration.keystore.test_redemption_authority import (
    CAMPAIGN,
    CHAIN,
    FIRST,
    HOLDER,
    MERCHANT,
    Till,
    VoucherId,
    public,
    till,
)

__all__ = ["till"]
ENDED = "order.payment_ended"
VOUCHER = VoucherId(CAMPAIGN, FIRST)


@dataclass
class Chain:
    """The cluster's finalized block height."""

    block_height: int | None
    asked: list[AccountId] = field(default_factory=list)

    def adapter(self, chain: object) -> Chain:
        return self

    async def finalised(self, account: AccountId) -> Chain:
        self.asked.append(account)
        return self


class Desk:
    """The handlers as the composition root joins them, over a real job table."""

    def __init__(self, keystore: Keystore, database: Database, chain: Chain) -> None:
        releases = SerialReleases(chain, keystore)  # type: ignore[arg-type]
        self.ended: list[UUID] = []

        async def payment_ended(ctx: JobContext) -> Again | None:
            self.ended.append(UUID(ctx.job.payload["payment_id"]))
            return None

        self.database = database
        self.worker = Worker(database, {**releases.handlers(), ENDED: releases.before(payment_ended)})

    async def end(self, status: str) -> None:
        payload = {
            "payment_id": str(uuid4()),
            "status": status,
            "reference": {"order": str(uuid4()), "attempt": 1},
        }
        async with self.database.transaction() as tx:
            await enqueue(tx, ENDED, payload["payment_id"], payload)  # type: ignore[arg-type]
        await self.worker.run_due()


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch) -> Chain:
    async def redemptions_of(tx: object, order: UUID, attempt: int) -> list[Any]:
        return [SimpleNamespace(holder=AccountId.from_raw(CHAIN, public(HOLDER)), voucher=VOUCHER)]

    monkeypatch.setattr("api.cosigning.redemptions_of", redemptions_of)
    return Chain(99)


async def bound(till: Till) -> int:
    async with till.database.transaction() as tx:
        return len(await till.keystore.cosigned_payloads(tx, CHAIN, [VOUCHER]))


async def test_failed_payment_gives_its_vouchers_free_when_the_height_is_final(till: Till, chain: Chain) -> None:
    await till.allow()
    await till.sign(till.message(), HOLDER, MERCHANT, until=100)
    desk = Desk(till.keystore, till.database, chain)
    await desk.end("failed")
    assert len(desk.ended) == 1
    await desk.worker.run_due()
    assert await bound(till) == 1
    other = till.message(blockhash=bytes([6] * 32))
    assert await till.refused(other, HOLDER, MERCHANT) == "outstanding_serial"

    later = Desk(till.keystore, till.database, Chain(101))
    async with till.database.transaction() as tx:
        (payload_hash,) = await till.keystore.cosigned_payloads(tx, CHAIN, [VOUCHER])
        facts = {"chain": str(CHAIN), "holder": chain.asked[0].address, "payload": payload_hash.hex()}
        await enqueue(tx, RELEASE, "again", facts)
    await later.worker.run_due()
    assert await bound(till) == 0
    await till.sign(other, HOLDER, MERCHANT, until=300)

    await later.worker.run_due(rounds=2)
    async with till.database.transaction() as tx:
        await enqueue(tx, RELEASE, "late", facts)
    await Desk(till.keystore, till.database, Chain(10_000)).worker.run_due()
    assert await bound(till) == 1, "a late repetition frees only the payload that it names"


async def test_landed_payment_keeps_its_vouchers_bound(till: Till, chain: Chain) -> None:
    await till.allow()
    await till.sign(till.message(), HOLDER, MERCHANT, until=50)
    desk = Desk(till.keystore, till.database, chain)
    await desk.end("done")
    await desk.worker.run_due()
    assert len(desk.ended) == 1
    assert await bound(till) == 1
