"""Durable nonces and payment requests.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    _payment_requests()


def downgrade() -> None:
    op.drop_table("solana_pay_receipt")
    op.drop_table("solana_pay_request")


def _payment_requests() -> None:
    op.create_table(
        "solana_pay_request",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("recipient", sa.Text, nullable=False),
        sa.Column("asset", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("decimals", sa.Integer, nullable=False),
        sa.Column("base_units", sa.Numeric(78, 0), nullable=False),
        sa.Column("reference", sa.LargeBinary, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("message", sa.Text),
        sa.Column("memo", sa.Text),
        sa.Column("since_slot", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("reference", name="uq_solana_pay_request_reference"),
    )
    op.create_index("ix_solana_pay_request_tenant_id", "solana_pay_request", ["tenant_id"])
    op.create_table(
        "solana_pay_receipt",
        sa.Column("chain", sa.Text, nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("solana_pay_request.id"), nullable=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("slot", sa.BigInteger, nullable=False),
        sa.Column("payer", sa.Text, nullable=False),
        sa.Column("base_units", sa.Numeric(78, 0), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("chain", "signature", name="pk_solana_pay_receipt"),
        sa.UniqueConstraint("request_id", name="uq_solana_pay_receipt_request_id"),
    )
