"""Alembic's entry: runs the migrations on the connection that the caller opened."""

from alembic import context
from sqlalchemy import text

from persistence.database import metadata

connection = context.config.attributes["connection"]
# A migration waits a short time for its locks, so that it never queues all traffic behind itself.
connection.execute(text("SET lock_timeout = '5s'"))
context.configure(connection=connection, target_metadata=metadata, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
