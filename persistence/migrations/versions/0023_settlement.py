"""Locks at the till, presentments, recorded tender, books, refunds, debts, disputes and notices of expiry.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"

_MOMENT = sa.DateTime(timezone=True)
_UNITS = sa.Numeric(78, 0)
_JSON = postgresql.JSONB
_LIVE = "status <> 'failed' AND (status <> 'final' OR NOT spends)"


def upgrade() -> None:
    op.add_column("till_order", sa.Column("remainder_by", sa.Text, nullable=False, server_default="onchain"))
    op.add_column("till_order", sa.Column("locked_by", sa.Uuid))
    op.add_column("till_order", sa.Column("locked_until", _MOMENT))
    op.create_check_constraint("remainder_by", "till_order", "remainder_by IN ('onchain', 'recorded')")
    op.add_column("redemption", sa.Column("spends", sa.Boolean, nullable=False, server_default=sa.false()))
    op.drop_index("uq_redemption_live", "redemption")
    op.create_index("uq_redemption_live", "redemption", ["voucher_id"], unique=True, postgresql_where=sa.text(_LIVE))
    op.create_table(
        "voucher_hold",
        sa.Column("voucher_id", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
    )
    op.create_index("ix_voucher_hold_order_id", "voucher_hold", ["order_id"])
    op.create_table(
        "presentment",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("merchant_id", sa.Uuid),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("till_order.id")),
        sa.Column("used_at", _MOMENT),
        sa.UniqueConstraint("secret_hash"),
    )
    op.create_table(
        "recorded_tender",
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("till_order.id"), primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("entered_by", sa.Uuid, nullable=False),
        sa.Column("entered_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("method IN ('cash', 'card_terminal', 'other')", name="method"),
        sa.CheckConstraint("amount_minor >= 0", name="amount_minor"),
    )
    op.create_table(
        "book_entry",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("height", sa.BigInteger, primary_key=True),
        sa.Column("transaction_index", sa.Integer, primary_key=True),
        sa.Column("event_index", sa.BigInteger, primary_key=True),
        sa.Column("block_hash", sa.LargeBinary, primary_key=True),
        sa.Column("observation", sa.Integer, primary_key=True),
        sa.Column("leg", sa.Integer, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("base_units", _UNITS, nullable=False),
        sa.Column("order_hash", sa.LargeBinary),
        sa.Column("redemption_id", sa.LargeBinary),
        sa.Column("tx_hash", sa.Text, nullable=False),
        sa.Column("block_time", sa.BigInteger, nullable=False),
        sa.Column("posted_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("ix_book_entry_campaign_id", "book_entry", ["campaign_id", "account"])
    op.create_index("ix_book_entry_party", "book_entry", ["party", "account", "block_time"])
    op.create_table(
        "book_cursor",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("final_height", sa.BigInteger, nullable=False),
        sa.Column("final_hash", sa.LargeBinary),
    )
    op.create_table(
        "refund",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("holder_tenant_id", sa.Uuid),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("till_order.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("returned", _JSON, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("detail", _JSON, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("ended_at", _MOMENT),
        sa.CheckConstraint("kind IN ('full', 'partial', 'chargeback')", name="kind"),
        sa.CheckConstraint("status IN ('pending', 'owing', 'done')", name="status"),
        sa.CheckConstraint("amount_minor >= 0", name="amount_minor"),
        sa.UniqueConstraint("order_id", "number"),
        sa.UniqueConstraint("tenant_id", "idempotency_key"),
    )
    op.create_table(
        "refund_step",
        sa.Column("refund_id", sa.Uuid, sa.ForeignKey("refund.id"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("redemption_id", sa.LargeBinary),
        sa.Column("voucher_id", sa.Text),
        sa.Column("base_units", _UNITS, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("reissued_id", sa.Text),
        sa.Column("failure", _JSON),
        sa.CheckConstraint("kind IN ('reverse', 'return_payout', 'money', 'recorded')", name="kind"),
        sa.CheckConstraint("status IN ('waiting', 'in_flight', 'owing', 'done')", name="status"),
    )
    op.create_index("ix_refund_step_redemption_id", "refund_step", ["redemption_id"])
    op.create_table(
        "merchant_debt",
        sa.Column("refund_id", sa.Uuid, primary_key=True),
        sa.Column("step", sa.Integer, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("base_units", _UNITS, nullable=False),
        sa.Column("failure", _JSON),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("settled_at", _MOMENT),
        sa.ForeignKeyConstraint(["refund_id", "step"], ["refund_step.refund_id", "refund_step.number"]),
    )
    op.create_index("ix_merchant_debt_tenant_id", "merchant_debt", ["tenant_id"])
    op.create_table(
        "dispute",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("holder_tenant_id", sa.Uuid, nullable=False),
        sa.Column("redemption_id", sa.LargeBinary, nullable=False),
        sa.Column("order_id", sa.Uuid, sa.ForeignKey("till_order.id"), nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("refund_id", sa.Uuid, sa.ForeignKey("refund.id")),
        sa.Column("opened_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("ended_at", _MOMENT),
        sa.CheckConstraint("status IN ('open', 'refunded', 'refused')", name="status"),
        sa.UniqueConstraint("redemption_id"),
    )
    op.create_index("ix_dispute_tenant_id", "dispute", ["tenant_id", "opened_at"])
    op.create_table(
        "expiry_notice",
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("stage", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("vouchers", sa.Integer, nullable=False),
        sa.Column("told_at", _MOMENT, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    for table in (
        "expiry_notice",
        "dispute",
        "merchant_debt",
        "refund_step",
        "refund",
        "book_cursor",
        "book_entry",
        "recorded_tender",
        "presentment",
        "voucher_hold",
    ):
        op.drop_table(table)
    op.drop_index("uq_redemption_live", "redemption")
    op.drop_column("redemption", "spends")
    op.create_index(
        "uq_redemption_live", "redemption", ["voucher_id"], unique=True, postgresql_where=sa.text("status <> 'failed'")
    )
    op.drop_constraint(op.f("ck_till_order_remainder_by"), "till_order")
    for column in ("locked_until", "locked_by", "remainder_by"):
        op.drop_column("till_order", column)
