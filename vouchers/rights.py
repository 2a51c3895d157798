"""Vouchers and points as a wallet lists them beside coins: `wallets.portfolio.ports.Rights` by shape."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

from chains.events import ValueCredited, ValueSpent
from chains.ports import Chains
from codec.solana.campaign_mint import campaign_mint_address
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.currency import Money
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.ledger import sql
from vouchers.ledger.model import LedgerEntry, Voucher
from vouchers.pauses.model import NO_PAUSES, window_of
from vouchers.pauses.sql import pauses_of
from vouchers.points.service import PointsService
from vouchers.ports import Accounts
from vouchers.rules import VoucherKind
from wallets.portfolio.model import MOST_MINOR, HoldingKind, Right


class HeldRights:
    """What shops owe a person: live vouchers by campaign and account, and points by programme.

    Args:
        books: Addresses (20 bytes) of the voucher books of each EVM chain.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        points: PointsService,
        books: Mapping[ChainId, Sequence[bytes]],
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._points = points
        self._books = books
        self._clock = clock or SystemClock()

    async def held_by(self, tenant_id: UUID) -> Sequence[Right]:
        """Vouchers by expiry, then points."""
        accounts = await self._accounts.accounts_of(tenant_id)
        async with self._database.transaction() as tx:
            held = await sql.vouchers_held(tx, accounts, live_only=True)
            campaigns = await campaigns_by_id(tx, list({one.id.campaign for one in held}))
            stored = [
                one.id
                for one in held
                if one.id.campaign in campaigns and campaigns[one.id.campaign].rules.kind is VoucherKind.STORED_VALUE
            ]
            facts = await sql.standing_facts_of(tx, stored)
            pauses = await pauses_of(tx, list(campaigns.values()))
        now = int(self._clock.now().timestamp())
        groups: dict[tuple[CampaignId, AccountId], list[Voucher]] = {}
        for one in held:
            if one.id.campaign in campaigns:
                groups.setdefault((one.id.campaign, one.holder), []).append(one)
        vouchers = [
            Right(
                kind=HoldingKind.VOUCHER,
                reference=str(campaign),
                title=campaigns[campaign].rules.title,
                account=account,
                count=len(group),
                in_shop=_worth(campaigns[campaign], group, facts),
                expires_at=_moment(
                    window_of(
                        campaigns[campaign].rules, pauses.get((campaign, account.chain), NO_PAUSES), now
                    ).valid_until
                ),
            )
            for (campaign, account), group in groups.items()
        ]
        vouchers.sort(key=lambda right: (right.expires_at, right.reference, str(right.account)))
        return [*vouchers, *await self._points_of(tenant_id)]

    async def _points_of(self, tenant_id: UUID) -> Sequence[Right]:
        rights = []
        for held in await self._points.held_by(tenant_id):
            rules = held.programme.rules
            rate = rules.effect.redeem_rate
            minor = 0 if rate is None else min(held.available * rate.minor // rate.points, MOST_MINOR)
            worth = None if rate is None else Money(minor, rules.currency)
            lots = [lot.expires_at for lot in held.lots if lot.left]
            rights.append(
                Right(
                    kind=HoldingKind.POINTS,
                    reference=str(held.programme.id),
                    title=rules.title,
                    account=None,
                    count=held.available,
                    in_shop=worth,
                    expires_at=_moment(min(lots)) if lots else None,
                )
            )
        return rights

    async def stand_for_vouchers(self, tenant_id: UUID, assets: Collection[AssetId]) -> frozenset[AssetId]:
        """Tokens of a voucher book, and the mints of campaigns whose vouchers the person has or had."""
        mints: set[tuple[ChainId, str]] = set()
        if any(asset.chain.family == "solana" for asset in assets):
            accounts = await self._accounts.accounts_of(tenant_id)
            async with self._database.transaction() as tx:
                held = await sql.vouchers_held(tx, accounts)
                campaigns = await campaigns_by_id(tx, list({one.id.campaign for one in held}))
            for campaign in campaigns.values():
                for lane in campaign.lanes:
                    if lane.chain.family == "solana":
                        issuer = campaign.terms(lane.chain).solana_issuer
                        mints.add((lane.chain, encode_base58(campaign_mint_address(issuer, campaign.id))))
        books = {
            (chain, AccountId.from_raw(chain, raw).address) for chain, found in self._books.items() for raw in found
        }
        return frozenset(
            asset
            for asset in assets
            if (asset.namespace == "erc1155" and (asset.chain, asset.reference) in books)
            or (asset.namespace == "token" and (asset.chain, asset.reference) in mints)
        )


def _worth(
    campaign: Campaign, group: Sequence[Voucher], facts: Mapping[VoucherId, Sequence[LedgerEntry]]
) -> Money | None:
    """What they take off at most together; None for gifts, whose price is the shop's."""
    rules = campaign.rules
    if rules.kind is VoucherKind.GIFT:
        return None
    if rules.kind is VoucherKind.STORED_VALUE:
        left = sum(remaining_minor(rules.effect.balance or 0, facts.get(one.id, ())) for one in group)
        return Money(min(left, MOST_MINOR), rules.currency)
    return Money(min(rules.effect.most * len(group), MOST_MINOR), rules.currency)


def remaining_minor(balance: int, facts: Sequence[LedgerEntry]) -> int:
    """What a stored-value voucher still holds after the facts that stand, in minor units."""
    left = balance
    for entry in sorted(facts, key=lambda one: one.position):
        match entry.event.fact:
            case ValueSpent(amount_minor=amount):
                left -= amount
            case ValueCredited(remaining=remaining):
                left = remaining
    return max(0, left)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
