"""Claim vouchers by link, by ticket and from drops. What a claim may have is decided by one conditional update before
anything is signed; from then on the row says what must happen, whatever crashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from chains.ports import Chains
from codec.canonical_json import encode_canonical
from people.identity.model import IdentityLevel
from people.identity.service import require_level
from people.organisations.sql import organisation_by_id
from people.sessions.sql import count_attempt
from persistence.database import Database, Transaction, lock_for_transaction
from persistence.faults import fault_point
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    ClaimCodeInvalid,
    IdempotencyConflict,
    InvalidTerms,
    NotFound,
    TooManyAttempts,
)
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import Campaign, CampaignStatus
from vouchers.campaigns.sql import get_campaign, issued_per_holder, no_campaign
from vouchers.claims import sql
from vouchers.claims.guessing import Guessing
from vouchers.claims.limits import CLAIM_WINDOW, CLAIMS_PER_PERSON
from vouchers.claims.model import Claim, ClaimCode, ClaimLink, ClaimSource, ClaimStatus, LinkPurpose
from vouchers.issuance.requests import request_issuance
from vouchers.pauses.sql import window_on, windows_of
from vouchers.rules import ClaimWay

SETTLED = "claim.settled"
"""Job kind: the issuance of a claim has come to its end."""
MAX_LINKS = 1_000
_REFUSAL = "this code is not valid: it may be wrong, used up or closed"


@dataclass(frozen=True, slots=True)
class LinkTerms:
    """What an organisation says of new links: `count` of them, each as in `ClaimLink`."""

    count: int
    uses: int | None
    per_identity: int | None
    closes_at: datetime | None
    note: str | None
    level: IdentityLevel = IdentityLevel.WALLET


@dataclass(frozen=True, slots=True)
class PublicView:
    """What anybody with a code, or a campaign's id, sees.

    Attributes:
        remaining: Vouchers that can still be claimed, by this link where there is one.
        closes_at: Unix seconds: nothing can be claimed from then on.
        open: Whether a claim would be taken now.
    """

    campaign: Campaign
    organisation: str
    link: ClaimLink | None
    remaining: int
    closes_at: int
    open: bool


class Claims:
    """Links and claims."""

    def __init__(self, database: Database, chains: Chains, *, clock: Clock | None = None) -> None:
        self._database = database
        self._chains = chains
        self._clock = clock or SystemClock()
        self._guessing = Guessing(database, self._clock)

    # -------------------------------------------------------------------------------------------------------- links

    async def create_links(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        terms: LinkTerms,
        *,
        created_by: UUID,
        idempotency_key: str,
    ) -> Sequence[tuple[ClaimLink, ClaimCode | None]]:
        """Make links. Their codes are told now and never again: the same key answers the links without them.

        Raises:
            CampaignNotFound, InvalidTerms, IdempotencyConflict
        """
        if not 1 <= terms.count <= MAX_LINKS:
            raise InvalidTerms(f"make 1 to {MAX_LINKS} links at a time", field="count")
        request = keccak256(
            encode_canonical(
                {
                    "campaign": str(campaign_id),
                    "count": terms.count,
                    "uses": None if terms.uses is None else str(terms.uses),
                    "per_identity": terms.per_identity,
                    "closes_at": None if terms.closes_at is None else terms.closes_at.isoformat(),
                    "note": terms.note,
                    # Left out as before there were levels, so that old keys stay good.
                    **({"level": terms.level.word} if terms.level else {}),
                }
            )
        )
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id, tenant_id)
            await lock_for_transaction(tx, "claim.links", tenant_id, idempotency_key)
            known = await sql.links_by_key(tx, tenant_id, idempotency_key)
            if known:
                if known[0][1] != request:
                    raise IdempotencyConflict("this idempotency key already made other links")
                return [(link, None) for link, _ in known]
            require_way(campaign, ClaimWay.LINK, ClaimWay.TICKET)
            made = [self._fresh(campaign, terms) for _ in range(terms.count)]
            made.sort(key=lambda pair: (pair[0].created_at, pair[0].id))
            await sql.insert_links(
                tx,
                [(link, code.locator, code.digest) for link, code in made],
                created_by=created_by,
                idempotency_key=idempotency_key,
                request_hash=request,
            )
        return made

    def _fresh(self, campaign: Campaign, terms: LinkTerms) -> tuple[ClaimLink, ClaimCode]:
        link = ClaimLink(
            id=uuid4(),
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            purpose=LinkPurpose.CLAIM,
            uses=terms.uses,
            used=0,
            per_identity=terms.per_identity,
            closes_at=terms.closes_at,
            revoked_at=None,
            trigger_id=None,
            person_id=None,
            note=terms.note,
            created_at=self._clock.now(),
            level=terms.level,
        )
        return link, ClaimCode.fresh()

    async def links(
        self, tenant_id: UUID, campaign_id: CampaignId, *, before: tuple[datetime, UUID] | None, limit: int
    ) -> Sequence[ClaimLink]:
        """Newest first. Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            return await sql.links_of(tx, campaign_id, before=before, limit=limit)

    async def revoke(self, tenant_id: UUID, campaign_id: CampaignId, link_id: UUID) -> None:
        """Close a link; closing it again changes nothing. Raises CampaignNotFound, NotFound."""
        async with self._database.transaction() as tx:
            await get_campaign(tx, campaign_id, tenant_id)
            if not await sql.revoke_link(tx, campaign_id, link_id, self._clock.now()):
                raise NotFound("no such link")

    # -------------------------------------------------------------------------------------------------------- codes

    async def open_code(self, text: str, address: str) -> ClaimLink:
        """The open link of a code. Every wrong, unknown, used up or closed one gets the same answer, and costs time.

        Raises:
            ClaimCodeInvalid, TooManyAttempts
        """
        code = ClaimCode.read(text)
        async with self._database.statements() as tx:
            found = None if code is None else await sql.link_at(tx, code.locator)
        # Whether a row was found is told by no answer, and by no comparison that was left out.
        link, digest = found if found is not None else (None, bytes(32))
        await self._guessing.require_patience(address, None if link is None else link.campaign_id)
        right = (code or ClaimCode.fresh()).opens(digest)
        if link is None or not right or not _is_open(link, self._clock.now()):
            await self._guessing.was_wrong(address, None if link is None else link.campaign_id)
            raise ClaimCodeInvalid(_REFUSAL)
        return link

    async def purpose(
        self, person_id: UUID, text: str, account: AccountId, address: str, idempotency_key: str
    ) -> LinkPurpose:
        """What a code is for; of a key that has claimed with it before, what it was for. Raises as `open_code`."""
        async with self._database.statements() as tx:
            known = await sql.claim_by_key(tx, person_id, idempotency_key)
        if known is not None:
            referral = request_hash("referral", text.upper(), account)
            return LinkPurpose.REFERRAL if known[1] == referral else LinkPurpose.CLAIM
        return (await self.open_code(text, address)).purpose

    async def look(self, code_or_campaign: str, address: str) -> PublicView:
        """What a claim page shows, live: by code, or by the id of a campaign (48 hex digits), which the chain tells
        everybody.

        Raises:
            ClaimCodeInvalid, TooManyAttempts, CampaignNotFound
        """
        link = None
        if len(code_or_campaign) == 48:
            campaign_id = CampaignId.parse(code_or_campaign)
        else:
            link = await self.open_code(code_or_campaign, address)
            campaign_id = link.campaign_id
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, campaign_id)
            if link is None and all(lane.step == 0 for lane in campaign.lanes):
                raise no_campaign(campaign_id)
            organisation = await organisation_by_id(tx, campaign.tenant_id)
            windows = await windows_of(tx, campaign, int(self._clock.now().timestamp()))
        closes_at = max((one.claimable_until for one in windows.values()), default=campaign.rules.claimable_until)
        remaining = sum(lane.cap - lane.reserved for lane in campaign.lanes if lane.status is CampaignStatus.ACTIVE)
        if link is not None:
            if link.uses is not None:
                remaining = min(remaining, link.uses - link.used)
            if link.closes_at is not None:
                closes_at = min(closes_at, int(link.closes_at.timestamp()))
        return PublicView(
            campaign,
            "" if organisation is None else organisation.name,
            link,
            remaining,
            closes_at,
            remaining > 0 and self._clock.now().timestamp() < closes_at,
        )

    # ------------------------------------------------------------------------------------------------------- claims

    async def claim(
        self,
        person_id: UUID,
        code: str,
        account: AccountId,
        *,
        device: str | None,
        address: str,
        idempotency_key: str,
    ) -> Claim:
        """Get one voucher to an account by a link, at no cost to the holder.

        Raises:
            ClaimCodeInvalid, TooManyAttempts
            IdentityLevelTooLow: The link is for people who are known better.
            CampaignExhausted: The cap, or the holder's limit, is reached.
            CampaignNotActive, InvalidTerms (not on this chain), NodeUnavailable
            IdempotencyConflict: The key was used with another claim.
        """
        request = request_hash("link", code.upper(), account)
        known = await self.known(person_id, idempotency_key, request)
        if known is not None:
            return known
        await self.require_pace(person_id)
        link = await self.open_code(code, address)
        if link.purpose is not LinkPurpose.CLAIM:
            raise ClaimCodeInvalid(_REFUSAL)
        now = await self._chains.adapter(account.chain).block_time()
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, link.campaign_id)
            campaign.rules.lane_of(account.chain)
            require_way(campaign, ClaimWay.LINK)
            await require_claiming(tx, campaign, account.chain, now)
            claim, fresh = await self.enter(
                tx, campaign, link, person_id, account, device, idempotency_key, request, ClaimSource.LINK
            )
        if fresh:
            fault_point("claim.stored")
        return claim

    async def enter(
        self,
        tx: Transaction,
        campaign: Campaign,
        link: ClaimLink | None,
        person_id: UUID,
        account: AccountId,
        device: str | None,
        idempotency_key: str,
        request: bytes,
        source: ClaimSource,
    ) -> tuple[Claim, bool]:
        """Check the limits, take a use of the link and room below the cap, and ask for the voucher: one commit.

        Returns the claim and whether it is new. Raises as `claim`.
        """
        hashed = device_hash(device)
        await hold_identity(tx, campaign.id, person_id, account, hashed)
        known = await sql.claim_by_key(tx, person_id, idempotency_key)
        if known is not None:
            return _same(known, request), False
        await require_within_limits(tx, campaign, link, person_id, account, hashed)
        if link is not None and not await sql.take_use(tx, link.id, self._clock.now()):
            raise ClaimCodeInvalid(_REFUSAL)
        claim_id = uuid4()
        issuance = await request_issuance(
            tx,
            campaign,
            [account],
            origin=SETTLED,
            idempotency_key=f"claim:{claim_id}",
            created_by=person_id,
            now=self._clock.now(),
        )
        claim = Claim(
            id=claim_id,
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            chain=account.chain,
            source=source,
            link_id=None if link is None else link.id,
            person_id=person_id,
            account=account,
            status=ClaimStatus.REQUESTED,
            issuance_id=issuance,
            payment_id=None,
            attempt=0,
            voucher=None,
            valid_before=None,
            signature=None,
            failure=None,
            created_at=self._clock.now(),
        )
        if not await sql.insert_claim(tx, claim, device=hashed, idempotency_key=idempotency_key, request_hash=request):
            raise IdempotencyConflict("this idempotency key is claiming right now")
        return claim, True

    async def known(self, person_id: UUID, idempotency_key: str, request: bytes) -> Claim | None:
        """What this key has claimed before. Raises IdempotencyConflict."""
        async with self._database.statements() as tx:
            found = await sql.claim_by_key(tx, person_id, idempotency_key)
        return None if found is None else _same(found, request)

    async def require_pace(self, person_id: UUID) -> None:
        """Raises TooManyAttempts when somebody claims faster than a person does."""
        now = self._clock.now()
        async with self._database.transaction() as tx:
            count, ends_at = await count_attempt(tx, "claim.person", person_id.bytes, now, CLAIM_WINDOW)
        if count > CLAIMS_PER_PERSON:
            seconds = max(1, int((ends_at - now).total_seconds()) + 1)
            raise TooManyAttempts(f"too many claims at once: wait {seconds} s", retry_after_seconds=seconds)

    async def get(self, person_id: UUID, claim_id: UUID) -> Claim:
        """The caller's own. Raises NotFound."""
        async with self._database.transaction() as tx:
            claim = await sql.get_claim(tx, claim_id)
        if claim is None or claim.person_id != person_id:
            raise NotFound("no such claim")
        return claim

    async def claims(self, person_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[Claim]:
        """The caller's own, newest first."""
        async with self._database.transaction() as tx:
            return await sql.claims_of(tx, person_id, before=before, limit=limit)

    async def funnel(self, campaign_id: CampaignId) -> Mapping[str, int]:
        """Claims by status."""
        async with self._database.transaction() as tx:
            return await sql.funnel(tx, campaign_id)


def _is_open(link: ClaimLink, now: datetime) -> bool:
    return (
        link.revoked_at is None
        and (link.uses is None or link.used < link.uses)
        and (link.closes_at is None or now < link.closes_at)
    )


def _same(known: tuple[Claim, bytes], request: bytes) -> Claim:
    if known[1] != request:
        raise IdempotencyConflict("this idempotency key already claimed something else")
    return known[0]


def request_hash(what: str, named: str, account: AccountId) -> bytes:
    return keccak256(f"{what}\0{named}\0{account}".encode())


def device_hash(device: str | None) -> bytes | None:
    return None if not device else hashlib.sha256(device.encode()).digest()


def require_way(campaign: Campaign, *ways: ClaimWay) -> None:
    """Raises InvalidTerms when the rules give vouchers out in none of these ways."""
    if not campaign.rules.claim.ways & set(ways):
        raise InvalidTerms(f"the rules do not give vouchers out by {ways[0].value}", field="claim.ways")


async def require_claiming(tx: Transaction, campaign: Campaign, chain: ChainId, now: int) -> int:
    """The first second in which nothing can be claimed there, which pauses move on. `now`: block time.

    Raises:
        CampaignNotActive: The time for claiming is over.
    """
    ends = (await window_on(tx, campaign, chain, now)).claimable_until
    if now >= ends:
        raise CampaignNotActive("the time for claiming is over", status="ended", claim_until=ends)
    return ends


async def hold_identity(
    tx: Transaction, campaign_id: CampaignId, person_id: UUID, account: AccountId, device: bytes | None
) -> None:
    """One claim of an identity at a time, until the transaction ends; in one order, so that none wait in a ring."""
    names = [f"person:{person_id}", f"account:{account}"]
    if device is not None:
        names.append(f"device:{device.hex()}")
    for name in sorted(names):
        await lock_for_transaction(tx, "claim", campaign_id, name)


async def require_within_limits(
    tx: Transaction,
    campaign: Campaign,
    link: ClaimLink | None,
    person_id: UUID,
    account: AccountId,
    device: bytes | None,
) -> None:
    """Raises IdentityLevelTooLow for the link's level, CampaignExhausted for a limit of account, identity or link."""
    if link is not None and link.level:
        await require_level(tx, person_id, link.level)
    limit = campaign.rules.per_holder
    if limit is not None:
        issued = (await issued_per_holder(tx, campaign.id, [account])).get(str(account), 0)
        issued += await sql.promised_to(tx, campaign.id, account)
        if issued >= limit:
            raise CampaignExhausted(
                f"{account} has {issued} vouchers of this campaign; the limit is {limit}",
                cap=limit,
                issued=issued,
                holder=str(account),
            )
    bounds: list[tuple[int | None, UUID | None]] = [(campaign.rules.claim.per_identity, None)]
    if link is not None:
        bounds.append((link.per_identity, link.id))
    for most, link_id in bounds:
        if most is None:
            continue
        claimed = await sql.claimed_by_identity(
            tx, campaign.id, person_id=person_id, account=account, device=device, link_id=link_id
        )
        if claimed >= most:
            raise CampaignExhausted(
                f"you have claimed {claimed} vouchers of this campaign; the limit is {most}",
                cap=most,
                issued=claimed,
                limit="identity",
            )
