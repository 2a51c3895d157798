"""Refunds: what goes back of a paid order, to whom, and how it gets there."""
