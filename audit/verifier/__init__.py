"""The stand-alone verifier of Quanbao proof bundles; it imports nothing of the rest and speaks to no network."""

from __future__ import annotations

from collections.abc import Sequence

from .envelope import open_envelope
from .evm import verify_evm
from .report import Fact, Rejected, Report, require
from .solana import verify_solana

__all__ = ["Fact", "Rejected", "Report", "verify"]


def verify(data: bytes, *, trusted_block_hash: str | None = None, trusted_keys: Sequence[str] = ()) -> Report:
    """Check a proof bundle; Rejected says which statement is the first that does not hold.

    Args:
        data: The file as it is, at most 4 MiB.
        trusted_block_hash: A block hash that the reader knows from elsewhere (EVM): `0x` and 64 hex digits.
        trusted_keys: Attestation keys (64 hex digits) of which the bundle's must be one; empty: any.
    """
    envelope = open_envelope(data)
    known = {f"attested by ed25519:{key.removeprefix('ed25519:').lower()}" for key in trusted_keys}
    require(not known or envelope.basis in known, "attestation", f"{envelope.basis}, which is not a key that you trust")
    if envelope.family == "eip155":
        facts = verify_evm(envelope, trusted_block_hash.lower() if trusted_block_hash else None)
    elif envelope.family == "solana":
        require(trusted_block_hash is None, "block", "a block hash proves nothing on Solana: the slot is attested")
        facts = verify_solana(envelope)
    else:
        raise Rejected("shape", f"chains of the family {envelope.family[:40]!r} are not known here")
    return Report(envelope.digest, envelope.claim, tuple(facts))
