"""Recomputing the prices of redemptions from the documents that the chain commits to."""
