"""The parts that bundles of every family share: digest, campaign identity, order document, attestation."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from . import canonical
from .crypto import check_ed25519, keccak256
from .fields import Fields
from .report import require

FORMAT = "quanbao.proof"
VERSION = 1
ATTESTATION_TAG = b"quanbao.attestation.v1\n"
FINALITIES = ("safe", "finalized")

_CAMPAIGN_TAG = keccak256(b"quanbao.campaign.v1")


@dataclass(frozen=True, slots=True)
class Attestation:
    """A service key's signed statement, already verified."""

    key: bytes
    statement: dict[str, Any]

    @property
    def basis(self) -> str:
        return f"attested by ed25519:{self.key.hex()}"


@dataclass(frozen=True, slots=True)
class CampaignIdentity:
    """What the campaign's id commits to; `id` has 24 bytes, `rules_hash`, `solana_issuer` and `salt` 32."""

    id: bytes
    rules_hash: bytes
    solana_issuer: bytes
    title: str


@dataclass(frozen=True, slots=True)
class Envelope:
    digest: str
    family: str
    claim: dict[str, Any]
    evidence: Any
    campaign: CampaignIdentity
    order_hash: bytes | None
    attestation: Attestation


def open_envelope(data: bytes) -> Envelope:
    """Read a bundle's bytes and check everything that needs no chain evidence.

    Raises:
        Rejected: Not canonical, of another version, a wrong digest, or an attestation that its key did not sign.
    """
    raw = canonical.decode(data)
    names = ("attestation", "campaign", "claim", "digest", "evidence", "format", "version")
    bundle = Fields("bundle", raw, names, ("order_document",))
    require(bundle.text("format") == FORMAT, "version", f"not a {FORMAT} file")
    require(bundle.index("version") == VERSION, "version", f"this verifier reads version {VERSION}")
    digest = bundle.data("digest", 32)
    body = {name: value for name, value in bundle.value.items() if name != "digest"}
    same = hashlib.sha256(canonical.encode(body)).digest() == digest
    require(same, "digest", "the digest is not that of the content")
    claim = bundle.object("claim")
    order = canonical.encode(bundle.object("order_document")) if "order_document" in bundle.value else None
    return Envelope(
        digest=digest.hex(),
        family=Fields("claim", claim, ("chain",), claim).text("chain").partition(":")[0],
        claim=claim,
        evidence=bundle.value["evidence"],
        campaign=_campaign(bundle.object("campaign")),
        order_hash=None if order is None else keccak256(order),
        attestation=_attestation(bundle.object("attestation")),
    )


def _campaign(value: dict[str, Any]) -> CampaignIdentity:
    fields = Fields("campaign", value, ("evm_issuer", "rule_document", "salt", "solana_issuer"))
    solana_issuer = fields.data("solana_issuer", 32)
    document = fields.object("rule_document")
    rules_hash = keccak256(canonical.encode(document))
    # abi.encode(tag, rulesHash, address, bytes32, bytes32): an address is padded on its left.
    words = _CAMPAIGN_TAG + rules_hash + fields.data("evm_issuer", 20).rjust(32, b"\0")
    words += solana_issuer + fields.data("salt", 32)
    title = document.get("title")
    return CampaignIdentity(
        id=keccak256(words)[:24],
        rules_hash=rules_hash,
        solana_issuer=solana_issuer,
        title=title[:80] if isinstance(title, str) else "",
    )


def _attestation(value: dict[str, Any]) -> Attestation:
    fields = Fields("attestation", value, ("key", "signature", "statement"))
    key = fields.data("key", 32)
    statement = fields.object("statement")
    message = ATTESTATION_TAG + canonical.encode(statement)
    check_ed25519("attestation", key, message, fields.data("signature", 64))
    return Attestation(key, statement)
