"""Nothing changes in the schema.

Revision ID: 0038
Revises: 0037
"""

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
