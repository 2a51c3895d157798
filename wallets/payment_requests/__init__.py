"""Asking to be paid, and reading what somebody asks: EIP-681 and Solana Pay links."""
