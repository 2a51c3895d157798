"""The transaction engine: every act that moves something on a chain is one payment of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from chains.ports import Chains, Preview, Speed
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue_many, hasten
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import (
    FeeTooLow,
    InvalidAddress,
    InvalidValue,
    LaneBusy,
    LaneHalted,
    NodeUnavailable,
    PaymentNotFound,
    PaymentNotRetryable,
    PolicyError,
    PriceError,
    QuanbaoError,
)
from primitives.signing import Signer
from wallets.engine import sql
from wallets.engine.authorisation import MOST_AT_ONCE, UNSIGNED, Authoriser, Wanted
from wallets.engine.care import Care, Patience
from wallets.engine.following import Following
from wallets.engine.gates import Gate, Gates
from wallets.engine.lanes import sql as lanes
from wallets.engine.model import Failure, Payment, PaymentRequest, PaymentStatus, new_payment
from wallets.engine.news import FOLLOW, SEND, end
from wallets.engine.ports import KeyFinder
from wallets.engine.presigning import Presigning
from wallets.engine.recovery import Recovery, release
from wallets.engine.replacement import Replacer
from wallets.engine.reservations import sql as reservations
from wallets.engine.sending import Sending
from wallets.engine.sql import Cursor
from wallets.engine.watch.service import WATCH, BalanceWatch

AUTHORISE = "payment.authorise"
UNDECIDED = (*UNSIGNED, PaymentStatus.AWAITING_APPROVAL)
"""Nobody has signed these."""


class Engine:
    """Payments in, final receipts out.

    Args:
        keys: Finds the key of an account.
        service_signer: Signs payments with `signs="service"`; None on machines whose worker holds no service keys.
        rewindable: Local chains on which even final blocks may be taken back; on all others that halts the account.
        most_in_flight: Payments of one account that may be signed and not yet final.
        gates: Who is asked before every signature, in this order.
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
        patience: Patience | None = None,
        rewindable: frozenset[ChainId] = frozenset(),
        most_in_flight: int = 10_000,
        gates: Sequence[Gate] = (),
    ) -> None:
        self._database = database
        self._chains = chains
        self._signer = service_signer
        self._node_pause = node_pause
        asked = Gates(gates)
        self._authoriser = Authoriser(database, chains, keys, most_in_flight=most_in_flight, gates=asked)
        self._replacer = Replacer(database, chains, keys, asked)
        care = Care(
            database,
            chains,
            keys,
            service_signer,
            self._replacer,
            asked,
            patience=patience or Patience(),
            rewindable=rewindable,
        )
        self._sending = Sending(database, chains, again_every=rebroadcast_every, node_pause=node_pause)
        self._following = Following(database, chains, care, every=follow_every, node_pause=node_pause)
        self.balances = BalanceWatch(database, chains, self)
        self.recovery = Recovery(database, chains)

    async def request(self, tx: Transaction, request: PaymentRequest) -> Payment:
        """Store a payment in the caller's transaction; with the same key and payload, answer the one that exists.

        Raises:
            IdempotencyConflict: The key stands for another payload.
            UnknownChain: No such chain is configured.
        """
        return (await self.request_many(tx, [request]))[0]

    async def request_many(self, tx: Transaction, requests: Sequence[PaymentRequest]) -> Sequence[Payment]:
        """`request` for several, in their order and all in the caller's one transaction.

        Raises:
            InvalidValue: Two of them have the same key.
            As `request`, and then nothing is stored.
        """
        if len({(request.tenant_id, request.idempotency_key) for request in requests}) != len(requests):
            raise InvalidValue("every payment of a batch needs a key of its own")
        rows = []
        for request in requests:
            native = self._chains.adapter(request.intent.chain).native
            for account in request.intent.cosigners:
                if account.chain != request.intent.chain:
                    raise InvalidAddress(f"{account} cannot sign on {request.intent.chain}", address=str(account))
            by_service = request.signs == "service"
            status = PaymentStatus.REQUESTED if by_service else PaymentStatus.AWAITING_SIGNATURE
            rows.append((uuid4(), request, status, native))
        stored = await sql.insert_payments(tx, rows)
        made = {
            payment_id: new_payment(payment_id, request, status, native, created_at)
            for (payment_id, created_at), (_, request, status, native) in zip(stored, rows, strict=True)
            if created_at is not None
        }
        to_sign = [str(one.id) for one in made.values() if one.signs == "service"]
        await enqueue_many(tx, AUTHORISE, [(payment_id, {"payment_id": payment_id}) for payment_id in to_sign])
        older = [payment_id for payment_id, _ in stored if payment_id not in made]
        if older:
            made |= {payment.id: payment for payment in await sql.payments_by_ids(tx, older)}
        return [made[payment_id] for payment_id, _ in stored]

    async def authorise(
        self,
        payment_id: UUID,
        signer: Signer,
        *,
        preview: Preview | None = None,
        presigning: Presigning | None = None,
    ) -> Payment:
        """Sign and set on its way, outside any transaction of the caller.

        Answers the payment in flight, or failed with the stored reason when it was refused unsigned. Whoever calls at
        the same time for the same account and signer shares one commit.

        Args:
            preview: A fresh one of the same intent, if the caller has just made it.
            presigning: Replacements that the holder signs along.

        Raises:
            NodeUnavailable, FeeTooLow, LaneBusy, LaneHalted, KeystoreLocked, AuditUnavailable: Nothing was decided;
                call again.
            PaymentNotFound
        """
        async with self._database.statements() as tx:
            payment = await sql.payment_by_id(tx, payment_id)
        (answer,) = await self._authoriser.authorise([Wanted(payment, preview, presigning)], signer)
        if isinstance(answer, QuanbaoError):
            raise answer
        return answer

    async def authorise_many(
        self,
        payments: Sequence[Payment],
        signer: Signer,
        *,
        previews: Sequence[Preview | None] = (),
        presignings: Sequence[Presigning | None] = (),
    ) -> Sequence[Payment | QuanbaoError]:
        """`authorise` for several payments as they were just read; an error stands in its own place."""
        hints = previews or [None] * len(payments)
        along = presignings or [None] * len(payments)
        wanted = [Wanted(*one) for one in zip(payments, hints, along, strict=True)]
        return await self._authoriser.authorise(wanted, signer)

    async def speed_up(
        self, tenant_id: UUID, payment_id: UUID, signer: Signer, *, speed: Speed | None = None
    ) -> Payment:
        """Offer more for the same act: both fees 12.5 % higher at least.

        Raises:
            PaymentNotFound, PaymentNotReplaceable, FeeTooLow, InsufficientFunds, KeystoreLocked, NodeUnavailable
        """
        async with self._database.transaction() as tx:
            payment = await self.get(tx, tenant_id, payment_id)
        return await self._replacer.replace(payment, signer, "pay", speed=speed)

    async def cancel(self, tenant_id: UUID, payment_id: UUID, signer: Signer) -> Payment:
        """Make a payment not happen: at once while nobody has signed it, else by using its nonce up.

        Named by its id and never by a nonce. It may still turn out done: the chain decides which of the two it takes.

        Raises:
            PaymentNotFound, PaymentNotReplaceable, FeeTooLow, InsufficientFunds, KeystoreLocked, NodeUnavailable
        """
        async with self._database.transaction() as tx:
            payment = await self.get(tx, tenant_id, payment_id)
            if payment.status in UNDECIDED and await self.withdraw(tx, payment_id):
                return await sql.payment_by_id(tx, payment_id)
        return await self._replacer.replace(payment, signer, "void")

    async def set_gas_budget(self, tx: Transaction, budget: str, native: AssetId, base_units: int | None) -> None:
        """What all fees under a name (`campaign:…`, `holder:…`) may cost together, ever; None: no limit."""
        await reservations.set_limit(tx, budget, native, base_units)

    async def first_gas_budgets(self, tx: Transaction, budgets: Mapping[str, int], native: AssetId) -> None:
        """Limits of those names that have none yet."""
        await reservations.add_limits(tx, [(name, native, units) for name, units in budgets.items()])

    async def gas_spent(self, tx: Transaction, budget: str, native: AssetId) -> int:
        """What is held and spent under a name, in base units."""
        return await reservations.taken(tx, budget, native)

    async def resume(self, account: AccountId) -> None:
        """An operator has looked at a halted account: what ended stays as it is, and the lane goes on."""
        async with self._database.transaction() as tx:
            await release(tx, account)

    async def get(self, tx: Transaction, tenant_id: UUID, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound, also for another tenant's."""
        return await sql.payment_by_id(tx, payment_id, tenant_id=tenant_id)

    async def get_many(self, tx: Transaction, tenant_id: UUID, payments: Sequence[UUID]) -> Mapping[UUID, Payment]:
        """Raises PaymentNotFound, also for another tenant's."""
        found = {one.id: one for one in await sql.payments_by_ids(tx, payments)} if payments else {}
        for payment in found.values():
            if payment.tenant_id != tenant_id:
                raise PaymentNotFound(f"there is no payment {payment.id}", payment_id=str(payment.id))
        return found

    async def by_key(self, tx: Transaction, tenant_id: UUID, idempotency_key: str) -> Payment | None:
        return await sql.payment_by_key(tx, tenant_id, idempotency_key)

    async def known_keys(self, tx: Transaction, tenant_id: UUID, idempotency_keys: Sequence[str]) -> set[str]:
        """Those that already stand for a payment."""
        return await sql.known_keys(tx, tenant_id, idempotency_keys)

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
            speed=old.speed,
            budgets=old.budgets,
            asked_by=old.asked_by,
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

    async def approved(self, tx: Transaction, payment: Payment) -> None:
        """Nothing but its signature is missing any more: to the worker, or back to the person who signs it."""
        await sql.set_approved(tx, payment.id)
        if payment.signs == "service":
            await enqueue_many(tx, AUTHORISE, [(str(payment.id), {"payment_id": str(payment.id)})])

    async def refuse(self, tx: Transaction, payment: Payment, error: QuanbaoError) -> bool:
        """End a payment that nobody has signed, with a reason; False: it is signed, or has ended."""
        status = await sql.lock_payment(tx, payment.id)
        if status not in UNDECIDED:
            return False
        await end(tx, payment, PaymentStatus.FAILED, Failure.of(error))
        return True

    async def counts(self, tx: Transaction) -> Mapping[str, int]:
        """How many payments stand in each status."""
        return await sql.count_by_status(tx)

    async def new_block(self, tx: Transaction, chain: ChainId) -> None:
        """A hint that the chain may have grown: what is in flight is looked at now, and nothing of it is believed."""
        self._following.forget_heads(chain)
        await hasten(tx, FOLLOW, str(chain))

    def handlers(self) -> Mapping[str, Handler]:
        """The worker's part. Without a service signer, `payment.authorise` is left to other workers."""
        jobs: dict[str, Handler] = {
            SEND: self._sending.send,
            FOLLOW: self._following.follow,
            WATCH: self.balances.look,
            **self.recovery.handlers(),
        }
        if self._signer is not None:
            jobs[AUTHORISE] = self._authorise_job
        return jobs

    async def _authorise_job(self, context: JobContext) -> Again | None:
        """Signs for everything that waits in the same lane as well: its jobs then find nothing left to do."""
        if self._signer is None:
            raise InvalidValue("this engine has no service signer")
        async with self._database.transaction() as tx:
            payment = await sql.payment_by_id(tx, UUID(context.job.payload["payment_id"]))
            if payment.status not in UNSIGNED:
                return None
            others = await lanes.requested(tx, payment.sender, MOST_AT_ONCE)
            waiting = await sql.payments_by_ids(tx, [one for one in others if one != payment.id])
        answers = await self.authorise_many([payment, *waiting], self._signer)
        own = answers[0]
        if isinstance(own, NodeUnavailable | FeeTooLow | LaneBusy | LaneHalted | PolicyError | PriceError):
            return Again(self._node_pause)
        if isinstance(own, QuanbaoError):
            raise own
        return None
