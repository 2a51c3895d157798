"""The signing port: a request is read, judged, written to the audit log, and only then signed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from codec.solana.redemption import decode_redemption
from keystore import sql
from keystore.audit import AuditLog
from keystore.derivation import public_key_of
from keystore.model import KeyRecord, WalletRecord
from keystore.origin import open_origin, purpose_of
from keystore.payload import CheckedPayload, check_payload
from keystore.policy import require_allowed
from keystore.secret import Secret
from keystore.signature import sign_digest, sign_message
from keystore.unlocked import OpenVault
from persistence.database import Database, Transaction
from primitives.clock import Clock
from primitives.errors import KeyNotFound, QuanbaoError, RedemptionRefused, SealBroken, SigningRefused
from primitives.key_path import parse_key_path
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey, Signature, Signer, SigningRequest


class VaultSigner:
    """Signs with the keys of one open vault.

    Args:
        vault: Answers the open vault each time it is asked, or raises KeystoreLocked.
        service: Whether it is the service vault, none of whose keys is ever treated as a person's.
    """

    def __init__(
        self, database: Database, audit: AuditLog, vault: Callable[[], OpenVault], clock: Clock, *, service: bool
    ) -> None:
        self._clock = clock
        self._database = database
        self._audit = audit
        self._vault = vault
        self._service = service

    async def public_key(self, key: KeyId) -> PublicKey:
        """Raises KeyNotFound, KeystoreLocked."""
        async with self._database.transaction() as tx:
            record, _, _ = await self._own_key(tx, key)
        return record.public_key

    async def sign(self, request: SigningRequest) -> Signature:
        """As `primitives.signing.Signer.sign`; also raises RedemptionRefused for the redemption authority."""
        async with self._database.transaction() as tx:
            record, wallet, stored = await self._own_key(tx, request.key)
        try:
            payload = check_payload(request, record.public_key)
            await self._judge(request, record, payload)
        except (SigningRefused, RedemptionRefused) as refusal:
            facts = {"rule": str(refusal.facts.get("rule", refusal.code))}
            await self._audit.append(record.id, record.tenant_id, "refused", _facts(request) | facts)
            raise
        facts = _facts(request) | {"summary": payload.summary}
        await self._audit.append(record.id, record.tenant_id, "signed", facts)
        # From here on nothing waits, so the vault that is open now stays open until the signature is made.
        private_key = self._private_key(record, wallet, stored)
        if record.curve is Curve.SECP256K1:
            return sign_digest(private_key, payload.to_sign)
        return sign_message(private_key, payload.to_sign)

    async def _own_key(self, tx: Transaction, key: KeyId) -> tuple[KeyRecord, WalletRecord, sql.StoredSecret]:
        vault = self._vault()
        record = await sql.find_key(tx, key)
        if record is None:
            raise KeyNotFound("you have no such key", key=str(key))
        try:
            wallet = await sql.wallet(tx, record.tenant_id, record.wallet_id)
        except KeyNotFound as error:
            raise KeyNotFound("you have no such key", key=str(key)) from error
        purpose = purpose_of(wallet.record)
        if wallet.vault_id != vault.vault_id:
            raise KeyNotFound("you have no such key", key=str(key))
        if (record.purpose is KeyPurpose.HOLDER) is self._service:
            # Otherwise one changed word in the key's row would lift a service key out of its policy.
            raise SealBroken(f"the purpose of key {key} was changed: restore it from a backup", record=f"key {key}")
        return record, wallet.record, await sql.secret_of(tx, record.wallet_id, purpose)

    async def _judge(self, request: SigningRequest, record: KeyRecord, payload: CheckedPayload) -> None:
        if record.purpose is KeyPurpose.HOLDER:
            return
        if record.purpose is KeyPurpose.REDEMPTION_AUTHORITY:
            await self._judge_redemption(request, record.public_key)
            return
        if payload.hides_accounts:
            raise SigningRefused(
                "a service key signs no message that loads accounts from lookup tables", rule="lookup_tables"
            )
        async with self._database.transaction() as tx:
            rules = await sql.policy_rules(tx, record.tenant_id, record.purpose, request.chain)
        require_allowed(record.purpose, payload.targets, rules)

    async def _judge_redemption(self, request: SigningRequest, public_key: PublicKey) -> None:
        """The authority signs nothing but whole redemptions, last, after holder and merchant."""
        redemption = decode_redemption(request.payload, request.chain)
        if redemption.parties.authority != public_key.raw:
            raise RedemptionRefused("the redemption names another authority than this key", rule="foreign_authority")
        signatures = {key.raw: signature.raw for key, signature in request.cosignatures}
        redemption.require_signature(redemption.parties.holder, signatures)
        redemption.require_signature(redemption.parties.merchant, signatures)
        async with self._database.transaction() as tx:
            campaigns = {item.voucher.campaign for item in redemption.vouchers}
            rules = await sql.redemption_rules(tx, request.chain, campaigns)
        redemption.check_campaigns(rules)
        redemption.check_windows(rules, int(self._clock.now().timestamp()))

    def _private_key(self, record: KeyRecord, wallet: WalletRecord, stored: sql.StoredSecret) -> Secret:
        vault = self._vault()
        cached = vault.keys.get(record.id)
        if cached is not None:
            return cached
        origin = open_origin(vault.master_key, wallet, stored.sealed)
        try:
            private_key = origin.private_key(record.curve, parse_key_path(record.path, record.curve))
        finally:
            origin.wipe()
        if public_key_of(private_key, record.curve) != record.public_key:
            private_key.wipe()
            raise SealBroken(
                f"the public key of key {record.id} was changed: restore it from a backup", record=f"key {record.id}"
            )
        vault.keys.put(record.id, private_key)
        return private_key

    def __repr__(self) -> str:
        return "VaultSigner(hidden)"


def _facts(request: SigningRequest) -> dict[str, str]:
    return {
        "act": request.act,
        "scheme": str(request.scheme),
        "chain": str(request.chain),
        "payload_sha256": hashlib.sha256(request.payload).hexdigest(),
    }


class CombinedSigner:
    """Several signers as one: each is asked in turn until one knows the key."""

    def __init__(self, *signers: Signer) -> None:
        self._signers = signers

    async def public_key(self, key: KeyId) -> PublicKey:
        """Raises KeyNotFound when none knows the key."""
        return await (await self._signer_of(key)).public_key(key)

    async def sign(self, request: SigningRequest) -> Signature:
        """As `Signer.sign`."""
        return await (await self._signer_of(request.key)).sign(request)

    async def _signer_of(self, key: KeyId) -> Signer:
        locked: QuanbaoError | None = None
        for signer in self._signers:
            try:
                await signer.public_key(key)
            except KeyNotFound as error:
                locked = locked or error
            else:
                return signer
        raise locked or KeyNotFound("there is no signer", key=str(key))
