"""Accounts: which key holds which address on which chain, and what is on it."""
