"""What the product policy needs from others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from persistence.database import Transaction
from wallets.policy.facts import PaymentFacts


class RiskFinding(Protocol):
    """One risk rule that holds."""

    @property
    def rule(self) -> str: ...

    @property
    def score(self) -> int: ...

    @property
    def message(self) -> str: ...

    def to_json(self) -> dict[str, Any]: ...


class Assessment(Protocol):
    """What the risk rules say of a payment."""

    @property
    def score(self) -> int:
        """0 (nothing found) to 100."""
        ...

    @property
    def findings(self) -> Sequence[RiskFinding]: ...


class RiskAssessor(Protocol):
    """Scores a payment that is about to be signed; `wallets.risk` conforms."""

    async def assess(self, tx: Transaction, facts: PaymentFacts) -> Assessment: ...


class SecondFactorCheck(Protocol):
    """`people.second_factor` conforms."""

    async def asked_for(self, person_id: UUID) -> bool: ...

    async def require(self, person_id: UUID, code: str) -> None:
        """Use a code up. Raises LoginFailed, TooManyAttempts, NotFound."""
        ...
