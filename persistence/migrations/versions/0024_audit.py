"""Reconciliation, alarms and auditors' grants.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    # Bundles of version 1: made again as version 2 when they are asked for.
    op.execute("DELETE FROM proof_bundle")
    op.create_table(
        "audit_reconciliation",
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("height", sa.BigInteger, nullable=False),
        sa.Column("agrees", sa.Boolean, nullable=False),
        sa.Column("figures", JSONB, nullable=False),
        sa.Column("at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("campaign_id", "chain", name=op.f("pk_audit_reconciliation")),
    )
    op.create_table(
        "audit_divergence",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("fault", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("height", sa.BigInteger, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
        sa.Column("found", sa.Text, nullable=False),
        sa.Column("found_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("cleared_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_divergence")),
    )
    op.create_index("ix_audit_divergence_campaign_id", "audit_divergence", ["campaign_id", "chain"])
    op.create_index(
        "uq_audit_divergence_open",
        "audit_divergence",
        ["campaign_id", "chain", "fault", "subject"],
        unique=True,
        postgresql_where=sa.text("cleared_at IS NULL"),
    )
    op.create_table(
        "audit_grant",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("campaigns", JSONB, nullable=False),
        sa.Column("facts_since", sa.BigInteger, nullable=False),
        sa.Column("facts_until", sa.BigInteger, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT),
        sa.CheckConstraint("octet_length(token_hash) = 32", name=op.f("ck_audit_grant_token_hash")),
        sa.CheckConstraint("facts_since < facts_until", name=op.f("ck_audit_grant_window")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_grant")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_audit_grant_token_hash")),
    )
    op.create_index(op.f("ix_audit_grant_created_by"), "audit_grant", ["created_by"])


def downgrade() -> None:
    op.drop_table("audit_grant")
    op.drop_table("audit_divergence")
    op.drop_table("audit_reconciliation")
