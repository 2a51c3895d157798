"""Swaps are listed by person, newest first.

Revision ID: 0033
Revises: 0032
"""

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """An index for the list."""
    op.create_index("ix_swap_tenant_id_created_at_id", "swap", ["tenant_id", "created_at", "id"])


def downgrade() -> None:
    """Without it."""
    op.drop_index("ix_swap_tenant_id_created_at_id", table_name="swap")
