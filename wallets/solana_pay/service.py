"""Asking for payments by Solana Pay and finding them on the chain."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid4

from chains.intent import Intent, Transfer
from chains.ports import Chains
from chains.solana.adapter import SolanaAdapter
from chains.solana.instructions import plan, read_tables
from codec.solana.associated_token import is_on_curve
from codec.solana.compute_budget import set_compute_unit_limit
from codec.solana.decoding.decode import PlainInstruction, explain_message
from codec.solana.message import SolanaMessage, build_message, decode_message, decode_transaction, encode_length
from codec.solana.programs import SYSTEM
from persistence.database import Database
from persistence.faults import fault_point
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.asset import Amount, AssetId
from primitives.chain_id import ChainId
from primitives.errors import AmountNotPositive, InvalidAddress, InvalidValue, NotFound, UnknownChain
from wallets.solana_pay import sql
from wallets.solana_pay.model import ComposedTransaction, PayRequest, PayState, SeenPayment
from wallets.solana_pay.payment import paid_by, with_reference

LOOK = "solana_pay.look"
LIFETIME = timedelta(hours=1)
MAX_MEMO_BYTES = 566
_PAUSE = timedelta(seconds=2)
# A payment sent in the last minute of a request's life may still land and become final.
_GRACE = timedelta(minutes=5)
_PAYMENT_UNITS = 200_000


class Receiving(Protocol):
    """Where an organisation is paid on a chain; the composition root's."""

    async def __call__(self, tenant_id: UUID, chain: ChainId) -> AccountId: ...


class SolanaPay:
    """Payment requests of organisations.

    Args:
        receiving: Finds the account that is paid.
    """

    def __init__(self, database: Database, chains: Chains, receiving: Receiving) -> None:
        self._database = database
        self._chains = chains
        self._receiving = receiving

    def handlers(self) -> Mapping[str, Handler]:
        return {LOOK: self._look}

    async def ask(
        self,
        tenant_id: UUID,
        asset_id: AssetId,
        base_units: int,
        *,
        label: str,
        message: str | None = None,
        memo: str | None = None,
    ) -> PayRequest:
        """Ask for one amount, for an hour; the reference is made here and is new.

        Raises:
            AmountNotPositive, UnknownAsset, NodeUnavailable
            UnknownChain: The asset is on no Solana chain that is configured.
            InvalidAddress: The receiving account is no wallet: off the curve, or owned by another program.
            InvalidValue: The memo is too long.
        """
        adapter = self._adapter(asset_id.chain)
        if base_units <= 0:
            raise AmountNotPositive("ask for more than zero")
        if memo is not None and not 1 <= len(memo.encode()) <= MAX_MEMO_BYTES:
            raise InvalidValue(f"a memo has 1 to {MAX_MEMO_BYTES} bytes", field="memo", limit=MAX_MEMO_BYTES)
        asset = await adapter.asset(asset_id)
        recipient = await self._receiving(tenant_id, asset_id.chain)
        await _require_wallet(adapter, recipient)
        created_at = datetime.now(UTC)
        request = PayRequest(
            id=uuid4(),
            tenant_id=tenant_id,
            recipient=recipient,
            amount=Amount(base_units, asset),
            reference=secrets.token_bytes(32),
            label=label,
            message=message,
            memo=memo,
            since_slot=(await adapter.heads()).finalized,
            created_at=created_at,
            expires_at=created_at + LIFETIME,
        )
        async with self._database.transaction() as tx:
            await sql.insert_request(tx, request)
            await enqueue(tx, LOOK, str(request.id), {"request_id": str(request.id)}, delay=_PAUSE)
        return request

    async def shown(self, request_id: UUID) -> PayRequest:
        """For the payer, who has only the link. Raises NotFound, also when it has expired unpaid."""
        async with self._database.transaction() as tx:
            request = await sql.find_request(tx, request_id)
        if request is None or (request.receipt is None and _is_over(request)):
            raise NotFound("there is no such payment request, or it has expired")
        return request

    async def compose(self, request_id: UUID, payer: str) -> ComposedTransaction:
        """The transaction that pays a request from `payer`, who pays its fee and signs it whole.

        Raises:
            NotFound: No such request, expired, or paid already.
            InvalidAddress: The payer is no wallet.
            InsufficientFunds, TransactionReverted: As for any transfer.
            NodeUnavailable
        """
        request = await self.shown(request_id)
        if request.receipt is not None:
            raise NotFound("this payment request is paid already", signature=request.receipt.signature)
        adapter = self._adapter(request.recipient.chain)
        account = AccountId.of(request.recipient.chain, payer)
        await _require_wallet(adapter, account)
        intent = Intent(account, Transfer(request.amount, request.recipient))
        # Refuses now what the chain would refuse later, with words that a wallet can show.
        await adapter.preview(intent)
        planned = await plan(adapter.node, request.recipient.chain, intent)
        instructions = (set_compute_unit_limit(_PAYMENT_UNITS), *with_reference(planned.instructions, request))
        blockhash = await adapter.node.blockhash()
        message = build_message(account.raw, instructions, blockhash.raw)
        signatures = decode_message(message).required_signatures
        wire = encode_length(signatures) + bytes(64) * signatures + message
        return ComposedTransaction(base64.b64encode(wire).decode(), request.message)

    async def state(self, tenant_id: UUID, request_id: UUID) -> PayState:
        """Look at the chain now. Raises NotFound (also for another tenant's), NodeUnavailable."""
        async with self._database.transaction() as tx:
            request = await sql.find_request(tx, request_id, tenant_id)
        if request is None:
            raise NotFound("there is no such payment request")
        return await self._settle(request)

    async def requests(
        self, tenant_id: UUID, *, before: tuple[datetime, UUID] | None = None, limit: int = 50
    ) -> Sequence[PayRequest]:
        """Newest first, as far as they are known to be paid."""
        async with self._database.transaction() as tx:
            return await sql.list_requests(tx, tenant_id, before=before, limit=limit)

    async def explain(self, wire: bytes, chain: ChainId | None) -> tuple[SolanaMessage, tuple[PlainInstruction, ...]]:
        """A transaction, signed or not, in plain words.

        Args:
            chain: Where its lookup tables are; None: it must use none.

        Raises:
            InvalidValue: It cannot be read, or uses lookup tables and no chain is named.
            InvalidAddress: A lookup table is not in use on the chain.
            UnknownChain, NodeUnavailable
        """
        _, raw = decode_transaction(wire)
        message = decode_message(raw)
        if not message.lookups:
            return message, explain_message(message)
        if chain is None:
            raise InvalidValue("this transaction uses lookup tables: name its chain", field="chain")
        tables = await read_tables(self._adapter(chain).node, [lookup.table for lookup in message.lookups])
        return message, explain_message(message, tables)

    # --- inside ---

    async def _look(self, context: JobContext) -> Again | None:
        async with self._database.transaction() as tx:
            request = await sql.find_request(tx, UUID(str(context.job.payload["request_id"])))
        if request is None:
            return None
        state = await self._settle(request)
        over = datetime.now(UTC) > request.expires_at + _GRACE and state.seen is None
        return None if state.request.receipt is not None or over else Again(_PAUSE)

    async def _settle(self, request: PayRequest) -> PayState:
        """Accept the earliest final payment that no request has accepted before."""
        if request.receipt is not None:
            return PayState(request, None, expired=False)
        seen = None
        for payment in await self._payments(request):
            async with self._database.transaction() as tx:
                if not payment.final:
                    if seen is None and not await sql.is_accepted(tx, str(request.recipient.chain), payment.signature):
                        seen = payment
                    continue
                await sql.accept(tx, request, payment)
                found = await sql.find_request(tx, request.id)
            fault_point("solana_pay.accepted")
            if found is not None and found.receipt is not None:
                return PayState(found, None, expired=False)
        return PayState(request, seen, expired=_is_over(request))

    async def _payments(self, request: PayRequest) -> list[SeenPayment]:
        """What the chain shows for the reference, oldest first."""
        adapter = self._adapter(request.recipient.chain)
        heads = await adapter.heads()
        listed = await adapter.node.histories([request.reference], request.since_slot, heads.included)
        listed.sort(key=lambda entry: (entry.slot, entry.signature))
        names = [entry.signature for entry in listed if entry.ok]
        payments = []
        for name, document in zip(names, await adapter.node.transactions(names), strict=True):
            payment = None if document is None else paid_by(request, document, name)
            if payment is not None:
                final = payment.slot <= heads.finalized
                payments.append(SeenPayment(payment.signature, payment.slot, payment.payer, payment.base_units, final))
        return payments

    def _adapter(self, chain: ChainId) -> SolanaAdapter:
        adapter = self._chains.adapter(chain)
        if not isinstance(adapter, SolanaAdapter):
            raise UnknownChain(f"{chain} is no Solana chain: Solana Pay works on Solana", chain=str(chain))
        return adapter


def _is_over(request: PayRequest) -> bool:
    return datetime.now(UTC) > request.expires_at


async def _require_wallet(adapter: SolanaAdapter, account: AccountId) -> None:
    """Raises InvalidAddress for what is no wallet: a program's address, a token account, a program."""
    if not is_on_curve(account.raw):
        raise InvalidAddress(f"{account} is no wallet: its address is off the curve", address=str(account))
    found = await adapter.node.account(account.raw)
    if found is not None and found.owner != SYSTEM:
        raise InvalidAddress(f"{account} is no wallet: another program owns it", address=str(account))
