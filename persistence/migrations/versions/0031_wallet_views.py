"""Wallet views: what moved to and from accounts, and notes on it.

Revision ID: 0031
Revises: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "wallet_movement",
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("tx_hash", sa.Text, nullable=False),
        sa.Column("place", sa.BigInteger, nullable=False),
        sa.Column("incoming", sa.Boolean, nullable=False),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("counterparty", sa.Text),
        sa.Column("base_units", sa.Numeric(78, 0), nullable=False),
        sa.Column("height", sa.BigInteger, nullable=False),
        sa.Column("block_time", sa.BigInteger, nullable=False),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("fee", sa.Numeric(78, 0), nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint(
            "account", "tx_hash", "place", "incoming", "block_hash", name=op.f("pk_wallet_movement")
        ),
    )
    op.create_index("ix_wallet_movement_account_block_time", "wallet_movement", ["account", "block_time"])
    op.create_index("ix_wallet_movement_chain_height", "wallet_movement", ["chain", "height"])
    op.create_table(
        "movement_cursor",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("final_height", sa.BigInteger, nullable=False),
        sa.Column("final_hash", sa.LargeBinary),
        sa.Column("tip_height", sa.BigInteger, nullable=False),
        sa.Column("tip_hash", sa.LargeBinary),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_movement_cursor")),
    )
    op.create_table(
        "activity_note",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("entry_id", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("tenant_id", "entry_id", name=op.f("pk_activity_note")),
    )
    for name, field, condition in (
        ("moved_by", "sender", "kind = 'moved'"),
        ("paid_by", "holder", "kind = 'paid'"),
        ("gone", "holder", "observation % 2 = 1"),
    ):
        op.create_index(
            f"ix_ledger_entry_{name}",
            "ledger_entry",
            [sa.text(f"(fact ->> '{field}')")],
            postgresql_where=sa.text(condition),
        )


def downgrade() -> None:
    for name in ("gone", "paid_by", "moved_by"):
        op.drop_index(f"ix_ledger_entry_{name}", "ledger_entry")
    for table in ("activity_note", "movement_cursor", "wallet_movement"):
        op.drop_table(table)
