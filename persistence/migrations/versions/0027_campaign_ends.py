"""Campaign ends.

Revision ID: 0027
Revises: 0026
"""

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
