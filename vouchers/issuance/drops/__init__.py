"""Drops: vouchers promised to a list of holders by one Merkle root."""
