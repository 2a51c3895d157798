"""Search files for secrets in every form in which they might have been written."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from primitives.base58 import encode_base58

_SEPARATORS = (b" ", b",", b", ", b'","', b'", "', b"\n", b"', '")


def forms_of(secret: bytes) -> set[bytes]:
    """Raw, hexadecimal, base64 and base58."""
    forms = {
        secret,
        secret.hex().encode(),
        secret.hex().upper().encode(),
        base64.b64encode(secret).rstrip(b"="),
        base64.urlsafe_b64encode(secret).rstrip(b"="),
        encode_base58(secret).encode(),
    }
    return {form for form in forms if len(form) >= 8}


def forms_of_words(mnemonic: str) -> set[bytes]:
    """Any four neighbouring words, however they are joined."""
    words = mnemonic.encode().split()
    return {
        separator.join(words[start : start + 4]) for start in range(len(words) - 3) for separator in _SEPARATORS
    } | forms_of(mnemonic.encode())


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below, and what a compressed one holds."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            raw = path.read_bytes()
            yield path, raw
            if path.suffix == ".gz":
                yield path, gzip.decompress(raw)


def found(secrets: Mapping[str, Iterable[bytes]], texts: Iterable[tuple[Path, bytes]]) -> list[str]:
    """`secret in file` for each hit; the secret's name, never its value."""
    hits = set()
    for path, raw in texts:
        for name, forms in secrets.items():
            if any(form in raw for form in forms):
                hits.add(f"{name} in {path.name}")
    return sorted(hits)
