"""Swaps between assets of one EVM chain, and wrapping of its native coin."""
