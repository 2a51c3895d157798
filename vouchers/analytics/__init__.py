"""What a campaign did for its shop, in figures; reckoned in SQL from the ledger and the shop's own orders."""
