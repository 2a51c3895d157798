"""Payments, their attempts, and one lane per (chain, account).

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)
_UNITS = sa.Numeric(78, 0)


def upgrade() -> None:
    op.create_table(
        "payment_lane",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("next_nonce", sa.BigInteger),
        sa.PrimaryKeyConstraint("chain", "account", name="pk_payment_lane"),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("payload_hash", sa.LargeBinary, nullable=False),
        sa.Column("intent", JSONB, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("signs", sa.Text, nullable=False),
        sa.Column("on_end", sa.Text),
        sa.Column("reference", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("needs_holder", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("fee_blocked", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("failure", JSONB),
        sa.Column("retry_of", sa.Uuid),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("fee_symbol", sa.Text, nullable=False),
        sa.Column("fee_decimals", sa.Integer, nullable=False),
        sa.Column("fee_limit", _UNITS),
        sa.Column("reserved_native", _UNITS, nullable=False, server_default="0"),
        sa.Column("reserved_asset", sa.Text),
        sa.Column("reserved_amount", _UNITS, nullable=False, server_default="0"),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("updated_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("ended_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_payment"),
        sa.ForeignKeyConstraint(["retry_of"], ["payment.id"], name="fk_payment_retry_of"),
        sa.CheckConstraint(
            "status IN ('requested', 'awaiting_approval', 'awaiting_signature', 'in_flight', "
            "'done', 'failed', 'cancelled')",
            name=op.f("ck_payment_status"),
        ),
        sa.CheckConstraint("signs IN ('service', 'person')", name=op.f("ck_payment_signs")),
    )
    op.create_index("uq_payment_tenant_id_idempotency_key", "payment", ["tenant_id", "idempotency_key"], unique=True)
    op.create_index("uq_payment_chain_sender_nonce", "payment", ["chain", "sender", "nonce"], unique=True)
    op.create_index("ix_payment_tenant_id_created_at_id", "payment", ["tenant_id", "created_at", "id"])
    op.create_index(
        "ix_payment_in_flight",
        "payment",
        ["chain", "sender"],
        postgresql_where=sa.text("status = 'in_flight'"),
    )
    op.create_table(
        "payment_attempt",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("tx_hash", sa.Text, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("last_valid_height", sa.BigInteger),
        sa.Column("broadcasts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last_error", sa.Text),
        sa.Column("height", sa.BigInteger),
        sa.Column("tx_index", sa.Integer),
        sa.Column("block_hash", sa.LargeBinary),
        sa.Column("block_time", sa.BigInteger),
        sa.Column("ok", sa.Boolean),
        sa.Column("reason", sa.Text),
        sa.Column("finality", sa.Integer),
        sa.Column("fee_paid", _UNITS),
        sa.Column("signed_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("sent_at", _MOMENT),
        sa.Column("updated_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="pk_payment_attempt"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_payment_attempt_payment_id"),
        sa.CheckConstraint(
            "status IN ('signed', 'sent', 'included', 'final', 'dead')", name=op.f("ck_payment_attempt_status")
        ),
    )
    op.create_index("uq_payment_attempt_payment_id_number", "payment_attempt", ["payment_id", "number"], unique=True)
    op.create_index("uq_payment_attempt_chain_tx_hash", "payment_attempt", ["chain", "tx_hash"], unique=True)


def downgrade() -> None:
    op.drop_table("payment_attempt")
    op.drop_table("payment")
    op.drop_table("payment_lane")
