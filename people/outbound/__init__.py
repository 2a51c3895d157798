"""Calls to addresses that people have named (webhooks): to the outside world only."""
