"""A holder's own transfers of coins and tokens."""
