"""Grants to outside auditors, and the record of everything that any auditor reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from audit.access import AUDITOR, Viewer
from audit.auditors import sql
from audit.auditors.model import Grant, new_token, token_hash
from audit.masking import Masking
from keystore.audit import AuditLog
from persistence.database import Database
from primitives.clock import Clock, SystemClock
from primitives.errors import CampaignNotFound, InvalidValue, NotAuthenticated, NotFound
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import campaigns_by_id

MOST_CAMPAIGNS = 100
LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class AuditReader:
    """Who reads: a platform auditor's person, or a grant. `id` names the chain of the audit log with the readings."""

    id: UUID
    tenant_id: UUID
    viewer: Viewer
    grant: Grant | None = None

    @property
    def masking(self) -> Masking:
        """Who sees not everything sees persons' accounts as pseudonyms, wherever they are shown."""
        return Masking(None if self.viewer.sees_all else self.id)


def platform_reader(person_id: UUID) -> AuditReader:
    """A person with the platform role auditor."""
    return AuditReader(person_id, person_id, AUDITOR)


class AuditorService:
    """Args:
    log: Hash-chained and append-only; what cannot be recorded is not shown.
    """

    def __init__(self, database: Database, log: AuditLog, clock: Clock | None = None) -> None:
        self._database = database
        self._log = log
        self._clock = clock or SystemClock()

    async def grant(
        self,
        organisation_id: UUID,
        person_id: UUID,
        *,
        label: str,
        campaigns: Collection[CampaignId],
        facts_since: int,
        facts_until: int,
        expires_at: datetime,
    ) -> tuple[Grant, str]:
        """Let an outside auditor read. The token is told once.

        Args:
            campaigns: Of this organisation, 1 to 100.
            facts_since, facts_until: Block times, Unix seconds, half-open.
            expires_at: At most a year from now.

        Raises:
            CampaignNotFound: One is not the organisation's.
            InvalidValue: An empty or endless grant.
        """
        now = self._clock.now()
        if not 1 <= len(set(campaigns)) <= MOST_CAMPAIGNS:
            raise InvalidValue(f"a grant names 1 to {MOST_CAMPAIGNS} campaigns", field="campaigns")
        if not 0 <= facts_since < facts_until < 2**40:
            raise InvalidValue("the time of the facts begins before it ends", field="facts_until")
        if not now < expires_at <= now + LONGEST:
            raise InvalidValue("a grant ends within a year from now", field="expires_at")
        made = Grant(uuid4(), label, frozenset(campaigns), facts_since, facts_until, person_id, now, expires_at)
        token = new_token()
        async with self._database.transaction() as tx:
            known = await campaigns_by_id(tx, list(made.campaigns))
            for campaign in made.campaigns:
                if campaign not in known or known[campaign].tenant_id != organisation_id:
                    raise CampaignNotFound(f"no campaign {campaign}", campaign=str(campaign))
            await sql.insert_grant(tx, made, token_hash(token))
        await self._log.append(
            made.id, organisation_id, "audit.granted", {"by": str(person_id), "expires_at": expires_at.isoformat()}
        )
        return made, token

    async def reader(self, token: str) -> AuditReader:
        """Raises NotAuthenticated: unknown, over or revoked."""
        async with self._database.transaction() as tx:
            found = await sql.grant_by_token(tx, token_hash(token), self._clock.now())
        if found is None:
            raise NotAuthenticated("the auditor's token is unknown, over or revoked")
        viewer = Viewer(
            frozenset(),
            campaigns=found.campaigns,
            facts_since=found.facts_since,
            facts_until=found.facts_until,
        )
        return AuditReader(found.id, found.created_by, viewer, found)

    async def grants(self, person_id: UUID) -> Sequence[Grant]:
        """Those that the person gave."""
        async with self._database.transaction() as tx:
            return await sql.grants_by(tx, person_id)

    async def revoke(self, grant_id: UUID, person_id: UUID) -> None:
        """Raises NotFound."""
        async with self._database.transaction() as tx:
            if not await sql.revoke_grant(tx, grant_id, person_id, self._clock.now()):
                raise NotFound("no such grant")
        await self._log.append(grant_id, person_id, "audit.revoked", {"by": str(person_id)})

    async def note(self, reader: AuditReader, act: str, facts: Mapping[str, str]) -> None:
        """Record a reading before it is answered. Raises AuditUnavailable: then nothing is shown."""
        await self._log.append(reader.id, reader.tenant_id, f"audit.read.{act}", facts)
