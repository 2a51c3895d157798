"""A holder's list, part by part."""

from __future__ import annotations

from persistence.database import Database
from tests.fakes.vouchers import VALID_UNTIL
from tests.integration.vouchers.stage import Stage
from vouchers.ledger.model import VoucherStatus
from vouchers.views import VoucherViews


async def test_every_part_follows_the_one_before(database: Database) -> None:
    """Live ones by the end of their terms and by id, then the used ones; nothing twice, nothing left out."""
    stage = Stage(database)
    person, account = stage.holder()
    second = await stage.campaign(valid_until=VALID_UNTIL + 60)
    first = await stage.campaign()
    for campaign in (second, first):
        await stage.issue(campaign, account, account, account)
    _, other = stage.holder()
    await stage.issue(first, other)
    for _ in range(2):
        await stage.pay(person, await stage.orders.quote(person, (await stage.order(10_000)).id))
        await stage.work()
    await stage.scan()

    views = VoucherViews(stage.database, stage.accounts)
    whole = await views.held_by(person)
    assert [one.voucher.status is VoucherStatus.LIVE for one in whole] == [True] * 4 + [False] * 2
    assert [one.place for one in whole] == sorted(one.place for one in whole)
    for size in (1, 2, 4, 6):
        parts, after = [], None
        while part := await views.held_by(person, after=after, limit=size):
            assert len(part) <= size
            parts += part
            after = part[-1].place
        assert [one.voucher.id for one in parts] == [one.voucher.id for one in whole]
    assert await views.held_by(stage.holder()[0]) == []
