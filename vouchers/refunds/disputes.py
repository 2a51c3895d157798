"""A redemption that its holder says was not right: state and evidence, until it ends in a refund or a refusal."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from primitives.clock import Clock, SystemClock
from primitives.errors import DisputeClosed, RedemptionNotFound
from vouchers.ledger import sql as ledger
from vouchers.ledger.model import fact_to_json, kind_of
from vouchers.orders.attempts import sql as attempt_rows
from vouchers.orders.model import AttemptStatus, RedemptionRow
from vouchers.orders.redemptions import sql as redemption_rows
from vouchers.refunds import sql
from vouchers.refunds.model import Dispute, DisputeStatus
from vouchers.refunds.service import RefundService


class DisputeService:
    """Who may call what is decided above; here a redemption belongs to its holder and to its merchant."""

    def __init__(self, database: Database, refunds: RefundService, *, clock: Clock | None = None) -> None:
        self._database = database
        self._refunds = refunds
        self._clock = clock or SystemClock()

    async def open(self, holder_tenant_id: UUID, redemption_id: bytes, reason: str) -> Dispute:
        """Contest a final redemption; what chain and order say is kept as it is now. Opening again is the same dispute.

        Raises:
            RedemptionNotFound: Also for somebody else's.
            DisputeClosed: It was decided before; `status`.
        """
        async with self._database.transaction() as tx:
            row, holder, merchant = await self._redemption(tx, redemption_id)
            if holder != holder_tenant_id or row.status is not AttemptStatus.FINAL:
                raise RedemptionNotFound("no such redemption", redemption=redemption_id.hex())
            dispute = Dispute(
                id=uuid4(),
                tenant_id=merchant,
                holder_tenant_id=holder,
                redemption_id=redemption_id,
                order_id=row.order_id,
                status=DisputeStatus.OPEN,
                reason=reason,
                evidence=await self._evidence(tx, row),
                answer=None,
                refund_id=None,
                opened_at=self._clock.now(),
                ended_at=None,
            )
            if await sql.insert_dispute(tx, dispute):
                await publish(tx, merchant, "redemption.disputed", _named(dispute))
                return dispute
            known = await sql.dispute_of(tx, redemption_id)
            assert known is not None
            if known.status is not DisputeStatus.OPEN:
                raise DisputeClosed(f"the dispute has ended: {known.status.value}", status=known.status.value)
            return known

    async def refuse(self, tenant_id: UUID, redemption_id: bytes, answer: str) -> Dispute:
        """The merchant gives its reasons. Raises RedemptionNotFound, DisputeClosed."""
        async with self._database.transaction() as tx:
            dispute = await self._of_merchant(tx, tenant_id, redemption_id)
            return await self._end(tx, dispute, DisputeStatus.REFUSED, answer, None)

    async def give_back(self, tenant_id: UUID, redemption_id: bytes, answer: str, *, decided_by: UUID) -> Dispute:
        """The merchant refunds what is left of the order, linked to the dispute; asked again it is the same refund.

        Raises:
            RedemptionNotFound, DisputeClosed, NotRefundable
        """
        async with self._database.transaction() as tx:
            dispute = await self._of_merchant(tx, tenant_id, redemption_id)
        if dispute.status is DisputeStatus.REFUSED:
            raise DisputeClosed("the dispute has ended: refused", status=dispute.status.value)
        if dispute.status is DisputeStatus.REFUNDED:
            return dispute
        made = await self._refunds.refund(
            tenant_id,
            dispute.order_id,
            None,
            created_by=decided_by,
            # Of the dispute, not of the request: whoever comes back after a crash may have another key.
            idempotency_key=f"dispute:{dispute.id}",
            reason=f"dispute {dispute.id}",
        )
        fault_point("dispute.refunded")
        async with self._database.transaction() as tx:
            return await self._end(tx, dispute, DisputeStatus.REFUNDED, answer, made.refund.id)

    async def get(self, redemption_id: bytes, tenants: frozenset[UUID]) -> Dispute | None:
        """For holder and merchant; None while there is none. Raises RedemptionNotFound."""
        async with self._database.transaction() as tx:
            _, holder, merchant = await self._redemption(tx, redemption_id)
            if not {holder, merchant} & tenants:
                raise RedemptionNotFound("no such redemption", redemption=redemption_id.hex())
            return await sql.dispute_of(tx, redemption_id)

    async def redemption(
        self, redemption_id: bytes, tenants: frozenset[UUID]
    ) -> tuple[RedemptionRow, Dispute | None, dict[str, Any]]:
        """A redemption with its dispute and the chain facts about it, for holder and merchant.

        Raises:
            RedemptionNotFound
        """
        async with self._database.transaction() as tx:
            row, holder, merchant = await self._redemption(tx, redemption_id)
            if not {holder, merchant} & tenants:
                raise RedemptionNotFound("no such redemption", redemption=redemption_id.hex())
            return row, await sql.dispute_of(tx, redemption_id), await self._evidence(tx, row)

    async def _redemption(self, tx: Transaction, redemption_id: bytes) -> tuple[RedemptionRow, UUID, UUID]:
        row = await redemption_rows.redemption_by_id(tx, redemption_id)
        if row is None:
            raise RedemptionNotFound("no such redemption", redemption=redemption_id.hex())
        attempt = await attempt_rows.get_attempt(tx, row.order_id, row.attempt)
        assert attempt is not None
        return row, attempt.holder_tenant_id, attempt.tenant_id

    async def _of_merchant(self, tx: Transaction, tenant_id: UUID, redemption_id: bytes) -> Dispute:
        found = await sql.dispute_of(tx, redemption_id)
        if found is None or found.tenant_id != tenant_id:
            raise RedemptionNotFound("no such disputed redemption", redemption=redemption_id.hex())
        return found

    async def _end(
        self, tx: Transaction, known: Dispute, status: DisputeStatus, answer: str, refund_id: UUID | None
    ) -> Dispute:
        ended = await sql.end_dispute(tx, known, status, answer, refund_id)
        dispute = await sql.dispute_of(tx, known.redemption_id)
        assert dispute is not None
        if not ended and dispute.status is not status:
            raise DisputeClosed(f"the dispute has ended: {dispute.status.value}", status=dispute.status.value)
        if ended:
            await publish(tx, dispute.holder_tenant_id, f"dispute.{status.value}", _named(dispute))
        return dispute

    async def _evidence(self, tx: Transaction, row: RedemptionRow) -> dict[str, Any]:
        """What the chain says about the redemption, and which order document both parties consented to."""
        told = await ledger.history(tx, redemption_id=row.id)
        attempt = await attempt_rows.get_attempt(tx, row.order_id, row.attempt)
        assert attempt is not None
        return {
            "order_hash": attempt.order_hash.hex(),
            "facts": [
                {
                    "kind": kind_of(entry.event.fact),
                    "gone": entry.reversing,
                    "chain": str(entry.chain),
                    "height": entry.position.height,
                    "tx_hash": entry.event.tx_hash,
                    "block_time": entry.event.block_time,
                    "fact": fact_to_json(entry.event.fact),
                }
                for entry in told
            ],
        }


def _named(dispute: Dispute) -> dict[str, str]:
    return {
        "dispute": str(dispute.id),
        "redemption": dispute.redemption_id.hex(),
        "order": str(dispute.order_id),
    }
