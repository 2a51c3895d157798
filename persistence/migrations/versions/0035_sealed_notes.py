"""Nothing changes in the schema.

Revision ID: 0035
Revises: 0034
"""

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
