"""The redemption authority knows each campaign's window.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_TABLE = "keystore_redemption_rule"
_BOUNDS = {"valid_from": 0, "valid_until": 2**63 - 1}
"""Of campaigns that were allowed before: no narrower than they were."""


def upgrade() -> None:
    for name, bound in _BOUNDS.items():
        op.add_column(_TABLE, sa.Column(name, sa.BigInteger, nullable=False, server_default=str(bound)))
        op.alter_column(_TABLE, name, server_default=None)


def downgrade() -> None:
    for name in _BOUNDS:
        op.drop_column(_TABLE, name)
