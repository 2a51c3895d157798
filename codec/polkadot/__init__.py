"""Addresses of Polkadot, Kusama and other Substrate chains."""
