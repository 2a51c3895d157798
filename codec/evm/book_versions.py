"""Every version of the VoucherBook, with the address that it has on every EVM chain.

`contracts/evm/artifacts/versions.json` lists them. A released version names its address and never changes; its artefact
stays for ever. The last version is that of the sources, and may change until it is released (docs/adr/0025).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from codec.evm.abi import ARTIFACTS, load_artifact
from codec.evm.create2 import create2_address
from primitives.account_id import checksum_address
from primitives.errors import MissingPart
from primitives.hashing import keccak256


@dataclass(frozen=True, slots=True)
class BookVersion:
    """One version.

    Attributes:
        number: From 1; the newest launches new campaigns.
        salt: Of its CREATE2 deployment, 32 bytes.
        init_code: What is deployed; the constructor takes nothing.
        released: Frozen for ever; only the last version may still change.
    """

    number: int
    salt: bytes
    init_code: bytes
    released: bool

    @property
    def address(self) -> bytes:
        """Where it is on every EVM chain, 20 bytes."""
        return create2_address(self.init_code, self.salt)


@cache
def book_versions() -> Sequence[BookVersion]:
    """All versions, oldest first.

    Raises:
        MissingPart: The checkout is incomplete, or an entry is not what its bytes say.
    """
    path = ARTIFACTS / "versions.json"
    try:
        listed = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise MissingPart(f"{path} is missing", mend="git checkout -- contracts/evm/artifacts") from error
    versions = []
    for entry in listed:
        found = BookVersion(
            number=entry["version"],
            salt=keccak256(entry["salt_text"].encode()),
            init_code=bytes.fromhex(load_artifact(entry["artifact"])["bytecode"][2:]),
            released=entry["released"],
        )
        if found.released and checksum_address(found.address) != entry["address"]:
            raise MissingPart(
                f"version {found.number} of the voucher book is released, and {entry['artifact']}.json is no longer it",
                mend="keep the released artefact, and add an entry for the next version (docs/adr/0025)",
            )
        versions.append(found)
    return tuple(versions)


def newest_book() -> BookVersion:
    """The version that launches new campaigns."""
    return book_versions()[-1]
