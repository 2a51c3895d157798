"""Addresses that nothing is sent from here: on networks without a node of ours, or only watched."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from chains.ports import Chains
from chains.schemes import Network, Scheme, network
from codec.bitcoin.extended_key import read_extended_key
from keystore.model import KeyRecord, WalletKind, WalletRecord
from keystore.service import Keystore, UnlockToken
from keystore.single_key import ITS_PATH
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset
from primitives.chain_id import ChainId
from primitives.derivation_path import DerivationPath
from primitives.errors import InvalidAddress, InvalidDerivationPath, InvalidValue, NodeUnavailable
from primitives.key_path import KeyPath, parse_key_path
from primitives.signing import Curve
from wallets.accounts import sql
from wallets.accounts.model import CUSTOM, Address
from wallets.accounts.places import Place, check_label, places

MAX_CANDIDATES = 20
"""Of each scheme in one preview."""
_READERS = 8
_MAX_WATCHED = 1000
"""Addresses in one watch-only wallet: each is read from a node when holdings are shown."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that a wallet would have by one scheme; nothing is stored."""

    scheme: Scheme
    path: str
    address: str


@dataclass(frozen=True, slots=True)
class WatchedHolding:
    """What a watched address holds of one asset."""

    address: Address
    amount: Amount


@dataclass(frozen=True, slots=True)
class WatchedPortfolio:
    """Holdings of watched addresses; `unavailable` are the networks (CAIP-2) that could not be asked."""

    holdings: tuple[WatchedHolding, ...]
    unavailable: tuple[str, ...]


class AddressService:
    """Addresses of a person's wallets beside the accounts that sign here.

    Args:
        known_assets: The assets of a chain whose balances are shown beside the native coin's.
    """

    def __init__(
        self,
        database: Database,
        keystore: Keystore,
        chains: Chains,
        known_assets: Callable[[ChainId], Sequence[Asset]] = lambda chain: (),
    ) -> None:
        self._database = database
        self._keystore = keystore
        self._chains = chains
        self._known_assets = known_assets

    async def create(
        self,
        token: UnlockToken,
        tenant_id: UUID,
        wallet_id: UUID,
        network_id: str,
        *,
        scheme: str | None = None,
        path: str | None = None,
        label: str | None = None,
    ) -> Address:
        """An address of a wallet's own key on a network without a node of ours: at `path`, or at the next free place
        of `scheme`. A place that has its address already gives that address.

        Raises:
            KeystoreLocked, KeyNotFound, UnknownChain
            InvalidDerivationPath: A place where this wallet has no key.
            InvalidValue: No such scheme, a label, or a chain whose accounts sign here.
            SigningRefused: The wallet only watches.
        """
        check_label(label)
        known = network(network_id)
        self._require_elsewhere(known)
        wallet = await self._keystore.wallet(tenant_id, wallet_id)
        chosen = known.scheme(scheme)
        async with self._database.transaction() as tx:
            used = await sql.used_address_paths(tx, wallet_id, known.id)
        place = _place(wallet, chosen, path, used)
        key = await self._keystore.derive(token, tenant_id, wallet_id, chosen.curve, place.path)
        return await self._store(key, known, chosen, place, label, scheme=_name(known, chosen, place, wallet))

    async def watch_next(
        self,
        tenant_id: UUID,
        wallet_id: UUID,
        network_id: str,
        *,
        scheme: str | None = None,
        path: str | None = None,
        label: str | None = None,
    ) -> Address:
        """The next address of a watched extended public key, or the one at a soft path below it.

        Raises:
            KeyNotFound: The wallet watches no extended public key.
            UnknownChain
            InvalidDerivationPath: A hardened level, or a key too deep for the scheme.
            InvalidValue: No such scheme, one of another curve, or a label.
        """
        check_label(label)
        known = network(network_id)
        wallet = await self._keystore.wallet(tenant_id, wallet_id)
        chosen = known.scheme(scheme or _scheme_of_prefix(wallet, known))
        if chosen.curve is not Curve.SECP256K1:
            raise InvalidValue(f"an extended public key has secp256k1 keys only, {known.name} has {chosen.curve} keys")
        async with self._database.transaction() as tx:
            used = await sql.used_address_paths(tx, wallet_id, known.id)
        place = _place(wallet, chosen, path, used)
        if not isinstance(place.path, DerivationPath):
            raise InvalidDerivationPath("an extended public key has BIP-32 paths", path=str(place.path))
        key = await self._keystore.imports.watched_key(tenant_id, wallet_id, place.path)
        return await self._store(key, known, chosen, place, label, scheme=chosen.name, watch_only=True)

    async def watch_address(
        self, tenant_id: UUID, wallet_id: UUID, network_id: str, address: str, label: str | None = None
    ) -> Address:
        """Add an address to a watch-only wallet.

        Raises:
            KeyNotFound, UnknownChain
            InvalidAddress: Not an address of this network.
            InvalidValue: The wallet has keys, a label, or more than 1,000 addresses.
        """
        check_label(label)
        known = network(network_id)
        wallet = await self._keystore.wallet(tenant_id, wallet_id)
        if wallet.kind is not WalletKind.WATCH:
            raise InvalidValue("addresses are added to wallets that only watch; make one first")
        canonical = known.canonical(address.strip())
        async with self._database.transaction() as tx:
            if len(await sql.addresses_of(tx, tenant_id, wallet_id)) >= _MAX_WATCHED:
                raise InvalidValue(f"a wallet watches at most {_MAX_WATCHED} addresses")
            fresh = Address(
                id=uuid4(),
                tenant_id=tenant_id,
                wallet_id=wallet_id,
                key_id=None,
                network=known.id,
                address=canonical,
                scheme=CUSTOM,
                path=None,
                label=(label or known.name).strip(),
                watch_only=True,
            )
            await sql.insert_address(tx, fresh)
            return await sql.address_at(tx, wallet_id, known.id, canonical)

    async def list(self, tenant_id: UUID, wallet_id: UUID | None = None) -> Sequence[Address]:
        """Oldest first."""
        async with self._database.transaction() as tx:
            return await sql.addresses_of(tx, tenant_id, wallet_id)

    async def holdings(self, tenant_id: UUID) -> WatchedPortfolio:
        """What the watched addresses hold on the chains that nodes are asked about, read now."""
        gate = asyncio.Semaphore(_READERS)
        unavailable: set[str] = set()
        configured = set(self._chains.all())

        async def holding(address: Address, account: AccountId, asset: Asset) -> WatchedHolding | None:
            async with gate:
                try:
                    amount = await self._chains.adapter(account.chain).balance(account, asset)
                except NodeUnavailable:
                    unavailable.add(address.network)
                    return None
                return WatchedHolding(address, amount)

        reads = []
        for address in await self.list(tenant_id):
            account = account_of(address)
            if not address.watch_only:
                continue
            if account is None or account.chain not in configured:
                unavailable.add(address.network)
                continue
            native = self._chains.adapter(account.chain).native
            known = [asset for asset in self._known_assets(account.chain) if asset.id != native.id]
            reads += [holding(address, account, asset) for asset in (native, *known)]
        found = await asyncio.gather(*reads)
        return WatchedPortfolio(
            tuple(item for item in found if item is not None and item.address.network not in unavailable),
            tuple(sorted(unavailable)),
        )

    async def candidates(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, network_id: str, count: int = 3
    ) -> Sequence[Candidate]:
        """The first addresses of a wallet by every known scheme of a network, so that somebody who comes from another
        wallet finds theirs. Nothing is stored.

        Raises:
            KeystoreLocked, KeyNotFound, UnknownChain, SigningRefused
            InvalidValue: Fewer than one or more than 20 of each scheme.
        """
        if not 1 <= count <= MAX_CANDIDATES:
            raise InvalidValue(f"between 1 and {MAX_CANDIDATES} addresses of each scheme are shown")
        known = network(network_id)
        wallet = await self._keystore.wallet(tenant_id, wallet_id)
        wanted: list[tuple[Scheme, KeyPath]] = []
        for scheme in known.schemes:
            is_key = wallet.kind is WalletKind.SINGLE_KEY
            if wallet.curve not in (None, scheme.curve) or (scheme.template == str(ITS_PATH) and not is_key):
                continue
            try:
                for place in places(wallet, scheme):
                    wanted.append((scheme, place.path))
                    if place.only or place.index + 1 == count:
                        break
            except InvalidDerivationPath:
                continue
        keys = await self._keystore.imports.preview(
            token, tenant_id, wallet_id, [(scheme.curve, path) for scheme, path in wanted]
        )
        return [
            Candidate(scheme, str(path), known.address(key, scheme.form))
            for (scheme, path), key in zip(wanted, keys, strict=True)
            if key is not None
        ]

    async def _store(
        self,
        key: KeyRecord,
        known: Network,
        chosen: Scheme,
        place: Place,
        label: str | None,
        *,
        scheme: str,
        watch_only: bool = False,
    ) -> Address:
        address = known.address(key.public_key, chosen.form)
        fresh = Address(
            id=uuid4(),
            tenant_id=key.tenant_id,
            wallet_id=key.wallet_id,
            key_id=key.id,
            network=known.id,
            address=address,
            scheme=scheme,
            path=key.path,
            label=(label or f"{known.name} {place.index + 1}").strip(),
            watch_only=watch_only,
        )
        async with self._database.transaction() as tx:
            await sql.insert_address(tx, fresh)
            return await sql.address_at(tx, key.wallet_id, known.id, address)

    def _require_elsewhere(self, known: Network) -> None:
        try:
            chain = ChainId.parse(known.id)
        except InvalidValue:
            return
        if chain in self._chains.all():
            raise InvalidValue(f"accounts on {known.name} sign here: make an account instead", chain=known.id)


def account_of(address: Address) -> AccountId | None:
    """As an account of a chain that nodes can be asked about; None for networks without such accounts."""
    try:
        return AccountId(ChainId.parse(address.network), address.address)
    except (InvalidAddress, InvalidValue):
        return None


def _place(wallet: WalletRecord, scheme: Scheme, path: str | None, used: set[str]) -> Place:
    if path is not None:
        return Place(parse_key_path(path, scheme.curve), 0, True)
    for place in places(wallet, scheme):
        if place.only or str(place.path) not in used:
            return place
    raise AssertionError("places never end")


def _name(known: Network, chosen: Scheme, place: Place, wallet: WalletRecord) -> str:
    """The scheme to store: the one that has this path, wherever it was typed."""
    if wallet.kind not in (WalletKind.MNEMONIC, WalletKind.SHARES):
        return chosen.name
    at = known.scheme_at(str(place.path), chosen.curve)
    return chosen.name if at is not None and at.form == chosen.form else CUSTOM


def _scheme_of_prefix(wallet: WalletRecord, known: Network) -> str | None:
    """The scheme that ypub or zpub means on a Bitcoin network (SLIP-132)."""
    if wallet.extended_public_key is None:
        return None
    script = read_extended_key(wallet.extended_public_key).version.script
    return next((scheme.name for scheme in known.schemes if scheme.form == script), None)
