"""The batch path against the path of single requests, eth-account, bip-utils and solders: the same bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from bip_utils import Bip32Slip10Ed25519, Bip32Slip10Secp256k1, EthAddrEncoder, SolAddrEncoder
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st
from solders.hash import Hash
from solders.keypair import Keypair
from solders.message import Message, MessageV0
from solders.pubkey import Pubkey
from solders.system_program import TransferParams
from solders.system_program import transfer as solders_transfer
from solders.transaction import VersionedTransaction

from codec.evm.transaction import encode_signed, encode_unsigned, signing_hash
from codec.evm.transaction_template import FeeMarketTemplate
from codec.evm.typed_data import parse_typed_data
from codec.evm.typed_data_template import TypedDataTemplate
from codec.solana.compute_budget import set_compute_unit_price
from codec.solana.instruction import Instruction
from codec.solana.message import Version, build_message
from codec.solana.message_template import MessageTemplate
from codec.solana.programs import SYSTEM, TOKEN_2022
from codec.solana.system import transfer
from codec.solana.token import transfer as token_transfer
from keystore.batch.derive import ParentKey
from keystore.batch.evm import EvmBatch, EvmItem
from keystore.batch.merkle import merkle_root
from keystore.batch.model import SignedItem
from keystore.batch.solana import SolanaBatch, SolanaItem
from keystore.batch.typed_data import TypedDataBatch
from keystore.derivation import derive_private_key, public_key_of
from keystore.secret import Secret
from keystore.signature import sign_digest
from primitives.chain_id import ChainId
from primitives.derivation_path import HARDENED, DerivationPath
from primitives.errors import InvalidDerivationPath, InvalidValue, SealBroken, SigningRefused
from primitives.signing import Curve, KeyId

KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
PUBLIC = public_key_of(Secret(KEY), Curve.SECP256K1)
ED_PUBLIC = public_key_of(Secret(KEY), Curve.ED25519)
KEY_ID = KeyId(UUID(int=1))
SOLANA = ChainId("solana:4sGjMW1sUnHzSxGspuhpqLDx6wiyjNtZ")
BLOCKHASH = bytes([7] * 32)

uint256 = st.integers(0, 2**256 - 1) | st.sampled_from([0, 1, 127, 128, 255, 256, 2**255, 2**256 - 1])
addresses = st.binary(min_size=20, max_size=20)
keys = st.binary(min_size=32, max_size=32)


def signed_evm(batch: EvmBatch, *, verify: bool = False) -> list[SignedItem]:
    prepared = batch.prepare(PUBLIC)
    return prepared.sign(Secret(KEY), 0, len(batch.items), verify)


class TestEvm:
    @given(
        chain=st.integers(1, 2**53),
        fees=st.tuples(uint256, uint256).map(sorted),
        gas=st.integers(0, 2**64 - 1),
        contract=st.none() | addresses,
        rows=st.lists(st.tuples(addresses, uint256, st.binary(max_size=90)), min_size=1, max_size=4),
        first=st.integers(0, 2**32),
        verify=st.booleans(),
    )
    @settings(max_examples=60, deadline=None)
    def test_bytes_and_hashes(
        self,
        chain: int,
        fees: list[int],
        gas: int,
        contract: bytes | None,
        rows: Sequence[tuple[bytes, int, bytes]],
        first: int,
        verify: bool,
    ) -> None:
        template = FeeMarketTemplate(chain, fees[0], fees[1], gas)
        call = b"" if contract is None else b"\xa9\x05\x9c\xbb"
        items = [
            EvmItem(first + at, contract or to, value, b"" if contract is None else call + data)
            for at, (to, value, data) in enumerate(rows)
        ]
        batch = EvmBatch(KEY_ID, ChainId.evm(chain), "airdrop", template, contract, call, items)
        for item, ours in zip(items, signed_evm(batch, verify=verify), strict=True):
            transaction = template.transaction(*item)
            digest = signing_hash(encode_unsigned(transaction))
            assert ours.raw == encode_signed(transaction, sign_digest(Secret(KEY), digest).raw)
            reference = Account.sign_transaction(
                {
                    "type": 2, "chainId": chain, "nonce": item.nonce, "gas": gas, "to": item.to, "value": item.value,
                    "data": item.data, "maxFeePerGas": fees[1], "maxPriorityFeePerGas": fees[0],
                },
                KEY,
            )  # fmt: skip
            assert (ours.raw, ours.identity) == (bytes(reference.raw_transaction), bytes(reference.hash))

    @pytest.mark.parametrize(
        ("items", "rule"),
        [
            ([EvmItem(1, bytes(20), 0, b"\1\2\3\4"), EvmItem(1, bytes(20), 0, b"\1\2\3\4")], "nonce_order"),
            ([EvmItem(1, bytes([1] * 20), 0, b"\1\2\3\4")], "template"),
            ([EvmItem(1, bytes(20), 0, b"\1\2\3\5")], "template"),
            ([EvmItem(1, bytes(20), 2**256, b"\1\2\3\4")], "unreadable_payload"),
            ([EvmItem(1, bytes(20), -1, b"\1\2\3\4")], "unreadable_payload"),
            ([EvmItem(2**64 - 1, bytes(20), 0, b"\1\2\3\4")], "unreadable_payload"),
        ],
    )
    def test_item_that_does_not_fit_is_named(self, items: list[EvmItem], rule: str) -> None:
        good = EvmItem(0, bytes(20), 0, b"\1\2\3\4")
        template = FeeMarketTemplate(1, 1, 2, 21000)
        batch = EvmBatch(KEY_ID, ChainId.evm(1), "x", template, bytes(20), b"\1\2\3\4", [good, *items])
        with pytest.raises(SigningRefused) as caught:
            batch.prepare(PUBLIC)
        assert (caught.value.rule, caught.value.item) == (rule, len(items))

    def test_template_of_another_chain_and_key_of_another_record(self) -> None:
        template = FeeMarketTemplate(1, 1, 2, 21000)
        items = [EvmItem(0, bytes(20), 0, b"")]
        with pytest.raises(SigningRefused):
            EvmBatch(KEY_ID, ChainId.evm(2), "x", template, None, b"", items).prepare(PUBLIC)
        prepared = EvmBatch(KEY_ID, ChainId.evm(1), "x", template, None, b"", items).prepare(PUBLIC)
        with pytest.raises(SealBroken):
            prepared.sign(Secret(bytes([5] * 32)), 0, 1, False)


TYPES = {
    "Order": [
        ("holder", "address"), ("amount", "uint96"), ("delta", "int64"), ("note", "string"), ("salt", "bytes32"),
        ("blob", "bytes"), ("open", "bool"), ("items", "Item[]"), ("pair", "uint8[2]"), ("parent", "Item"),
        ("grid", "uint16[2][]"),
    ],
    "Item": [("sku", "string"), ("count", "uint256")],
}  # fmt: skip
item_values = st.fixed_dictionaries({"sku": st.text(max_size=6), "count": uint256})
messages = st.fixed_dictionaries(
    {
        "holder": addresses, "amount": st.integers(0, 2**96 - 1), "delta": st.integers(-(2**63), 2**63 - 1),
        "note": st.text(max_size=20), "salt": keys, "blob": st.binary(max_size=40), "open": st.booleans(),
        "items": st.lists(item_values, max_size=3), "pair": st.lists(st.integers(0, 255), min_size=2, max_size=2),
        "parent": item_values, "grid": st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2), max_size=2),
    }
)  # fmt: skip
DOMAIN = {"name": "Quanbao", "version": "1", "chainId": 31337, "verifyingContract": "0x" + "11" * 20}


def portable(value: Any) -> Any:
    match value:
        case bytes():
            return "0x" + value.hex()
        case dict():
            return {name: portable(item) for name, item in value.items()}
        case list():
            return [portable(item) for item in value]
    return value


EXAMPLE = {
    "holder": bytes(20), "amount": 0, "delta": 0, "note": "", "salt": bytes(32), "blob": b"", "open": False,
    "items": [], "pair": [0, 0], "parent": {"sku": "", "count": 0}, "grid": [],
}  # fmt: skip


class TestTypedData:
    template = TypedDataTemplate(TYPES, "Order", DOMAIN, EXAMPLE)

    @given(messages)
    @settings(max_examples=60, deadline=None)
    def test_digest_and_signature(self, message: dict[str, Any]) -> None:
        batch = TypedDataBatch(KEY_ID, ChainId.evm(31337), "x", self.template, [message, portable(message)])
        first, second = batch.prepare(PUBLIC).sign(Secret(KEY), 0, 2, True)
        assert first == second
        types = {name: [{"name": n, "type": t} for n, t in fields] for name, fields in TYPES.items()}
        whole = {"types": types, "primaryType": "Order", "domain": DOMAIN, "message": portable(message)}
        assert first.identity == parse_typed_data(json.dumps(whole).encode()).signing_hash()
        reference = Account.sign_typed_data(KEY, DOMAIN, types, message)
        assert first.raw[:64] + bytes([first.raw[64] + 27]) == bytes(reference.signature)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("holder", bytes(19)), ("holder", "0x12"), ("amount", 2**96), ("amount", -1), ("amount", True),
            ("amount", 1.5), ("note", b"x"), ("salt", bytes(31)), ("open", 1), ("items", [{"sku": "x"}]),
            ("items", [{"sku": "x", "count": 1, "more": 2}]), ("pair", [1]), ("pair", 7), ("parent", 5),
            ("delta", 2**63),
        ],
    )  # fmt: skip
    def test_value_that_does_not_fit_is_refused(self, field: str, value: object) -> None:
        with pytest.raises(InvalidValue):
            self.template.signing_hash(EXAMPLE | {field: value})
        batch = TypedDataBatch(KEY_ID, ChainId.evm(31337), "x", self.template, [EXAMPLE, EXAMPLE | {field: value}])
        with pytest.raises(SigningRefused) as caught:
            batch.prepare(PUBLIC)
        assert caught.value.item == 1

    def test_unknown_and_missing_fields(self) -> None:
        for message in (EXAMPLE | {"more": 1}, {k: v for k, v in EXAMPLE.items() if k != "salt"}):
            with pytest.raises(InvalidValue, match="exactly the fields"):
                self.template.signing_hash(message)

    def test_recursive_type(self) -> None:
        types = {"Node": [("value", "uint256"), ("next", "Node")]}
        chained = {"value": 1, "next": {"value": 2, "next": None}}
        template = TypedDataTemplate(types, "Node", DOMAIN, chained)
        whole = {
            "types": {"Node": [{"name": n, "type": t} for n, t in types["Node"]]},
            "primaryType": "Node", "domain": DOMAIN, "message": chained,
        }  # fmt: skip
        assert template.signing_hash(chained) == parse_typed_data(json.dumps(whole).encode()).signing_hash()


def payments(payer: bytes, *, price: bool) -> Any:
    def made(recipient: bytes, amount: int) -> Sequence[Instruction]:
        budget = (set_compute_unit_price(5),) if price else ()
        return (*budget, transfer(payer, recipient, amount))

    return made


class TestSolana:
    @given(
        st.lists(st.tuples(keys, st.integers(0, 2**64 - 1)), min_size=1, max_size=4, unique=True),
        st.sampled_from(["legacy", "v0"]),
    )
    @settings(max_examples=40, deadline=None)
    def test_transfers_equal_solders(self, rows: list[tuple[bytes, int]], version: Version) -> None:
        pair = Keypair.from_seed(KEY)
        template = MessageTemplate(ED_PUBLIC.raw, payments(ED_PUBLIC.raw, price=False), BLOCKHASH, version=version)
        batch = SolanaBatch(KEY_ID, SOLANA, "x", template, [SolanaItem(*row) for row in rows])
        results = batch.prepare(ED_PUBLIC).sign(Secret(KEY), 0, len(rows), True)
        for (recipient, amount), ours in zip(rows, results, strict=True):
            params = TransferParams(from_pubkey=pair.pubkey(), to_pubkey=Pubkey(recipient), lamports=amount)
            made, recent = [solders_transfer(params)], Hash(BLOCKHASH)
            message = (
                Message.new_with_blockhash(made, pair.pubkey(), recent)
                if version == "legacy"
                else MessageV0.try_compile(pair.pubkey(), made, [], recent)
            )
            reference = VersionedTransaction(message, [pair])
            assert ours.raw == bytes(reference)
            assert ours.identity == bytes(reference.signatures[0])

    @given(st.lists(keys, min_size=1, max_size=6, unique=True), st.integers(0, 2**64 - 1), keys, keys)
    @settings(max_examples=40, deadline=None)
    def test_token_transfers_take_their_sorted_place(
        self, recipients: list[bytes], amount: int, source: bytes, mint: bytes
    ) -> None:
        payer = ED_PUBLIC.raw

        def made(recipient: bytes, amount: int) -> Sequence[Instruction]:
            return (token_transfer(TOKEN_2022, source, mint, recipient, payer, amount, 6),)

        template = MessageTemplate(payer, made, BLOCKHASH)
        for recipient in (*recipients, source, mint, payer, TOKEN_2022, SYSTEM, bytes(32), b"\xff" * 32):
            assert template.message(recipient, amount) == build_message(payer, made(recipient, amount), BLOCKHASH)

    def test_recipient_who_is_in_the_message_already(self) -> None:
        payer = ED_PUBLIC.raw
        made = payments(payer, price=True)
        template = MessageTemplate(payer, made, BLOCKHASH)
        for recipient in (payer, SYSTEM):
            assert template.message(recipient, 9) == build_message(payer, made(recipient, 9), BLOCKHASH)

    def test_one_transaction_twice_is_refused(self) -> None:
        """Equal bytes have one signature: the second would never be paid, and nobody would notice."""
        template = MessageTemplate(ED_PUBLIC.raw, payments(ED_PUBLIC.raw, price=False), BLOCKHASH)
        batch = SolanaBatch(KEY_ID, SOLANA, "x", template, [SolanaItem(bytes([3] * 32), 5)] * 2)
        with pytest.raises(SigningRefused, match="one and the same"):
            batch.prepare(ED_PUBLIC)

    def test_template_must_have_one_signer_and_one_place(self) -> None:
        payer = ED_PUBLIC.raw
        other = bytes([9] * 32)
        bad: list[Any] = [
            lambda to, n: (transfer(payer, to, n), transfer(other, to, n)),
            lambda to, n: (transfer(payer, to, n), transfer(payer, to, n)),
            lambda to, n: (transfer(payer, other, n),),
            lambda to, n: (Instruction(SYSTEM, transfer(payer, to, n).accounts, transfer(payer, to, n).data + to),),
        ]
        for made in bad:
            with pytest.raises((InvalidValue, ValueError)):
                MessageTemplate(payer, made, BLOCKHASH)


class TestDerivation:
    @given(st.binary(min_size=16, max_size=64), st.integers(0, 2**31 - 1))
    @settings(max_examples=25, deadline=None)
    def test_evm_addresses(self, seed: bytes, index: int) -> None:
        path = DerivationPath.parse("m/44'/60'/0'/0")
        node = Bip32Slip10Secp256k1.FromSeed(seed).DerivePath(str(path)).ChildKey(index)
        with ParentKey.derive(Secret(seed), Curve.SECP256K1, path) as parent:
            assert next(parent.addresses([index])) == EthAddrEncoder.EncodeKey(node.PublicKey().KeyObject())
            assert parent.child(index) == node.PrivateKey().Raw().ToBytes()
            assert parent.child(index) == derive_private_key(Secret(seed), Curve.SECP256K1, path.child(index)).expose()
            assert next(parent.public_keys([index])) == node.PublicKey().RawCompressed().ToBytes()

    @given(st.binary(min_size=16, max_size=64), st.integers(0, 2**31 - 1))
    @settings(max_examples=25, deadline=None)
    def test_solana_addresses(self, seed: bytes, index: int) -> None:
        path = DerivationPath.parse("m/44'/501'")
        node = Bip32Slip10Ed25519.FromSeed(seed).DerivePath(f"m/44'/501'/{index}'/0'")
        with ParentKey.derive(Secret(seed), Curve.ED25519, path) as parent:
            (address,) = parent.addresses_below([HARDENED + index], HARDENED)
            assert address == SolAddrEncoder.EncodeKey(node.PublicKey().KeyObject())
            with ParentKey.derive(Secret(seed), Curve.ED25519, path.child(HARDENED + index)) as account:
                assert list(account.addresses([HARDENED])) == [address]

    @pytest.mark.parametrize(("curve", "index"), [(Curve.ED25519, 0), (Curve.ED25519, 2**32), (Curve.SECP256K1, -1)])
    def test_index_that_does_not_exist(self, curve: Curve, index: int) -> None:
        with (
            ParentKey.derive(Secret(bytes(32)), curve, DerivationPath(())) as parent,
            pytest.raises(InvalidDerivationPath),
        ):
            parent.child(index)

    @pytest.mark.parametrize("left", [bytes(32), b"\xff" * 32])
    def test_index_that_the_curve_cannot_have(self, left: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
        """One in 2^127: never a wrong key, always the word to take the next index."""
        parent = ParentKey(Curve.SECP256K1, Secret(KEY), Secret(bytes(32)))
        order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
        tweak = (order - int.from_bytes(KEY, "big")).to_bytes(32, "big") if left == bytes(32) else left
        monkeypatch.setattr("keystore.batch.derive.hmac.digest", lambda *_: tweak + bytes(32))
        with pytest.raises(InvalidDerivationPath, match="take the next"):
            parent.child(0)


class TestMerkleRoot:
    @staticmethod
    def reference(leaves: Sequence[bytes]) -> bytes:
        """RFC 9162 §2.1.1 as it is written: split at the largest power of two below n."""
        from hashlib import sha256

        if len(leaves) == 1:
            return sha256(b"\0" + leaves[0]).digest()
        half = 1 << ((len(leaves) - 1).bit_length() - 1)
        return sha256(
            b"\1" + TestMerkleRoot.reference(leaves[:half]) + TestMerkleRoot.reference(leaves[half:])
        ).digest()

    @given(st.lists(keys, min_size=1, max_size=40))
    def test_is_that_of_the_rfc(self, leaves: list[bytes]) -> None:
        assert merkle_root(leaves) == self.reference(leaves)

    def test_nothing_has_no_root(self) -> None:
        with pytest.raises(InvalidValue):
            merkle_root([])
