"""The services of audit, joined; `api.composition` makes one of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from audit.access import VoucherAccess
from audit.auditors.service import AuditorService
from audit.export.service import ExportService
from audit.proofs.keeping import ProofKeeping
from audit.proofs.ports import Attester
from audit.proofs.service import ProofService
from audit.provenance.custody import CustodyService
from audit.rebuild.service import Reader, RebuildService
from audit.reconciliation.chain import NodeClients, chain_readers
from audit.reconciliation.service import ReconciliationService
from audit.replay.service import ReplayService
from keystore.audit import AuditLog
from persistence.database import Database
from persistence.jobs import Handler
from primitives.chain_id import ChainId
from primitives.clock import SystemClock


@dataclass(frozen=True, slots=True)
class Auditing:
    """What auditors ask beside provenance, search and proofs."""

    auditors: AuditorService
    custody: CustodyService
    exports: ExportService
    reconciliation: ReconciliationService
    replay: ReplayService
    rebuilding: RebuildService
    keeping: ProofKeeping
    database: Database
    attester: Attester

    def handlers(self) -> Mapping[str, Handler]:
        return {**self.reconciliation.handlers(), **self.keeping.handlers()}

    async def start(self, database: Database) -> None:
        """Make sure that campaigns are reconciled and proofs kept; calling it again does no harm."""
        await self.reconciliation.start(database)
        await self.keeping.start(database)


def join_audit(
    database: Database,
    chains: NodeClients,
    evm_books: Mapping[ChainId, Sequence[bytes]],
    attester: Attester,
    access: VoucherAccess,
    proofs: ProofService,
    indexer: Reader,
    books: Reader,
) -> Auditing:
    """Build each once."""
    readers = chain_readers(chains, evm_books)
    return Auditing(
        auditors=AuditorService(database, AuditLog(database, SystemClock())),
        custody=CustodyService(database),
        exports=ExportService(database, attester),
        reconciliation=ReconciliationService(database, chains, readers),
        replay=ReplayService(database, access),
        rebuilding=RebuildService(database, indexer, books),
        keeping=ProofKeeping(database, proofs, chains.all()),
        database=database,
        attester=attester,
    )
