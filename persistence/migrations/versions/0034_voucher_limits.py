"""Nothing changes in the schema.

Revision ID: 0034
Revises: 0033
"""

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
