"""Everything that gives vouchers out beside the organisation's own lists, built once and joined."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chains.ports import Chains
from persistence.database import Database
from persistence.jobs import Handler
from primitives.signing import Signer
from vouchers.campaigns.acts.service import CampaignActs
from vouchers.campaigns.partners.service import Partners
from vouchers.claims.direct import DirectClaims
from vouchers.claims.progress import ClaimProgress
from vouchers.claims.service import Claims
from vouchers.issuance.drops.service import Drops
from vouchers.issuance.segments.service import Segments
from vouchers.orders.leaves import Leaves
from vouchers.ports import Accounts, Payments
from vouchers.triggers.service import Triggers


@dataclass(frozen=True, slots=True)
class Handouts:
    """The services of campaign life and claims."""

    acts: CampaignActs
    partners: Partners
    drops: Drops
    segments: Segments
    claims: Claims
    direct: DirectClaims
    triggers: Triggers
    progress: ClaimProgress
    leaves: Leaves

    @classmethod
    def join(
        cls, database: Database, chains: Chains, accounts: Accounts, payments: Payments, signer: Signer
    ) -> Handouts:
        """`signer` signs for service keys."""
        claims, drops = Claims(database, chains), Drops(database)
        direct = DirectClaims(database, chains, accounts, payments, signer, claims, drops)
        return cls(
            acts=CampaignActs(database, chains, payments),
            partners=Partners(database),
            drops=drops,
            segments=Segments(database),
            claims=claims,
            direct=direct,
            triggers=Triggers(database, chains, claims),
            progress=ClaimProgress(database, chains, payments),
            leaves=Leaves(database, chains, drops, direct),
        )

    def handlers(self) -> Mapping[str, Handler]:
        return {**self.acts.handlers(), **self.progress.handlers(), **self.triggers.handlers()}
