"""Swaps and wrapped coins.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "swap",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("sell_asset", sa.Text, nullable=False),
        sa.Column("terms", JSONB, nullable=False),
        sa.Column("signs", sa.Text, nullable=False),
        sa.Column("received", sa.Numeric(78, 0)),
        sa.Column("failure", JSONB),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name="uq_swap_idempotency_key"),
    )
    op.create_index("ix_swap_open", "swap", ["account", "sell_asset"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_table(
        "swap_step",
        sa.Column("swap_id", sa.Uuid, sa.ForeignKey("swap.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("intent", JSONB, nullable=False),
        sa.Column("gas_limit", sa.BigInteger),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("tx_hash", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("failure", JSONB),
    )
    # What a payment that a dApp asked for was shown to change: compared with when the person accepts.
    op.add_column("dapp_request", sa.Column("changes", JSONB))


def downgrade() -> None:
    op.drop_column("dapp_request", "changes")
    op.drop_table("swap_step")
    op.drop_index("ix_swap_open", "swap")
    op.drop_table("swap")
