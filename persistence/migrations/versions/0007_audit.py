"""Proof bundles.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "proof_bundle",
        sa.Column("redemption_id", sa.LargeBinary, nullable=False),
        sa.Column("tx_hash", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("built_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False),
        sa.CheckConstraint(
            "octet_length(redemption_id) = 32 AND octet_length(digest) = 32", name=op.f("ck_proof_bundle_lengths")
        ),
        sa.PrimaryKeyConstraint("redemption_id", "tx_hash", name=op.f("pk_proof_bundle")),
    )


def downgrade() -> None:
    op.drop_table("proof_bundle")
