"""Bundles with one value exchanged for something odd, digest recomputed: only ever refused by name."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from audit.verifier import Rejected, verify
from codec.canonical_json import decode_canonical
from tests.integration.audit.mutations import rewritten

_ODD: tuple[Any, ...] = (
    *(None, True, 0, -1, 2**53 - 1, "", "0", "zz", "00", "00" * 32, "ff" * 64, "c0", "80", [], ["00"], [[]], {}),
    *({"a": {"b": [1]}}, "0x", "eip155:1", "solana:x", "\U0001f600", [None] * 5, "9" * 80, "f8" + "00" * 60),
)


def odd_bundles(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Members and items anywhere in the bundle, exchanged or left out."""
    chance = random.Random(seed)
    bundle = decode_canonical(data)
    places = [place for place in _places(bundle) if place[0] != "digest"]
    for _ in range(count):
        changed = copy.deepcopy(bundle)
        *path, last = chance.choice(places)
        parent: Any = changed
        for step in path:
            parent = parent[step]
        if chance.random() < 0.15:
            del parent[last]
        else:
            parent[last] = chance.choice(_ODD)
        if changed == bundle:
            continue
        try:
            yield rewritten(data, **changed) if set(changed) == set(bundle) else _without(data, changed)
        except ValueError:
            continue


def refused(data: bytes, count: int, seed: int) -> int:
    """How many were refused; anything but Rejected passes through, and nothing may be accepted."""
    seen = 0
    for odd in odd_bundles(data, count, seed):
        try:
            verify(odd)
        except Rejected:
            seen += 1
            continue
        raise AssertionError("an odd bundle was accepted")
    return seen


def _without(data: bytes, changed: dict[str, Any]) -> bytes:
    body = {name: value for name, value in changed.items() if name != "digest"}
    raw = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    body["digest"] = sha256(raw).hexdigest()
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, item in items:
        yield (*path, name)
        yield from _places(item, (*path, name))
