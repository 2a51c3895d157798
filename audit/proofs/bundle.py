"""Joining claim, evidence and attestation to the bytes of docs/proof-bundle.md."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from audit.proofs.ports import Attester, CampaignCommitment, ProofSubject
from codec.canonical_json import decode_canonical, encode_canonical
from primitives.errors import ProofUnavailable

FORMAT = "quanbao.proof"
VERSION = 2
ATTESTATION_TAG = b"quanbao.attestation.v1\n"
MAX_BUNDLE_BYTES = 4 * 1024 * 1024


async def assemble_bundle(
    subject: ProofSubject,
    claim: Mapping[str, Any],
    evidence: Mapping[str, Any],
    statement: Mapping[str, Any],
    attester: Attester,
) -> bytes:
    """Sign the statement and write the whole bundle in canonical bytes.

    Raises:
        ProofUnavailable: It would be larger than 4 MiB.
    """
    signature = await attester.attest(ATTESTATION_TAG + encode_canonical(statement))
    body: dict[str, Any] = {
        "attestation": {
            "key": attester.public_key.hex(),
            "signature": signature.hex(),
            "statement": dict(statement),
        },
        "campaign": _campaign(subject.campaign),
        "claim": dict(claim),
        "evidence": dict(evidence),
        "format": FORMAT,
        "version": VERSION,
    }
    if subject.order_document is not None:
        body["order_document"] = decode_canonical(subject.order_document)
    body["digest"] = sha256(encode_canonical(body)).hexdigest()
    data = encode_canonical(body)
    if len(data) > MAX_BUNDLE_BYTES:
        raise ProofUnavailable(
            f"the bundle would have {len(data)} bytes, more than a verifier reads ({MAX_BUNDLE_BYTES})", size=len(data)
        )
    return data


def _campaign(campaign: CampaignCommitment) -> dict[str, Any]:
    return {
        "evm_issuer": campaign.evm_issuer.hex(),
        "rule_document": decode_canonical(campaign.rule_document),
        "salt": campaign.salt.hex(),
        "solana_issuer": campaign.solana_issuer.hex(),
    }
