"""How far a chain was read beside what is final, how much at a time, and smaller indexes of the ledger.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_SPARSE = ("order_hash", "redemption_id")


def upgrade() -> None:
    op.add_column("ledger_cursor", sa.Column("tip_height", sa.BigInteger, nullable=False, server_default="-1"))
    op.add_column("ledger_cursor", sa.Column("tip_hash", sa.LargeBinary))
    op.add_column("ledger_cursor", sa.Column("span", sa.Integer, nullable=False, server_default="20"))
    for column in _SPARSE:
        name = op.f(f"ix_ledger_entry_{column}")
        op.drop_index(name, "ledger_entry")
        op.create_index(name, "ledger_entry", [column], postgresql_where=sa.text(f"{column} IS NOT NULL"))


def downgrade() -> None:
    for column in _SPARSE:
        name = op.f(f"ix_ledger_entry_{column}")
        op.drop_index(name, "ledger_entry")
        op.create_index(name, "ledger_entry", [column])
    for column in ("tip_height", "tip_hash", "span"):
        op.drop_column("ledger_cursor", column)
