"""Identity, privacy and consent.

Names and addresses of persons move to a table of their own, from which the first start seals them; labels of devices,
which could not be sealed without keys, are forgotten.

Revision ID: 0025
Revises: 0024
"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0025"
down_revision = "0024"

_moment = sa.DateTime(timezone=True)
_MEMBER_ROLES = "role IN ('owner', 'manager', 'cashier', 'sponsor', 'auditor')"
_OLDER_MEMBER_ROLES = "role IN ('owner', 'manager', 'cashier', 'sponsor')"


def _of_person(*, primary_key: bool = False) -> sa.Column[UUID]:
    return sa.Column(
        "tenant_id",
        sa.Uuid,
        sa.ForeignKey("person.id", ondelete="CASCADE"),
        nullable=False,
        primary_key=primary_key,
    )


def _persons() -> None:
    op.create_table(
        "person_plain",
        _of_person(primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("display_name", sa.Text, nullable=False),
    )
    op.execute("INSERT INTO person_plain (tenant_id, email, display_name) SELECT id, email, display_name FROM person")
    op.drop_column("person", "email")
    op.drop_column("person", "display_name")
    op.alter_column("person", "password_hash", nullable=True)
    op.add_column("person", sa.Column("email_index", sa.LargeBinary))
    op.create_unique_constraint(op.f("uq_person_email_index"), "person", ["email_index"])
    op.add_column("person", sa.Column("profile", sa.LargeBinary))
    for name in ("email_verified_at", "password_changed_at", "erased_at"):
        op.add_column("person", sa.Column(name, _moment))
    op.drop_constraint(op.f("ck_membership_role"), "membership", type_="check")
    op.create_check_constraint("role", "membership", _MEMBER_ROLES)
    op.drop_column("session", "device")
    op.add_column("session", sa.Column("method", sa.Text, nullable=False, server_default="password"))
    op.add_column("session", sa.Column("device", sa.LargeBinary))
    # Counted by a keyed hash from now on.
    op.execute("DELETE FROM attempt")


def _ways_in() -> None:
    op.create_table(
        "totp",
        _of_person(primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("confirmed_at", _moment),
        sa.Column("last_step", sa.BigInteger),
    )
    op.create_table(
        "recovery_code",
        _of_person(primary_key=True),
        sa.Column("code_hash", sa.LargeBinary, primary_key=True),
        sa.Column("used_at", _moment),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_person(),
        sa.Column("credential_id", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("transports", JSONB, nullable=False),
        sa.Column("label", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("last_used_at", _moment),
    )
    op.create_index("ix_passkey_tenant_id", "passkey", ["tenant_id"])
    op.create_table(
        "wallet_login",
        sa.Column("account_index", sa.LargeBinary, primary_key=True),
        sa.Column("id", sa.Uuid, nullable=False, unique=True),
        _of_person(),
        sa.Column("account", sa.LargeBinary, nullable=False),
        sa.Column("linked_at", _moment, nullable=False),
    )
    op.create_index("ix_wallet_login_tenant_id", "wallet_login", ["tenant_id"])
    op.create_table(
        "used_challenge",
        sa.Column("challenge_hash", sa.LargeBinary, primary_key=True),
        sa.Column("expires_at", _moment, nullable=False),
    )
    op.create_index("ix_used_challenge_expires_at", "used_challenge", ["expires_at"])
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_person(),
        sa.Column("organisation_id", sa.Uuid, sa.ForeignKey("organisation.id", ondelete="CASCADE")),
        sa.Column("key_hash", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("label", sa.LargeBinary, nullable=False),
        sa.Column("scopes", JSONB, nullable=False),
        sa.Column("networks", JSONB, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("last_used_at", _moment),
        sa.Column("revoked_at", _moment),
    )
    op.create_index("ix_api_key_tenant_id", "api_key", ["tenant_id"])
    op.create_table(
        "keystore_unlock_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, nullable=False),
        sa.Column("vault_id", sa.Uuid, sa.ForeignKey("keystore_vault.id"), nullable=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_master", sa.LargeBinary, nullable=False),
        sa.Column("checksum", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _moment, nullable=False, server_default=sa.func.now()),
    )
    op.create_index("ix_keystore_unlock_key_tenant_id", "keystore_unlock_key", ["tenant_id"])


def _mail_and_consent() -> None:
    op.create_table(
        "email_proof",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_person(),
        sa.Column("email_index", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("used_at", _moment),
    )
    op.create_index("ix_email_proof_tenant_id", "email_proof", ["tenant_id"])
    op.create_table(
        "invitation",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, sa.ForeignKey("organisation.id", ondelete="CASCADE"), nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("email_index", sa.LargeBinary),
        sa.Column("email", sa.LargeBinary),
        sa.Column("invited_by", sa.Uuid, nullable=False),
        sa.Column("created_at", _moment, nullable=False),
        sa.Column("expires_at", _moment, nullable=False),
        sa.Column("ended_at", _moment),
        sa.CheckConstraint(_MEMBER_ROLES, name="role"),
    )
    op.create_index("ix_invitation_tenant_id", "invitation", ["tenant_id"])
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=True),
        _of_person(),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("at", _moment, nullable=False),
    )
    op.create_index("ix_consent_tenant_id", "consent", ["tenant_id", "purpose", "id"])
    op.create_table(
        "identity_review",
        sa.Column("id", sa.Uuid, primary_key=True),
        _of_person(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("document", sa.LargeBinary),
        sa.Column("reason", sa.LargeBinary),
        sa.Column("submitted_at", _moment, nullable=False),
        sa.Column("decided_at", _moment),
        sa.Column("reviewer_id", sa.Uuid),
        sa.CheckConstraint("status IN ('submitted', 'approved', 'refused')", name="status"),
        sa.CheckConstraint(
            "(status = 'submitted') = (reviewer_id IS NULL) AND reviewer_id IS DISTINCT FROM tenant_id",
            name="reviewer",
        ),
    )
    op.create_index("ix_identity_review_tenant_id", "identity_review", ["tenant_id"])
    op.create_index(
        "uq_identity_review_open",
        "identity_review",
        ["tenant_id"],
        unique=True,
        postgresql_where=sa.text("status = 'submitted'"),
    )


def upgrade() -> None:
    _persons()
    _ways_in()
    _mail_and_consent()


def downgrade() -> None:
    """Sealed names cannot be opened from here: persons sealed since then lose theirs."""
    for name in (
        "identity_review",
        "consent",
        "invitation",
        "email_proof",
        "keystore_unlock_key",
        "api_key",
        "used_challenge",
        "wallet_login",
        "passkey",
        "recovery_code",
        "totp",
    ):
        op.drop_table(name)
    op.drop_column("session", "device")
    op.drop_column("session", "method")
    op.add_column("session", sa.Column("device", sa.Text, nullable=False, server_default="unnamed device"))
    op.drop_constraint(op.f("ck_membership_role"), "membership", type_="check")
    op.execute("DELETE FROM membership WHERE role = 'auditor'")
    op.create_check_constraint("role", "membership", _OLDER_MEMBER_ROLES)
    for name in ("email_verified_at", "password_changed_at", "erased_at", "profile"):
        op.drop_column("person", name)
    op.drop_constraint(op.f("uq_person_email_index"), "person", type_="unique")
    op.drop_column("person", "email_index")
    op.execute("UPDATE person SET password_hash = '' WHERE password_hash IS NULL")
    op.alter_column("person", "password_hash", nullable=False)
    op.add_column("person", sa.Column("email", sa.Text))
    op.add_column("person", sa.Column("display_name", sa.Text))
    op.execute(
        "UPDATE person SET email = COALESCE(p.email, person.id::text), display_name = COALESCE(p.display_name, '') "
        "FROM person AS older LEFT JOIN person_plain AS p ON p.tenant_id = older.id WHERE older.id = person.id"
    )
    op.alter_column("person", "email", nullable=False)
    op.alter_column("person", "display_name", nullable=False)
    op.create_unique_constraint(op.f("uq_person_email"), "person", ["email"])
    op.drop_table("person_plain")
