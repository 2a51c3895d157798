"""Tables of keystore.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"

_NOW = sa.func.now()


def _moment(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False, server_default=_NOW)


def upgrade() -> None:
    op.create_table(
        "keystore_vault",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("kdf", JSONB, nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_master", sa.LargeBinary, nullable=False),
        sa.Column("checksum", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint("tenant_id", "kind", name="uq_keystore_vault_tenant_id_kind"),
    )
    op.create_table(
        "keystore_wallet",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("vault_id", sa.Uuid, sa.ForeignKey("keystore_vault.id"), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("words", sa.Integer, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("backup_confirmed", sa.Boolean, nullable=False),
        sa.Column("backup_positions", JSONB),
        _moment("created_at"),
        sa.UniqueConstraint("tenant_id", "kind", "fingerprint", name="uq_keystore_wallet_tenant_id_kind_fingerprint"),
    )
    op.create_table(
        "keystore_secret",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("wallet_id", sa.Uuid, sa.ForeignKey("keystore_wallet.id"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint("wallet_id", "purpose", name="uq_keystore_secret_wallet_id_purpose"),
    )
    op.create_table(
        "keystore_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("wallet_id", sa.Uuid, sa.ForeignKey("keystore_wallet.id"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("curve", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        _moment("created_at"),
        sa.UniqueConstraint("wallet_id", "curve", "path", name="uq_keystore_key_wallet_id_curve_path"),
    )
    op.create_index("ix_keystore_key_tenant_id_purpose", "keystore_key", ["tenant_id", "purpose"])
    op.create_table(
        "keystore_policy_rule",
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("selector", sa.Text, primary_key=True),
        _moment("created_at"),
    )
    op.create_table(
        "keystore_redemption_rule",
        sa.Column("chain", sa.Text, primary_key=True),
        sa.Column("campaign", sa.LargeBinary, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("mint", sa.Text, nullable=False),
        sa.Column("vault", sa.Text, nullable=False),
        sa.Column("settlement_mint", sa.Text, nullable=False),
        sa.Column("merchants", JSONB, nullable=False),
        sa.Column("max_payout", sa.Numeric(78, 0), nullable=False),
        sa.Column("units_per_minor", sa.Numeric(78, 0), nullable=False),
        sa.Column("sponsor_bp", sa.Integer, nullable=False),
        _moment("created_at"),
    )
    op.create_table(
        "keystore_audit_entry",
        sa.Column("subject_id", sa.Uuid, primary_key=True),
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("facts", JSONB, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.Column("entry_hash", sa.LargeBinary, nullable=False),
    )
    op.execute(
        """
        CREATE FUNCTION keystore_audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'the audit log is append-only';
        END $$
        """
    )
    op.execute(
        """
        CREATE TRIGGER keystore_audit_entry_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON keystore_audit_entry
        FOR EACH STATEMENT EXECUTE FUNCTION keystore_audit_is_append_only()
        """
    )


def downgrade() -> None:
    for table in (
        "keystore_audit_entry",
        "keystore_redemption_rule",
        "keystore_policy_rule",
        "keystore_key",
        "keystore_secret",
        "keystore_wallet",
        "keystore_vault",
    ):
        op.drop_table(table)
    op.execute("DROP FUNCTION keystore_audit_is_append_only()")
