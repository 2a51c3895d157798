"""Draft a campaign, launch it chain by chain, issue from it; every step can be resumed after a crash."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from chains.ports import Chains
from codec.canonical_json import encode_canonical
from codec.evm.campaign_id import derive_campaign_id
from codec.rule_document import RULE_SCHEMA, encode_rule_document, rules_hash
from people.events import publish
from people.organisations.sql import organisation_by_id
from persistence.database import Database
from persistence.faults import fault_point
from persistence.jobs import enqueue
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    IdempotencyConflict,
    InvalidTerms,
    NotFound,
    UnknownAsset,
)
from primitives.hashing import keccak256
from primitives.signing import KeyPurpose
from primitives.voucher_id import CampaignId
from vouchers.campaigns import sql
from vouchers.campaigns.model import Campaign, CampaignStatus, DraftTerms, Issuance, IssuanceStatus, Lane
from vouchers.documents.sql import store_document
from vouchers.ports import Accounts, Settlement
from vouchers.rules import Eligibility, LaneRules, RuleDocument

LANE_OF_FAMILY = {"eip155": 0, "solana": 1}
MAX_HOLDERS = 1_000
FULL_SPONSORSHIP = 10_000
"""Basis points: the sponsor bears the whole discount."""


class CampaignService:
    """Campaigns of organisations. Who may call what is decided above, by the rule of each route.

    Args:
        settlements: What a currency is paid in, per chain.
    """

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        settlements: Mapping[ChainId, Sequence[Settlement]],
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._settlements = settlements
        self._clock = clock or SystemClock()

    async def draft(self, tenant_id: UUID, terms: DraftTerms, *, created_by: UUID, idempotency_key: str) -> Campaign:
        """Fix the rules for ever and name the campaign after them; nothing happens on chain.

        Raises:
            InvalidTerms: `field` names the place.
            UnknownAsset: The currency has no settlement asset on a chain.
            IdempotencyConflict: The key was used with other terms.
        """
        request = keccak256(repr(_plain_terms(terms)).encode())
        async with self._database.transaction() as tx:
            known = await sql.campaign_by_key(tx, tenant_id, idempotency_key)
            if known is not None:
                return await self._same(tx, known, request)
        rules = await self._rules(tenant_id, terms)
        body = encode_rule_document(rules.to_document())
        digest = rules_hash(body)
        issuers = {lane.chain.family: lane.issuer.raw for lane in rules.lanes}
        salt = secrets.token_bytes(32)
        campaign_id = derive_campaign_id(
            digest, issuers.get("eip155", bytes(20)), issuers.get("solana", bytes(32)), salt
        )
        campaign = Campaign(
            id=campaign_id,
            tenant_id=tenant_id,
            rules_hash=digest,
            salt=salt,
            status=CampaignStatus.DRAFT,
            created_by=created_by,
            created_at=self._clock.now(),
            rules=rules,
            lanes=tuple(_new_lane(campaign_id, lane) for lane in rules.lanes),
        )
        async with self._database.transaction() as tx:
            await sql.hold_campaign_key(tx, tenant_id, idempotency_key)
            known = await sql.campaign_by_key(tx, tenant_id, idempotency_key)
            if known is not None:
                return await self._same(tx, known, request)
            await store_document(tx, RULE_SCHEMA, body)
            await sql.insert_campaign(tx, campaign, idempotency_key=idempotency_key, request_hash=request)
        fault_point("campaign.drafted")
        return campaign

    async def _same(self, tx: Any, known: tuple[CampaignId, bytes], request: bytes) -> Campaign:
        if known[1] != request:
            raise IdempotencyConflict("this idempotency key already drafted a campaign with other terms")
        return await sql.get_campaign(tx, known[0])

    async def _rules(self, tenant_id: UUID, terms: DraftTerms) -> RuleDocument:
        named = terms.eligible.merchants
        # The rules name who accepts the vouchers, so that pricing alone can tell; the chain lists the same merchants.
        eligible = replace(terms.eligible, merchants=frozenset({str(tenant_id)}) if named is None else named)
        await self._check_others((eligible.merchants or frozenset()) - {str(tenant_id)}, terms.sponsor_bp)
        lanes = []
        for chain, cap in terms.caps.items():
            settlement = self._settlement(chain, terms.currency)
            issuer = await self._accounts.service_account(tenant_id, KeyPurpose.ISSUER, chain)
            treasury = await self._accounts.service_account(tenant_id, KeyPurpose.TREASURY, chain)
            merchants = await self._merchants(eligible, chain)
            most = terms.effect.max_off if terms.effect.max_off is not None else terms.effect.amount_off
            if most is None:
                raise InvalidTerms("say how much one voucher takes off at most", field="effect.max_off")
            lanes.append(
                LaneRules(
                    lane=LANE_OF_FAMILY[chain.family],
                    chain=chain,
                    cap=cap,
                    issuer=issuer.account,
                    funder=treasury.account,
                    merchants=merchants,
                    settlement=settlement.asset,
                    # Rounded up, so that the cap never cuts off a fraction that the share rule would pay.
                    max_payout=-(-most * settlement.units_per_minor * terms.sponsor_bp // 10_000),
                    units_per_minor=settlement.units_per_minor,
                )
            )
        lanes.sort(key=lambda lane: lane.lane)
        return RuleDocument(
            title=terms.title,
            kind=terms.kind,
            effect=terms.effect,
            currency=terms.currency,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            zone=terms.zone,
            cap=sum(terms.caps.values()),
            per_holder=terms.per_holder,
            eligible=eligible,
            stacking=terms.stacking,
            sponsor_bp=terms.sponsor_bp,
            transfer=terms.transfer,
            lanes=tuple(lanes),
        )

    async def _check_others(self, merchants: Collection[str], sponsor_bp: int) -> None:
        """Other organisations have not been asked: they must exist, and must lose nothing by a voucher."""
        for text in sorted(merchants):
            async with self._database.transaction() as tx:
                if await organisation_by_id(tx, _organisation(text)) is None:
                    raise InvalidTerms(f"there is no organisation {text}", field="eligible.merchants")
        if merchants and sponsor_bp != FULL_SPONSORSHIP:
            raise InvalidTerms(
                "a campaign that names other merchants pays them the whole discount: they have not agreed to bear any",
                field="sponsor_bp",
            )

    async def _merchants(self, eligible: Eligibility, chain: ChainId) -> tuple[AccountId, ...]:
        accounts = []
        for text in sorted(eligible.merchants or ()):
            treasury = await self._accounts.service_account(_organisation(text), KeyPurpose.TREASURY, chain)
            accounts.append(treasury.account)
        return tuple(accounts)

    def _settlement(self, chain: ChainId, currency: str) -> Settlement:
        for settlement in self._settlements.get(chain, ()):
            if settlement.currency == currency:
                return settlement
        raise UnknownAsset(f"nothing on {chain} settles {currency}", chain=str(chain), currency=currency)

    async def launch(
        self, tenant_id: UUID, campaign_id: CampaignId, chains: Sequence[ChainId] | None = None
    ) -> Campaign:
        """Begin, or go on after a failure, on the given chains (default: all of the campaign's).

        Raises:
            CampaignNotFound, InvalidTerms: Not on such a chain.
        """
        async with self._database.transaction() as tx:
            campaign = await sql.get_campaign(tx, campaign_id, tenant_id)
            wanted = [lane.chain for lane in campaign.lanes] if chains is None else list(chains)
            for chain in wanted:
                campaign.rules.lane_of(chain)
                lane = await sql.lock_lane(tx, campaign_id, chain)
                assert lane is not None
                if lane.status in (CampaignStatus.DRAFT, CampaignStatus.FAILED):
                    await sql.update_lane(tx, lane, status=CampaignStatus.LAUNCHING.value, failure=None)
                    await enqueue(tx, "campaign.advance", _lane_key(campaign_id, chain), lane_reference(lane))
            await sql.refresh_campaign_status(tx, campaign_id)
            return await sql.get_campaign(tx, campaign_id)

    async def issue(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        holders: Sequence[AccountId],
        *,
        created_by: UUID,
        idempotency_key: str,
    ) -> Issuance:
        """Ask for one voucher per named account, all on one chain; the same account may stand there more than once.

        Raises:
            CampaignNotFound
            CampaignNotActive: `status`; `ended` when the window is over.
            CampaignExhausted: `cap` and `issued`; also for `per_holder`.
            InvalidTerms: No holders, too many, or on several chains.
            IdempotencyConflict: The key was used with other holders.
        """
        chain = _one_chain(holders)
        request = keccak256(
            encode_canonical({"campaign": str(campaign_id), "holders": [str(holder) for holder in holders]})
        )
        now = await self._chains.adapter(chain).block_time()
        async with self._database.transaction() as tx:
            campaign = await sql.get_campaign(tx, campaign_id, tenant_id)
            campaign.rules.lane_of(chain)
            # The lane's row decides: key, cap and limit are read under its lock.
            lane = await sql.lock_lane(tx, campaign_id, chain)
            assert lane is not None
            known = await sql.issuance_by_key(tx, tenant_id, idempotency_key)
            if known is not None:
                if known[1] != request:
                    raise IdempotencyConflict("this idempotency key already issued to other holders")
                found = await sql.get_issuance(tx, known[0])
                assert found is not None
                return found
            await self._check_issuable(tx, campaign, lane, holders, now)
            issuance = Issuance(
                id=uuid4(),
                tenant_id=tenant_id,
                campaign_id=campaign_id,
                chain=chain,
                status=IssuanceStatus.REQUESTED,
                holders=tuple(holders),
                numbers=(None,) * len(holders),
                failure=None,
                created_at=self._clock.now(),
            )
            await sql.insert_issuance(
                tx, issuance, idempotency_key=idempotency_key, request_hash=request, created_by=created_by
            )
            await sql.update_lane(tx, lane, reserved=lane.reserved + len(holders))
            await enqueue(tx, "issuance.advance", _lane_key(campaign_id, chain), lane_reference(lane))
            await publish(
                tx, tenant_id, "issuance.requested", {"campaign": str(campaign_id), "issuance": str(issuance.id)}
            )
        fault_point("issuance.requested")
        return issuance

    async def _check_issuable(
        self, tx: Any, campaign: Campaign, lane: Lane, holders: Sequence[AccountId], now: int
    ) -> None:
        if lane.status is not CampaignStatus.ACTIVE:
            raise CampaignNotActive(
                f"the campaign is {lane.status.value} on {lane.chain}: launch it first",
                status=lane.status.value,
                chain=str(lane.chain),
            )
        if now >= campaign.rules.valid_until:
            raise CampaignNotActive(
                "the campaign's window is over", status="ended", valid_until=campaign.rules.valid_until
            )
        if lane.reserved + len(holders) > lane.cap:
            raise CampaignExhausted(
                f"{lane.reserved} of {lane.cap} vouchers are issued on {lane.chain}; {len(holders)} more do not fit",
                cap=lane.cap,
                issued=lane.reserved,
            )
        limit = campaign.rules.per_holder
        if limit is None:
            return
        held = await sql.issued_per_holder(tx, campaign.id, holders)
        for holder in set(holders):
            issued = held.get(str(holder), 0)
            if issued + holders.count(holder) > limit:
                raise CampaignExhausted(
                    f"{holder} has {issued} vouchers of this campaign; the limit is {limit}",
                    cap=limit,
                    issued=issued,
                    holder=str(holder),
                )

    async def get(self, tenant_id: UUID, campaign_id: CampaignId) -> Campaign:
        """Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            return await sql.get_campaign(tx, campaign_id, tenant_id)

    async def campaigns(self, tenant_id: UUID) -> Sequence[Campaign]:
        """Newest first."""
        async with self._database.transaction() as tx:
            return await sql.campaigns_of(tx, tenant_id)

    async def issuance(self, tenant_id: UUID, issuance_id: UUID) -> Issuance:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            found = await sql.get_issuance(tx, issuance_id, tenant_id)
        if found is None:
            raise NotFound("no such issuance")
        return found


def lane_reference(lane: Lane) -> dict[str, str]:
    """What jobs and payments of a lane carry."""
    return {"campaign": str(lane.campaign_id), "chain": str(lane.chain)}


def _lane_key(campaign_id: CampaignId, chain: ChainId) -> str:
    return f"{campaign_id}:{chain}"


def _organisation(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise InvalidTerms(f"{text!r} is not an organisation's id", field="eligible.merchants") from error


def _new_lane(campaign_id: CampaignId, lane: LaneRules) -> Lane:
    return Lane(
        campaign_id=campaign_id,
        chain=lane.chain,
        lane=lane.lane,
        cap=lane.cap,
        status=CampaignStatus.DRAFT,
        step=0,
        payment_id=None,
        next_number=1,
        reserved=0,
        issue_payment_id=None,
        failure=None,
    )


def _one_chain(holders: Sequence[AccountId]) -> ChainId:
    if not 0 < len(holders) <= MAX_HOLDERS:
        raise InvalidTerms(f"name 1 to {MAX_HOLDERS} holders", field="holders", count=len(holders))
    if len({holder.chain for holder in holders}) > 1:
        raise InvalidTerms("all holders of one issuance must be on one chain", field="holders")
    return holders[0].chain


def _plain_terms(terms: DraftTerms) -> list[Any]:
    eligible = terms.eligible
    lists = (eligible.merchants, eligible.stores, eligible.categories, eligible.skus, eligible.excluded_skus)
    return [
        terms.title,
        terms.kind.value,
        terms.effect,
        terms.currency,
        terms.valid_from,
        terms.valid_until,
        terms.zone,
        sorted((str(chain), cap) for chain, cap in terms.caps.items()),
        terms.per_holder,
        [None if values is None else sorted(values) for values in lists],
        (terms.stacking.group, sorted(terms.stacking.consents), terms.stacking.priority),
        terms.sponsor_bp,
        terms.transfer.value,
    ]
