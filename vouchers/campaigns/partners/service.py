"""Ask other organisations, and keep their word. A merchant is never bound without it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from people.events import publish
from persistence.database import Database
from primitives.errors import CampaignNotActive, CampaignNotFound
from primitives.voucher_id import CampaignId
from vouchers.campaigns import sql as campaigns
from vouchers.campaigns.model import Campaign
from vouchers.campaigns.partners import sql
from vouchers.campaigns.partners.sql import Partner

ACCEPTED = "accepted"
REFUSED = "refused"


class Partners:
    """Invitations of organisations. Who may call what is decided above, by the rule of each route."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def invitations(self, organisation_id: UUID) -> Sequence[tuple[Partner, Campaign]]:
        """Campaigns of others that name this organisation, newest first."""
        async with self._database.transaction() as tx:
            asked = await sql.invitations_to(tx, organisation_id)
            found = await campaigns.campaigns_by_id(tx, [partner.campaign_id for partner in asked])
        return [(partner, found[partner.campaign_id]) for partner in asked]

    async def of(self, campaign_id: CampaignId) -> Sequence[Partner]:
        async with self._database.transaction() as tx:
            return await sql.partners_of(tx, campaign_id)

    async def answer(
        self, organisation_id: UUID, campaign_id: CampaignId, *, accepts: bool, by: UUID
    ) -> tuple[Partner, Campaign]:
        """Give the organisation's word, once and for this one campaign.

        Raises:
            CampaignNotFound: It was not asked.
            CampaignNotActive: It has said the opposite before.
        """
        said = ACCEPTED if accepts else REFUSED
        async with self._database.transaction() as tx:
            asked = {partner.organisation_id: partner for partner in await sql.partners_of(tx, campaign_id)}
            if organisation_id not in asked:
                raise CampaignNotFound(f"no campaign {campaign_id}", campaign=str(campaign_id))
            answered = await sql.answer(tx, campaign_id, organisation_id, said, by)
            if answered is None:
                before = asked[organisation_id].answer
                raise CampaignNotActive(
                    f"your organisation has {before} this campaign: its word stands", status=before or said
                )
            campaign = await campaigns.get_campaign(tx, campaign_id)
            told = {"campaign": str(campaign_id), "organisation": str(organisation_id)}
            await publish(tx, campaign.tenant_id, f"campaign.partner_{said}", told)
        return answered, campaign


def require_every_word(partners: Sequence[Partner]) -> None:
    """Raises CampaignNotActive while an organisation has not accepted; `waiting` names it."""
    refused = [str(partner.organisation_id) for partner in partners if partner.answer == REFUSED]
    if refused:
        raise CampaignNotActive(
            "an organisation that the campaign names has refused: draft it without that one",
            status="refused_by_partner",
            waiting=refused,
        )
    waiting = [str(partner.organisation_id) for partner in partners if partner.answer is None]
    if waiting:
        raise CampaignNotActive(
            "every organisation that the campaign names must accept it before the launch",
            status="awaiting_partners",
            waiting=waiting,
        )
