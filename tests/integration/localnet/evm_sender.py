"""An EVM account that keeps sending and remembers what it saw become final."""

from __future__ import annotations

from coincurve import PrivateKey

from codec.evm.transaction import (
    FeeMarketTransaction,
    address_of_public_key,
    encode_signed,
    encode_unsigned,
    signing_hash,
    transaction_hash,
)
from primitives.account_id import checksum_address
from tests.integration.localnet.json_rpc import NodeError, call

# Anvil's second development account, of the public phrase "test test … junk".
_DEV_ACCOUNT_1 = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
SINK = "0x" + "51" * 20


class EvmSender:
    """Sends 1 wei at a time to `SINK`, each with its own nonce."""

    def __init__(self, chain_id: int = 31337) -> None:
        self._key = PrivateKey(bytes.fromhex(_DEV_ACCOUNT_1))
        self._chain_id = chain_id
        self.address = checksum_address(address_of_public_key(self._key.public_key.format()))
        self.sent: list[tuple[str, str]] = []

    def sign(self, nonce: int) -> tuple[str, str]:
        """(transaction hash, raw bytes)."""
        unsigned = FeeMarketTransaction(self._chain_id, nonce, 10**9, 10**11, 21_000, bytes.fromhex(SINK[2:]), 1, b"")
        signature = self._key.sign_recoverable(signing_hash(encode_unsigned(unsigned)), hasher=None)
        raw = encode_signed(unsigned, signature)
        return "0x" + transaction_hash(raw).hex(), "0x" + raw.hex()

    async def send_next(self, url: str) -> str:
        """Sign the next nonce and send it; the hash."""
        tx_hash, raw = self.sign(len(self.sent))
        self.sent.append((tx_hash, raw))
        await call(url, "eth_sendRawTransaction", raw)
        return tx_hash

    async def send_again(self, url: str) -> None:
        """Send what the node does not have in a block, as an engine that stored its bytes does."""
        included = int(await call(url, "eth_getTransactionCount", self.address, "latest"), 16)
        for _, raw in self.sent[included:]:
            try:
                await call(url, "eth_sendRawTransaction", raw)
            except NodeError as error:
                if "already" not in str(error):
                    raise

    async def final_blocks(self, url: str) -> dict[str, str]:
        """Transaction hash → block hash of everything that is final now."""
        finalized = int((await call(url, "eth_getBlockByNumber", "finalized", False))["number"], 16)
        found = {}
        for tx_hash, _ in self.sent:
            receipt = await call(url, "eth_getTransactionReceipt", tx_hash)
            if receipt is not None and int(receipt["blockNumber"], 16) <= finalized:
                found[tx_hash] = receipt["blockHash"]
        return found
