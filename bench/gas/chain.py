"""Transactions on an Anvil of our own: what they cost as a whole, base cost and calldata included, refunds off."""

from __future__ import annotations

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from chains.rpc.client import JsonRpcClient
from codec.evm.abi import Abi
from localnet.evm.anvil import find_anvil
from primitives.account_id import checksum_address
from primitives.errors import NodeUnavailable, TransactionReverted
from primitives.hashing import keccak256

GAS_LIMIT = 900_000_000
"""Of a block: lists of 1,000 pass the 2^24 of one transaction (EIP-7825); they are measured all the same, marked."""


def account(name: str) -> bytes:
    """An address that nobody has used, 20 bytes."""
    return keccak256(name.encode())[12:]


OWNER = account("owner")


class Chain:
    """One node that mines each transaction at once."""

    def __init__(self, rpc: JsonRpcClient) -> None:
        self._rpc = rpc

    async def send(self, to: bytes | None, data: bytes, *, by: bytes = OWNER) -> dict[str, Any]:
        """The receipt.

        Raises:
            TransactionReverted: It failed.
        """
        await self._rpc.batch(
            [
                ("anvil_impersonateAccount", [checksum_address(by)]),
                ("anvil_setBalance", [checksum_address(by), hex(10**24)]),
            ]
        )
        call = {"from": checksum_address(by), "data": "0x" + data.hex(), "gas": hex(GAS_LIMIT // 2)}
        if to is not None:
            call["to"] = checksum_address(to)
        tx_hash = await self._rpc.call("eth_sendTransaction", call)
        receipt = await self._receipt(tx_hash)
        if receipt["status"] != "0x1":
            raise TransactionReverted(f"a measured transaction failed: {tx_hash}", tx_hash=tx_hash)
        return receipt

    async def _receipt(self, tx_hash: str) -> dict[str, Any]:
        """Mined at once, but readable a moment later."""
        for _ in range(500):
            found: dict[str, Any] | None = await self._rpc.call("eth_getTransactionReceipt", tx_hash)
            if found is not None:
                return found
            await asyncio.sleep(0.01)
        raise NodeUnavailable(f"Anvil does not mine {tx_hash}")

    async def gas(self, contract: Contract, function: str, *arguments: Any, by: bytes = OWNER) -> int:
        """Gas of one transaction."""
        receipt = await self.send(contract.address, contract.abi.encode_call(function, *arguments), by=by)
        return int(receipt["gasUsed"], 16)

    async def deploy(self, description: Sequence[Any], init_code: bytes) -> Contract:
        receipt = await self.send(None, init_code)
        return Contract(Abi(description), bytes.fromhex(receipt["contractAddress"][2:]))

    async def clone(self, original: Contract) -> Contract:
        """A minimal proxy, as thirdweb's factory and many others make. Source: EIP-1167."""
        code = bytes.fromhex("3d602d80600a3d3981f3363d3d373d3d3d363d73") + original.address
        receipt = await self.send(None, code + bytes.fromhex("5af43d82803e903d91602b57fd5bf3"))
        return Contract(original.abi, bytes.fromhex(receipt["contractAddress"][2:]))


class Contract:
    """Where it is and how it is called."""

    def __init__(self, abi: Abi, address: bytes) -> None:
        self.abi = abi
        self.address = address


@asynccontextmanager
async def running_chain() -> AsyncIterator[Chain]:
    """Raises MissingPart: Anvil is not installed."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="quanbao-gas-") as folder:
        process = await asyncio.create_subprocess_exec(
            str(find_anvil()),
            *("--port", str(port), "--silent", "--hardfork", "cancun", "--gas-limit", str(GAS_LIMIT)),
            *("--code-size-limit", "100000", "--cache-path", str(Path(folder) / "cache"), "--prune-history"),
        )
        rpc = JsonRpcClient(f"http://127.0.0.1:{port}", timeout_seconds=60)
        try:
            for _ in range(100):
                with suppress(NodeUnavailable):
                    await rpc.call("eth_chainId")
                    break
            yield Chain(rpc)
        finally:
            await rpc.close()
            process.terminate()
            await process.wait()
