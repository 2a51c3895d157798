"""Budgets are sealed whole, and their alerts name them only.

What was plain moves to the table of older words, from which the first start seals it.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"

_PLAIN = ("currency", "category", "month_minor", "zone")


def upgrade() -> None:
    """Every budget gets an id of its own; currency and category are its key no more."""
    op.add_column("spending_budget", sa.Column("id", sa.Uuid, nullable=False, server_default=sa.func.gen_random_uuid()))
    op.alter_column("spending_budget", "id", server_default=None)
    op.execute(
        "INSERT INTO words_plain (place, tenant_id, row_id, words) "
        "SELECT 'spending_budget.entry', tenant_id, id::text, jsonb_build_object('currency', currency, "
        "'category', nullif(category, ''), 'month_minor', month_minor, 'zone', zone)::text FROM spending_budget"
    )
    op.drop_constraint(op.f("pk_spending_budget"), "spending_budget", type_="primary")
    op.drop_constraint(op.f("ck_spending_budget_month_minor"), "spending_budget", type_="check")
    for column in _PLAIN:
        op.drop_column("spending_budget", column)
    op.add_column("spending_budget", sa.Column("entry", sa.LargeBinary))
    op.create_primary_key(op.f("pk_spending_budget"), "spending_budget", ["id"])
    op.create_index(op.f("ix_spending_budget_tenant_id"), "spending_budget", ["tenant_id"])
    op.execute(
        "UPDATE event SET data = data - ARRAY['currency', 'category', 'spent_minor', 'month_minor'] "
        "WHERE kind = 'spending.budget'"
    )


def downgrade() -> None:
    """The budgets cannot be opened without the keys: they are lost."""
    op.drop_index(op.f("ix_spending_budget_tenant_id"), "spending_budget")
    op.execute("DELETE FROM spending_budget")
    op.drop_constraint(op.f("pk_spending_budget"), "spending_budget", type_="primary")
    op.drop_column("spending_budget", "entry")
    op.drop_column("spending_budget", "id")
    op.add_column("spending_budget", sa.Column("currency", sa.Text, nullable=False))
    op.add_column("spending_budget", sa.Column("category", sa.Text, nullable=False))
    op.add_column("spending_budget", sa.Column("month_minor", sa.BigInteger, nullable=False))
    op.add_column("spending_budget", sa.Column("zone", sa.Text, nullable=False))
    op.create_primary_key(op.f("pk_spending_budget"), "spending_budget", ["tenant_id", "currency", "category"])
    op.create_check_constraint(op.f("ck_spending_budget_month_minor"), "spending_budget", "month_minor > 0")
