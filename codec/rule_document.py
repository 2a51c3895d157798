"""The rule document of a campaign: what its vouchers give, to whom, when; its hash stands on chain for ever.

The fields are described in docs/rule-document.md and docs/rule-document.schema.json.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from codec.canonical_json import decode_canonical, encode_canonical
from primitives.errors import InvalidTerms
from primitives.hashing import keccak256

RULE_SCHEMA = "quanbao.rules.v1"


def encode_rule_document(document: Mapping[str, Any]) -> bytes:
    """Canonical UTF-8 bytes (RFC 8785). Raises InvalidTerms when `schema` is not ours."""
    _require_schema(document)
    return encode_canonical(document)


def decode_rule_document(data: bytes) -> dict[str, Any]:
    """Raises InvalidTerms on another schema, InvalidValue on bytes that are not canonical."""
    document = decode_canonical(data)
    _require_schema(document)
    return document


def rules_hash(data: bytes) -> bytes:
    """keccak256 of the canonical bytes, 32 bytes."""
    return keccak256(data)


def _require_schema(document: Mapping[str, Any]) -> None:
    if document.get("schema") != RULE_SCHEMA:
        raise InvalidTerms(f"a rule document says schema {RULE_SCHEMA!r}", field="schema")
