"""Persons' own words are sealed, and an account may wait for its mailbox.

What was plain moves to a table of its own, from which the first start seals it; an erased person's is not kept.

Revision ID: 0035
Revises: 0034
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

_COLUMNS = (
    # table, column, whose, the row, which rows' text is a person's
    ("keystore_wallet", "label", "tenant_id", "id", "kind <> 'service'"),
    ("wallet_account", "label", "tenant_id", "id", "scheme <> 'service'"),
    ("wallet_address", "label", "tenant_id", "id", "true"),
    ("activity_note", "note", "tenant_id", "entry_id", "true"),
    ("account_freeze", "reason", "tenant_id", "id", "true"),
    ("account_freeze", "release_reason", "tenant_id", "id", "release_reason IS NOT NULL"),
    ("risk_override", "reason", "tenant_id", "id", "reason IS NOT NULL"),
    ("dispute", "reason", "holder_tenant_id", "id", "true"),
    ("dispute", "answer", "holder_tenant_id", "id", "answer IS NOT NULL"),
)
_OPTIONAL = {"account_freeze.release_reason", "risk_override.reason", "dispute.answer"}
_ALIVE = "NOT EXISTS (SELECT FROM person WHERE person.id = {whose} AND person.erased_at IS NOT NULL)"


def upgrade() -> None:
    """Columns of text become columns of sealed bytes, empty until the first start."""
    op.create_table(
        "words_plain",
        sa.Column("place", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Uuid, primary_key=True),
        sa.Column("row_id", sa.Text, primary_key=True),
        sa.Column("words", sa.Text, nullable=False),
    )
    for table, column, whose, row, which in _COLUMNS:
        _move(table, column, whose, row, column, which)
    op.drop_constraint(op.f("ck_risk_override_reason"), "risk_override", type_="check")
    op.create_check_constraint("alert", "risk_override", "how = 'accepted' OR alert_id IS NOT NULL")
    for table, column, *_ in _COLUMNS:
        op.drop_column(table, column)
        op.add_column(table, sa.Column(column, sa.LargeBinary))
    entry = "jsonb_build_object('account', chain || ':' || address, 'name', name, 'note', note)::text"
    _move("address_book", "entry", "tenant_id", "id", entry, "true")
    for column in ("chain", "address", "name", "note"):
        op.drop_column("address_book", column)
    op.add_column("address_book", sa.Column("entry", sa.LargeBinary))
    op.create_index(op.f("ix_address_book_tenant_id"), "address_book", ["tenant_id"])
    # What a registration by mail begins with.
    op.add_column("email_proof", sa.Column("password_hash", sa.Text))
    op.add_column("email_proof", sa.Column("profile", sa.LargeBinary))


def _move(table: str, column: str, whose: str, row: str, words: str, which: str) -> None:
    alive = _ALIVE.format(whose=f"{table}.{whose}")
    op.execute(
        "INSERT INTO words_plain (place, tenant_id, row_id, words) "  # noqa: S608 - the names of this file
        f"SELECT '{table}.{column}', {whose}, {row}::text, {words} FROM {table} WHERE {which} AND {alive}"
    )


def downgrade() -> None:
    """The words cannot be opened without the keys: they are lost, what they stood beside is not."""
    op.drop_index(op.f("ix_address_book_tenant_id"), "address_book")
    op.execute("DELETE FROM address_book")
    op.drop_column("address_book", "entry")
    for column in ("chain", "address", "name"):
        op.add_column("address_book", sa.Column(column, sa.Text, nullable=False))
    op.add_column("address_book", sa.Column("note", sa.Text))
    op.create_unique_constraint(
        op.f("uq_address_book_tenant_id_chain_address"), "address_book", ["tenant_id", "chain", "address"]
    )
    op.drop_constraint(op.f("ck_risk_override_alert"), "risk_override", type_="check")
    for table, column, *_ in _COLUMNS:
        op.drop_column(table, column)
        needed = f"{table}.{column}" not in _OPTIONAL
        op.add_column(table, sa.Column(column, sa.Text, nullable=not needed, server_default="" if needed else None))
        if needed:
            op.alter_column(table, column, server_default=None)
    op.execute("UPDATE risk_override SET reason = '' WHERE how <> 'accepted'")
    op.create_check_constraint(
        "reason", "risk_override", "how = 'accepted' OR (reason IS NOT NULL AND alert_id IS NOT NULL)"
    )
    op.drop_column("email_proof", "profile")
    op.drop_column("email_proof", "password_hash")
    op.drop_table("words_plain")
