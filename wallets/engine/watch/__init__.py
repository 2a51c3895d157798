"""Balances of service accounts that pay fees for others: an alarm when one runs low, and a top-up if one is set."""
