"""Make a drop: its holders in parts, one root, one commitment; and serve the proof of any leaf."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chains.campaign import DropClaim
from chains.evm.issuer_acts import drop_voucher
from codec.drop_tree import (
    BLOCK,
    HOLDER_LENGTHS,
    UpperTree,
    build_index,
    build_upper,
    entries_range,
    fences_length,
    holder_key,
    indices_in,
    leaf_proof,
)
from people.events import publish
from persistence.database import Database, Transaction
from persistence.faults import fault_point
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import Clock, SystemClock
from primitives.errors import (
    CampaignExhausted,
    CampaignNotActive,
    FeatureUnavailable,
    IdempotencyConflict,
    InvalidTerms,
    NotFound,
    VoucherNotFound,
)
from primitives.voucher_id import CampaignId, VoucherId
from vouchers.campaigns import sql as campaigns
from vouchers.campaigns.acts.service import request_act
from vouchers.campaigns.acts.sql import ActKind
from vouchers.campaigns.model import Campaign, CampaignStatus, Lane
from vouchers.documents.sql import store_document
from vouchers.issuance.drops import sql
from vouchers.issuance.drops.document import DROP_SCHEMA, HEAD_BYTES, encode_head
from vouchers.issuance.drops.sql import Drop, DropStatus
from vouchers.issuance.sql import take_room
from vouchers.rules import ClaimWay

MAX_DROPS = 2**16
_HOLDER_BYTES = {"eip155": 20, "solana": 32}
_MOST_KEPT = 64
"""Drops whose constants stay in memory."""
_FIRST_READ = 64 * 1024
"""Of the holders' index: the fences of two million holders."""


def _latest_end(campaign: Campaign, chain: ChainId) -> int:
    """Of claiming, if the campaign is paused as long as its terms allow; the real end is asked for at each claim."""
    moves = chain.family == "eip155"
    return campaign.rules.claimable_until + (campaign.rules.powers.max_pause_seconds if moves else 0)


@dataclass(frozen=True, slots=True)
class LeafProof:
    """A leaf with everything that its holder's claim or redemption needs."""

    voucher: VoucherId
    claim: DropClaim
    root: bytes


@dataclass(frozen=True, slots=True)
class _Published:
    """What every proof of a drop needs, and what never changes: a quarter of a megabyte for a million leaves.

    Attributes:
        fences: The head of the holders' index.
        lane: Of the campaign on this chain, for the vouchers' ids.
    """

    upper: UpperTree
    fences: bytes
    lane: int


class Drops:
    """Drops of campaigns. Who may call what is decided above, by the rule of each route."""

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._read: dict[tuple[CampaignId, ChainId, int], _Published] = {}

    async def open(
        self, tenant_id: UUID, campaign_id: CampaignId, chain: ChainId, *, created_by: UUID, number: int
    ) -> Drop:
        """Begin a list of holders; opening the same one again changes nothing.

        Raises:
            CampaignNotFound, InvalidTerms: Not on this chain, or the rules do not name drops.
            CampaignNotActive: The chain's state does not allow it (EVM: after the launch; Solana: before it).
        """
        async with self._database.transaction() as tx:
            campaign, lane = await self._lane(tx, tenant_id, campaign_id, chain)
            known = await sql.get_drop(tx, campaign_id, chain, number)
            if known is not None:
                return known
            self._require_stage(campaign, lane)
            last = 0 if chain.family == "solana" else MAX_DROPS - 1
            if not 0 <= number <= last:
                raise InvalidTerms(f"drops have numbers from 0 to {last} here", field="drop")
            drop = Drop(
                campaign_id,
                chain,
                number,
                tenant_id,
                DropStatus.OPEN,
                0,
                _HOLDER_BYTES[chain.family],
                None,
                None,
                None,
            )
            await sql.insert_drop(tx, drop, created_by, _latest_end(campaign, chain))
        return drop

    async def add(
        self,
        tenant_id: UUID,
        campaign_id: CampaignId,
        chain: ChainId,
        number: int,
        first: int,
        holders: Sequence[AccountId],
    ) -> Drop:
        """Append holders, the first of whom gets index `first`; the same part again changes nothing.

        Raises:
            NotFound: No such drop.
            InvalidTerms: No holder, or one of another chain.
            CampaignExhausted: More than the lane's cap.
            CampaignNotActive: It is no longer open.
            IdempotencyConflict: `first` is not where the list ends, or other holders stand there.
        """
        if not holders or any(holder.chain != chain for holder in holders):
            raise InvalidTerms(f"name holders of {chain}", field="holders")
        part = b"".join(holder.raw for holder in holders)
        async with self._database.transaction() as tx:
            _, lane = await self._lane(tx, tenant_id, campaign_id, chain)
            drop = await self._drop(tx, campaign_id, chain, number)
            if drop.status is not DropStatus.OPEN:
                raise CampaignNotActive("the list of this drop is complete", status=drop.status.value)
            if first != drop.count:
                if await sql.part_at(tx, drop, first) == part:
                    return drop
                raise IdempotencyConflict(f"the list goes on at {drop.count}, not at {first}", expected=drop.count)
            if drop.count + len(holders) > lane.cap:
                raise CampaignExhausted(
                    f"{drop.count + len(holders)} holders do not fit into the cap of {lane.cap}",
                    cap=lane.cap,
                    issued=lane.reserved,
                )
            await sql.add_part(tx, drop, part)
            return replace(drop, count=drop.count + len(holders))

    async def commit(
        self, tenant_id: UUID, campaign_id: CampaignId, chain: ChainId, number: int, *, created_by: UUID
    ) -> Drop:
        """Publish the list, compute the root, and promise a voucher to every leaf: on EVM by a transaction, on Solana
        with the launch. All of them count as issued from now on. Committing again changes nothing.

        Raises:
            NotFound, CampaignExhausted, CampaignNotActive
            InvalidTerms: Nobody is on the list.
        """
        async with self._database.transaction() as tx:
            await self._lane(tx, tenant_id, campaign_id, chain)
            drop = await self._drop(tx, campaign_id, chain, number)
            if drop.status in (DropStatus.COMMITTING, DropStatus.COMMITTED):
                return drop
            if not drop.count:
                raise InvalidTerms("nobody is on the list", field="holders")
            if drop.status is DropStatus.OPEN:
                # A part added from now on would not be in the tree: the count is compared below.
                holders = bytes(await sql.all_parts(tx, drop))
        if drop.status is DropStatus.OPEN:
            head = encode_head(campaign_id, number, drop.holder_bytes, drop.count)
            upper = await asyncio.to_thread(build_upper, campaign_id, number, drop.holder_bytes, holders)
            index = await asyncio.to_thread(build_index, drop.holder_bytes, holders)
            body = head + holders
            del holders
        async with self._database.transaction() as tx:
            campaign, lane = await self._lane(tx, tenant_id, campaign_id, chain)
            now = await self._drop(tx, campaign_id, chain, number)
            if now.status in (DropStatus.COMMITTING, DropStatus.COMMITTED):
                return now
            if now.count != drop.count:
                raise CampaignNotActive("the list has changed meanwhile: commit again", status=now.status.value)
            self._require_stage(campaign, lane)
            await self._take_room(tx, lane, drop.count)
            if drop.status is DropStatus.OPEN:
                leaves_hash = await store_document(tx, DROP_SCHEMA, body)
                await sql.update_drop(
                    tx, drop, root=upper.root, leaves_hash=leaves_hash, upper=upper.nodes, holders_index=index
                )
                await sql.drop_parts(tx, drop)
                root = upper.root
            else:
                assert now.root is not None
                root = now.root  # a commitment that failed is tried again with the same tree
            if chain.family == "solana":
                await campaigns.update_lane(tx, lane, drop_root=root, drop_count=drop.count)
                await sql.update_drop(tx, drop, status=DropStatus.COMMITTED.value)
            else:
                act = await request_act(
                    tx,
                    lane,
                    ActKind.DROP,
                    {"drop": number, "root": root.hex(), "count": drop.count},
                    created_by=created_by,
                    idempotency_key=await self._act_key(tx, drop),
                    now=self._clock,
                )
                await sql.update_drop(tx, drop, status=DropStatus.COMMITTING.value, act_id=act.id)
            await publish(tx, tenant_id, "campaign.drop_committing", {"campaign": str(campaign_id), "drop": number})
            found = await self._drop(tx, campaign_id, chain, number)
        fault_point("drop.stored")
        return found

    async def _act_key(self, tx: Transaction, drop: Drop) -> str:
        """A commitment that failed is followed by an act of its own."""
        tries = await sql.acts_of_drop(tx, drop)
        return f"drop:{drop.campaign_id}:{drop.chain}:{drop.number}:{tries}"

    async def drops(self, tenant_id: UUID, campaign_id: CampaignId) -> Sequence[Drop]:
        """Raises CampaignNotFound."""
        async with self._database.transaction() as tx:
            await campaigns.get_campaign(tx, campaign_id, tenant_id)
            return await sql.drops_of(tx, campaign_id)

    async def get(self, tenant_id: UUID, campaign_id: CampaignId, chain: ChainId, number: int) -> Drop:
        """Raises CampaignNotFound, NotFound."""
        async with self._database.transaction() as tx:
            await campaigns.get_campaign(tx, campaign_id, tenant_id)
            found = await sql.get_drop(tx, campaign_id, chain, number)
        if found is None:
            raise NotFound("no such drop")
        return found

    # -------------------------------------------------------------------------------------------------------- leaves

    async def leaves(self, campaign_id: CampaignId, chain: ChainId, number: int) -> bytes:
        """The published list, for anybody (`document.decode_drop` reads it). Raises NotFound."""
        async with self._database.statements() as tx:
            drop = await sql.get_drop(tx, campaign_id, chain, number)
            if drop is None or drop.leaves_hash is None:
                raise NotFound("no such drop")
            size = HEAD_BYTES + drop.count * drop.holder_bytes
            return await sql.document_part(tx, drop.leaves_hash, 0, size)

    async def proof_of_index(self, campaign_id: CampaignId, chain: ChainId, number: int, index: int) -> LeafProof:
        """Raises NotFound (no such drop), VoucherNotFound (no such leaf)."""
        async with self._database.statements() as tx:
            drop = await self._published(tx, campaign_id, chain, number)
            return await self._proof(tx, drop, index)

    async def proofs_of_holder(
        self, campaign_id: CampaignId, chain: ChainId, number: int, holder: AccountId
    ) -> Sequence[LeafProof]:
        """Every leaf of the holder, in order. Raises NotFound (no such drop), VoucherNotFound (not on the list)."""
        async with self._database.statements() as tx:
            drop = await self._published(tx, campaign_id, chain, number)
            found = []
            if holder.chain == chain:
                for index in await self._places(tx, drop, holder):
                    proof = await self._proof(tx, drop, index)
                    if proof.claim.holder == holder:
                        found.append(proof)
        if not found:
            raise VoucherNotFound(f"{holder} is not on the list of this drop", holder=str(holder))
        return found

    async def proof_of_voucher(self, chain: ChainId, voucher: VoucherId) -> LeafProof:
        """What a redemption straight from the commitment needs. Raises NotFound, VoucherNotFound."""
        number = voucher.serial.number
        return await self.proof_of_index(voucher.campaign, chain, number >> 32, number & (2**32 - 1))

    async def unclaimed(self, holders: Sequence[AccountId], now: int) -> Mapping[VoucherId, LeafProof]:
        """Leaves of these accounts in drops of which something can be claimed at `now` (block time, Unix seconds),
        claimed or not: checkout offers those that nobody has claimed.

        Three statements, and one for each leaf that is found: neither drops that are over nor other people's make it
        slower by more than a look at an index.
        """
        found: dict[VoucherId, LeafProof] = {}
        async with self._database.statements() as tx:
            asked = [
                (drop, holder, *await self._range(tx, drop, holder))
                for drop in await sql.claimable_on(tx, {holder.chain for holder in holders}, now)
                for holder in holders
                if holder.chain == drop.chain and len(holder.raw) == drop.holder_bytes
            ]
            parts = await sql.index_parts(tx, [(drop, start, length) for drop, _, start, length in asked])
            for (drop, holder, _, _), part in zip(asked, parts, strict=True):
                for index in sorted(indices_in(part, holder_key(holder.raw))):
                    proof = await self._proof(tx, drop, index)
                    if proof.claim.holder == holder:
                        found[proof.voucher] = proof
        return found

    async def _published(self, tx: Transaction, campaign_id: CampaignId, chain: ChainId, number: int) -> Drop:
        drop = await sql.get_drop(tx, campaign_id, chain, number)
        if drop is None or drop.leaves_hash is None:
            raise NotFound("no such drop")
        return drop

    async def _places(self, tx: Transaction, drop: Drop, holder: AccountId) -> Sequence[int]:
        """Where the holder may stand: leaves whose holder has the same hash's first 8 bytes."""
        if len(holder.raw) != drop.holder_bytes:
            return ()
        start, length = await self._range(tx, drop, holder)
        return sorted(indices_in(await sql.index_part(tx, drop, start, length), holder_key(holder.raw)))

    async def _range(self, tx: Transaction, drop: Drop, holder: AccountId) -> tuple[int, int]:
        """Which bytes of the holders' index may name the holder: start and length."""
        start, end = entries_range((await self._constants(tx, drop)).fences, holder_key(holder.raw))
        return start, end - start

    async def _proof(self, tx: Transaction, drop: Drop, index: int) -> LeafProof:
        if not 0 <= index < drop.count:
            raise VoucherNotFound(f"the drop has {drop.count} leaves, and none of number {index}", index=index)
        known = await self._constants(tx, drop)
        assert drop.leaves_hash is not None
        first = index // BLOCK * BLOCK
        size = drop.holder_bytes
        block = await sql.document_part(tx, drop.leaves_hash, HEAD_BYTES + first * size, BLOCK * size)
        proof = leaf_proof(drop.campaign_id, drop.number, size, block, index, known.upper)
        at = (index - first) * size
        holder = AccountId.from_raw(drop.chain, block[at : at + size])
        return LeafProof(
            drop_voucher(drop.campaign_id, known.lane, drop.number, index),
            DropClaim(index, holder, proof, drop.number),
            known.upper.root,
        )

    async def _constants(self, tx: Transaction, drop: Drop) -> _Published:
        key = (drop.campaign_id, drop.chain, drop.number)
        known = self._read.get(key)
        if known is not None and known.upper.root == drop.root:
            return known
        fences = await sql.index_part(tx, drop, 0, _FIRST_READ)
        needed = fences_length(fences)
        if needed > len(fences):
            fences = await sql.index_part(tx, drop, 0, needed)
        campaign = await campaigns.get_campaign(tx, drop.campaign_id)
        lane = campaign.rules.lane_of(drop.chain).lane
        known = _Published(UpperTree(drop.count, await sql.upper_nodes(tx, drop)), fences[:needed], lane)
        if len(self._read) >= _MOST_KEPT:
            self._read.pop(next(iter(self._read)))
        self._read[key] = known
        return known

    # ------------------------------------------------------------------------------------------------------ the lane

    async def _lane(
        self, tx: Transaction, tenant_id: UUID, campaign_id: CampaignId, chain: ChainId
    ) -> tuple[Campaign, Lane]:
        campaign = await campaigns.get_campaign(tx, campaign_id, tenant_id)
        campaign.rules.lane_of(chain)
        if ClaimWay.DROP not in campaign.rules.claim.ways:
            raise InvalidTerms("the rules do not give vouchers out by drop", field="claim.ways")
        lane = await campaigns.lock_lane(tx, campaign_id, chain)
        assert lane is not None
        return campaign, lane

    async def _drop(self, tx: Transaction, campaign_id: CampaignId, chain: ChainId, number: int) -> Drop:
        drop = await sql.get_drop(tx, campaign_id, chain, number, lock=True)
        if drop is None:
            raise NotFound("no such drop: open it first")
        return drop

    def _require_stage(self, campaign: Campaign, lane: Lane) -> None:
        """Raises CampaignNotActive, FeatureUnavailable."""
        if lane.chain.family != "solana":
            if lane.status is not CampaignStatus.ACTIVE:
                raise CampaignNotActive("a drop is committed while the campaign is active", status=lane.status.value)
            return
        if lane.step:
            raise FeatureUnavailable("on Solana a drop is fixed before the launch", feature="drop_after_launch")
        if lane.drop_root is not None:
            raise CampaignNotActive("a campaign has one drop on Solana", status="committed")

    async def _take_room(self, tx: Transaction, lane: Lane, count: int) -> None:
        if lane.chain.family == "solana":
            # Before the launch nothing else can be issued: the lane's row is held.
            if lane.reserved + count <= lane.cap:
                await campaigns.update_lane(tx, lane, reserved=lane.reserved + count)
                return
        elif await take_room(tx, lane.campaign_id, lane.chain, count):
            return
        raise CampaignExhausted(
            f"{lane.reserved} of {lane.cap} vouchers are issued; {count} more do not fit",
            cap=lane.cap,
            issued=lane.reserved,
        )


__all__ = ["HOLDER_LENGTHS", "Drops", "LeafProof"]
