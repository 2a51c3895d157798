"""Events that one consumer failed at wait apart, and hold up nobody.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """A table beside the feed."""
    op.create_table(
        "event_parked",
        sa.Column("event_id", sa.BigInteger, nullable=False),
        sa.Column("consumer", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("parked_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "consumer", name=op.f("pk_event_parked")),
        sa.ForeignKeyConstraint(
            ["event_id"], ["event.id"], name=op.f("fk_event_parked_event_id_event"), ondelete="CASCADE"
        ),
    )
    op.create_index("ix_event_parked_next_at", "event_parked", ["next_at"])


def downgrade() -> None:
    """Without it."""
    op.drop_table("event_parked")
