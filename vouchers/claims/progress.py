"""The jobs that take over what became of a claim's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from chains.ports import Chains
from people.events import publish
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.clock import Clock, SystemClock
from primitives.errors import NotFound
from primitives.voucher_id import Serial, SerialClass, VoucherId
from vouchers.campaigns.model import IssuanceStatus
from vouchers.campaigns.sql import get_campaign, get_issuance
from vouchers.claims import sql
from vouchers.claims.direct import PAYMENT_ENDED, TICKET_DUE
from vouchers.claims.model import Claim, ClaimStatus
from vouchers.claims.service import SETTLED
from vouchers.issuance.sql import give_room_back
from vouchers.ledger.sql import get_voucher
from vouchers.ports import Payments, PaymentState

_LOOK_AGAIN = timedelta(minutes=1)
_SETTLED_SECONDS = 120
"""After a ticket's end, so that no block from before can still be replaced by one that holds its claim."""


class ClaimProgress:
    """Handlers; each is safe to run twice, at once, or after a crash."""

    def __init__(self, database: Database, chains: Chains, payments: Payments, *, clock: Clock | None = None) -> None:
        self._database = database
        self._chains = chains
        self._payments = payments
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {SETTLED: self._settled, PAYMENT_ENDED: self._payment_ended, TICKET_DUE: self._ticket_due}

    async def _settled(self, ctx: JobContext) -> None:
        """The issuance of a link's claim is final, or has failed for good (its room is given back already)."""
        async with ctx.transaction() as tx:
            issuance_id = UUID(ctx.job.payload["issuance"])
            claim = await sql.claim_of_issuance(tx, issuance_id)
            issuance = await get_issuance(tx, issuance_id)
            if claim is None or issuance is None or claim.status is not ClaimStatus.REQUESTED:
                return
            if issuance.status is IssuanceStatus.DONE:
                (number,) = issuance.numbers
                assert number is not None
                campaign = await get_campaign(tx, claim.campaign_id)
                lane = campaign.rules.lane_of(claim.chain).lane
                await self._issued(tx, claim, VoucherId(claim.campaign_id, Serial(lane, SerialClass.SINGLE, number)))
            elif issuance.status is IssuanceStatus.FAILED:
                await self._failed(tx, claim, issuance.failure or {})

    async def _payment_ended(self, ctx: JobContext) -> None:
        """The transaction of a leaf or a relayed ticket is final, or has failed for good."""
        claim_id = UUID(ctx.job.payload["reference"]["claim"])
        async with ctx.transaction() as tx:
            claim = await self._waiting(tx, claim_id)
            if claim is None or claim.payment_id is None:
                return
            assert claim.voucher is not None
            payment = await self._payments.view(tx, claim.tenant_id, claim.payment_id)
            if payment.state is PaymentState.DONE:
                await self._issued(tx, claim, claim.voucher)
                return
            if payment.state is not PaymentState.FAILED:
                return
        # Anybody may have claimed it for the holder meanwhile, on a chain that tells of each voucher.
        there = await self._chains.book(claim.chain).voucher(claim.voucher)
        async with ctx.transaction() as tx:
            claim = await self._waiting(tx, claim_id)
            if claim is None or claim.voucher is None:
                return
            if there is not None:
                await self._issued(tx, claim, claim.voucher)
            elif claim.valid_before is None:
                await self._failed(tx, claim, payment.failure or {})
            else:
                # The ticket still counts until its time is over: its holder may send it, and the room stays taken.
                await sql.update_claim(tx, claim.id, failure=dict(payment.failure or {}))

    async def _ticket_due(self, ctx: JobContext) -> Again | None:
        """A ticket's time is over: either its voucher is there, or the room goes back."""
        claim_id = UUID(ctx.job.payload["claim"])
        async with ctx.transaction() as tx:
            claim = await self._waiting(tx, claim_id)
        if claim is None or claim.voucher is None or claim.valid_before is None:
            return None
        now = await self._chains.adapter(claim.chain).block_time()
        there = await self._chains.book(claim.chain).voucher(claim.voucher)
        if there is None and now < claim.valid_before + _SETTLED_SECONDS:
            return Again(_LOOK_AGAIN)
        async with ctx.transaction() as tx:
            claim = await self._waiting(tx, claim_id)
            if claim is None or claim.voucher is None:
                return None
            if there is not None or await get_voucher(tx, claim.voucher) is not None:
                await self._issued(tx, claim, claim.voucher)
                return None
            await give_room_back(tx, claim.campaign_id, claim.chain, 1)
            expired = {"code": "ticket_expired", "message": "the ticket was not used in time", "facts": {}}
            await self._failed(tx, claim, expired)
        return None

    async def _waiting(self, tx: Transaction, claim_id: UUID) -> Claim | None:
        claim = await sql.get_claim(tx, claim_id, lock=True)
        if claim is None:
            raise NotFound("no such claim")
        return claim if claim.status is ClaimStatus.REQUESTED else None

    async def _issued(self, tx: Transaction, claim: Claim, voucher: VoucherId) -> None:
        await sql.set_voucher(tx, claim.id, voucher)
        await sql.update_claim(tx, claim.id, status=ClaimStatus.ISSUED.value, ended_at=self._clock.now(), failure=None)
        await enqueue(tx, "ledger.scan", str(claim.chain), {"chain": str(claim.chain)})
        await self._tell(tx, claim, "claim.issued", voucher=str(voucher))

    async def _failed(self, tx: Transaction, claim: Claim, failure: Mapping[str, Any]) -> None:
        await sql.update_claim(
            tx, claim.id, status=ClaimStatus.FAILED.value, failure=dict(failure), ended_at=self._clock.now()
        )
        if claim.link_id is not None:
            await sql.give_use_back(tx, claim.link_id)
        await self._tell(tx, claim, "claim.failed", code=failure.get("code"))

    async def _tell(self, tx: Transaction, claim: Claim, kind: str, **data: Any) -> None:
        told = {"claim": str(claim.id), "campaign": str(claim.campaign_id), **data}
        await publish(tx, claim.person_id, kind, told)
        await publish(tx, claim.tenant_id, kind, {name: value for name, value in told.items() if name != "claim"})
