"""Test ether and test money on the local EVM chain.

All of it goes through ordinary signed transactions, so the journal keeps it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from coincurve import PrivateKey

from codec.evm.create2 import DEPLOYER, money_address, money_deployment
from codec.evm.erc20 import mint_call
from codec.evm.transaction import (
    FeeMarketTransaction,
    address_of_public_key,
    encode_signed,
    encode_unsigned,
    signing_hash,
    transaction_hash,
)
from localnet.evm.chain import EvmChain
from localnet.test_money import TEST_MONIES, TestMoney
from primitives.account_id import checksum_address
from primitives.errors import InsufficientFunds, LocalnetError, TransactionReverted

# Anvil's first development account, of the public phrase "test test … junk": everybody knows this key.
_PUBLIC_KEY_OF_NOTHING = PrivateKey(bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"))
FAUCET_ADDRESS = address_of_public_key(_PUBLIC_KEY_OF_NOTHING.public_key.format())

_GWEI = 10**9
_TRANSFER_GAS = 100_000
_MINT_GAS = 150_000
_DEPLOY_GAS = 4_000_000
_INCLUSION_SECONDS = 60.0
_RESEND_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class SignedGift:
    """A transaction that the faucet has signed: 0x hash, 0x bytes."""

    transaction_id: str
    raw: str


class GiftLost(LocalnetError):
    """The signed transaction can no longer get into a block: its nonce went to another. Nothing was given."""

    code = "localnet_gift_lost"
    retryable = True


OnSigned = Callable[[SignedGift], Awaitable[None]]


class EvmFaucet:
    """Gives ether from the first development account and makes test money, of which it is the minter."""

    def __init__(self, chain: EvmChain, *, chain_id: int, mines_by_hand: bool) -> None:
        self._chain = chain
        self._chain_id = chain_id
        self._mines_by_hand = mines_by_hand
        self._lock = asyncio.Lock()

    def money_address(self, money: TestMoney) -> str:
        """Checksummed address of a test money, the same on every local chain with this contract code."""
        return checksum_address(money_address(money.name, money.symbol, FAUCET_ADDRESS))

    async def deploy_money(self) -> None:
        """Put the test monies where they belong, unless they are there already.

        Raises:
            LocalnetError, TransactionReverted: The chain did not take it.
        """
        for money in TEST_MONIES:
            code = await self._chain.rpc.call("eth_getCode", self.money_address(money), "latest")
            if code == "0x":
                data = money_deployment(money.name, money.symbol, FAUCET_ADDRESS)
                await self.send_call(DEPLOYER, 0, data, _DEPLOY_GAS)

    async def send_call(self, to: bytes, wei: int, data: bytes, gas: int) -> None:
        """Call a contract as the faucet, and wait until that is in a block.

        Raises:
            LocalnetError, TransactionReverted: The chain did not take it.
        """
        await self.include(await self._sign_and_send(to, wei, data, gas, None))

    async def give_native(self, recipient: bytes, wei: int, on_signed: OnSigned | None = None) -> SignedGift:
        """Send ether; the transaction is in the pool when this returns.

        Raises:
            InsufficientFunds: The faucet has less; `needed`, `available`.
        """
        available = int(await self._chain.rpc.call("eth_getBalance", checksum_address(FAUCET_ADDRESS), "pending"), 16)
        if wei + _GWEI * _TRANSFER_GAS > available:
            raise InsufficientFunds(
                f"the faucet has {available} wei left, not {wei} and the fee", needed=wei, available=available
            )
        return await self._sign_and_send(recipient, wei, b"", _TRANSFER_GAS, on_signed)

    async def give_money(
        self, money: TestMoney, recipient: bytes, base_units: int, on_signed: OnSigned | None = None
    ) -> SignedGift:
        """Make test money for somebody; the transaction is in the pool when this returns."""
        token = money_address(money.name, money.symbol, FAUCET_ADDRESS)
        return await self._sign_and_send(token, 0, mint_call(recipient, base_units), _MINT_GAS, on_signed)

    async def include(self, gift: SignedGift) -> None:
        """Wait until a sent transaction is in a block; send it again if the node lost it.

        Raises:
            TransactionReverted: It is in a block and failed.
            GiftLost: It never will be.
            LocalnetError: It is still not in a block after a minute.
        """
        started = time.monotonic()
        last_sent = started
        while time.monotonic() - started < _INCLUSION_SECONDS:
            try:
                if self._mines_by_hand:
                    await self._chain.mine()
                receipt = await self._chain.rpc.call("eth_getTransactionReceipt", gift.transaction_id)
                if receipt is not None:
                    if receipt["status"] != "0x1":
                        raise TransactionReverted(
                            f"the faucet's transaction {gift.transaction_id} reverted", tx_hash=gift.transaction_id
                        )
                    return
                if time.monotonic() - last_sent > _RESEND_SECONDS:
                    last_sent = time.monotonic()
                    await self.send(gift)
            except GiftLost:
                raise
            except LocalnetError:
                # The node is being started again; the signed bytes stay good.
                if not self._chain.running:
                    raise
            await asyncio.sleep(0.05)
        raise LocalnetError(
            f"the faucet's transaction {gift.transaction_id} did not get into a block", tx_hash=gift.transaction_id
        )

    async def send(self, gift: SignedGift) -> None:
        """Hand signed bytes to the node; that it knows them already, or has them in a block, is no error.

        Raises:
            GiftLost: Another transaction has used the nonce.
        """
        try:
            await self._chain.rpc.call("eth_sendRawTransaction", gift.raw)
        except LocalnetError as error:
            known = str(error.facts.get("node_message", ""))
            if "nonce too low" in known:
                if await self._chain.rpc.call("eth_getTransactionReceipt", gift.transaction_id) is None:
                    raise GiftLost(f"the nonce of {gift.transaction_id} went to another transaction") from error
            elif "already" not in known:
                raise

    async def _sign_and_send(
        self, to: bytes, value: int, data: bytes, gas: int, on_signed: OnSigned | None
    ) -> SignedGift:
        async with self._lock:
            address = checksum_address(FAUCET_ADDRESS)
            nonce = int(await self._chain.rpc.call("eth_getTransactionCount", address, "pending"), 16)
            block = await self._chain.rpc.call("eth_getBlockByNumber", "latest", False)
            # Twice the base fee outlasts six full blocks; the tip is what wallets usually give.
            tip = _GWEI
            limit = 2 * int(block["baseFeePerGas"], 16) + tip
            unsigned = FeeMarketTransaction(self._chain_id, nonce, tip, limit, gas, to, value, data)
            digest = signing_hash(encode_unsigned(unsigned))
            signature = _PUBLIC_KEY_OF_NOTHING.sign_recoverable(digest, hasher=None)
            raw = encode_signed(unsigned, signature)
            gift = SignedGift("0x" + transaction_hash(raw).hex(), "0x" + raw.hex())
            if on_signed is not None:
                await on_signed(gift)
            await self.send(gift)
            return gift
