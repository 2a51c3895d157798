"""Vouchers of attempts: who redeems which, one at a time."""
