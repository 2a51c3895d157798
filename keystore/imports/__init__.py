"""Keys that people bring along from other wallets, in the forms those write."""
