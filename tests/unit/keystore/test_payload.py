"""What may be signed is read, refused where it is not what it says, and said in plain words."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.evm.book.calls import set_relayer_call
from codec.evm.envelopes import (
    AccessListTransaction,
    Authorization,
    FeeMarketTransaction,
    LegacyTransaction,
    SetCodeTransaction,
    SignedAuthorization,
)
from codec.evm.erc20 import approve_call, transfer_call
from codec.evm.transaction import EvmTransaction, encode_unsigned
from codec.solana.instruction import AccountMeta, Instruction
from codec.solana.message import Version, build_message, encode_length
from codec.solana.offchain_message import MessageFormat, OffchainMessage, decode_offchain_message
from codec.solana.system import transfer
from keystore.derivation import public_key_of
from keystore.payload import CheckedPayload, check_payload
from keystore.policy import CallTarget, DelegationTarget, MessageTarget, require_allowed
from keystore.secret import Secret
from keystore.signature import sign_digest
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue, SigningRefused
from primitives.signing import Curve, KeyId, KeyPurpose, SigningRequest, SigningScheme

SECRET = Secret(bytes([7] * 32))
EVM_KEY, SOLANA_KEY = public_key_of(SECRET, Curve.SECP256K1), public_key_of(SECRET, Curve.ED25519)
EVM = ChainId.evm(31337)
SOLANA = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
TOKEN, STRANGER = bytes([0x11] * 20), bytes([0x22] * 20)
DOMAIN = bytes([4] * 32)


def check(scheme: SigningScheme, payload: bytes) -> CheckedPayload:
    solana = scheme.startswith("solana")
    request = SigningRequest(KeyId(UUID(int=1)), scheme, payload, SOLANA if solana else EVM, "x")
    return check_payload(request, SOLANA_KEY if solana else EVM_KEY)


def refused(scheme: SigningScheme, payload: bytes) -> str:
    with pytest.raises(SigningRefused) as caught:
        check(scheme, payload)
    rule: str = caught.value.rule
    return rule


def call(data: bytes, value: int = 0, to: bytes | None = TOKEN) -> str:
    transaction = FeeMarketTransaction(31337, 7, 1, 2, 21_000, to, value, data)
    return check(SigningScheme.EVM_TRANSACTION, encode_unsigned(transaction)).summary


AGREED = Authorization(31337, STRANGER, 3)
SIGNED = SignedAuthorization(AGREED, sign_digest(SECRET, AGREED.signing_hash()).raw)
ENVELOPES: list[EvmTransaction] = [
    LegacyTransaction(31337, 1, 2, 3, TOKEN, 4, b"\x01"),
    AccessListTransaction(31337, 1, 2, 3, TOKEN, 4, b"\x01"),
    FeeMarketTransaction(31337, 1, 2, 2, 3, TOKEN, 4, b"\x01"),
    SetCodeTransaction(31337, 1, 2, 2, 3, TOKEN, 4, b"\x01", (SIGNED,)),
]


class TestPlainWords:
    def test_transfers_and_allowances(self) -> None:
        assert "send 5 base units of token 0x1111" in call(transfer_call(STRANGER, 5))
        assert "spend up to 5 base units of token" in call(approve_call(STRANGER, 5))
        assert "spend without limit of token" in call(approve_call(STRANGER, 2**256 - 1))
        assert "take back what 0x2222" in call(approve_call(STRANGER, 0))
        assert call(b"", 9).startswith("send 9 wei to 0x1111")
        assert "create a contract" in call(b"\x60", to=None)
        assert "0xdeadbeef of 0x1111111111111111111111111111111111111111, which is not known here with 3 wei" in call(
            bytes.fromhex("deadbeef"), 3
        )

    def test_calls_of_a_voucher_book(self) -> None:
        said = call(set_relayer_call(STRANGER, 77))
        assert "as a voucher book, for setRelayer(0x2222222222222222222222222222222222222222, 77)" in said

    def test_cut_arguments_are_not_read_as_something(self) -> None:
        assert "not known here" in call(approve_call(STRANGER, 5)[:-1])

    def test_typed_data_shows_its_fields(self) -> None:
        document = {
            "types": {"Permit": [{"name": "spender", "type": "address"}, {"name": "value", "type": "uint256"}]},
            "primaryType": "Permit",
            "domain": {"name": "x", "chainId": 31337, "verifyingContract": "0x" + TOKEN.hex()},
            "message": {"spender": "0x" + STRANGER.hex(), "value": "5"},
        }
        summary = check(SigningScheme.EVM_TYPED_DATA, json.dumps(document).encode()).summary
        assert f"Permit typed data of 0x{TOKEN.hex()}: spender=0x{STRANGER.hex()}, value=5" in summary

    def test_solana_instructions(self) -> None:
        to = bytes([9] * 32)
        message = build_message(SOLANA_KEY.raw, [transfer(SOLANA_KEY.raw, to, 77)], bytes(32))
        checked = check(SigningScheme.SOLANA_MESSAGE, message)
        assert "77 lamports" in checked.summary
        assert (checked.value, checked.fee) == (77, 5000)


class TestEnvelopes:
    @pytest.mark.parametrize("transaction", ENVELOPES, ids=lambda item: type(item).__name__)
    def test_every_kind_is_read_and_is_no_message(self, transaction: EvmTransaction) -> None:
        payload = encode_unsigned(transaction)
        checked = check(SigningScheme.EVM_TRANSACTION, payload)
        assert (checked.value, checked.fee) == (4, 6)
        assert CallTarget(TOKEN, b"\x01") in checked.targets
        for scheme in (SigningScheme.EVM_MESSAGE, SigningScheme.SOLANA_TEXT):
            assert refused(scheme, payload) == "message_is_transaction"

    def test_service_keys_carry_nobodys_delegation(self) -> None:
        checked = check(SigningScheme.EVM_TRANSACTION, encode_unsigned(ENVELOPES[3]))
        with pytest.raises(SigningRefused, match=f"running the code of 0x{STRANGER.hex()}"):
            require_allowed(KeyPurpose.RELAYER, checked.targets, [CallTarget(TOKEN, None)])

    def test_authorisation(self) -> None:
        checked = check(SigningScheme.EVM_AUTHORIZATION, AGREED.unsigned())
        assert checked.targets == (DelegationTarget(STRANGER),)
        assert checked.to_sign == AGREED.signing_hash()
        gone = check(SigningScheme.EVM_AUTHORIZATION, Authorization(31337, bytes(20), 3).unsigned())
        assert "no other code" in gone.summary
        assert refused(SigningScheme.EVM_AUTHORIZATION, Authorization(0, STRANGER, 3).unsigned()) == "every_chain"
        assert refused(SigningScheme.EVM_AUTHORIZATION, Authorization(1, STRANGER, 3).unsigned()) == "wrong_chain"
        assert refused(SigningScheme.EVM_MESSAGE, AGREED.unsigned()) == "message_is_transaction"
        assert refused(SigningScheme.EVM_AUTHORIZATION, encode_unsigned(ENVELOPES[2])) == "unreadable_payload"


def solana_message(version: Version = "legacy") -> bytes:
    meta = AccountMeta(SOLANA_KEY.raw, True, True)
    return build_message(SOLANA_KEY.raw, [Instruction(bytes([5] * 32), (meta,), b"hello")], DOMAIN, version=version)


class TestMessages:
    @pytest.mark.parametrize("version", ["legacy", "v0", "v1"])
    def test_transactions_of_either_family_are_never_text(self, version: Version) -> None:
        message = solana_message(version)
        whole = message + bytes(64) if version == "v1" else encode_length(1) + bytes(64) + message
        for payload in (message, whole):
            for scheme in (SigningScheme.EVM_MESSAGE, SigningScheme.SOLANA_TEXT):
                assert refused(scheme, payload) == "message_is_transaction"

    def test_text_is_text(self) -> None:
        checked = check(SigningScheme.SOLANA_TEXT, "登录 Quanbao\n1".encode())
        assert checked.to_sign == "登录 Quanbao\n1".encode()
        assert checked.targets == (MessageTarget(),)
        for bad in (b"", b"\xff\xfe", b"a\0b", b"a\x1bb", "a\x85b".encode(), bytes([0x41]) * 70_000):
            assert refused(SigningScheme.SOLANA_TEXT, bad) == "unreadable_payload"

    def test_offchain_message(self) -> None:
        message = OffchainMessage(DOMAIN, (SOLANA_KEY.raw,), "hello")
        checked = check(SigningScheme.SOLANA_OFFCHAIN_MESSAGE, message.encode())
        assert checked.to_sign == message.encode()
        stranger = OffchainMessage(DOMAIN, (DOMAIN,), "hello").encode()
        assert refused(SigningScheme.SOLANA_OFFCHAIN_MESSAGE, stranger) == "not_a_signer"
        assert refused(SigningScheme.SOLANA_OFFCHAIN_MESSAGE, b"hello") == "unreadable_payload"
        for scheme in (SigningScheme.EVM_MESSAGE, SigningScheme.SOLANA_TEXT):
            assert refused(scheme, message.encode()) == "message_is_transaction"

    @given(st.binary(max_size=300))
    @settings(max_examples=150, deadline=None)
    def test_any_bytes_are_decided(self, payload: bytes) -> None:
        for scheme in SigningScheme:
            try:
                decision = check(scheme, payload).summary
            except SigningRefused as refusal:
                decision = refusal.rule
            assert decision


class TestOffchainMessages:
    @given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3, unique=True), st.text(min_size=1))
    @settings(max_examples=60, deadline=None)
    def test_round_trip(self, signers: list[bytes], text: str) -> None:
        message = OffchainMessage(DOMAIN, tuple(signers), text)
        assert decode_offchain_message(message.encode()) == message

    def test_layout_and_formats(self) -> None:
        """The table of the proposal: domain, version, application domain, format, signers, length, message."""
        encoded = OffchainMessage(DOMAIN, (SOLANA_KEY.raw,), "ok").encode()
        head = b"\xffsolana offchain" + b"\0" + DOMAIN + b"\0" + b"\x01" + SOLANA_KEY.raw + b"\x02\0"
        assert encoded == head + b"ok"
        for text, form in (
            ("plain", MessageFormat.RESTRICTED_ASCII),
            ("two\nlines", MessageFormat.LIMITED_UTF8),
            ("汉", MessageFormat.LIMITED_UTF8),
            ("x" * 2000, MessageFormat.EXTENDED_UTF8),
        ):
            assert OffchainMessage(DOMAIN, (SOLANA_KEY.raw,), text).format is form

    def test_every_truncation_tail_and_false_format(self) -> None:
        encoded = OffchainMessage(DOMAIN, (SOLANA_KEY.raw,), "hello").encode()
        bad = [encoded[:length] for length in range(len(encoded))] + [encoded + b"x", b"\xfe" + encoded[1:]]
        bad += [encoded[:16] + b"\x01" + encoded[17:], encoded[:49] + b"\x02" + encoded[50:]]
        for raw in bad:
            with pytest.raises(InvalidValue):
                decode_offchain_message(raw)

    def test_impossible_messages(self) -> None:
        key = SOLANA_KEY.raw
        for domain, signers, text in (
            (b"", (key,), "x"), (DOMAIN, (), "x"), (DOMAIN, (key, key), "x"), (DOMAIN, (key[1:],), "x"),
            (DOMAIN, (key,), ""), (DOMAIN, (key,), "x" * 65_500), (DOMAIN, (key,), "\ud800"),
        ):  # fmt: skip
            with pytest.raises(InvalidValue):
                OffchainMessage(domain, signers, text)
