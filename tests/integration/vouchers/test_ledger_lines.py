"""Issues written in bulk are the rows that the slow way writes."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from chains.events import EventPage, IssuedLine, LinePage, TokenEvent, VoucherIssued, VoucherMoved, VoucherVoided
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.position import ChainPosition
from primitives.voucher_id import CampaignId, Serial, SerialClass, VoucherId
from tests.fakes.vouchers import EVM
from vouchers.ledger.indexer import unseen
from vouchers.ledger.lines import sql as lines
from vouchers.ledger.model import LedgerEntry
from vouchers.ledger.projection import record, record_page

_CAMPAIGNS = [CampaignId(bytes([number]) * 24) for number in (1, 2)]


def _voucher(campaign: CampaignId, number: int, kind: SerialClass = SerialClass.SINGLE) -> VoucherId:
    return VoucherId(campaign, Serial(0, kind, number))


def _account(number: int) -> AccountId:
    return AccountId.from_raw(EVM, number.to_bytes(20, "big"))


def _position(height: int, index: int) -> ChainPosition:
    return ChainPosition(height, index // 3, index, height.to_bytes(32, "big"))


def _line(height: int, index: int, voucher: VoucherId, holder: AccountId) -> IssuedLine:
    place = _position(height, index)
    return IssuedLine(
        height, place.transaction_index, index, place.block_hash, f"0x{height}", 5 * height, str(voucher), str(holder)
    )


def _event(height: int, index: int, fact: Any) -> TokenEvent:
    return TokenEvent(_position(height, index), f"0x{height}", 5 * height, fact)


def _history(seed: int) -> list[tuple[list[IssuedLine], list[TokenEvent]]]:
    """Pages in which some vouchers move or are voided at once, some later, some are told twice, some never issued."""
    chance = random.Random(seed)
    numbers = dict.fromkeys(_CAMPAIGNS, 1)
    known: list[tuple[VoucherId, AccountId]] = []
    pages = []
    for height in range(1, 5):
        issued, others = [], []
        for index in range(12):
            campaign = chance.choice(_CAMPAIGNS)
            if chance.random() < 0.7 or not known:
                voucher, holder = _voucher(campaign, numbers[campaign]), _account(chance.randrange(1, 2**100))
                numbers[campaign] += 1
                known.append((voucher, holder))
                issued.append(_line(height, index, voucher, holder))
            elif chance.random() < 0.2:
                voucher, holder = chance.choice(known)
                issued.append(_line(height, index, voucher, holder))
            else:
                voucher, holder = chance.choice(known)
                moved = VoucherMoved(voucher, holder, _account(7))
                others.append(_event(height, index, chance.choice([moved, VoucherVoided(voucher, holder)])))
        pages.append((issued, others))
    return pages


async def _rows(database: Database) -> list[Sequence[Any]]:
    async with database.transaction() as tx:
        entries = await tx.execute(
            text("SELECT to_jsonb(e) - 'observed_at' FROM ledger_entry e ORDER BY height, event_index, observation")
        )
        vouchers = await tx.execute(text("SELECT to_jsonb(v) FROM voucher v ORDER BY id"))
        return [row[0] for row in entries] + [row[0] for row in vouchers]


async def test_bulk_and_one_by_one_write_the_same_rows(database: Database) -> None:
    for seed in range(4):
        found = []
        for bulk in (True, False):
            async with database.transaction() as tx:
                await tx.execute(text("TRUNCATE ledger_entry, voucher"))
            for issued, others in _history(seed):
                async with database.transaction() as tx:
                    if bulk:
                        await record_page(tx, EVM, issued, others)
                    else:
                        events = [*(line.event() for line in issued), *others]
                        await record(tx, EVM, [LedgerEntry(EVM, event) for event in events])
            found.append(await _rows(database))
        assert found[0] == found[1]
        assert len(found[0]) > 50


async def test_history_is_found_among_random_numbers(database: Database) -> None:
    """Numbers of drops do not follow each other: a voucher between two others has no history because they have."""
    drops = [_voucher(_CAMPAIGNS[0], number, SerialClass.DROP) for number in (3, 90, 500)]
    async with database.transaction() as tx:
        await record_page(tx, EVM, [_line(1, 0, drops[0], _account(1)), _line(1, 1, drops[2], _account(2))], [])
        assert await lines.with_history(tx, [str(drops[1])]) == set()
        assert await lines.with_history(tx, list(map(str, drops))) == {str(drops[0]), str(drops[2])}


def test_a_page_is_compared_by_place() -> None:
    issued = [_line(1, index, _voucher(_CAMPAIGNS[0], index + 1), _account(1)) for index in range(3)]
    moved = _event(1, 3, VoucherMoved(_voucher(_CAMPAIGNS[0], 1), _account(1), _account(2)))
    page = LinePage(EventPage(1, 1, (moved,)), issued)
    places = [line[:4] for line in issued]
    all_seen = dict.fromkeys([*places, (1, 1, 3, moved.position.block_hash)], 0)
    nothing = unseen(all_seen, page)
    assert nothing is not None
    assert nothing.count == 0
    new = unseen({places[0]: 0}, page)
    assert new is not None
    assert (list(new.issued), new.page.events) == (issued[1:], (moved,))
    assert unseen({places[0]: 1}, page) is None, "what was gone is back"
    assert unseen({(1, 0, 9, bytes(32)): 0}, page) is None, "what was there is gone"
    again = unseen({(1, 0, 9, bytes(32)): 1}, page)
    assert again is not None
    assert again.count == 4


def test_a_line_is_the_event() -> None:
    voucher, holder = _voucher(_CAMPAIGNS[1], 5), _account(10**20)
    event = _line(3, 4, voucher, holder).event()
    assert event == _event(3, 4, VoucherIssued(voucher, holder))
    page = LinePage(EventPage(3, 3, (_event(3, 5, VoucherVoided(voucher, holder)),)), [_line(3, 4, voucher, holder)])
    assert [one.position.event_index for one in page.whole().events] == [4, 5]
