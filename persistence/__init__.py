"""PostgreSQL: connection, transactions, durable work, migrations, and the embedded server."""
