"""What merchants are paid: reports by day, and the settlement of what the book keeps for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chains.ports import Chains
from keystore import PLATFORM_TENANT
from people.events import publish
from persistence.database import Database
from persistence.faults import fault_point
from persistence.jobs import Handler, JobContext, enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.contract_errors import NothingToSettle
from primitives.errors import CampaignNotFound, IdempotencyConflict, InvalidValue, MerchantNotOfCampaign
from primitives.signing import KeyPurpose
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import get_campaign
from vouchers.ports import Accounts, PaymentOrder, Payments, PaymentState
from vouchers.settlement import sql
from vouchers.settlement.model import BookAccount, PayoutLine

ACT_SETTLE = "merchant.settle"
MAX_DAYS = 92
"""Days of one report."""


@dataclass(frozen=True, slots=True)
class Receivable:
    """What a campaign's book keeps for a merchant, in base units: due now, and still to be taken back until later."""

    campaign: CampaignId
    chain: ChainId
    merchant: AccountId
    asset: str
    due: int
    waiting: int


class SettlementService:
    """Reads the books for merchants; `settle` moves their credit. Who may call is decided above."""

    def __init__(self, database: Database, chains: Chains, accounts: Accounts, payments: Payments) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._payments = payments

    def handlers(self) -> Mapping[str, Handler]:
        return {"settlement.ended": self._ended}

    async def payouts(self, tenant_id: UUID, first: date, last: date, zone: str = "UTC") -> Sequence[PayoutLine]:
        """Per day, merchant account and asset, from final facts only; days in the zone, both included.

        Raises:
            InvalidValue: Not a zone, or too many days.
        """
        try:
            place = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidValue(f"{zone!r} is not an IANA time zone", zone=zone) from error
        if not timedelta(0) <= last - first < timedelta(days=MAX_DAYS):
            raise InvalidValue(f"a report has 1 to {MAX_DAYS} days", first=str(first), last=str(last))
        since = int(datetime.combine(first, time(), place).timestamp())
        until = int(datetime.combine(last + timedelta(days=1), time(), place).timestamp())
        parties = [str(account) for account in await self._treasuries(tenant_id)]
        async with self._database.transaction() as tx:
            legs = await sql.of_parties(tx, parties, since, until)
        lines: dict[tuple[str, str, str], PayoutLine] = {}
        seen: dict[tuple[str, str, str], set[bytes]] = defaultdict(set)
        for leg in legs:
            day = datetime.fromtimestamp(leg.block_time, UTC).astimezone(place).date().isoformat()
            key = (day, leg.party, leg.asset)
            line = lines.get(key) or PayoutLine(day, leg.party, leg.asset, 0, 0, 0, 0, 0, 0, 0)
            if leg.kind == "redeemed" and leg.observation % 2 == 0 and leg.redemption_id is not None:
                seen[key].add(leg.redemption_id)
            lines[key] = _with(line, leg)
        return [replace(lines[key], redemptions=len(seen[key])) for key in sorted(lines)]

    async def receivables(self, tenant_id: UUID, campaign_id: CampaignId) -> Sequence[Receivable]:
        """What a campaign's book keeps for the caller's treasuries. Raises CampaignNotFound, NodeUnavailable."""
        found = []
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
        for lane in campaign.lanes:
            terms = campaign.terms(lane.chain)
            treasury = await self._accounts.service_account(tenant_id, KeyPurpose.TREASURY, lane.chain)
            if treasury.account in terms.merchants:
                credit = await self._chains.book(lane.chain).credit(terms, treasury.account)
                found.append(
                    Receivable(
                        campaign_id,
                        lane.chain,
                        treasury.account,
                        str(terms.settlement.id),
                        credit.due,
                        credit.waiting,
                    )
                )
        if not found and campaign.tenant_id != tenant_id:
            raise CampaignNotFound("no such campaign", campaign=str(campaign_id))
        return found

    async def settle(self, tenant_id: UUID, campaign_id: CampaignId, chain: ChainId, *, idempotency_key: str) -> UUID:
        """Pay the caller's credit that is due; returns the payment. The same key again is the same payment.

        Raises:
            CampaignNotFound, InvalidTerms: Not on this chain.
            MerchantNotOfCampaign: The caller does not accept the campaign's vouchers.
            NothingToSettle: Nothing is due.
            IdempotencyConflict: The key was used for something else.
            NodeUnavailable
        """
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            known = await self._payments.known(tx, tenant_id, f"settle:{idempotency_key}")
        reference = {"campaign": str(campaign_id), "chain": str(chain), "tenant": str(tenant_id)}
        if known is not None:
            if dict(known[1]) != reference:
                raise IdempotencyConflict("this idempotency key settled another credit")
            return known[0]
        terms = campaign.terms(chain)
        treasury = await self._accounts.service_account(tenant_id, KeyPurpose.TREASURY, chain)
        if treasury.account not in terms.merchants:
            if campaign.tenant_id != tenant_id:
                raise CampaignNotFound("no such campaign", campaign=str(campaign_id))
            raise MerchantNotOfCampaign("the campaign names other merchants", campaign=str(campaign_id))
        relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
        intents = await self._chains.book(chain).settle(terms, treasury.account, relayer=relayer.account)
        if not intents:
            raise NothingToSettle("the book owes nothing that is due", campaign=str(campaign_id), chain=str(chain))
        async with self._database.transaction() as tx:
            payment_id = await self._payments.request(
                tx,
                PaymentOrder(
                    tenant_id=tenant_id,
                    idempotency_key=f"settle:{idempotency_key}",
                    intent=intents[0],
                    act=ACT_SETTLE,
                    signs="service",
                    on_end="settlement.ended",
                    reference=reference,
                ),
            )
        fault_point("settlement.requested")
        return payment_id

    async def _ended(self, ctx: JobContext) -> None:
        named = ctx.job.payload["reference"]
        tenant_id = UUID(named["tenant"])
        async with ctx.transaction() as tx:
            payment = await self._payments.view(tx, tenant_id, UUID(ctx.job.payload["payment_id"]))
            await enqueue(tx, "ledger.scan", named["chain"], {"chain": named["chain"]})
            done = payment.state is PaymentState.DONE
            await publish(
                tx,
                tenant_id,
                "settlement.done" if done else "settlement.failed",
                {"campaign": named["campaign"], "chain": named["chain"]},
            )

    async def _treasuries(self, tenant_id: UUID) -> Sequence[AccountId]:
        return [
            (await self._accounts.service_account(tenant_id, KeyPurpose.TREASURY, chain)).account
            for chain in self._chains.all()
        ]


def _with(line: PayoutLine, leg: Any) -> PayoutLine:
    """The line with one leg of the merchant's accounts added."""
    account, amount = BookAccount(leg.account), leg.base_units
    if account is BookAccount.MERCHANT_SHARE:
        return replace(line, merchant_share=line.merchant_share + amount)
    if account is BookAccount.RECEIVABLE:
        credited = line.credited + amount
        share = amount if leg.kind == "redeemed" else 0
        return replace(line, credited=credited, sponsor_share=line.sponsor_share + share)
    if account is not BookAccount.MERCHANT:
        return line
    match leg.kind:
        case "paid":
            return replace(line, remainders=line.remainders + amount)
        case "redeemed":
            return replace(line, paid=line.paid + amount, sponsor_share=line.sponsor_share + amount)
        case "settled":
            return replace(line, paid=line.paid + amount)
        case _:
            return replace(line, returned=line.returned - amount)
