"""Signed transactions of payments: written before they are broadcast, marked as the chain takes them."""
