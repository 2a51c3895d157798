"""The audit log for others: exported as lines, and its ends signed as a checkpoint to be kept off the machine.

A database that is rolled back as a whole still verifies against itself; only a checkpoint kept elsewhere tells.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC
from typing import Any
from uuid import UUID

from keystore.audit_log import sql
from keystore.audit_verifier.inclusion import ROOT_KIND, leaf, levels, path
from keystore.audit_verifier.verify import CHECKPOINT_KIND, canonical
from persistence.database import Database
from primitives.clock import Clock
from primitives.errors import NotFound

Attest = Callable[[bytes], Awaitable[bytes]]
"""Answers the 64-byte ed25519 signature of a message."""


async def make_root(
    database: Database, clock: Clock, public_key: bytes, attest: Attest, prove: Sequence[tuple[UUID, int]] = ()
) -> tuple[bytes, list[bytes]]:
    """A signed Merkle root over all entries, and the proofs of some below it (`audit_verifier.inclusion`).

    Args:
        prove: Subject and sequence of each entry to show.

    Raises:
        NotFound: There is no such entry.
    """
    leaves: list[bytes] = []
    places: dict[tuple[UUID, int], tuple[int, dict[str, Any]]] = {}
    async with database.transaction() as tx:
        async for entry in sql.all_audit_entries(tx):
            if (entry.subject_id, entry.sequence) in prove:
                places[entry.subject_id, entry.sequence] = len(leaves), _line(entry)
            leaves.append(leaf(entry.entry_hash))
    tree = levels(leaves)
    statement: dict[str, Any] = {
        "kind": ROOT_KIND,
        "at": clock.now().astimezone(UTC).isoformat(timespec="microseconds"),
        "count": len(leaves),
        "root": tree[-1][0].hex(),
        "key": public_key.hex(),
    }
    signature = await attest(canonical(statement))
    proofs = []
    for wanted in prove:
        if wanted not in places:
            raise NotFound(f"the audit log has no entry {wanted[1]} of {wanted[0]}")
        index, line = places[wanted]
        sisters = [one.hex() for one in path(tree, index)]
        proofs.append(canonical({"entry": line, "index": index, "count": len(leaves), "path": sisters}) + b"\n")
    return canonical(statement | {"signature": signature.hex()}) + b"\n", proofs


async def export_log(database: Database) -> AsyncIterator[bytes]:
    """Every entry as one line of canonical JSON, as `keystore.audit_verifier` reads them."""
    async with database.transaction() as tx:
        async for entry in sql.all_audit_entries(tx):
            yield canonical(_line(entry)) + b"\n"


async def make_checkpoint(database: Database, clock: Clock, public_key: bytes, attest: Attest) -> bytes:
    """A signed statement of every chain's end, as one line of canonical JSON.

    Args:
        public_key: Of whoever attests, 32 bytes (ed25519).
    """
    async with database.transaction() as tx:
        heads = await sql.audit_heads(tx)
    statement: dict[str, Any] = {
        "kind": CHECKPOINT_KIND,
        "at": clock.now().astimezone(UTC).isoformat(timespec="microseconds"),
        "heads": [[str(head.subject_id), head.sequence, head.entry_hash.hex()] for head in heads],
        "key": public_key.hex(),
    }
    signature = await attest(canonical(statement))
    return canonical(statement | {"signature": signature.hex()}) + b"\n"


def _line(entry: sql.StoredAuditEntry) -> dict[str, Any]:
    return {
        "subject": str(entry.subject_id),
        "sequence": entry.sequence,
        "tenant": str(entry.tenant_id),
        "event": entry.event,
        "facts": entry.facts,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous": entry.previous_hash.hex(),
        "hash": entry.entry_hash.hex(),
    }
