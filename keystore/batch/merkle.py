"""One hash that stands for all payloads of a batch in its audit entry.

Source: RFC 9162 §2.1.1 (Merkle Tree Hash with SHA-256), over the payloads' own hashes.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from primitives.errors import InvalidValue


def merkle_root(leaves: Sequence[bytes]) -> bytes:
    """32 bytes over the payload hashes, in their order.

    Raises:
        InvalidValue: No leaf.
    """
    if not leaves:
        raise InvalidValue("a batch of nothing has no root")
    level = [sha256(b"\0" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        # An odd one out moves up unchanged: the same tree as the RFC's split at the largest power of two.
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(b"\1" + left + right).digest() for left, right in zip(level[::2], level[1::2], strict=False)]
        level += odd
    return level[0]
