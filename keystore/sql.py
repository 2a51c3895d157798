"""The keystore's tables. No column holds a secret that is not sealed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    Row,
    Table,
    UniqueConstraint,
    any_,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from codec.solana.redemption import RedemptionRule
from keystore import EVERY_TENANT
from keystore.envelope import SealedSecret
from keystore.model import KeyRecord, WalletKind, WalletRecord
from keystore.policy import Target, target_from_row, target_to_row
from keystore.vault import VaultRecord
from persistence.database import Transaction, lock_for_transaction, metadata
from persistence.types import JSONB, BaseUnits, LargeBinary, Text, Timestamp, Uuid
from persistence.words import Words, words_column, words_in
from primitives.base58 import decode_base58, encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, KeyNotFound
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey
from primitives.voucher_id import CampaignId

vault_table = Table(
    "keystore_vault",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("kdf", JSONB, nullable=False),
    Column("salt", LargeBinary, nullable=False),
    Column("wrapped_master", LargeBinary, nullable=False),
    Column("checksum", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("tenant_id", "kind"),
)

wallet_table = Table(
    "keystore_wallet",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("vault_id", Uuid, ForeignKey("keystore_vault.id")),
    words_column("label"),
    Column("kind", Text, nullable=False),
    Column("words", Integer),
    Column("language", Text),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("backup_confirmed", Boolean, nullable=False),
    Column("backup_positions", JSONB),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("curve", Text),
    Column("extended_public_key", Text),
    UniqueConstraint("tenant_id", "kind", "fingerprint"),
)

secret_table = Table(
    "keystore_secret",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("wallet_id", Uuid, ForeignKey("keystore_wallet.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("wallet_id", "purpose"),
)

key_table = Table(
    "keystore_key",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("wallet_id", Uuid, ForeignKey("keystore_wallet.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("curve", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    UniqueConstraint("wallet_id", "curve", "path"),
    Index("ix_keystore_key_tenant_id_purpose", "tenant_id", "purpose"),
    Index("ix_keystore_key_public_key", "public_key"),
)

policy_rule_table = Table(
    "keystore_policy_rule",
    metadata,
    Column("tenant_id", Uuid, primary_key=True),
    Column("purpose", Text, primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("selector", Text, primary_key=True),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
)

redemption_rule_table = Table(
    "keystore_redemption_rule",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("campaign", LargeBinary, primary_key=True),
    Column("tenant_id", Uuid, nullable=False),
    Column("mint", Text, nullable=False),
    Column("vault", Text, nullable=False),
    Column("settlement_mint", Text, nullable=False),
    Column("merchants", JSONB, nullable=False),
    Column("max_payout", BaseUnits, nullable=False),
    Column("units_per_minor", BaseUnits, nullable=False),
    Column("sponsor_bp", Integer, nullable=False),
    Column("created_at", Timestamp, nullable=False, server_default=func.now()),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class StoredWallet:
    """A wallet with what only the keystore needs: its vault (None: it only watches) and the positions asked back
    (counted from 1)."""

    record: WalletRecord
    vault_id: UUID | None
    backup_positions: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """A sealed secret and the name it was sealed under."""

    id: UUID
    tenant_id: UUID
    purpose: str
    sealed: SealedSecret


async def find_vault(tx: Transaction, tenant_id: UUID, kind: str, *, lock: bool = False) -> VaultRecord | None:
    statement = select(vault_table).where(vault_table.c.tenant_id == tenant_id, vault_table.c.kind == kind)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    if row is None:
        return None
    return VaultRecord(
        row.id,
        row.tenant_id,
        row.kind,
        row.kdf,
        row.salt,
        row.wrapped_master,
        row.checksum,
    )


async def insert_vault(tx: Transaction, vault: VaultRecord) -> bool:
    """False when the tenant has one already."""
    inserted = await tx.execute(insert(vault_table).values(**_vault_values(vault)).on_conflict_do_nothing())
    return bool(inserted.rowcount)


async def replace_vault(tx: Transaction, vault: VaultRecord) -> None:
    await tx.execute(update(vault_table).where(vault_table.c.id == vault.id).values(**_vault_values(vault)))


def _vault_values(vault: VaultRecord) -> dict[str, Any]:
    return {
        "id": vault.id,
        "tenant_id": vault.tenant_id,
        "kind": vault.kind,
        "kdf": dict(vault.kdf),
        "salt": vault.salt,
        "wrapped_master": vault.wrapped_master,
        "checksum": vault.checksum,
    }


async def insert_wallet(
    tx: Transaction, wallet: WalletRecord, vault_id: UUID | None, fingerprint: bytes, secret: StoredSecret | None
) -> bool:
    """Store a wallet and its sealed origin. False, and nothing stored, when the tenant has a wallet of this origin."""
    inserted = await tx.execute(
        insert(wallet_table)
        .values(
            id=wallet.id,
            tenant_id=wallet.tenant_id,
            vault_id=vault_id,
            label=_sealed_label(tx, wallet),
            kind=wallet.kind,
            words=wallet.words,
            language=wallet.language,
            fingerprint=fingerprint,
            backup_confirmed=wallet.backup_confirmed,
            created_at=wallet.created_at,
            curve=wallet.curve,
            extended_public_key=wallet.extended_public_key,
        )
        .on_conflict_do_nothing()
    )
    if not inserted.rowcount:
        return False
    if secret is None:
        return True
    await tx.execute(
        insert(secret_table).values(
            id=secret.id,
            tenant_id=secret.tenant_id,
            wallet_id=wallet.id,
            purpose=secret.purpose,
            wrapped_key=secret.sealed.wrapped_key,
            sealed=secret.sealed.sealed,
        )
    )
    return True


async def wallet_by_fingerprint(
    tx: Transaction, tenant_id: UUID, kind: WalletKind, fingerprint: bytes
) -> WalletRecord | None:
    row = (
        await tx.execute(
            select(wallet_table).where(
                wallet_table.c.tenant_id == tenant_id,
                wallet_table.c.kind == kind,
                wallet_table.c.fingerprint == fingerprint,
            )
        )
    ).first()
    return None if row is None else _wallet(row, words_in(tx))


async def wallets_of(tx: Transaction, tenant_id: UUID, *kinds: WalletKind) -> list[WalletRecord]:
    """Oldest first."""
    rows = await tx.execute(
        select(wallet_table)
        .where(wallet_table.c.tenant_id == tenant_id, wallet_table.c.kind.in_(kinds))
        .order_by(wallet_table.c.created_at, wallet_table.c.id)
    )
    words = words_in(tx)
    return [_wallet(row, words) for row in rows]


async def wallet(tx: Transaction, tenant_id: UUID, wallet_id: UUID, *, lock: bool = False) -> StoredWallet:
    """Raises KeyNotFound."""
    statement = select(wallet_table).where(wallet_table.c.id == wallet_id, wallet_table.c.tenant_id == tenant_id)
    row = (await tx.execute(statement.with_for_update() if lock else statement)).first()
    if row is None:
        raise KeyNotFound("you have no such wallet", wallet=str(wallet_id))
    return _stored_wallet(row, words_in(tx))


def _stored_wallet(row: Row[Any], words: Words) -> StoredWallet:
    positions = row.backup_positions
    return StoredWallet(_wallet(row, words), row.vault_id, None if positions is None else tuple(positions))


def _sealed_label(tx: Transaction, wallet: WalletRecord) -> bytes | None:
    """A service wallet's is nobody's words."""
    label = None if wallet.kind is WalletKind.SERVICE else wallet.label
    return words_in(tx).kept(wallet_table.c.label, wallet.tenant_id, label)


def _wallet(row: Row[Any], words: Words) -> WalletRecord:
    return WalletRecord(
        id=row.id,
        tenant_id=row.tenant_id,
        label=words.text(wallet_table.c.label, row.tenant_id, row.label) or row.kind,
        kind=WalletKind(row.kind),
        words=row.words,
        language=row.language,
        backup_confirmed=row.backup_confirmed,
        created_at=row.created_at,
        curve=None if row.curve is None else Curve(row.curve),
        extended_public_key=row.extended_public_key,
    )


async def set_backup_positions(tx: Transaction, wallet_id: UUID, positions: Sequence[int]) -> None:
    await tx.execute(
        update(wallet_table).where(wallet_table.c.id == wallet_id).values(backup_positions=list(positions))
    )


async def set_backup_confirmed(tx: Transaction, wallet_id: UUID) -> None:
    await tx.execute(
        update(wallet_table).where(wallet_table.c.id == wallet_id).values(backup_confirmed=True, backup_positions=None)
    )


async def secret_of(tx: Transaction, wallet_id: UUID, purpose: str) -> StoredSecret:
    """Raises KeyNotFound."""
    row = (
        await tx.execute(
            select(secret_table).where(secret_table.c.wallet_id == wallet_id, secret_table.c.purpose == purpose)
        )
    ).first()
    if row is None:
        raise KeyNotFound("the wallet holds no such secret", wallet=str(wallet_id))
    return _secret(row)


def _secret(row: Row[Any]) -> StoredSecret:
    return StoredSecret(row.id, row.tenant_id, row.purpose, SealedSecret(row.wrapped_key, row.sealed))


async def insert_key(tx: Transaction, key: KeyRecord) -> None:
    """Does nothing when the wallet has this path already."""
    await tx.execute(
        insert(key_table)
        .values(
            id=key.id,
            tenant_id=key.tenant_id,
            wallet_id=key.wallet_id,
            purpose=key.purpose,
            curve=key.curve,
            path=key.path,
            public_key=key.public_key.raw,
        )
        .on_conflict_do_nothing()
    )


async def find_key_at(tx: Transaction, wallet_id: UUID, curve: Curve, path: str) -> KeyRecord | None:
    row = (
        await tx.execute(
            select(key_table).where(
                key_table.c.wallet_id == wallet_id, key_table.c.curve == curve, key_table.c.path == path
            )
        )
    ).first()
    return None if row is None else _key(row)


async def find_key(tx: Transaction, key_id: KeyId) -> KeyRecord | None:
    row = (await tx.execute(select(key_table).where(key_table.c.id == key_id))).first()
    return None if row is None else _key(row)


async def find_keys(tx: Transaction, key_ids: Sequence[KeyId]) -> dict[KeyId, KeyRecord]:
    """Those that are there."""
    rows = await tx.execute(select(key_table).where(key_table.c.id == any_(literal(list(key_ids), ARRAY(Uuid)))))
    return {KeyId(row.id): _key(row) for row in rows}


async def wallets_by_id(tx: Transaction, wallet_ids: Sequence[UUID]) -> dict[UUID, StoredWallet]:
    """Those that are there, whoever owns them."""
    rows = await tx.execute(
        select(wallet_table).where(wallet_table.c.id == any_(literal(list(wallet_ids), ARRAY(Uuid))))
    )
    words = words_in(tx)
    return {row.id: _stored_wallet(row, words) for row in rows}


async def secrets_of(tx: Transaction, wallet_ids: Sequence[UUID]) -> dict[tuple[UUID, str], StoredSecret]:
    """The sealed secrets of some wallets, by wallet and purpose."""
    wanted = secret_table.c.wallet_id == any_(literal(list(wallet_ids), ARRAY(Uuid)))
    rows = await tx.execute(select(secret_table).where(wanted))
    return {(row.wallet_id, row.purpose): _secret(row) for row in rows}


async def insert_keys(tx: Transaction, keys: Sequence[KeyRecord]) -> None:
    """As `insert_key`, for many."""
    rows = [
        {
            "id": key.id,
            "tenant_id": key.tenant_id,
            "wallet_id": key.wallet_id,
            "purpose": key.purpose,
            "curve": key.curve,
            "path": key.path,
            "public_key": key.public_key.raw,
        }
        for key in keys
    ]
    if rows:
        await tx.execute(insert(key_table).on_conflict_do_nothing(), rows)


async def keys_of_wallet(tx: Transaction, wallet_id: UUID, curve: Curve) -> list[KeyRecord]:
    rows = await tx.execute(select(key_table).where(key_table.c.wallet_id == wallet_id, key_table.c.curve == curve))
    return [_key(row) for row in rows]


async def keys_of_tenant(tx: Transaction, tenant_id: UUID) -> list[KeyRecord]:
    """Oldest first."""
    statement = select(key_table).where(key_table.c.tenant_id == tenant_id)
    rows = await tx.execute(statement.order_by(key_table.c.created_at, key_table.c.id))
    return [_key(row) for row in rows]


async def wallets_with_secrets(
    tx: Transaction, tenant_id: UUID, vault_id: UUID
) -> list[tuple[WalletRecord, StoredSecret]]:
    """The wallets of one vault with what they keep sealed, oldest first; those that only watch have nothing."""
    rows = await tx.execute(
        select(
            wallet_table,
            secret_table.c.id.label("secret_id"),
            secret_table.c.tenant_id.label("secret_tenant_id"),
            secret_table.c.purpose.label("secret_purpose"),
            secret_table.c.wrapped_key,
            secret_table.c.sealed,
        )
        .join(secret_table, secret_table.c.wallet_id == wallet_table.c.id)
        .where(wallet_table.c.tenant_id == tenant_id, wallet_table.c.vault_id == vault_id)
        .order_by(wallet_table.c.created_at, wallet_table.c.id)
    )
    words = words_in(tx)
    return [
        (
            _wallet(row, words),
            StoredSecret(
                row.secret_id, row.secret_tenant_id, row.secret_purpose, SealedSecret(row.wrapped_key, row.sealed)
            ),
        )
        for row in rows
    ]


async def service_public_key(tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, curve: Curve) -> bytes | None:
    """Of a tenant's one service key of a purpose and curve; None while it has none."""
    raw: bytes | None = await tx.scalar(
        select(key_table.c.public_key).where(
            key_table.c.tenant_id == tenant_id, key_table.c.purpose == purpose, key_table.c.curve == curve
        )
    )
    return raw


async def service_key_owner(tx: Transaction, purpose: KeyPurpose, public_key: bytes) -> UUID | None:
    """The tenant whose service key of this purpose it is."""
    owner: UUID | None = await tx.scalar(
        select(key_table.c.tenant_id).where(key_table.c.purpose == purpose, key_table.c.public_key == public_key)
    )
    return owner


def _key(row: Row[Any]) -> KeyRecord:
    curve = Curve(row.curve)
    return KeyRecord(
        id=KeyId(row.id),
        tenant_id=row.tenant_id,
        wallet_id=row.wallet_id,
        purpose=KeyPurpose(row.purpose),
        curve=curve,
        public_key=PublicKey(curve, row.public_key),
        path=row.path,
    )


async def lock_service_wallet(tx: Transaction, tenant_id: UUID) -> None:
    """One maker of a tenant's service wallet at a time."""
    await lock_for_transaction(tx, "keystore.service_wallet", tenant_id)


async def add_policy_rules(
    tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId, targets: Iterable[Target]
) -> None:
    rows = [
        {
            "tenant_id": tenant_id,
            "purpose": purpose,
            "chain": str(chain),
            "kind": kind,
            "target": target,
            "selector": selector,
        }
        for kind, target, selector in map(target_to_row, targets)
    ]
    if rows:
        await tx.execute(insert(policy_rule_table).on_conflict_do_nothing(), rows)


async def drop_policy_rules(tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> None:
    await tx.execute(
        delete(policy_rule_table).where(
            policy_rule_table.c.tenant_id == tenant_id,
            policy_rule_table.c.purpose == purpose,
            policy_rule_table.c.chain == str(chain),
        )
    )


async def policy_rules(tx: Transaction, tenant_id: UUID, purpose: KeyPurpose, chain: ChainId) -> list[Target]:
    """The rules of this tenant and those of every tenant."""
    rows = await tx.execute(
        select(policy_rule_table.c.kind, policy_rule_table.c.target, policy_rule_table.c.selector).where(
            or_(policy_rule_table.c.tenant_id == tenant_id, policy_rule_table.c.tenant_id == EVERY_TENANT),
            policy_rule_table.c.purpose == purpose,
            policy_rule_table.c.chain == str(chain),
        )
    )
    return [target_from_row(row.kind, row.target, row.selector) for row in rows]


async def add_redemption_rule(tx: Transaction, tenant_id: UUID, chain: ChainId, rule: RedemptionRule) -> None:
    """Store what a campaign allows, once.

    Raises:
        InvalidValue: The campaign is stored with other terms; they never change.
    """
    await tx.execute(
        insert(redemption_rule_table)
        .values(
            chain=str(chain),
            campaign=rule.campaign.raw,
            tenant_id=tenant_id,
            mint=encode_base58(rule.mint),
            vault=encode_base58(rule.vault),
            settlement_mint=encode_base58(rule.settlement_mint),
            merchants=sorted(encode_base58(merchant) for merchant in rule.merchants),
            max_payout=rule.max_payout,
            units_per_minor=rule.units_per_minor,
            sponsor_bp=rule.sponsor_bp,
            valid_from=rule.valid_from,
            valid_until=rule.valid_until,
        )
        .on_conflict_do_nothing()
    )
    stored = await redemption_rules(tx, chain, [rule.campaign])
    if stored[rule.campaign] != rule:
        raise InvalidValue(f"campaign {rule.campaign} is already known to the key policy with other terms")


async def window_end_of_vault(tx: Transaction, chain: ChainId, vault: bytes) -> int | None:
    """When the campaign of a vault (32 bytes) ends, Unix seconds; None for a vault that nobody here made."""
    end: int | None = await tx.scalar(
        select(redemption_rule_table.c.valid_until).where(
            redemption_rule_table.c.chain == str(chain), redemption_rule_table.c.vault == encode_base58(vault)
        )
    )
    return end


async def campaign_of_vault(tx: Transaction, chain: ChainId, vault: bytes) -> CampaignId | None:
    """Whose vault (32 bytes) it is; None for one that nobody here made."""
    found: bytes | None = await tx.scalar(
        select(redemption_rule_table.c.campaign).where(
            redemption_rule_table.c.chain == str(chain), redemption_rule_table.c.vault == encode_base58(vault)
        )
    )
    return None if found is None else CampaignId(found)


async def redemption_rules(
    tx: Transaction, chain: ChainId, campaigns: Iterable[CampaignId]
) -> dict[CampaignId, RedemptionRule]:
    rows = await tx.execute(
        select(redemption_rule_table).where(
            redemption_rule_table.c.chain == str(chain),
            redemption_rule_table.c.campaign.in_([campaign.raw for campaign in campaigns]),
        )
    )
    rules = [
        RedemptionRule(
            campaign=CampaignId(row.campaign),
            mint=decode_base58(row.mint, length=32),
            vault=decode_base58(row.vault, length=32),
            settlement_mint=decode_base58(row.settlement_mint, length=32),
            merchants=frozenset(decode_base58(merchant, length=32) for merchant in row.merchants),
            max_payout=row.max_payout,
            units_per_minor=row.units_per_minor,
            sponsor_bp=row.sponsor_bp,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in rows
    ]
    return {rule.campaign: rule for rule in rules}
