"""Joins campaigns and orders with the record that the keystore keeps for its redemption authority."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from chains.campaign import CampaignTerms, TransferPolicy
from chains.ports import Chains
from chains.solana.voucher_book import SolanaVoucherBook
from keystore.serials.sql import RedemptionLimits, SerialRange
from keystore.service import Keystore
from persistence.database import Database
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import SigningRefused
from vouchers.checkout.combination import MAX_PER_CAMPAIGN
from vouchers.orders.redemptions.sql import redemptions_of

RELEASE = "keystore.release_serials"
_NOT_FINAL_YET = Again(timedelta(seconds=5))


class KeystoreCosigning:
    """`vouchers.ports.CosigningRules` over the keystore."""

    def __init__(self, database: Database, chains: Chains, keystore: Keystore) -> None:
        self._database = database
        self._chains = chains
        self._keystore = keystore

    async def allow(self, tenant_id: UUID, terms: CampaignTerms, per_holder: int | None) -> None:
        book = self._chains.book(terms.chain)
        if isinstance(book, SolanaVoucherBook):
            rule = await book.redemption_rule(terms)
            serials = SerialRange(terms.lane, terms.cap)
            # The limit is on what one account was issued: what others handed on to it comes on top.
            bound = terms.transfer_policy is TransferPolicy.BOUND
            limits = RedemptionLimits(per_holder if bound else None, MAX_PER_CAMPAIGN)
            async with self._database.transaction() as tx:
                await self._keystore.allow_redemptions(tx, tenant_id, terms.chain, rule, serials, limits)


class SerialReleases:
    """Gives vouchers free for another co-signature when their redemption failed for good.

    The engine calls a payment failed only when none of its transactions can land, so what is left for the keystore to
    check is that the last valid block height of what it co-signed is final.
    """

    def __init__(self, chains: Chains, keystore: Keystore) -> None:
        self._chains = chains
        self._keystore = keystore

    def handlers(self) -> Mapping[str, Handler]:
        return {RELEASE: self._release}

    def before(self, payment_ended: Handler) -> Handler:
        """The handler of an order's ended payment, with the release put down before it: afterwards the vouchers may be
        bound anew."""

        async def handle(ctx: JobContext) -> Again | None:
            if ctx.job.payload.get("status") == "failed":
                await self._remember(ctx)
            return await payment_ended(ctx)

        return handle

    async def _remember(self, ctx: JobContext) -> None:
        named = ctx.job.payload["reference"]
        async with ctx.transaction() as tx:
            rows = await redemptions_of(tx, UUID(named["order"]), int(named["attempt"]))
            for holder in {row.holder for row in rows if row.holder.chain.family == "solana"}:
                vouchers = [row.voucher for row in rows if row.holder == holder]
                for payload_hash in await self._keystore.cosigned_payloads(tx, holder.chain, vouchers):
                    facts = {"chain": str(holder.chain), "holder": holder.address, "payload": payload_hash.hex()}
                    await enqueue(tx, RELEASE, payload_hash.hex(), facts)

    async def _release(self, ctx: JobContext) -> Again | None:
        chain = ChainId(ctx.job.payload["chain"])
        holder = AccountId(chain, ctx.job.payload["holder"])
        finalised = await self._chains.adapter(chain).finalised(holder)
        if finalised.block_height is None:
            return None
        try:
            payload_hash = bytes.fromhex(ctx.job.payload["payload"])
            await self._keystore.release_serials(chain, payload_hash, finalized_height=finalised.block_height)
        except SigningRefused:
            return _NOT_FINAL_YET
        return None
