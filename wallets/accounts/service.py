"""Making accounts from keys, finding the key of an account, and reading what accounts hold."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID, uuid4

from chains.ports import Chains
from chains.schemes import network
from keystore.model import KeyRecord
from keystore.service import Keystore, UnlockToken
from persistence.database import Database, Transaction
from primitives.account_id import AccountId
from primitives.asset import Asset
from primitives.chain_id import ChainId
from primitives.errors import KeyNotFound, NodeUnavailable
from primitives.key_path import KeyPath
from primitives.signing import KeyId, KeyPurpose
from wallets.accounts import sql
from wallets.accounts.addresses import AddressService
from wallets.accounts.model import CUSTOM, SERVICE, Account, Holding, Portfolio, curve_of
from wallets.accounts.places import check_label, places

# Balances are read from the node together, but not all at once.
_READERS = 8


class AccountService:
    """Accounts of persons and organisations.

    Args:
        known_assets: The assets of a chain whose balances the portfolio shows beside the native coin's.
    """

    def __init__(
        self,
        database: Database,
        keystore: Keystore,
        chains: Chains,
        *,
        known_assets: Callable[[ChainId], Sequence[Asset]] = lambda chain: (),
    ) -> None:
        self._database = database
        self._keystore = keystore
        self._chains = chains
        self._known_assets = known_assets
        self.addresses = AddressService(database, keystore, chains, known_assets)

    async def create(
        self,
        token: UnlockToken,
        tenant_id: UUID,
        wallet_id: UUID,
        chain: ChainId,
        path: KeyPath | None = None,
        label: str | None = None,
        *,
        scheme: str | None = None,
    ) -> Account:
        """Make an account of a person's wallet, at `path` or at the next path of `scheme` that is free.

        A path that has its account already gives that account, as does a scheme with one account only.

        Args:
            scheme: A name of `chains.schemes`; None: the chain's first.

        Raises:
            KeystoreLocked, KeyNotFound, UnknownChain
            InvalidDerivationPath: A soft level on Solana, or a place where this wallet has no key.
            InvalidValue: A label of more than 100 characters, or no such scheme.
            SigningRefused: The wallet only watches.
        """
        self._chains.adapter(chain)
        check_label(label)
        known = network(chain)
        if path is not None:
            at = known.scheme_at(str(path), curve_of(chain))
            name = CUSTOM if at is None else at.name
            account, _ = await self._create_at(token, tenant_id, wallet_id, chain, path, label or str(path), name)
            return account
        wallet = await self._keystore.wallet(tenant_id, wallet_id)
        async with self._database.transaction() as tx:
            used = await sql.used_paths(tx, wallet_id, chain)
        for place in places(wallet, known.scheme(scheme)):
            if str(place.path) in used and not place.only:
                continue
            name = label or f"Account {place.index + 1}"
            account, fresh = await self._create_at(
                token, tenant_id, wallet_id, chain, place.path, name, known.scheme(scheme).name
            )
            if fresh or place.only:
                return account
        raise AssertionError("places never end")

    async def _create_at(
        self,
        token: UnlockToken,
        tenant_id: UUID,
        wallet_id: UUID,
        chain: ChainId,
        path: KeyPath,
        label: str,
        scheme: str,
    ) -> tuple[Account, bool]:
        key = await self._keystore.derive(token, tenant_id, wallet_id, curve_of(chain), path)
        return await self._store(key, chain, label.strip(), scheme)

    async def _store(self, key: KeyRecord, chain: ChainId, label: str, scheme: str) -> tuple[Account, bool]:
        account = Account(
            id=uuid4(),
            tenant_id=key.tenant_id,
            wallet_id=key.wallet_id,
            key_id=key.id,
            purpose=key.purpose,
            account=self._chains.adapter(chain).account_of(key.public_key),
            label=label,
            path=key.path,
            scheme=scheme,
        )
        async with self._database.transaction() as tx:
            fresh = await sql.insert_account(tx, account)
            return await sql.account_of(tx, key.tenant_id, account.account), fresh

    async def service_account(self, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> Account:
        """A tenant's service account for one purpose on one chain, made on first use.

        Raises:
            KeystoreLocked: The operator's key file is not open.
            UnknownChain
            InvalidValue: HOLDER is no service purpose.
        """
        async with self._database.transaction() as tx:
            known = await sql.service_account_of(tx, tenant_id, purpose, chain)
        if known is not None and purpose is not KeyPurpose.HOLDER:
            return known
        key = await self._keystore.service_key(tenant_id, purpose, curve_of(chain))
        account, _ = await self._store(key, chain, str(purpose), SERVICE)
        return account

    def chains(self) -> Sequence[ChainId]:
        """The chains whose accounts sign here."""
        return self._chains.all()

    async def list(self, tenant_id: UUID) -> Sequence[Account]:
        """Oldest first."""
        async with self._database.statements() as tx:
            return await sql.accounts_of(tx, tenant_id)

    async def find(self, tenant_id: UUID, account: AccountId) -> Account:
        """Raises KeyNotFound."""
        async with self._database.transaction() as tx:
            return await sql.account_of(tx, tenant_id, account)

    async def key_for(self, tx: Transaction, account: AccountId, *, tenant_id: UUID | None = None) -> KeyId:
        """The key that signs for an account; with `tenant_id`, that tenant's, else that of whoever had it first.

        Raises:
            KeyNotFound
        """
        for owner, key in await sql.keys_for(tx, account):
            if tenant_id is None or owner == tenant_id:
                return key
        raise KeyNotFound(f"no key here signs for {account}", account=str(account))

    async def keys_for(
        self, tx: Transaction, wanted: Collection[tuple[AccountId, UUID]]
    ) -> Mapping[tuple[AccountId, UUID], KeyId]:
        """As `key_for`, of accounts of one chain, each for a tenant that may have imported it beside others.

        Raises:
            KeyNotFound
        """
        held = await sql.keys_of_accounts(tx, {account for account, _ in wanted})
        keys: dict[tuple[AccountId, UUID], KeyId] = {}
        for account, tenant_id in wanted:
            owners = held.get(account)
            if not owners:
                raise KeyNotFound(f"no key here signs for {account}", account=str(account))
            keys[account, tenant_id] = next((key for owner, key in owners if owner == tenant_id), owners[0][1])
        return keys

    async def portfolio(self, tenant_id: UUID, *, wallet_id: UUID | None = None) -> Portfolio:
        """Native coin and known assets of every account (of one wallet), read from the chains now."""
        accounts = [item for item in await self.list(tenant_id) if wallet_id in (None, item.wallet_id)]
        gate = asyncio.Semaphore(_READERS)
        configured = set(self._chains.all())
        unavailable = {account.chain for account in accounts if account.chain not in configured}

        async def holding(account: Account, asset: Asset) -> Holding | None:
            async with gate:
                try:
                    amount = await self._chains.adapter(account.chain).balance(account.account, asset)
                except NodeUnavailable:
                    unavailable.add(account.chain)
                    return None
                return Holding(account, amount)

        found = await asyncio.gather(
            *(
                holding(account, asset)
                for account in accounts
                if account.chain in configured
                for asset in self._assets_on(account.chain)
            )
        )
        return Portfolio(
            tuple(item for item in found if item is not None and item.account.chain not in unavailable),
            tuple(sorted(unavailable, key=str)),
        )

    def _assets_on(self, chain: ChainId) -> Sequence[Asset]:
        native = self._chains.adapter(chain).native
        return [native, *(asset for asset in self._known_assets(chain) if asset.id != native.id)]
