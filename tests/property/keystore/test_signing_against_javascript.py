"""ethers signs the same transactions, typed data, messages and authorisations, byte for byte."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codec.evm.envelopes import (
    AccessListEntry,
    AccessListTransaction,
    Authorization,
    FeeMarketTransaction,
    LegacyTransaction,
    SetCodeTransaction,
    SignedAuthorization,
)
from codec.evm.transaction import EvmTransaction, encode_signed, encode_unsigned
from codec.evm.typed_data import parse_typed_data
from keystore.secret import Secret
from keystore.signature import sign_digest
from primitives.account_id import checksum_address
from primitives.hashing import keccak256
from tests.node_runtime import node_program

Ask = Callable[..., str]
KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
OTHER = bytes(range(1, 33))
uint256 = st.integers(0, 2**256 - 1)
# ethers reads nonces and gas limits as JavaScript numbers.
small = st.integers(0, 2**53 - 1)
addresses = st.binary(min_size=20, max_size=20)
lists = st.lists(
    st.builds(AccessListEntry, addresses, st.lists(st.binary(min_size=32, max_size=32), max_size=2).map(tuple)),
    max_size=2,
).map(tuple)
data = st.binary(max_size=60)
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def sign(digest: bytes, key: bytes = KEY) -> bytes:
    return sign_digest(Secret(key), digest).raw


@st.composite
def transactions(draw: st.DrawFn) -> EvmTransaction:
    chain, nonce, gas = draw(st.integers(1, 2**53 - 1)), draw(small), draw(small)
    low, high = sorted([draw(uint256), draw(uint256)])
    to, value, payload, access = draw(addresses), draw(uint256), draw(data), draw(lists)
    match draw(st.integers(0, 3)):
        case 0:
            return LegacyTransaction(chain, nonce, high, gas, to, value, payload)
        case 1:
            return AccessListTransaction(chain, nonce, high, gas, to, value, payload, access)
        case 2:
            return FeeMarketTransaction(chain, nonce, low, high, gas, to, value, payload, access)
    agreed = Authorization(chain, draw(addresses), draw(small))
    signed = SignedAuthorization(agreed, sign(agreed.signing_hash(), OTHER))
    return SetCodeTransaction(chain, nonce, low, high, gas, to, value, payload, (signed,), access)


def for_ethers(transaction: EvmTransaction) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "type": 0 if isinstance(transaction, LegacyTransaction) else transaction.TYPE,
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "gasLimit": str(transaction.gas_limit),
        "to": checksum_address(transaction.to or b""),
        "value": str(transaction.value),
        "data": "0x" + transaction.data.hex(),
    }
    if isinstance(transaction, LegacyTransaction | AccessListTransaction):
        fields["gasPrice"] = str(transaction.gas_price)
    else:
        fields["maxFeePerGas"] = str(transaction.max_fee_per_gas)
        fields["maxPriorityFeePerGas"] = str(transaction.max_priority_fee_per_gas)
    if not isinstance(transaction, LegacyTransaction):
        fields["accessList"] = [
            {"address": checksum_address(one.address), "storageKeys": ["0x" + key.hex() for key in one.storage_keys]}
            for one in transaction.access_list
        ]
    if isinstance(transaction, SetCodeTransaction):
        fields["authorizationList"] = [
            {
                "chainId": str(one.authorization.chain_id),
                "address": checksum_address(one.authorization.address),
                "nonce": str(one.authorization.nonce),
                "signature": "0x" + one.signature[:64].hex() + f"{27 + one.signature[64]:02x}",
            }
            for one in transaction.authorizations
        ]
    return fields


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    script = Path(__file__).parents[2] / "javascript" / "signing.mjs"
    node = subprocess.Popen([node_program(), script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert node.stdin is not None
    assert node.stdout is not None
    asked, answered = node.stdin, node.stdout

    def question(kind: str, **facts: Any) -> str:
        asked.write(json.dumps({"kind": kind, "key": KEY.hex(), **facts}) + "\n")
        asked.flush()
        line = answered.readline()
        assert line, "node ended: run `make setup-tests`, which installs tests/javascript"
        answer: str = json.loads(line)
        return answer.removeprefix("0x")

    yield question
    asked.close()
    node.wait(10)
    answered.close()


@given(transactions())
@few
def test_transactions_of_every_kind(ask: Ask, transaction: EvmTransaction) -> None:
    ours = encode_signed(transaction, sign(keccak256(encode_unsigned(transaction))))
    assert ask("transaction", transaction=for_ethers(transaction)) == ours.hex()


@given(addresses, uint256, st.text(st.characters(exclude_categories=("Cs",)), max_size=12), data, st.lists(small))
@few
def test_typed_data(ask: Ask, holder: bytes, amount: int, note: str, blob: bytes, parts: list[int]) -> None:
    types = {
        "Order": [
            {"name": "holder", "type": "address"}, {"name": "amount", "type": "uint256"},
            {"name": "note", "type": "string"}, {"name": "blob", "type": "bytes"}, {"name": "items", "type": "Item[]"},
        ],
        "Item": [{"name": "parts", "type": "uint64[]"}],
    }  # fmt: skip
    domain = {"name": "Quanbao", "version": "1", "chainId": 31337, "verifyingContract": "0x" + "11" * 20}
    message = {
        "holder": checksum_address(holder), "amount": str(amount), "note": note, "blob": "0x" + blob.hex(),
        "items": [{"parts": [str(part) for part in parts]}, {"parts": []}],
    }  # fmt: skip
    document = json.dumps({"types": types, "primaryType": "Order", "domain": domain, "message": message})
    raw = sign(parse_typed_data(document.encode()).signing_hash())
    assert ask("typed", domain=domain, types=types, message=message) == raw[:64].hex() + f"{27 + raw[64]:02x}"


@given(st.binary(max_size=120))
@few
def test_messages(ask: Ask, message: bytes) -> None:
    """EIP-191, version 0x45."""
    raw = sign(keccak256(b"\x19Ethereum Signed Message:\n" + str(len(message)).encode() + message))
    assert ask("message", message=message.hex()) == raw[:64].hex() + f"{27 + raw[64]:02x}"


@given(st.integers(1, 2**53), addresses, small)
@few
def test_authorisations(ask: Ask, chain: int, address: bytes, nonce: int) -> None:
    raw = sign(Authorization(chain, address, nonce).signing_hash())
    facts = {"chainId": str(chain), "address": checksum_address(address), "nonce": str(nonce)}
    assert ask("authorization", authorization=facts) == raw[:64].hex() + f"{27 + raw[64]:02x}"
