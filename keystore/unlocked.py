"""Unlocked vaults: in memory only, for a bounded time and count, wiped when they end."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NewType
from uuid import UUID

from keystore.secret import Secret
from primitives.clock import Clock
from primitives.errors import InvalidValue, KeystoreLocked
from primitives.signing import KeyId

UnlockToken = NewType("UnlockToken", str)
"""256 random bits in URL-safe base64. The keystore keeps only its SHA-256."""

MAX_TTL = timedelta(hours=12)
MAX_CACHED_KEYS = 64
MAX_PER_TENANT = 8
MAX_IN_ALL = 1024


class KeyCache:
    """Private keys that were just used, oldest out first, every one of them wiped when it leaves."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._keys: OrderedDict[KeyId, Secret] = OrderedDict()

    def get(self, key: KeyId) -> Secret | None:
        secret = self._keys.get(key)
        if secret is not None:
            self._keys.move_to_end(key)
        return secret

    def put(self, key: KeyId, secret: Secret) -> None:
        replaced = self._keys.pop(key, None)
        if replaced is not None and replaced is not secret:
            replaced.wipe()
        self._keys[key] = secret
        while len(self._keys) > self._capacity:
            self._keys.popitem(last=False)[1].wipe()

    def wipe(self) -> None:
        while self._keys:
            self._keys.popitem()[1].wipe()

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return f"KeyCache({len(self._keys)} keys hidden)"


@dataclass(slots=True, repr=False, eq=False)
class OpenVault:
    """The master key of one vault while it is unlocked."""

    tenant_id: UUID
    vault_id: UUID
    master_key: Secret
    expires_at: datetime | None
    keys: KeyCache = field(default_factory=lambda: KeyCache(MAX_CACHED_KEYS))
    timer: asyncio.TimerHandle | None = None

    def wipe(self) -> None:
        self.master_key.wipe()
        self.keys.wipe()
        if self.timer is not None:
            self.timer.cancel()

    def __repr__(self) -> str:
        return f"OpenVault({self.vault_id}, key hidden)"


class UnlockedVaults:
    """Vaults by the hash of their unlock token."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._open: OrderedDict[bytes, OpenVault] = OrderedDict()

    def add(self, tenant_id: UUID, vault_id: UUID, master_key: Secret, ttl: timedelta) -> UnlockToken:
        """Keep a vault open for `ttl`. Beyond the bounded count the oldest one is locked.

        Raises:
            InvalidValue: Not above zero, or more than twelve hours.
        """
        if not timedelta(0) < ttl <= MAX_TTL:
            raise InvalidValue("keys stay unlocked for more than nothing and at most twelve hours")
        self.sweep()
        own = [digest for digest, vault in self._open.items() if vault.tenant_id == tenant_id]
        for digest in own[: max(0, len(own) - MAX_PER_TENANT + 1)]:
            self._open.pop(digest).wipe()
        while len(self._open) >= MAX_IN_ALL:
            self._open.popitem(last=False)[1].wipe()
        token = UnlockToken(secrets.token_urlsafe(32))
        vault = OpenVault(tenant_id, vault_id, master_key, self._clock.now() + ttl)
        digest = _digest(token)
        # The digest, not the token: the event loop may log a callback with its arguments.
        vault.timer = asyncio.get_running_loop().call_later(ttl.total_seconds(), self._lock_digest, digest)
        self._open[digest] = vault
        return token

    def require(self, token: UnlockToken) -> OpenVault:
        """Raises KeystoreLocked."""
        self.sweep()
        vault = self._open.get(_digest(token))
        if vault is None:
            raise KeystoreLocked("your keys are locked: unlock them with your passphrase")
        return vault

    def lock(self, token: UnlockToken) -> None:
        """Forget one token and wipe its keys; nothing happens when it is not known."""
        self._lock_digest(_digest(token))

    def _lock_digest(self, digest: bytes) -> None:
        vault = self._open.pop(digest, None)
        if vault is not None:
            vault.wipe()

    def lock_tenant(self, tenant_id: UUID) -> None:
        for digest in [digest for digest, vault in self._open.items() if vault.tenant_id == tenant_id]:
            self._open.pop(digest).wipe()

    def lock_all(self) -> None:
        while self._open:
            self._open.popitem()[1].wipe()

    def sweep(self) -> None:
        """Wipe what has expired."""
        now = self._clock.now()
        for digest in [
            d for d, vault in self._open.items() if vault.expires_at is not None and vault.expires_at <= now
        ]:
            self._open.pop(digest).wipe()

    def __len__(self) -> int:
        return len(self._open)

    def __repr__(self) -> str:
        return f"UnlockedVaults({len(self._open)} hidden)"


def _digest(token: UnlockToken) -> bytes:
    return hashlib.sha256(token.encode()).digest()
