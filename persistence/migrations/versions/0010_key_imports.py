"""Imported, watched and shared secrets of the keystore; addresses without a connected chain.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    # A wallet that only watches has no vault; a wallet without a mnemonic has no words.
    for column in ("vault_id", "words", "language"):
        op.alter_column("keystore_wallet", column, nullable=True)
    op.add_column("keystore_wallet", sa.Column("curve", sa.Text))
    op.add_column("keystore_wallet", sa.Column("extended_public_key", sa.Text))
    op.add_column("wallet_account", sa.Column("scheme", sa.Text, nullable=False, server_default="custom"))
    # The default paths so far; any other path was typed by its owner.
    op.execute(
        r"""
        UPDATE wallet_account SET scheme = CASE
            WHEN purpose <> 'holder' THEN 'service'
            WHEN chain LIKE 'eip155:%' AND path ~ '^m/44''/60''/0''/0/[0-9]+$' THEN 'bip44'
            WHEN chain LIKE 'solana:%' AND path ~ '^m/44''/501''/[0-9]+''/0''$' THEN 'phantom'
            ELSE 'custom' END
        """
    )
    op.create_table(
        "wallet_address",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("wallet_id", sa.Uuid, nullable=False),
        sa.Column("key_id", sa.Uuid, sa.ForeignKey("keystore_key.id")),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("path", sa.Text),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("watch_only", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.UniqueConstraint(
            "tenant_id", "wallet_id", "network", "address", name="uq_wallet_address_tenant_id_wallet_id_network_address"
        ),
    )


def downgrade() -> None:
    op.drop_table("wallet_address")
    op.drop_column("wallet_account", "scheme")
    op.execute("DELETE FROM keystore_key WHERE wallet_id IN (SELECT id FROM keystore_wallet WHERE vault_id IS NULL)")
    op.execute("DELETE FROM keystore_wallet WHERE vault_id IS NULL")
    op.drop_column("keystore_wallet", "extended_public_key")
    op.drop_column("keystore_wallet", "curve")
    op.execute("UPDATE keystore_wallet SET words = 0 WHERE words IS NULL")
    op.execute("UPDATE keystore_wallet SET language = '' WHERE language IS NULL")
    for column in ("vault_id", "words", "language"):
        op.alter_column("keystore_wallet", column, nullable=False)
