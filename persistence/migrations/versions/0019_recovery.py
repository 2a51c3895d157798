"""Indexer, recovery and budgets.

Revision ID: 0019
Revises: 0018
"""

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
