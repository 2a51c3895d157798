"""Swaps that a wallet elsewhere signs: prepared here, handed in step by step, followed until they are final."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from chains.evm.adapter import EvmAdapter
from chains.intent import ContractCall, Intent
from chains.ports import SignedTransaction
from codec.evm.transaction import decode_signed
from persistence.database import Database
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.errors import ChainError, InvalidValue, NodeUnavailable, NotFound, TransactionRejected
from wallets.defi import sql
from wallets.defi.model import Step, StepStatus, Swap, SwapDraft
from wallets.defi.ports import SwapChains
from wallets.defi.service import SwapService
from wallets.engine.model import Failure
from wallets.transfers.acceptance import require_accepted

FOLLOW = "swap.follow"


class OutsideSwaps:
    """Whoever prepared a swap hands its transactions in. The account may be anybody's: only its key can sign for it."""

    def __init__(
        self,
        database: Database,
        chains: SwapChains,
        swaps: SwapService,
        *,
        follow_every: timedelta = timedelta(seconds=2),
    ) -> None:
        self._database = database
        self._chains = chains
        self._swaps = swaps
        self._every = follow_every

    async def prepare(self, tenant_id: UUID, draft: SwapDraft, *, idempotency_key: str) -> Swap:
        """Plan and keep a swap; its steps are what the wallet signs, in this order.

        Raises:
            WarningNotAccepted, IdempotencyConflict, and what `Planner.plan` raises.
        """
        digest = draft.digest("outside")
        swap_id = await self._swaps.known(tenant_id, idempotency_key, digest)
        if swap_id is None:
            plan = await self._swaps.planner.plan(draft)
            require_accepted(plan.warnings, draft.accept_warnings)
            swap_id = await self._swaps.store(tenant_id, idempotency_key, digest, plan, "outside")
        return await self._swaps.get(tenant_id, swap_id)

    async def submit(
        self, tenant_id: UUID, swap_id: UUID, number: int, *, raw: bytes | None = None, tx_hash: str | None = None
    ) -> Swap:
        """Hand in one step: its signed bytes, or the hash under which the wallet sent it. Doing it again is harmless.

        Raises:
            NotFound: No such swap, or no such step to be handed in.
            InvalidValue: The transaction does something else, or is of another account or chain.
            TransactionRejected, NonceTooLow, FeeTooLow, InsufficientFunds, NodeUnavailable: The node did not take it.
        """
        swap = await self._swaps.get(tenant_id, swap_id)
        step = next((one for one in swap.steps if one.number == number), None)
        if swap.signs != "outside" or step is None:
            raise NotFound(f"swap {swap_id} has no step {number} that a wallet elsewhere signs")
        adapter = self._swaps.planner.adapter(swap.terms.account)
        signed = _read(step, raw) if raw is not None else await self._shown(step, tx_hash or "")
        if step.status is not StepStatus.AWAITING_SIGNATURE and step.tx_hash != signed.tx_hash:
            raise InvalidValue(f"step {number} was handed in before, as {step.tx_hash}", tx_hash=step.tx_hash)
        if step.status is StepStatus.AWAITING_SIGNATURE:
            async with self._database.transaction() as tx:
                await sql.put_submitted(tx, swap_id, number, raw=raw, nonce=signed.nonce or 0, tx_hash=signed.tx_hash)
                await enqueue(tx, FOLLOW, f"{swap_id}:{number}", {"swap_id": str(swap_id), "number": number})
            fault_point("swap.submitted")
        if raw is not None:
            await adapter.broadcast(signed)
        return await self._swaps.get(tenant_id, swap_id)

    def handlers(self) -> Mapping[str, Handler]:
        """The worker's part."""
        return {FOLLOW: self._follow}

    async def _shown(self, step: Step, tx_hash: str) -> SignedTransaction:
        chain = step.intent.chain
        shown = await self._chains.client(chain).call("eth_getTransactionByHash", tx_hash)
        if shown is None:
            raise NodeUnavailable(f"the node does not know {tx_hash} (yet): ask again", tx_hash=tx_hash)
        call = _call(step.intent)
        told = (
            AccountId.of(chain, shown["from"]),
            shown["to"] and AccountId.of(chain, shown["to"]),
            int(shown["value"], 16),
            bytes.fromhex(shown["input"][2:]),
        )
        _require_same(told == (step.intent.sender, call.to, call.value, call.data))
        return SignedTransaction(chain, b"", str(shown["hash"]), nonce=int(shown["nonce"], 16))

    async def _follow(self, context: JobContext) -> Again | None:
        swap_id, number = UUID(context.job.payload["swap_id"]), int(context.job.payload["number"])
        async with self._database.transaction() as tx:
            stored = await sql.find(tx, swap_id)
            if stored is None:
                return None
            swap = await self._swaps.joined(tx, stored)
            nonce = await sql.submitted_nonce(tx, swap_id, number)
        step = swap.steps[number]
        if step.status.ended or step.tx_hash is None or nonce is None:
            return None
        adapter = self._swaps.planner.adapter(swap.terms.account)
        ended = await self._ended(adapter, swap.terms.account, step, nonce)
        if ended is None:
            return Again(self._every)
        async with context.transaction() as tx:
            stored = await sql.find(tx, swap_id, lock=True)
            assert stored is not None
            await sql.put_step_end(tx, swap_id, number, *ended)
            if ended[0] is StepStatus.FAILED:
                # What comes after it in the same plan makes no sense any more, unless it is on its way already.
                for later in swap.steps[number + 1 :]:
                    if later.status is StepStatus.AWAITING_SIGNATURE:
                        await sql.put_step_end(tx, swap_id, later.number, StepStatus.CANCELLED, None)
            again = await sql.find(tx, swap_id)
            assert again is not None
            await self._swaps.conclude(tx, await self._swaps.joined(tx, again))
        return None

    async def _ended(
        self, adapter: EvmAdapter, account: AccountId, step: Step, nonce: int
    ) -> tuple[StepStatus, Failure | None] | None:
        assert step.tx_hash is not None
        # The final nonce before the receipt: a nonce that is used up without a receipt was used by another.
        final = (await adapter.finalised(account)).nonce or 0
        receipt = await adapter.receipt(step.tx_hash)
        if receipt is not None:
            if receipt.finality < adapter.required_finality:
                return None
            if receipt.ok:
                return StepStatus.DONE, None
            assert receipt.refusal is not None
            return StepStatus.FAILED, Failure.of(receipt.refusal)
        if final > nonce:
            gone = TransactionRejected("another transaction of the account has used its nonce", tx_hash=step.tx_hash)
            return StepStatus.FAILED, Failure.of(gone)
        if step.raw is not None:
            await _again(adapter, step)
        return None


async def _again(adapter: EvmAdapter, step: Step) -> None:
    """What a node forgot; one that refuses it now may take it later, or its nonce is used up."""
    assert step.raw is not None
    assert step.tx_hash is not None
    try:
        await adapter.broadcast(SignedTransaction(step.intent.chain, step.raw, step.tx_hash))
    except NodeUnavailable:
        raise
    except ChainError:
        return


def _read(step: Step, raw: bytes) -> SignedTransaction:
    """Raises InvalidValue unless the bytes are exactly this step, signed by its account."""
    signed = decode_signed(raw)
    transaction, call = signed.transaction, _call(step.intent)
    _require_same(
        transaction.chain_id == step.intent.chain.evm_number
        and (transaction.to, transaction.value, transaction.data) == (call.to.raw, call.value, call.data)
        and signed.sender == step.intent.sender.raw
    )
    return SignedTransaction(step.intent.chain, raw, "0x" + signed.hash.hex(), nonce=transaction.nonce)


def _require_same(same: bool) -> None:
    if not same:
        raise InvalidValue("this transaction is not the prepared step: sender, chain, recipient, value or data differ")


def _call(intent: Intent) -> ContractCall:
    assert isinstance(intent.action, ContractCall)
    return intent.action
