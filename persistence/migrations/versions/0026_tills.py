"""Orders that are redeemed together.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column("till_order", sa.Column("batch", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("order_attempt", sa.Column("way", sa.Text, nullable=False, server_default="alone"))
    op.add_column("order_attempt", sa.Column("consents", JSONB))
    op.add_column("order_attempt", sa.Column("ready_at", sa.DateTime(timezone=True)))
    op.create_check_constraint("way", "order_attempt", "way IN ('alone', 'batch')")
    op.create_check_constraint("ready_at", "order_attempt", "(ready_at IS NULL) = (consents IS NULL)")
    op.create_index(
        "ix_order_attempt_waiting",
        "order_attempt",
        ["tenant_id", "ready_at"],
        postgresql_where=sa.text("status = 'requested' AND ready_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_order_attempt_waiting", "order_attempt")
    op.drop_constraint(op.f("ck_order_attempt_ready_at"), "order_attempt", type_="check")
    op.drop_constraint(op.f("ck_order_attempt_way"), "order_attempt", type_="check")
    for name in ("ready_at", "consents", "way"):
        op.drop_column("order_attempt", name)
    op.drop_column("till_order", "batch")
