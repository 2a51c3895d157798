"""Reconciles campaigns: on request at any block, and for ever as a job that raises and clears alarms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta

import structlog

from audit.reconciliation import sql
from audit.reconciliation.chain import ChainReader
from audit.reconciliation.events import compare_events
from audit.reconciliation.model import ChainFigures, Fault, Finding, LaneReconciliation, LedgerFigures
from chains.ports import Chains
from people.events.sql import publish_many
from persistence.database import Database, Transaction
from persistence.jobs import Again, Handler, JobContext, enqueue
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, NodeUnavailable
from primitives.voucher_id import CampaignId
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.sql import campaigns_on, get_campaign
from vouchers.issuance.drops.sql import promised_leaves
from vouchers.ledger.sql import cursor_of
from vouchers.settlement.model import BookAccount
from vouchers.settlement.sql import balances, posted_height

log = structlog.get_logger()

PAUSE = timedelta(seconds=5)
LANES_PER_ROUND = 5
_WAITS = 12


class ReconciliationService:
    """Handler of `audit.reconcile`, one job that comes back for ever."""

    def __init__(
        self,
        database: Database,
        chains: Chains,
        readers: Mapping[ChainId, ChainReader],
        *,
        pause: timedelta = PAUSE,
    ) -> None:
        self._database = database
        self._chains = chains
        self._readers = readers
        self._pause = pause

    def handlers(self) -> Mapping[str, Handler]:
        return {"audit.reconcile": self._work}

    async def start(self, database: Database) -> None:
        async with database.transaction() as tx:
            await enqueue(tx, "audit.reconcile", "all", {})

    async def _work(self, ctx: JobContext) -> Again:
        async with self._database.transaction() as tx:
            due = await sql.due_campaigns(tx, LANES_PER_ROUND)
        for campaign, chain in due:
            try:
                lane = await self.lane(campaign, chain)
            except (NodeUnavailable, InvalidValue) as error:
                log.info("reconciliation_waits", campaign=str(campaign), chain=str(chain), reason=error.message)
                continue
            if lane.note is None or lane.findings:
                await self._keep(ctx, lane)
        return Again(self._pause)

    async def _keep(self, ctx: JobContext, lane: LaneReconciliation) -> None:
        async with ctx.transaction() as tx:
            new = await sql.store_result(tx, lane)
            if new:
                owner = await sql.owner_of(tx, lane.campaign)
                named = {"campaign": str(lane.campaign), "chain": str(lane.chain)}
                await publish_many(tx, [(owner, "audit.divergence", named | one.to_json()) for one in new])
        for finding in new:
            log.error("divergence", campaign=str(lane.campaign), chain=str(lane.chain), **finding.to_json())

    # --------------------------------------------------------------------------------------------------- on request

    async def of_campaign(
        self, campaign_id: CampaignId, *, height: int | None = None, chain: ChainId | None = None, deep: bool = False
    ) -> Sequence[LaneReconciliation]:
        """Every lane, or the one of `chain`.

        Args:
            height: Of that chain; None for what is final now. On a chain that keeps no past states the ledger alone
                answers, with a note.
            deep: Compare event by event as well.

        Raises:
            CampaignNotFound, NodeUnavailable
            InvalidValue: A height without a chain, or above what is final.
        """
        if height is not None and chain is None:
            raise InvalidValue("name the chain of the height")
        async with self._database.transaction() as tx:
            lanes = [one for one in await sql.chains_of(tx, campaign_id) if chain in (None, one)]
        return [await self.lane(campaign_id, one, height=height, deep=deep) for one in lanes]

    async def lane(
        self, campaign_id: CampaignId, chain: ChainId, *, height: int | None = None, deep: bool = False
    ) -> LaneReconciliation:
        """One campaign on one chain; raises as `of_campaign`."""
        async with self._database.transaction() as tx:
            committed, kept = await sql.rule_document_of(tx, campaign_id)
            cursor = await cursor_of(tx, chain)
            if kept != committed:
                # It may not even be readable any more, and nothing can be computed by it.
                edited = Finding(Fault.RULE_DOCUMENT_EDITED, str(campaign_id), committed.hex(), kept.hex())
                figures = await sql.ledger_figures(tx, campaign_id, chain)
                return LaneReconciliation(
                    campaign_id, chain, cursor.final_height, figures, None, None, (edited,), note="rules edited"
                )
            campaign = await get_campaign(tx, campaign_id)
        read_up_to = max(cursor.final_height, cursor.tip_height)
        if height is not None and height > read_up_to:
            raise InvalidValue(f"{chain} was read up to {read_up_to}: name a height up to there", height=height)
        told, note = await self._told(campaign, chain, height, cursor.final_height)
        if told is not None:
            read_up_to = await self._caught_up(chain, told.height, read_up_to)
        at = height if height is not None else cursor.final_height if told is None else told.height
        async with self._database.transaction() as tx:
            figures = await sql.ledger_figures(tx, campaign_id, chain, height=at)
            findings = await self._of_database(tx, campaign, chain, now=height is None)
            if told is not None and told.height > read_up_to:
                note = f"{chain} was read up to {read_up_to}, its state is of {told.height}: ask again"
                told = None
            elif told is None and note is None and (figures.funded or figures.issued):
                findings.append(Finding(Fault.CAMPAIGN_MISSING, str(campaign_id), "the campaign on chain", "nothing"))
            elif told is not None:
                owed = await self._owed(tx, campaign, chain, at)
                promised = await promised_leaves(tx, campaign_id, chain)
                findings += _against_chain(campaign, chain, figures, told, owed, promised)
            findings += [
                Finding(Fault.AGAINST_THE_RULES, tx_hash, "an act by the rules", what)
                for tx_hash, what in await sql.recorded_divergences(tx, campaign_id, chain, at)
            ]
            books, of_books = await self._against_books(tx, campaign_id, chain, at)
        findings += of_books
        if cursor.halted is not None:
            findings.append(Finding(Fault.READING_HALTED, str(chain), "reading goes on", cursor.halted))
        counted = {Fault.ISSUED_DIFFERS, Fault.REDEEMED_DIFFERS, Fault.VOIDED_DIFFERS, Fault.OUTSTANDING_DIFFERS}
        counted |= {Fault.FUNDED_DIFFERS, Fault.PAID_DIFFERS, Fault.ESCROW_DIFFERS}
        complete = deep or any(one.fault in counted for one in findings)
        if complete:
            findings += await compare_events(self._database, self._chains, campaign.terms(chain), at)
        return LaneReconciliation(campaign_id, chain, at, figures, told, books, tuple(findings), complete, note)

    async def _caught_up(self, chain: ChainId, height: int, read_up_to: int) -> int:
        """How far the chain was read, after waiting for the indexer to come to the state that the chain told of."""
        for _ in range(_WAITS):
            if read_up_to >= height:
                break
            await asyncio.sleep(0.5)
            async with self._database.transaction() as tx:
                cursor = await cursor_of(tx, chain)
            read_up_to = max(cursor.final_height, cursor.tip_height)
        return read_up_to

    async def _told(
        self, campaign: Campaign, chain: ChainId, height: int | None, final: int
    ) -> tuple[ChainFigures | None, str | None]:
        reader = self._readers.get(chain)
        if reader is None:
            return None, f"no node of {chain} is configured"
        try:
            at = final if height is None and chain.family == "eip155" else height
            return await reader.figures(campaign.terms(chain), at), None
        except InvalidValue as refused:
            return None, refused.message

    async def _of_database(self, tx: Transaction, campaign: Campaign, chain: ChainId, *, now: bool) -> list[Finding]:
        """Rows against facts."""
        findings = []
        for fault in await sql.row_faults(tx, campaign.id, chain) if now else ():
            expected, found = _difference(fault.expected, fault.found)
            findings.append(Finding(fault.fault, fault.voucher, expected, found))
        return findings

    async def _owed(self, tx: Transaction, campaign: Campaign, chain: ChainId, height: int) -> int:
        """What all campaigns of ours in the same asset hold together in the place where this one's escrow is."""
        if chain.family != "eip155":
            return await sql.owed_by_escrows(tx, [campaign.id], chain, height)
        asset = campaign.terms(chain).settlement.id
        same = [one.id for one in await campaigns_on(tx, chain) if one.terms(chain).settlement.id == asset]
        return await sql.owed_by_escrows(tx, same or [campaign.id], chain, height)

    async def _against_books(
        self, tx: Transaction, campaign_id: CampaignId, chain: ChainId, height: int
    ) -> tuple[int | None, list[Finding]]:
        """The books tell of what is posted: compared with the ledger at that height."""
        posted = await posted_height(tx, chain)
        if posted < 0:
            return None, []
        sums = await balances(tx, campaign=campaign_id, chain=chain)
        escrow = sum(amount for (account, _), amount in sums.items() if account is BookAccount.ESCROW)
        figures = await sql.ledger_figures(tx, campaign_id, chain, height=posted)
        findings = []
        if figures.escrow != escrow:
            findings.append(Finding(Fault.BOOKS_DIFFER, str(campaign_id), str(figures.escrow), str(escrow)))
        if sum(sums.values()):
            findings.append(Finding(Fault.BOOKS_UNBALANCED, str(campaign_id), "0", str(sum(sums.values()))))
        return (escrow if posted <= height else None), findings


def _against_chain(
    campaign: Campaign, chain: ChainId, figures: LedgerFigures, told: ChainFigures, owed: int, promised: int
) -> list[Finding]:
    """`promised`: leaves of drops. They count as issued on chain from their commitment on, and are nobody's until they
    are claimed."""
    subject = str(campaign.id)
    pairs = [
        (Fault.REDEEMED_DIFFERS, told.redeemed, figures.redeemed),
        (Fault.VOIDED_DIFFERS, told.voided, figures.voided),
        (Fault.FUNDED_DIFFERS, told.funded, figures.funded),
        (Fault.PAID_DIFFERS, told.paid, figures.paid),
        (Fault.ESCROW_DIFFERS, told.escrow, figures.escrow),
    ]
    if told.issued is not None and not 0 <= told.issued - figures.issued <= max(0, promised - figures.leaves):
        pairs.append((Fault.ISSUED_DIFFERS, told.issued, figures.issued))
    if told.issued is None:
        # The chain counts live units alone (a Solana mint's supply).
        pairs.append((Fault.OUTSTANDING_DIFFERS, told.outstanding, figures.outstanding))
    findings = [
        Finding(fault, subject, str(on_chain), str(ours))
        for fault, on_chain, ours in pairs
        if on_chain is not None and on_chain != ours
    ]
    if figures.issued > campaign.terms(chain).cap:
        findings.append(Finding(Fault.BEYOND_CAP, subject, str(campaign.terms(chain).cap), str(figures.issued)))
    agrees = told.escrow in (None, figures.escrow)
    if told.held is not None and told.held < owed and agrees:
        findings.append(Finding(Fault.ESCROW_DRAINED, subject, str(owed), str(told.held)))
    if told.rules_hash is not None and told.rules_hash != campaign.rules_hash:
        findings.append(Finding(Fault.RULE_DOCUMENT_EDITED, subject, told.rules_hash.hex(), campaign.rules_hash.hex()))
    return findings


def _difference(expected: Mapping[str, object], found: Mapping[str, object]) -> tuple[str, str]:
    """Only what differs, as compact JSON; all of the one side where the other has nothing."""
    names = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    told = ({name: side.get(name) for name in names if side} for side in (expected, found))
    first, second = (json.dumps(one, ensure_ascii=False, sort_keys=True) for one in told)
    return first, second
