"""Tables of people.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"

_moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False, unique=True),
        sa.Column("display_name", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
    )
    op.create_table(
        "platform_role",
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.CheckConstraint("role IN ('auditor', 'operator')", name="role"),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
    )
    op.create_table(
        "membership",
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("person_id", sa.Uuid, sa.ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("since", _moment, nullable=False),
        sa.CheckConstraint("role IN ('owner', 'manager', 'cashier', 'sponsor')", name="role"),
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_table(
        "session",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("token_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("device", sa.Text, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("last_seen_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("revoked_at", _moment),
    )
    op.create_index("ix_session_tenant_id", "session", ["tenant_id"])
    op.create_table(
        "login_link",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("destination", sa.Text, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("used_at", _moment),
    )
    op.create_index("ix_login_link_tenant_id", "login_link", ["tenant_id"])
    op.create_table(
        "attempt",
        sa.Column("scope", sa.Text, primary_key=True),
        sa.Column("subject", sa.LargeBinary, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("window_ends_at", _moment, nullable=False),
    )
    op.create_index("ix_attempt_window_ends_at", "attempt", ["window_ends_at"])
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        sa.Column("written_by", sa.BigInteger, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.Column("created_at", _moment, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("ix_event_tenant_id", "event", ["tenant_id", "written_by", "id"])


def downgrade() -> None:
    for name in (
        "event",
        "attempt",
        "login_link",
        "session",
        "membership",
        "organisation",
        "platform_role",
        "person",
    ):
        op.drop_table(name)
