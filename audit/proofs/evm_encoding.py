"""Consensus bytes of EVM headers, transactions and receipts, made from what `eth_*` methods answer.

Not every node serves the bytes themselves (Anvil has no debug_getRawHeader); each hash is compared with the block's,
so a field that we do not know cannot slip through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import rlp
from trie.hexary import HexaryTrie

from primitives.errors import ProofUnavailable
from primitives.hashing import keccak256

Json = Mapping[str, Any]

# Source: EIP-1559, EIP-4895, EIP-4844, EIP-4788, EIP-7685, in the order in which forks appended them.
_HEADER_BYTES_OR_NUMBERS: tuple[tuple[str, bool], ...] = (
    ("parentHash", False),
    ("sha3Uncles", False),
    ("miner", False),
    ("stateRoot", False),
    ("transactionsRoot", False),
    ("receiptsRoot", False),
    ("logsBloom", False),
    ("difficulty", True),
    ("number", True),
    ("gasLimit", True),
    ("gasUsed", True),
    ("timestamp", True),
    ("extraData", False),
    ("mixHash", False),
    ("nonce", False),
    ("baseFeePerGas", True),
    ("withdrawalsRoot", False),
    ("blobGasUsed", True),
    ("excessBlobGas", True),
    ("parentBeaconBlockRoot", False),
    ("requestsHash", False),
)


def encode_header(block: Json) -> bytes:
    """RLP of the header.

    Raises:
        ProofUnavailable: Its hash is not the block's: the chain's headers have fields that we do not know.
    """
    fields: list[bytes | int] = []
    for name, is_number in _HEADER_BYTES_OR_NUMBERS:
        value = block.get(name)
        if value is None:
            break
        fields.append(_number(value) if is_number else _data(value))
    raw: bytes = rlp.encode(fields)
    if keccak256(raw) != _data(block["hash"]):
        raise ProofUnavailable(
            f"the header of block {block['hash']} cannot be rebuilt from the node's answer", block=block["hash"]
        )
    return raw


def encode_receipt(receipt: Json) -> bytes:
    """The value of the receipts trie: type byte (0: none) ‖ RLP of status, cumulative gas, bloom and logs.

    Source: EIP-2718, EIP-658.
    """
    logs = [
        [_data(log["address"]), [_data(topic) for topic in log["topics"]], _data(log["data"])]
        for log in receipt["logs"]
    ]
    fields = [_number(receipt["status"]), _number(receipt["cumulativeGasUsed"]), _data(receipt["logsBloom"]), logs]
    return _prefix(receipt) + bytes(rlp.encode(fields))


def encode_transaction(transaction: Json) -> bytes:
    """The value of the transactions trie: the signed bytes, for types 0, 1, 2 and 4.

    Raises:
        ProofUnavailable: Another type, or its hash is not the transaction's.
    """
    encode = _SIGNED_FIELDS.get(_number(transaction.get("type", "0x0")))
    if encode is None:
        raise ProofUnavailable(
            f"the block holds a transaction of type {transaction['type']}, which we cannot encode",
            transaction=transaction["hash"],
        )
    raw = _prefix(transaction) + bytes(rlp.encode(encode(transaction)))
    if keccak256(raw) != _data(transaction["hash"]):
        raise ProofUnavailable(
            f"transaction {transaction['hash']} cannot be rebuilt from the node's answer",
            transaction=transaction["hash"],
        )
    return raw


def trie_proof(values: Sequence[bytes], index: int, root: bytes) -> list[bytes]:
    """The nodes of a block's trie from its root to the value at `index`, each in its RLP.

    Raises:
        ProofUnavailable: The values do not make `root` (32 bytes).
    """
    tree = HexaryTrie({})
    for place, value in enumerate(values):
        tree[rlp.encode(place)] = value
    if tree.root_hash != root:
        raise ProofUnavailable("the block's transactions or receipts do not make the root in its header")
    path = tree.get_proof(rlp.encode(index))  # type: ignore[no-untyped-call]
    nodes = [bytes(rlp.encode(node)) for node in path]
    # A node of fewer than 32 bytes stands inside its parent.
    return [nodes[0], *(node for node in nodes[1:] if len(node) >= 32)]


def _legacy(tx: Json) -> list[Any]:
    return [*_call(tx, "gasPrice"), _number(tx["v"]), _number(tx["r"]), _number(tx["s"])]


def _access_list(tx: Json) -> list[Any]:
    return [_number(tx["chainId"]), *_call(tx, "gasPrice"), _accesses(tx), *_signature(tx)]


def _fee_market(tx: Json) -> list[Any]:
    return [
        _number(tx["chainId"]),
        *_call(tx, "maxPriorityFeePerGas", "maxFeePerGas"),
        _accesses(tx),
        *_signature(tx),
    ]


def _set_code(tx: Json) -> list[Any]:
    authorizations = [
        [_number(item["chainId"]), _data(item["address"]), _number(item["nonce"]), *_signature(item)]
        for item in tx["authorizationList"]
    ]
    fields = _fee_market(tx)
    return [*fields[:-3], authorizations, *fields[-3:]]


# Source: EIP-155, EIP-2930, EIP-1559, EIP-7702.
_SIGNED_FIELDS: dict[int, Callable[[Json], list[Any]]] = {0: _legacy, 1: _access_list, 2: _fee_market, 4: _set_code}


def _call(tx: Json, *prices: str) -> list[Any]:
    to = b"" if tx.get("to") is None else _data(tx["to"])
    fees = [_number(tx[price]) for price in prices]
    return [_number(tx["nonce"]), *fees, _number(tx["gas"]), to, _number(tx["value"]), _data(tx["input"])]


def _accesses(tx: Json) -> list[Any]:
    return [
        [_data(entry["address"]), [_data(key) for key in entry["storageKeys"]]] for entry in tx.get("accessList") or []
    ]


def _signature(tx: Json) -> list[int]:
    parity = tx["yParity"] if tx.get("yParity") is not None else tx["v"]
    return [_number(parity), _number(tx["r"]), _number(tx["s"])]


def _prefix(item: Json) -> bytes:
    kind = _number(item.get("type", "0x0"))
    return bytes([kind]) if kind else b""


def _number(value: str) -> int:
    return int(value, 16)


def _data(value: str) -> bytes:
    return bytes.fromhex(value[2:])
