"""Points programmes of shops, and what holders see of their points."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from chains.campaign import TransferPolicy
from codec.canonical_json import encode_canonical
from codec.evm.campaign_id import derive_campaign_id
from codec.rule_document import RULE_SCHEMA, encode_rule_document, rules_hash
from persistence.database import Database
from persistence.jobs import Again, Handler, JobContext
from primitives.clock import Clock, SystemClock
from primitives.errors import IdempotencyConflict, NotFound
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.documents.sql import store_document
from vouchers.points import sql
from vouchers.points.acts import EXPIRE
from vouchers.points.book import PointsBook
from vouchers.points.model import PointsAccount, PointsEntry, PointsLot, PointsTotals, Programme, ProgrammeStatus
from vouchers.rules import ClaimTerms, Effect, Eligibility, PointRate, RuleDocument, Stacking, VoucherKind


@dataclass(frozen=True, slots=True)
class ProgrammeTerms:
    """What a shop decides. Times are Unix seconds of block time.

    Attributes:
        cap: Most points ever earned: the shop's liability has a bound.
        categories, skus: Lines that earn and can be paid with points; None for no limit.
    """

    title: str
    currency: str
    earn_rate: PointRate
    redeem_rate: PointRate
    lifetime_seconds: int
    valid_from: int
    valid_until: int
    zone: str
    cap: int
    stores: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    skus: frozenset[str] | None = None
    excluded_skus: frozenset[str] = frozenset()

    def document(self, tenant_id: UUID) -> RuleDocument:
        """Raises InvalidTerms."""
        return RuleDocument(
            title=self.title,
            kind=VoucherKind.POINTS,
            effect=Effect(
                earn_rate=self.earn_rate, redeem_rate=self.redeem_rate, lifetime_seconds=self.lifetime_seconds
            ),
            currency=self.currency,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            zone=self.zone,
            cap=self.cap,
            per_holder=None,
            eligible=Eligibility(
                merchants=frozenset({str(tenant_id)}),
                stores=self.stores,
                categories=self.categories,
                skus=self.skus,
                excluded_skus=self.excluded_skus,
            ),
            stacking=Stacking("joint", frozenset()),
            sponsor_bp=0,
            transfer=TransferPolicy.BOUND,
            lanes=(),
            claim=ClaimTerms(frozenset()),
        )


@dataclass(frozen=True, slots=True)
class HeldPoints:
    """A holder's points of one programme. `available`: not expired now; `lots`: what expires when."""

    programme: Programme
    account: PointsAccount
    available: int
    lots: Sequence[PointsLot]


class PointsService:
    """Who may call what is decided above, by the rule of each route."""

    def __init__(self, database: Database, *, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def handlers(self) -> Mapping[str, Handler]:
        return {EXPIRE: self._expire}

    def _now(self) -> int:
        return int(self._clock.now().timestamp())

    async def open(
        self, tenant_id: UUID, terms: ProgrammeTerms, *, created_by: UUID, idempotency_key: str
    ) -> Programme:
        """Begin a programme; its rule document never changes.

        Raises:
            InvalidTerms: `field` and `pointer` name the place.
            IdempotencyConflict: The key opened another programme.
        """
        rules = terms.document(tenant_id)
        body = encode_rule_document(rules.to_document())
        digest, salt = rules_hash(body), secrets.token_bytes(32)
        programme = Programme(
            id=derive_campaign_id(digest, bytes(20), bytes(32), salt),
            tenant_id=tenant_id,
            status=ProgrammeStatus.OPEN,
            rules=rules,
            rules_hash=digest,
            earned=0,
            created_at=self._clock.now(),
        )
        request = keccak256(encode_canonical({"rules": digest.hex()}))
        async with self._database.transaction() as tx:
            await store_document(tx, RULE_SCHEMA, body)
            known = await sql.insert_programme(
                tx,
                programme,
                salt=salt,
                created_by=created_by,
                idempotency_key=idempotency_key,
                request_hash=request,
            )
            if known is None:
                return programme
            if known[1] != request:
                raise IdempotencyConflict("this idempotency key already opened another programme")
            found = await sql.get_programme(tx, known[0])
        assert found is not None
        return found

    async def close(self, tenant_id: UUID, programme: CampaignId) -> Programme:
        """Nothing more is earned. Raises NotFound."""
        async with self._database.transaction() as tx:
            await self._of(tx, programme, tenant_id)
            await sql.close_programme(tx, programme)
            return await self._of(tx, programme, tenant_id)

    async def programmes(self, tenant_id: UUID) -> Sequence[Programme]:
        """Of a shop, oldest first."""
        async with self._database.transaction() as tx:
            return await sql.programmes_of(tx, tenant_id)

    async def report(self, tenant_id: UUID, programme: CampaignId) -> tuple[Programme, PointsTotals]:
        """A programme's books. Raises NotFound."""
        async with self._database.transaction() as tx:
            return await self._of(tx, programme, tenant_id), await sql.totals(tx, programme)

    async def held_by(self, holder_id: UUID) -> Sequence[HeldPoints]:
        """All points of a person, by programme."""
        now = self._now()
        async with self._database.transaction() as tx:
            accounts = await sql.accounts_of_holder(tx, holder_id)
            free = await sql.spendable(tx, [account.programme for account in accounts], holder_id, now)
            return [await self._held(tx, account, free.get(account.programme, 0), now) for account in accounts]

    async def statement(
        self, holder_id: UUID, programme: CampaignId, *, after: int = 0, limit: int = 500
    ) -> tuple[HeldPoints, Sequence[PointsEntry]]:
        """What happened to a person's points, entry by entry; each hash is over its entry and the hash before.

        Raises:
            NotFound: The person never had points of this programme.
        """
        found = [held for held in await self.held_by(holder_id) if held.programme.id == programme]
        if not found:
            raise NotFound("there are no points of this programme", programme=str(programme))
        async with self._database.transaction() as tx:
            entries = await sql.entries_of(tx, programme, holder_id, after=after, limit=limit)
        # One that was added since is told the next time, with the head that counts it.
        return found[0], [entry for entry in entries if entry.number <= found[0].account.entries]

    async def _held(self, tx: Any, account: PointsAccount, available: int, now: int) -> HeldPoints:
        programme = await sql.get_programme(tx, account.programme)
        assert programme is not None
        lots = [lot for lot in await sql.lots(tx, account.programme, account.holder_id) if lot.expires_at > now]
        return HeldPoints(programme, account, available, lots)

    @staticmethod
    async def _of(tx: Any, programme: CampaignId, tenant_id: UUID) -> Programme:
        found = await sql.get_programme(tx, programme, tenant_id=tenant_id)
        if found is None:
            raise NotFound("no such points programme", programme=str(programme))
        return found

    async def _expire(self, job: JobContext) -> Again | None:
        """Expire one holder's points whose time has come; goes on until none are left."""
        payload = job.job.payload
        programme, holder_id = CampaignId.parse(payload["programme"]), UUID(payload["holder"])
        now = self._now()
        async with job.transaction() as tx:
            found = await sql.get_programme(tx, programme)
            assert found is not None
            await PointsBook.opened(tx, programme, holder_id, found.tenant_id, now)
            lots = await sql.lots(tx, programme, holder_id)
        return Again(timedelta(seconds=max(1, lots[0].expires_at - now))) if lots else None
