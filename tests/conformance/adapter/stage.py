"""What the suite needs of a family: a running chain, an adapter on it, and accounts in known states."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chains.intent import Intent, Transfer
from chains.ports import ChainAdapter, PreparedTransaction, Receipt, SignedTransaction
from primitives.account_id import AccountId
from primitives.asset import Amount, Asset, AssetId
from primitives.position import Finality
from primitives.signing import KeyId, PublicKey, SigningRequest
from tests.fakes.signer import MemorySigner


@dataclass(frozen=True, slots=True)
class Stage:
    """One chain to test on.

    Attributes:
        rich: Holds native coins and `token_units` of `token`.
        poor: Has never been seen on the chain, nor can it pay anything.
        recipient: A fresh account with nothing.
        token: A fungible token.
        no_token: A well-formed asset of this chain that does not exist.
        advance: Lets the chain go on, so that what is pending gets included and then final.
        dead_adapter: An adapter of the same chain whose node does not answer.
    """

    adapter: ChainAdapter
    dead_adapter: ChainAdapter
    signer: MemorySigner
    keys: dict[AccountId, tuple[KeyId, PublicKey]]
    rich: AccountId
    poor: AccountId
    recipient: AccountId
    foreign: AccountId
    token: Asset
    token_units: int
    no_token: AssetId
    advance: Callable[[], Awaitable[None]]

    def native(self, base_units: int) -> Amount:
        return Amount(base_units, self.adapter.native)

    def transfer(self, amount: Amount, *, sender: AccountId | None = None) -> Intent:
        return Intent(sender or self.rich, Transfer(amount, self.recipient))

    async def sign(self, prepared: PreparedTransaction) -> SignedTransaction:
        signatures = {}
        for account in prepared.signers:
            key, _ = self.keys[account]
            signatures[account] = await self.signer.sign(
                SigningRequest(key, prepared.scheme, prepared.payload, self.adapter.chain_id, "transfer")
            )
        return self.adapter.assemble(prepared, signatures)

    async def make(self, intent: Intent) -> SignedTransaction:
        nonce = await self.adapter.next_nonce(intent.sender)
        preview = await self.adapter.preview(intent)
        return await self.sign(await self.adapter.prepare(intent, nonce=nonce, preview=preview))

    async def included(self, tx_hash: str, at: Finality = Finality.INCLUDED) -> Receipt:
        for _ in range(200):
            receipt = await self.adapter.receipt(tx_hash)
            if receipt is not None and receipt.finality >= at:
                return receipt
            await self.advance()
        raise AssertionError(f"{tx_hash} never reached {at.name}")
