"""Solana behind the ports of `chains.ports`."""
