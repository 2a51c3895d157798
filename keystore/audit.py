"""The audit log: append-only, hash-chained per signer, on a connection of its own.

An entry is committed before the signature that it announces is computed. If it cannot be written, nothing is signed.

entry_hash = SHA-256(RFC 8785 JSON of {version, subject, sequence, tenant, event, facts, at, previous}).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import rfc8785

from keystore.audit_log import sql
from persistence.database import Database, Transaction
from primitives.clock import Clock
from primitives.errors import AuditUnavailable, SealBroken, WrongPassphrase

VERSION = 1
GENESIS_HASH = bytes(32)
"""What the first entry of a chain follows."""

_PATIENCE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The end of one chain: how many entries it has and the last one's hash (32 bytes). Can be kept off the machine."""

    subject_id: UUID
    count: int
    entry_hash: bytes


def entry_hash(
    subject_id: UUID,
    sequence: int,
    tenant_id: UUID,
    event: str,
    facts: Mapping[str, str],
    at: datetime,
    previous_hash: bytes,
) -> bytes:
    """SHA-256 over the canonical JSON of an entry (RFC 8785); times in UTC with microseconds."""
    document: dict[str, Any] = {
        "version": VERSION,
        "subject": str(subject_id),
        "sequence": sequence,
        "tenant": str(tenant_id),
        "event": event,
        "facts": dict(facts),
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": previous_hash.hex(),
    }
    return hashlib.sha256(rfc8785.dumps(document)).digest()


class AuditLog:
    """Appends to and verifies the chains.

    Args:
        database: Connections that serve nothing else, so that no caller's rollback can take an entry back.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def append(
        self,
        subject_id: UUID,
        tenant_id: UUID,
        event: str,
        facts: Mapping[str, str],
        *,
        together_with: Callable[[Transaction], Awaitable[None]] | None = None,
    ) -> AuditHead:
        """Commit one entry at the end of the subject's chain.

        Args:
            together_with: Writes that are committed with the entry or not at all; its typed errors pass through.

        Raises:
            AuditUnavailable: It could not be committed within ten seconds.
        """
        (head,) = await self.append_many([(subject_id, tenant_id, event, facts)], together_with=together_with)
        return head

    async def append_many(
        self,
        news: Sequence[tuple[UUID, UUID, str, Mapping[str, str]]],
        *,
        together_with: Callable[[Transaction], Awaitable[None]] | None = None,
    ) -> list[AuditHead]:
        """`append` for several chains, one entry each, all in one commit.

        Args:
            news: Subject, tenant, event and facts; no subject twice.

        Raises:
            AuditUnavailable
        """
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await self._append(news, together_with)
        except WrongPassphrase:
            raise
        except Exception as error:
            raise AuditUnavailable(
                "the audit log cannot be written, so nothing is signed: mend the database"
            ) from error

    async def _append(
        self,
        news: Sequence[tuple[UUID, UUID, str, Mapping[str, str]]],
        together_with: Callable[[Transaction], Awaitable[None]] | None,
    ) -> list[AuditHead]:
        entries: list[sql.StoredAuditEntry] = []
        async with self._database.transaction() as tx:
            if together_with is not None:
                await together_with(tx)
            ends = await sql.lock_audit_chains(tx, [subject_id for subject_id, *_ in news])
            at = self._clock.now()
            for subject_id, tenant_id, event, told in news:
                last, facts = ends.get(subject_id), dict(told)
                sequence = 1 if last is None else last.sequence + 1
                previous = GENESIS_HASH if last is None else last.entry_hash
                digest = entry_hash(subject_id, sequence, tenant_id, event, facts, at, previous)
                entries.append(
                    sql.StoredAuditEntry(subject_id, sequence, tenant_id, event, facts, at, previous, digest)
                )
            await sql.insert_audit_entries(tx, entries)
        return [AuditHead(entry.subject_id, entry.sequence, entry.entry_hash) for entry in entries]

    async def verify(self, subject_id: UUID, *, known: AuditHead | None = None) -> AuditHead:
        """Recompute a whole chain.

        Args:
            known: A head kept elsewhere; the chain must contain it, or its end was cut off.

        Raises:
            SealBroken: `record` names the first entry that does not fit.
        """
        async with self._database.transaction() as tx:
            entries = await sql.audit_entries(tx, subject_id)
        previous = GENESIS_HASH
        for expected, entry in enumerate(entries, 1):
            digest = entry_hash(
                subject_id, expected, entry.tenant_id, entry.event, entry.facts, entry.at, entry.previous_hash
            )
            if entry.sequence != expected or entry.previous_hash != previous or entry.entry_hash != digest:
                raise _broken(subject_id, expected)
            previous = digest
            if known is not None and known.count == expected and known.entry_hash != digest:
                raise _broken(subject_id, expected)
        if known is not None and known.count > len(entries):
            raise _broken(subject_id, len(entries) + 1)
        return AuditHead(subject_id, len(entries), previous)


def _broken(subject_id: UUID, sequence: int) -> SealBroken:
    return SealBroken(
        f"audit entry {sequence} of {subject_id} was changed or removed",
        record=f"audit entry {sequence} of {subject_id}",
    )
