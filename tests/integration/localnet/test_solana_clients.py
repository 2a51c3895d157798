"""The client library that our adapter stands on works against the local chain unchanged."""

from __future__ import annotations

import asyncio
import struct
from typing import Any

import pytest
from solana.rpc.async_api import AsyncClient
from solana.rpc.commitment import Confirmed, Finalized
from solders.account_decoder import ParsedAccount
from solders.address_lookup_table_account import AddressLookupTableAccount, derive_lookup_table_address
from solders.instruction import AccountMeta, Instruction
from solders.keypair import Keypair
from solders.message import MessageV0
from solders.pubkey import Pubkey
from solders.signature import Signature
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from localnet.testing import Localnet
from tests.integration.localnet.json_rpc import NodeError, call
from tests.integration.localnet.solana_sender import SOL, latest_blockhash, send, sign
from tests.integration.localnet.waiting import until

LOOKUP_TABLE_PROGRAM = Pubkey.from_string("AddressLookupTab1e1111111111111111111111111")


def _mint(network: Localnet, symbol: str = "tCNY") -> Pubkey:
    return Pubkey.from_string(network.asset("solana", symbol).rpartition(":")[2])


async def _funded(network: Localnet) -> Keypair:
    key = Keypair()
    await network.give(str(key.pubkey()), "native", SOL, family="solana")
    return key


async def test_solana_py_sends_confirms_and_reads_back(network: Localnet) -> None:
    """The whole way of a payment: blockhash, fee, simulation, send, confirmation, transaction, history."""
    key, receiver = await _funded(network), Keypair().pubkey()
    client = AsyncClient(network.solana_url, commitment=Confirmed)
    try:
        assert await client.is_connected()
        recent = (await client.get_latest_blockhash()).value
        gift = transfer(TransferParams(from_pubkey=key.pubkey(), to_pubkey=receiver, lamports=SOL // 4))
        message = MessageV0.try_compile(key.pubkey(), [gift], [], recent.blockhash)
        transaction = VersionedTransaction(message, [key])
        assert (await client.get_fee_for_message(message)).value == 5000
        simulated = (await client.simulate_transaction(transaction)).value
        assert simulated.err is None
        assert simulated.units_consumed == 150
        signature = (await client.send_transaction(transaction)).value
        await client.confirm_transaction(signature, Confirmed, sleep_seconds=0.05)
        assert (await client.get_balance(receiver)).value == SOL // 4
        shown = (await client.get_transaction(signature, max_supported_transaction_version=0)).value
        assert shown is not None
        assert shown.transaction.meta is not None
        assert shown.transaction.meta.pre_balances[0] - shown.transaction.meta.post_balances[0] == SOL // 4 + 5000
        history = (await client.get_signatures_for_address(receiver, commitment=Confirmed)).value
        assert [row.signature for row in history] == [signature]
        block = (await client.get_block(shown.slot, max_supported_transaction_version=0)).value
        assert block is not None
        assert block.block_height == shown.slot
        await client.confirm_transaction(signature, Finalized, sleep_seconds=0.05)
        assert (await client.get_balance(receiver, Finalized)).value == SOL // 4
    finally:
        await client.close()


async def test_token_reads_agree_with_the_faucet(network: Localnet) -> None:
    """Balance, parsed account, owner's list, supply and largest holders of the test money."""
    holder, mint = Keypair().pubkey(), _mint(network, "tUSD")
    await network.give(str(holder), "tUSD", 1_500_000, family="solana")
    client = AsyncClient(network.solana_url, commitment=Confirmed)
    try:
        from solana.rpc.models import TokenAccountOpts

        owned = (await client.get_token_accounts_by_owner_json_parsed(holder, TokenAccountOpts(mint=mint))).value
        assert len(owned) == 1
        data = owned[0].account.data
        assert isinstance(data, ParsedAccount)
        account = owned[0].pubkey
        amount = (await client.get_token_account_balance(account)).value
        assert (amount.amount, amount.decimals, amount.ui_amount_string) == ("1500000", 6, "1.5")
        supply = int((await client.get_token_supply(mint)).value.amount)
        largest = (await client.get_token_largest_accounts(mint)).value
        assert sum(int(row.amount.amount) for row in largest) == supply >= 1_500_000
    finally:
        await client.close()


async def test_commitment_levels_are_told_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A read at `confirmed` or `finalized` does not see what could still be lost; slots made by hand."""
    from localnet.testing import localnet

    async with localnet(tmp_path_factory.mktemp("levels"), block_seconds=0, slot_seconds=0) as network:
        key, receiver = await _funded(network), str(Keypair().pubkey())
        await network.mine(6, family="solana")
        gift = transfer(
            TransferParams(from_pubkey=key.pubkey(), to_pubkey=Pubkey.from_string(receiver), lamports=SOL // 2)
        )
        signature = await send(network.solana_url, sign([gift], await latest_blockhash(network.solana_url), key))

        async def seen() -> tuple[list[int], str]:
            amounts = [
                (await call(network.solana_url, "getBalance", receiver, {"commitment": level}))["value"]
                for level in ("processed", "confirmed", "finalized")
            ]
            state = (await call(network.solana_url, "getSignatureStatuses", [signature]))["value"][0]
            return amounts, state["confirmationStatus"]

        half = SOL // 2
        assert await seen() == ([half, 0, 0], "processed")
        await network.mine(1, family="solana")
        assert await seen() == ([half, half, 0], "confirmed")
        await network.mine(1, family="solana")
        assert await seen() == ([half, half, 0], "confirmed")
        await network.mine(1, family="solana")
        assert await seen() == ([half, half, half], "finalized")


class _Socket:
    """A raw WebSocket client: requests by id, notifications as they come."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self.notifications: list[dict[str, Any]] = []

    async def request(self, method: str, *params: Any) -> Any:
        await self._socket.send_json({"jsonrpc": "2.0", "id": method, "method": method, "params": list(params)})
        async with asyncio.timeout(10):
            while True:
                message = await self._socket.receive_json()
                if message.get("id") == method:
                    return message.get("result", message.get("error"))
                self.notifications.append(message)

    async def notification(self, kind: str, subscription: int) -> Any:
        async with asyncio.timeout(10):
            while True:
                for message in self.notifications:
                    if message["method"] == kind and message["params"]["subscription"] == subscription:
                        self.notifications.remove(message)
                        return message["params"]["result"]
                self.notifications.append(await self._socket.receive_json())


@pytest.mark.parametrize("port", ["http", "websocket"])
async def test_subscriptions_tell_what_happens(network: Localnet, port: str) -> None:
    """signature, account, logs, slot and root, on either port, and unsubscribing ends them."""
    import aiohttp

    key, receiver = await _funded(network), Keypair().pubkey()
    gift = transfer(TransferParams(from_pubkey=key.pubkey(), to_pubkey=receiver, lamports=SOL // 4))
    wire = sign([gift], await latest_blockhash(network.solana_url), key)
    signature = str(VersionedTransaction.from_bytes(wire).signatures[0])
    url = network.solana_url if port == "http" else network.solana_websocket_url
    level = {"commitment": "confirmed"}
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as raw:
        socket = _Socket(raw)
        by_signature = await socket.request("signatureSubscribe", signature, level)
        by_account = await socket.request("accountSubscribe", str(receiver), {**level, "encoding": "base64"})
        by_logs = await socket.request("logsSubscribe", {"mentions": [str(receiver)]}, level)
        slots = await socket.request("slotSubscribe")
        roots = await socket.request("rootSubscribe")
        await send(network.solana_url, wire)
        assert (await socket.notification("signatureNotification", by_signature))["value"] == {"err": None}
        changed = await socket.notification("accountNotification", by_account)
        assert changed["value"]["lamports"] == SOL // 4
        logged = await socket.notification("logsNotification", by_logs)
        assert logged["value"]["signature"] == signature
        slot = await socket.notification("slotNotification", slots)
        assert slot["parent"] == slot["slot"] - 1
        assert await socket.notification("rootNotification", roots) >= 0
        assert await socket.request("slotUnsubscribe", slots) is True
        assert (await socket.request("slotUnsubscribe", slots))["code"] == -32602
        # Told once, a signature subscription is over; one for the past is told at once.
        assert (await socket.request("signatureUnsubscribe", by_signature))["code"] == -32602
        late = await socket.request("signatureSubscribe", signature, level)
        assert (await socket.notification("signatureNotification", late))["value"] == {"err": None}
        assert await socket.request("getHealth") == "ok"


async def test_a_lookup_table_is_made_extended_and_used(network: Localnet) -> None:
    """With the slot that the node just answered; loaded keys show up in balances, history and `loadedAddresses`."""
    key, receiver = await _funded(network), Keypair().pubkey()
    slot = await call(network.solana_url, "getSlot", {"commitment": "processed"})
    table, bump = derive_lookup_table_address(key.pubkey(), slot)
    accounts = [
        AccountMeta(table, False, True),
        AccountMeta(key.pubkey(), True, False),
        AccountMeta(key.pubkey(), True, True),
        AccountMeta(Pubkey.default(), False, False),
    ]
    create = Instruction(LOOKUP_TABLE_PROGRAM, struct.pack("<IQB", 0, slot, bump), accounts)
    extend = Instruction(LOOKUP_TABLE_PROGRAM, struct.pack("<IQ", 2, 1) + bytes(receiver), accounts)
    made = await send(network.solana_url, sign([create, extend], await latest_blockhash(network.solana_url), key))

    async def confirmed(signature: str) -> dict[str, Any] | None:
        options = {"commitment": "confirmed", "maxSupportedTransactionVersion": 0}
        answer: dict[str, Any] | None = await call(network.solana_url, "getTransaction", signature, options)
        return answer

    await until(lambda: confirmed(made))
    gift = transfer(TransferParams(from_pubkey=key.pubkey(), to_pubkey=receiver, lamports=SOL // 8))
    lookup = AddressLookupTableAccount(table, [receiver])
    message = MessageV0.try_compile(key.pubkey(), [gift], [lookup], await latest_blockhash(network.solana_url))
    assert len(message.address_table_lookups) == 1
    signature = await send(network.solana_url, bytes(VersionedTransaction(message, [key])))
    shown = await until(lambda: confirmed(signature))
    assert shown is not None
    assert shown["version"] == 0
    assert shown["meta"]["loadedAddresses"] == {"writable": [str(receiver)], "readonly": []}
    assert shown["meta"]["postBalances"][-1] == SOL // 8
    history = await call(network.solana_url, "getSignaturesForAddress", str(receiver), {"commitment": "confirmed"})
    assert [row["signature"] for row in history] == [signature]
    with pytest.raises(NodeError) as refused:
        await call(network.solana_url, "getTransaction", signature, {"commitment": "confirmed"})
    assert refused.value.code == -32015


async def test_finality_comes_within_two_seconds_by_default_settings(network: Localnet) -> None:
    """By counting slots, not clocks: three slots of 400 ms after inclusion."""
    key = await _funded(network)
    gift = transfer(TransferParams(from_pubkey=key.pubkey(), to_pubkey=Keypair().pubkey(), lamports=SOL // 4))
    signature = await send(network.solana_url, sign([gift], await latest_blockhash(network.solana_url), key))

    async def final() -> dict[str, Any] | None:
        state = (await call(network.solana_url, "getSignatureStatuses", [signature]))["value"][0]
        return state if state["confirmationStatus"] == "finalized" else None

    state = await until(final)
    assert state is not None
    assert state["confirmations"] is None
    finalized = await call(network.solana_url, "getSlot", {"commitment": "finalized"})
    processed = await call(network.solana_url, "getSlot", {"commitment": "processed"})
    assert state["slot"] <= finalized
    assert 3 <= processed - finalized <= 5


async def test_signature_of_nothing_is_unknown(network: Localnet) -> None:
    """An unknown signature is null, not an error, also with the whole history searched."""
    unknown = str(Signature.new_unique())
    answer = await call(network.solana_url, "getSignatureStatuses", [unknown], {"searchTransactionHistory": True})
    assert answer["value"] == [None]
    assert await call(network.solana_url, "getTransaction", unknown, {"commitment": "confirmed"}) is None
