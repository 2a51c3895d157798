"""Claims, issuance and triggers.

Revision ID: 0022
Revises: 0021
"""

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
