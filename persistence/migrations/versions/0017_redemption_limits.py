"""Limits that the redemption authority keeps, and whose voucher it has co-signed for what.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

_COSIGNED = "keystore_cosigned_serial"


def upgrade() -> None:
    op.create_table(
        "keystore_redemption_limit",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("campaign", sa.LargeBinary, primary_key=True),
        sa.Column("per_holder", sa.BigInteger),
        sa.Column("per_order", sa.BigInteger),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
    )
    op.add_column(_COSIGNED, sa.Column("redeemed_by", sa.LargeBinary))
    op.add_column(_COSIGNED, sa.Column("moves", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("ix_keystore_cosigned_serial_redeemed_by", _COSIGNED, ["chain", "redeemed_by"])


def downgrade() -> None:
    op.drop_index("ix_keystore_cosigned_serial_redeemed_by", _COSIGNED)
    op.drop_column(_COSIGNED, "moves")
    op.drop_column(_COSIGNED, "redeemed_by")
    op.drop_table("keystore_redemption_limit")
