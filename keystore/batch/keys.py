"""Making and opening many keys of a person at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from uuid import UUID, uuid4

from keystore import sql
from keystore.batch.tree import KeyTree
from keystore.derivation import public_key_of
from keystore.model import KeyRecord, WalletRecord
from keystore.origin import open_origin, purpose_of
from keystore.secret import Secret
from keystore.unlocked import OpenVault, UnlockToken
from persistence.database import Database
from primitives.errors import InvalidValue, KeyNotFound, KeystoreLocked, SealBroken
from primitives.key_path import KeyPath, parse_key_path
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey

MAX_AT_ONCE = 50_000

VaultOf = Callable[[UnlockToken, UUID], OpenVault]


class ManyKeys:
    """Derives and checks keys in bulk: each wallet's secret is opened once, each parent derived once."""

    def __init__(self, database: Database, vault_of: VaultOf) -> None:
        self._database = database
        self._vault_of = vault_of

    async def derive(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, curve: Curve, paths: Sequence[KeyPath]
    ) -> list[KeyRecord]:
        """The keys at these paths, in their order; those that exist keep their records.

        Raises:
            KeystoreLocked, KeyNotFound, SealBroken
            InvalidDerivationPath: One of the places has no key; none is made then.
            InvalidValue: More than `MAX_AT_ONCE`.
            SigningRefused: The wallet only watches.
        """
        if len(paths) > MAX_AT_ONCE:
            raise InvalidValue(f"at most {MAX_AT_ONCE} keys are made at once", count=len(paths))
        vault = self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id)
            purpose = purpose_of(stored.record)
            if stored.vault_id != vault.vault_id:
                raise KeyNotFound("you have no such wallet", wallet=str(wallet_id))
            secret = await sql.secret_of(tx, wallet_id, purpose)
            with Secret(vault.master_key.expose()) as master_key:
                public = await asyncio.to_thread(_public_keys, master_key, stored.record, secret, curve, paths)
            records = [
                KeyRecord(KeyId(uuid4()), tenant_id, wallet_id, KeyPurpose.HOLDER, curve, key, str(path))
                for key, path in zip(public, paths, strict=True)
            ]
            await sql.insert_keys(tx, records)
            known = {record.path: record for record in await sql.keys_of_wallet(tx, wallet_id, curve)}
        return [known[record.path] for record in records]

    async def opened(self, token: UnlockToken, tenant_id: UUID) -> list[KeyRecord]:
        """Every key of the person's own wallets, each derived anew and compared with its record; oldest wallet first.

        Raises:
            KeystoreLocked
            SealBroken: Names the record that was changed.
        """
        vault = self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            wallets = await sql.wallets_with_secrets(tx, tenant_id, vault.vault_id)
            keys = await sql.keys_of_tenant(tx, tenant_id)
        by_wallet: dict[UUID, list[KeyRecord]] = {}
        for key in keys:
            by_wallet.setdefault(key.wallet_id, []).append(key)
        listed: list[KeyRecord] = []
        for wallet, secret in wallets:
            own = by_wallet.get(wallet.id, [])
            with Secret(vault.master_key.expose()) as master_key:
                if not len(master_key):
                    raise KeystoreLocked("your keys were locked meanwhile: unlock them with your passphrase")
                await asyncio.to_thread(_compare, master_key, wallet, secret, own)
            listed += own
        return listed


def _public_keys(
    master_key: Secret, wallet: WalletRecord, stored: sql.StoredSecret, curve: Curve, paths: Sequence[KeyPath]
) -> list[PublicKey]:
    origin = open_origin(master_key, wallet, stored.sealed)
    try:
        with KeyTree(origin, curve) as tree:
            return [_public_key(tree, curve, path) for path in paths]
    finally:
        origin.wipe()


def _public_key(tree: KeyTree, curve: Curve, path: KeyPath) -> PublicKey:
    with tree.private_key(path) as key:
        return public_key_of(key, curve)


def _compare(master_key: Secret, wallet: WalletRecord, stored: sql.StoredSecret, keys: Sequence[KeyRecord]) -> None:
    """Opens the wallet even when it has no key yet, so that a damaged record is found."""
    origin = open_origin(master_key, wallet, stored.sealed)
    try:
        for curve in Curve:
            with KeyTree(origin, curve) as tree:
                for key in keys:
                    if (
                        key.curve is curve
                        and _public_key(tree, curve, parse_key_path(key.path, curve)) != key.public_key
                    ):
                        raise SealBroken(f"key {key.id} was changed: restore it from a backup", record=f"key {key.id}")
    finally:
        origin.wipe()
