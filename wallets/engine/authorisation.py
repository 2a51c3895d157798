"""From a stored payment to stored signed bytes: one commit under the account's lane."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4
from weakref import WeakValueDictionary

import structlog

from chains.ports import ChainAdapter, Chains, PreparedTransaction, Preview, SignedTransaction
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import enqueue
from primitives.account_id import AccountId
from primitives.errors import (
    ChainError,
    ChainMismatch,
    InvalidValue,
    KeyNotFound,
    NodeUnavailable,
    QuanbaoError,
    RedemptionRefused,
    SigningRefused,
    UnknownChain,
)
from primitives.signing import KeyId, PublicKey, Signature, Signer, SigningRequest
from wallets.engine import sql
from wallets.engine.funds import Funds, read_funds, require_funds
from wallets.engine.model import Failure, Payment, PaymentStatus, Spending
from wallets.engine.ports import KeyFinder

log = structlog.get_logger()

BROADCAST = "payment.broadcast"
FOLLOW = "payment.follow"

_UNSIGNED = (PaymentStatus.REQUESTED, PaymentStatus.AWAITING_SIGNATURE)
_REFUSALS = (InvalidValue, ChainError, SigningRefused, KeyNotFound, RedemptionRefused)
"""What ends a payment before its signature, but for those that only say "not now"."""
_SIGNING_AT_ONCE = 4
_NOT_NOW = (NodeUnavailable, ChainMismatch, UnknownChain)


_BLOCKHASH_LOOKS = 25
_BLOCKHASH_PAUSE_SECONDS = 0.2


class _SameMessage(Exception):
    """An equal payment has these very bytes; both would be one transaction, so this one waits for a new blockhash."""


async def announce(tx: Transaction, payment: Payment, news: str, tx_hash: str | None = None) -> None:
    """Tell the tenant's feed, in the commit that makes it true."""
    data = {"payment_id": str(payment.id), "act": payment.act, "chain": str(payment.chain), "tx_hash": tx_hash}
    await publish(tx, payment.tenant_id, f"payment.{news}", data)


async def end(tx: Transaction, payment: Payment, status: PaymentStatus, failure: Failure | None) -> None:
    """Close a payment and tell whoever asked to be told, in one commit."""
    await sql.end_payment(tx, payment.id, status, failure)
    await announce(tx, payment, status.value, payment.tx_hash)
    if payment.on_end is not None:
        told = {"payment_id": str(payment.id), "status": status.value, "reference": dict(payment.reference)}
        await enqueue(tx, payment.on_end, str(payment.id), told)


class Authoriser:
    """Previews, assigns the nonce, has it signed, stores."""

    def __init__(self, database: Database, chains: Chains, keys: KeyFinder) -> None:
        self._database = database
        self._chains = chains
        self._keys = keys
        # The row lock decides between processes; this one keeps waiting payments of one process from holding a
        # database connection each while the first of them signs.
        self._lanes: WeakValueDictionary[AccountId, asyncio.Lock] = WeakValueDictionary()
        # A signer may need a connection of the same pool while the lane's transaction holds one.
        self._signing = asyncio.Semaphore(_SIGNING_AT_ONCE)

    async def authorise(self, payment_id: UUID, signer: Signer) -> Payment:
        """Sign a payment that waits for it, once; a payment that is past this is answered as it stands.

        A refusal (shortage, simulated revert, key policy) uses no nonce and answers the failed payment, with its reason
        stored.

        Raises:
            NodeUnavailable, KeystoreLocked, AuditUnavailable and other "not now" errors: the payment keeps waiting.
            PaymentNotFound
        """
        payment = await self._read(payment_id)
        if payment.status not in _UNSIGNED:
            return payment
        fault_point("payment.requested")
        adapter = self._chains.adapter(payment.chain)
        try:
            preview = await adapter.preview(payment.intent)
            floor = await adapter.next_nonce(payment.sender)
            funds = await read_funds(adapter, payment.intent)
            await self._wait_and_sign(payment, adapter, signer, preview, floor, funds)
        except _NOT_NOW:
            raise
        except _REFUSALS as error:
            await self._refuse(payment, error)
            return await self._read(payment_id)
        fault_point("payment.signed")
        return await self._read(payment_id)

    async def _wait_and_sign(
        self,
        payment: Payment,
        adapter: ChainAdapter,
        signer: Signer,
        preview: Preview,
        floor: int | None,
        funds: Funds,
    ) -> None:
        lane = self._lanes.setdefault(payment.sender, asyncio.Lock())
        for _ in range(_BLOCKHASH_LOOKS):
            try:
                async with lane, self._signing:
                    return await self._sign_in_lane(payment, adapter, signer, preview, floor, funds)
            except _SameMessage:
                await asyncio.sleep(_BLOCKHASH_PAUSE_SECONDS)
        raise NodeUnavailable(
            "the chain has had no new blockhash for a while, and an equal payment is signed with the last one: "
            "it is tried again",
            chain=str(payment.chain),
        )

    async def _sign_in_lane(
        self,
        payment: Payment,
        adapter: ChainAdapter,
        signer: Signer,
        preview: Preview,
        floor: int | None,
        funds: Funds,
    ) -> None:
        spending = Spending.of(payment.intent, preview.fee_limit)
        async with self._database.transaction() as tx:
            counter = await sql.lock_lane(tx, payment.sender)
            if await sql.lock_payment(tx, payment.id) not in _UNSIGNED:
                return
            await require_funds(tx, adapter, payment.intent, spending, funds)
            nonce = None if floor is None else max(counter or 0, floor)
            prepared = await adapter.prepare(payment.intent, nonce=nonce, preview=preview)
            if nonce is None and await sql.message_known(tx, payment.sender, prepared.payload):
                raise _SameMessage
            signed = await self._collect(tx, payment, adapter, prepared, signer)
            await sql.store_signed(tx, uuid4(), payment, signed, spending, prepared.fee_limit)
            if nonce is not None:
                await sql.advance_lane(tx, payment.sender, nonce + 1)
            await announce(tx, payment, PaymentStatus.IN_FLIGHT.value, signed.tx_hash)
            await enqueue(tx, BROADCAST, str(payment.id), {"payment_id": str(payment.id)})
            await enqueue(tx, FOLLOW, str(payment.id), {"payment_id": str(payment.id)})

    async def _collect(
        self, tx: Transaction, payment: Payment, adapter: ChainAdapter, prepared: PreparedTransaction, signer: Signer
    ) -> SignedTransaction:
        signatures: dict[AccountId, Signature] = {}
        collected: list[tuple[PublicKey, Signature]] = []
        for account in prepared.signers:
            key = await self._key(tx, payment, account)
            signature = await signer.sign(
                SigningRequest(
                    key=key,
                    scheme=prepared.scheme,
                    payload=prepared.payload,
                    chain=payment.chain,
                    act=payment.act,
                    cosignatures=tuple(collected),
                )
            )
            signatures[account] = signature
            collected.append((await signer.public_key(key), signature))
        return adapter.assemble(prepared, signatures)

    async def _key(self, tx: Transaction, payment: Payment, account: AccountId) -> KeyId:
        """The payer's own key first: two tenants may have imported the same words."""
        try:
            return await self._keys.key_for(tx, account, tenant_id=payment.tenant_id)
        except KeyNotFound:
            return await self._keys.key_for(tx, account)

    async def _refuse(self, payment: Payment, error: QuanbaoError) -> None:
        async with self._database.transaction() as tx:
            if await sql.lock_payment(tx, payment.id) not in _UNSIGNED:
                return
            await end(tx, payment, PaymentStatus.FAILED, Failure.of(error))
        log.info("payment_refused", payment=str(payment.id), act=payment.act, code=error.code)

    async def _read(self, payment_id: UUID) -> Payment:
        async with self._database.transaction() as tx:
            return await sql.payment_by_id(tx, payment_id)
