"""From a passphrase to a key: argon2id, off the event loop, two at a time at most."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from argon2.low_level import Type, hash_secret_raw

from keystore.envelope import KEY_BYTES
from keystore.secret import Secret
from primitives.errors import InvalidValue

SALT_BYTES = 16
MIN_PASSPHRASE = 8
MAX_PASSPHRASE = 1024


@dataclass(frozen=True, slots=True)
class KdfParameters:
    """Cost of argon2id: memory in KiB, passes, lanes. Stored with each vault and bounded when read.

    Source: RFC 9106 §4, second recommended option (64 MiB, t=3, p=4).
    """

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        if not (8 * self.lanes <= self.memory_kib <= 1024 * 1024 and 1 <= self.passes <= 64 and 1 <= self.lanes <= 16):
            raise InvalidValue("argon2id parameters are outside 8 KiB a lane … 1 GiB, 1 … 64 passes, 1 … 16 lanes")

    def to_json(self) -> dict[str, Any]:
        return {
            "algorithm": "argon2id",
            "memory_kib": self.memory_kib,
            "passes": self.passes,
            "lanes": self.lanes,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> KdfParameters:
        if data.get("algorithm") != "argon2id":
            raise InvalidValue("the vault's key derivation is not argon2id")
        return cls(data["memory_kib"], data["passes"], data["lanes"])


def check_passphrase(passphrase: str) -> None:
    """Raises InvalidValue: fewer than 8 or more than 1,024 characters."""
    if not MIN_PASSPHRASE <= len(passphrase) <= MAX_PASSPHRASE:
        raise InvalidValue(f"a passphrase has {MIN_PASSPHRASE} to {MAX_PASSPHRASE} characters")


class PassphraseKdf:
    """Runs argon2id in threads; each run takes its memory, so only two run at once."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(2)

    async def derive(self, passphrase: str, salt: bytes, parameters: KdfParameters) -> Secret:
        """The 32-byte key of a passphrase (NFKC, UTF-8) and a 16-byte salt."""
        if len(passphrase) > MAX_PASSPHRASE:
            raise InvalidValue(f"a passphrase has at most {MAX_PASSPHRASE} characters")
        async with self._gate:
            return await asyncio.to_thread(_argon2id, passphrase, salt, parameters)


def _argon2id(passphrase: str, salt: bytes, parameters: KdfParameters) -> Secret:
    return Secret(
        hash_secret_raw(
            unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"),
            salt,
            time_cost=parameters.passes,
            memory_cost=parameters.memory_kib,
            parallelism=parameters.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )
    )
