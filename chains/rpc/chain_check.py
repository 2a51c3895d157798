"""Asking an endpoint which chain it serves, before it is believed anything else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from primitives.chain_id import ChainId


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """`method` asks; `served` reads the answer into a CAIP-2 id; `expected` is the configured chain."""

    method: str
    served: Callable[[Any], str]
    expected: str

    @classmethod
    def of(cls, chain: ChainId) -> ChainCheck:
        """The question of the chain's family: EVM chain id, Solana genesis hash (CAIP-2 namespaces)."""
        if chain.family == "eip155":
            return cls("eth_chainId", lambda answer: str(ChainId.evm(int(answer, 16))), str(chain))
        return cls("getGenesisHash", lambda answer: str(ChainId.solana(answer)), str(chain))
