"""The custody module as the rest of the program sees it."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from keystore import PLATFORM_TENANT, sql
from keystore.audit import AuditLog
from keystore.audit_log.sql import last_audit_entry
from keystore.batch.keys import ManyKeys
from keystore.branch import Branch
from keystore.derivation import public_key_of
from keystore.envelope import SealContext, seal, unseal
from keystore.exports.service import KeyExports
from keystore.extended_text import public_text
from keystore.imports.service import KeyImports
from keystore.kdf import KdfParameters, PassphraseKdf, check_passphrase
from keystore.mnemonic import generate_entropy, join_words, split_words, words_to_entropy
from keystore.model import PERSON_KINDS, KeyRecord, WalletKind, WalletRecord
from keystore.operator_key import read_operator_key, vault_key_of
from keystore.origin import KeyOrigin, open_origin, purpose_of
from keystore.policies import KeyPolicies
from keystore.secret import Secret
from keystore.seed_words import SeedWords
from keystore.signers import CombinedSigner, VaultSigner
from keystore.single_key import SingleKey
from keystore.unlocked import OpenVault, UnlockedVaults, UnlockToken
from keystore.unlocking.service import DeviceUnlocking
from keystore.vault import (
    OPERATOR_KDF,
    PERSON,
    SERVICE,
    WRAPPING,
    VaultRecord,
    fresh_salt,
    new_vault,
    open_vault,
    require_newest,
    rewrap,
    wrapping_facts,
)
from persistence.database import Database, Transaction
from primitives.clock import Clock, SystemClock
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import (
    BackupNotConfirmed,
    InvalidKeyFile,
    InvalidMnemonic,
    InvalidValue,
    KeyNotFound,
    KeystoreLocked,
    WalletBackedUp,
    WrongPassphrase,
)
from primitives.key_path import KeyPath
from primitives.signing import Curve, KeyId, KeyPurpose

__all__ = ["CombinedSigner", "Keystore", "UnlockToken"]

MAX_LABEL = 100
_ASKED_WORDS = 4

# One number per purpose, so that the operator's words alone bring every service key back.
_SERVICE_INDEX = {
    KeyPurpose.RELAYER: 0,
    KeyPurpose.ISSUER: 1,
    KeyPurpose.TREASURY: 2,
    KeyPurpose.REDEMPTION_AUTHORITY: 3,
    KeyPurpose.VAULT_OPERATOR: 4,
    KeyPurpose.GAS_STATION: 5,
}


class Keystore(KeyPolicies):
    """Vaults, wallets, keys and their policy.

    Args:
        audit_database: Connections of its own to the same database; the audit log must not wait for, nor roll back
            with, anybody else's transaction.
        kdf: Cost of argon2id for new vaults; older vaults are brought to it when they are unlocked.
    """

    def __init__(
        self,
        database: Database,
        audit_database: Database,
        *,
        clock: Clock | None = None,
        kdf: KdfParameters | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        super().__init__(database, AuditLog(audit_database, self._clock))
        self._parameters = kdf or KdfParameters()
        self._kdf = PassphraseKdf()
        self._unlocked = UnlockedVaults(self._clock)
        self._service: OpenVault | None = None
        self.imports = KeyImports(database, self._audit, self._clock, self._vault_of, self._store_wallet)
        self.many = ManyKeys(database, self._vault_of)
        self.exports = KeyExports(database, self._audit, self._reopen, self._vault_of)
        self.devices = DeviceUnlocking(database, self._audit, self._unlocked, self._reopen)

    def __repr__(self) -> str:
        return "Keystore(hidden)"

    # A person's vault

    async def has_passphrase(self, tenant_id: UUID) -> bool:
        async with self._database.transaction() as tx:
            return await sql.find_vault(tx, tenant_id, PERSON) is not None

    async def passphrase_since(self, tenant_id: UUID) -> datetime | None:
        """When the vault was last wrapped, as the audit log has it; None: no passphrase is set."""
        async with self._database.transaction() as tx:
            vault = await sql.find_vault(tx, tenant_id, PERSON)
            newest = None if vault is None else await last_audit_entry(tx, vault.id)
        return None if newest is None else newest.at

    async def set_passphrase(self, tenant_id: UUID, passphrase: str) -> None:
        """Make the person's vault.

        Raises:
            InvalidValue: Fewer than 8 or more than 1,024 characters, or a passphrase is set already.
        """
        check_passphrase(passphrase)
        salt = fresh_salt()
        with await self._kdf.derive(passphrase, salt, self._parameters) as wrapping_key:
            vault, master_key = new_vault(tenant_id, PERSON, self._parameters.to_json(), salt, wrapping_key)
        master_key.wipe()
        async with self._database.transaction() as tx:
            if not await sql.insert_vault(tx, vault):
                raise InvalidValue("a passphrase is already set: change it with the old one")
        await self._audit.append(vault.id, tenant_id, "vault_made", wrapping_facts(vault))

    async def change_passphrase(self, tenant_id: UUID, old: str, new: str) -> None:
        """Wrap the same master key under a new passphrase and end every unlock of this person.

        Raises:
            WrongPassphrase, InvalidValue
        """
        check_passphrase(new)
        vault = await self._person_vault(tenant_id)
        with await self._open(vault, old) as master_key:
            await self._wrap_again(vault, new, master_key)
        self._unlocked.lock_tenant(tenant_id)

    async def unlock(self, tenant_id: UUID, passphrase: str, ttl: timedelta = timedelta(minutes=15)) -> UnlockToken:
        """Open the person's vault for a while. The token is the only handle; it is shown once and kept nowhere.

        Raises:
            WrongPassphrase
            KeyNotFound: No passphrase is set.
            SealBroken: The vault's record was damaged.
            InvalidValue: A time above twelve hours.
        """
        vault = await self._person_vault(tenant_id)
        master_key = await self._open(vault, passphrase)
        if dict(vault.kdf) != self._parameters.to_json():
            await self._wrap_again(vault, passphrase, master_key)
        return self._unlocked.add(tenant_id, vault.id, master_key, ttl)

    def lock(self, token: UnlockToken) -> None:
        """End an unlock and wipe its keys; an unknown token is no error."""
        self._unlocked.lock(token)

    def is_unlocked(self, token: UnlockToken, tenant_id: UUID) -> bool:
        try:
            return self._unlocked.require(token).tenant_id == tenant_id
        except KeystoreLocked:
            return False

    def close(self) -> None:
        """Wipe everything that is open; for the end of the program."""
        self._unlocked.lock_all()
        if self._service is not None:
            self._service.wipe()
            self._service = None

    async def _person_vault(self, tenant_id: UUID) -> VaultRecord:
        async with self._database.transaction() as tx:
            vault = await sql.find_vault(tx, tenant_id, PERSON)
        if vault is None:
            raise KeyNotFound("no passphrase is set yet: set one first")
        return vault

    async def _open(self, vault: VaultRecord, passphrase: str) -> Secret:
        vault.check()
        await self._require_newest(vault)
        parameters = KdfParameters.from_json(vault.kdf)
        with await self._kdf.derive(passphrase, vault.salt, parameters) as wrapping_key:
            return open_vault(vault, wrapping_key)

    async def _reopen(self, tenant_id: UUID, passphrase: str) -> OpenVault:
        """The vault by the passphrase given again; the caller wipes it. Raises WrongPassphrase."""
        vault = await self._person_vault(tenant_id)
        await self._require_newest(vault)
        return OpenVault(tenant_id, vault.id, await self._open(vault, passphrase), None)

    async def _wrap_again(self, vault: VaultRecord, passphrase: str, master_key: Secret) -> None:
        salt = fresh_salt()
        with await self._kdf.derive(passphrase, salt, self._parameters) as wrapping_key:
            fresh = rewrap(vault, self._parameters.to_json(), salt, wrapping_key, master_key)

        async def replace_vault(tx: Transaction) -> None:
            current = await sql.find_vault(tx, vault.tenant_id, vault.kind, lock=True)
            if current != vault:
                raise WrongPassphrase("the passphrase was changed at the same time: try again with the new one")
            await sql.replace_vault(tx, fresh)

        facts = wrapping_facts(fresh)
        await self._audit.append(vault.id, vault.tenant_id, "vault_wrapped", facts, together_with=replace_vault)

    async def _require_newest(self, vault: VaultRecord) -> None:
        async with self._database.transaction() as tx:
            # Locked, so that the entry which we read next is of this very record and not of one that replaces it now.
            current = await sql.find_vault(tx, vault.tenant_id, vault.kind, lock=True)
            newest = await last_audit_entry(tx, vault.id)
        if current is None:
            raise KeyNotFound("the vault is gone: restore a backup")
        require_newest(current, None if newest is None else newest.facts.get(WRAPPING))
        if current != vault:
            raise WrongPassphrase("the passphrase was changed at the same time: try again with the new one")

    # Wallets

    async def create_wallet(
        self,
        token: UnlockToken,
        tenant_id: UUID,
        label: str,
        words: int = 12,
        language: str = "english",
        bip39_passphrase: str = "",
    ) -> WalletRecord:
        """Make a wallet from fresh entropy. Its words are shown by `reveal_mnemonic` until the backup is confirmed.

        Raises:
            KeystoreLocked
            InvalidValue: Word count, language or label.
        """
        vault = self._vault_of(token, tenant_id)
        seed_words = SeedWords.of(generate_entropy(words), language, bip39_passphrase)
        return await self._store_wallet(
            vault, tenant_id, label, WalletKind.MNEMONIC, seed_words, backup_confirmed=False
        )

    async def import_mnemonic(
        self, token: UnlockToken, tenant_id: UUID, label: str, mnemonic: str, bip39_passphrase: str = ""
    ) -> WalletRecord:
        """Make a wallet from words that the person has; the language is found. Words that the person imported
        before give that wallet again.

        Raises:
            KeystoreLocked
            InvalidMnemonic: Names counts and positions, never words.
        """
        vault = self._vault_of(token, tenant_id)
        entropy, language = words_to_entropy(mnemonic)
        seed_words = SeedWords.of(entropy, language, bip39_passphrase)
        return await self._store_wallet(vault, tenant_id, label, WalletKind.MNEMONIC, seed_words, backup_confirmed=True)

    async def wallets(self, tenant_id: UUID) -> list[WalletRecord]:
        """The person's wallets, oldest first."""
        async with self._database.transaction() as tx:
            return await sql.wallets_of(tx, tenant_id, *PERSON_KINDS)

    async def wallet(self, tenant_id: UUID, wallet_id: UUID) -> WalletRecord:
        """Raises KeyNotFound."""
        async with self._database.transaction() as tx:
            return (await sql.wallet(tx, tenant_id, wallet_id)).record

    async def _store_wallet(
        self,
        vault: OpenVault,
        tenant_id: UUID,
        label: str,
        kind: WalletKind,
        origin: KeyOrigin,
        *,
        backup_confirmed: bool,
    ) -> WalletRecord:
        try:
            if not 1 <= len(label.strip()) <= MAX_LABEL:
                raise InvalidValue(f"a wallet's label has 1 to {MAX_LABEL} characters")
            async with self._database.transaction() as tx:
                return await self._insert_wallet(tx, vault, tenant_id, label.strip(), kind, origin, backup_confirmed)
        finally:
            origin.wipe()

    async def _insert_wallet(
        self,
        tx: Transaction,
        vault: OpenVault,
        tenant_id: UUID,
        label: str,
        kind: WalletKind,
        origin: KeyOrigin,
        backup_confirmed: bool,
    ) -> WalletRecord:
        record = WalletRecord(
            id=uuid4(),
            tenant_id=tenant_id,
            label=label,
            kind=kind,
            words=len(origin.words()) if isinstance(origin, SeedWords) else None,
            language=origin.language if isinstance(origin, SeedWords) else None,
            backup_confirmed=backup_confirmed,
            created_at=self._clock.now(),
            curve=only_curve_of(origin),
            extended_public_key=public_text(origin.node.neuter()) if isinstance(origin, Branch) else None,
        )
        fingerprint = origin.fingerprint()
        context = SealContext(tenant_id, record.id, origin.purpose)
        with origin.encode() as encoded:
            sealed = seal(vault.master_key, encoded, context)
        secret = sql.StoredSecret(uuid4(), tenant_id, origin.purpose, sealed)
        if await sql.insert_wallet(tx, record, vault.vault_id, fingerprint, secret):
            return record
        existing = await sql.wallet_by_fingerprint(tx, tenant_id, kind, fingerprint)
        if existing is None:
            raise InvalidValue("the wallet could not be stored")
        if backup_confirmed and not existing.backup_confirmed:
            # Typing all words of a wallet proves more than any challenge would.
            await sql.set_backup_confirmed(tx, existing.id)
            return replace(existing, backup_confirmed=True)
        return existing

    # Backup

    async def reveal_mnemonic(self, wallet_id: UUID, tenant_id: UUID, passphrase: str) -> str:
        """The words of a new wallet, after the passphrase was given again. Audited before the words are opened.

        Raises:
            WrongPassphrase
            KeyNotFound
            WalletBackedUp: The owner has proved to have them; they are not shown again.
            AuditUnavailable
        """
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id)
            if stored.record.kind is not WalletKind.MNEMONIC:
                raise KeyNotFound("you have no such wallet with words", wallet=str(wallet_id))
            secret = await sql.secret_of(tx, wallet_id, SeedWords.purpose)
        if stored.record.backup_confirmed:
            raise _backed_up(wallet_id)
        vault = await self._person_vault(tenant_id)
        try:
            master_key = await self._open(vault, passphrase)
        except WrongPassphrase:
            await self._audit.append(wallet_id, tenant_id, "reveal_refused", {"rule": "wrong_passphrase"})
            raise
        opened = OpenVault(tenant_id, vault.id, master_key, None)
        try:
            await self._audit.append(wallet_id, tenant_id, "revealed", {"what": SeedWords.purpose})
            words = open_words(opened, stored.record, secret)
            try:
                return join_words(words.words(), words.language)
            finally:
                words.wipe()
        finally:
            opened.wipe()

    async def backup_challenge(self, tenant_id: UUID, wallet_id: UUID) -> tuple[int, ...]:
        """Four random positions, counted from 1, whose words the owner shall type; stored until answered.

        Raises:
            KeyNotFound
            WalletBackedUp: Nothing is left to prove.
        """
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id, lock=True)
            if stored.record.backup_confirmed:
                raise _backed_up(wallet_id)
            if stored.record.words is None:
                raise KeyNotFound("this wallet has no words", wallet=str(wallet_id))
            chosen = secrets.SystemRandom().sample(range(1, stored.record.words + 1), _ASKED_WORDS)
            positions = tuple(sorted(chosen))
            await sql.set_backup_positions(tx, wallet_id, positions)
        return positions

    async def confirm_backup(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, answers: Mapping[int, str]
    ) -> WalletRecord:
        """Check the words typed at the positions of the last challenge.

        Raises:
            KeystoreLocked, KeyNotFound
            BackupNotConfirmed: There is no challenge, or other positions were answered than it asks.
            InvalidMnemonic: `positions` are wrong; the challenge stays.
        """
        vault = self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id, lock=True)
            if stored.record.backup_confirmed:
                return stored.record
            asked = stored.backup_positions
            if asked is None or set(answers) != set(asked):
                raise BackupNotConfirmed(
                    "answer exactly the positions of the last challenge", positions=list(asked or ())
                )
            secret = await sql.secret_of(tx, wallet_id, SeedWords.purpose)
            words = open_words(vault, stored.record, secret)
            try:
                right = words.words()
            finally:
                words.wipe()
            wrong = [position for position in asked if not _same_word(answers[position], right[position - 1])]
            if wrong:
                which = ", ".join(map(str, wrong))
                raise InvalidMnemonic(
                    f"word {which} is not the one of this wallet: compare your notes", positions=wrong
                )
            await sql.set_backup_confirmed(tx, wallet_id)
            confirmed = (await sql.wallet(tx, tenant_id, wallet_id)).record
        await self._audit.append(wallet_id, tenant_id, "backup_confirmed", {})
        return confirmed

    # Keys

    async def derive(
        self, token: UnlockToken, tenant_id: UUID, wallet_id: UUID, curve: Curve, path: KeyPath
    ) -> KeyRecord:
        """The key of a person's wallet at a path; the same key record each time.

        Raises:
            KeystoreLocked, KeyNotFound, SealBroken
            InvalidDerivationPath: A soft level on ed25519, or a place where this wallet has no key.
            SigningRefused: The wallet only watches.
        """
        vault = self._vault_of(token, tenant_id)
        async with self._database.transaction() as tx:
            stored = await sql.wallet(tx, tenant_id, wallet_id)
            purpose_of(stored.record)
            if stored.vault_id != vault.vault_id:
                raise KeyNotFound("you have no such wallet", wallet=str(wallet_id))
            return await self._derive(tx, vault, stored.record, KeyPurpose.HOLDER, curve, path)

    async def key(self, tx: Transaction, key_id: KeyId) -> KeyRecord:
        """A key record by its id, without any unlock. Raises KeyNotFound."""
        record = await sql.find_key(tx, key_id)
        if record is None:
            raise KeyNotFound("there is no such key", key=str(key_id))
        return record

    async def _derive(
        self,
        tx: Transaction,
        vault: OpenVault,
        wallet: WalletRecord,
        purpose: KeyPurpose,
        curve: Curve,
        path: KeyPath,
    ) -> KeyRecord:
        known = await sql.find_key_at(tx, wallet.id, curve, str(path))
        if known is not None:
            return known
        secret = await sql.secret_of(tx, wallet.id, purpose_of(wallet))
        origin = open_origin(vault.master_key, wallet, secret.sealed)
        try:
            with origin.private_key(curve, path) as private_key:
                public_key = public_key_of(private_key, curve)
        finally:
            origin.wipe()
        record = KeyRecord(KeyId(uuid4()), wallet.tenant_id, wallet.id, purpose, curve, public_key, str(path))
        await sql.insert_key(tx, record)
        # Somebody else may have been first; theirs is the record.
        return await sql.find_key_at(tx, wallet.id, curve, str(path)) or record

    def signer(self, token: UnlockToken) -> VaultSigner:
        """Signs with the keys of the person who unlocked, for as long as the token lives."""
        return self._signer(lambda: self._unlocked.require(token), service=False)

    def _vault_of(self, token: UnlockToken, tenant_id: UUID) -> OpenVault:
        vault = self._unlocked.require(token)
        if vault.tenant_id != tenant_id:
            raise KeystoreLocked("your keys are locked: unlock them with your passphrase")
        return vault

    # Service keys

    async def open_service(self, key_file: Path) -> None:
        """Open the service vault with the operator's key file; the first start makes the vault.

        Raises:
            InvalidKeyFile: Absent, readable by others, malformed, or not the file that made this vault.
            SealBroken: The vault's record was damaged.
        """
        with read_operator_key(key_file) as operator_key:
            async with self._database.transaction() as tx:
                await sql.lock_service_wallet(tx, PLATFORM_TENANT)
                vault = await sql.find_vault(tx, PLATFORM_TENANT, SERVICE)
                if vault is None:
                    salt = fresh_salt()
                    with vault_key_of(operator_key, salt) as wrapping_key:
                        vault, master_key = new_vault(PLATFORM_TENANT, SERVICE, OPERATOR_KDF, salt, wrapping_key)
                    await sql.insert_vault(tx, vault)
                    made = True
                else:
                    master_key = _open_service_vault(vault, operator_key, key_file)
                    made = False
        if made:
            await self._audit.append(vault.id, PLATFORM_TENANT, "vault_made", wrapping_facts(vault))
        else:
            await self._require_newest(vault)
        if self._service is not None:
            self._service.wipe()
        self._service = OpenVault(PLATFORM_TENANT, vault.id, master_key, None)

    async def service_key(self, tenant_id: UUID, purpose: KeyPurpose, curve: Curve) -> KeyRecord:
        """A tenant's key for one purpose, made on first use; it signs nothing until `allow` lists targets.

        Raises:
            KeystoreLocked: The service vault is not open.
            InvalidValue: HOLDER is no service purpose.
        """
        vault = self._service_vault()
        index = _SERVICE_INDEX.get(purpose)
        if index is None or curve is Curve.SR25519:
            raise InvalidValue(f"there are no {curve} service keys for the purpose {purpose}")
        path = _service_path(curve, index)
        async with self._database.transaction() as tx:
            await sql.lock_service_wallet(tx, tenant_id)
            existing = await sql.wallets_of(tx, tenant_id, WalletKind.SERVICE)
            if existing:
                wallet = existing[0]
            else:
                seed_words = SeedWords.of(generate_entropy(24), "english")
                try:
                    wallet = await self._insert_wallet(
                        tx, vault, tenant_id, "service", WalletKind.SERVICE, seed_words, backup_confirmed=False
                    )
                finally:
                    seed_words.wipe()
            return await self._derive(tx, vault, wallet, purpose, curve, path)

    def service_signer(self) -> VaultSigner:
        """Signs with service keys, each within its key policy."""
        return self._signer(self._service_vault, service=True)

    def _signer(self, vault: Callable[[], OpenVault], *, service: bool) -> VaultSigner:
        return VaultSigner(self._database, self._audit, vault, self._clock, service=service)

    def _service_vault(self) -> OpenVault:
        if self._service is None:
            raise KeystoreLocked("the service keys are locked: start with the operator's key file")
        return self._service


def open_words(vault: OpenVault, wallet: WalletRecord, stored: sql.StoredSecret) -> SeedWords:
    """The words of a wallet whose vault is open. Raises SealBroken."""
    context = SealContext(wallet.tenant_id, wallet.id, SeedWords.purpose)
    with unseal(vault.master_key, stored.sealed, context) as opened:
        return SeedWords.decode(opened)


def only_curve_of(origin: KeyOrigin) -> Curve | None:
    """The curve of an origin that has only one."""
    if isinstance(origin, SingleKey):
        return origin.curve
    return Curve.SECP256K1 if isinstance(origin, Branch) else None


def _open_service_vault(vault: VaultRecord, operator_key: Secret, key_file: Path) -> Secret:
    with vault_key_of(operator_key, vault.salt) as wrapping_key:
        try:
            return open_vault(vault, wrapping_key)
        except WrongPassphrase as error:
            raise InvalidKeyFile(
                f"{key_file} is not the operator's key file of this database: bring back the one that made it"
            ) from error


def _service_path(curve: Curve, index: int) -> DerivationPath:
    if curve is Curve.SECP256K1:
        return DerivationPath((HARDENED + 44, HARDENED + 60, HARDENED, 0, index))
    return DerivationPath((HARDENED + 44, HARDENED + 501, HARDENED + index, HARDENED))


def _same_word(given: str, right: str) -> bool:
    words = split_words(given)
    return len(words) == 1 and hmac.compare_digest(words[0].encode(errors="replace"), right.encode())


def _backed_up(wallet_id: UUID) -> WalletBackedUp:
    return WalletBackedUp(
        "the words of this wallet were written down and checked; they are not shown again", wallet=str(wallet_id)
    )
