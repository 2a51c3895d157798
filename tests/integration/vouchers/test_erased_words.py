"""What a person wrote is in the person's copy, is sealed from the first moment on, and goes with the person; that
something was contested or frozen stays."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import text

from api.people import ERASERS
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.clock import SystemClock
from tests.integration.vouchers.stage import Stage
from vouchers.erasure.sql import words_of as words_in_vouchers
from vouchers.refunds.model import Dispute, DisputeStatus
from vouchers.refunds.sql import dispute_of, end_dispute, insert_dispute
from wallets.activity.sql import all_notes, noted_with, put_note
from wallets.address_book.service import AddressBook
from wallets.erasure.sql import words_of as words_in_wallets
from wallets.freeze.service import FreezeService
from wallets.risk.model import Override
from wallets.risk.sql import add_override

SHOP = AccountId.from_raw(ChainId.evm(31337), bytes([7]) * 20)


async def test_the_words_of_one_person_go_and_the_dispute_stays(database: Database) -> None:
    stage = Stage(database)
    order = (await stage.order(10_000)).id
    mei, li = uuid4(), uuid4()
    disputes = {person: await _contest(database, stage.merchant, person, order) for person in (mei, li)}
    async with database.transaction() as tx:
        assert await end_dispute(tx, disputes[mei], DisputeStatus.REFUSED, f"{mei} drank it", None)
        (told,) = await words_in_vouchers(tx, mei)
        assert (told["reason"], told["answer"]) == (f"{mei} got no tea", f"{mei} drank it")
        stored = str((await tx.execute(text("SELECT reason, answer FROM dispute"))).all())
        assert "no tea" not in stored
        assert "drank" not in stored
        for forget in ERASERS:
            await forget(tx, mei)
    async with database.transaction() as tx:
        gone = await dispute_of(tx, disputes[mei].redemption_id)
        kept = await dispute_of(tx, disputes[li].redemption_id)
    assert gone is not None
    assert (gone.reason, gone.answer, gone.status) == ("", None, DisputeStatus.REFUSED)
    assert kept is not None
    assert (kept.reason, kept.status) == (f"{li} got no tea", DisputeStatus.OPEN)


async def test_the_words_beside_freezes_overrides_and_payments_go(database: Database) -> None:
    mei, li = uuid4(), uuid4()
    freezes, book = FreezeService(database), AddressBook(database)
    for person in (mei, li):
        await freezes.freeze(person, None, f"{person} lost it", person)
        await book.add(person, SHOP, "the tea house", f"{person} likes it")
        now = SystemClock().now()
        override = Override(uuid4(), person, (), person, "accepted", f"{person} is sure", "x", now, None)
        async with database.transaction() as tx:
            await add_override(tx, override, b"", (), None)
            await put_note(tx, person, "a", "For the TEA")
    async with database.transaction() as tx:
        kept = await words_in_wallets(tx, mei)
        assert {type(name) for rows in kept.values() for row in rows for name in row} == {str}, "it becomes JSON"
        assert await noted_with(tx, mei, "the tea") == {"a"}
        assert await noted_with(tx, mei, "coffee") == frozenset()
        assert [each["reason"] for each in kept["freezes"]] == [f"{mei} lost it"]
        assert [each["reason"] for each in kept["overrides"]] == [f"{mei} is sure"]
        for table in ("account_freeze", "address_book", "risk_override", "activity_note", "event"):
            stored = " ".join((await tx.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t"))).scalars())
            for words in ("lost it", "likes it", "is sure", "tea"):
                assert words not in stored
                assert words.encode().hex() not in stored
        for _ in range(2):
            for forget in ERASERS:
                await forget(tx, mei)
    async with database.transaction() as tx:
        gone, others = await words_in_wallets(tx, mei), await words_in_wallets(tx, li)
        assert await all_notes(tx, mei) == {}
        assert await all_notes(tx, li) == {"a": "For the TEA"}
    assert [each["reason"] for each in gone["freezes"] + gone["overrides"]] == [None, None]
    assert [each["reason"] for each in others["freezes"] + others["overrides"]] == [f"{li} lost it", f"{li} is sure"]
    assert await book.entries(mei) == []
    assert await book.names(li) == {str(SHOP): "the tea house"}
    # It lasts all the same.
    (still,) = await freezes.list([mei])
    assert (still.reason, still.lasts) == ("", True)


async def _contest(database: Database, merchant: UUID, person: UUID, order: UUID) -> Dispute:
    dispute = Dispute(
        id=uuid4(),
        tenant_id=merchant,
        holder_tenant_id=person,
        redemption_id=uuid4().bytes,
        order_id=order,
        status=DisputeStatus.OPEN,
        reason=f"{person} got no tea",
        evidence={},
        answer=None,
        refund_id=None,
        opened_at=SystemClock().now(),
        ended_at=None,
    )
    async with database.transaction() as tx:
        assert await insert_dispute(tx, dispute)
    return dispute
