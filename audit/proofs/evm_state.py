"""The proof of a voucher's state in the book's storage, from what `eth_getProof` answers (EIP-1186)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import rlp

from audit.proofs.evm_encoding import Json
from audit.proofs.ports import RedemptionRef
from codec.evm.abi import load_artifact
from primitives.errors import ProofUnavailable
from primitives.hashing import keccak256

_MAPPINGS = ("_slots", "_used", "_values", "_returns")
_EMPTY_TRIE = "0x80"
_STATE_ROOT = 3


@dataclass(frozen=True, slots=True)
class StateProof:
    """Evidence and claim as docs/proof-bundle.md has them."""

    evidence: dict[str, Any]
    claim: dict[str, Any]


def storage_keys(voucher: bytes, redemption_id: bytes) -> list[bytes]:
    """The words of slot, bitmap, value and return, 32 bytes each; their places are read from the compiled layout."""
    layout = load_artifact("VoucherBook")["storageLayout"]["storage"]
    places = {one["label"]: int(one["slot"]) for one in layout}
    word = (int.from_bytes(voucher, "big") >> 8).to_bytes(32, "big")
    keys = (voucher, word, voucher, redemption_id)
    return [keccak256(key + places[name].to_bytes(32, "big")) for key, name in zip(keys, _MAPPINGS, strict=True)]


def state_proof(answer: Json, header: bytes, height: int, book: bytes, redemption: RedemptionRef) -> StateProof:
    """Read the node's answer.

    Args:
        header: RLP of the header that the answer is about.
        book: 20 bytes.

    Raises:
        ProofUnavailable: The answer is about another state.
    """
    account = _nodes(answer["accountProof"])
    if not account or keccak256(account[0]) != rlp.decode(header)[_STATE_ROOT]:
        raise ProofUnavailable(f"the node's proof is not about the state of block {height}: ask again", height=height)
    slot, bits, value, back = (int(entry["value"], 16) for entry in answer["storageProof"])
    evidence = {
        "account_proof": [node.hex() for node in account],
        "storage_proofs": [[node.hex() for node in _nodes(entry["proof"])] for entry in answer["storageProof"]],
    }
    claim = {
        "code_hash": answer["codeHash"].removeprefix("0x"),
        "height": height,
        "remaining": str(value >> 128) if value else None,
        "returned": str(back % 2**96),
        "reversed": bool(back >> 96),
        "used_up": bool((slot >> 24) % 2**40 or bits >> redemption.voucher.raw[-1] & 1),
    }
    return StateProof(evidence, claim)


def _nodes(texts: list[str]) -> list[bytes]:
    """An empty trie is its root alone, and nothing has to be shown of it."""
    return [] if texts == [_EMPTY_TRIE] else [bytes.fromhex(text[2:]) for text in texts]
