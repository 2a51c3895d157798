"""From a real chain through the ledger to the audit services, as an installation has them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from audit.access import VoucherAccess
from audit.attestation import FileAttester
from audit.proofs.evm import EvmBundleBuilder
from audit.proofs.service import ProofService
from audit.provenance.service import ProvenanceService
from audit.search.service import SearchService
from chains.evm.voucher_book import EvmVoucherBook
from chains.intent import ContractCall
from codec.canonical_json import encode_canonical
from codec.evm.create2 import TEST_MONEY, money_address
from codec.rule_document import RULE_SCHEMA, encode_rule_document
from persistence.database import Database
from primitives.account_id import AccountId, checksum_address
from primitives.asset import Asset, AssetId
from primitives.hashing import keccak256
from primitives.voucher_id import VoucherId
from tests.fakes.anvil import running_anvil
from tests.fakes.vouchers import rules
from tests.integration.audit.evm_stage import BOOK, CHAIN, SALT, VALID_FROM, VALID_UNTIL, EvmStage
from vouchers.campaigns.model import Campaign, CampaignStatus, Lane
from vouchers.campaigns.sql import insert_campaign
from vouchers.documents.sql import store_document
from vouchers.ledger.model import ChainCursor, LedgerEntry
from vouchers.ledger.projection import record
from vouchers.ledger.sql import put_cursor
from vouchers.rules import LaneRules

ORDER = encode_canonical({"schema": "quanbao.order.v1", "salt": "5a" * 32, "payable_minor": 8000})
SPONSOR = UUID("11111111-1111-4111-8111-111111111111")
PERSON = UUID("22222222-2222-4222-8222-222222222222")


@dataclass(frozen=True)
class Owned:
    account: AccountId


class Accounts:
    """PERSON has the holder's account, nobody else has any."""

    def __init__(self, holder: AccountId) -> None:
        self._holder = holder

    async def list(self, tenant_id: UUID) -> Sequence[Owned]:
        return [Owned(self._holder)] if tenant_id == PERSON else []


class Installation:
    """Anvil, a database that has read it, and the audit services over both."""

    def __init__(self, stage: EvmStage, database: Database, campaign: Campaign) -> None:
        self.stage = stage
        self.database = database
        self.campaign = campaign
        access = VoucherAccess(database, Accounts(account(stage.holder.address)))
        attester = FileAttester(keccak256(b"attester"))
        builder = EvmBundleBuilder(CHAIN, stage.anvil.rpc, [BOOK], attester)
        self.proofs = ProofService(database, access, {CHAIN: builder})
        self.provenance = ProvenanceService(database, access)
        self.search = SearchService(database)
        self.known: list[LedgerEntry] = []

    async def read_chain(self) -> None:
        """What the indexer does, in one go."""
        heads = {}
        for tag in ("latest", "safe", "finalized"):
            heads[tag] = int((await self.stage.call("eth_getBlockByNumber", tag, False))["number"], 16)
        book = EvmVoucherBook(CHAIN, self.stage.anvil.rpc, BOOK)
        page = await book.events([self.campaign.terms(CHAIN)], 0, heads["latest"])
        entries = [entry for event in page.events if (entry := LedgerEntry(CHAIN, event)) not in self.known]
        self.known += entries
        async with self.database.transaction() as tx:
            await record(tx, CHAIN, entries)
            cursor = ChainCursor(CHAIN, heads["finalized"], None, heads["latest"], heads["safe"], heads["finalized"])
            await put_cursor(tx, cursor)

    async def redeemed(self, *, blocks: int = 4) -> VoucherId:
        voucher = await self.stage.issue()
        await self.stage.redeem(self.stage.order(voucher, order_hash=keccak256(ORDER)))
        await self.stage.anvil.mine(blocks)
        await self.read_chain()
        return voucher


def account(address: bytes) -> AccountId:
    return AccountId.from_raw(CHAIN, address)


@asynccontextmanager
async def open_installation(database: Database) -> AsyncIterator[Installation]:
    """A campaign on an Anvil of its own, and the services over its ledger."""
    async with running_anvil(block_time=None) as anvil:
        stage = EvmStage(anvil)
        money = checksum_address(money_address(*TEST_MONEY[0], stage.issuer.address))
        lane = LaneRules(
            lane=0,
            chain=CHAIN,
            cap=10,
            issuer=account(stage.issuer.address),
            funder=account(stage.issuer.address),
            merchants=(account(stage.merchant.address),),
            settlement=Asset(AssetId.fungible(CHAIN, money), "tCNY", 6),
            max_payout=20_000_000,
            units_per_minor=10_000,
        )
        document = rules(cap=10, lanes=(lane,), valid_from=VALID_FROM, valid_until=VALID_UNTIL)
        stage.rules = encode_rule_document(document.to_document())
        campaign = Campaign(
            id=stage.campaign_id,
            tenant_id=SPONSOR,
            rules_hash=keccak256(stage.rules),
            salt=SALT,
            status=CampaignStatus.ACTIVE,
            created_by=uuid4(),
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            rules=document,
            lanes=(Lane(stage.campaign_id, CHAIN, SPONSOR, 0, 10, CampaignStatus.ACTIVE, 0, None, 1, 0, None, None),),
        )

        async def launch() -> list[tuple[bytes, bytes]]:
            steps = await EvmVoucherBook(CHAIN, anvil.rpc, BOOK).launch(campaign.terms(CHAIN))
            return [(step.action.to.raw, step.action.data) for step in steps if isinstance(step.action, ContractCall)]

        stage.launch = launch
        await stage.open()
        async with database.transaction() as tx:
            await store_document(tx, RULE_SCHEMA, stage.rules)
            await store_document(tx, "quanbao.order.v1", ORDER)
            await insert_campaign(tx, campaign, idempotency_key="c", request_hash=bytes(32))
        yield Installation(stage, database, campaign)
