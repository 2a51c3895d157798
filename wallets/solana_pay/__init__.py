"""Solana Pay: payment requests as links, and finding the payments that answer them."""
