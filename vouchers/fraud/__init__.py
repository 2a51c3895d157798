"""Patterns of orders, claims and transfers by which vouchers are turned into money or hoarded."""
