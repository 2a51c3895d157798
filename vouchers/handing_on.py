"""Give a voucher to somebody else, where its campaign's terms allow it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from chains.campaign import TransferPolicy
from chains.ports import Chains
from keystore import PLATFORM_TENANT
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from persistence.jobs import Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.errors import (
    IdempotencyConflict,
    InsufficientFunds,
    InvalidValue,
    QuanbaoError,
    RedemptionRefused,
    TransferForbidden,
    VoucherAlreadyRedeemed,
    VoucherExpired,
    VoucherInFlight,
    VoucherNotFound,
)
from primitives.signing import Signer
from primitives.voucher_id import VoucherId
from vouchers.campaigns.sql import get_campaign
from vouchers.ledger.model import Voucher, VoucherStatus
from vouchers.ledger.sql import get_voucher
from vouchers.orders.redemptions.sql import live_redemptions
from vouchers.ports import Accounts, PaymentOrder, Payments, PaymentState, PaymentView
from vouchers.till.sql import held_by_others

ACT_HAND_ON = "voucher.transfer"
_NO_ORDER = PLATFORM_TENANT
"""Stands for no order: every hold is somebody else's."""


class HandingOn:
    """Transfers of vouchers by their holders. On EVM the holder's account pays the fee, on Solana the issuer's.

    Args:
        join: Makes one signer of the holder's and the service's (Solana: one transaction carries everybody's).
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        payments: Payments,
        service_signer: Signer,
        join: Callable[..., Signer],
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._payments = payments
        self._service_signer = service_signer
        self._join = join

    def handlers(self) -> dict[str, Handler]:
        return {"voucher.transfer_ended": self._ended}

    async def hand_on(
        self, tenant_id: UUID, voucher_id: VoucherId, recipient: AccountId, signer: Signer, *, idempotency_key: str
    ) -> PaymentView:
        """Send a live voucher to another account of the same chain. The same key again is the same transfer.

        Raises:
            VoucherNotFound: Also for somebody else's.
            VoucherAlreadyRedeemed, VoucherInFlight
            TransferForbidden: `policy`: bound, or once and it has moved before; or `rule`: why the redemption authority
                does not sign (Solana).
            VoucherExpired: Its window is over (Solana, where only a live window is co-signed).
            InvalidValue: The recipient is on another chain, or the holder.
            InsufficientFunds: The holder's account cannot pay the fee (EVM).
            IdempotencyConflict, KeystoreLocked, SigningRefused, NodeUnavailable
        """
        async with self._database.transaction() as tx:
            known = await self._asked_before(tx, tenant_id, voucher_id, recipient, idempotency_key)
            if known is not None:
                _require_not_refused(known, (await get_campaign(tx, voucher_id.campaign)).rules.transfer)
                return known
            voucher = await get_voucher(tx, voucher_id)
            if voucher is None or voucher.status is VoucherStatus.VOID:
                raise VoucherNotFound("no such voucher", voucher=str(voucher_id))
            campaign = await get_campaign(tx, voucher_id.campaign)
            busy = await live_redemptions(tx, [voucher_id]) or await held_by_others(tx, [voucher_id], _NO_ORDER)
        if voucher.holder not in await self._accounts.accounts_of(tenant_id):
            raise VoucherNotFound("no such voucher", voucher=str(voucher_id))
        await self._check(voucher, recipient, campaign.rules.transfer, campaign.rules.valid_until, busy=bool(busy))
        terms = campaign.terms(voucher.chain)
        intent = await self._chains.book(voucher.chain).hand_on(terms, voucher.holder, recipient, voucher_id)
        async with self._database.transaction() as tx:
            payment_id = await self._payments.request(
                tx,
                PaymentOrder(
                    tenant_id=tenant_id,
                    idempotency_key=f"hand_on:{idempotency_key}",
                    intent=intent,
                    act=ACT_HAND_ON,
                    signs="person",
                    on_end="voucher.transfer_ended",
                    reference={
                        "voucher": str(voucher_id),
                        "tenant": str(tenant_id),
                        "recipient": str(recipient),
                        "chain": str(voucher.chain),
                    },
                ),
            )
        fault_point("voucher.transfer_requested")
        try:
            whole = self._join(signer, self._service_signer) if voucher.chain.family == "solana" else signer
            await self._payments.authorise(payment_id, whole)
        except QuanbaoError:
            async with self._database.transaction() as tx:
                await self._payments.withdraw(tx, payment_id)
            raise
        async with self._database.transaction() as tx:
            payment = await self._payments.view(tx, tenant_id, payment_id)
        _require_not_refused(payment, campaign.rules.transfer)
        return payment

    async def _asked_before(
        self, tx: Transaction, tenant_id: UUID, voucher_id: VoucherId, recipient: AccountId, idempotency_key: str
    ) -> PaymentView | None:
        """The transfer of this key once it is signed or over: then the voucher may be elsewhere already."""
        found = await self._payments.known(tx, tenant_id, f"hand_on:{idempotency_key}")
        if found is None:
            return None
        payment_id, named = found
        if (named["voucher"], named["recipient"]) != (str(voucher_id), str(recipient)):
            raise IdempotencyConflict("this idempotency key was used for another transfer")
        payment = await self._payments.view(tx, tenant_id, payment_id)
        return None if payment.state is PaymentState.UNSIGNED else payment

    async def _check(
        self, voucher: Voucher, recipient: AccountId, policy: TransferPolicy, valid_until: int, *, busy: bool
    ) -> None:
        if voucher.status is VoucherStatus.REDEEMED:
            raise VoucherAlreadyRedeemed("the voucher was redeemed before", voucher=str(voucher.id))
        if busy:
            raise VoucherInFlight("an order is redeeming or holding this voucher right now", voucher=str(voucher.id))
        if recipient.chain != voucher.chain:
            raise InvalidValue("a voucher stays on its chain", chain=str(voucher.chain), recipient=str(recipient))
        if recipient == voucher.holder:
            raise InvalidValue("holder and recipient are the same account", recipient=str(recipient))
        if policy is TransferPolicy.BOUND or (policy is TransferPolicy.ONCE and voucher.moves):
            raise TransferForbidden(
                "the terms of this campaign do not let the voucher change hands" + (" again" if voucher.moves else ""),
                policy=policy.value,
                moves=voucher.moves,
            )
        if voucher.chain.family == "solana":
            now = await self._chains.adapter(voucher.chain).block_time()
            if now >= valid_until:
                raise VoucherExpired("the voucher's window is over", voucher=str(voucher.id), valid_until=valid_until)

    async def transfer(self, tenant_id: UUID, payment_id: UUID) -> PaymentView:
        """Where a transfer stands. Raises PaymentNotFound."""
        async with self._database.transaction() as tx:
            return await self._payments.view(tx, tenant_id, payment_id)

    async def _ended(self, ctx: JobContext) -> None:
        named = ctx.job.payload["reference"]
        tenant_id = UUID(named["tenant"])
        recipient = AccountId.parse(named["recipient"])
        async with ctx.transaction() as tx:
            payment = await self._payments.view(tx, tenant_id, UUID(ctx.job.payload["payment_id"]))
            done = payment.state is PaymentState.DONE
            told = {"voucher": named["voucher"], "recipient": named["recipient"]}
            await publish(tx, tenant_id, "voucher.sent" if done else "voucher.not_sent", told)
            if done:
                for other in await self._accounts.tenants_of(tx, recipient):
                    await publish(tx, other, "voucher.received", told)
            await enqueue(tx, "ledger.scan", named["chain"], {"chain": named["chain"]})


def _require_not_refused(payment: PaymentView, policy: TransferPolicy) -> None:
    """What was refused before anybody signed is told at once, as what the terms forbid is."""
    if payment.state is not PaymentState.FAILED or payment.tx_hash is not None:
        return
    failure = payment.failure or {}
    told, facts = str(failure.get("message", "")), dict(failure.get("facts", {}))
    if failure.get("code") == RedemptionRefused.code:
        raise TransferForbidden(
            f"the voucher cannot be handed on now: {told}", policy=policy.value, rule=str(facts.get("rule", ""))
        )
    if failure.get("code") == InsufficientFunds.code:
        raise InsufficientFunds(
            told,
            needed=int(facts["needed"]),
            available=int(facts["available"]),
            asset=str(facts.get("asset", "")),
        )
