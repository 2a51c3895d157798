"""What an RPC method may use."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from solders.keypair import Keypair
from solders.pubkey import Pubkey

from localnet.solana.bank import Bank
from localnet.solana.misbehaviour import Misbehaviour
from localnet.solana.params import Params
from localnet.solana.priority_fees import PriorityFees


@dataclass(frozen=True, slots=True)
class SolanaNode:
    """The chain, the node's own name, the faucet that `requestAirdrop` draws on, all lamports there
    are, what the node does wrong on purpose, and what others bid."""

    bank: Bank
    identity: Pubkey
    faucet: Keypair
    total_lamports: int
    misbehaviour: Misbehaviour
    priority_fees: PriorityFees


RpcMethod = Callable[[SolanaNode, Params], Awaitable[Any]]


def with_context(node: SolanaNode, commitment: str, value: Any) -> dict[str, Any]:
    """Agave's `RpcResponse`: the value with the slot it holds for."""
    return {"context": {"slot": node.bank.slot_at(commitment), "apiVersion": "3.0.0"}, "value": value}
