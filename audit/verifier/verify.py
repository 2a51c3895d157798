"""The one entry: bytes in, a report or the first failed check out."""

from __future__ import annotations

from collections.abc import Sequence

from .envelope import open_envelope
from .evm import verify_evm
from .report import Rejected, Report, require
from .solana import verify_solana


def verify(data: bytes, *, trusted_block_hash: str | None = None, trusted_keys: Sequence[str] = ()) -> Report:
    """Check a proof bundle.

    Args:
        data: The file as it is, at most 4 MiB.
        trusted_block_hash: A block hash that the reader knows from elsewhere (EVM): `0x` and 64 hex digits.
        trusted_keys: Attestation keys (64 hex digits) of which the bundle's must be one; empty: any, and the report
            names it.

    Raises:
        Rejected: `check` and `reason` of the first statement that does not hold.
    """
    envelope = open_envelope(data)
    if trusted_keys:
        known = envelope.attestation.key.hex() in {key.removeprefix("ed25519:").lower() for key in trusted_keys}
        require(known, "attestation", f"the key ed25519:{envelope.attestation.key.hex()} is not one that you trust")
    if envelope.family == "eip155":
        facts = verify_evm(envelope, trusted_block_hash.lower() if trusted_block_hash else None)
    elif envelope.family == "solana":
        require(trusted_block_hash is None, "block", "a block hash proves nothing on Solana: the slot is attested")
        facts = verify_solana(envelope)
    else:
        raise Rejected("shape", f"chains of the family {envelope.family[:40]!r} are not known here")
    return Report(envelope.digest, envelope.claim, tuple(facts))
