"""The signing port: a request is read, judged, written to the audit log, and only then signed."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from codec.solana.refusal import Refusal
from keystore import sql
from keystore.audit import AuditLog
from keystore.batch.merkle import merkle_root
from keystore.batch.model import Batch, SignedItem
from keystore.batch.recoverable import RecoverableSigner
from keystore.derivation import public_key_of
from keystore.holds.sql import held_keys
from keystore.judge import Judge, KeyRefused
from keystore.model import KeyRecord, WalletRecord
from keystore.origin import open_origin, purpose_of
from keystore.payload import CheckedPayload, check_payload
from keystore.secret import Secret
from keystore.signature import sign_digest, sign_message
from keystore.unlocked import OpenVault
from persistence.database import Database
from primitives.clock import Clock
from primitives.errors import (
    AccountFrozen,
    KeyNotFound,
    QuanbaoError,
    RedemptionRefused,
    SealBroken,
    SigningRefused,
)
from primitives.key_path import parse_key_path
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey, Signature, Signer, SigningRequest

_SIGNED_AT_ONCE = 1000


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
        self._judge = Judge(database, clock)
        self._database = database
        self._audit = audit
        self._vault = vault
        self._service = service

    async def public_key(self, key: KeyId) -> PublicKey:
        """Raises KeyNotFound, KeystoreLocked."""
        record, _, _ = await self._own_key(key)
        return record.public_key

    async def sign(self, request: SigningRequest) -> Signature:
        """As `primitives.signing.Signer.sign`; also raises RedemptionRefused for the redemption authority."""
        record, wallet, stored = await self._own_key(request.key)
        try:
            payload = check_payload(request, record.public_key)
            await self._judge.allow(record, [(request, payload)])
            with _reason_alone():
                await self._require_free([record])
        except (SigningRefused, RedemptionRefused) as refusal:
            await self._audit_refusal(record, _facts(request), refusal)
            if _signs_reasons(record, refusal):
                raise self._with_signed_reason([request], refusal, record, wallet, stored) from refusal
            raise
        event, facts = _entry([request], [payload])
        await self._audit.append(record.id, record.tenant_id, event, facts)
        # From here on nothing waits, so the vault that is open now stays open until the signature is made.
        private_key = self._private_key(record, wallet, stored)
        if record.curve is Curve.SECP256K1:
            return sign_digest(private_key, payload.to_sign)
        return sign_message(private_key, payload.to_sign)

    def _with_signed_reason(
        self,
        requests: Sequence[SigningRequest],
        refusal: SigningRefused | RedemptionRefused,
        record: KeyRecord,
        wallet: WalletRecord,
        stored: sql.StoredSecret,
    ) -> SigningRefused | RedemptionRefused:
        """The same refusal with `signed_reason` and `reason_signature` (64 bytes, hex), which the merchant can show."""
        named = refusal.facts.get("payload_sha256")
        of_it = (one for one in requests if hashlib.sha256(one.payload).hexdigest() == named)
        request = next(of_it, requests[0])
        rule = str(refusal.facts.get("rule", refusal.code))
        now = int(self._clock.now().timestamp())
        reason = Refusal.of(request.chain, record.public_key.raw, request.payload, now, rule, refusal.facts)
        private_key = self._private_key(record, wallet, stored)
        signature = sign_message(private_key, reason.to_sign()).raw.hex()
        facts = {**refusal.facts, "signed_reason": reason.text(), "reason_signature": signature}
        return type(refusal)(refusal.message, **facts)

    async def sign_many(self, requests: Sequence[SigningRequest]) -> Sequence[Signature]:
        """As `primitives.signing.Signer.sign_many`."""
        asked: dict[KeyId, list[SigningRequest]] = {}
        for request in requests:
            asked.setdefault(request.key, []).append(request)
        if not asked:
            return []
        owned = await self._own_keys(list(asked))
        payloads: dict[KeyId, list[CheckedPayload]] = {}
        try:
            for key, own in asked.items():
                record = owned[key][0]
                with _refused_for(record):
                    payloads[key] = [check_payload(request, record.public_key) for request in own]
            await self._judge.allow_all(
                [(owned[key][0], list(zip(own, payloads[key], strict=True))) for key, own in asked.items()]
            )
            await self._require_free([owned[key][0] for key in asked])
        except KeyRefused as refused:
            record, wallet, stored = owned[refused.record.id]
            own = asked[record.id]
            count = {} if len(own) == 1 else {"count": str(len(own))}
            await self._audit_refusal(record, _facts(own[0]) | count, refused.reason)
            if _signs_reasons(record, refused.reason):
                raise self._with_signed_reason(own, refused.reason, record, wallet, stored) from refused.reason
            raise refused.reason from refused.reason.__cause__
        await self._audit.append_many(
            [(owned[key][0].id, owned[key][0].tenant_id, *_entry(own, payloads[key])) for key, own in asked.items()]
        )
        # As in `sign`: nothing waits from here on.
        made: dict[KeyId, Iterator[Signature]] = {}
        for key, judged in payloads.items():
            record, wallet, stored = owned[key]
            private_key = self._private_key(record, wallet, stored)
            if record.curve is Curve.SECP256K1:
                made[key] = iter(_sign_digests(private_key, record.public_key, [one.to_sign for one in judged]))
            else:
                made[key] = iter([sign_message(private_key, payload.to_sign) for payload in judged])
        return [next(made[request.key]) for request in requests]

    async def sign_batch(self, batch: Batch, *, verify: bool = True) -> list[SignedItem]:
        """Sign many payloads of one template: read whole, judged once by template and totals, one audit entry.

        Args:
            verify: Check every signature before it leaves; without it a computing fault would go unseen.

        Raises:
            SigningRefused: Nothing is signed; `item`, where there is one, counts from 0.
            InvalidValue: No item, or too many.
            KeystoreLocked: The vault was locked; what was signed before is not handed out.
            KeyNotFound, AuditUnavailable
        """
        record, wallet, stored = await self._own_key(batch.key)
        facts = {"act": batch.act, "scheme": str(batch.scheme), "chain": str(batch.chain)}
        try:
            if record.curve is not batch.curve:
                raise SigningRefused(f"a {record.curve} key cannot sign an {batch.scheme}", rule="wrong_curve")
            prepared = await asyncio.to_thread(batch.prepare, record.public_key)
            await self._judge.allow_batch(record, batch.chain, prepared)
            with _reason_alone():
                await self._require_free([record])
        except SigningRefused as refusal:
            await self._audit_refusal(record, facts, refusal)
            raise
        root = await asyncio.to_thread(merkle_root, prepared.hashes)
        count = len(prepared.hashes)
        facts |= {"count": str(count), "payloads_root": root.hex(), "summary": prepared.summary}
        await self._audit.append(record.id, record.tenant_id, "signed_batch", facts)
        signed: list[SignedItem] = []
        for start in range(0, count, _SIGNED_AT_ONCE):
            # Asked anew for each part, so that locking the vault, or freezing the account, ends the batch.
            with _reason_alone():
                await self._require_free([record])
            with Secret(self._private_key(record, wallet, stored).expose()) as key:
                part = await asyncio.to_thread(prepared.sign, key, start, start + _SIGNED_AT_ONCE, verify)
            signed += part
        return signed

    def __eq__(self, other: object) -> bool:
        """Whether both sign with the very same open vault, so that what is asked of either may be asked of one."""
        if not isinstance(other, VaultSigner):
            return NotImplemented
        try:
            return self._service is other._service and self._vault() is other._vault()
        except QuanbaoError:
            return self is other

    __hash__ = object.__hash__

    async def _own_key(self, key: KeyId) -> tuple[KeyRecord, WalletRecord, sql.StoredSecret]:
        return (await self._own_keys([key]))[key]

    async def _own_keys(self, keys: Sequence[KeyId]) -> dict[KeyId, tuple[KeyRecord, WalletRecord, sql.StoredSecret]]:
        vault = self._vault()
        async with self._database.statements() as tx:
            records = await sql.find_keys(tx, keys)
            wallet_ids = list({record.wallet_id for record in records.values()})
            wallets = await sql.wallets_by_id(tx, wallet_ids)
            owned: dict[KeyId, tuple[KeyRecord, WalletRecord]] = {}
            for key in keys:
                record = records.get(key)
                wallet = None if record is None else wallets.get(record.wallet_id)
                if record is None or wallet is None or wallet.record.tenant_id != record.tenant_id:
                    raise KeyNotFound("you have no such key", key=str(key))
                purpose_of(wallet.record)
                if wallet.vault_id != vault.vault_id:
                    raise KeyNotFound("you have no such key", key=str(key))
                if (record.purpose is KeyPurpose.HOLDER) is self._service:
                    # Otherwise one changed word in the key's row would lift a service key out of its policy.
                    raise SealBroken(
                        f"the purpose of key {key} was changed: restore it from a backup", record=f"key {key}"
                    )
                owned[key] = (record, wallet.record)
            secrets = await sql.secrets_of(tx, wallet_ids)
        found: dict[KeyId, tuple[KeyRecord, WalletRecord, sql.StoredSecret]] = {}
        for key, (record, wallet_record) in owned.items():
            secret = secrets.get((wallet_record.id, purpose_of(wallet_record)))
            if secret is None:
                raise KeyNotFound("the wallet holds no such secret", wallet=str(wallet_record.id))
            found[key] = (record, wallet_record, secret)
        return found

    async def _require_free(self, records: Sequence[KeyRecord]) -> None:
        """The last thing that is read before the signature. Raises KeyRefused for the first key that is held."""
        async with self._database.statements() as tx:
            held = await held_keys(tx, [(record.id, record.tenant_id) for record in records])
        for record in records:
            if record.id in held:
                raise KeyRefused(record, AccountFrozen("this key signs nothing: its account is frozen", rule="frozen"))

    async def _audit_refusal(self, record: KeyRecord, facts: dict[str, str], refusal: QuanbaoError) -> None:
        rule = {"rule": str(refusal.facts.get("rule", refusal.code))}
        await self._audit.append(record.id, record.tenant_id, "refused", facts | rule)

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


def _signs_reasons(record: KeyRecord, refusal: SigningRefused | RedemptionRefused) -> bool:
    """The redemption authority always; an issuer's Solana key when it will not mint."""
    if record.purpose is KeyPurpose.REDEMPTION_AUTHORITY:
        return True
    issuer = record.purpose is KeyPurpose.ISSUER and record.curve is Curve.ED25519
    return issuer and isinstance(refusal, RedemptionRefused)


def _sign_digests(private_key: Secret, public_key: PublicKey, digests: Sequence[bytes]) -> list[Signature]:
    """Several cost half as much to check as one by one: what is the same for all of them is computed once."""
    if len(digests) == 1:
        return [sign_digest(private_key, digests[0])]
    signed = RecoverableSigner(private_key, public_key, verify=True).sign(digests)
    return [Signature(Curve.SECP256K1, raw) for raw in signed]


def _facts(request: SigningRequest) -> dict[str, str]:
    return {
        "act": request.act,
        "scheme": str(request.scheme),
        "chain": str(request.chain),
        "payload_sha256": hashlib.sha256(request.payload).hexdigest(),
    }


def _entry(requests: Sequence[SigningRequest], payloads: Sequence[CheckedPayload]) -> tuple[str, dict[str, str]]:
    """What the audit log says of requests of one key: event and facts."""
    if len(requests) == 1:
        return "signed", _facts(requests[0]) | {"summary": payloads[0].summary}
    leaves = [hashlib.sha256(request.payload).digest() for request in requests]
    return "signed_batch", {
        "act": ", ".join(sorted({request.act for request in requests})),
        "scheme": ", ".join(sorted({str(request.scheme) for request in requests})),
        "chain": ", ".join(sorted({str(request.chain) for request in requests})),
        "count": str(len(requests)),
        "payloads_root": merkle_root(leaves).hex(),
        "first": payloads[0].summary,
        "last": payloads[-1].summary,
    }


@contextmanager
def _reason_alone() -> Iterator[None]:
    """Of a single key: the refusal without the key that it is for."""
    try:
        yield
    except KeyRefused as refused:
        raise refused.reason from None


@contextmanager
def _refused_for(record: KeyRecord) -> Iterator[None]:
    try:
        yield
    except (SigningRefused, RedemptionRefused) as reason:
        raise KeyRefused(record, reason) from reason


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

    async def sign_many(self, requests: Sequence[SigningRequest]) -> Sequence[Signature]:
        """As `Signer.sign_many`; but keys of different signers are asked for apart, so that one part may be signed when
        another is refused."""
        parts: dict[int, tuple[Signer, list[int]]] = {}
        for place, request in enumerate(requests):
            signer = await self._signer_of(request.key)
            parts.setdefault(id(signer), (signer, []))[1].append(place)
        made: dict[int, Signature] = {}
        for signer, places in parts.values():
            made |= zip(places, await signer.sign_many([requests[place] for place in places]), strict=True)
        return [made[place] for place in range(len(requests))]

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
