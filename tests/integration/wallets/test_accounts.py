"""Accounts on a real keystore and database, over chains whose balances are given."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from keystore import PLATFORM_TENANT
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    InvalidDerivationPath,
    InvalidValue,
    KeyNotFound,
    KeystoreLocked,
    UnknownChain,
)
from primitives.signing import KeyPurpose
from tests.fakes.chains import BalanceAdapter, BalanceChains
from wallets.accounts.service import AccountService

EVM = ChainId.evm(31337)
SOLANA = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
TEST_CNY = Asset(AssetId.fungible(EVM, "0x5FbDB2315678afecb367f032d93F642f64180aa3"), "tCNY", 6)
JUNK = "test test test test test test test test test test test junk"


@pytest.fixture
def evm() -> BalanceAdapter:
    return BalanceAdapter(EVM, [TEST_CNY])


@pytest.fixture
def solana() -> BalanceAdapter:
    return BalanceAdapter(SOLANA)


@pytest.fixture
def accounts(database: Database, keystore: Keystore, evm: BalanceAdapter, solana: BalanceAdapter) -> AccountService:
    return AccountService(
        database, keystore, BalanceChains(evm, solana), known_assets=lambda chain: [TEST_CNY] if chain == EVM else []
    )


class TestPersonAccounts:
    async def test_default_paths_count_up_and_give_the_known_addresses(
        self, accounts: AccountService, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "junk", JUNK)
        first = await accounts.create(token, tenant, wallet.id, EVM)
        second = await accounts.create(token, tenant, wallet.id, EVM, label="spending")
        on_solana = [await accounts.create(token, tenant, wallet.id, SOLANA) for _ in range(2)]
        assert first.account.address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
        assert (first.path, first.label) == ("m/44'/60'/0'/0/0", "Account 1")
        assert second.account.address == "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
        assert (second.path, second.label) == ("m/44'/60'/0'/0/1", "spending")
        assert [account.path for account in on_solana] == ["m/44'/501'/0'/0'", "m/44'/501'/1'/0'"]
        assert on_solana[0].account.address == "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq96"
        assert await accounts.list(tenant) == [first, second, *on_solana]

    async def test_chosen_path_gives_the_same_account_again(
        self, accounts: AccountService, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        path = DerivationPath.parse("m/44'/60'/7'/0/3")
        account = await accounts.create(token, tenant, wallet.id, EVM, path)
        assert await accounts.create(token, tenant, wallet.id, EVM, path) == account
        assert (await accounts.create(token, tenant, wallet.id, EVM)).path == "m/44'/60'/0'/0/0"

    async def test_key_is_found_and_signs_for_the_account(
        self, accounts: AccountService, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        account = await accounts.create(token, tenant, wallet.id, SOLANA)
        async with database.transaction() as tx:
            assert await accounts.key_for(tx, account.account) == account.key_id
            assert await accounts.key_for(tx, account.account, tenant_id=tenant) == account.key_id
            with pytest.raises(KeyNotFound):
                await accounts.key_for(tx, account.account, tenant_id=uuid4())
        with pytest.raises(KeyNotFound):
            await accounts.find(uuid4(), account.account)

    async def test_refusals(
        self, accounts: AccountService, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        with pytest.raises(UnknownChain):
            await accounts.create(token, tenant, wallet.id, ChainId.evm(5))
        with pytest.raises(InvalidDerivationPath):
            await accounts.create(token, tenant, wallet.id, SOLANA, DerivationPath.parse("m/44'/501'/0'/0"))
        with pytest.raises(InvalidValue):
            await accounts.create(token, tenant, wallet.id, EVM, label=" ")
        with pytest.raises(KeyNotFound):
            await accounts.create(token, tenant, uuid4(), EVM)
        keystore.lock(token)
        with pytest.raises(KeystoreLocked):
            await accounts.create(token, tenant, wallet.id, EVM)
        assert await accounts.list(tenant) == []


class TestServiceAccounts:
    async def test_one_account_per_tenant_purpose_and_chain(
        self, accounts: AccountService, keystore: Keystore, key_file: Path, database: Database
    ) -> None:
        await keystore.open_service(key_file)
        organisation = uuid4()
        issuer = await accounts.service_account(organisation, KeyPurpose.ISSUER, EVM)
        assert await accounts.service_account(organisation, KeyPurpose.ISSUER, EVM) == issuer
        others = [
            await accounts.service_account(organisation, KeyPurpose.TREASURY, EVM),
            await accounts.service_account(organisation, KeyPurpose.ISSUER, SOLANA),
            await accounts.service_account(PLATFORM_TENANT, KeyPurpose.ISSUER, EVM),
        ]
        assert len({account.account for account in (issuer, *others)}) == 4
        async with database.transaction() as tx:
            assert await accounts.key_for(tx, issuer.account) == issuer.key_id

    async def test_locked_service_vault(self, accounts: AccountService) -> None:
        with pytest.raises(KeystoreLocked):
            await accounts.service_account(uuid4(), KeyPurpose.ISSUER, EVM)


class TestPortfolio:
    async def test_native_and_known_assets_of_every_account(
        self,
        accounts: AccountService,
        keystore: Keystore,
        tenant: UUID,
        token: UnlockToken,
        evm: BalanceAdapter,
        solana: BalanceAdapter,
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        one = await accounts.create(token, tenant, wallet.id, EVM)
        two = await accounts.create(token, tenant, wallet.id, SOLANA)
        evm.balances = {(one.account, evm.native.id): 2**200, (one.account, TEST_CNY.id): 100_000_000}
        solana.balances = {(two.account, solana.native.id): 5}
        portfolio = await accounts.portfolio(tenant)
        assert [(h.account, h.amount.asset.symbol, h.amount.base_units) for h in portfolio.holdings] == [
            (one, "ETH", 2**200),
            (one, "tCNY", 100_000_000),
            (two, "SOL", 5),
        ]
        assert portfolio.unavailable == ()

    async def test_a_silent_node_is_named_and_the_rest_is_shown(
        self,
        accounts: AccountService,
        keystore: Keystore,
        tenant: UUID,
        token: UnlockToken,
        evm: BalanceAdapter,
    ) -> None:
        wallet = await keystore.create_wallet(token, tenant, "home")
        await accounts.create(token, tenant, wallet.id, EVM)
        other = await accounts.create(token, tenant, wallet.id, SOLANA)
        evm.down = True
        portfolio = await accounts.portfolio(tenant)
        assert portfolio.unavailable == (EVM,)
        assert [holding.account for holding in portfolio.holdings] == [other]

    async def test_one_wallet_and_a_chain_that_is_no_longer_configured(
        self,
        accounts: AccountService,
        database: Database,
        keystore: Keystore,
        tenant: UUID,
        token: UnlockToken,
        evm: BalanceAdapter,
    ) -> None:
        wallets = [await keystore.create_wallet(token, tenant, name) for name in ("one", "two")]
        first, _ = [await accounts.create(token, tenant, wallet.id, EVM) for wallet in wallets]
        await accounts.create(token, tenant, wallets[0].id, SOLANA)
        later = AccountService(database, keystore, BalanceChains(evm))
        portfolio = await later.portfolio(tenant, wallet_id=wallets[0].id)
        assert [holding.account for holding in portfolio.holdings] == [first]
        assert portfolio.unavailable == (SOLANA,)
