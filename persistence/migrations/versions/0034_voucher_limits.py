"""What quotes look at: redemptions of a campaign by holder and by merchant, and drops that are not over. Everybody who
has an account is reminded of its vouchers.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"

_FROM_THE_RULES = """
    UPDATE campaign_drop
    SET claim_until = coalesce(rules #>> '{window,claim_until}', rules #>> '{window,valid_until}')::bigint
    FROM (
        SELECT campaign.id, convert_from(document.body, 'UTF8')::jsonb AS rules
        FROM campaign JOIN document ON document.hash = campaign.rules_hash
    ) AS fixed WHERE fixed.id = campaign_drop.campaign_id
"""


def upgrade() -> None:
    """Of drops that are there already, the rule document says it."""
    op.add_column("campaign_drop", sa.Column("claim_until", sa.BigInteger()))
    op.execute(_FROM_THE_RULES)
    op.alter_column("campaign_drop", "claim_until", nullable=False)
    op.create_index(
        "ix_campaign_drop_claimable",
        "campaign_drop",
        ["chain", "claim_until"],
        postgresql_where=sa.text("status = 'committed'"),
    )
    op.drop_constraint("pk_expiry_notice", "expiry_notice")
    op.create_primary_key("pk_expiry_notice", "expiry_notice", ["campaign_id", "stage", "holder", "tenant_id"])
    op.create_index("ix_redemption_campaign_id_holder", "redemption", ["campaign_id", "holder"])
    op.create_index(
        "ix_redemption_campaign_id_tenant_id_created_at", "redemption", ["campaign_id", "tenant_id", "created_at"]
    )


def downgrade() -> None:
    """As before."""
    op.drop_constraint("pk_expiry_notice", "expiry_notice")
    op.create_primary_key("pk_expiry_notice", "expiry_notice", ["campaign_id", "stage", "holder"])
    op.drop_index("ix_redemption_campaign_id_tenant_id_created_at", "redemption")
    op.drop_index("ix_redemption_campaign_id_holder", "redemption")
    op.drop_index("ix_campaign_drop_claimable", "campaign_drop")
    op.drop_column("campaign_drop", "claim_until")
