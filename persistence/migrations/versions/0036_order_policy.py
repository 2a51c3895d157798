"""Owners' rules over what is no payment of their own: the rest of an order, documents that let others take.

What is decided, waited for and reserved is a payment's, or a commitment's that no row stands for. Whoever asked for an
organisation's payment is known to it.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0036"
down_revision = "0035"

_OF_PAYMENTS = ("payment_reservation", "approval_request", "approval_word")


def upgrade() -> None:
    op.add_column("payment", sa.Column("asked_by", sa.Uuid))
    op.add_column("campaign_lane", sa.Column("launched_by", sa.Uuid))
    for table in _OF_PAYMENTS:
        op.drop_constraint(f"fk_{table}_payment_id", table, type_="foreignkey")
    op.add_column("approval_request", sa.Column("commitment", JSONB(none_as_null=True)))
    op.add_column("policy_decision", sa.Column("subject", JSONB(none_as_null=True)))
    op.alter_column("policy_decision", "payment_id", existing_type=sa.Uuid, nullable=True)
    op.create_check_constraint("subject", "policy_decision", "(payment_id IS NULL) <> (subject IS NULL)")


def downgrade() -> None:
    op.drop_constraint("subject", "policy_decision", type_="check")
    op.execute("DELETE FROM policy_decision WHERE payment_id IS NULL")
    op.alter_column("policy_decision", "payment_id", existing_type=sa.Uuid, nullable=False)
    op.drop_column("policy_decision", "subject")
    op.drop_column("approval_request", "commitment")
    for table in _OF_PAYMENTS:
        op.execute(f"DELETE FROM {table} WHERE payment_id NOT IN (SELECT id FROM payment)")  # noqa: S608 - constants
        op.create_foreign_key(f"fk_{table}_payment_id", table, "payment", ["payment_id"], ["id"])
    op.drop_column("campaign_lane", "launched_by")
    op.drop_column("payment", "asked_by")
