"""Preview, make and list a holder's own transfers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from chains.intent import Intent, Transfer
from chains.ports import ChainAdapter, Chains
from persistence.database import Database
from persistence.faults import fault_point
from primitives.errors import InvalidAddress, PaymentNotFound
from primitives.signing import Signer
from wallets.engine.model import Payment, PaymentRequest
from wallets.engine.service import Engine
from wallets.engine.sql import Cursor
from wallets.transfers.model import TransferDraft, TransferPreview
from wallets.transfers.ports import HeldAccounts

ACT = "transfer"


class TransferService:
    """Transfers from accounts of the caller's wallets, signed by the caller's unlocked keys."""

    def __init__(self, database: Database, engine: Engine, chains: Chains, accounts: HeldAccounts) -> None:
        self._database = database
        self._engine = engine
        self._chains = chains
        self._accounts = accounts

    async def preview(self, tenant_id: UUID, draft: TransferDraft) -> TransferPreview:
        """Simulate and price.

        Raises:
            InvalidAddress: The sender is not the caller's, or the recipient is not an address of its chain.
            UnknownChain, UnknownAsset, AmountNotPositive, PrecisionLoss
            InsufficientFunds: With both figures.
            TransactionReverted: The chain would refuse it, with the reason.
            NodeUnavailable
        """
        intent, adapter = await self._intent(tenant_id, draft)
        preview = await adapter.preview(intent)
        assert isinstance(intent.action, Transfer)
        amount = intent.action.amount
        return TransferPreview(
            sender=intent.sender,
            recipient=intent.action.recipient,
            amount=amount,
            fee_limit=preview.fee_limit,
            balance=await adapter.balance(intent.sender, amount.asset),
        )

    async def create(self, tenant_id: UUID, draft: TransferDraft, signer: Signer, *, idempotency_key: str) -> Payment:
        """Store, sign and send; with the same key and the same transfer, the one that exists.

        What is impossible is refused before anything is stored. A payment whose signing was interrupted is signed by
        the next call with its key.

        Raises:
            IdempotencyConflict: The key stands for another transfer.
            KeystoreLocked, and everything that `preview` raises.
        """
        intent, adapter = await self._intent(tenant_id, draft)
        key = f"transfer:{idempotency_key}"
        async with self._database.transaction() as tx:
            known = await self._engine.by_key(tx, tenant_id, key)
        if known is None:
            await adapter.preview(intent)
        async with self._database.transaction() as tx:
            request = PaymentRequest(tenant_id, key, intent, ACT, signs="person")
            payment = await self._engine.request(tx, request)
        fault_point("transfer.requested")
        return await self._engine.authorise(payment.id, signer)

    async def retry(self, tenant_id: UUID, payment_id: UUID, signer: Signer, *, idempotency_key: str) -> Payment:
        """A new payment for a transfer that failed without effect.

        Raises:
            PaymentNotFound, PaymentNotRetryable, IdempotencyConflict, KeystoreLocked
        """
        await self.get(tenant_id, payment_id)
        async with self._database.transaction() as tx:
            payment = await self._engine.retry(tx, tenant_id, payment_id, f"transfer:{idempotency_key}")
        return await self._engine.authorise(payment.id, signer)

    async def get(self, tenant_id: UUID, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound, also for another person's, and for payments that are no transfers."""
        async with self._database.transaction() as tx:
            payment = await self._engine.get(tx, tenant_id, payment_id)
        if payment.act != ACT:
            raise PaymentNotFound(f"there is no transfer {payment_id}", payment_id=str(payment_id))
        return payment

    async def list(self, tenant_id: UUID, *, before: Cursor | None = None, limit: int = 50) -> Sequence[Payment]:
        """Newest first."""
        async with self._database.transaction() as tx:
            return await self._engine.list(tx, tenant_id, acts=[ACT], before=before, limit=limit)

    async def _intent(self, tenant_id: UUID, draft: TransferDraft) -> tuple[Intent, ChainAdapter]:
        adapter = self._chains.adapter(draft.sender.chain)
        if all(held.account != draft.sender for held in await self._accounts.list(tenant_id)):
            raise InvalidAddress(
                f"{draft.sender} is not an account of your wallets: choose one of them", address=str(draft.sender)
            )
        recipient = draft.recipient_account()
        asset = await adapter.asset(draft.asset)
        return Intent(draft.sender, Transfer(draft.amount(asset), recipient)), adapter
