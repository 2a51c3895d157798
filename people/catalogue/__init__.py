"""What an organisation sells: goods with categories and prices."""
