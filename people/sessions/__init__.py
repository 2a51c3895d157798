"""Sessions: login, tokens, bounds on guessing, one-time links."""
