"""The parts that bundles of every family share: digest, campaign, order document, attestation, claim."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, TypeAlias

from . import canonical
from .crypto import check_ed25519, keccak256
from .fields import Fields
from .report import Fact, require

Money: TypeAlias = "dict[str, str] | None"
"""`asset` as CAIP-19 text and `base_units`; None when nothing moved."""

FORMAT = "quanbao.proof"
VERSION = 2
ATTESTATION_TAG = b"quanbao.attestation.v1\n"
FINALITIES = ("safe", "finalized")

_CAMPAIGN_TAG = keccak256(b"quanbao.campaign.v1")


@dataclass(frozen=True, slots=True)
class CampaignIdentity:
    """What the campaign's id (24 bytes) commits to; `rules_hash` and `solana_issuer` have 32 bytes."""

    id: bytes
    rules_hash: bytes
    solana_issuer: bytes
    title: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """`statement` was signed by the service key that `basis` names."""

    digest: str
    family: str
    claim: dict[str, Any]
    evidence: Any
    campaign: CampaignIdentity
    order_hash: bytes | None
    statement: dict[str, Any]
    basis: str


def open_envelope(data: bytes) -> Envelope:
    """Read a bundle's bytes and check everything that needs no chain evidence, the attestation's signature too."""
    raw = canonical.decode(data)
    names = ("attestation", "campaign", "claim", "digest", "evidence", "format", "version")
    bundle = Fields("bundle", raw, names, ("order_document",))
    require(bundle.text("format") == FORMAT, "version", f"not a {FORMAT} file")
    require(bundle.index("version") == VERSION, "version", f"this verifier reads version {VERSION}")
    digest = bundle.data("digest", 32)
    body = {name: value for name, value in bundle.value.items() if name != "digest"}
    require(hashlib.sha256(canonical.encode(body)).digest() == digest, "digest", "it is not that of the content")
    claim = bundle.object("claim")
    order = canonical.encode(bundle.object("order_document")) if "order_document" in bundle.value else None
    statement, basis = _attestation(bundle.object("attestation"))
    return Envelope(
        digest=digest.hex(),
        family=Fields("claim", claim, ("chain",), claim).text("chain").partition(":")[0],
        claim=claim,
        evidence=bundle.value["evidence"],
        campaign=_campaign(bundle.object("campaign")),
        order_hash=None if order is None else keccak256(order),
        statement=statement,
        basis=basis,
    )


def _campaign(value: dict[str, Any]) -> CampaignIdentity:
    fields = Fields("campaign", value, ("evm_issuer", "rule_document", "salt", "solana_issuer"))
    solana_issuer = fields.data("solana_issuer", 32)
    document = fields.object("rule_document")
    rules_hash = keccak256(canonical.encode(document))
    # abi.encode(tag, rulesHash, address, bytes32, bytes32): an address is padded on its left.
    words = _CAMPAIGN_TAG + rules_hash + fields.data("evm_issuer", 20).rjust(32, b"\0")
    words += solana_issuer + fields.data("salt", 32)
    return CampaignIdentity(keccak256(words)[:24], rules_hash, solana_issuer, str(document.get("title", ""))[:80])


def _attestation(value: dict[str, Any]) -> tuple[dict[str, Any], str]:
    fields = Fields("attestation", value, ("key", "signature", "statement"))
    key = fields.data("key", 32)
    statement = fields.object("statement")
    message = ATTESTATION_TAG + canonical.encode(statement)
    check_ed25519("attestation", key, message, fields.data("signature", 64))
    return statement, f"attested by ed25519:{key.hex()}"


def check_redemption(
    envelope: Envelope, shown: dict[str, Any], voucher: bytes, order_hash: bytes, *, said_id: bytes | None, paid: str
) -> list[Fact]:
    """Check ids, documents and the claim, of which `shown` is what the evidence shows; state the facts that follow."""
    campaign, numbers = envelope.campaign, (int(shown["amount_minor"]), int(shown["moves"]))
    parties = keccak256(shown["holder"].encode()) + keccak256(shown["merchant"].encode())
    identity = keccak256(voucher + parties + order_hash + b"".join(n.to_bytes(32, "big") for n in numbers))
    require(said_id in (identity, None), "redemption_id", "it is not the hash of the redemption's facts")
    require(campaign.id == voucher[:24], "rule_document", "the campaign commits to another document")
    rules, order = campaign.rules_hash.hex(), order_hash.hex()
    claim = {"campaign": campaign.id.hex(), "order_hash": order, "rules_hash": rules, **shown}
    claim |= {"redemption_id": identity.hex(), "voucher": voucher.hex()}
    claimed = Fields("claim", envelope.claim, claim).value
    for name, value in claim.items():
        same = canonical.encode(claimed[name]) == canonical.encode(value)
        found = f"claim.{name} is {str(claimed[name])[:120]!r}, the evidence shows {str(value)[:120]!r}"
        require(same, "claim", found)
    committed = f"has the hash {rules}, to which campaign {campaign.id.hex()} commits"
    facts = [
        Fact("redemption_id", "proven", f"{identity.hex()} is the hash of the redemption's facts"),
        Fact("rule_document", "proven", f"the rule document {campaign.title!r} {committed}"),
    ]
    for name, payer in (("payout", "the escrow"), ("remainder", "the holder")):
        if (money := shown[name]) is not None:
            said = f"{payer} paid {money['base_units']} base units of {money['asset']} to {shown['merchant']}"
            facts.append(Fact(name, paid, said))
    if shown.get("credit") is not None:
        facts.append(Fact("credit", "proven", f"{shown['credit']} base units were credited to {shown['merchant']}"))
    if envelope.order_hash is not None:
        require(envelope.order_hash == order_hash, "order_document", "its hash is not the order's hash")
        facts.append(Fact("order_document", "proven", f"the order document's hash is {order}"))
    return facts
