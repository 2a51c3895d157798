"""Events handed on, webhooks, notifications, and cases.

Revision ID: 0032
Revises: 0031
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0032"
down_revision = "0031"

_moment = sa.DateTime(timezone=True)


def _of_person(*, primary_key: bool = False) -> sa.Column[UUID]:
    key = sa.ForeignKey("person.id", ondelete="CASCADE")
    return sa.Column("tenant_id", sa.Uuid, key, nullable=False, primary_key=primary_key)


def _of_organisation(name: str, *, nullable: bool = False, primary_key: bool = False) -> sa.Column[UUID]:
    key = sa.ForeignKey("organisation.id", ondelete="CASCADE")
    return sa.Column(name, sa.Uuid, key, nullable=nullable, primary_key=primary_key)


def _feed() -> None:
    op.create_index("ix_event_written_by", "event", ["written_by", "id"])
    op.create_table(
        "event_place",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("written_by", sa.BigInteger, nullable=False),
        sa.Column("row", sa.BigInteger, nullable=False),
        sa.Column("behind_row", sa.BigInteger, nullable=False),
        sa.CheckConstraint("id = 1", name="one"),
    )


def _webhooks() -> None:
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_organisation("tenant_id"),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("kinds", JSONB, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("failing_since", _moment),
        sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
        sa.Column("quiet_until", _moment),
        sa.Column("reason", sa.Text),
        sa.CheckConstraint("status IN ('active', 'paused', 'disabled')", name="status"),
    )
    op.create_index("ix_webhook_tenant_id", "webhook", ["tenant_id"])
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("endpoint_id", sa.Uuid, sa.ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("ended_at", _moment),
        sa.CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status"),
    )
    op.create_index("ix_webhook_delivery_endpoint_id", "webhook_delivery", ["endpoint_id", "created_at", "id"])
    op.create_index("ix_webhook_delivery_created_at", "webhook_delivery", ["created_at"])
    op.create_index("uq_webhook_delivery_message_id", "webhook_delivery", ["message_id", "endpoint_id"], unique=True)
    op.create_table(
        "webhook_attempt",
        sa.Column("delivery_id", sa.Uuid, sa.ForeignKey("webhook_delivery.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", _moment, nullable=False),
        sa.Column("answer", sa.Integer),
        sa.Column("problem", sa.Text),
        sa.Column("milliseconds", sa.Integer, nullable=False),
    )


def _notifications() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_person(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("once", sa.Text, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("read_at", _moment),
    )
    op.create_index("ix_notification_tenant_id", "notification", ["tenant_id", "created_at", "id"])
    op.create_index("ix_notification_created_at", "notification", ["created_at"])
    op.create_index("uq_notification_once", "notification", ["tenant_id", "once"], unique=True)
    op.create_table(
        "notification_preference",
        _of_person(primary_key=True),
        sa.Column("language", sa.Text),
        sa.Column("zone", sa.Text),
        sa.Column("mail", JSONB, nullable=False),
        sa.Column("muted", JSONB, nullable=False),
    )
    op.create_table(
        "merchant_follow",
        _of_person(primary_key=True),
        _of_organisation("organisation_id", primary_key=True),
        sa.Column("since", _moment, nullable=False),
    )
    op.create_index("ix_merchant_follow_organisation_id", "merchant_follow", ["organisation_id"])


def _cases() -> None:
    op.create_table(
        "support_case",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_person(),
        _of_organisation("organisation_id", nullable=True),
        sa.Column("reference", sa.Text, nullable=False, unique=True),
        sa.Column("subject_kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("title", sa.LargeBinary, nullable=False),
        sa.Column("opened_at", _moment, nullable=False),
        sa.Column("updated_at", _moment, nullable=False),
        sa.Column("closed_at", _moment),
        sa.Column("outcome", sa.Text),
        sa.Column("solved", sa.Boolean),
        sa.Column("score", sa.Integer),
        sa.CheckConstraint("status IN ('open', 'answered', 'closed')", name="status"),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name="score"),
    )
    op.create_index("ix_support_case_tenant_id", "support_case", ["tenant_id", "updated_at", "id"])
    op.create_index("ix_support_case_organisation_id", "support_case", ["organisation_id", "updated_at", "id"])
    op.create_index("ix_support_case_subject", "support_case", ["subject_kind", "subject"])
    op.create_table(
        "support_message",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("case_id", sa.Uuid, sa.ForeignKey("support_case.id", ondelete="CASCADE"), nullable=False),
        sa.Column("author_id", sa.Uuid),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("at", _moment, nullable=False),
        sa.CheckConstraint("side IN ('holder', 'merchant', 'operator', 'system')", name="side"),
    )
    op.create_index("ix_support_message_case_id", "support_message", ["case_id", "at", "id"])


def upgrade() -> None:
    _feed()
    _webhooks()
    _notifications()
    _cases()


def downgrade() -> None:
    for name in (
        "support_message",
        "support_case",
        "merchant_follow",
        "notification_preference",
        "notification",
        "webhook_attempt",
        "webhook_delivery",
        "webhook",
        "event_place",
    ):
        op.drop_table(name)
    op.drop_index("ix_event_written_by", "event")
