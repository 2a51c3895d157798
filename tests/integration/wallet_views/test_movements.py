"""What moved on an EVM chain, followed through reorganisations and a chain that begins anew."""

from __future__ import annotations

import pytest

from chains.registry import ChainEndpoint, ConfiguredChains
from primitives.account_id import AccountId
from tests.fakes.anvil import running_anvil
from tests.fakes.vouchers import EVM
from wallets.accounts.service import AccountService
from wallets.activity.model import Wanted
from wallets.activity.reading.evm import SPAN, EvmReader
from wallets.activity.sql import MovementSource

RICH = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
FRIEND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"


class World:
    def __init__(self, node, database, chains, account, tenant):
        self.node, self.database, self.chains = node, database, chains
        self.account, self.tenant = account, tenant
        self.reader = EvmReader(database, chains, rewindable=frozenset({EVM}))

    async def pay(self, sender, recipient, wei):
        sent = {"from": sender, "to": recipient, "value": hex(wei), "gas": "0x5208"}
        found = await self.node.rpc.call("eth_sendTransaction", sent)
        await self.node.mine()
        return found

    async def read(self, reader=None):
        for _ in range(20):
            if not await (reader or self.reader).read(EVM):
                return
        raise AssertionError("the reading never came to rest")

    async def seen(self):
        """Value in ether and state, newest first."""
        async with self.database.transaction() as tx:
            found = await MovementSource().entries(tx, self.tenant, Wanted(accounts=(self.account,)))
        return [(one.direction.value, one.amount.units // 10**18, one.state.value) for one in found]


@pytest.fixture
async def world(database, keystore, tenant, token):
    async with running_anvil(block_time=None) as node:
        chains = await ConfiguredChains.connect([ChainEndpoint("eip155", node.url, chain=EVM, local=True)])
        wallet = await keystore.create_wallet(token, tenant, "main")
        made = await AccountService(database, keystore, chains).create(token, tenant, wallet.id, EVM)
        yield World(node, database, chains, made.account, tenant)
        await chains.close()


async def test_a_payment_that_a_reorganisation_took_away_stays_as_reversed(world):
    await world.pay(RICH, world.account.address, 10**18)
    await world.read()
    assert await world.seen() == [("in", 1, "pending")]
    await world.node.rpc.call("anvil_reorg", 1, [])
    await world.read()
    assert await world.seen() == [("in", 1, "reversed")]

    await world.pay(RICH, world.account.address, 2 * 10**18)
    await world.read()
    assert ("in", 2, "pending") in await world.seen()
    await world.node.mine(SPAN * 2 + 3)
    await world.read()
    assert sorted(await world.seen()) == [("in", 1, "reversed"), ("in", 2, "done")]
    balance = int(await world.node.rpc.call("eth_getBalance", world.account.address, "latest"), 16)
    assert balance == 2 * 10**18


async def test_the_same_transaction_in_another_block_is_told_once(world):
    transaction = await world.pay(RICH, world.account.address, 10**18)
    await world.read()
    raw = await world.node.rpc.call("eth_getRawTransactionByHash", transaction)
    await world.node.rpc.call("anvil_reorg", 1, [])
    await world.read()
    assert await world.node.rpc.call("eth_sendRawTransaction", raw) == transaction
    await world.node.mine()
    await world.read()
    assert await world.seen() == [("in", 1, "pending")]


async def test_a_chain_that_begins_anew(world):
    """On a local test chain all is read again; on any other the reading waits for somebody to look."""
    await world.pay(RICH, world.account.address, 10**18)
    await world.node.mine(5)
    await world.read()
    assert await world.seen() == [("in", 1, "done")]
    await world.node.rpc.call("anvil_reset")
    await world.pay(RICH, world.account.address, 3 * 10**18)
    await world.read(EvmReader(world.database, world.chains))
    assert await world.seen() == [("in", 1, "done")]
    await world.read()
    assert sorted(await world.seen()) == [("in", 1, "reversed"), ("in", 3, "pending")]


async def test_what_is_nobodys_here_is_not_kept(world):
    await world.pay(RICH, FRIEND, 10**18)
    await world.read()
    assert await world.seen() == []
    async with world.database.transaction() as tx:
        wanted = Wanted(accounts=(AccountId.of(EVM, FRIEND),))
        assert await MovementSource().entries(tx, world.tenant, wanted) == []
