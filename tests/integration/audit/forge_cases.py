"""Bundles as contracts/evm/test/ProofBundle.t.sol reads them."""

from __future__ import annotations

from typing import Any

from rlp import decode

from audit.proofs.evm_state import storage_keys
from audit.verifier.trie import lookup
from codec.canonical_json import decode_canonical
from primitives.account_id import parse_evm_address
from primitives.hashing import keccak256


def forge_case(data: bytes) -> dict[str, Any]:
    """The EVM evidence of one bundle, with what it must show, as Forge's JSON cheats want it."""
    bundle = decode_canonical(data)
    claim, evidence = bundle["claim"], bundle["evidence"]
    keys = storage_keys(bytes.fromhex(claim["voucher"]), bytes.fromhex(claim["redemption_id"]))
    proofs = evidence["state"]["storage_proofs"]
    # The voucher's own slot where it has one, else the bitmap: what is absent, OpenZeppelin's library cannot show.
    words = _words(bundle, keys)
    place = next(number for number in (0, 1) if words[number])
    return {
        "account_proof": _prefixed(evidence["state"]["account_proof"]),
        "block_hash": claim["block_hash"],
        "book": claim["book"].rpartition(":")[2],
        "code_hash": "0x" + claim["state"]["code_hash"],
        "headers": _prefixed(evidence["headers"]),
        "log_index": evidence["log_index"],
        "receipt_proof": _prefixed(evidence["receipt_proof"]),
        "storage_key": "0x" + keys[place].hex(),
        "storage_proof": _prefixed(proofs[place]),
        "storage_value": "0x" + words[place].hex(),
        "transaction": claim["transaction"],
        "transaction_index": evidence["transaction_index"],
        "transaction_proof": _prefixed(evidence["transaction_proof"]),
        "voucher": "0x" + claim["voucher"],
    }


def _words(bundle: dict[str, Any], keys: list[bytes]) -> list[bytes]:
    """What the storage holds under the keys; empty where it holds nothing."""
    evidence = bundle["evidence"]
    header, state = decode(bytes.fromhex(evidence["headers"][-1])), evidence["state"]
    book = parse_evm_address(bundle["claim"]["book"].rpartition(":")[2])
    account = decode(lookup("account", header[3], keccak256(book), [bytes.fromhex(n) for n in state["account_proof"]]))
    found = []
    for key, nodes in zip(keys, state["storage_proofs"], strict=True):
        value = lookup("word", account[2], keccak256(key), [bytes.fromhex(node) for node in nodes])
        found.append(decode(value) if value else b"")
    return found


def _prefixed(nodes: list[str]) -> list[str]:
    return ["0x" + node for node in nodes]
