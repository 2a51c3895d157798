"""Keys, accounts, engine and campaign services of one merchant, the same in every process that is killed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from chains.campaign import CampaignTerms, TransferPolicy
from chains.ports import ChainAdapter, VoucherBook
from chains.rpc.client import JsonRpcClient
from chains.solana.adapter import SolanaAdapter
from chains.solana.voucher_book import SolanaVoucherBook
from keystore import PLATFORM_TENANT
from localnet.test_money import DECIMALS, TEST_MONIES
from persistence.database import Database, Transaction
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.errors import KeyNotFound
from primitives.hashing import keccak256
from primitives.signing import Curve, KeyId, KeyPurpose
from tests.fakes.signer import MemorySigner
from vouchers.campaigns.model import DraftTerms
from vouchers.campaigns.progress import CampaignProgress
from vouchers.campaigns.service import CampaignService
from vouchers.payments import EnginePayments
from vouchers.ports import Settlement
from vouchers.rules import Effect, Eligibility, Stacking, VoucherKind
from wallets.engine.service import Engine

MERCHANT = UUID(int=7)
FAULT_POINTS = (
    "issuance.step_requested",
    "payment.requested",
    "payment.signed",
    "payment.handed_over",
    "payment.broadcast",
    "payment.followed",
    "payment.included",
    "payment.ended",
)


@dataclass(frozen=True, slots=True)
class Held:
    account: AccountId
    key_id: KeyId


class SeededAccounts:
    """`vouchers.ports.Accounts` and `wallets.engine.ports.KeyFinder`: keys follow from tenant and purpose."""

    def __init__(self, chain: ChainId) -> None:
        self.signer = MemorySigner()
        self._chain = chain
        self._keys: dict[AccountId, KeyId] = {}
        for tenant in (MERCHANT, PLATFORM_TENANT):
            for purpose in KeyPurpose:
                self.held(tenant, purpose)

    def held(self, tenant: UUID, purpose: KeyPurpose) -> Held:
        key, public = self.signer.add(Curve.ED25519, keccak256(tenant.bytes + purpose.encode()))
        account = AccountId.from_raw(self._chain, public.raw)
        self._keys[account] = key
        return Held(account, key)

    async def service_account(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> Held:
        return self.held(tenant_id, purpose)

    async def accounts_of(self, tenant_id: UUID) -> tuple[AccountId, ...]:
        return ()

    async def key_of(self, tenant_id: UUID, account: AccountId) -> KeyId:
        return self._keys[account]

    async def key_for(self, tx: Transaction, account: AccountId, *, tenant_id: UUID | None = None) -> KeyId:
        if account not in self._keys:
            raise KeyNotFound(f"no key for {account}")
        return self._keys[account]

    async def keys_for(
        self, tx: Transaction, wanted: Collection[tuple[AccountId, UUID]]
    ) -> dict[tuple[AccountId, UUID], KeyId]:
        return {(account, tenant): await self.key_for(tx, account, tenant_id=tenant) for account, tenant in wanted}


class NoCosigning:
    """`vouchers.ports.CosigningRules` for a signer without policy."""

    async def allow(self, tenant_id: UUID, terms: CampaignTerms, per_holder: int | None) -> None:
        """Nothing to tell."""


class OneSolana:
    """`chains.ports.Chains` with one cluster and its book."""

    def __init__(self, adapter: SolanaAdapter, book: SolanaVoucherBook) -> None:
        self._adapter, self._book = adapter, book

    def all(self) -> Sequence[ChainId]:
        return [self._adapter.chain_id]

    def adapter(self, chain: ChainId) -> ChainAdapter:
        return self._adapter

    def book(self, chain: ChainId) -> VoucherBook:
        return self._book


class Merchant:
    """Everything that an issue needs, over one database and one node."""

    def __init__(self, database: Database, chain: ChainId, node_url: str, money_mint: str) -> None:
        self.database, self.chain = database, chain
        self.accounts = SeededAccounts(chain)
        self.money = Asset(AssetId.fungible(chain, money_mint), TEST_MONIES[0].symbol, DECIMALS)
        self.rpc = JsonRpcClient(node_url, attempts=3, pause_seconds=0.05, timeout_seconds=5)
        native = Asset(AssetId.native(chain), "SOL", 9)
        self.adapter = SolanaAdapter(chain, self.rpc, native=native, known_assets=[self.money])
        self.book = SolanaVoucherBook(
            self.adapter,
            authority=self.account(KeyPurpose.REDEMPTION_AUTHORITY, PLATFORM_TENANT),
            operator=self.account(KeyPurpose.VAULT_OPERATOR, PLATFORM_TENANT),
        )
        chains = OneSolana(self.adapter, self.book)
        self.engine = Engine(
            database,
            chains,
            self.accounts,
            self.accounts.signer,
            follow_every=timedelta(seconds=0.05),
            rebroadcast_every=timedelta(seconds=0.3),
            node_pause=timedelta(seconds=0.1),
            rewindable=frozenset({chain}),
        )
        settlements = {chain: [Settlement("CNY", self.money, 10_000)]}
        self.campaigns = CampaignService(database, chains, self.accounts, settlements)
        self.progress = CampaignProgress(chains, self.accounts, EnginePayments(self.engine), NoCosigning())

    def account(self, purpose: KeyPurpose, tenant: UUID = MERCHANT) -> AccountId:
        return self.accounts.held(tenant, purpose).account

    def holder(self, number: int) -> AccountId:
        _, public = MemorySigner().add(Curve.ED25519, keccak256(b"holder" + number.to_bytes(4, "big")))
        return AccountId.from_raw(self.chain, public.raw)

    def worker(self, lease: timedelta = timedelta(seconds=0.6)) -> Worker:
        handlers = {**self.engine.handlers(), **self.progress.handlers()}
        return Worker(self.database, handlers, lease=lease, poll=timedelta(milliseconds=30))

    def terms(self, cap: int) -> DraftTerms:
        return DraftTerms(
            title="满100减20",
            kind=VoucherKind.THRESHOLD,
            effect=Effect(min_spend=10_000, amount_off=2_000),
            currency="CNY",
            valid_from=1_700_000_000,
            valid_until=1_900_000_000,
            zone="Asia/Shanghai",
            caps={self.chain: cap},
            per_holder=None,
            eligible=Eligibility(merchants=None),
            stacking=Stacking("exclusive", frozenset()),
            sponsor_bp=10_000,
            transfer=TransferPolicy.BOUND,
        )
