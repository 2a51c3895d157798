"""Finds what a proof is about in the ledger."""

from __future__ import annotations

from audit.proofs.ports import CampaignCommitment, ProofSubject, RedemptionRef
from chains.events import ValueSpent, VoucherRedeemed
from persistence.database import Transaction
from primitives.errors import NotFound, ProofUnavailable
from primitives.voucher_id import VoucherId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.documents.sql import document_body
from vouchers.ledger.model import LedgerEntry
from vouchers.ledger.sql import history, standing_facts


class LedgerSubjects:
    """`ProofLedger` over the vouchers' tables."""

    async def subject_of_voucher(self, tx: Transaction, voucher: VoucherId) -> ProofSubject | None:
        return await self._newest(tx, list(await standing_facts(tx, voucher)))

    async def subject_of_redemption(self, tx: Transaction, redemption_id: bytes) -> ProofSubject | None:
        for entry in await history(tx, redemption_id=redemption_id):
            if isinstance(entry.event.fact, VoucherRedeemed | ValueSpent):
                standing = await standing_facts(tx, entry.event.fact.voucher)
                return await self._newest(tx, [item for item in standing if not _is_another(item, redemption_id)])
        return None

    async def _newest(self, tx: Transaction, entries: list[LedgerEntry]) -> ProofSubject | None:
        redeemed = [entry for entry in entries if isinstance(entry.event.fact, VoucherRedeemed | ValueSpent)]
        if not redeemed:
            return None
        entry = max(redeemed, key=lambda item: item.position)
        fact = entry.event.fact
        assert isinstance(fact, VoucherRedeemed | ValueSpent)
        campaign = (await campaigns_by_id(tx, [fact.voucher.campaign])).get(fact.voucher.campaign)
        if campaign is None:
            raise ProofUnavailable(
                f"the rule document of campaign {fact.voucher.campaign} is not kept here: ask its organisation",
                campaign=str(fact.voucher.campaign),
            )
        terms = campaign.terms(entry.chain)
        return ProofSubject(
            redemption=RedemptionRef(
                redemption_id=fact.redemption_id,
                voucher=fact.voucher,
                chain=entry.chain,
                tx_hash=entry.event.tx_hash,
                height=entry.position.height,
                order_hash=fact.order_hash,
            ),
            campaign_id=campaign.id,
            campaign=CampaignCommitment(
                rule_document=await document_body(tx, campaign.rules_hash),
                evm_issuer=terms.evm_issuer,
                solana_issuer=terms.solana_issuer,
                salt=campaign.salt,
            ),
            order_document=await _order_document(tx, fact.order_hash),
            life=tuple(dict.fromkeys(item.event.tx_hash for item in sorted(entries, key=lambda item: item.position))),
        )


async def _order_document(tx: Transaction, order_hash: bytes) -> bytes | None:
    try:
        return await document_body(tx, order_hash)
    except NotFound:
        # Another shop made this order: its document is not ours to show.
        return None


def _is_another(entry: LedgerEntry, redemption_id: bytes) -> bool:
    return (
        isinstance(entry.event.fact, VoucherRedeemed | ValueSpent) and entry.event.fact.redemption_id != redemption_id
    )
