"""What a voucher book's own storage says of a voucher, shown by account and storage proofs below a header.
Source: EIP-1186; Ethereum Yellow Paper §4.1 (world state); Solidity documentation, "Layout of State Variables".
"""

from __future__ import annotations

from typing import Any

from . import rlp
from .crypto import keccak256
from .evm_block import Header
from .fields import Fields
from .report import Fact, require
from .trie import lookup

MAX_TRIE_NODES = 64

# Where BookStorage keeps its mappings (contracts/evm/artifacts/VoucherBook.json, storageLayout).
_SLOTS, _USED, _VALUES, _RETURNS = 3, 4, 7, 11
_CHECK = "voucher_state"


def read_state(evidence: Any, head: Header, book: bytes, voucher: bytes, redemption_id: bytes) -> dict[str, Any]:
    """Follow the proofs from the head's state root to the four words about the voucher, which must be used.

    Answers the claim's `state`: amounts as text; `remaining` in minor units, None unless stored value was spent.
    """
    fields = Fields("evidence.state", evidence, ("account_proof", "storage_proofs"))
    nodes = fields.data_list("account_proof", MAX_TRIE_NODES)
    account = rlp.decode_list(_CHECK, lookup(_CHECK, head.state_root, keccak256(book), nodes))
    require(len(account) == 4, _CHECK, "an account has not 4 fields")
    storage, code_hash = rlp.as_bytes(_CHECK, account[2], 32), rlp.as_bytes(_CHECK, account[3], 32)
    word = (int.from_bytes(voucher, "big") >> 8).to_bytes(32, "big")
    places = ((voucher, _SLOTS), (word, _USED), (voucher, _VALUES), (redemption_id, _RETURNS))
    proofs = fields.value["storage_proofs"]
    require(isinstance(proofs, list) and len(proofs) == len(places), "shape", f"not {len(places)} storage proofs")
    words = []
    for proof, (key, place) in zip(proofs, places, strict=True):
        nodes = Fields("evidence.state", {"nodes": proof}, ("nodes",)).data_list("nodes", MAX_TRIE_NODES, least=0)
        value = lookup(_CHECK, storage, keccak256(keccak256(key + place.to_bytes(32, "big"))), nodes)
        words.append(rlp.as_int(_CHECK, rlp.decode(_CHECK, value)) if value else 0)
    slot, bits, value_word, back = words
    used_up = bool((slot >> 24) % 2**40 or bits >> voucher[-1] & 1)
    require(used_up or value_word % 2**128 > 0, _CHECK, "the book's storage does not know the voucher as used")
    return {
        "code_hash": code_hash.hex(),
        "height": head.number,
        "remaining": str(value_word >> 128) if value_word else None,
        "returned": str(back % 2**96),
        "reversed": bool(back >> 96),
        "used_up": used_up,
    }


def state_fact(state: dict[str, Any]) -> Fact:
    """In words, with the hash of the code that wrote the state."""
    said = "used up" if state["used_up"] else f"not used up, with {state['remaining']} minor units left"
    said += f", its redemption {'' if state['reversed'] else 'not '}reversed, {state['returned']} base units returned"
    where = f"in block {state['height']}, in the storage of the contract whose code hashes to {state['code_hash']}"
    return Fact(_CHECK, "proven", f"the voucher is {said}, {where}")
