"""Tokens, approvals and counterparties found in final blocks, by account; what dApps ask for.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "asset_scan",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("height", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_asset_scan")),
    )
    op.create_table(
        "seen_asset",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sent", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("account", "asset", name=op.f("pk_seen_asset")),
    )
    op.create_table(
        "given_approval",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("token", sa.LargeBinary, nullable=False),
        sa.Column("spender", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account", "kind", "token", "spender", name=op.f("pk_given_approval")),
    )
    op.create_table(
        "paid_address",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("recipient", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("account", "recipient", name=op.f("pk_paid_address")),
    )
    op.create_table(
        "dapp_request",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload", postgresql.JSONB, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("word", sa.Text, nullable=False),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dapp_request")),
    )
    op.create_index("ix_dapp_request_tenant_id", "dapp_request", ["tenant_id", "created_at"])
    op.create_index(
        "uq_dapp_request_waiting",
        "dapp_request",
        ["tenant_id", "digest"],
        unique=True,
        postgresql_where=sa.text("word = 'pending'"),
    )
    op.create_table(
        "dapp_chain",
        sa.Column("session_id", sa.Uuid, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_dapp_chain")),
    )


def downgrade() -> None:
    for table in ("dapp_chain", "dapp_request", "paid_address", "given_approval", "seen_asset", "asset_scan"):
        op.drop_table(table)
