"""Claims, issuance and triggers.

Revision ID: 0022
Revises: 0021
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0022"
down_revision = "0021"

_STATUSES = "status IN ('draft', 'launching', 'active', 'failed')"
_MORE_STATUSES = "status IN ('draft', 'launching', 'active', 'paused', 'ended', 'failed')"
_NOW = sa.func.now()


def _time(name: str, *, nullable: bool = True) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _created() -> sa.Column[datetime]:
    return sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=_NOW)


def upgrade() -> None:
    for table in ("campaign", "campaign_lane"):
        op.drop_constraint(op.f(f"ck_{table}_status"), table)
        op.create_check_constraint(op.f(f"ck_{table}_status"), table, _MORE_STATUSES)
    op.add_column("campaign_lane", sa.Column("drop_root", sa.LargeBinary))
    op.add_column("campaign_lane", sa.Column("drop_count", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("issuance", sa.Column("origin", sa.Text))
    op.add_column("issuance_item", sa.Column("attempt", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "campaign_act",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("step", sa.Integer, nullable=False, server_default="0"),
        sa.Column("last", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("tx_hash", sa.Text),
        sa.Column("failure", JSONB),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        _created(),
        sa.CheckConstraint(
            "status IN ('requested', 'in_flight', 'done', 'failed')", name=op.f("ck_campaign_act_status")
        ),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_campaign_act_tenant_id_idempotency_key")),
    )
    op.create_index("ix_campaign_act_campaign_id_created_at", "campaign_act", ["campaign_id", "created_at"])
    op.create_table(
        "campaign_partner",
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaign.id"), primary_key=True),
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("share_bp", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text),
        sa.Column("answered_by", sa.Uuid),
        _time("answered_at"),
        _created(),
        sa.CheckConstraint("answer IN ('accepted', 'refused')", name=op.f("ck_campaign_partner_answer")),
        sa.CheckConstraint("share_bp BETWEEN 0 AND 10000", name=op.f("ck_campaign_partner_share_bp")),
    )
    op.create_index("ix_campaign_partner_tenant_id", "campaign_partner", ["tenant_id"])
    op.create_table(
        "campaign_drop",
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaign.id"), primary_key=True),
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("holder_bytes", sa.Integer, nullable=False),
        sa.Column("root", sa.LargeBinary),
        sa.Column("leaves_hash", sa.LargeBinary, sa.ForeignKey("document.hash")),
        sa.Column("upper", sa.LargeBinary),
        sa.Column("holders_index", sa.LargeBinary),
        sa.Column("act_id", sa.Uuid),
        sa.Column("created_by", sa.Uuid, nullable=False),
        _created(),
        sa.CheckConstraint(
            "status IN ('open', 'committing', 'committed', 'failed')", name=op.f("ck_campaign_drop_status")
        ),
        sa.CheckConstraint(
            "status = 'open' OR (root IS NOT NULL AND leaves_hash IS NOT NULL)", name=op.f("ck_campaign_drop_root")
        ),
    )
    op.create_table(
        "campaign_drop_part",
        sa.Column("campaign_id", sa.Text, primary_key=True),
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("first", sa.BigInteger, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("holders", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id", "chain", "number"],
            ["campaign_drop.campaign_id", "campaign_drop.chain", "campaign_drop.number"],
        ),
    )
    op.create_table(
        "claim_link",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("locator", sa.LargeBinary, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("uses", sa.BigInteger),
        sa.Column("used", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("per_identity", sa.Integer),
        _time("closes_at"),
        _time("revoked_at"),
        sa.Column("trigger_id", sa.Uuid),
        sa.Column("person_id", sa.Uuid),
        sa.Column("note", sa.Text),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("request_hash", sa.LargeBinary),
        sa.Column("created_by", sa.Uuid, nullable=False),
        _created(),
        sa.UniqueConstraint("locator", name=op.f("uq_claim_link_locator")),
        sa.CheckConstraint("purpose IN ('claim', 'visit', 'referral')", name=op.f("ck_claim_link_purpose")),
        sa.CheckConstraint("used >= 0 AND (uses IS NULL OR used <= uses)", name=op.f("ck_claim_link_used")),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name=op.f("ck_claim_link_secret_hash")),
    )
    op.create_index("ix_claim_link_campaign_id_created_at", "claim_link", ["campaign_id", "created_at"])
    op.create_index("ix_claim_link_tenant_id_idempotency_key", "claim_link", ["tenant_id", "idempotency_key"])
    op.create_table(
        "claim",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("link_id", sa.Uuid, sa.ForeignKey("claim_link.id")),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("device", sa.LargeBinary),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("issuance_id", sa.Uuid),
        sa.Column("payment_id", sa.Uuid),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
        sa.Column("serial", sa.Text),
        sa.Column("valid_before", sa.BigInteger),
        sa.Column("signature", sa.LargeBinary),
        sa.Column("failure", JSONB),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        _created(),
        _time("ended_at"),
        sa.CheckConstraint("status IN ('requested', 'issued', 'failed')", name=op.f("ck_claim_status")),
        sa.CheckConstraint("source IN ('link', 'welcome', 'drop', 'ticket')", name=op.f("ck_claim_source")),
        sa.UniqueConstraint("person_id", "idempotency_key", name=op.f("uq_claim_person_id_idempotency_key")),
        sa.UniqueConstraint("issuance_id", name=op.f("uq_claim_issuance_id")),
    )
    op.create_index("ix_claim_person_id_created_at", "claim", ["person_id", "created_at"])
    op.create_index("ix_claim_campaign_id_account", "claim", ["campaign_id", "account"])
    op.create_index("ix_claim_campaign_id_person_id", "claim", ["campaign_id", "person_id"])
    op.create_index(
        "ix_claim_campaign_id_device",
        "claim",
        ["campaign_id", "device"],
        postgresql_where=sa.text("device IS NOT NULL"),
    )
    op.create_index(
        "uq_claim_serial",
        "claim",
        ["campaign_id", "chain", "serial"],
        unique=True,
        postgresql_where=sa.text("serial IS NOT NULL"),
    )
    op.create_table(
        "claim_failure",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("subject", sa.LargeBinary, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        _time("last_at", nullable=False),
    )
    op.create_table(
        "campaign_trigger",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("campaign_id", sa.Text, sa.ForeignKey("campaign.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("rule", JSONB, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False),
        sa.Column("request_hash", sa.LargeBinary, nullable=False),
        _time("ended_at"),
        _created(),
        sa.CheckConstraint(
            "kind IN ('welcome', 'first_payment', 'loyalty', 'spend', 'date', 'visit', 'referral', 'cashback')",
            name=op.f("ck_campaign_trigger_kind"),
        ),
        sa.UniqueConstraint("tenant_id", "idempotency_key", name=op.f("uq_campaign_trigger_tenant_id_idempotency_key")),
    )
    op.create_index("ix_campaign_trigger_tenant_id_kind", "campaign_trigger", ["tenant_id", "kind"])
    op.create_table(
        "trigger_grant",
        sa.Column("trigger_id", sa.Uuid, sa.ForeignKey("campaign_trigger.id"), primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("issuance_id", sa.Uuid),
        sa.Column("refusal", JSONB),
        sa.Column("waits_for", sa.Text),
        _created(),
        sa.UniqueConstraint("issuance_id", name=op.f("uq_trigger_grant_issuance_id")),
    )
    op.create_index(
        "ix_trigger_grant_waits_for",
        "trigger_grant",
        ["tenant_id", "waits_for"],
        postgresql_where=sa.text("waits_for IS NOT NULL"),
    )


def downgrade() -> None:
    for table in (
        "trigger_grant",
        "campaign_trigger",
        "claim_failure",
        "claim",
        "claim_link",
        "campaign_drop_part",
        "campaign_drop",
        "campaign_partner",
        "campaign_act",
    ):
        op.drop_table(table)
    op.drop_column("issuance_item", "attempt")
    op.drop_column("issuance", "origin")
    op.drop_column("campaign_lane", "drop_count")
    op.drop_column("campaign_lane", "drop_root")
    for table in ("campaign", "campaign_lane"):
        op.execute(f"UPDATE {table} SET status = 'active' WHERE status IN ('paused', 'ended')")  # noqa: S608
        op.drop_constraint(op.f(f"ck_{table}_status"), table)
        op.create_check_constraint(op.f(f"ck_{table}_status"), table, _STATUSES)
