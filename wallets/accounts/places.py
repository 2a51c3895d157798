"""Where the next account of a wallet may be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from chains.schemes import Scheme
from keystore.extended_text import depth_of
from keystore.model import WalletKind, WalletRecord
from keystore.single_key import ITS_PATH
from primitives.errors import InvalidValue
from primitives.key_path import KeyPath

MAX_LABEL = 100


@dataclass(frozen=True, slots=True)
class Place:
    """One place for an account. `only`: there is no other in this wallet by this scheme."""

    path: KeyPath
    index: int
    only: bool


def places(wallet: WalletRecord, scheme: Scheme) -> Iterator[Place]:
    """The places of a wallet by a scheme, one after the other: from the root, from a branch, or the one key.

    Raises:
        InvalidDerivationPath: The wallet's branch is deeper than the scheme's paths.
    """
    if wallet.kind is WalletKind.SINGLE_KEY:
        yield Place(ITS_PATH, 0, True)
        return
    depth = 0 if wallet.extended_public_key is None else depth_of(wallet.extended_public_key)
    if not scheme.counts:
        yield Place(scheme.path_below(depth, 0) if depth else scheme.path(0), 0, True)
        return
    first = scheme.path_below(depth, 0) if depth else scheme.path(0)
    second = scheme.path_below(depth, 1) if depth else scheme.path(1)
    if first == second:
        # The branch is one account of a scheme that counts above it.
        yield Place(first, 0, True)
        return
    for index in count():
        yield Place(scheme.path_below(depth, index) if depth else scheme.path(index), index, False)


def check_label(label: str | None) -> None:
    """Raises InvalidValue: no character, or more than 100."""
    if label is not None and not 1 <= len(label.strip()) <= MAX_LABEL:
        raise InvalidValue(f"an account's label has 1 to {MAX_LABEL} characters")
