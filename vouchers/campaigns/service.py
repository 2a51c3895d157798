"""Draft a campaign, launch it chain by chain, issue from it; every step can be resumed after a crash."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any
from uuid import UUID, uuid4

from chains.ports import Chains
from codec.canonical_json import encode_canonical
from codec.evm.campaign_id import derive_campaign_id
from codec.rule_document import RULE_SCHEMA, encode_rule_document, rules_hash
from people.events import publish
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
)
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.campaigns import sql
from vouchers.campaigns.drafting import Drafting, partners_in
from vouchers.campaigns.model import Campaign, CampaignStatus, DraftTerms, Issuance, IssuanceStatus, Lane
from vouchers.campaigns.partners.service import require_every_word
from vouchers.campaigns.partners.sql import insert_partners, partners_of
from vouchers.documents.sql import store_document
from vouchers.pauses.sql import window_on
from vouchers.points.acts import open_programme
from vouchers.ports import Accounts, Settlement
from vouchers.rules import LaneRules, RuleDocument, impossible

MAX_HOLDERS = 10_000


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
        self._clock = clock or SystemClock()
        self._drafting = Drafting(database, accounts, settlements)

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
        rules = await self._checked(tenant_id, terms)
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
            lanes=tuple(_new_lane(campaign_id, tenant_id, lane) for lane in rules.lanes),
        )
        async with self._database.transaction() as tx:
            await sql.hold_campaign_key(tx, tenant_id, idempotency_key)
            known = await sql.campaign_by_key(tx, tenant_id, idempotency_key)
            if known is not None:
                return await self._same(tx, known, request)
            await store_document(tx, RULE_SCHEMA, body)
            await sql.insert_campaign(tx, campaign, idempotency_key=idempotency_key, request_hash=request)
            shares = partners_in(rules, tenant_id)
            await insert_partners(tx, campaign_id, shares)
            for organisation, share in shares.items():
                await publish(tx, organisation, "campaign.invited", {"campaign": str(campaign_id), "share_bp": share})
        fault_point("campaign.drafted")
        return campaign

    async def preview(self, tenant_id: UUID, terms: DraftTerms) -> RuleDocument:
        """The rules as `draft` would fix them; nothing is stored. Raises as `draft`."""
        return await self._checked(tenant_id, terms)

    async def _checked(self, tenant_id: UUID, terms: DraftTerms) -> RuleDocument:
        rules = await self._drafting.rules(tenant_id, terms)
        if rules.valid_until <= int(self._clock.now().timestamp()):
            raise impossible("the window is over already", "window.valid_until")
        if rules.claim_until is not None and rules.claim_until <= int(self._clock.now().timestamp()):
            raise impossible("the time for claiming is over already", "window.claim_until")
        return rules

    async def _same(self, tx: Any, known: tuple[CampaignId, bytes], request: bytes) -> Campaign:
        if known[1] != request:
            raise IdempotencyConflict("this idempotency key already drafted a campaign with other terms")
        return await sql.get_campaign(tx, known[0])

    async def launch(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        chains: Sequence[ChainId] | None = None,
        *,
        launched_by: UUID | None = None,
    ) -> Campaign:
        """Begin, or go on after a failure, on the given chains (default: all of the campaign's).

        Args:
            launched_by: The member, who then approves none of its payments.

        Raises:
            CampaignNotFound, InvalidTerms: Not on such a chain.
            CampaignNotActive: An organisation that it names has not accepted, or has refused.
        """
        async with self._database.transaction() as tx:
            campaign = await sql.get_campaign(tx, campaign_id, tenant_id)
            require_every_word(await partners_of(tx, campaign_id))
            wanted = [lane.chain for lane in campaign.lanes] if chains is None else list(chains)
            for chain in wanted:
                campaign.rules.lane_of(chain)
                lane = await sql.lock_lane(tx, campaign_id, chain)
                assert lane is not None
                if lane.status in (CampaignStatus.DRAFT, CampaignStatus.FAILED):
                    launching = CampaignStatus.LAUNCHING.value
                    await sql.update_lane(tx, lane, status=launching, failure=None, launched_by=launched_by)
                    await enqueue(tx, "campaign.advance", _lane_key(campaign_id, chain), lane_reference(lane))
            if campaign.lanes:
                await sql.refresh_campaign_status(tx, campaign_id)
            else:
                await sql.activate(tx, campaign_id)  # points: a ledger of the shop, on no chain
                await open_programme(
                    tx, campaign_id, tenant_id, campaign.rules, campaign.rules_hash, campaign.salt, campaign.created_by
                )
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
        ends = (await window_on(tx, campaign, lane.chain, now)).valid_until
        if now >= ends:
            raise CampaignNotActive("the campaign's window is over", status="ended", valid_until=ends)
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

    async def waiting(self, campaign_id: CampaignId) -> int:
        """Vouchers asked for and not yet issued."""
        async with self._database.transaction() as tx:
            return await sql.waiting_count(tx, campaign_id)

    async def issued_by_key(self, tenant_id: UUID, campaign_id: CampaignId, idempotency_key: str) -> Issuance | None:
        """What this key has issued of the campaign before. Raises IdempotencyConflict for another campaign's."""
        async with self._database.transaction() as tx:
            known = await sql.issuance_by_key(tx, tenant_id, idempotency_key)
            found = None if known is None else await sql.get_issuance(tx, known[0])
        if found is not None and found.campaign_id != campaign_id:
            raise IdempotencyConflict("this idempotency key already issued of another campaign")
        return found

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


def _new_lane(campaign_id: CampaignId, tenant_id: UUID, lane: LaneRules) -> Lane:
    return Lane(
        campaign_id=campaign_id,
        chain=lane.chain,
        tenant_id=tenant_id,
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
    """The terms in an order of their own: sets and mappings print in any."""
    return [_plain(getattr(terms, field.name)) for field in fields(terms)]


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, Mapping):
        return sorted((str(key), item) for key, item in value.items())
    if is_dataclass(value) and not isinstance(value, type):
        return [_plain(getattr(value, field.name)) for field in fields(value)]
    return value
