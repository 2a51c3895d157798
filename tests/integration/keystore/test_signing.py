"""Signing through the keystore: person and service keys, key policy, the audit log."""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
import structlog
from eth_account import Account
from eth_account.messages import encode_defunct
from nacl.signing import SigningKey, VerifyKey
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from codec.evm.transaction import FeeMarketTransaction, encode_signed, encode_unsigned, recover_address, signing_hash
from codec.evm.typed_data import parse_typed_data
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import build_message
from keystore import EVERY_TENANT, PLATFORM_TENANT
from keystore.model import KeyRecord
from keystore.policy import CallTarget, ProgramTarget, TypedDataTarget
from keystore.service import Keystore, UnlockToken
from keystore.signers import CombinedSigner
from persistence.database import Database
from primitives.chain_id import ChainId
from primitives.derivation_path import DerivationPath
from primitives.errors import (
    AuditUnavailable,
    InvalidKeyFile,
    InvalidValue,
    KeyNotFound,
    KeystoreLocked,
    RedemptionRefused,
    SealBroken,
    SigningRefused,
)
from primitives.signing import Curve, KeyId, KeyPurpose, PublicKey, Signature, SigningRequest, SigningScheme
from tests.fakes.clock import StoppedClock
from tests.integration.keystore.conftest import CHEAP, PASSPHRASE

JUNK = "test test test test test test test test test test test junk"
JUNK_KEY = "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
EVM = ChainId.evm(31337)
SOLANA = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
CONTRACT = bytes([0x11] * 20)
SELECTOR = bytes.fromhex("a9059cbb")
PROGRAM = bytes([0x22] * 32)


def transaction(chain: int = 31337, to: bytes | None = CONTRACT, data: bytes = SELECTOR + bytes(64)) -> bytes:
    return encode_unsigned(FeeMarketTransaction(chain, 7, 10**9, 2 * 10**9, 100_000, to, 5, data))


def evm_request(key: KeyId, payload: bytes | None = None, chain: ChainId = EVM) -> SigningRequest:
    return SigningRequest(key, SigningScheme.EVM_TRANSACTION, payload or transaction(), chain, "transfer")


def typed_data(chain: int | None = 31337, contract: str | None = "0x" + CONTRACT.hex()) -> bytes:
    domain = {"name": "Test"} | ({} if chain is None else {"chainId": chain})
    domain |= {} if contract is None else {"verifyingContract": contract}
    types = {"Order": [{"name": "amount", "type": "uint256"}]}
    document = {"types": types, "primaryType": "Order", "domain": domain, "message": {"amount": "5"}}
    return json.dumps(document).encode()


def typed_request(key: KeyId, payload: bytes) -> SigningRequest:
    return SigningRequest(key, SigningScheme.EVM_TYPED_DATA, payload, EVM, "order.pay")


def solana_message(
    signer: bytes, payer: bytes | None = None, data: bytes = b"\x0cabc", program: bytes = PROGRAM
) -> bytes:
    instruction = Instruction(program, (AccountMeta(signer, True, False),), data)
    return build_message(payer or signer, [instruction], bytes([7] * 32))


def solana_request(key: KeyId, payload: bytes) -> SigningRequest:
    return SigningRequest(key, SigningScheme.SOLANA_MESSAGE, payload, SOLANA, "campaign.issue")


async def junk_key(keystore: Keystore, tenant: UUID, token: UnlockToken, curve: Curve = Curve.SECP256K1) -> KeyRecord:
    wallet = await keystore.import_mnemonic(token, tenant, "junk", JUNK)
    path = "m/44'/60'/0'/0/0" if curve is Curve.SECP256K1 else "m/44'/501'/0'/0'"
    return await keystore.derive(token, tenant, wallet.id, curve, DerivationPath.parse(path))


async def refusal(signer: object, request: SigningRequest) -> str:
    with pytest.raises(SigningRefused) as caught:
        await signer.sign(request)  # type: ignore[attr-defined]
    rule: str = caught.value.rule
    return rule


class TestPersonSigning:
    async def test_transaction_is_byte_equal_with_eth_account(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        signature = await keystore.signer(token).sign(evm_request(key.id))
        ours = encode_signed(
            FeeMarketTransaction(31337, 7, 10**9, 2 * 10**9, 100_000, CONTRACT, 5, SELECTOR + bytes(64)), signature.raw
        )
        reference = {
            "type": 2, "chainId": 31337, "nonce": 7, "maxPriorityFeePerGas": 10**9, "maxFeePerGas": 2 * 10**9,
            "gas": 100_000, "to": "0x" + CONTRACT.hex(), "value": 5, "data": SELECTOR + bytes(64),
        }  # fmt: skip
        assert ours == bytes(Account.sign_transaction(reference, JUNK_KEY).raw_transaction)

    async def test_typed_data(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        key = await junk_key(keystore, tenant, token)
        signature = await keystore.signer(token).sign(typed_request(key.id, typed_data()))
        digest = parse_typed_data(typed_data()).signing_hash()
        assert recover_address(digest, signature.raw).hex() == Account.from_key(JUNK_KEY).address[2:].lower()

    async def test_message_is_what_wallets_recover(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        key = await junk_key(keystore, tenant, token)
        message = "登录 Quanbao".encode()
        request = SigningRequest(key.id, SigningScheme.EVM_MESSAGE, message, EVM, "login")
        raw = (await keystore.signer(token).sign(request)).raw
        reference = Account.sign_message(encode_defunct(message), JUNK_KEY)
        assert raw[:64] + bytes([raw[64] + 27]) == bytes(reference.signature)

    async def test_solana_message(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        key = await junk_key(keystore, tenant, token, Curve.ED25519)
        message = solana_message(key.public_key.raw)
        signature = await keystore.signer(token).sign(solana_request(key.id, message))
        VerifyKey(key.public_key.raw).verify(message, signature.raw)

    async def test_payload_must_fit_the_request(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        evm = await junk_key(keystore, tenant, token)
        solana = await junk_key(keystore, tenant, token, Curve.ED25519)
        signer = keystore.signer(token)
        other = bytes([9] * 32)
        mine = solana_message(solana.public_key.raw)
        cases = [
            (evm_request(evm.id, transaction(chain=1)), "wrong_chain"),
            (evm_request(evm.id, b"\x02nonsense"), "unreadable_payload"),
            (evm_request(evm.id, chain=SOLANA), "wrong_family"),
            (evm_request(solana.id), "wrong_curve"),
            (typed_request(evm.id, typed_data(chain=1)), "wrong_chain"),
            (typed_request(evm.id, typed_data(chain=None)), "no_chain"),
            (typed_request(evm.id, typed_data(contract=None)), "no_contract"),
            (typed_request(evm.id, b"{}"), "unreadable_payload"),
            (SigningRequest(evm.id, SigningScheme.EVM_MESSAGE, transaction(), EVM, "x"), "message_is_transaction"),
            (SigningRequest(evm.id, SigningScheme.EVM_MESSAGE, bytes(70_000), EVM, "x"), "unreadable_payload"),
            (solana_request(solana.id, mine[:-1]), "unreadable_payload"),
            (solana_request(solana.id, solana_message(other)), "not_a_signer"),
            (solana_request(evm.id, mine), "wrong_curve"),
        ]
        for request, rule in cases:
            assert await refusal(signer, request) == rule

    async def test_false_cosignature_is_refused(self, keystore: Keystore, tenant: UUID, token: UnlockToken) -> None:
        key = await junk_key(keystore, tenant, token, Curve.ED25519)
        payer = SigningKey(bytes(range(32)))
        message = solana_message(key.public_key.raw, payer=bytes(payer.verify_key))
        for signed, fits in ((message, True), (message + b"x", False)):
            handed = (
                PublicKey(Curve.ED25519, bytes(payer.verify_key)),
                Signature(Curve.ED25519, payer.sign(signed).signature),
            )
            request = SigningRequest(
                key.id, SigningScheme.SOLANA_MESSAGE, message, SOLANA, "transfer", cosignatures=(handed,)
            )
            if fits:
                await keystore.signer(token).sign(request)
            else:
                assert await refusal(keystore.signer(token), request) == "wrong_cosignature"

    async def test_signing_ends_with_the_unlock(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, clock: StoppedClock
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        signer = keystore.signer(token)
        await signer.sign(evm_request(key.id))
        clock.advance(timedelta(minutes=15))
        with pytest.raises(KeystoreLocked):
            await signer.sign(evm_request(key.id))

    async def test_nobody_signs_with_a_strangers_key(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        stranger = uuid4()
        await keystore.set_passphrase(stranger, PASSPHRASE)
        theirs = keystore.signer(await keystore.unlock(stranger, PASSPHRASE))
        for act in (theirs.sign(evm_request(key.id)), theirs.public_key(key.id)):
            with pytest.raises(KeyNotFound):
                await act
        combined = CombinedSigner(theirs, keystore.signer(token))
        assert await combined.public_key(key.id) == key.public_key
        await combined.sign(evm_request(key.id))
        with pytest.raises(KeyNotFound):
            await combined.sign(evm_request(KeyId(uuid4())))

    async def test_changed_public_key_is_found_before_signing(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        async with database.transaction() as tx:
            await tx.execute(text("UPDATE keystore_key SET public_key = :other"), {"other": b"\x02" + bytes([1] * 32)})
        with pytest.raises(SealBroken, match=str(key.id)):
            await keystore.signer(token).sign(evm_request(key.id))


class TestServiceKeys:
    async def test_default_is_no(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        signer = keystore.service_signer()
        for purpose in (KeyPurpose.RELAYER, KeyPurpose.ISSUER, KeyPurpose.TREASURY, KeyPurpose.VAULT_OPERATOR):
            evm = await keystore.service_key(PLATFORM_TENANT, purpose, Curve.SECP256K1)
            solana = await keystore.service_key(PLATFORM_TENANT, purpose, Curve.ED25519)
            assert await refusal(signer, evm_request(evm.id)) == "key_policy"
            assert await refusal(signer, typed_request(evm.id, typed_data())) == "key_policy"
            assert (
                await refusal(signer, solana_request(solana.id, solana_message(solana.public_key.raw))) == "key_policy"
            )
            free_text = SigningRequest(evm.id, SigningScheme.EVM_MESSAGE, b"hello", EVM, "x")
            assert await refusal(signer, free_text) == "key_policy"

    async def test_a_rule_opens_its_own_target_only(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        signer = keystore.service_signer()
        organisation = uuid4()
        issuer = await keystore.service_key(organisation, KeyPurpose.ISSUER, Curve.SECP256K1)
        treasury = await keystore.service_key(organisation, KeyPurpose.TREASURY, Curve.SECP256K1)
        for _ in range(2):
            await keystore.allow(organisation, KeyPurpose.ISSUER, EVM, [CallTarget(CONTRACT, SELECTOR)])
        await signer.sign(evm_request(issuer.id))
        refused = [
            evm_request(issuer.id, transaction(data=b"\x00\x00\x00\x01")),
            evm_request(issuer.id, transaction(data=b"")),
            evm_request(issuer.id, transaction(to=bytes(20))),
            evm_request(issuer.id, transaction(to=None)),
            evm_request(treasury.id),
            typed_request(issuer.id, typed_data()),
        ]
        for request in refused:
            assert await refusal(signer, request) == "key_policy"
        await keystore.allow(organisation, KeyPurpose.ISSUER, EVM, [TypedDataTarget(CONTRACT, "Order")])
        await signer.sign(typed_request(issuer.id, typed_data()))

    async def test_only_what_is_listed_now_is_allowed(self, keystore: Keystore, key_file: Path) -> None:
        """A later version that narrows a policy narrows it for the keys that exist."""
        await keystore.open_service(key_file)
        signer = keystore.service_signer()
        organisation, other = uuid4(), uuid4()
        keys = [
            await keystore.service_key(tenant, KeyPurpose.ISSUER, Curve.SECP256K1) for tenant in (organisation, other)
        ]
        for tenant in (organisation, other):
            await keystore.allow(tenant, KeyPurpose.ISSUER, EVM, [CallTarget(CONTRACT, None)])
        exact = SELECTOR + bytes(31) + b"\x01"
        await keystore.allow_only(organisation, KeyPurpose.ISSUER, EVM, [CallTarget(CONTRACT, exact)])
        assert await refusal(signer, evm_request(keys[0].id)) == "key_policy"
        await signer.sign(evm_request(keys[0].id, transaction(data=exact + bytes(32))))
        await signer.sign(evm_request(keys[1].id))

    async def test_rule_of_another_chain_does_not_count(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        key = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.RELAYER, Curve.SECP256K1)
        await keystore.allow(PLATFORM_TENANT, KeyPurpose.RELAYER, ChainId.evm(1), [CallTarget(CONTRACT, None)])
        assert await refusal(keystore.service_signer(), evm_request(key.id)) == "key_policy"
        elsewhere = evm_request(key.id, transaction(chain=1), ChainId.evm(1))
        await keystore.service_signer().sign(elsewhere)

    async def test_rule_of_every_tenant(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        await keystore.allow(EVERY_TENANT, KeyPurpose.ISSUER, SOLANA, [ProgramTarget(PROGRAM, b"\x0c")])
        for tenant in (uuid4(), uuid4()):
            key = await keystore.service_key(tenant, KeyPurpose.ISSUER, Curve.ED25519)
            signer = keystore.service_signer()
            await signer.sign(solana_request(key.id, solana_message(key.public_key.raw)))
            other_instruction = solana_message(key.public_key.raw, data=b"\x0d")
            assert await refusal(signer, solana_request(key.id, other_instruction)) == "key_policy"
            other_program = solana_message(key.public_key.raw, program=bytes([0x33] * 32))
            assert await refusal(signer, solana_request(key.id, other_program)) == "key_policy"

    async def test_redemption_authority_signs_nothing_but_redemptions(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        key = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.REDEMPTION_AUTHORITY, Curve.ED25519)
        await keystore.allow(PLATFORM_TENANT, KeyPurpose.REDEMPTION_AUTHORITY, SOLANA, [ProgramTarget(PROGRAM)])
        with pytest.raises(RedemptionRefused) as caught:
            await keystore.service_signer().sign(solana_request(key.id, solana_message(key.public_key.raw)))
        assert caught.value.rule == "foreign_instruction"

    async def test_keys_are_the_same_after_a_restart(
        self, keystore: Keystore, key_file: Path, database: Database, audit_database: Database
    ) -> None:
        await keystore.open_service(key_file)
        organisation = uuid4()
        keys = [
            await keystore.service_key(organisation, KeyPurpose.ISSUER, curve)
            for curve in (Curve.SECP256K1, Curve.ED25519)
        ]
        again = Keystore(database, audit_database, kdf=CHEAP)
        with pytest.raises(KeystoreLocked):
            await again.service_key(organisation, KeyPurpose.ISSUER, Curve.SECP256K1)
        await again.open_service(key_file)
        assert [
            await again.service_key(organisation, KeyPurpose.ISSUER, curve)
            for curve in (Curve.SECP256K1, Curve.ED25519)
        ] == keys
        await again.allow(organisation, KeyPurpose.ISSUER, EVM, [CallTarget(CONTRACT, SELECTOR)])
        signed = await again.service_signer().sign(evm_request(keys[0].id))
        assert recover_address(signing_hash(transaction()), signed.raw)
        again.close()

    async def test_makers_at_the_same_time_make_one_key(self, keystore: Keystore, key_file: Path) -> None:
        await keystore.open_service(key_file)
        organisation = uuid4()
        found = await asyncio.gather(
            *(keystore.service_key(organisation, KeyPurpose.TREASURY, Curve.ED25519) for _ in range(6))
        )
        assert len({key.id for key in found}) == 1

    async def test_person_key_is_unknown_to_the_service_signer(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, key_file: Path
    ) -> None:
        await keystore.open_service(key_file)
        key = await junk_key(keystore, tenant, token)
        with pytest.raises(KeyNotFound):
            await keystore.service_signer().sign(evm_request(key.id))
        service = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.RELAYER, Curve.SECP256K1)
        with pytest.raises(KeyNotFound):
            await keystore.signer(token).sign(evm_request(service.id))
        with pytest.raises(KeyNotFound):
            await keystore.reveal_mnemonic(service.wallet_id, PLATFORM_TENANT, PASSPHRASE)
        with pytest.raises(InvalidValue):
            await keystore.service_key(PLATFORM_TENANT, KeyPurpose.HOLDER, Curve.SECP256K1)

    async def test_changed_purpose_does_not_lift_a_key_out_of_its_policy(
        self, keystore: Keystore, key_file: Path, database: Database
    ) -> None:
        await keystore.open_service(key_file)
        key = await keystore.service_key(PLATFORM_TENANT, KeyPurpose.RELAYER, Curve.SECP256K1)
        async with database.transaction() as tx:
            await tx.execute(text("UPDATE keystore_key SET purpose = 'holder'"))
        with pytest.raises(SealBroken, match="purpose"):
            await keystore.service_signer().sign(evm_request(key.id))

    async def test_key_file(self, keystore: Keystore, key_file: Path, tmp_path: Path) -> None:
        await keystore.open_service(key_file)
        other = tmp_path / "other.key"
        with pytest.raises(InvalidKeyFile, match="absent"):
            await keystore.open_service(other)
        other.write_text("ab" * 32)
        other.chmod(0o640)
        with pytest.raises(InvalidKeyFile, match="chmod 600"):
            await keystore.open_service(other)
        other.chmod(0o600)
        with pytest.raises(InvalidKeyFile, match="not the operator's key file"):
            await keystore.open_service(other)
        for text_in_file in ("ab" * 31, "xy" * 32, "00" * 32, ""):
            other.write_text(text_in_file)
            with pytest.raises(InvalidKeyFile, match="64 hex digits"):
                await keystore.open_service(other)


class TestAuditLog:
    async def test_every_decision_is_one_linked_entry(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        signer = keystore.signer(token)
        await signer.sign(evm_request(key.id))
        await refusal(signer, evm_request(key.id, transaction(chain=1)))
        await asyncio.gather(*(signer.sign(evm_request(key.id)) for _ in range(5)))
        head = await keystore.verify_audit_chain(key.id)
        assert head.count == 7
        async with database.transaction() as tx:
            rows = (
                await tx.execute(
                    text("SELECT event, facts FROM keystore_audit_entry WHERE subject_id = :key ORDER BY sequence"),
                    {"key": key.id},
                )
            ).all()
        assert [row.event for row in rows[:2]] == ["signed", "refused"]
        assert rows[0].facts["act"] == "transfer"
        assert "0xa9059cbb on 0x1111" in rows[0].facts["summary"]
        assert rows[1].facts["rule"] == "wrong_chain"

    async def test_entries_cannot_be_changed_or_removed(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        await keystore.signer(token).sign(evm_request(key.id))
        for statement in (
            "UPDATE keystore_audit_entry SET event = 'other'",
            "DELETE FROM keystore_audit_entry",
            "TRUNCATE keystore_audit_entry",
        ):
            with pytest.raises(DBAPIError, match="append-only"):
                async with database.transaction() as tx:
                    await tx.execute(text(statement))

    @pytest.mark.parametrize(
        ("statement", "named"),
        [
            ('UPDATE keystore_audit_entry SET facts = facts || \'{"act": "x"}\' WHERE sequence = 2', 2),
            ("UPDATE keystore_audit_entry SET at = at + interval '1 microsecond' WHERE sequence = 3", 3),
            ("UPDATE keystore_audit_entry SET tenant_id = gen_random_uuid() WHERE sequence = 1", 1),
            ("DELETE FROM keystore_audit_entry WHERE sequence = 2", 2),
            ("DELETE FROM keystore_audit_entry WHERE sequence = 4", 4),
        ],
    )
    async def test_whoever_owns_the_database_is_found_out(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database, statement: str, named: int
    ) -> None:
        """A cut-off end is found by a head that was kept elsewhere."""
        key = await junk_key(keystore, tenant, token)
        for _ in range(4):
            await keystore.signer(token).sign(evm_request(key.id))
        head = await keystore.verify_audit_chain(key.id)
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE keystore_audit_entry DISABLE TRIGGER ALL"))
            await tx.execute(text(statement))
        with pytest.raises(SealBroken, match=f"audit entry {named} "):
            await keystore.verify_audit_chain(key.id, known=head)

    async def test_nothing_is_signed_when_the_log_cannot_be_written(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = await junk_key(keystore, tenant, token)
        computed: list[bytes] = []
        monkeypatch.setattr("keystore.signers.sign_digest", lambda key, digest: computed.append(digest))
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE keystore_audit_entry RENAME TO gone"))
        with pytest.raises(AuditUnavailable):
            await keystore.signer(token).sign(evm_request(key.id))
        assert computed == []
        async with database.transaction() as tx:
            await tx.execute(text("ALTER TABLE gone RENAME TO keystore_audit_entry"))
        await keystore.signer(token).sign(evm_request(key.id))
        assert len(computed) == 1

    async def test_log_is_down_while_the_tables_are_not(
        self, database: Database, clock: StoppedClock, tenant: UUID, keystore: Keystore
    ) -> None:
        nowhere = Database("postgresql://nobody@127.0.0.1:1/none")
        crippled = Keystore(database, nowhere, clock=clock, kdf=CHEAP)
        token = await crippled.unlock(tenant, PASSPHRASE)
        key = await junk_key(crippled, tenant, token)
        with pytest.raises(AuditUnavailable):
            await crippled.signer(token).sign(evm_request(key.id))
        wallet = await crippled.create_wallet(token, tenant, "home")
        with pytest.raises(AuditUnavailable):
            await crippled.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
        crippled.close()
        await nowhere.close()

    async def test_entry_is_committed_before_the_signature_is_computed(
        self, keystore: Keystore, tenant: UUID, token: UnlockToken, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A power cut inside the computation leaves the entry."""
        key = await junk_key(keystore, tenant, token)

        def power_cut(private_key: object, digest: bytes) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("keystore.signers.sign_digest", power_cut)
        with pytest.raises(KeyboardInterrupt):
            await keystore.signer(token).sign(evm_request(key.id))
        assert (await keystore.verify_audit_chain(key.id)).count == 1


class TestNothingLeaks:
    async def test_no_secret_in_database_log_or_rendering(
        self,
        keystore: Keystore,
        tenant: UUID,
        token: UnlockToken,
        database: Database,
        key_file: Path,
        caplog: pytest.LogCaptureFixture,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """Words, seeds, private keys, passphrase and token are searched for as text, hex and bytes."""
        caplog.set_level(logging.DEBUG)
        operator_key = await asyncio.to_thread(lambda: key_file.read_text().strip())
        wallet = await keystore.create_wallet(token, tenant, "home", bip39_passphrase="extra secret")
        words = await keystore.reveal_mnemonic(wallet.id, tenant, PASSPHRASE)
        key = await keystore.derive(token, tenant, wallet.id, Curve.SECP256K1, DerivationPath.parse("m/44'/60'/0'/0/0"))
        await junk_key(keystore, tenant, token)
        await keystore.open_service(key_file)
        await keystore.service_key(PLATFORM_TENANT, KeyPurpose.RELAYER, Curve.SECP256K1)
        signer = keystore.signer(token)
        await signer.sign(evm_request(key.id))
        await refusal(signer, evm_request(key.id, transaction(chain=1)))
        structlog.get_logger().info("everything", keystore=keystore, signer=signer, key=key, wallet=wallet)
        logging.getLogger().warning("%s %r", keystore, signer)

        Account.enable_unaudited_hdwallet_features()
        private_key = bytes(Account.from_mnemonic(words, passphrase="extra secret").key)
        secrets = [
            words, words.split()[0] + " " + words.split()[1], "extra secret", PASSPHRASE, token, private_key.hex(),
            JUNK, JUNK_KEY[2:], operator_key,
        ]  # fmt: skip
        shown = caplog.text + "".join(capsys.readouterr())
        dump = []
        async with database.transaction() as tx:
            tables = await tx.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"))
            for table in tables.scalars().all():
                rows = await tx.execute(text(f'SELECT t::text FROM "{table}" AS t'))
                dump += [row[0] for row in rows]
        everything = shown + "\n".join(dump)
        assert str(wallet.id) in everything
        for secret in secrets:
            assert secret not in everything
            assert secret.encode().hex() not in everything
