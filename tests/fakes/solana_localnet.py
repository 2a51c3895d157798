"""The local Solana chain inside the test's own process, mining by hand, reached over real HTTP."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from solders.pubkey import Pubkey

from localnet.processes import free_port
from localnet.settings import LocalnetSettings
from localnet.solana.chain import SolanaChain
from localnet.solana.faucet import SolanaFaucet
from localnet.test_money import DECIMALS, TEST_MONIES
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.base58 import encode_base58
from primitives.chain_id import ChainId


@dataclass(frozen=True, slots=True)
class SolanaLocalnet:
    """`cny`: the test money that campaigns settle in."""

    url: str
    chain_id: ChainId
    cny: Asset
    chain: SolanaChain
    faucet: SolanaFaucet

    async def advance(self) -> None:
        """Close one slot: what is pending becomes confirmed."""
        await self.chain.mine()

    async def finalise(self) -> None:
        """Close as many slots as make everything so far final."""
        await self.chain.mine(3)

    async def give(self, account: AccountId, *, lamports: int = 0, cny: int = 0) -> None:
        """SOL and test CNY from the faucet, confirmed."""
        if lamports:
            await self.faucet.give_native(Pubkey(account.raw), lamports)
        if cny:
            await self.faucet.give_money(TEST_MONIES[0], Pubkey(account.raw), cny)
        await self.advance()


@asynccontextmanager
async def running_solana() -> AsyncIterator[SolanaLocalnet]:
    with tempfile.TemporaryDirectory(prefix="quanbao-solana-") as folder:
        settings = LocalnetSettings(Path(folder), solana_port=free_port(), slot_interval=timedelta(0), finality_slots=2)
        chain = SolanaChain(settings)
        await chain.start()
        try:
            faucet = SolanaFaucet(chain, mines_by_hand=True)
            await faucet.make_mints()
            chain_id = ChainId.solana(encode_base58(chain.bank.genesis_hash))
            mint = str(faucet.mint_address(TEST_MONIES[0]))
            cny = Asset(AssetId.fungible(chain_id, mint), TEST_MONIES[0].symbol, DECIMALS)
            yield SolanaLocalnet(settings.solana_url, chain_id, cny, chain, faucet)
        finally:
            await chain.stop()
