"""Challenges that a passkey or a wallet answers: made without storing anything, used up once."""
