"""Documents, campaigns, the ledger with its voucher projection, orders and redemptions.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0006"
down_revision = "0005"

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("schema", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("stored_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("octet_length(hash) = 32", name=op.f("ck_document_hash_length")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_document")),
    )
    op.create_table(
        "ledger_cursor",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("final_height", sa.BigInteger, nullable=False),
        sa.Column("final_hash", sa.LargeBinary),
        sa.Column("included", sa.BigInteger, nullable=False),
        sa.Column("safe", sa.BigInteger, nullable=False),
        sa.Column("finalized", sa.BigInteger, nullable=False),
        sa.Column("halted", sa.Text),
        sa.Column("read_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("chain", name=op.f("pk_ledger_cursor")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("height", sa.BigInteger, nullable=False),
        sa.Column("transaction_index", sa.Integer, nullable=False),
        sa.Column("event_index", sa.BigInteger, nullable=False),
        sa.Column("block_hash", sa.LargeBinary, nullable=False),
        sa.Column("observation", sa.Integer, nullable=False),
        sa.Column("tx_hash", sa.Text, nullable=False),
        sa.Column("block_time", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text),
        sa.Column("voucher_id", sa.Text),
        sa.Column("order_hash", sa.LargeBinary),
        sa.Column("redemption_id", sa.LargeBinary),
        sa.Column("fact", JSONB, nullable=False),
        sa.Column("observed_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint(
            "chain",
            "height",
            "transaction_index",
            "event_index",
            "block_hash",
            "observation",
            name=op.f("pk_ledger_entry"),
        ),
    )
    op.create_index(op.f("ix_ledger_entry_campaign_id"), "ledger_entry", ["campaign_id"])
    op.create_index(op.f("ix_ledger_entry_order_hash"), "ledger_entry", ["order_hash"])
    op.create_index(op.f("ix_ledger_entry_redemption_id"), "ledger_entry", ["redemption_id"])
    op.create_index(op.f("ix_ledger_entry_tx_hash"), "ledger_entry", ["tx_hash"])
    op.create_index(op.f("ix_ledger_entry_voucher_id"), "ledger_entry", ["voucher_id"])
    op.create_table(
        "till_order",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("cart", JSONB, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("total_minor", sa.BigInteger, nullable=False),
        sa.Column("reference", sa.Text),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("failure", JSONB),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT),
        sa.Column("paid_at", _MOMENT),
        sa.CheckConstraint("(status = 'paid') = (paid_at IS NOT NULL)", name=op.f("ck_till_order_paid_at")),
        sa.CheckConstraint("status IN ('open', 'pending', 'paid', 'cancelled')", name=op.f("ck_till_order_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_till_order")),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_till_order_tenant_id_idempotency_key")),
    )
    op.create_index(op.f("ix_till_order_tenant_id_created_at"), "till_order", ["tenant_id", "created_at"])
    op.create_table(
        "voucher",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("moves", sa.Integer, nullable=False),
        sa.Column("issued_height", sa.BigInteger, nullable=False),
        sa.Column("issued_at", sa.BigInteger, nullable=False),
        sa.Column("last_height", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("merchant", sa.Text),
        sa.Column("redemption_id", sa.LargeBinary),
        sa.Column("order_hash", sa.LargeBinary),
        sa.Column("amount_minor", sa.BigInteger),
        sa.Column("payout", sa.Numeric(78, 0)),
        sa.Column("diverged", sa.Boolean, nullable=False),
        sa.CheckConstraint("(status = 'redeemed') = (redemption_id IS NOT NULL)", name=op.f("ck_voucher_redemption")),
        sa.CheckConstraint("status IN ('live', 'redeemed', 'void')", name=op.f("ck_voucher_status")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voucher")),
    )
    op.create_index(op.f("ix_voucher_campaign_id_status"), "voucher", ["campaign_id", "status"])
    op.create_index(op.f("ix_voucher_holder_status"), "voucher", ["holder", "status"])
    op.create_table(
        "campaign",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("rules_hash", sa.LargeBinary, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("status IN ('draft', 'launching', 'active', 'failed')", name=op.f("ck_campaign_status")),
        sa.ForeignKeyConstraint(["rules_hash"], ["document.hash"], name=op.f("fk_campaign_rules_hash")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_campaign_tenant_id_idempotency_key")),
    )
    op.create_index(op.f("ix_campaign_tenant_id_created_at"), "campaign", ["tenant_id", "created_at"])
    op.create_table(
        "order_quote",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("merchant", sa.Text, nullable=False),
        sa.Column("price", JSONB, nullable=False),
        sa.Column("redemption", JSONB, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("short_by", sa.Numeric(78, 0), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["till_order.id"], name=op.f("fk_order_quote_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_quote")),
    )
    op.create_index(op.f("ix_order_quote_order_id"), "order_quote", ["order_id"])
    op.create_table(
        "campaign_lane",
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("cap", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, server_default="0", nullable=False),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("next_number", sa.BigInteger, server_default="1", nullable=False),
        sa.Column("reserved", sa.BigInteger, server_default="0", nullable=False),
        sa.Column("issue_payment_id", sa.Uuid),
        sa.Column("failure", JSONB),
        sa.CheckConstraint(
            "status IN ('draft', 'launching', 'active', 'failed')", name=op.f("ck_campaign_lane_status")
        ),
        sa.CheckConstraint("0 <= reserved AND reserved <= cap", name=op.f("ck_campaign_lane_cap")),
        sa.CheckConstraint("next_number - 1 <= reserved", name=op.f("ck_campaign_lane_next_number")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_campaign_lane_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "chain", name=op.f("pk_campaign_lane")),
    )
    op.create_table(
        "order_attempt",
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("holder_tenant_id", sa.Uuid, nullable=False),
        sa.Column("quote_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("order_hash", sa.LargeBinary, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("failure", JSONB),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.Column("ended_at", _MOMENT),
        sa.CheckConstraint(
            "status IN ('requested', 'pending', 'final', 'failed')", name=op.f("ck_order_attempt_status")
        ),
        sa.ForeignKeyConstraint(["order_hash"], ["document.hash"], name=op.f("fk_order_attempt_order_hash")),
        sa.ForeignKeyConstraint(["order_id"], ["till_order.id"], name=op.f("fk_order_attempt_order_id")),
        sa.ForeignKeyConstraint(["quote_id"], ["order_quote.id"], name=op.f("fk_order_attempt_quote_id")),
        sa.PrimaryKeyConstraint("order_id", "number", name=op.f("pk_order_attempt")),
        sa.UniqueConstraint(
            "holder_tenant_id", "idempotency_key", name=op.f("uq_order_attempt_holder_tenant_id_idempotency_key")
        ),
        sa.UniqueConstraint("tenant_id", "order_hash", name=op.f("uq_order_attempt_tenant_id_order_hash")),
    )
    op.create_index(
        "uq_order_attempt_live",
        "order_attempt",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'failed'"),
    )
    op.create_table(
        "issuance",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("failure", JSONB),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.clock_timestamp(), nullable=False),
        sa.CheckConstraint("status IN ('requested', 'in_flight', 'done', 'failed')", name=op.f("ck_issuance_status")),
        sa.ForeignKeyConstraint(
            ["campaign_id", "chain"],
            ["campaign_lane.campaign_id", "campaign_lane.chain"],
            name=op.f("fk_issuance_campaign_id_chain"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuance")),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_issuance_tenant_id_idempotency_key")),
    )
    op.create_index(
        op.f("ix_issuance_campaign_id_chain_created_at"), "issuance", ["campaign_id", "chain", "created_at"]
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.LargeBinary, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("order_id", sa.Uuid, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("voucher_id", sa.Text, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("merchant", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("created_at", _MOMENT, server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint("status IN ('requested', 'pending', 'final', 'failed')", name=op.f("ck_redemption_status")),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_redemption_amount_minor")),
        sa.ForeignKeyConstraint(
            ["order_id", "attempt"],
            ["order_attempt.order_id", "order_attempt.number"],
            name=op.f("fk_redemption_order_id_attempt"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redemption")),
    )
    op.create_index(op.f("ix_redemption_order_id"), "redemption", ["order_id"])
    op.create_index(
        "uq_redemption_live", "redemption", ["voucher_id"], unique=True, postgresql_where=sa.text("status <> 'failed'")
    )
    op.create_table(
        "issuance_item",
        sa.Column("issuance_id", sa.Uuid, nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger),
        sa.Column("payment_id", sa.Uuid),
        sa.CheckConstraint(
            "status IN ('requested', 'in_flight', 'done', 'failed')", name=op.f("ck_issuance_item_status")
        ),
        sa.ForeignKeyConstraint(["issuance_id"], ["issuance.id"], name=op.f("fk_issuance_item_issuance_id")),
        sa.PrimaryKeyConstraint("issuance_id", "place", name=op.f("pk_issuance_item")),
    )
    op.create_index(op.f("ix_issuance_item_campaign_id_holder"), "issuance_item", ["campaign_id", "holder"])
    op.create_index(op.f("ix_issuance_item_payment_id"), "issuance_item", ["payment_id"])


def downgrade() -> None:
    op.drop_table("issuance_item")
    op.drop_table("redemption")
    op.drop_table("issuance")
    op.drop_table("order_attempt")
    op.drop_table("campaign_lane")
    op.drop_table("order_quote")
    op.drop_table("campaign")
    op.drop_table("voucher")
    op.drop_table("till_order")
    op.drop_table("ledger_entry")
    op.drop_table("ledger_cursor")
    op.drop_table("document")
