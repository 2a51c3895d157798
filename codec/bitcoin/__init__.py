"""Addresses and keys as Bitcoin writes them."""
