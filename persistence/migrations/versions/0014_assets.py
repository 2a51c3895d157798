"""Tokens, approvals and counterparties found in final blocks, by account.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

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


def downgrade() -> None:
    for table in ("paid_address", "given_approval", "seen_asset", "asset_scan"):
        op.drop_table(table)
