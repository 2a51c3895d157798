"""Pauses on chain, and what they do to a campaign's window."""
