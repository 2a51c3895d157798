"""The product policy, joined: part of the composition root."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from api.people import People
from api.settings import Settings
from chains.registry import ConfiguredChains
from persistence.database import Database
from primitives.asset import AssetId
from wallets.engine.service import Engine
from wallets.policy.approvals import Approvals
from wallets.policy.defaults import default_rules
from wallets.policy.gate import PolicyGate
from wallets.policy.ports import RiskAssessor
from wallets.policy.replay import Replay
from wallets.policy.service import PolicyService
from wallets.policy.signing import SignatureRules
from wallets.prices.ports import MoneySource


@dataclass(frozen=True, slots=True)
class Policies:
    """Before the engine there is the gate; after it, what needs the engine."""

    gate: PolicyGate
    prices: MoneySource
    risk: RiskAssessor | None
    signatures: SignatureRules

    def services(
        self, settings: Settings, database: Database, chains: ConfiguredChains, engine: Engine, people: People
    ) -> tuple[PolicyService, Approvals]:
        """What the routes call."""
        second_factor = people.sessions.second_factor
        policies = PolicyService(
            database,
            self.gate.defaults,
            Replay(self.prices, known_decimals(chains), risk=self.risk),
            second_factor,
            chains.all(),
            delay=timedelta(seconds=settings.policy_delay_seconds),
            has_risk=self.risk is not None,
        )
        return policies, Approvals(database, engine, second_factor)


def join_policies(chains: ConfiguredChains, prices: MoneySource, risk: RiskAssessor | None = None) -> Policies:
    """Rules of an installation; `risk` scores payments for rules that ask for a score."""
    coins = [chains.adapter(chain).native for chain in chains.all()]
    local = {chain for chain in chains.all() if chains.info(chain).local}
    decimals = known_decimals(chains)
    gate = PolicyGate(default_rules(coins, local), prices, decimals, risk=risk)
    return Policies(gate, prices, risk, SignatureRules(gate, decimals))


def known_decimals(chains: ConfiguredChains) -> Mapping[AssetId, int]:
    """Of the native coins and the money that is known."""
    return {
        asset.id: asset.decimals
        for chain in chains.all()
        for asset in (chains.adapter(chain).native, *chains.known_assets(chain))
    }
