"""Orders of a busy till, redeemed together in one transaction."""
