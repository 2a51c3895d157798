"""Payments: from an intent to a final receipt, never twice (architecture.md, "The way of a payment")."""
