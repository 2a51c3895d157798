"""A Solana account that keeps sending and remembers what it saw confirmed."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from solders.hash import Hash
from solders.instruction import Instruction
from solders.keypair import Keypair
from solders.message import Message
from solders.pubkey import Pubkey
from solders.system_program import TransferParams, transfer
from solders.transaction import VersionedTransaction

from tests.integration.localnet.json_rpc import call

SOL = 10**9


async def latest_blockhash(url: str) -> Hash:
    answer = await call(url, "getLatestBlockhash", {"commitment": "confirmed"})
    return Hash.from_string(answer["value"]["blockhash"])


def sign(instructions: list[Instruction], blockhash: Hash, *signers: Keypair) -> bytes:
    """Wire bytes of a legacy transaction paid by the first signer."""
    message = Message.new_with_blockhash(instructions, signers[0].pubkey(), blockhash)
    return bytes(VersionedTransaction(message, list(signers)))


async def send(url: str, wire: bytes, **options: Any) -> str:
    text = b64encode(wire).decode()
    return str(await call(url, "sendTransaction", text, {"encoding": "base64", **options}))


async def balance(url: str, address: Pubkey, commitment: str = "confirmed") -> int:
    return int((await call(url, "getBalance", str(address), {"commitment": commitment}))["value"])


async def status(url: str, signature: str) -> dict[str, Any] | None:
    answer = await call(url, "getSignatureStatuses", [signature], {"searchTransactionHistory": True})
    found: dict[str, Any] | None = answer["value"][0]
    return found


class SolanaSender:
    """Sends a different amount each time to one receiver."""

    def __init__(self) -> None:
        self.key = Keypair()
        self.receiver = Keypair().pubkey()
        self.amounts: dict[str, int] = {}

    async def send_next(self, url: str) -> str:
        # Above rent exemption from the first on, and never the same twice.
        amount = 1_000_000 + len(self.amounts)
        gift = transfer(TransferParams(from_pubkey=self.key.pubkey(), to_pubkey=self.receiver, lamports=amount))
        wire = sign([gift], await latest_blockhash(url), self.key)
        signature = str(VersionedTransaction.from_bytes(wire).signatures[0])
        self.amounts[signature] = amount
        await send(url, wire)
        return signature

    async def confirmed_slots(self, url: str) -> dict[str, int]:
        """Signature → slot of everything that is confirmed now."""
        signatures = list(self.amounts)
        found = {}
        for start in range(0, len(signatures), 256):
            chunk = signatures[start : start + 256]
            answer = await call(url, "getSignatureStatuses", chunk, {"searchTransactionHistory": True})
            for signature, state in zip(chunk, answer["value"], strict=True):
                if state is not None and state["confirmationStatus"] != "processed":
                    found[signature] = state["slot"]
        return found
