"""What is in flight is looked at when a block is announced, not only when its own time has come."""

from __future__ import annotations

from datetime import timedelta

from persistence.jobs import hasten
from tests.integration.engine.stage import CHAIN, Bench, make_engine
from wallets.engine.model import PaymentStatus
from wallets.engine.news import FOLLOW

_NEVER = timedelta(hours=1)


async def test_an_announced_block_ends_a_payment_that_would_be_looked_at_in_an_hour(bench: Bench) -> None:
    """The engine's own pauses are hours: nothing happens without a hint, and each hint is one look."""
    bench.engine, bench.signer, _ = make_engine(bench.database, bench.adapter, follow_every=_NEVER)
    payment = await bench.pay("a", 12345)

    async def done() -> bool:
        async with bench.database.statements() as tx:
            await bench.engine.new_block(tx, CHAIN)
        return (await bench.read(payment)).status is PaymentStatus.DONE

    async with bench.working():
        await bench.until(done)
    assert await bench.received() == 12345


async def test_hints_for_another_chain_hasten_nothing(bench: Bench) -> None:
    """A chain whose number only begins like ours is another chain."""
    payment = await bench.pay("a")
    await bench.engine.authorise(payment.id, bench.signer)
    async with bench.database.transaction() as tx:
        await tx.exec_driver_sql("UPDATE job SET due_at = now() + interval '1 hour'")
        for name in ("eip155:3133", "eip155:313370"):
            await hasten(tx, FOLLOW, name)
        waiting = await tx.exec_driver_sql("SELECT count(*) FROM job WHERE due_at <= now()")
        assert waiting.scalar_one() == 0
        await hasten(tx, FOLLOW, str(CHAIN))
        due = await tx.exec_driver_sql("SELECT count(*) FROM job WHERE due_at <= now()")
        assert due.scalar_one() == 1
