"""Solana: instructions, messages, account layouts, memos."""
