"""Pauses of a campaign are found by an index of their own; drops know the latest moment at which they can be claimed.

Revision ID: 0039
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"

# Only the contract's pauses move the end of claiming on, and never by more than the terms allow.
_MOVE = """
    UPDATE campaign_drop AS d SET claim_until = d.claim_until {sign}
        coalesce((convert_from(t.body, 'UTF8')::jsonb #>> '{{powers,max_pause_seconds}}')::bigint, 0)
    FROM campaign c JOIN document t ON t.hash = c.rules_hash
    WHERE c.id = d.campaign_id AND d.chain LIKE 'eip155:%'
"""


def upgrade() -> None:
    op.create_index(
        "ix_ledger_entry_pauses",
        "ledger_entry",
        ["campaign_id"],
        postgresql_where=sa.text("kind IN ('paused', 'resumed')"),
    )
    op.execute(_MOVE.format(sign="+"))


def downgrade() -> None:
    op.execute(_MOVE.format(sign="-"))
    op.drop_index("ix_ledger_entry_pauses", "ledger_entry")
