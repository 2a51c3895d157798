"""Triggers: what people do that earns them a voucher."""
