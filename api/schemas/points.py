"""Schemas of points: a shop's programmes, a holder's points and their statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import AwareDatetime, Field

from api.schemas.amounts import CurrencyAmount
from api.schemas.base import Line, Moment, RequestBody, ResponseBody
from api.schemas.campaigns import Names
from primitives.currency import Money
from vouchers.checkout.effects import points_worth
from vouchers.points.model import PointsAct, PointsEntry, PointsSide, PointsTotals, Programme, ProgrammeStatus
from vouchers.points.service import HeldPoints, ProgrammeTerms
from vouchers.rules import PointRate, RuleDocument, impossible

POSITIVE = 2**31


class RateBody(RequestBody):
    """Points against minor units of the currency."""

    points: int = Field(ge=1, lt=POSITIVE, strict=True, examples=[1])
    minor: int = Field(ge=1, lt=POSITIVE, strict=True, examples=[100])

    def to_domain(self) -> PointRate:
        return PointRate(self.points, self.minor)


class ProgrammeBody(RequestBody):
    """The rules of a points programme; they never change."""

    title: Line = Field(examples=["茶友积分"])
    currency: str = Field(pattern=r"^[A-Z]{3}$", examples=["CNY"])
    earn_rate: RateBody = Field(description="`points` for each full `minor` paid, rounded down")
    redeem_rate: RateBody = Field(description="`points` pay `minor`")
    lifetime_seconds: int = Field(ge=1, strict=True, description="Until earned points expire", examples=[31_536_000])
    valid_from: AwareDatetime = Field(description="Payments from here on earn")
    valid_until: AwareDatetime = Field(description="First moment at which nothing is earned or spent any more")
    zone: Line = Field(default="UTC", examples=["Asia/Shanghai"])
    cap: int = Field(ge=1, lt=2**47, strict=True, description="Most points ever earned", examples=[1_000_000])
    stores: Names | None = Field(default=None, description="null: no limit; an empty list is closed")
    categories: Names | None = None
    skus: Names | None = None
    excluded_skus: Names = Field(default_factory=list)

    def to_domain(self) -> ProgrammeTerms:
        """Raises InvalidTerms."""
        return ProgrammeTerms(
            title=self.title,
            currency=self.currency,
            earn_rate=self.earn_rate.to_domain(),
            redeem_rate=self.redeem_rate.to_domain(),
            lifetime_seconds=self.lifetime_seconds,
            valid_from=_seconds(self.valid_from, "window.valid_from"),
            valid_until=_seconds(self.valid_until, "window.valid_until"),
            zone=self.zone,
            cap=self.cap,
            stores=_listed(self.stores),
            categories=_listed(self.categories),
            skus=_listed(self.skus),
            excluded_skus=frozenset(self.excluded_skus),
        )


class ProgrammeRead(ResponseBody):
    """A shop's points programme."""

    id: str = Field(description="48 hex digits")
    shop: UUID
    status: ProgrammeStatus
    rules_hash: str = Field(description="keccak256 of the rule document, 64 hex digits")
    rules: dict[str, Any] = Field(description="The rule document (docs/rule-document.md)")
    earned: int = Field(description="All points ever earned; at most the cap")
    created_at: Moment

    @classmethod
    def of(cls, programme: Programme) -> Self:
        return cls(
            id=str(programme.id),
            shop=programme.tenant_id,
            status=programme.status,
            rules_hash=programme.rules_hash.hex(),
            rules=programme.rules.to_document(),
            earned=programme.earned,
            created_at=programme.created_at,
        )


class PointsReport(ResponseBody):
    """A programme's books: every entry has two sides, so they sum to zero."""

    programme: ProgrammeRead
    sides: dict[PointsSide, int] = Field(description="Points per side, over all holders")
    outstanding: int = Field(description="Points that can still be spent")
    outstanding_worth: CurrencyAmount = Field(description="What they would pay: the shop's liability")
    balanced: bool = Field(description="Entries, accounts and lots agree")

    @classmethod
    def of(cls, programme: Programme, books: PointsTotals) -> Self:
        return cls(
            programme=ProgrammeRead.of(programme),
            sides={side: books.by_side.get(side, 0) for side in PointsSide},
            outstanding=books.outstanding,
            outstanding_worth=_worth(programme.rules, books.outstanding),
            balanced=books.balanced,
        )


class ExpiringPoints(ResponseBody):
    """Points that expire together."""

    points: int
    expires_at: int = Field(description="Unix seconds: the first at which they are gone")


class PointsRead(ResponseBody):
    """The caller's points of one programme."""

    programme: str
    shop: UUID
    title: str
    available: int
    worth: CurrencyAmount = Field(description="What the available points would pay")
    held: int = Field(description="By a checkout or a payment under way")
    debt: int = Field(description="Taken back after they were spent; the next points pay it")
    expiring: list[ExpiringPoints] = Field(description="Soonest first; spent in this order")

    @classmethod
    def of(cls, held: HeldPoints) -> Self:
        return cls(
            programme=str(held.programme.id),
            shop=held.programme.tenant_id,
            title=held.programme.rules.title,
            available=held.available,
            worth=_worth(held.programme.rules, held.available),
            held=held.account.held,
            debt=held.account.debt,
            expiring=[ExpiringPoints(points=lot.left, expires_at=lot.expires_at) for lot in held.lots],
        )


class PointsEntryRead(ResponseBody):
    """One act. `hash` is the keccak256 of its canonical JSON with the hash of the entry before."""

    number: int
    act: PointsAct
    at: int = Field(description="Block time, Unix seconds")
    reference: str | None = Field(description="The order or the gift's delivery")
    postings: dict[PointsSide, int] = Field(description="They sum to zero")
    hash: str = Field(description="64 hex digits")

    @classmethod
    def of(cls, entry: PointsEntry) -> Self:
        return cls(
            number=entry.number,
            act=entry.act,
            at=entry.at,
            reference=entry.reference,
            postings=dict(entry.postings),
            hash=entry.hash.hex(),
        )


class PointsAttestation(ResponseBody):
    """The installation's signature over how many entries there are, what the newest hashes to, and what is available.

    As in proof bundles: ed25519 over `quanbao.attestation.v1`, a line feed, and the statement's canonical JSON.
    """

    key: str = Field(description="ed25519, 64 hex digits")
    statement: dict[str, str | int]
    signature: str = Field(description="128 hex digits")

    @staticmethod
    def statement_of(held: HeldPoints, now: int) -> dict[str, str | int]:
        account = held.account
        return {
            "at": now,
            "available": account.available,
            "debt": account.debt,
            "entries": account.entries,
            "head": account.head.hex(),
            "holder": str(account.holder_id),
            "kind": "points_statement",
            "programme": str(account.programme),
            "rules_hash": held.programme.rules_hash.hex(),
        }


class PointsStatement(ResponseBody):
    """The caller's account, entry by entry; a copy of `head` proves later that nothing before it was changed, and its
    attestation that this installation said so."""

    points: PointsRead
    entries: list[PointsEntryRead]
    head: str = Field(description="Hash of the newest entry, 64 hex digits")
    next_after: int | None = Field(description="Send it as `after` for the next part; null at the end")
    attestation: PointsAttestation

    @classmethod
    def of(cls, held: HeldPoints, entries: list[PointsEntry], attestation: PointsAttestation) -> Self:
        more = entries and entries[-1].number < held.account.entries
        return cls(
            points=PointsRead.of(held),
            entries=[PointsEntryRead.of(entry) for entry in entries],
            head=held.account.head.hex(),
            next_after=entries[-1].number if more else None,
            attestation=attestation,
        )


def _worth(rules: RuleDocument, points: int) -> CurrencyAmount:
    rate = rules.effect.redeem_rate
    assert rate is not None
    return CurrencyAmount.of(Money(points_worth(rate, points), rules.currency))


def _seconds(moment: datetime, field: str) -> int:
    if moment.microsecond:
        raise impossible("chains count whole seconds", field)
    return int(moment.timestamp())


def _listed(values: list[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)
