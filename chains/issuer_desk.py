"""The port of what issuer and funder do with a campaign after its launch, and how its promises are claimed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from chains.campaign import CampaignTerms, ClaimTicket, DropClaim, IssuerPower
from chains.intent import Intent
from primitives.account_id import AccountId
from primitives.signing import Signature


class IssuerDesk(Protocol):
    """A part of every voucher book. Each intent is carried out before the next."""

    async def fund(self, terms: CampaignTerms, base_units: int) -> Sequence[Intent]:
        """More money into escrow, from the funder. The last intent pays. Raises CampaignNotActive (Solana, without a
        vault), NodeUnavailable."""
        ...

    async def pause(self, terms: CampaignTerms) -> Intent:
        """Stop issue, claim and redemption. Raises InvalidTerms without the declared power."""
        ...

    async def resume(self, terms: CampaignTerms) -> Intent:
        """End a pause. Raises InvalidTerms without the declared power."""
        ...

    async def reclaim(self, terms: CampaignTerms, *, now: int) -> Sequence[Intent]:
        """Everything left in escrow back to its funder; empty where nothing is left.

        Raises:
            CampaignNotActive: Vouchers can still be redeemed or given back; `opens`.
            NodeUnavailable
        """
        ...

    async def commit_drop(self, terms: CampaignTerms, drop: int, root: bytes, count: int) -> Intent:
        """Promise a voucher to every leaf. Raises FeatureUnavailable (Solana, whose root is fixed at launch)."""
        ...

    async def claim(self, terms: CampaignTerms, claim: DropClaim, *, submitter: AccountId) -> Intent:
        """Make the voucher of one leaf for its holder. The submitter pays; on Solana always the issuer.

        Raises:
            InvalidTerms: The campaign has no drop (Solana).
            InvalidValue: The proof does not lead to the root (Solana; an EVM book says so in its simulation).
            NodeUnavailable
        """
        ...

    async def ticket_payload(self, terms: CampaignTerms, ticket: ClaimTicket) -> bytes:
        """What the ticket signer signs, typed data. Raises FeatureUnavailable (Solana)."""
        ...

    async def ticket_call(
        self, terms: CampaignTerms, ticket: ClaimTicket, signature: Signature, *, submitter: AccountId
    ) -> Intent:
        """Claim with a ticket; anybody may submit it. Raises FeatureUnavailable (Solana)."""
        ...

    async def powers_of(self, terms: CampaignTerms) -> Sequence[IssuerPower]:
        """What issuer and platform can still do, read from the chain. Raises CampaignNotFound, NodeUnavailable."""
        ...
