"""Nothing changes in the schema.

Revision ID: 0037
Revises: 0036
"""

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
