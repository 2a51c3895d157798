"""Replacement, reservations, gas budgets and the care of lanes.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"

_MOMENT = sa.DateTime(timezone=True)
_UNITS = sa.Numeric(78, 0)

_NATIVE = "p.chain || '/slip44:' || CASE WHEN p.chain LIKE 'solana:%' THEN '501' ELSE '60' END"


def upgrade() -> None:
    op.create_table(
        "payment_reservation",
        sa.Column("payment_id", sa.Uuid, nullable=False),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("amount", _UNITS, nullable=False),
        sa.Column("fee_part", _UNITS, nullable=False, server_default="0"),
        sa.Column("settled", _UNITS),
        sa.Column("state", sa.Text, nullable=False, server_default="held"),
        sa.Column("created_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.Column("closed_at", _MOMENT),
        sa.PrimaryKeyConstraint("payment_id", "scope", "asset", name="pk_payment_reservation"),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name="fk_payment_reservation_payment_id"),
        sa.CheckConstraint("state IN ('held', 'settled', 'released')", name=op.f("ck_payment_reservation_state")),
        sa.CheckConstraint("fee_part <= amount", name=op.f("ck_payment_reservation_fee_part")),
    )
    op.create_index(
        "ix_payment_reservation_held", "payment_reservation", ["scope"], postgresql_where=sa.text("state = 'held'")
    )
    op.create_index("ix_payment_reservation_scope_closed_at", "payment_reservation", ["scope", "closed_at"])
    op.execute(
        "INSERT INTO payment_reservation (payment_id, scope, asset, amount, fee_part) "  # noqa: S608
        f"SELECT p.id, p.chain || ':' || p.sender, {_NATIVE}, p.reserved_native, "
        "LEAST(COALESCE(p.fee_limit, 0), p.reserved_native) FROM payment p WHERE p.status = 'in_flight'"
    )
    op.execute(
        "INSERT INTO payment_reservation (payment_id, scope, asset, amount) "
        "SELECT p.id, p.chain || ':' || p.sender, p.reserved_asset, p.reserved_amount FROM payment p "
        "WHERE p.status = 'in_flight' AND p.reserved_asset IS NOT NULL"
    )
    for column in ("reserved_native", "reserved_asset", "reserved_amount"):
        op.drop_column("payment", column)
    op.add_column("payment", sa.Column("speed", sa.Text, nullable=False, server_default="normal"))
    op.add_column("payment", sa.Column("budgets", JSONB, nullable=False, server_default="[]"))
    op.create_check_constraint(op.f("ck_payment_speed"), "payment", "speed IN ('slow', 'normal', 'fast')")
    op.create_index(
        "ix_payment_unsigned",
        "payment",
        ["chain", "sender", "created_at"],
        postgresql_where=sa.text("status = 'requested'"),
    )

    op.add_column("payment_attempt", sa.Column("kind", sa.Text, nullable=False, server_default="pay"))
    op.add_column("payment_attempt", sa.Column("price", _UNITS))
    op.add_column("payment_attempt", sa.Column("priority_fee", _UNITS))
    op.add_column("payment_attempt", sa.Column("reserve", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("payment_attempt", sa.Column("refusals", sa.Integer, nullable=False, server_default="0"))
    op.create_check_constraint(op.f("ck_payment_attempt_kind"), "payment_attempt", "kind IN ('pay', 'void')")

    op.add_column("payment_lane", sa.Column("halted", sa.Text))
    op.add_column("payment_lane", sa.Column("gap_since", _MOMENT))
    op.create_table(
        "spending_limit",
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("base_units", _UNITS, nullable=False),
        sa.Column("updated_at", _MOMENT, nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("scope", "asset", name="pk_spending_limit"),
    )
    op.create_table(
        "balance_watch",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("account", sa.Text, nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("alarm_below", _UNITS, nullable=False),
        sa.Column("top_up_to", _UNITS),
        sa.Column("top_up_from", sa.Text),
        sa.Column("balance", _UNITS),
        sa.Column("alarmed_at", _MOMENT),
        sa.Column("top_ups", sa.Integer, nullable=False, server_default="0"),
        sa.Column("top_up_payment", sa.Uuid),
        sa.Column("seen_at", _MOMENT),
        sa.PrimaryKeyConstraint("chain", "account", name="pk_balance_watch"),
    )
    # Payments in flight are followed lane by lane from now on.
    op.execute("DELETE FROM job WHERE kind IN ('payment.broadcast', 'payment.follow')")
    for kind in ("lane.send", "lane.follow"):
        op.execute(
            "INSERT INTO job (kind, key, payload) SELECT DISTINCT "  # noqa: S608
            f"'{kind}', p.chain || ':' || p.sender, jsonb_build_object('account', p.chain || ':' || p.sender) "
            "FROM payment p WHERE p.status = 'in_flight'"
        )


def downgrade() -> None:
    op.execute("DELETE FROM job WHERE kind LIKE 'lane.%' OR kind = 'balance.watch'")
    op.drop_table("balance_watch")
    op.drop_table("spending_limit")
    op.drop_column("payment_lane", "gap_since")
    op.drop_column("payment_lane", "halted")
    for column in ("refusals", "reserve", "priority_fee", "price", "kind"):
        op.drop_column("payment_attempt", column)
    op.drop_index("ix_payment_unsigned", "payment")
    op.drop_column("payment", "budgets")
    op.drop_column("payment", "speed")
    op.add_column("payment", sa.Column("reserved_native", _UNITS, nullable=False, server_default="0"))
    op.add_column("payment", sa.Column("reserved_asset", sa.Text))
    op.add_column("payment", sa.Column("reserved_amount", _UNITS, nullable=False, server_default="0"))
    op.drop_table("payment_reservation")
