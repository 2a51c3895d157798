"""The hash that Ethereum and our identifiers use."""

from sha3 import keccak_256


def keccak256(data: bytes) -> bytes:
    """Return the 32-byte Keccak-256 digest (the original padding, not FIPS 202 SHA3-256).

    Source: Ethereum Yellow Paper, appendix on KEC.
    """
    digest: bytes = keccak_256(data).digest()
    return digest
