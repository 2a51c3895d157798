"""Wallet views: movements, notes, address books, budgets; stores and catalogues of organisations.

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
    op.create_table(
        "address_book",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_book")),
        sa.UniqueConstraint("tenant_id", "chain", "address", name=op.f("uq_address_book_tenant_id_chain_address")),
    )
    op.create_table(
        "spending_budget",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("month_minor", sa.BigInteger, nullable=False),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("told_month", sa.Text),
        sa.Column("told_level", sa.Integer, nullable=False, server_default="0"),
        sa.CheckConstraint("month_minor > 0", name=op.f("ck_spending_budget_month_minor")),
        sa.PrimaryKeyConstraint("tenant_id", "currency", "category", name=op.f("pk_spending_budget")),
    )
    op.create_table(
        "store",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("zone", sa.Text, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("tenant_id", "code", name=op.f("pk_store")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["organisation.id"], name=op.f("fk_store_tenant_id_organisation"), ondelete="CASCADE"
        ),
    )
    op.create_table(
        "catalogue_item",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger, nullable=False),
        sa.Column("sold", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("unit_price_minor >= 0", name=op.f("ck_catalogue_item_unit_price_minor")),
        sa.PrimaryKeyConstraint("tenant_id", "sku", name=op.f("pk_catalogue_item")),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["organisation.id"],
            name=op.f("fk_catalogue_item_tenant_id_organisation"),
            ondelete="CASCADE",
        ),
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
    for table in (
        "catalogue_item",
        "store",
        "spending_budget",
        "address_book",
        "activity_note",
        "movement_cursor",
        "wallet_movement",
    ):
        op.drop_table(table)
