"""Vouchers over a real database, a chain in memory and payments that land when told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from chains.campaign import TransferPolicy
from people.organisations.model import Organisation
from people.organisations.sql import insert_organisation
from persistence.database import Database
from persistence.jobs import Handler, Worker
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import SystemClock
from primitives.hashing import keccak256
from primitives.signing import Signer
from tests.fakes.voucher_chain import (
    ConsentSigner,
    FakeAccounts,
    FakeChain,
    FakeChains,
    FakePayments,
    RecordedCosigning,
)
from tests.fakes.vouchers import (
    EVM,
    SOLANA,
    TEST_CNY,
    TEST_CNY_ON_SOLANA,
    UNITS_PER_MINOR,
    VALID_FROM,
    VALID_UNTIL,
    cart,
)
from vouchers.campaigns.model import Campaign, CampaignStatus, DraftTerms, Issuance
from vouchers.campaigns.progress import CampaignProgress
from vouchers.campaigns.service import CampaignService
from vouchers.ledger.indexer import Indexer
from vouchers.orders.beside import NO_RULES, RemainderRules
from vouchers.orders.model import Order, OrderQuote
from vouchers.orders.quotes import Quoter
from vouchers.orders.service import OrderService
from vouchers.ports import Settlement
from vouchers.rules import Effect, Eligibility, Stacking, VoucherKind

SETTLEMENTS: dict[ChainId, list[Settlement]] = {
    EVM: [Settlement("CNY", TEST_CNY, UNITS_PER_MINOR)],
    SOLANA: [Settlement("CNY", TEST_CNY_ON_SOLANA, UNITS_PER_MINOR)],
}


def terms(**changes: Any) -> DraftTerms:
    values: dict[str, Any] = {
        "title": "满100减20",
        "kind": VoucherKind.THRESHOLD,
        "effect": Effect(min_spend=10_000, amount_off=2_000),
        "currency": "CNY",
        "valid_from": VALID_FROM,
        "valid_until": VALID_UNTIL,
        "zone": "Asia/Shanghai",
        "caps": {EVM: 50},
        "per_holder": None,
        "eligible": Eligibility(merchants=None),
        "stacking": Stacking("exclusive", frozenset()),
        "sponsor_bp": 10_000,
        "transfer": TransferPolicy.BOUND,
    }
    return DraftTerms(**{**values, **changes})


class Stage:
    """One merchant and any number of holders."""

    def __init__(
        self,
        database: Database,
        *,
        give_up_after: timedelta = timedelta(0),
        chain: ChainId = EVM,
        makes: type[FakeChain] = FakeChain,
        gather_for: timedelta = timedelta(0),
        rules: RemainderRules = NO_RULES,
    ) -> None:
        self.database = database
        self.chain = makes(chain)
        self.chains = FakeChains(self.chain)
        self.accounts = FakeAccounts()
        self.payments = FakePayments(database, self.chain)
        self.cosigning = RecordedCosigning()
        self.campaigns = CampaignService(database, self.chains, self.accounts, SETTLEMENTS)
        self.progress = CampaignProgress(self.chains, self.accounts, self.payments, self.cosigning)
        self.indexer = Indexer(self.chains)
        self.quoter = Quoter(database, self.chains, self.accounts, SETTLEMENTS)
        self.signer = ConsentSigner()
        self.orders = OrderService(
            database,
            self.chains,
            self.accounts,
            self.payments,
            self.quoter,
            self.signer,
            lambda *signers: signers[0],
            give_up_after=give_up_after,
            gather_for=gather_for,
            rules=rules,
        )
        self.merchant = uuid4()

    def worker(self, **more: Handler) -> Worker:
        handlers = {**self.progress.handlers(), **self.orders.handlers(), **more}
        return Worker(self.database, handlers)

    async def work(self) -> None:
        """Run jobs and land payments until nothing moves."""
        for _ in range(50):
            done = await self.worker().run_due()
            if not done and not await self.payments.land():
                return
        raise AssertionError("the jobs never came to rest")

    async def scan(self) -> None:
        """Read the chain once."""
        await self.indexer.start(self.database)
        await Worker(self.database, self.indexer.handlers()).run_due(rounds=1)

    def holder(self, balance: int = 100_000_000) -> tuple[UUID, AccountId]:
        person = uuid4()
        raw = keccak256(person.bytes)
        chain = self.chain.chain_id
        account = AccountId.from_raw(chain, raw[:20] if chain.family == "eip155" else raw)
        self.accounts.persons[person] = [account]
        self.chain.balances[account] = balance
        return person, account

    async def organisation(self) -> UUID:
        """Another one, registered like any."""
        made = Organisation(uuid4(), "another merchant", SystemClock().now())
        async with self.database.transaction() as tx:
            await insert_organisation(tx, made)
        return made.id

    async def campaign(self, **changes: Any) -> Campaign:
        """An active one."""
        drafted = await self.campaigns.draft(
            self.merchant,
            terms(**{"caps": {self.chain.chain_id: 50}, **changes}),
            created_by=self.merchant,
            idempotency_key=uuid4().hex,
        )
        await self.campaigns.launch(self.merchant, drafted.id)
        await self.work()
        campaign = await self.campaigns.get(self.merchant, drafted.id)
        assert campaign.status is CampaignStatus.ACTIVE, campaign.lanes
        return campaign

    async def issue(self, campaign: Campaign, *holders: AccountId) -> Issuance:
        asked = await self.campaigns.issue(
            self.merchant, campaign.id, holders, created_by=self.merchant, idempotency_key=uuid4().hex
        )
        await self.work()
        await self.scan()
        return await self.campaigns.issuance(self.merchant, asked.id)

    async def order(self, *prices: int, batch: bool = False) -> Order:
        return await self.orders.create(
            self.merchant,
            cart(*prices, merchant=str(self.merchant)),
            created_by=self.merchant,
            idempotency_key=uuid4().hex,
            batch=batch,
        )

    async def pay(
        self, person: UUID, quote: OrderQuote, *, key: str | None = None, signer: Signer | None = None
    ) -> Any:
        return await self.orders.pay(
            person, quote.order_id, quote.id, signer or self.signer, idempotency_key=key or uuid4().hex
        )
