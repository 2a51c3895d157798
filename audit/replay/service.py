"""Recomputes each redemption's price from the committed rule documents and the order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from audit.access import Viewer, VoucherAccess
from audit.replay.pricing import differences, price_again
from chains import events as facts
from codec.order_document import decode_order_document
from codec.rule_document import decode_rule_document
from persistence.database import Database, Transaction
from primitives.errors import InvalidValue, NotFound, QuanbaoError, VoucherNotFound
from primitives.hashing import keccak256
from primitives.voucher_id import CampaignId
from vouchers.campaigns.sql import campaigns_by_id
from vouchers.documents.sql import document_body
from vouchers.ledger.model import LedgerEntry
from vouchers.ledger.sql import history, newest_of_kinds
from vouchers.rules import RuleDocument


class ReplayFault(StrEnum):
    ORDER_DOCUMENT_MISSING = "order_document_missing"
    """Another shop made the order, or its document was lost."""
    ORDER_DOCUMENT_EDITED = "order_document_edited"
    """The kept bytes do not have the hash that holder and merchant signed."""
    RULE_DOCUMENT_MISSING = "rule_document_missing"
    RULE_DOCUMENT_EDITED = "rule_document_edited"
    """The kept bytes do not have the hash that the campaign commits to."""
    NOT_THE_CAMPAIGNS_RULES = "not_the_campaigns_rules"
    """The order names another rule document than the voucher's campaign."""
    NOT_PRICEABLE = "not_priceable"
    PRICE_DIFFERS = "price_differs"
    """The rules give another price than the order says."""
    CHAIN_DIFFERS = "chain_differs"
    """The chain carried out something else than the order says."""


@dataclass(frozen=True, slots=True)
class ReplayFinding:
    fault: ReplayFault
    subject: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Replay:
    """One redemption, priced again. Ids and hashes have 32 bytes; minor units of `currency`."""

    redemption_id: bytes
    voucher: str
    order_hash: bytes
    discount_minor: int | None
    remainder_minor: int | None
    currency: str | None
    findings: tuple[ReplayFinding, ...]

    @property
    def agrees(self) -> bool:
        return not self.findings


class ReplayService:
    def __init__(self, database: Database, access: VoucherAccess) -> None:
        self._database = database
        self._access = access

    async def of_redemption(self, redemption_id: bytes, viewer: Viewer) -> Replay:
        """Price one redemption again.

        Raises:
            VoucherNotFound: Unknown, or none of the viewer's business.
        """
        async with self._database.transaction() as tx:
            found = await history(tx, redemption_id=redemption_id)
        entry = next((one for one in reversed(found) if _is_redemption(one)), None)
        if entry is None:
            raise VoucherNotFound(f"no redemption {redemption_id.hex()}", redemption=redemption_id.hex())
        fact = _redemption(entry)
        await self._access.require(fact.voucher, viewer)
        async with self._database.transaction() as tx:
            return await self._replay(tx, fact)

    async def of_campaign(self, campaign: CampaignId) -> AsyncIterator[Replay]:
        """Every redemption of a campaign that stands, in order of position."""
        async with self._database.transaction() as tx:
            found = (await campaigns_by_id(tx, [campaign])).get(campaign)
        for lane in () if found is None else found.lanes:
            async with self._database.transaction() as tx:
                entries = await newest_of_kinds(tx, lane.chain, ("redeemed", "spent"), 0, None)
            for entry in entries:
                fact = _redemption(entry)
                if entry.reversing or fact.voucher.campaign != campaign:
                    continue
                async with self._database.transaction() as tx:
                    yield await self._replay(tx, fact)

    async def _replay(self, tx: Transaction, fact: facts.VoucherRedeemed | facts.ValueSpent) -> Replay:
        findings: list[ReplayFinding] = []
        document = await self._order(tx, fact.order_hash, findings)
        again = None
        if document is not None:
            try:
                terms = await self._terms(tx, document, findings)
                if not findings:
                    again = price_again(document, terms)
                    findings += [
                        ReplayFinding(ReplayFault.PRICE_DIFFERS, name, ours, theirs)
                        for name, ours, theirs in differences(document, again)
                    ]
                    findings += _against_chain(document, fact)
            except QuanbaoError as error:
                findings.append(_unpriceable(fact, error.message))
            except (LookupError, TypeError, ValueError, StopIteration) as error:
                findings.append(_unpriceable(fact, f"the order document lacks something: {error!r}"))
        return Replay(
            redemption_id=fact.redemption_id,
            voucher=str(fact.voucher),
            order_hash=fact.order_hash,
            discount_minor=None if again is None else again.discount_minor,
            remainder_minor=None if again is None else again.remainder_minor,
            currency=None if again is None else again.currency,
            findings=tuple(findings),
        )

    async def _order(self, tx: Transaction, digest: bytes, findings: list[ReplayFinding]) -> dict[str, Any] | None:
        name = digest.hex()
        try:
            body = await document_body(tx, digest)
        except NotFound:
            findings.append(ReplayFinding(ReplayFault.ORDER_DOCUMENT_MISSING, name, name, "nothing"))
            return None
        if keccak256(body) != digest:
            findings.append(ReplayFinding(ReplayFault.ORDER_DOCUMENT_EDITED, name, name, keccak256(body).hex()))
            return None
        try:
            return decode_order_document(body)
        except InvalidValue as error:
            findings.append(ReplayFinding(ReplayFault.NOT_PRICEABLE, name, "an order document", error.message))
            return None

    async def _terms(
        self, tx: Transaction, document: dict[str, Any], findings: list[ReplayFinding]
    ) -> dict[CampaignId, RuleDocument]:
        """The rule documents, each with the hash that the order and the campaign name."""
        wanted: dict[CampaignId, bytes] = {}
        for one in document["vouchers"]:
            wanted[CampaignId.parse(one["voucher"][:48])] = bytes.fromhex(one["rules_hash"])
        for one in document.get("points", ()):
            wanted[CampaignId.parse(one["programme"])] = bytes.fromhex(one["rules_hash"])
        terms: dict[CampaignId, RuleDocument] = {}
        for campaign, digest in wanted.items():
            name = str(campaign)
            try:
                body = await document_body(tx, digest)
            except NotFound:
                findings.append(ReplayFinding(ReplayFault.RULE_DOCUMENT_MISSING, name, digest.hex(), "nothing"))
                continue
            if keccak256(body) != digest:
                found = keccak256(body).hex()
                findings.append(ReplayFinding(ReplayFault.RULE_DOCUMENT_EDITED, name, digest.hex(), found))
                continue
            terms[campaign] = RuleDocument.from_document(decode_rule_document(body))
        if not findings:
            known = await campaigns_by_id(tx, list(wanted))
            for campaign, digest in wanted.items():
                committed = known[campaign].rules_hash if campaign in known else digest
                if committed != digest:
                    findings.append(
                        ReplayFinding(ReplayFault.NOT_THE_CAMPAIGNS_RULES, str(campaign), committed.hex(), digest.hex())
                    )
        return terms


def _is_redemption(entry: LedgerEntry) -> bool:
    return isinstance(entry.event.fact, facts.VoucherRedeemed | facts.ValueSpent)


def _redemption(entry: LedgerEntry) -> facts.VoucherRedeemed | facts.ValueSpent:
    fact = entry.event.fact
    assert isinstance(fact, facts.VoucherRedeemed | facts.ValueSpent)
    return fact


def _unpriceable(fact: facts.VoucherRedeemed | facts.ValueSpent, why: str) -> ReplayFinding:
    return ReplayFinding(ReplayFault.NOT_PRICEABLE, fact.order_hash.hex(), "a price", why)


def _against_chain(document: dict[str, Any], fact: facts.VoucherRedeemed | facts.ValueSpent) -> list[ReplayFinding]:
    written = next((one for one in document["vouchers"] if one["voucher"] == str(fact.voucher)), None)
    pairs = [
        ("holder", document["holder"], str(fact.holder)),
        ("merchant_account", document["merchant_account"], str(fact.merchant)),
        ("amount_minor", None if written is None else written["amount_minor"], fact.amount_minor),
    ]
    return [
        ReplayFinding(ReplayFault.CHAIN_DIFFERS, name, str(expected), str(found))
        for name, expected, found in pairs
        if expected != found
    ]
