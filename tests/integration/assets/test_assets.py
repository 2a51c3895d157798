"""Holdings and approvals of an account, found by logs and told by the contracts, odd ones included."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest
import pytest_asyncio

from chains.evm.approvals import ApprovalKind, EvmApprovals
from chains.evm.multicall import Multicall
from chains.intent import EndDelegation
from chains.registry import ChainEndpoint, ConfiguredChains
from codec.evm import tokens
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.errors import InvalidAddress
from tests.fakes.anvil import Anvil, running_anvil
from tests.fakes.odd_tokens import answering, log_call, text, word
from tests.fakes.vouchers import EVM
from wallets.assets.recipients import PaidRecipients
from wallets.assets.service import AssetService, Mark
from wallets.engine.service import Engine

_CONSTANTS = Path(__file__).parents[3] / "node_modules/viem/_esm/constants/contracts.js"
"""Carries Multicall3's creation code (MIT)."""
ME = AccountId.from_raw(EVM, b"\x11" * 20)
FRIEND = AccountId.of(EVM, "0xab12" + "3" * 32 + "cd34")
POISON = AccountId.of(EVM, "0xab12" + "4" * 32 + "cd34")
SPENDER = AccountId.from_raw(EVM, b"\x33" * 20)
SENDER = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


def _contract(number: int) -> AccountId:
    return AccountId.from_raw(EVM, b"\xc0" * 19 + bytes([number]))


KNOWN, BYTES32, NO_DECIMALS, FAKE, NFT, MULTI, LURE, MUTE = map(_contract, range(1, 9))
ME_TOPIC, FRIEND_TOPIC = tokens.address_topic(ME.raw), tokens.address_topic(FRIEND.raw)


def _erc20(symbol: bytes, balance: int, *, decimals: int | None = 6, **more: bytes) -> dict[str, bytes]:
    answers = {"symbol()": symbol, "name()": symbol, "balanceOf(address)": word(balance), **more}
    return answers if decimals is None else {**answers, "decimals()": word(decimals)}


CONTRACTS = {
    KNOWN: _erc20(text("USDC"), 5_000_000)
    | {
        "allowance(address,address)": word(2**256 - 1),
        "approve(address,uint256)": b"",  # returns nothing, as some old tokens
    },
    BYTES32: _erc20(b"MKR".ljust(32, b"\0"), 7),
    NO_DECIMALS: _erc20(text("RAW"), 9, decimals=None),
    FAKE: _erc20(text("USDС"), 10**12),  # the last letter is Cyrillic
    NFT: {"symbol()": text("CAT"), "name()": text("Cats"), "ownerOf(uint256)": word(int.from_bytes(ME.raw, "big"))}
    | {"isApprovedForAll(address,address)": word(1)},
    MULTI: {"balanceOf(address,uint256)": word(3)},
    LURE: _erc20(text("Visit drop.xyz"), 1),
    MUTE: {},  # writes logs, and answers nothing
}


class World:
    def __init__(self, node: Anvil, chains: ConfiguredChains, service: AssetService) -> None:
        self.node = node
        self.chains = chains
        self.service = service
        self.tenant = uuid4()

    async def log(self, contract: AccountId, *topics: str, data: bytes = b"") -> None:
        call = {"from": SENDER, "to": contract.address, "data": "0x" + log_call(*topics, data=data).hex()}
        await self.node.rpc.call("eth_sendTransaction", {**call, "gas": hex(200_000)})
        await self.node.mine()


@pytest_asyncio.fixture
async def world(database: Database) -> AsyncIterator[World]:
    async with running_anvil(block_time=None) as node:
        for contract, answers in CONTRACTS.items():
            await node.rpc.call("anvil_setCode", contract.address, "0x" + answering(answers).hex())
        usdc = Asset(AssetId.fungible(EVM, KNOWN.address), "USDC", 6)
        chains = await ConfiguredChains.connect(
            [ChainEndpoint("eip155", node.url, chain=EVM, assets=(usdc,), local=True)]
        )

        class Accounts:
            async def list(self, tenant_id: Any) -> list[Any]:
                return [SimpleNamespace(account=ME)]

        service = AssetService(database, chains, Accounts(), cast(Engine, None))
        yield World(node, chains, service)
        await chains.close()


async def test_tokens_of_every_kind_are_found_and_the_false_ones_marked(world: World) -> None:
    for contract in (BYTES32, NO_DECIMALS, FAKE, LURE, MUTE):
        await world.log(contract, tokens.TRANSFER, FRIEND_TOPIC, ME_TOPIC, data=word(5))
    await world.log(NFT, tokens.TRANSFER, FRIEND_TOPIC, ME_TOPIC, "0x" + word(42).hex())
    await world.log(MULTI, tokens.TRANSFER_SINGLE, FRIEND_TOPIC, FRIEND_TOPIC, ME_TOPIC, data=word(7) + word(3))
    batch = word(64) + word(160) + word(2) + word(8) + word(9) + word(2) + word(1) + word(1)
    await world.log(MULTI, tokens.TRANSFER_BATCH, FRIEND_TOPIC, FRIEND_TOPIC, ME_TOPIC, data=batch)
    for _ in range(2):  # near the head first; then from the rows of final blocks
        found, complete = await world.service.holdings(world.tenant, ME)
        assert complete
        by_asset = {str(one.holding.asset).partition("/")[2]: one for one in found}
        assert {one.holding.symbol: (one.holding.base_units, one.holding.decimals) for one in found} == {
            "USDC": (5_000_000, 6),
            "MKR": (7, 6),
            "RAW": (9, 0),
            "USDС": (10**12, 6),
            "Visit drop.xyz": (1, 6),
            "CAT": (1, 0),
            "": (3, 0),
        }
        assert {f"erc1155:{MULTI.address}/{token}" for token in (7, 8, 9)} <= set(by_asset)
        assert f"erc721:{NFT.address}/42" in by_asset
        assert by_asset[f"erc20:{KNOWN.address}"].marks == ()
        assert by_asset[f"erc20:{FAKE.address}"].marks == (Mark.UNSOLICITED, Mark.IMITATION)
        assert by_asset[f"erc20:{LURE.address}"].hidden
        assert not by_asset[f"erc20:{BYTES32.address}"].hidden
        await world.node.mine(5)


async def test_many_views_go_through_multicall_where_it_is(world: World, monkeypatch: Any) -> None:
    """One that fails, or is no contract at all, spoils nothing; without Multicall3 the answers are the same."""
    wanted = [(KNOWN.raw, tokens.call("decimals()")), (MUTE.raw, tokens.call("decimals()")), (SPENDER.raw, b"")]
    apart = await Multicall(world.chains.client(EVM)).views(wanted)
    assert apart == [word(6), None, b""]
    creation = re.search(r"(0x[0-9a-f]{1000,})", _CONSTANTS.read_text().partition("multicall3Bytecode")[2])
    assert creation is not None
    made = await world.node.rpc.call("eth_sendTransaction", {"from": SENDER, "data": creation[1]})
    await world.node.mine()
    receipt = await world.node.rpc.call("eth_getTransactionReceipt", made)
    code = await world.node.rpc.call("eth_getCode", receipt["contractAddress"], "latest")
    await world.node.rpc.call("anvil_setCode", "0x" + tokens.MULTICALL3.hex(), code)
    asked: list[str] = []
    client = world.chains.client(EVM)
    settle = client.settle

    async def counting(calls: Any) -> Any:
        asked.extend(method for method, _ in calls)
        return await settle(calls)

    monkeypatch.setattr(client, "settle", counting)
    assert await Multicall(client).views(wanted) == apart
    assert asked == ["eth_getCode", "eth_call"]


async def test_approvals_that_stand_are_listed_and_can_be_ended(world: World) -> None:
    spender = tokens.address_topic(SPENDER.raw)
    await world.log(KNOWN, tokens.APPROVAL, ME_TOPIC, spender, data=word(1))
    await world.log(NFT, tokens.APPROVAL_FOR_ALL, ME_TOPIC, spender, data=word(1))
    permit2 = AccountId.from_raw(EVM, tokens.PERMIT2)
    answers = {"allowance(address,address,address)": word(10**6) + word(2_000_000_000) + word(0)}
    await world.node.rpc.call("anvil_setCode", permit2.address, "0x" + answering(answers).hex())
    await world.log(
        permit2, tokens.PERMIT2_APPROVAL, ME_TOPIC, tokens.address_topic(KNOWN.raw), spender, data=word(1) + word(1)
    )
    await world.log(BYTES32, tokens.APPROVAL, ME_TOPIC, spender, data=word(1))  # its contract says nothing of it
    await world.node.rpc.call("anvil_setCode", ME.address, "0xef0100" + SPENDER.raw.hex())
    found, complete = await world.service.approvals(world.tenant, ME)
    assert complete
    assert {(one.kind, one.token, one.unlimited) for one in found} == {
        (ApprovalKind.ALLOWANCE, KNOWN, True),
        (ApprovalKind.OPERATOR, NFT, True),
        (ApprovalKind.PERMIT2, KNOWN, False),
        (ApprovalKind.DELEGATION, None, True),
    }
    assert not found[-1].unlimited, "the dangerous ones come first"
    reader = EvmApprovals(EVM, world.chains.client(EVM))
    for approval in found:
        if approval.kind is ApprovalKind.DELEGATION:
            assert reader.revocation(approval).action == EndDelegation()
            continue
        action: Any = reader.revocation(approval).action
        expected = permit2 if approval.kind is ApprovalKind.PERMIT2 else approval.token
        assert action.to == expected
        assert SPENDER.raw in action.data
        assert action.data.endswith(bytes(32)), "zero, or false"


async def test_an_address_that_looks_like_one_that_was_paid_is_warned_of(world: World, database: Database) -> None:
    """Also when the poisoner has put it into the history, with a worthless transfer that nobody signed."""
    recipients = PaidRecipients()
    await world.log(KNOWN, tokens.TRANSFER, ME_TOPIC, FRIEND_TOPIC, data=word(100))
    await world.log(FAKE, tokens.TRANSFER, ME_TOPIC, tokens.address_topic(POISON.raw), data=word(0))
    async with database.transaction() as tx:
        assert await recipients.notices(tx, [(ME, POISON)]) == [()]
    await world.node.mine(5)
    await world.service.holdings(world.tenant, ME)
    async with database.transaction() as tx:
        (lookalike, friend) = await recipients.notices(tx, [(ME, POISON), (ME, FRIEND)])
    assert [notice.code for notice in lookalike] == ["lookalike_recipient"]
    assert FRIEND.address in lookalike[0].message
    assert friend == ()


async def test_other_peoples_accounts_are_not_shown(world: World) -> None:
    with pytest.raises(InvalidAddress):
        await world.service.holdings(world.tenant, FRIEND)
