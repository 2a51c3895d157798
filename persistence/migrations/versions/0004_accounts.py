"""Tables of accounts.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "wallet_account",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("wallet_id", sa.Uuid, nullable=False),
        sa.Column("key_id", sa.Uuid, sa.ForeignKey("keystore_key.id"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint("tenant_id", "chain", "address", name="uq_wallet_account_tenant_id_chain_address"),
    )
    op.create_index("ix_wallet_account_chain_address", "wallet_account", ["chain", "address"])


def downgrade() -> None:
    op.drop_table("wallet_account")
