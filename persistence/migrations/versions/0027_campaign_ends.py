"""Claim links for people of an identity level.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("claim_link", sa.Column("level", sa.Integer, nullable=False, server_default="0"))
    op.create_check_constraint("level", "claim_link", "level BETWEEN 0 AND 2")


def downgrade() -> None:
    op.drop_constraint(op.f("ck_claim_link_level"), "claim_link", type_="check")
    op.drop_column("claim_link", "level")
