"""What service keys may spend, and batches: judged by template and totals, one audit entry."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from codec.evm.transaction import FeeMarketTransaction, decode_signed, encode_unsigned
from codec.evm.transaction_template import FeeMarketTemplate
from codec.solana.message_template import MessageTemplate
from codec.solana.system import transfer
from keystore import EVERY_TENANT, PLATFORM_TENANT
from keystore.batch.evm import EvmBatch, EvmItem
from keystore.batch.merkle import merkle_root
from keystore.batch.solana import SolanaBatch, SolanaItem
from keystore.limits.model import KeyLimit
from keystore.model import KeyRecord
from keystore.policy import CallTarget, ProgramTarget
from keystore.service import Keystore, UnlockToken
from persistence.database import Database
from primitives.chain_id import ChainId
from primitives.errors import AuditUnavailable, InvalidValue, KeyNotFound, KeystoreLocked, SigningRefused
from primitives.hashing import keccak256
from primitives.signing import Curve, KeyId, KeyPurpose, SigningRequest, SigningScheme
from tests.fakes.clock import StoppedClock
from tests.integration.keystore.conftest import CHEAP
from tests.integration.keystore.test_signing import CONTRACT, EVM, SELECTOR, SOLANA, evm_request, junk_key

GWEI = 10**9
TEMPLATE = FeeMarketTemplate(31337, GWEI, 2 * GWEI, 100_000)
FEE = 2 * GWEI * 100_000


def evm_batch(key: KeyId, count: int = 5, value: int = 0, call: bytes = SELECTOR) -> EvmBatch:
    items = [EvmItem(7 + n, CONTRACT, value, call + n.to_bytes(32, "big")) for n in range(count)]
    return EvmBatch(key, EVM, "airdrop", TEMPLATE, CONTRACT, call, items)


async def issuer(keystore: Keystore, key_file: Path, limit: KeyLimit | None = None) -> KeyRecord:
    await keystore.open_service(key_file)
    tenant = uuid4()
    await keystore.allow(tenant, KeyPurpose.ISSUER, EVM, [CallTarget(CONTRACT, SELECTOR)])
    if limit is not None:
        await keystore.limit(EVERY_TENANT, KeyPurpose.ISSUER, EVM, limit)
    return await keystore.service_key(tenant, KeyPurpose.ISSUER, Curve.SECP256K1)


async def refused(keystore: Keystore, request: SigningRequest) -> SigningRefused:
    with pytest.raises(SigningRefused) as caught:
        await keystore.service_signer().sign(request)
    return caught.value


def request(key: KeyId, value: int = 0, gas: int = 100_000, nonce: int = 7) -> SigningRequest:
    payload = encode_unsigned(FeeMarketTransaction(31337, nonce, GWEI, 2 * GWEI, gas, CONTRACT, value, SELECTOR))
    return SigningRequest(key, SigningScheme.EVM_TRANSACTION, payload, EVM, "issue")


class TestLimits:
    async def test_of_one_transaction(self, keystore: Keystore, key_file: Path) -> None:
        key = await issuer(keystore, key_file, KeyLimit(value=5, fee=FEE))
        await keystore.service_signer().sign(request(key.id, value=5))
        for bad, limit in ((request(key.id, value=6), "value"), (request(key.id, gas=100_001), "fee")):
            refusal = await refused(keystore, bad)
            assert (refusal.rule, refusal.limit) == ("limit", limit)

    @pytest.mark.parametrize(
        ("limit", "name"),
        [
            (KeyLimit(window_seconds=60, window_value=10), "window_value"),
            (KeyLimit(window_seconds=60, window_fee=2 * FEE), "window_fee"),
            (KeyLimit(window_seconds=60, window_count=2), "window_count"),
        ],
    )
    async def test_of_a_period(
        self, keystore: Keystore, key_file: Path, clock: StoppedClock, limit: KeyLimit, name: str
    ) -> None:
        key = await issuer(keystore, key_file, limit)
        signer = keystore.service_signer()
        for _ in range(2):
            await signer.sign(request(key.id, value=5))
        for _ in range(2):
            refusal = await refused(keystore, request(key.id, value=5))
            assert refusal.limit == name
        clock.advance(timedelta(seconds=60))
        await signer.sign(request(key.id, value=5))

    async def test_many_at_once_never_pass_it(self, keystore: Keystore, key_file: Path) -> None:
        key = await issuer(keystore, key_file, KeyLimit(window_count=3))
        signer = keystore.service_signer()
        answers = await asyncio.gather(
            *(signer.sign(request(key.id, nonce=n)) for n in range(8)), return_exceptions=True
        )
        assert sum(isinstance(answer, SigningRefused) for answer in answers) == 5

    async def test_each_key_counts_for_itself(self, keystore: Keystore, key_file: Path) -> None:
        keys = [await issuer(keystore, key_file, KeyLimit(window_count=1)) for _ in range(2)]
        for key in keys:
            await keystore.service_signer().sign(request(key.id))

    async def test_lamports_and_fees_on_solana(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        key = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.RELAYER, Curve.ED25519)
        await keystore.allow(PLATFORM_TENANT, KeyPurpose.RELAYER, SOLANA, [ProgramTarget(bytes(32), b"\2\0\0\0")])
        await keystore.limit(PLATFORM_TENANT, KeyPurpose.RELAYER, SOLANA, KeyLimit(value=100, fee=5000))
        payer = key.public_key.raw
        template = MessageTemplate(payer, lambda to, n: [transfer(payer, to, n)], bytes([7] * 32))
        for amount, fits in ((100, True), (101, False)):
            message = template.message(bytes([9] * 32), amount)
            asked = SigningRequest(key.id, SigningScheme.SOLANA_MESSAGE, message, SOLANA, "transfer")
            if fits:
                await keystore.service_signer().sign(asked)
            else:
                assert (await refused(keystore, asked)).limit == "value"

    @pytest.mark.parametrize("wrong", [{"value": -1}, {"window_seconds": 0}, {"window_fee": 2**256}])
    def test_impossible_limits(self, wrong: dict[str, int]) -> None:
        with pytest.raises(InvalidValue):
            KeyLimit(**wrong)


class TestBatches:
    async def test_one_entry_with_count_and_root(self, keystore: Keystore, key_file: Path, database: Database) -> None:
        key = await issuer(keystore, key_file, KeyLimit(value=0, fee=FEE, window_fee=5 * FEE))
        signed = await keystore.service_signer().sign_batch(evm_batch(key.id))
        leaves = []
        for n, item in enumerate(signed):
            decoded = decode_signed(item.raw)
            assert (decoded.transaction.nonce, decoded.hash) == (7 + n, item.identity)
            leaves.append(keccak256(encode_unsigned(decoded.transaction)))
        assert (await keystore.verify_audit_chain(key.id)).count == 1
        async with database.transaction() as tx:
            mine = {"key": key.id}
            row = (
                await tx.execute(text("SELECT event, facts FROM keystore_audit_entry WHERE subject_id = :key"), mine)
            ).one()
        assert row.event == "signed_batch"
        assert row.facts["count"] == "5"
        assert row.facts["payloads_root"] == merkle_root(leaves).hex()
        assert "5 times a call of 0xa9059cbb" in row.facts["summary"]

    async def test_totals_count_against_the_limits(self, keystore: Keystore, key_file: Path) -> None:
        key = await issuer(keystore, key_file, KeyLimit(value=0, window_fee=5 * FEE))
        signer = keystore.service_signer()
        with pytest.raises(SigningRefused) as caught:
            await signer.sign_batch(evm_batch(key.id, value=1))
        assert caught.value.limit == "value"
        with pytest.raises(SigningRefused) as caught:
            await signer.sign_batch(evm_batch(key.id, 6))
        assert caught.value.limit == "window_fee"
        assert len(await signer.sign_batch(evm_batch(key.id, 5), verify=False)) == 5
        with pytest.raises(SigningRefused):
            await signer.sign_batch(evm_batch(key.id, 1))

    async def test_template_is_judged_as_one_request_would_be(self, keystore: Keystore, key_file: Path) -> None:
        key = await issuer(keystore, key_file)
        with pytest.raises(SigningRefused) as caught:
            await keystore.service_signer().sign_batch(evm_batch(key.id, call=b"\0\0\0\1"))
        assert caught.value.rule == "key_policy"
        plain = EvmBatch(key.id, EVM, "pay", TEMPLATE, None, b"", [EvmItem(0, CONTRACT, 1, b"")])
        with pytest.raises(SigningRefused) as caught:
            await keystore.service_signer().sign_batch(plain)
        assert caught.value.rule == "key_policy"

    async def test_keys_of_campaign_money_sign_no_batch(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        for purpose in (KeyPurpose.TREASURY, KeyPurpose.VAULT_OPERATOR, KeyPurpose.REDEMPTION_AUTHORITY):
            key = await keystore.service_key(PLATFORM_TENANT, purpose, Curve.ED25519)
            await keystore.allow(PLATFORM_TENANT, purpose, SOLANA, [ProgramTarget(bytes(32))])
            payer = key.public_key.raw
            template = MessageTemplate(payer, lambda to, n, payer=payer: [transfer(payer, to, n)], bytes([7] * 32))  # type: ignore[misc]
            batch = SolanaBatch(key.id, SOLANA, "x", template, [SolanaItem(bytes([9] * 32), 1)])
            with pytest.raises(SigningRefused) as caught:
                await keystore.service_signer().sign_batch(batch)
            assert caught.value.rule == "no_batch"

    async def test_persons_batch_on_solana(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        key = await junk_key(keystore, tenant, token, Curve.ED25519)
        payer = key.public_key.raw
        template = MessageTemplate(payer, lambda to, n: [transfer(payer, to, n)], bytes([7] * 32))
        items = [SolanaItem(hashlib.sha256(bytes([n])).digest(), n) for n in range(20)]
        batch = SolanaBatch(key.id, SOLANA, "airdrop", template, items)
        signed = await keystore.signer(token).sign_batch(batch)
        for item, one in zip(items, signed, strict=True):
            asked = SigningRequest(key.id, SigningScheme.SOLANA_MESSAGE, template.message(*item), SOLANA, "airdrop")
            assert (await keystore.signer(token).sign(asked)).raw == one.identity

    async def test_wrong_curve_stranger_and_locked(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, key_file: Path
    ) -> None:
        solana = await junk_key(keystore, tenant, token, Curve.ED25519)
        evm = await junk_key(keystore, tenant, token)
        signer = keystore.signer(token)
        with pytest.raises(SigningRefused) as caught:
            await signer.sign_batch(evm_batch(solana.id))
        assert caught.value.rule == "wrong_curve"
        with pytest.raises(KeyNotFound):
            await signer.sign_batch(evm_batch(KeyId(uuid4())))
        with pytest.raises(SigningRefused, match="chain 31337"):
            batch = evm_batch(evm.id)
            await signer.sign_batch(EvmBatch(evm.id, ChainId.evm(1), "x", TEMPLATE, CONTRACT, SELECTOR, batch.items))
        keystore.lock(token)
        with pytest.raises(KeystoreLocked):
            await signer.sign_batch(evm_batch(evm.id))

    async def test_locking_ends_a_batch_between_two_parts(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        monkeypatch.setattr("keystore.signers._SIGNED_AT_ONCE", 2)
        signer = keystore.signer(token)
        parts = 0
        private_key = signer._private_key

        def locks_after_one(*arguments: object) -> object:
            nonlocal parts
            parts += 1
            if parts == 2:
                keystore.lock(token)
            return private_key(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(signer, "_private_key", locks_after_one)
        with pytest.raises(KeystoreLocked):
            await signer.sign_batch(evm_batch(key.id))
        assert parts == 2

    async def test_nothing_is_signed_without_its_entry(
        self, database: Database, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
        signer = keystore.signer(token)
        monkeyed = Keystore(database, nowhere, kdf=CHEAP)
        signer._audit = monkeyed._audit
        with pytest.raises(AuditUnavailable):
            await signer.sign_batch(evm_batch(key.id))
        await nowhere.close()

    async def test_requests_and_batches_make_the_same_signature(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        batch = evm_batch(key.id, 1)
        (one,) = await keystore.signer(token).sign_batch(batch)
        single = evm_request(key.id, encode_unsigned(TEMPLATE.transaction(*batch.items[0])))
        assert decode_signed(one.raw).signature == (await keystore.signer(token).sign(single)).raw
