"""Product policy: versions of rules, decisions, approvals, and since when recipients are known.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0029"
down_revision = "0028"

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "policy_version",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("loosens", JSONB, nullable=False),
        sa.Column("created_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _moment, nullable=False, server_default=sa.func.now()),
        sa.Column("effective_at", _moment, nullable=False),
        sa.Column("approved_by", sa.Uuid),
        sa.Column("withdrawn_at", _moment),
    )
    op.create_index("ix_policy_version_tenant_id_created_at", "policy_version", ["tenant_id", "created_at"])
    op.create_table(
        "policy_decision",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("payment_id", sa.Uuid, sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("leaving", JSONB, nullable=False),
        sa.Column("reasons", JSONB, nullable=False),
        sa.Column("policy_id", sa.Uuid, sa.ForeignKey("policy_version.id")),
        sa.Column("risk", sa.Integer),
        sa.Column("decided_at", _moment, nullable=False, server_default=sa.func.now()),
        sa.CheckConstraint("outcome IN ('allow', 'second_factor', 'approval', 'deny')", name="outcome"),
    )
    op.create_index("ix_policy_decision_tenant_id_decided_at_id", "policy_decision", ["tenant_id", "decided_at", "id"])
    op.create_table(
        "approval_request",
        sa.Column("payment_id", sa.Uuid, sa.ForeignKey("payment.id"), primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("payload_hash", sa.LargeBinary, nullable=False),
        sa.Column("needs", JSONB, nullable=False),
        sa.Column("created_at", _moment, nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", _moment, nullable=False),
    )
    op.create_table(
        "approval_word",
        sa.Column("payment_id", sa.Uuid, sa.ForeignKey("payment.id"), nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("payload_hash", sa.LargeBinary, nullable=False),
        sa.Column("at", _moment, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("payment_id", "person_id", "kind", name="pk_approval_word"),
        sa.CheckConstraint("kind IN ('approval', 'second_factor')", name="kind"),
    )
    op.create_table(
        "policy_recipient",
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("recipient", sa.Text, primary_key=True),
        sa.Column("known_since", _moment, nullable=False, server_default=sa.func.now()),
    )


def downgrade() -> None:
    for table in ("policy_recipient", "approval_word", "approval_request", "policy_decision", "policy_version"):
        op.drop_table(table)
