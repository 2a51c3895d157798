"""A process that makes one act, to be killed at a fault point; and the same services for the test that goes on.

python -m tests.integration.defi.crash_runner ACT DATABASE_URL NODE_URL TENANT WRAPPED ROUTER TOKEN
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from chains.evm.approvals import ApprovalKind
from chains.registry import ChainEndpoint, ConfiguredChains
from codec.evm.transaction import FeeMarketTransaction, encode_signed, encode_unsigned
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.asset import Asset, AssetId
from primitives.chain_id import ChainId
from primitives.signing import Curve, SigningRequest, SigningScheme
from tests.fakes.accounts import KnownKeys
from tests.fakes.anvil import FIRST_KEY
from tests.fakes.signer import MemorySigner
from wallets.assets.service import AssetService, NewApproval
from wallets.defi.model import Swap, SwapDraft
from wallets.defi.outside import OutsideSwaps
from wallets.defi.service import SwapService
from wallets.engine.model import Payment
from wallets.engine.service import Engine

CHAIN = ChainId.evm(31337)
AMOUNT = 10 * 10**18


@dataclass(frozen=True, slots=True)
class Cast:
    """Services over one database and one node, for the development account 0."""

    engine: Engine
    chains: ConfiguredChains
    swaps: SwapService
    outside: OutsideSwaps
    assets: AssetService
    signer: MemorySigner
    key: Any
    account: AccountId
    tea: AssetId
    router: AccountId
    tenant: UUID

    @property
    def draft(self) -> SwapDraft:
        return SwapDraft(self.account, self.tea, AssetId.native(CHAIN), AMOUNT, slippage_bps=300)

    async def swap(self, key: str = "crash") -> Swap:
        return await self.swaps.create(self.tenant, self.draft, self.signer, idempotency_key=key)

    async def approve(self) -> Payment:
        token = AccountId.of(CHAIN, self.tea.reference)
        wanted = NewApproval(self.account, ApprovalKind.ALLOWANCE, token, self.router, 5)
        return await self.assets.approve(
            self.tenant, wanted, self.signer, accepted=frozenset(), idempotency_key="crash"
        )

    async def revoke(self) -> Payment:
        """End what `approve` allowed."""
        token = AccountId.of(CHAIN, self.tea.reference)
        return await self.assets.revoke(
            self.tenant, self.account, ApprovalKind.ALLOWANCE, token, self.router, self.signer, idempotency_key="crash"
        )

    async def submit(self) -> Swap:
        """Prepare, sign the first step as a wallet elsewhere would, and hand it in."""
        swap = await self.outside.prepare(self.tenant, self.draft, idempotency_key="outside")
        step = swap.steps[0]
        call: Any = step.intent.action
        assert step.gas_limit is not None
        unsigned = encode_unsigned(
            transaction := FeeMarketTransaction(
                CHAIN.evm_number, await self._nonce(), 10**9, 10**10, step.gas_limit * 2, call.to.raw, 0, call.data
            )
        )
        asked = SigningRequest(self.key, SigningScheme.EVM_TRANSACTION, unsigned, CHAIN, "outside")
        raw = encode_signed(transaction, (await self.signer.sign(asked)).raw)
        return await self.outside.submit(self.tenant, swap.id, 0, raw=raw)

    async def _nonce(self) -> int:
        return await self.chains.adapter(CHAIN).next_nonce(self.account) or 0


async def cast(database: Database, node_url: str, tenant: UUID, wrapped: str, router: str, token: str) -> Cast:
    tea = Asset(AssetId.fungible(CHAIN, token), "TEA", 18)
    endpoint = ChainEndpoint(
        "eip155",
        node_url,
        assets=(tea,),
        local=True,
        wrapped_coin=bytes.fromhex(wrapped[2:]),
        swap_router=bytes.fromhex(router[2:]),
    )
    chains = await ConfiguredChains.connect([endpoint])
    signer = MemorySigner()
    key, public = signer.add(Curve.SECP256K1, FIRST_KEY)
    account = chains.adapter(CHAIN).account_of(public)
    quick = timedelta(seconds=0.05)
    engine = Engine(database, chains, KnownKeys({account: key}), follow_every=quick, node_pause=quick)

    class Accounts:
        async def list(self, tenant_id: UUID) -> list[Any]:
            return [SimpleNamespace(account=account)]

    swaps = SwapService(database, engine, chains, Accounts())
    outside = OutsideSwaps(database, chains, swaps, follow_every=quick)
    assets = AssetService(database, chains, Accounts(), engine)
    place = AccountId.of(CHAIN, router)
    return Cast(engine, chains, swaps, outside, assets, signer, key, account, tea.id, place, tenant)


async def main(act: str, database_url: str, node_url: str, tenant: str, *addresses: str) -> None:
    played = await cast(Database(database_url), node_url, UUID(tenant), *addresses)
    acts: dict[str, Callable[[], Awaitable[object]]] = {
        "swap": played.swap,
        "approve": played.approve,
        "revoke": played.revoke,
        "submit": played.submit,
    }
    await acts[act]()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
