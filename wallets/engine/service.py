"""The transaction engine: every act that moves something on a chain is one payment of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from chains.ports import Chains
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.errors import InvalidAddress, InvalidValue, NodeUnavailable, PaymentNotRetryable
from primitives.signing import Signer
from wallets.engine import sql
from wallets.engine.authorisation import BROADCAST, FOLLOW, Authoriser, end
from wallets.engine.delivery import Delivery
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.ports import KeyFinder
from wallets.engine.sql import Cursor

AUTHORISE = "payment.authorise"


class Engine:
    """Payments in, final receipts out.

    Args:
        keys: Finds the key of an account.
        service_signer: Signs payments with `signs="service"`; None on machines whose worker holds no service keys.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        keys: KeyFinder,
        service_signer: Signer | None = None,
        *,
        follow_every: timedelta = timedelta(seconds=0.5),
        rebroadcast_every: timedelta = timedelta(seconds=5),
        node_pause: timedelta = timedelta(seconds=2),
    ) -> None:
        self._chains = chains
        self._signer = service_signer
        self._node_pause = node_pause
        self._authoriser = Authoriser(database, chains, keys)
        self._delivery = Delivery(
            database,
            chains,
            follow_every=follow_every,
            rebroadcast_every=rebroadcast_every,
            node_pause=node_pause,
        )

    async def request(self, tx: Transaction, request: PaymentRequest) -> Payment:
        """Store a payment in the caller's transaction; with the same key and payload, answer the one that exists.

        Raises:
            IdempotencyConflict: The key stands for another payload.
            UnknownChain: No such chain is configured.
        """
        native = self._chains.adapter(request.intent.chain).native
        for account in request.intent.cosigners:
            if account.chain != request.intent.chain:
                raise InvalidAddress(f"{account} cannot sign on {request.intent.chain}", address=str(account))
        by_service = request.signs == "service"
        status = PaymentStatus.REQUESTED if by_service else PaymentStatus.AWAITING_SIGNATURE
        payment_id, is_new = await sql.insert_payment(tx, uuid4(), request, status, native)
        if is_new and by_service:
            await enqueue(tx, AUTHORISE, str(payment_id), {"payment_id": str(payment_id)})
        return await sql.payment_by_id(tx, payment_id)

    async def authorise(self, payment_id: UUID, signer: Signer) -> Payment:
        """Sign and set on its way, outside any transaction of the caller.

        Answers the payment in flight, or failed with the stored reason when it was refused unsigned.

        Raises:
            NodeUnavailable, KeystoreLocked, AuditUnavailable: Nothing was decided; call again.
            PaymentNotFound
        """
        return await self._authoriser.authorise(payment_id, signer)

    async def get(self, tx: Transaction, tenant_id: UUID, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound, also for another tenant's."""
        return await sql.payment_by_id(tx, payment_id, tenant_id=tenant_id)

    async def by_key(self, tx: Transaction, tenant_id: UUID, idempotency_key: str) -> Payment | None:
        return await sql.payment_by_key(tx, tenant_id, idempotency_key)

    async def list(
        self,
        tx: Transaction,
        tenant_id: UUID,
        *,
        acts: Sequence[str] | None = None,
        before: Cursor | None = None,
        limit: int = 50,
    ) -> Sequence[Payment]:
        """Newest first; `before` is (created_at, id) of the last one seen."""
        return await sql.payments_of(tx, tenant_id, acts=acts, before=before, limit=limit)

    async def retry(self, tx: Transaction, tenant_id: UUID, payment_id: UUID, idempotency_key: str) -> Payment:
        """A new payment with the same intent, linked to one that is known to have had no effect.

        Raises:
            PaymentNotRetryable: It may still land, or has; or `retried_by` was made for it with another key: retry that
                one if it failed too.
            PaymentNotFound, IdempotencyConflict
        """
        old = await self.get(tx, tenant_id, payment_id)
        if old.status not in (PaymentStatus.FAILED, PaymentStatus.CANCELLED):
            raise PaymentNotRetryable(
                f"the payment is {old.status}: only a failed or cancelled one can be retried", status=old.status.value
            )
        # Held until the new payment is stored: two retries at once would pay twice.
        await sql.lock_payment(tx, old.id)
        earlier = await sql.retry_of(tx, old.id)
        if earlier is not None and earlier.idempotency_key != idempotency_key:
            raise PaymentNotRetryable(
                f"the payment was retried before: look at {earlier.id}",
                status=old.status.value,
                retried_by=str(earlier.id),
            )
        again = PaymentRequest(
            tenant_id=tenant_id,
            idempotency_key=idempotency_key,
            intent=old.intent,
            act=old.act,
            signs=old.signs,
            on_end=old.on_end,
            reference=old.reference,
            retry_of=old.id,
        )
        return await self.request(tx, again)

    async def withdraw(self, tx: Transaction, payment_id: UUID) -> bool:
        """Cancel a payment that nobody has signed, so that nobody ever will; `on_end` is told.

        False: it is signed, or has ended.

        Raises:
            PaymentNotFound
        """
        payment = await sql.payment_by_id(tx, payment_id)
        status = await sql.lock_payment(tx, payment_id)
        if status.ended or status is PaymentStatus.IN_FLIGHT:
            return False
        await end(tx, payment, PaymentStatus.CANCELLED, None)
        return True

    async def counts(self, tx: Transaction) -> Mapping[str, int]:
        """How many payments stand in each status."""
        return await sql.count_by_status(tx)

    def handlers(self) -> Mapping[str, Handler]:
        """The worker's part. Without a service signer, `payment.authorise` is left to other workers."""
        jobs: dict[str, Handler] = {BROADCAST: self._delivery.broadcast, FOLLOW: self._delivery.follow}
        if self._signer is not None:
            jobs[AUTHORISE] = self._authorise_job
        return jobs

    async def _authorise_job(self, context: JobContext) -> Again | None:
        if self._signer is None:
            raise InvalidValue("this engine has no service signer")
        try:
            await self._authoriser.authorise(UUID(context.job.payload["payment_id"]), self._signer)
        except NodeUnavailable:
            return Again(self._node_pause)
        return None
