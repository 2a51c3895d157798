"""Ledger and chain, event by event: slower than sums, and it names the event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from audit.reconciliation.model import Fault, Finding
from chains.campaign import CampaignTerms
from chains.events import TokenEvent
from chains.ports import Chains
from persistence.database import Database
from primitives.voucher_id import CampaignId
from vouchers.ledger.model import fact_to_json, kind_of, voucher_of
from vouchers.ledger.sql import newest_between

MOST_FINDINGS = 100
_SPAN = 2_000

Place = tuple[int, int, int, bytes]


async def compare_events(database: Database, chains: Chains, terms: CampaignTerms, until: int) -> list[Finding]:
    """Facts that are missing, unexplained or other than on the chain, up to a height; at most 100.

    Raises:
        NodeUnavailable
    """
    findings: list[Finding] = []
    book = chains.book(terms.chain)
    for since in range(0, until + 1, _SPAN):
        last = min(until, since + _SPAN - 1)
        page = await book.events([terms], since, last)
        on_chain = {_place(event): event for event in page.events if _campaign(event) == terms.id}
        async with database.transaction() as tx:
            stored = await newest_between(tx, terms.chain, since, last)
        ours = {
            _place(entry.event): entry.event
            for entry in stored
            if not entry.reversing and _campaign(entry.event) == terms.id
        }
        findings += _differences(on_chain, ours)
        if len(findings) >= MOST_FINDINGS:
            break
    return findings[:MOST_FINDINGS]


def _differences(on_chain: Mapping[Place, TokenEvent], ours: Mapping[Place, TokenEvent]) -> list[Finding]:
    findings = []
    for place in sorted({*on_chain, *ours}):
        theirs, mine = on_chain.get(place), ours.get(place)
        if theirs == mine:
            continue
        shown = theirs or mine
        assert shown is not None
        fault = Fault.EVENT_EDITED
        if mine is None:
            fault = Fault.EVENT_MISSING
        elif theirs is None:
            fault = Fault.EVENT_UNEXPLAINED
        findings.append(Finding(fault, _subject(shown), _words(theirs), _words(mine)))
    return findings


def _place(event: TokenEvent) -> Place:
    position = event.position
    return position.height, position.transaction_index, position.event_index, position.block_hash


def _campaign(event: TokenEvent) -> CampaignId | None:
    voucher = voucher_of(event.fact)
    found: CampaignId | None = getattr(event.fact, "campaign", None) if voucher is None else voucher.campaign
    return found


def _subject(event: TokenEvent) -> str:
    voucher = voucher_of(event.fact)
    at = f"{event.position.height}/{event.position.transaction_index}/{event.position.event_index} {event.tx_hash}"
    return at if voucher is None else f"{voucher} at {at}"


def _words(event: TokenEvent | None) -> str:
    if event is None:
        return "nothing"
    facts: Mapping[str, Any] = fact_to_json(event.fact)
    return f"{kind_of(event.fact)} " + ", ".join(f"{name} {value}" for name, value in facts.items())
