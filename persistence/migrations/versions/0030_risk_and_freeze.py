"""Risk and freeze.

Alerts, overrides and scores of what is signed; freezes, and the keystore's own list of held keys. Recipients get the
moment from which they are known: those of an older version are known from the first.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0030"
down_revision = "0029"

_moment = sa.DateTime(timezone=True)
_units = sa.Numeric(78, 0)


def upgrade() -> None:
    op.create_table(
        "account_freeze",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("address", sa.Text),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("alert_id", sa.Uuid),
        sa.Column("frozen_by", sa.Uuid),
        sa.Column("frozen_at", _moment, nullable=False, server_default=sa.func.now()),
        sa.Column("release_asked_by", sa.Uuid),
        sa.Column("release_asked_at", _moment),
        sa.Column("release_reason", sa.Text),
        sa.Column("released_by", sa.Uuid),
        sa.Column("released_at", _moment),
        sa.Column("released_how", sa.Text),
        sa.CheckConstraint(
            "(released_at IS NULL) = (released_by IS NULL) AND (released_at IS NULL) = (released_how IS NULL)",
            name="released",
        ),
        sa.CheckConstraint("released_how IN ('second_factor', 'second_person')", name="released_how"),
    )
    op.create_index("ix_account_freeze_tenant_id", "account_freeze", ["tenant_id", "frozen_at"])
    op.create_index(
        "ix_account_freeze_lasting", "account_freeze", ["tenant_id"], postgresql_where=sa.text("released_at IS NULL")
    )
    op.create_table(
        "keystore_hold",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("key_id", sa.Uuid),
        sa.Column("held_for", sa.Uuid, nullable=False),
        sa.Column("since", _moment, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("ix_keystore_hold_tenant_id", "keystore_hold", ["tenant_id"])
    op.create_index("ix_keystore_hold_held_for", "keystore_hold", ["held_for"])
    _risk()
    op.add_column("paid_address", sa.Column("since", _moment, nullable=False, server_default=sa.func.now()))
    op.execute("UPDATE paid_address SET since = '-infinity'")
    op.create_table(
        "zero_contact",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("address", sa.LargeBinary, primary_key=True),
    )


def _risk() -> None:
    op.create_table(
        "risk_alert",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("account", sa.Text),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("acknowledged_at", _moment),
        sa.Column("acknowledged_by", sa.Uuid),
        sa.CheckConstraint("source IN ('payment', 'signature', 'vouchers')", name="source"),
        sa.CheckConstraint("verdict IN ('alert', 'blocked', 'frozen')", name="verdict"),
        sa.CheckConstraint("(acknowledged_at IS NULL) = (acknowledged_by IS NULL)", name="acknowledged"),
    )
    op.create_index("uq_risk_alert_subject", "risk_alert", ["tenant_id", "source", "subject"], unique=True)
    op.create_index("ix_risk_alert_tenant_id", "risk_alert", ["tenant_id", "created_at", "id"])
    op.create_table(
        "risk_override",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("alert_id", sa.Uuid, sa.ForeignKey("risk_alert.id")),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("rules", ARRAY(sa.Text), nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("digest", sa.LargeBinary, nullable=False),
        sa.Column("by", sa.Uuid, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment),
        sa.CheckConstraint("how IN ('accepted', 'overridden')", name="how"),
        sa.CheckConstraint("how = 'accepted' OR (reason IS NOT NULL AND alert_id IS NOT NULL)", name="reason"),
    )
    op.create_index("ix_risk_override_digest", "risk_override", ["tenant_id", "digest"])
    op.create_index("ix_risk_override_subject", "risk_override", ["tenant_id", "subject"])
    op.create_table(
        "risk_habit",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("asset", sa.Text, primary_key=True),
        sa.Column("payments", sa.BigInteger, nullable=False),
        sa.Column("largest", _units, nullable=False),
    )
    op.create_table(
        "risk_decision",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("findings", JSONB, nullable=False),
        sa.Column("first_recipient", sa.Integer, nullable=False),
        sa.Column("decided_at", _moment, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("ix_risk_decision_tenant_id", "risk_decision", ["tenant_id", "decided_at"])


def downgrade() -> None:
    op.drop_table("zero_contact")
    op.drop_column("paid_address", "since")
    for table in ("risk_decision", "risk_habit", "risk_override", "risk_alert", "keystore_hold", "account_freeze"):
        op.drop_table(table)
