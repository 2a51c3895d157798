"""Nothing changes in the schema.

Revision ID: 0036
Revises: 0035
"""

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
