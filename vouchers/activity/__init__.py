"""What happened to a person's vouchers, for the list of `wallets.activity`."""
