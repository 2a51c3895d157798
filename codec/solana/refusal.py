"""Why a key refused to sign, signed by that key: whoever asked can show it to others.

The statement is canonical JSON in an off-chain message (version 0), which no cluster takes for a transaction:
`ff "solana offchain"` ‖ version u8 0 ‖ format u8 0 (printable ASCII) ‖ u16 length ‖ text. Free words would not always
be ASCII, so the statement carries the rule's name and the facts, and the hash of what was to be signed.

Source: Agave, `sdk/src/offchain_message.rs`.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codec.solana.message import verify_message_signature
from primitives.base58 import decode_base58, encode_base58
from primitives.chain_id import ChainId
from primitives.errors import InvalidValue

_DOMAIN = b"\xffsolana offchain" + b"\x00" + b"\x00"
_SCHEMA = "quanbao.refusal.v1"
_MAX_TEXT = 1_212
_OWN_FIELDS = frozenset({"rule", "payload_sha256"})
"""Facts that have a field of their own in the statement."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refusal.

    Attributes:
        signer: Who refused, 32 bytes.
        rule: Stable name of what forbade it.
        payload_sha256: Of the message that was to be signed, 32 bytes.
        at: Unix seconds.
        facts: Further facts as text.
    """

    chain: ChainId
    signer: bytes
    rule: str
    payload_sha256: bytes
    at: int
    facts: Mapping[str, str]

    @classmethod
    def of(cls, chain: ChainId, signer: bytes, payload: bytes, at: int, rule: str, facts: Mapping[str, Any]) -> Refusal:
        """From an error's facts: those that do not fit are left out."""
        kept = {
            name: str(value)
            for name, value in sorted(facts.items())
            if name not in _OWN_FIELDS and str(value).isascii()
        }
        return cls(chain, signer, rule, hashlib.sha256(payload).digest(), at, kept)

    def text(self) -> str:
        """Canonical JSON in printable ASCII."""
        document = {
            "at": self.at,
            "chain": str(self.chain),
            "facts": dict(self.facts),
            "payload_sha256": self.payload_sha256.hex(),
            "rule": self.rule,
            "schema": _SCHEMA,
            "signer": encode_base58(self.signer),
        }
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def to_sign(self) -> bytes:
        """The bytes under the signature. Raises InvalidValue when the facts make it longer than 1,212 characters."""
        text = self.text().encode("ascii")
        if len(text) > _MAX_TEXT:
            raise InvalidValue(f"a refusal has at most {_MAX_TEXT} characters, not {len(text)}")
        return _DOMAIN + struct.pack("<H", len(text)) + text


def verify_refusal(text: str, signature: bytes) -> Refusal:
    """Read a refusal and check that the signer it names has signed it (64 bytes, ed25519).

    Raises:
        InvalidValue: Not a refusal in its one spelling, or the signature does not fit.
    """
    try:
        document = json.loads(text)
        refusal = Refusal(
            chain=ChainId(document["chain"]),
            signer=decode_base58(document["signer"], length=32),
            rule=document["rule"],
            payload_sha256=bytes.fromhex(document["payload_sha256"]),
            at=document["at"],
            facts=document["facts"],
        )
        same = document["schema"] == _SCHEMA and refusal.text() == text
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidValue("this is no refusal that can be read") from error
    if not same:
        raise InvalidValue("this is no refusal in its one spelling")
    verify_message_signature(refusal.to_sign(), refusal.signer, signature)
    return refusal
