"""Gifts and points.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "gift",
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("unit_price_minor", sa.BigInteger, nullable=False),
        sa.Column("category", sa.Text),
        sa.Column("stock", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("reserved", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("programme", sa.Text),
        sa.Column("points_price", sa.BigInteger),
        sa.Column("offered", sa.Boolean, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("(programme IS NULL) = (points_price IS NULL)", name=op.f("ck_gift_points_price")),
        sa.CheckConstraint("reserved >= 0 AND reserved <= stock", name=op.f("ck_gift_stock")),
        sa.CheckConstraint("unit_price_minor >= 0", name=op.f("ck_gift_unit_price_minor")),
        sa.PrimaryKeyConstraint("tenant_id", "sku", name=op.f("pk_gift")),
    )
    op.create_table(
        "gift_movement",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_hash", sa.LargeBinary),
        sa.Column("created_by", sa.Uuid),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("reason IN ('stocked', 'given', 'returned')", name=op.f("ck_gift_movement_reason")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku"], ["gift.tenant_id", "gift.sku"], name=op.f("fk_gift_movement_tenant_id_sku")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_movement")),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_gift_movement_tenant_id_idempotency_key")),
    )
    op.create_index(op.f("ix_gift_movement_tenant_id_sku"), "gift_movement", ["tenant_id", "sku"])
    op.create_table(
        "gift_reservation",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("state IN ('held', 'given', 'released')", name=op.f("ck_gift_reservation_state")),
        sa.CheckConstraint("units > 0", name=op.f("ck_gift_reservation_units")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku"], ["gift.tenant_id", "gift.sku"], name=op.f("fk_gift_reservation_tenant_id_sku")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_reservation")),
        sa.UniqueConstraint("order_id", "attempt", "sku", name=op.f("uq_gift_reservation_order_id_attempt_sku")),
    )
    op.create_index(
        "ix_gift_reservation_held", "gift_reservation", ["tenant_id", "sku"], postgresql_where=sa.text("state = 'held'")
    )
    op.create_table(
        "gift_delivery",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("sku", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("returned", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_hash", sa.LargeBinary),
        sa.Column("delivery", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("shipping", sa.LargeBinary),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(
            "status IN ('backordered', 'due', 'shipped', 'delivered', 'returned')", name=op.f("ck_gift_delivery_status")
        ),
        sa.CheckConstraint("returned >= 0 AND returned <= units", name=op.f("ck_gift_delivery_returned")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "sku"], ["gift.tenant_id", "gift.sku"], name=op.f("fk_gift_delivery_tenant_id_sku")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gift_delivery")),
        sa.UniqueConstraint("holder_id", "idempotency_key", name=op.f("uq_gift_delivery_holder_id_idempotency_key")),
        sa.UniqueConstraint("order_id", "sku", name=op.f("uq_gift_delivery_order_id_sku")),
    )
    op.create_index(op.f("ix_gift_delivery_holder_id_created_at"), "gift_delivery", ["holder_id", "created_at"])
    op.create_index(op.f("ix_gift_delivery_tenant_id_created_at"), "gift_delivery", ["tenant_id", "created_at"])
    op.create_table(
        "points_programme",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("rules_hash", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("cap", sa.BigInteger, nullable=False),
        sa.Column("earned", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("status IN ('open', 'closed')", name=op.f("ck_points_programme_status")),
        sa.CheckConstraint("earned >= 0 AND earned <= cap", name=op.f("ck_points_programme_earned")),
        sa.ForeignKeyConstraint(["rules_hash"], ["document.hash"], name=op.f("fk_points_programme_rules_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_programme")),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_points_programme_tenant_id_idempotency_key")),
    )
    op.create_table(
        "points_account",
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("available", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("debt", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("entries", sa.Integer, server_default="0", nullable=False),
        sa.Column("head", sa.LargeBinary, nullable=False),
        sa.CheckConstraint("available = 0 OR debt = 0", name=op.f("ck_points_account_debt_first")),
        sa.CheckConstraint("available >= 0 AND held >= 0 AND debt >= 0", name=op.f("ck_points_account_amounts")),
        sa.ForeignKeyConstraint(["programme"], ["points_programme.id"], name=op.f("fk_points_account_programme")),
        sa.PrimaryKeyConstraint("programme", "holder_id", name=op.f("pk_points_account")),
    )
    op.create_index(op.f("ix_points_account_holder_id"), "points_account", ["holder_id"])
    op.create_table(
        "points_lot",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("left", sa.BigInteger, nullable=False),
        sa.CheckConstraint('"left" >= 0 AND "left" <= points', name=op.f("ck_points_lot_left")),
        sa.ForeignKeyConstraint(
            ["programme", "holder_id"],
            ["points_account.programme", "points_account.holder_id"],
            name=op.f("fk_points_lot_programme_holder_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_lot")),
    )
    op.create_index(
        op.f("ix_points_lot_programme_holder_id_expires_at"), "points_lot", ["programme", "holder_id", "expires_at"]
    )
    op.create_table(
        "points_hold",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("spent_at", sa.BigInteger),
        sa.Column("returned", sa.BigInteger, server_default="0", nullable=False),
        sa.CheckConstraint("state IN ('held', 'spent', 'released')", name=op.f("ck_points_hold_state")),
        sa.CheckConstraint("points > 0 AND returned >= 0 AND returned <= points", name=op.f("ck_points_hold_points")),
        sa.ForeignKeyConstraint(
            ["programme", "holder_id"],
            ["points_account.programme", "points_account.holder_id"],
            name=op.f("fk_points_hold_programme_holder_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_points_hold")),
        sa.UniqueConstraint("order_id", "attempt", "programme", name=op.f("uq_points_hold_order_id_attempt_programme")),
    )
    op.create_index(
        "ix_points_hold_held", "points_hold", ["programme", "holder_id"], postgresql_where=sa.text("state = 'held'")
    )
    op.create_table(
        "points_hold_lot",
        sa.Column("hold_id", sa.Uuid, nullable=False),
        sa.Column("lot_id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_points_hold_lot_points")),
        sa.ForeignKeyConstraint(["hold_id"], ["points_hold.id"], name=op.f("fk_points_hold_lot_hold_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["points_lot.id"], name=op.f("fk_points_hold_lot_lot_id")),
        sa.PrimaryKeyConstraint("hold_id", "lot_id", name=op.f("pk_points_hold_lot")),
    )
    op.create_table(
        "points_earning",
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("paid_minor", sa.BigInteger, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.Column("taken_back", sa.BigInteger, server_default="0", nullable=False),
        sa.CheckConstraint("taken_back >= 0 AND taken_back <= points", name=op.f("ck_points_earning_taken_back")),
        sa.ForeignKeyConstraint(["programme"], ["points_programme.id"], name=op.f("fk_points_earning_programme")),
        sa.PrimaryKeyConstraint("order_id", "programme", name=op.f("pk_points_earning")),
    )
    op.create_table(
        "points_entry",
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme", "holder_id"],
            ["points_account.programme", "points_account.holder_id"],
            name=op.f("fk_points_entry_programme_holder_id"),
        ),
        sa.PrimaryKeyConstraint("programme", "holder_id", "number", name=op.f("pk_points_entry")),
    )
    op.create_table(
        "points_posting",
        sa.Column("programme", sa.Text, nullable=False),
        sa.Column("holder_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("points", sa.BigInteger, nullable=False),
        sa.CheckConstraint("points <> 0", name=op.f("ck_points_posting_points")),
        sa.ForeignKeyConstraint(
            ["programme", "holder_id", "number"],
            ["points_entry.programme", "points_entry.holder_id", "points_entry.number"],
            name=op.f("fk_points_posting_programme_holder_id_number"),
        ),
        sa.PrimaryKeyConstraint("programme", "holder_id", "number", "side", name=op.f("pk_points_posting")),
    )


def downgrade() -> None:
    for table in (
        "points_posting",
        "points_entry",
        "points_earning",
        "points_hold_lot",
        "points_hold",
        "points_lot",
        "points_account",
        "points_programme",
        "gift_delivery",
        "gift_reservation",
        "gift_movement",
        "gift",
    ):
        op.drop_table(table)
