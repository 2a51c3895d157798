"""Addresses beside the accounts that sign here: other networks, known schemes, imported keys, watching."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from keystore.imports.key_text import KeyForm
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.errors import (
    InvalidAddress,
    InvalidDerivationPath,
    InvalidValue,
    KeyNotFound,
    SigningRefused,
    UnknownChain,
)
from tests.fakes.chains import BalanceAdapter, BalanceChains
from wallets.accounts.addresses import AddressService
from wallets.accounts.service import AccountService

EVM = ChainId.evm(31337)
SOLANA = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
BITCOIN, POLKADOT = "bip122:000000000019d6689c085ae165831e93", "polkadot:91b171bb158e2d3848fa23a9f1c25182"
JUNK = "test test test test test test test test test test test junk"
ABANDON = "abandon " * 11 + "about"
VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "vectors" / "bitcoin_accounts.json").read_text())[
    "accounts"
]


@pytest.fixture
def evm() -> BalanceAdapter:
    return BalanceAdapter(EVM)


@pytest.fixture
def accounts(database: Database, keystore: Keystore, evm: BalanceAdapter) -> AccountService:
    return AccountService(database, keystore, BalanceChains(evm, BalanceAdapter(SOLANA)))


@pytest.fixture
def addresses(accounts: AccountService) -> AddressService:
    return accounts.addresses


class TestSchemesOfAccounts:
    async def test_schemes_count_apart_and_are_stored(
        self, keystore: Keystore, accounts: AccountService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        made = [
            await accounts.create(token, tenant, wallet.id, EVM, scheme=scheme)
            for scheme in (None, "ledger-live", "ledger-live", "ledger-legacy", None)
        ]
        assert [(account.scheme, account.path) for account in made] == [
            ("bip44", "m/44'/60'/0'/0/0"),
            # Ledger Live's first account is everybody's first account, so its next free one is taken.
            ("ledger-live", "m/44'/60'/1'/0/0"),
            ("ledger-live", "m/44'/60'/2'/0/0"),
            ("ledger-legacy", "m/44'/60'/0'/0"),
            ("bip44", "m/44'/60'/0'/0/1"),
        ]
        assert await accounts.list(tenant) == made

    async def test_typed_path_gets_the_name_of_its_scheme(
        self, keystore: Keystore, accounts: AccountService, token: UnlockToken, tenant: UUID
    ) -> None:
        from primitives.derivation_path import DerivationPath
        from primitives.key_path import SeedHead

        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        for chain, path, scheme in (
            (EVM, DerivationPath.parse("m/44'/60'/7'/0/0"), "ledger-live"),
            (EVM, DerivationPath.parse("m/1/2/3"), "custom"),
            (SOLANA, DerivationPath.parse("m/44'/501'/3'"), "ledger-live"),
            (SOLANA, SeedHead(), "solana-cli"),
        ):
            account = await accounts.create(token, tenant, wallet.id, chain, path)
            assert (account.scheme, account.path) == (scheme, str(path))

    async def test_scheme_with_one_account_gives_it_again(
        self, keystore: Keystore, accounts: AccountService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        one = await accounts.create(token, tenant, wallet.id, SOLANA, scheme="solana-cli")
        assert await accounts.create(token, tenant, wallet.id, SOLANA, scheme="solana-cli") == one

    async def test_imported_key_has_one_account(
        self, keystore: Keystore, accounts: AccountService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.imports.key(token, tenant, "key", "11" * 32, KeyForm.HEX)
        one = await accounts.create(token, tenant, wallet.id, EVM)
        assert one.path == "m"
        assert await accounts.create(token, tenant, wallet.id, EVM) == one
        with pytest.raises(InvalidDerivationPath):
            await accounts.create(token, tenant, wallet.id, SOLANA)

    async def test_unknown_scheme(
        self, keystore: Keystore, accounts: AccountService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        with pytest.raises(InvalidValue, match="ledger-live"):
            await accounts.create(token, tenant, wallet.id, EVM, scheme="metamask")


class TestOtherNetworks:
    async def test_bitcoin_addresses_of_every_type_count_up(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", ABANDON)
        for scheme in ("bip84", "bip86"):
            known = [key["address"] for key in VECTORS[scheme]["keys"][:2]]
            made = [await addresses.create(token, tenant, wallet.id, BITCOIN, scheme=scheme) for _ in known]
            assert [address.address for address in made] == known
            assert {address.scheme for address in made} == {scheme}
        change = VECTORS["bip84"]["keys"][2]
        typed = await addresses.create(token, tenant, wallet.id, BITCOIN, path=change["path"])
        assert (typed.address, typed.scheme, typed.watch_only) == (change["address"], "custom", False)
        again = await addresses.create(token, tenant, wallet.id, BITCOIN, path=change["path"])
        assert again == typed
        assert len(await addresses.list(tenant, wallet.id)) == 5

    async def test_polkadot_of_both_wallets(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", ABANDON)
        own = await addresses.create(token, tenant, wallet.id, POLKADOT)
        assert (own.scheme, own.path) == ("polkadot-js", "")
        assert await addresses.create(token, tenant, wallet.id, POLKADOT) == own
        trust = await addresses.create(token, tenant, wallet.id, POLKADOT, scheme="trust")
        assert trust.address == "14E9StbjYhJiAfsNMEcq5tETq79Q6EqaGyebdziY214hNWDH"

    async def test_paper_wallet_has_all_its_addresses(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        one = "5HpHagT65TZzG1PH3CSu63k8DbpvD8s5ip4nEB3kEsreAnchuDf"
        wallet = await keystore.imports.key(token, tenant, "paper", one, KeyForm.WIF)
        for scheme, shown in (
            ("uncompressed", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm"),
            ("bip44", "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"),
            ("bip84", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ):
            made = await addresses.create(token, tenant, wallet.id, BITCOIN, scheme=scheme)
            assert (made.address, made.scheme, made.path) == (shown, scheme, "m")

    async def test_connected_chain_has_accounts_instead(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        with pytest.raises(InvalidValue, match="account"):
            await addresses.create(token, tenant, wallet.id, str(EVM))
        with pytest.raises(UnknownChain):
            await addresses.create(token, tenant, wallet.id, "cosmos:hub")

    async def test_candidates_show_every_scheme_and_store_nothing(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        found = await addresses.candidates(token, tenant, wallet.id, str(EVM), 2)
        shown = [(item.scheme.name, item.path, item.address) for item in found]
        assert ("bip44", "m/44'/60'/0'/0/1", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8") in shown
        assert len(shown) == 10
        assert len(await addresses.candidates(token, tenant, wallet.id, POLKADOT, 1)) == 4
        assert await addresses.list(tenant) == []
        for count in (0, 21):
            with pytest.raises(InvalidValue):
                await addresses.candidates(token, tenant, wallet.id, str(EVM), count)

    async def test_candidates_of_a_branch_and_of_a_key(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        branch = await keystore.imports.key(
            token, tenant, "branch", VECTORS["bip84"]["account"]["private"], KeyForm.EXTENDED_KEY
        )
        found = await addresses.candidates(token, tenant, branch.id, BITCOIN, 1)
        assert VECTORS["bip84"]["keys"][0]["address"] in [item.address for item in found]
        key = await keystore.imports.key(token, tenant, "key", "22" * 32, KeyForm.HEX)
        assert {item.path for item in await addresses.candidates(token, tenant, key.id, BITCOIN, 3)} == {"m"}
        assert await addresses.candidates(token, tenant, key.id, str(SOLANA), 3) == []


class TestWatching:
    async def test_addresses_of_a_zpub_count_up_without_unlock(
        self, keystore: Keystore, addresses: AddressService, tenant: UUID
    ) -> None:
        account = VECTORS["bip84"]
        wallet = await keystore.imports.watch(tenant, "cold", account["account"]["public"])
        made = [await addresses.watch_next(tenant, wallet.id, BITCOIN) for _ in range(2)]
        assert [address.address for address in made] == [key["address"] for key in account["keys"][:2]]
        assert all(address.watch_only and address.scheme == "bip84" for address in made)
        change = await addresses.watch_next(tenant, wallet.id, BITCOIN, path="m/1/0")
        assert change.address == account["keys"][2]["address"]
        with pytest.raises(InvalidDerivationPath):
            await addresses.watch_next(tenant, wallet.id, BITCOIN, path="m/1'/0")
        with pytest.raises(InvalidValue, match="secp256k1"):
            await addresses.watch_next(tenant, wallet.id, str(SOLANA))

    async def test_watched_holdings_are_apart_from_owned_ones(
        self,
        keystore: Keystore,
        accounts: AccountService,
        addresses: AddressService,
        evm: BalanceAdapter,
        tenant: UUID,
    ) -> None:
        """Watching gives nobody an account: neither the portfolio nor the list that access rules are made of."""
        wallet = await keystore.imports.watch(tenant, "whales")
        address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
        watched = await addresses.watch_address(tenant, wallet.id, str(EVM), address)
        await addresses.watch_address(tenant, wallet.id, BITCOIN, VECTORS["bip86"]["keys"][0]["address"])
        account = AccountId(EVM, watched.address)
        evm.balances = {(account, evm.native.id): 5}
        found = await addresses.holdings(tenant)
        assert [(item.address.address, item.amount.base_units) for item in found.holdings] == [(watched.address, 5)]
        assert found.unavailable == (BITCOIN,)
        assert await accounts.list(tenant) == []
        assert (await accounts.portfolio(tenant)).holdings == ()
        with pytest.raises(KeyNotFound):
            await accounts.find(tenant, account)
        async with accounts._database.transaction() as tx:
            with pytest.raises(KeyNotFound):
                await accounts.key_for(tx, account)
        evm.down = True
        assert set((await addresses.holdings(tenant)).unavailable) == {BITCOIN, str(EVM)}

    async def test_own_address_is_not_watched(
        self, keystore: Keystore, addresses: AddressService, token: UnlockToken, tenant: UUID
    ) -> None:
        wallet = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        await addresses.create(token, tenant, wallet.id, BITCOIN)
        found = await addresses.holdings(tenant)
        assert (found.holdings, found.unavailable) == ((), ())

    async def test_same_address_twice_is_one(self, keystore: Keystore, addresses: AddressService, tenant: UUID) -> None:
        wallet = await keystore.imports.watch(tenant, "cold")
        address = "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266"
        one = await addresses.watch_address(tenant, wallet.id, str(EVM), address)
        assert await addresses.watch_address(tenant, wallet.id, str(EVM), one.address) == one

    @pytest.mark.parametrize(
        ("network", "address"),
        [
            (BITCOIN, "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"),
            (BITCOIN, "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7"),
            (str(EVM), "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92267"),
            (str(SOLANA), "oeYf6KAJkLYhBuR8CiGc6L4D4Xtfepr85fuDgA9kq9"),
            (POLKADOT, "D8B1pUPu14f4NssXcTgwecFjbRX32aes3v3vqdbUcXzQG9R"),
        ],
    )
    async def test_wrong_addresses_are_refused(
        self, keystore: Keystore, addresses: AddressService, tenant: UUID, network: str, address: str
    ) -> None:
        wallet = await keystore.imports.watch(tenant, "cold")
        with pytest.raises(InvalidAddress):
            await addresses.watch_address(tenant, wallet.id, network, address)

    async def test_wallets_do_not_mix(
        self,
        keystore: Keystore,
        accounts: AccountService,
        addresses: AddressService,
        token: UnlockToken,
        tenant: UUID,
    ) -> None:
        words = await keystore.import_mnemonic(token, tenant, "words", JUNK)
        watch = await keystore.imports.watch(tenant, "cold")
        address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
        with pytest.raises(InvalidValue):
            await addresses.watch_address(tenant, words.id, str(EVM), address)
        with pytest.raises(KeyNotFound):
            await addresses.watch_next(tenant, watch.id, BITCOIN)
        with pytest.raises(SigningRefused):
            await accounts.create(token, tenant, watch.id, EVM)
        with pytest.raises(SigningRefused):
            await addresses.create(token, tenant, watch.id, BITCOIN)
        with pytest.raises(SigningRefused):
            await addresses.candidates(token, tenant, watch.id, BITCOIN)
        with pytest.raises(KeyNotFound):
            await addresses.watch_address(uuid4(), watch.id, str(EVM), address)
