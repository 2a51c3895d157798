"""The engine and the accounts as vouchers see them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from persistence.database import Transaction
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.errors import KeyNotFound, NotVoucherHolder
from primitives.position import ChainPosition
from primitives.signing import KeyId, KeyPurpose, Signer
from vouchers.ports import HeldAccount, PaymentOrder, PaymentPlace, PaymentState, PaymentView
from wallets.accounts.service import AccountService
from wallets.accounts.sql import accounts_on, keys_for
from wallets.engine.model import Payment, PaymentRequest, PaymentStatus
from wallets.engine.service import Engine

_STATE = {
    PaymentStatus.REQUESTED: PaymentState.UNSIGNED,
    PaymentStatus.AWAITING_APPROVAL: PaymentState.UNSIGNED,
    PaymentStatus.AWAITING_SIGNATURE: PaymentState.UNSIGNED,
    PaymentStatus.IN_FLIGHT: PaymentState.IN_FLIGHT,
    PaymentStatus.DONE: PaymentState.DONE,
    PaymentStatus.FAILED: PaymentState.FAILED,
    PaymentStatus.CANCELLED: PaymentState.FAILED,
}


class EnginePayments:
    """`vouchers.ports.Payments` over `wallets.engine`.

    Args:
        first_budget: Base units of fees that a gas budget (`campaign:…`, `holder:…`) begins with on a chain; None: no
            limit.
    """

    def __init__(self, engine: Engine, first_budget: Callable[[str, ChainId], int | None] | None = None) -> None:
        self._engine = engine
        self._first_budget = first_budget

    async def request(self, tx: Transaction, order: PaymentOrder) -> UUID:
        if self._first_budget is not None and order.budgets:
            chain = order.intent.chain
            limits = {name: self._first_budget(name, chain) for name in order.budgets}
            limited = {name: units for name, units in limits.items() if units is not None}
            await self._engine.first_gas_budgets(tx, limited, AssetId.native(chain))
        payment = await self._engine.request(
            tx,
            PaymentRequest(
                tenant_id=order.tenant_id,
                idempotency_key=order.idempotency_key,
                intent=order.intent,
                act=order.act,
                signs=order.signs,
                on_end=order.on_end,
                reference=order.reference,
                budgets=order.budgets,
                asked_by=order.asked_by,
            ),
        )
        return payment.id

    async def known(
        self, tx: Transaction, tenant_id: UUID, idempotency_key: str
    ) -> tuple[UUID, Mapping[str, Any]] | None:
        payment = await self._engine.by_key(tx, tenant_id, idempotency_key)
        return None if payment is None else (payment.id, payment.reference)

    async def authorise(self, payment_id: UUID, signer: Signer) -> None:
        await self._engine.authorise(payment_id, signer)

    async def view(self, tx: Transaction, tenant_id: UUID, payment_id: UUID) -> PaymentView:
        payment = await self._engine.get(tx, tenant_id, payment_id)
        failure = None if payment.failure is None else payment.failure.to_json()
        if payment.status is PaymentStatus.CANCELLED:
            failure = {"code": "withdrawn", "message": "the payment was withdrawn before it was signed", "facts": {}}
        return PaymentView(
            id=payment.id,
            state=_STATE[payment.status],
            tx_hash=payment.tx_hash,
            height=payment.height,
            finality=payment.finality,
            failure=failure,
            place=_place(payment),
            fee=payment.fee_paid,
        )

    async def withdraw(self, tx: Transaction, payment_id: UUID) -> bool:
        return await self._engine.withdraw(tx, payment_id)


def _place(payment: Payment) -> PaymentPlace | None:
    attempt = payment.attempt
    if attempt is None or attempt.height is None or attempt.block_hash is None:
        return None
    position = ChainPosition(attempt.height, attempt.tx_index or 0, 0, attempt.block_hash)
    return PaymentPlace(attempt.chain, position, attempt.block_time or 0)


class WalletAccounts:
    """`vouchers.ports.Accounts` over `wallets.accounts`."""

    def __init__(self, accounts: AccountService) -> None:
        self._accounts = accounts

    async def service_account(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> HeldAccount:
        return await self._accounts.service_account(tenant_id, purpose, chain)

    async def accounts_of(self, tenant_id: UUID) -> tuple[AccountId, ...]:
        return tuple(held.account for held in await self._accounts.list(tenant_id))

    async def tenants_of(self, tx: Transaction, account: AccountId) -> tuple[UUID, ...]:
        return tuple(tenant_id for tenant_id, _ in await keys_for(tx, account))

    async def accounts_on(self, tx: Transaction, chain: ChainId, after: str, limit: int) -> Sequence[AccountId]:
        return await accounts_on(tx, chain, after, limit)

    async def key_of(self, tenant_id: UUID, account: AccountId) -> KeyId:
        try:
            return (await self._accounts.find(tenant_id, account)).key_id
        except KeyNotFound as error:
            raise NotVoucherHolder("the account belongs to somebody else", account=str(account)) from error
