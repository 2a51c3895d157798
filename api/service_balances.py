"""The accounts that pay fees for others: watched, and on EVM chains filled up from the platform's gas station."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from chains.registry import ConfiguredChains
from keystore import PLATFORM_TENANT
from keystore.limits.model import KeyLimit
from keystore.policy import CallTarget
from keystore.service import Keystore
from persistence.database import Database
from primitives.account_id import AccountId
from primitives.chain_id import ChainId
from primitives.signing import KeyPurpose
from wallets.accounts.service import AccountService
from wallets.accounts.sql import service_accounts
from wallets.engine.service import Engine
from wallets.engine.watch.sql import Watched

_PAYING = (KeyPurpose.RELAYER, KeyPurpose.ISSUER, KeyPurpose.TREASURY)
_TOP_UPS_A_DAY = 4
_FEE = 10**15
"""Most wei for the fee of one top-up."""
_DAY = int(timedelta(days=1).total_seconds())


class ServiceBalances:
    """Gives `BalanceWatch` its work, and the gas station the policy for exactly that.

    Args:
        alarm_below: Base units by chain (CAIP-2) or family; a chain without an entry is not watched.
        top_up_to: The same for relayers of EVM chains; a chain without an entry has no top-ups.
    """

    def __init__(
        self,
        database: Database,
        chains: ConfiguredChains,
        keystore: Keystore,
        accounts: AccountService,
        engine: Engine,
        *,
        alarm_below: Mapping[str, int],
        top_up_to: Mapping[str, int],
    ) -> None:
        self._database = database
        self._chains = chains
        self._keystore = keystore
        self._accounts = accounts
        self._engine = engine
        self._alarm_below = alarm_below
        self._top_up_to = top_up_to

    async def allow(self) -> None:
        """Let the gas station of each EVM chain pay its relayer and nobody else, within a daily limit."""
        for chain in self._chains.all():
            if chain.family != "eip155":
                continue
            target = self._top_up(chain) or 0
            relayer = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.RELAYER, chain)
            rules = [CallTarget(relayer.account.raw, b"")] if target else []
            await self._keystore.allow_only(PLATFORM_TENANT, KeyPurpose.GAS_STATION, chain, rules)
            limit = KeyLimit(
                value=target, fee=_FEE, window_seconds=_DAY, window_value=_TOP_UPS_A_DAY * target, window_fee=4 * _FEE
            )
            await self._keystore.limit(PLATFORM_TENANT, KeyPurpose.GAS_STATION, chain, limit)

    async def start(self) -> None:
        """Watch every service account that pays fees; safe to repeat, and to be repeated for new ones."""
        async with self._database.transaction() as tx:
            paying = await service_accounts(tx, _PAYING)
        for held in paying:
            alarm = of_chain(self._alarm_below, held.chain)
            if held.chain not in self._chains.all() or alarm is None:
                continue
            station: AccountId | None = None
            target = self._top_up(held.chain) if held.purpose is KeyPurpose.RELAYER else None
            if target is not None:
                found = await self._accounts.service_account(PLATFORM_TENANT, KeyPurpose.GAS_STATION, held.chain)
                station = found.account
            async with self._database.transaction() as tx:
                await self._engine.balances.watch(tx, Watched(held.account, held.tenant_id, alarm, target, station))

    def _top_up(self, chain: ChainId) -> int | None:
        # On Solana a rule of key policy cannot bind a transfer to its recipient, so nothing is paid there by itself.
        return of_chain(self._top_up_to, chain) if chain.family == "eip155" else None


def of_chain(amounts: Mapping[str, int], chain: ChainId) -> int | None:
    """The amount of a chain: its own, else its family's."""
    return amounts.get(str(chain), amounts.get(chain.family))
