"""The newest attempts of a chain are found without reading the others.

Revision ID: 0009
Revises: 0008
"""

from alembic import op

revision = "0009"
down_revision = "0008"

_INDEX = "ix_payment_attempt_chain_signed_at"


def upgrade() -> None:
    op.create_index(_INDEX, "payment_attempt", ["chain", "signed_at"])


def downgrade() -> None:
    op.drop_index(_INDEX, "payment_attempt")
