"""One-byte changes of a bundle, and what the verifier says to them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from audit.verifier import Rejected, verify
from codec.canonical_json import decode_canonical, encode_canonical

_DIGEST_MEMBER = re.compile(rb'"digest":"[0-9a-f]{64}"')


def with_digest(data: bytes) -> bytes:
    """The same bytes with the outer digest recomputed over the rest, as they are."""
    body = _DIGEST_MEMBER.sub(b"", data).replace(b",,", b",")
    return _DIGEST_MEMBER.sub(b'"digest":"' + sha256(body).hexdigest().encode() + b'"', data)


def rewritten(data: bytes, **members: Any) -> bytes:
    """Canonical bytes with whole members of the bundle replaced and the digest recomputed."""
    bundle = {**decode_canonical(data), **members}
    del bundle["digest"]
    bundle["digest"] = sha256(encode_canonical(bundle)).hexdigest()
    return encode_canonical(bundle)


def one_byte_mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Random one-byte changes; half of them keep to hex digits, so that they reach past the parser."""
    chance = random.Random(seed)
    while count:
        place = chance.randrange(len(data))
        byte = chance.choice(b"0123456789abcdef") if chance.random() < 0.5 else chance.randrange(256)
        if byte != data[place]:
            yield data[:place] + bytes([byte]) + data[place + 1 :]
            count -= 1


def accepted_mutations(data: bytes, count: int, *, recompute_digest: bool, seed: int) -> list[bytes]:
    """The mutations that the verifier took for the real thing; must be empty."""
    accepted = []
    for mutation in one_byte_mutations(data, count, seed):
        mutated = with_digest(mutation) if recompute_digest else mutation
        if mutated == data:
            # A change inside the digest itself, mended by recomputing it.
            continue
        try:
            verify(mutated)
        except Rejected:
            continue
        accepted.append(mutation)
    return accepted
