"""Identity, privacy and consent.

Revision ID: 0025
Revises: 0024
"""

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
