"""A freeze among workers that sign for one account: none signs after its commit, and what was signed is paid."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from uuid import uuid4

import pytest

from persistence.database import Database
from primitives.errors import AccountFrozen
from primitives.signing import Curve, SigningRequest
from tests.fakes.accounts import KnownKeys
from tests.fakes.anvil import FIRST_KEY
from tests.fakes.words import EveryonesWords
from tests.integration.engine.conftest import *  # noqa: F403 - node and bench
from tests.integration.engine.stage import Bench, OneChain
from wallets.engine.model import Payment, PaymentStatus
from wallets.engine.service import Engine
from wallets.freeze.gate import FreezeGate
from wallets.freeze.service import FreezeService


async def test_workers_sign_until_the_freeze_and_never_after_it(
    bench: Bench, database: Database, tmp_path: Path
) -> None:
    moments, begun = list[float](), asyncio.Event()

    def note(_: SigningRequest) -> None:
        moments.append(time.perf_counter())
        if len(moments) == 6:
            begun.set()

    bench.signer.before_signing = note
    second = Database(database.url, seal=EveryonesWords(tmp_path / "erasure"))
    pools, freezing = [database, second], asyncio.Event()
    payments = [await bench.pay(f"p{number}") for number in range(40)]
    signing = [
        asyncio.create_task(_sign(_engine(bench, pool), payments[at::2], bench, freezing))
        for at, pool in enumerate(pools)
    ]
    await begun.wait()
    freezing.set()
    async with pools[1].transaction() as tx:
        await FreezeService(pools[1]).freeze_in(tx, bench.tenant, bench.sender, reason="a test")
    committed = time.perf_counter()
    await asyncio.gather(*signing)
    late = await bench.pay("late")
    await _engine(bench, pools[0]).authorise(late.id, bench.signer)
    payments.append(late)
    assert max(moments) < committed
    read = [await bench.read(payment) for payment in payments]
    refused = [one for one in read if one.status is PaymentStatus.FAILED]
    signed = [one for one in read if one.status is PaymentStatus.IN_FLIGHT]
    assert late.id in {one.id for one in refused}
    assert len(refused) + len(signed) == 41
    assert {one.failure.code for one in refused if one.failure} == {"account_frozen"}
    assert {one.nonce for one in refused} == {None}
    assert sorted(one.nonce or 0 for one in signed) == list(range(len(signed)))
    async with bench.working():
        ended = [await bench.ended(one) for one in signed]
    assert {one.status for one in ended} == {PaymentStatus.DONE}
    await pools[1].close()


async def test_a_dearer_transaction_and_a_void_are_signatures_too(bench: Bench, database: Database) -> None:
    engine = _engine(bench, database)
    payment = await bench.pay("p")
    await engine.authorise(payment.id, bench.signer)
    await FreezeService(database).freeze(bench.tenant, None, "a test", uuid4())
    asked = len(bench.signer.requests)
    for act in (engine.speed_up, engine.cancel):
        with pytest.raises(AccountFrozen):
            await act(bench.tenant, payment.id, bench.signer)
    assert len(bench.signer.requests) == asked


def _engine(bench: Bench, database: Database) -> Engine:
    """As another process would have it."""
    key, _ = bench.signer.add(Curve.SECP256K1, FIRST_KEY)
    gates = (FreezeGate(FreezeService(database)),)
    return Engine(database, OneChain(bench.adapter), KnownKeys({bench.sender: key}), bench.signer, gates=gates)


async def _sign(engine: Engine, payments: list[Payment], bench: Bench, freezing: asyncio.Event) -> None:
    """One after the other; the later ones not before somebody has begun to freeze."""
    for number, payment in enumerate(payments):
        if number >= 6:
            await freezing.wait()
        await engine.authorise(payment.id, bench.signer)
