"""Limits, serials and checkpoints of the key policy.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_NOW = sa.func.now()
_BASE_UNITS = sa.Numeric(78, 0)


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=_NOW)


def upgrade() -> None:
    op.create_table(
        "keystore_key_limit",
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("value", _BASE_UNITS),
        sa.Column("fee", _BASE_UNITS),
        sa.Column("window_seconds", sa.Integer, nullable=False),
        sa.Column("window_value", _BASE_UNITS),
        sa.Column("window_fee", _BASE_UNITS),
        sa.Column("window_count", sa.BigInteger),
        _moment("created_at"),
    )
    op.create_table(
        "keystore_key_spent",
        sa.Column("key_id", sa.Uuid, primary_key=True),
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("window_start", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("value", _BASE_UNITS, nullable=False),
        sa.Column("fee", _BASE_UNITS, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "keystore_cosigned_serial",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("voucher", sa.LargeBinary, primary_key=True),
        sa.Column("payload_hash", sa.LargeBinary, nullable=False),
        sa.Column("last_valid_height", sa.BigInteger, nullable=False),
        _moment("created_at"),
    )
    op.create_index("ix_keystore_cosigned_serial_payload_hash", "keystore_cosigned_serial", ["payload_hash"])
    op.create_table(
        "keystore_serial_range",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("campaign", sa.LargeBinary, primary_key=True),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("cap", _BASE_UNITS, nullable=False),
        _moment("created_at"),
    )
    op.create_index("ix_keystore_key_public_key", "keystore_key", ["public_key"])


def downgrade() -> None:
    op.drop_index("ix_keystore_key_public_key", "keystore_key")
    for table in (
        "keystore_serial_range",
        "keystore_cosigned_serial",
        "keystore_key_spent",
        "keystore_key_limit",
    ):
        op.drop_table(table)
