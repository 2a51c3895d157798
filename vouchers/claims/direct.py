"""Claims that name their voucher beforehand: leaves of drops, and signed tickets. One transaction each, which the
relayer pays for (on Solana the issuer), within the gas budgets of campaign and holder."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from chains.campaign import ClaimTicket
from chains.intent import ContractCall, Intent
from chains.ports import Chains
from codec.evm.claim_ticket import FIRST_TICKET
from keystore import PLATFORM_TENANT
from persistence.database import Database, Transaction, lock_for_transaction
from persistence.faults import fault_point
from persistence.jobs import enqueue
from primitives.account_id import AccountId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    CampaignNotActive,
    ClaimCodeInvalid,
    FeatureUnavailable,
    IdempotencyConflict,
    VoucherNotFound,
)
from primitives.signing import Curve, KeyPurpose, Signature, Signer, SigningRequest, SigningScheme
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from vouchers.campaigns.model import Campaign, CampaignStatus
from vouchers.campaigns.progress import gas_budgets
from vouchers.campaigns.sql import get_campaign
from vouchers.claims import sql
from vouchers.claims.model import Claim, ClaimSource, ClaimStatus, Ticket
from vouchers.claims.service import (
    Claims,
    device_hash,
    hold_identity,
    request_hash,
    require_claiming,
    require_way,
    require_within_limits,
)
from vouchers.issuance.drops.service import Drops, LeafProof
from vouchers.issuance.requests import why_no_room
from vouchers.issuance.sql import take_room
from vouchers.ports import Accounts, PaymentOrder, Payments
from vouchers.rules import ClaimWay

PAYMENT_ENDED = "claim.payment_ended"
TICKET_DUE = "claim.ticket_due"
TICKET_SECONDS = 7 * 86_400
"""How long a ticket counts, in block time; then its voucher goes back to the campaign."""
_MARGIN = timedelta(minutes=5)


class DirectClaims:
    """Args: `signer` signs for the organisations' service keys."""

    def __init__(
        self,
        database: Database,
        chains: Chains,
        accounts: Accounts,
        payments: Payments,
        signer: Signer,
        claims: Claims,
        drops: Drops,
        *,
        clock: Clock | None = None,
    ) -> None:
        self._database = database
        self._chains = chains
        self._accounts = accounts
        self._payments = payments
        self._signer = signer
        self._claims = claims
        self._drops = drops
        self._clock = clock or SystemClock()

    @property
    def payments(self) -> Payments:
        """Where its transactions are."""
        return self._payments

    # -------------------------------------------------------------------------------------------------------- drops

    async def claim_leaf(
        self,
        person_id: UUID,
        campaign_id: CampaignId,
        number: int,
        account: AccountId,
        *,
        index: int | None,
        idempotency_key: str,
    ) -> Claim:
        """Make the voucher of a leaf for the account that the list names. Anybody may ask: it goes to nobody else.

        Args:
            index: Which of several leaves; None: the first that nobody has claimed.

        Raises:
            NotFound: No such drop. VoucherNotFound: The account is not on its list.
            CampaignNotActive: Not committed yet, paused, or the time for claiming is over.
            TooManyAttempts, IdempotencyConflict, NodeUnavailable
        """
        chain = account.chain
        request = request_hash("drop", f"{campaign_id}:{number}:{index}", account)
        known = await self._claims.known(person_id, idempotency_key, request)
        if known is not None:
            return known
        await self._claims.require_pace(person_id)
        leaves = await self._drops.proofs_of_holder(campaign_id, chain, number, account)
        now = await self._chains.adapter(chain).block_time()
        async with self._database.statements() as tx:
            campaign = await get_campaign(tx, campaign_id)
            await require_claiming(tx, campaign, chain, now)
            claimed = {leaf.voucher: await sql.claim_of_voucher(tx, chain, leaf.voucher) for leaf in leaves}
        lane = campaign.lane_of(chain)
        if lane is None or lane.status is not CampaignStatus.ACTIVE:
            status = CampaignStatus.DRAFT if lane is None else lane.status
            raise CampaignNotActive(f"the campaign is {status.value} on {chain}", status=status.value)
        wanted = [leaf for leaf in leaves if index is None or leaf.claim.index == index]
        if not wanted:
            raise VoucherNotFound(f"leaf {index} is not the account's", index=index)
        leaf = next((one for one in wanted if (before := claimed[one.voucher]) is None or _over(before)), wanted[0])
        intent = await self._leaf_intent(campaign, leaf)
        async with self._database.transaction() as tx:
            known_now = await sql.claim_by_key(tx, person_id, idempotency_key)
            if known_now is not None:
                return known_now[0]
            # One after the other for one leaf: the later one finds what the first has asked for.
            await lock_for_transaction(tx, "claim.leaf", chain, leaf.voucher)
            before = await sql.claim_of_voucher(tx, chain, leaf.voucher)
            if before is not None:
                claim = await sql.get_claim(tx, before.id, lock=True)
                assert claim is not None
                if not _over(claim):
                    return claim  # somebody asked before; the holder is the same
                # A failed one is tried again; its payments never landed.
                await sql.update_claim(
                    tx, claim.id, attempt=claim.attempt + 1, status=ClaimStatus.REQUESTED.value, failure=None
                )
            else:
                claim = self._fresh(campaign, person_id, account, ClaimSource.DROP, leaf.voucher, None, None)
                if not await sql.insert_claim(
                    tx, claim, device=None, idempotency_key=idempotency_key, request_hash=request
                ):
                    raise IdempotencyConflict("this idempotency key is claiming right now")
            await self._pay(tx, campaign, claim.id, await sql.get_claim(tx, claim.id) or claim, intent)
            stored = await sql.get_claim(tx, claim.id)
            assert stored is not None
        fault_point("claim.stored")
        return stored

    async def _leaf_intent(self, campaign: Campaign, leaf: LeafProof) -> Intent:
        chain = leaf.claim.holder.chain
        relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
        terms = campaign.terms(chain)
        return await self._chains.book(chain).claim(terms, leaf.claim, submitter=relayer.account)

    async def _pay(self, tx: Transaction, campaign: Campaign, claim_id: UUID, claim: Claim, intent: Intent) -> None:
        payment = await self._payments.request(
            tx,
            PaymentOrder(
                tenant_id=campaign.tenant_id,
                idempotency_key=f"claim:{claim_id}:{claim.attempt}",
                intent=intent,
                act="campaign.claim",
                signs="service",
                on_end=PAYMENT_ENDED,
                reference={"claim": str(claim_id)},
                budgets=gas_budgets(campaign.id, {claim.account}),
            ),
        )
        await sql.update_claim(tx, claim_id, payment_id=payment)

    # ------------------------------------------------------------------------------------------------------ tickets

    async def ticket(
        self,
        person_id: UUID,
        code: str,
        account: AccountId,
        *,
        device: str | None,
        address: str,
        relayed: bool,
        idempotency_key: str,
    ) -> Claim:
        """A signed ticket for one account by a link: bound to it, and to campaign, chain, contract and serial. The
        holder sends it in any transaction of their own, or `relayed` the relayer does at no cost to them.

        Raises:
            ClaimCodeInvalid, TooManyAttempts, CampaignExhausted, CampaignNotActive, IdempotencyConflict
            FeatureUnavailable: Not an EVM chain.
            InvalidTerms: The rules do not give vouchers out by ticket.
            NodeUnavailable
        """
        request = request_hash("ticket" + ":relayed" * relayed, code.upper(), account)
        known = await self._claims.known(person_id, idempotency_key, request)
        if known is None:
            known = await self._reserve(person_id, code, account, device, address, idempotency_key, request)
            fault_point("claim.stored")
        async with self._database.statements() as tx:
            campaign = await get_campaign(tx, known.campaign_id)
        ticket = known.ticket or await self._signed(campaign, known)
        if relayed and known.payment_id is None and known.status is ClaimStatus.REQUESTED:
            await self._relay(campaign, known, ticket)
        return await self._claims.get(person_id, known.id)

    async def _reserve(
        self,
        person_id: UUID,
        code: str,
        account: AccountId,
        device: str | None,
        address: str,
        idempotency_key: str,
        request: bytes,
    ) -> Claim:
        chain = account.chain
        if chain.family != "eip155":
            raise FeatureUnavailable("claim tickets exist on EVM chains only", feature="tickets")
        await self._claims.require_pace(person_id)
        link = await self._claims.open_code(code, address)
        now = await self._chains.adapter(chain).block_time()
        hashed = device_hash(device)
        async with self._database.transaction() as tx:
            campaign = await get_campaign(tx, link.campaign_id)
            lane = campaign.rules.lane_of(chain)
            require_way(campaign, ClaimWay.TICKET)
            claiming_ends = await require_claiming(tx, campaign, chain, now)
            await hold_identity(tx, campaign.id, person_id, account, hashed)
            known = await sql.claim_by_key(tx, person_id, idempotency_key)
            if known is not None:
                return known[0]
            await require_within_limits(tx, campaign, link, person_id, account, hashed)
            if not await sql.take_use(tx, link.id, self._clock.now()):
                raise ClaimCodeInvalid("this code is not valid: it may be wrong, used up or closed")
            if not await take_room(tx, campaign.id, chain, 1):
                raise await why_no_room(tx, campaign, account)
            # Random, so that no counter is needed: two of 2^47 are never the same, and the table would say so.
            serial = Serial(lane.lane, SerialClass.SINGLE, FIRST_TICKET + secrets.randbelow(FIRST_TICKET))
            valid_before = min(now + TICKET_SECONDS, claiming_ends)
            claim = self._fresh(
                campaign,
                person_id,
                account,
                ClaimSource.TICKET,
                VoucherId(campaign.id, serial),
                valid_before,
                link.id,
            )
            if not await sql.insert_claim(
                tx, claim, device=hashed, idempotency_key=idempotency_key, request_hash=request
            ):
                raise IdempotencyConflict("this idempotency key is claiming right now")
            due = timedelta(seconds=max(0, valid_before - now)) + _MARGIN
            await enqueue(tx, TICKET_DUE, str(claim.id), {"claim": str(claim.id)}, delay=due)
        return claim

    async def _signed(self, campaign: Campaign, claim: Claim) -> Ticket:
        """The stored claim says what is signed, so that signing again after a crash gives the same ticket."""
        assert claim.voucher is not None
        assert claim.valid_before is not None
        chain = claim.chain
        issuer = await self._accounts.service_account(campaign.tenant_id, KeyPurpose.ISSUER, chain)
        wanted = ClaimTicket(claim.voucher, claim.account, claim.valid_before)
        payload = await self._chains.book(chain).ticket_payload(campaign.terms(chain), wanted)
        signature = await self._signer.sign(
            SigningRequest(
                key=issuer.key_id,
                scheme=SigningScheme.EVM_TYPED_DATA,
                payload=payload,
                chain=chain,
                act="campaign.ticket",
            )
        )
        async with self._database.transaction() as tx:
            await sql.update_claim(tx, claim.id, signature=signature.raw)
        return Ticket(claim.voucher, claim.account, claim.valid_before, signature.raw)

    async def _relay(self, campaign: Campaign, claim: Claim, ticket: Ticket) -> None:
        intent = await self.ticket_intent(campaign, ticket)
        async with self._database.transaction() as tx:
            now = await sql.get_claim(tx, claim.id, lock=True)
            if now is not None and now.payment_id is None and now.status is ClaimStatus.REQUESTED:
                await self._pay(tx, campaign, claim.id, now, intent)

    async def ticket_intent(self, campaign: Campaign, ticket: Ticket) -> Intent:
        """The relayer's call with the ticket; its data is what anybody may send."""
        chain = ticket.holder.chain
        relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
        return await self._chains.book(chain).ticket_call(
            campaign.terms(chain),
            ClaimTicket(ticket.voucher, ticket.holder, ticket.valid_before),
            Signature(Curve.SECP256K1, ticket.signature),
            submitter=relayer.account,
        )

    async def ticket_call(self, claim: Claim) -> ContractCall | None:
        """What the holder's own wallet sends; None for a claim without a ticket."""
        if claim.ticket is None:
            return None
        async with self._database.statements() as tx:
            campaign = await get_campaign(tx, claim.campaign_id)
        intent = await self.ticket_intent(campaign, claim.ticket)
        assert isinstance(intent.action, ContractCall)
        return intent.action

    def _fresh(
        self,
        campaign: Campaign,
        person_id: UUID,
        account: AccountId,
        source: ClaimSource,
        voucher: VoucherId,
        valid_before: int | None,
        link_id: UUID | None,
    ) -> Claim:
        return Claim(
            id=uuid4(),
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            chain=account.chain,
            source=source,
            link_id=link_id,
            person_id=person_id,
            account=account,
            status=ClaimStatus.REQUESTED,
            issuance_id=None,
            payment_id=None,
            attempt=0,
            voucher=voucher,
            valid_before=valid_before,
            signature=None,
            failure=None,
            created_at=self._clock.now(),
        )


def _over(claim: Claim) -> bool:
    return claim.status is ClaimStatus.FAILED
