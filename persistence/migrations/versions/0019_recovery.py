"""Indexer, recovery and budgets.

Revision ID: 0019
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0017"


def upgrade() -> None:
    """A restored lane remembers from where on its chain has to be read."""
    op.add_column("payment_lane", sa.Column("held_since", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("payment_lane", "held_since")
