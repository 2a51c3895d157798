"""The parts that bundles of every family share: digest, campaign identity, order document, attestation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from . import canonical
from .crypto import check_ed25519, keccak256, sha256
from .fields import Fields
from .rejected import Rejected, require
from .report import Fact

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
    evm_issuer: bytes
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
    require(sha256(canonical.encode(body)) == digest, "digest", "the digest is not that of the content")
    claim = bundle.object("claim")
    chain = claim.get("chain")
    if not isinstance(chain, str):
        raise Rejected("shape", "claim.chain is not a text")
    order = canonical.encode(bundle.object("order_document")) if bundle.has("order_document") else None
    return Envelope(
        digest=digest.hex(),
        family=chain.partition(":")[0],
        claim=claim,
        evidence=bundle.value["evidence"],
        campaign=_campaign(bundle.object("campaign")),
        order_hash=None if order is None else keccak256(order),
        attestation=_attestation(bundle.object("attestation")),
    )


def check_claim(claim: dict[str, Any], shown: dict[str, Any]) -> None:
    """Raises Rejected unless the claim is exactly what the evidence shows."""
    Fields("claim", claim, shown)
    for name, value in shown.items():
        require(
            canonical.encode(claim[name]) == canonical.encode(value),
            "claim",
            f"claim.{name} is {str(claim[name])[:120]!r}, the evidence shows {str(value)[:120]!r}",
        )


def campaign_facts(campaign: CampaignIdentity, order_hash: bytes, document_hash: bytes | None) -> list[Fact]:
    """Facts about the rule document and, where the bundle holds it, the order document.

    Raises:
        Rejected: The order document is another one than the redeemed order's.
    """
    facts = [
        Fact(
            "rule_document",
            "proven",
            f"the rule document {campaign.title!r} has the hash {campaign.rules_hash.hex()}, "
            f"to which campaign {campaign.id.hex()} commits",
        )
    ]
    if document_hash is not None:
        require(document_hash == order_hash, "order_document", "its hash is not the order's hash")
        facts.append(Fact("order_document", "proven", f"the order document has the order's hash {order_hash.hex()}"))
    return facts


def redemption_id(
    voucher: bytes, holder: str, merchant: str, order_hash: bytes, amount_minor: int, moves: int
) -> bytes:
    """keccak256(abi.encode(voucherId, keccak256(CAIP-10 holder), keccak256(CAIP-10 merchant), orderHash,
    amountMinor, moves)), 32 bytes."""
    numbers = amount_minor.to_bytes(32, "big") + moves.to_bytes(32, "big")
    return keccak256(voucher + keccak256(holder.encode()) + keccak256(merchant.encode()) + order_hash + numbers)


def _campaign(value: dict[str, Any]) -> CampaignIdentity:
    fields = Fields("campaign", value, ("evm_issuer", "rule_document", "salt", "solana_issuer"))
    evm_issuer = fields.data("evm_issuer", 20)
    solana_issuer = fields.data("solana_issuer", 32)
    document = fields.object("rule_document")
    rules_hash = keccak256(canonical.encode(document))
    # abi.encode(tag, rulesHash, address, bytes32, bytes32): an address is padded on its left.
    words = _CAMPAIGN_TAG + rules_hash + bytes(12) + evm_issuer + solana_issuer + fields.data("salt", 32)
    title = document.get("title")
    return CampaignIdentity(
        id=keccak256(words)[:24],
        rules_hash=rules_hash,
        evm_issuer=evm_issuer,
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
