"""Points of a shop: a double-entry ledger under a rule document, on no chain (docs/onchain.md)."""
