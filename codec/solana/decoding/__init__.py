"""Solana instructions in plain words: what each would do, and which of them are dangerous to sign."""
