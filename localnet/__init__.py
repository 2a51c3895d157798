"""Local test chains in one process: a managed Anvil and a Solana RPC over LiteSVM, with a faucet and test money.

Everything here is for development: the keys are public and the money is worth nothing. Imported by the command
line, tests and benchmarks only.
"""
