"""Joins the Solana voucher book's view of a campaign with the keystore's rule for its redemption authority."""

from __future__ import annotations

from uuid import UUID

from chains.campaign import CampaignTerms
from chains.ports import Chains
from chains.solana.voucher_book import SolanaVoucherBook
from keystore.service import Keystore
from persistence.database import Database


class KeystoreCosigning:
    """`vouchers.ports.CosigningRules` over the keystore."""

    def __init__(self, database: Database, chains: Chains, keystore: Keystore) -> None:
        self._database = database
        self._chains = chains
        self._keystore = keystore

    async def allow(self, tenant_id: UUID, terms: CampaignTerms) -> None:
        book = self._chains.book(terms.chain)
        if isinstance(book, SolanaVoucherBook):
            rule = await book.redemption_rule(terms)
            async with self._database.transaction() as tx:
                await self._keystore.allow_redemptions(tx, tenant_id, terms.chain, rule)
