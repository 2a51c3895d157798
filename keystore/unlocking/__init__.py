"""Ways to open a vault beside its passphrase."""
