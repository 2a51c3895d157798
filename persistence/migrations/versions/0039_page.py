"""Nothing changes in the schema.

Revision ID: 0039
Revises: 0038
"""

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    """Nothing."""


def downgrade() -> None:
    """Nothing."""
