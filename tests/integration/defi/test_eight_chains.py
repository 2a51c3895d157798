"""Every chain of the registry's eight on Anvil under its own chain id: pay, wrap, send the token, unwrap.

The wrapped coin stands where the registry says; OKTC runs without a base fee, rollups with an oracle for data fees.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from chains.evm.fees import _GAS_PRICE_ORACLE
from chains.registry import ChainEndpoint, ConfiguredChains
from persistence.database import Database
from persistence.jobs import Worker
from primitives.account_id import AccountId
from primitives.asset import AssetId
from primitives.chain_id import ChainId
from primitives.position import Finality
from primitives.signing import Curve
from tests.dapps.deploy import PACKAGES
from tests.fakes.accounts import KnownKeys
from tests.fakes.anvil import FIRST_KEY, Anvil, running_anvil
from tests.fakes.odd_tokens import answering, word
from tests.fakes.signer import MemorySigner
from wallets.assets.foresight import Foresight
from wallets.defi.model import SwapDraft
from wallets.defi.service import SwapService
from wallets.engine.service import Engine
from wallets.transfers.model import TransferDraft
from wallets.transfers.service import TransferService

FRIEND = "0x2222222222222222222222222222222222222222"
ROLLUPS = (10, 196, 8453)
DATA_FEE = 10**12


def _chain(number: int, coin: str, *, smoke: bool = False) -> Any:
    return pytest.param(number, coin, id=f"{number}-{coin}", marks=[] if smoke else [pytest.mark.soak])


CHAINS = [
    _chain(1, "ETH"),
    _chain(56, "BNB"),
    _chain(137, "POL"),
    _chain(66, "OKT", smoke=True),
    _chain(196, "OKB"),
    _chain(42161, "ETH"),
    _chain(10, "ETH"),
    _chain(8453, "ETH", smoke=True),
]


@contextlib.asynccontextmanager
async def _node(number: int) -> AsyncIterator[Anvil]:
    # OKTC's blocks have no base fee.
    old = ("--hardfork", "berlin") if number == 66 else ()
    async with running_anvil(block_time=None, arguments=("--chain-id", str(number), *old)) as node:
        yield node


async def _set_wrapped_coin(node: Anvil, address: str) -> None:
    """WETH9's code and the state that its constructor would have written."""
    told = json.loads((PACKAGES / "v2-periphery" / "build" / "WETH9.json").read_text())
    code = told.get("deployedBytecode") or told["evm"]["deployedBytecode"]["object"]
    await node.rpc.call("anvil_setCode", address, "0x" + code.removeprefix("0x"))
    for slot, value in (
        (0, b"Wrapped".ljust(31, b"\0") + b"\x0e"),
        (1, b"WCOIN".ljust(31, b"\0") + b"\x0a"),
        (2, word(18)),
    ):
        await node.rpc.call("anvil_setStorageAt", address, hex(slot), "0x" + value.hex())


@pytest.mark.parametrize(("number", "coin"), CHAINS)
async def test_a_chain_of_the_registry_works_as_it_is_configured(database: Database, number: int, coin: str) -> None:
    chain = ChainId.evm(number)
    async with _node(number) as node:
        chains = await ConfiguredChains.connect([ChainEndpoint("eip155", node.url, chain=chain)])
        info, adapter = chains.info(chain), chains.adapter(chain)
        assert (info.native.symbol, info.local) == (coin, False)
        assert info.wrapped_coin is not None
        token = AccountId.from_raw(chain, info.wrapped_coin)
        await _set_wrapped_coin(node, token.address)
        if number in ROLLUPS:
            oracle = {"getL1Fee(bytes)": word(DATA_FEE), "getL1FeeUpperBound(uint256)": word(DATA_FEE)}
            await node.rpc.call("anvil_setCode", _GAS_PRICE_ORACLE, "0x" + answering(oracle).hex())
        signer, tenant = MemorySigner(), uuid4()
        key, public = signer.add(Curve.SECP256K1, FIRST_KEY)
        me = adapter.account_of(public)

        class Accounts:
            async def list(self, tenant_id: UUID) -> list[Any]:
                return [SimpleNamespace(account=me)]

        quick = timedelta(seconds=0.05)
        engine = Engine(database, chains, KnownKeys({me: key}), follow_every=quick, node_pause=quick)
        transfers = TransferService(database, engine, chains, Accounts(), foresight=Foresight(chains))
        swaps = SwapService(database, engine, chains, Accounts())
        worker = Worker(database, {**engine.handlers(), **swaps.handlers()}, poll=quick)
        running = asyncio.create_task(worker.run())

        async def until_ended(read: Any) -> Any:
            for _ in range(2_000):
                told = await read()
                if told.ended_at is not None:
                    return told
                await node.mine()
                await asyncio.sleep(0.02)
            raise AssertionError("it never ended")

        async def send(asset: AssetId, units: int, name: str) -> Any:
            draft = TransferDraft(me, FRIEND, asset, units)
            payment = await transfers.create(tenant, draft, signer, idempotency_key=name)
            return await until_ended(lambda: transfers.get(tenant, payment.id))

        async def convert(sell: AssetId, buy: AssetId, name: str) -> Any:
            swap = await swaps.create(tenant, SwapDraft(me, sell, buy, 10**18), signer, idempotency_key=name)
            return await until_ended(lambda: swaps.get(tenant, swap.id))

        native, wrapped = info.native.id, AssetId.fungible(chain, token.address)
        try:
            preview = await transfers.preview(tenant, TransferDraft(me, FRIEND, native, 5))
            assert preview.data_fee is not None
            assert (preview.data_fee.base_units > 0) is (number in ROLLUPS)
            paid = await send(native, 10**18, "coin")
            assert (paid.status, paid.finality) == ("done", Finality.FINALIZED)
            transaction = await node.rpc.call("eth_getTransactionByHash", paid.tx_hash)
            assert (int(transaction["chainId"], 16), transaction["type"]) == (number, "0x0" if number == 66 else "0x2")
            assert (await convert(native, wrapped, "wrap")).status == "done"
            assert (await send(wrapped, 10**17, "token")).status == "done"
            short = await transfers.preview(tenant, TransferDraft(me, FRIEND, wrapped, 9 * 10**17))
            assert short.balance.base_units == 9 * 10**17
            await convert(native, wrapped, "more")
            assert (await convert(wrapped, native, "unwrap")).received.base_units == 10**18
            friend = AccountId.of(chain, FRIEND)
            assert (await adapter.balance(friend, info.native)).base_units == 10**18
            assert (await adapter.balance(friend, await adapter.asset(wrapped))).base_units == 10**17
        finally:
            worker.stop()
            await asyncio.wait_for(running, 15)
            await chains.close()
