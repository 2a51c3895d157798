"""Reconciliation, exports and auditor access.

Revision ID: 0024
Revises: 0023
"""

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
