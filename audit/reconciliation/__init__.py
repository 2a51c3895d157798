"""Comparing what a chain, the ledger, its projections and the books say of a campaign; divergences are named."""
