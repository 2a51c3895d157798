"""Risk rules and freezes, joined: part of the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from api.people import People
from api.services import Services
from people.sessions.devices import KnownDevices
from persistence.database import Database
from vouchers.orders.holders import OrderHolders
from wallets.engine.gates import Gate
from wallets.freeze.gate import FreezeGate
from wallets.freeze.service import FreezeService
from wallets.risk.gate import RiskGate
from wallets.risk.service import RiskService


@dataclass(frozen=True, slots=True)
class Safety:
    """What watches over signatures."""

    risk: RiskService
    freezes: FreezeService

    @property
    def gates(self) -> tuple[Gate, ...]:
        """The rules first: a freeze that they make is read by the gate behind them, in the same commit."""
        return RiskGate(self.risk), FreezeGate(self.freezes, OrderHolders())

    def fill(self, services: Services) -> None:
        """Put each where the routes find it."""
        services.risk = self.risk
        services.freezes = self.freezes


def join_safety(database: Database, people: People) -> Safety:
    """Build each once."""
    factors = people.sessions.second_factor
    freezes = FreezeService(database, factors)
    risk = RiskService(database, freezes, KnownDevices(people.data), factors)
    return Safety(risk, freezes)
