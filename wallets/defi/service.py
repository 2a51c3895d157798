"""Make, follow and show swaps: several payments that a crash between them neither loses nor repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID, uuid4

from chains.ports import Preview
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Handler, JobContext
from primitives.account_id import AccountId
from primitives.errors import (
    IdempotencyConflict,
    InvalidAddress,
    LaneBusy,
    NotFound,
    PaymentNotReplaceable,
    QuoteExpired,
    TransactionReverted,
)
from primitives.signing import Signer
from wallets.defi import sql
from wallets.defi.model import Plan, SignedBy, Step, StepStatus, Swap, SwapDraft
from wallets.defi.outcome import received
from wallets.defi.planning import Planner
from wallets.defi.ports import SwapChains
from wallets.defi.sql import StoredSwap
from wallets.engine.model import Failure, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine
from wallets.engine.sql import Cursor
from wallets.transfers.acceptance import require_accepted
from wallets.transfers.ports import HeldAccounts

ACT = "swap"
STEP_ENDED = "swap.step_ended"


class SwapService:
    """Swaps of a person's own accounts, signed by the unlocked keys here or by an outside wallet."""

    def __init__(self, database: Database, engine: Engine, chains: SwapChains, accounts: HeldAccounts) -> None:
        self._database = database
        self._engine = engine
        self._chains = chains
        self._accounts = accounts
        self.planner = Planner(chains)

    async def preview(self, tenant_id: UUID, draft: SwapDraft) -> Plan:
        """Quote, simulate and price; nothing is stored. Raises what `Planner.plan` does, InvalidAddress for an account
        that is not the caller's."""
        await self._require_own(tenant_id, draft.account)
        return await self.planner.plan(draft)

    async def create(self, tenant_id: UUID, draft: SwapDraft, signer: Signer, *, idempotency_key: str) -> Swap:
        """Store all of its payments, then sign them in order; with the same key and the same swap, the one that exists.

        A swap whose signing was interrupted goes on with the next call of its key, unless its deadline has passed.

        Raises:
            WarningNotAccepted, IdempotencyConflict
            LaneBusy: An earlier swap of the same token is not through yet, and would take this one's approval.
            KeystoreLocked, LaneHalted, and what `preview` raises.
        """
        await self._require_own(tenant_id, draft.account)
        digest = draft.digest("keystore")
        plan: Plan | None = None
        swap_id = await self.known(tenant_id, idempotency_key, digest)
        if swap_id is None:
            plan = await self.planner.plan(draft)
            require_accepted(plan.warnings, draft.accept_warnings)
            now = await self.planner.adapter(draft.account).block_time()
            swap_id = await self.store(tenant_id, idempotency_key, digest, plan, "keystore", now=now)
            fault_point("swap.requested")
        return await self._sign(tenant_id, swap_id, signer, plan)

    async def known(self, tenant_id: UUID, key: str, digest: bytes) -> UUID | None:
        """The swap that a key stands for. Raises IdempotencyConflict when it stands for another."""
        async with self._database.transaction() as tx:
            stored = await sql.find_by_key(tx, tenant_id, key)
        if stored is None:
            return None
        if stored.digest != digest:
            raise IdempotencyConflict(f"the key {key!r} stands for another swap", idempotency_key=key)
        return stored.id

    async def store(
        self, tenant_id: UUID, key: str, digest: bytes, plan: Plan, signs: SignedBy, *, now: int = 0
    ) -> UUID:
        """The swap and everything that it will send, in one commit; of two callers with one key the first one's.

        Args:
            now: Block time, Unix seconds: earlier swaps that nobody signed until their deadline are given up.
        """
        swap_id, terms = uuid4(), plan.terms
        async with self._database.transaction() as tx:
            if not await sql.insert_swap(tx, swap_id, tenant_id, key, digest, terms, signs):
                stored = await sql.find_by_key(tx, tenant_id, key)
                assert stored is not None
                if stored.digest != digest:
                    raise IdempotencyConflict(f"the key {key!r} stands for another swap", idempotency_key=key)
                return stored.id
            if signs == "keystore" and terms.router is not None:
                await self._require_alone(tx, swap_id, plan, now)
            for number, step in enumerate(plan.steps):
                payment_id = None
                if signs == "keystore":
                    wanted = PaymentRequest(
                        tenant_id,
                        f"swap:{swap_id}:{number}",
                        step.intent,
                        ACT,
                        signs="person",
                        on_end=STEP_ENDED,
                        reference={"swap_id": str(swap_id)},
                        speed=terms.speed,
                    )
                    payment_id = (await self._engine.request(tx, wanted)).id
                gas = None if step.preview is None else step.preview.units
                await sql.insert_step(tx, swap_id, number, step.kind, step.intent, payment_id=payment_id, gas_limit=gas)
        return swap_id

    async def get(self, tenant_id: UUID, swap_id: UUID) -> Swap:
        """Raises NotFound, also for another person's."""
        async with self._database.transaction() as tx:
            stored = await sql.find(tx, swap_id, tenant_id)
            if stored is None:
                raise NotFound(f"there is no swap {swap_id}")
            return await self.joined(tx, stored)

    async def list(self, tenant_id: UUID, *, before: Cursor | None = None, limit: int = 50) -> Sequence[Swap]:
        """Newest first; `before` is (created_at, id) of the last one seen."""
        async with self._database.transaction() as tx:
            stored = await sql.swaps_of(tx, tenant_id, before=before, limit=limit)
            ids = [payment_id for one in stored for payment_id in one.payment_ids]
            payments = await self._engine.get_many(tx, tenant_id, ids)
        return [one.joined(payments) for one in stored]

    async def cancel(self, tenant_id: UUID, swap_id: UUID, signer: Signer) -> Swap:
        """Make a swap not happen: what nobody has signed is withdrawn; of what waits for a block the nonces are used
        up, the swap's own first. The chain decides which it takes: follow `status`. Again goes on where it ended.

        An approval that is in a block already stands, and is shown as one.

        Raises:
            NotFound
            PaymentNotReplaceable: It is in a block or has ended, or a wallet elsewhere has sent it.
            FeeTooLow, InsufficientFunds, KeystoreLocked, NodeUnavailable
        """
        swap = await self.get(tenant_id, swap_id)
        if swap.status is StepStatus.CANCELLED:
            return swap
        if swap.status.ended or swap.act.landed:
            raise PaymentNotReplaceable(
                f"the swap is {'in a block already' if swap.act.landed else swap.status.value}: "
                "it can no longer be cancelled",
                status=swap.status.value,
            )
        if swap.signs == "outside":
            await self._cancel_outside(swap)
            return await self.get(tenant_id, swap_id)
        # The act before what only allows it: after a crash between the two it cannot happen any more.
        for step in reversed(swap.steps):
            assert step.payment is not None
            if step.status.ended or step.landed or step.payment.cancelling:
                continue
            try:
                await self._engine.cancel(tenant_id, step.payment.id, signer)
            except PaymentNotReplaceable:
                if step is swap.act:
                    raise
        return await self.get(tenant_id, swap_id)

    async def joined(self, tx: Transaction, stored: StoredSwap) -> Swap:
        """With its payments as they stand."""
        tenant = stored.row.tenant_id
        return stored.joined(await self._engine.get_many(tx, tenant, stored.payment_ids))

    def handlers(self) -> Mapping[str, Handler]:
        """The worker's part."""
        return {STEP_ENDED: self._step_ended}

    async def conclude(self, tx: Transaction, swap: Swap) -> None:
        """Write down what came out, once the last transaction has ended; what nobody has signed by then, nobody will.

        Raises:
            NodeUnavailable: Of a swap that is done, while its receipt cannot be read.
        """
        if swap.ended_at is not None or not all(step.status.ended for step in swap.steps):
            return
        came = None
        if swap.act.status is StepStatus.DONE:
            client = self._chains.client(swap.terms.account.chain)
            receipt = await client.call("eth_getTransactionReceipt", swap.act.tx_hash)
            came = None if receipt is None else received(swap.terms, receipt)
        await sql.put_end(tx, swap.id, came)

    async def _sign(self, tenant_id: UUID, swap_id: UUID, signer: Signer, plan: Plan | None) -> Swap:
        swap = await self.get(tenant_id, swap_id)
        waiting = [step for step in swap.steps if step.status is StepStatus.AWAITING_SIGNATURE]
        if not waiting:
            return swap
        if any(step.status in (StepStatus.FAILED, StepStatus.CANCELLED) for step in swap.steps):
            await self._give_up(swap, None)
            return await self.get(tenant_id, swap_id)
        try:
            previews = await self._previews(swap, plan)
        except (QuoteExpired, TransactionReverted) as error:
            # It can never be signed any more: an approval before it may stand, and is shown as an approval.
            await self._give_up(swap, Failure.of(error))
            return await self.get(tenant_id, swap_id)
        for step in waiting:
            preview = previews.get(step.number)
            if preview is None and any(not one.landed for one in swap.steps[: step.number]):
                break
            assert step.payment is not None
            payment = await self._engine.authorise(step.payment.id, signer, preview=preview)
            fault_point("swap.step_signed")
            if payment.status is PaymentStatus.AWAITING_APPROVAL:
                break
            if payment.failure is not None:
                await self._give_up(await self.get(tenant_id, swap_id), None)
                break
        return await self.get(tenant_id, swap_id)

    async def _previews(self, swap: Swap, plan: Plan | None) -> Mapping[int, Preview | None]:
        """By step: of the plan that was just made, else simulated anew with everything that is not in a block."""
        if plan is not None and plan.terms == swap.terms:
            return {number: step.preview for number, step in enumerate(plan.steps)}
        deadline = swap.terms.deadline
        if deadline is not None and await self.planner.adapter(swap.terms.account).block_time() >= deadline:
            raise QuoteExpired("the swap's deadline passed before it was signed: ask for a new one", deadline=deadline)
        pending = [step for step in swap.steps if not step.landed]
        prices = await self.planner.prices(swap.terms, [step.intent for step in pending])
        return {} if prices is None else {step.number: price for step, price in zip(pending, prices, strict=True)}

    async def _give_up(self, swap: Swap, why: Failure | None) -> None:
        """Nobody will sign what nobody has signed yet."""
        async with self._database.transaction() as tx:
            if why is not None:
                await sql.put_failure(tx, swap.id, why)
            for step in swap.steps:
                if step.payment is not None and step.status is StepStatus.AWAITING_SIGNATURE:
                    await self._engine.withdraw(tx, step.payment.id)

    async def _cancel_outside(self, swap: Swap) -> None:
        async with self._database.transaction() as tx:
            stored = await sql.find(tx, swap.id, lock=True)
            assert stored is not None
            now = await self.joined(tx, stored)
            if now.act.status is not StepStatus.AWAITING_SIGNATURE:
                raise PaymentNotReplaceable(
                    "your wallet has sent this swap: cancel the transaction there", status=now.status.value
                )
            for step in now.steps:
                if step.status is StepStatus.AWAITING_SIGNATURE:
                    await sql.put_step_end(tx, swap.id, step.number, StepStatus.CANCELLED, None)
            stored = await sql.find(tx, swap.id)
            assert stored is not None
            await self.conclude(tx, await self.joined(tx, stored))

    async def _require_alone(self, tx: Transaction, swap_id: UUID, plan: Plan, now: int) -> None:
        terms = plan.terms
        if terms.sell.asset.id.is_native:
            return
        await sql.hold_token(tx, terms.account, terms.sell.asset.id)
        for other in await sql.open_ones(tx, terms.account, terms.sell.asset.id):
            if other.id == swap_id:
                continue
            swap = await self.joined(tx, other)
            unsigned = _unsigned(swap.steps)
            if swap.act in unsigned and swap.terms.deadline is not None and swap.terms.deadline <= now:
                for step in unsigned:
                    assert step.payment is not None
                    await self._engine.withdraw(tx, step.payment.id)
                continue
            if swap.terms.router is not None and not (swap.act.landed or swap.act.status.ended):
                raise LaneBusy(
                    f"a swap of {terms.sell.asset.symbol} from this account is on its way: wait until it is in a block",
                    account=str(terms.account),
                    swap=str(swap.id),
                )

    async def _step_ended(self, context: JobContext) -> None:
        async with context.transaction() as tx:
            stored = await sql.find(tx, UUID(context.job.payload["reference"]["swap_id"]), lock=True)
            if stored is None:
                return
            swap = await self.joined(tx, stored)
            if any(step.status in (StepStatus.FAILED, StepStatus.CANCELLED) for step in swap.steps):
                for step in _unsigned(swap.steps):
                    assert step.payment is not None
                    await self._engine.withdraw(tx, step.payment.id)
                swap = await self.joined(tx, stored)
            await self.conclude(tx, swap)

    async def _require_own(self, tenant_id: UUID, account: AccountId) -> None:
        self._chains.adapter(account.chain)
        if all(held.account != account for held in await self._accounts.list(tenant_id)):
            raise InvalidAddress(
                f"{account} is not an account of your wallets: choose one of them", address=str(account)
            )


def _unsigned(steps: Sequence[Step]) -> list[Step]:
    return [one for one in steps if one.payment is not None and one.status is StepStatus.AWAITING_SIGNATURE]
